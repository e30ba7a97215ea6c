"""The public board: what is offered and wanted, searched by words, product, place, price and day."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace

from flask import g, render_template, request

from farmerline.domain import Session, areas
from farmerline.queries import board, board_places
from farmerline.queries.board import PAGE, Board, BoardRow, Kind
from farmerline.queries.board_filters import Sort
from farmerline.queries.product_tree import Product
from farmerline.web.doors import allow, inside, maybe_actor, now, reading, settings
from farmerline.web.farmer.shown import tile
from farmerline.web.language import _, current_language
from farmerline.web.public import question
from farmerline.web.public.asked import DAYS, KILOMETRES, RINGS, Asked, parse
from farmerline.web.public.tree import FORMS, form_name, title, tree

_NEAR = {
    "town": "Its whole town",
    "county": "Its whole county",
    "city": "Its whole city",
    "province": "Its whole province",
}
_UNITS = ("斤", "公斤", "吨", "株", "头", "只", "亩", "天")
_LOOSENED = 4


@allow("public")
def show() -> str:
    """A page of the board; see ``asked`` for what an address may ask."""
    language = current_language()
    with reading() as rows:
        kinds = board.kinds(rows)
        asked = understood(rows, ask(rows, kinds))
        found = board.board(rows, asked.wanted, now=now())
        open_count, new_today = board.open_posts(rows, now=now())
        conditions = conditions_of(rows, asked, kinds, found.tree, language)
        loosened = [] if found.found else _loosened(rows, asked, conditions, found.tree)
        places = board_places.places(rows, county=asked.county, chosen=asked.said.get("place", ""))
    more = found.found > asked.page * PAGE
    return render_template(
        "public/board.html",
        open_count=open_count,
        new_today=new_today,
        heading=heading(asked, found.tree),
        found=found.found,
        chips=[(words, asked.without(*names).address()) for names, words in conditions],
        exact_href=_exact_href(asked),
        reckoned=found.reckoned,
        posts=[shown(row, kinds, asked.own, language) for row in found.rows],
        post_href="/me" if maybe_actor() else "/signin?next=%2Fme",
        newer_href=asked.address(page=str(asked.page - 1)) if asked.page > 1 else None,
        older_href=asked.address(page=str(asked.page + 1)) if more else None,
        loosened=loosened,
        feed_href=asked.address("/feed", lang="en" if language == "en" else ""),
        wall_href=asked.address("/wall"),
        search=SimpleNamespace(words=asked.said.get("q", ""), kept=asked.pairs("q", "exact")),
        filters=_filters(asked, found, kinds, places, open_count, language),
    )


def ask(rows: Session, kinds: Sequence[Kind]) -> Asked:
    """What this request's address asks for."""
    return parse(
        rows,
        request.args,
        kinds={kind.code for kind in kinds},
        forms=FORMS,
        own=_own_area(),
        county=settings().county,
    )


def understood(rows: Session, asked: Asked) -> Asked:
    """The same with its words read, unless they are to be taken as they stand."""
    words = asked.said.get("q", "")
    if not words or asked.said.get("exact"):
        return asked
    return question.read(rows, asked, inside().understand(words))


def heading(asked: Asked, products: Sequence[Product]) -> str:
    """What is listed, in few words."""
    if product := asked.said.get("product"):
        return title(product, products)
    if words := asked.said.get("q"):
        return _("“{words}”", words=words)
    return _("All posts")


def conditions_of(
    rows: Session, asked: Asked, kinds: Sequence[Kind], products: Sequence[Product], language: str
) -> list[tuple[tuple[str, ...], str]]:
    """Each condition in words, with the names in the address that make it."""
    said = asked.said
    chosen = [kind.name(language) for kind in kinds if kind.code in asked.kinds]
    found: list[tuple[tuple[str, ...], str]] = [(("kind",), _(", ").join(chosen))] if chosen else []
    if product := said.get("product"):
        found.append((("product",), title(product, products)))
    if form := said.get("form"):
        found.append((("form",), form_name(form)))
    if place := said.get("place"):
        found.append((("place",), areas.path_name(rows, place)))
    if far := said.get("far"):
        found.append((("far",), _("within {n} km", n=far) if far.isdigit() else _(_NEAR[far])))
    if "low" in said or "high" in said:
        found.append(
            (("low", "high", "unit"), _price_words(said.get("low"), said.get("high"), said.get("unit")))
        )
    if days := said.get("days"):
        found.append((("days",), _days_words(int(days))))
    if typed := said.get("q"):
        found.append((("q", "exact"), _("“{words}”", words=typed)))
    return found


