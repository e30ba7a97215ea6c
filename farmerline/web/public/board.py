"""The public board: what is offered and wanted, by kind, product, place and day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from urllib.parse import urlencode

from flask import g, render_template, request

from farmerline.domain import areas
from farmerline.queries import board
from farmerline.queries.board import PAGE, BoardRow, Kind, Product, Wanted
from farmerline.web.doors import allow, maybe_actor, now, reading, settings
from farmerline.web.farmer.shown import tile
from farmerline.web.language import _, current_language

_DAYS = (1, 3, 10, 30)
_TREE_SHOWN = 25
_LAST_PAGE = 500
_CATEGORIES: Mapping[str, str] = {
    "fruit": "Fruit", "veg": "Vegetables", "grain": "Grain and beans", "cash": "Oil and cash crops", "tea": "Tea",
    "nut": "Nuts", "mushroom": "Mushrooms", "herb": "Herbs", "tree": "Trees and flowers", "livestock": "Livestock",
    "poultry": "Poultry", "aquatic": "Fish and shellfish", "bee": "Bees", "feed": "Feed", "straw": "Straw", "manure": "Manure",
    "input": "Farm supplies", "machine": "Machines", "equipment": "Equipment", "service": "Farm services",
    "labour": "Labour", "land": "Land", "processed": "Processed food", "other": "Other things",
}  # fmt: skip


@allow("public")
def show() -> str:
    """A page of the board. Question: kind (several), product, far (an area's code, or own village or town), days, page."""
    language = current_language()
    with reading() as rows:
        kinds = board.kinds(rows)
        own = _own_area()
        towns = board.towns(rows, settings().county)
        wanted = _wanted(kinds, own, {code for code, _name in towns})
        found = board.board(rows, wanted, now=now())
        products = board.products(rows)
        place = areas.path_name(rows, wanted.area_code) if wanted.area_code else ""
    heading = _heading(wanted.product, products)
    return render_template(
        "public/board.html",
        open_count=found.open_count,
        new_today=found.new_today,
        heading=heading,
        found=found.found,
        showing=_showing(wanted, kinds, place, language),
        posts=[shown(row, kinds, own, language) for row in found.rows],
        post_href="/me" if maybe_actor() else "/signin?next=%2Fme",
        newer_href=_address(page=str(wanted.page - 1)) if wanted.page > 1 else None,
        older_href=_address(page=str(wanted.page + 1)) if found.found > wanted.page * PAGE else None,
        filters=SimpleNamespace(
            kinds=[
                (kind.code, kind.side, _kind_words(kind, language), kind.code in wanted.kinds)
                for kind in kinds
            ],
            product=wanted.product,
            tree=_tree(wanted.product, products, found.open_count),
            far=_places(own, towns),
            far_value=request.args.get("far", ""),
            days=[("", _("Any day")), *((str(days), _days_words(days)) for days in _DAYS)],
            days_value=str(wanted.days or ""),
        ),
    )


def shown(row: BoardRow, kinds: Sequence[Kind], own: str, language: str) -> SimpleNamespace:
    """A row as the template wants it."""
    side, sign = tile(row.kind, kinds)
    return SimpleNamespace(
        kind=side,
        tile=sign,
        href=f"/posts/{row.number}",
        title=row.title,
        price=row.price or (_("price to agree") if side else ""),
        distance_km=0 if own and row.area_code == own else None,
        place=row.place,
        published_at=row.published_at,
        who=row.who,
        who_kind=(row.who_zh if language == "zh" else row.who_en) or _("farmer"),
        verified=row.verified,
        channel=row.channel,
        note="",
        expires_at=row.expires_at,
    )


def _wanted(kinds: Sequence[Kind], own: str, towns: set[str]) -> Wanted:
    """What the address asks for; what makes no sense in it is left aside."""
    known = {kind.code for kind in kinds}
    days, page = request.args.get("days", ""), request.args.get("page", "")
    far = request.args.get("far", "")
    area = {"village": own, "town": own[:9]}.get(far, far if far in towns else "")
    product = "".join(sign for sign in request.args.get("product", "") if sign.isprintable())[:60]
    return Wanted(
        kinds=tuple(dict.fromkeys(code for code in request.args.getlist("kind") if code in known)),
        product=product,
        area_code=area,
        days=int(days) if days in {str(known_days) for known_days in _DAYS} else None,
        page=min(int(page), _LAST_PAGE)
        if page.isascii() and page.isdigit() and 0 < len(page) < 5 and int(page)
        else 1,
    )


def _own_area() -> str:
    """The code of the reader's village; "" for a stranger."""
    who = maybe_actor()
    return who.grants[0].area_code if who and who.grants and g.get("place") else ""


def _places(own: str, towns: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    near = [("village", _("My village")), ("town", _("My town"))] if own else []
    return [("", _("Everywhere")), *near, *towns]


def _address(**changes: str) -> str:
    """This list's address with something changed; the page starts anew unless it is what changes."""
    kept = [
        (name, value)
        for name, value in request.args.items(multi=True)
        if name not in {*changes, "page", "lang", "big"}
    ]
    pairs = [*kept, *((name, value) for name, value in changes.items() if value)]
    return "/?" + urlencode(pairs) if pairs else "/"


def _tree(product: str, products: Sequence[Product], all_count: int) -> list[SimpleNamespace]:
    """Everything, below it the categories, below the chosen one its products."""
    category = next((one.category for one in products if one.value == product), product)
    counts: dict[str, int] = {}
    for one in products:
        counts[one.category] = counts.get(one.category, 0) + one.count
    branches = []
    for code, count in sorted(counts.items(), key=lambda pair: -pair[1]):
        inner = [one for one in products if one.category == code][:_TREE_SHOWN] if code == category else []
        branches.append(
            _node(
                _(_CATEGORIES.get(code, "Other things")),
                code,
                count,
                product,
                [_node(one.name, one.value, one.count, product, []) for one in inner],
            )
        )
    return [_node(_("All posts"), "", all_count, product, branches)]


def _node(
    name: str, value: str, count: int, product: str, children: list[SimpleNamespace]
) -> SimpleNamespace:
    return SimpleNamespace(
        name=name, href=_address(product=value), count=count, current=value == product, children=children
    )


def _heading(product: str, products: Sequence[Product]) -> str:
    if not product:
        return _("All posts")
    if product in _CATEGORIES:
        return _(_CATEGORIES[product])
    return next((one.name for one in products if one.value == product), product.partition("·")[0])


def _showing(wanted: Wanted, kinds: Sequence[Kind], place: str, language: str) -> str:
    """The conditions in words; "" where there are none."""
    said = [kind.name(language) for kind in kinds if kind.code in wanted.kinds]
    parts = [_(", ").join(said)] if said else []
    if place:
        parts.append(place)
    if wanted.days:
        parts.append(_days_words(wanted.days))
    return " · ".join(parts)


def _days_words(days: int) -> str:
    return _("last 24 hours") if days == 1 else _("last {n} days", n=days)


def _kind_words(kind: Kind, language: str) -> str:
    words = {"offer": _("Somebody sells"), "want": _("Somebody buys")}
    return words.get(kind.side) or kind.name(language)