def shown(row: BoardRow, kinds: Sequence[Kind], own: str, language: str) -> SimpleNamespace:
    """A row as the template wants it."""
    side, sign = tile(row.kind, kinds)
    far = row.far.km if row.far is not None and row.far.measured and own else None
    return SimpleNamespace(
        kind=side,
        tile=sign,
        href=f"/posts/{row.number}",
        title=row.title,
        price=row.price or (_("price to agree") if side else ""),
        distance_km=0 if own and row.area_code == own else far,
        place=row.place,
        published_at=row.published_at,
        who=row.who,
        who_kind=(row.who_zh if language == "zh" else row.who_en) or _("farmer"),
        verified=row.verified,
        channel=row.channel,
        note="",
        expires_at=row.expires_at,
    )


def _own_area() -> str:
    """The code of the reader's village; "" for a stranger."""
    who = maybe_actor()
    return who.grants[0].area_code if who and who.grants and g.get("place") else ""


def _exact_href(asked: Asked) -> str | None:
    """Where the typed words are looked for as they stand; none where they are already, or nothing was read in them."""
    words = " ".join(request.args.get("q", "").split())[:100]
    if not words or request.args.get("exact") or asked.said.get("q") == words:
        return None
    return asked.without(*asked.said).without("kind").with_(q=words, exact="1").address()


def _loosened(
    rows: Session,
    asked: Asked,
    conditions: Sequence[tuple[tuple[str, ...], str]],
    products: Sequence[Product],
) -> list[tuple[str, str, int]]:
    """What would be there without one of the conditions: its words, the address, how many posts; the most first."""
    tried = [(words, asked.without(*names)) for names, words in conditions] if len(conditions) > 1 else []
    found = [
        (words, one.address(), board.count(rows, one.wanted, products, now=now())) for words, one in tried
    ]
    return sorted((one for one in found if one[2]), key=lambda one: -one[2])[:_LOOSENED]


def _filters(
    asked: Asked,
    found: Board,
    kinds: Sequence[Kind],
    places: board_places.Places,
    open_count: int,
    language: str,
) -> SimpleNamespace:
    said = asked.said
    product = said.get("product", "")
    forms = sorted({one.form for one in found.tree if one.form in FORMS})
    units = dict.fromkeys([*found.units, *_UNITS, found.unit])
    return SimpleNamespace(
        kinds=[
            (kind.code, kind.side, _kind_words(kind, language), kind.code in asked.kinds) for kind in kinds
        ],
        kept=asked.pairs("kind", "form", "place", "far", "low", "high", "unit", "days", "sort"),
        tree=tree(
            product, found.tree, open_count, lambda value: asked.with_(product=value, form="").address()
        ),
        form="" if "·" in product else said.get("form", ""),
        forms=[] if "·" in product else [("", _("Any form")), *((form, form_name(form)) for form in forms)],
        places=_places(asked, places),
        place=said.get("place", ""),
        far=said.get("far", ""),
        fars=[
            ("", _("Only there")),
            *((name, _(_NEAR[name])) for name in _NEAR if len(asked.centre) > RINGS[name]),
            *((str(km), _("within {n} km", n=km)) for km in KILOMETRES),
        ],
        low=said.get("low", ""),
        high=said.get("high", ""),
        unit=found.unit,
        units=[(unit, unit) for unit in units],
        days=said.get("days", ""),
        dayss=[("", _("Any day")), *((str(days), _days_words(days)) for days in DAYS)],
        sort=said.get("sort", ""),
        sorts=[
            ("", _("The newest first")),
            (Sort.NEAREST.value, _("The nearest first")),
            *([(Sort.CHEAPEST.value, _("The cheapest first"))] if product else []),
        ],
    )


def _places(asked: Asked, places: board_places.Places) -> list[tuple[str, list[tuple[str, str]]]]:
    """The choices of a place in groups: a heading ("" for none) and its choices."""
    own = asked.own
    near = [(own, _("My village")), (own[:9], _("My town"))] if len(own) == 12 else []
    groups = [
        ("", [("", _("Everywhere")), *near]),
        (_("The place chosen"), [*places.around]),
        (_("In the place chosen"), [*places.inside]),
        (_("Our county"), [*places.county]),
        (_("Other provinces"), [*places.provinces]),
    ]
    return [(words, choices) for words, choices in groups if choices]


def _price_words(low: str | None, high: str | None, unit: str | None) -> str:
    each = f"/{unit}" if unit else ""
    if low and high:
        return _("{low} to {high} yuan{unit}", low=low, high=high, unit=each)
    if low:
        return _("from {low} yuan{unit}", low=low, unit=each)
    return _("up to {high} yuan{unit}", high=high, unit=each)


def _days_words(days: int) -> str:
    return _("last 24 hours") if days == 1 else _("last {n} days", n=days)


def _kind_words(kind: Kind, language: str) -> str:
    words = {"offer": _("Somebody sells"), "want": _("Somebody buys")}
    return words.get(kind.side) or kind.name(language)
