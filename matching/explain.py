"""Why two offers fit, and where they do not: one line for a page, or a few words beside the other's offer."""

from __future__ import annotations

from matching.lexicon import Lexicon
from matching.measures import WEIGHTS
from matching.numerals import show_number
from matching.place import Gazetteer
from matching.score import comparable_price, price_gap
from matching.values import Offer, Score


def explain(
    query: Offer,
    candidate: Offer,
    score: Score | None = None,
    language: str = "zh",
    *,
    lexicon: Lexicon | None = None,
    gazetteer: Gazetteer | None = None,
) -> str:
    """The reason for a match in one line, best first, then what does not fit: 都是葡萄苗(巨峰) 2000株够 便宜0.8元 同在慈溪.

    `language` is "zh" or "en". The score is not needed for the words; it is taken so that callers pass one thing.
    """
    words = lexicon or Lexicon.default()
    want, have = (query, candidate) if query.direction == "demand" else (candidate, query)
    chinese = language == "zh"
    parts = [
        _product(want, have, words, chinese),
        _amount(want, have, query, chinese),
        _price(want, have, query, chinese),
    ]
    parts.append(_area(query.area, candidate.area, gazetteer or Gazetteer.default(), chinese))
    return (" " if chinese else ", ").join(part for part in parts if part)


def explain_briefly(
    query: Offer, candidate: Offer, language: str = "zh", *, lexicon: Lexicon | None = None
) -> tuple[str, ...]:
    """The same for who reads the candidate's amount, price and place beside it: 都是葡萄苗(巨峰), 500株够, 便宜0.8元.

    Best first, so that a reader with little room leaves out the last. What `query`'s owner knows is not told again.
    """
    words = lexicon or Lexicon.default()
    want, have = (query, candidate) if query.direction == "demand" else (candidate, query)
    chinese = language == "zh"
    short = want.qty and have.qty and want.unit == have.unit and have.qty < want.qty
    parts = (
        _product_briefly(want, have, query, words, chinese),
        ("量不够" if chinese else "not enough") if short else _amount(want, have, query, chinese),
        _price(want, have, query, chinese),
    )
    return tuple(part for part in parts if part)


def _product_briefly(want: Offer, have: Offer, query: Offer, words: Lexicon, chinese: bool) -> str:
    if want.form != have.form or not want.variety or have.variety == want.variety:
        return _product(want, have, words, chinese)
    name = words.label(want.concept, want.form)
    if query.direction == "supply":
        other = f"要{want.variety}" if chinese else f"wants {want.variety}"
    elif have.variety:
        other = f"是{have.variety}" if chinese else f"it is {have.variety}"
    else:
        other = "没说品种" if chinese else "variety not stated"
    return f"都是{name}({other})" if chinese else f"both {name} ({other})"


def _product(want: Offer, have: Offer, words: Lexicon, chinese: bool) -> str:
    if want.form != have.form:
        wanted, offered = words.label(want.concept, want.form), words.label(have.concept, have.form)
        return f"是{offered},不是{wanted}" if chinese else f"{offered}, wanted {wanted}"
    name = words.label(want.concept, want.form)
    same = f"都是{name}" if chinese else f"both {name}"
    if want.variety and have.variety == want.variety:
        return f"{same}({want.variety})"
    if want.variety and have.variety:
        return (
            f"{same} 品种是{have.variety},要{want.variety}"
            if chinese
            else f"{same}, variety {have.variety}, wanted {want.variety}"
        )
    if want.variety:
        return (
            f"{same} 没说品种,要{want.variety}"
            if chinese
            else f"{same}, variety not stated, wanted {want.variety}"
        )
    return f"{same}({have.variety})" if have.variety else same


def _shown(qty: float, unit: str | None) -> str:
    if unit != "kg":
        return show_number(round(qty, 2)) + (unit or "")
    return (
        show_number(round(qty / 1000, 2)) + "吨"
        if qty >= 5000
        else show_number(round(qty / WEIGHTS["斤"], 1)) + "斤"
    )


def _amount(want: Offer, have: Offer, query: Offer, chinese: bool) -> str:
    if not want.qty or not have.qty or want.unit != have.unit:
        return ""
    offered, wanted = _shown(have.qty, have.unit), _shown(want.qty, want.unit)
    if have.qty >= want.qty:
        return f"{wanted}够" if chinese else f"enough for {wanted}"
    if query.direction == "demand":
        return f"只有{offered}" if chinese else f"only {offered}"
    return f"要{wanted},您有{offered}" if chinese else f"wants {wanted}, you have {offered}"


def _price(want: Offer, have: Offer, query: Offer, chinese: bool) -> str:
    """How the ask stands to the bid; prices of different forms are not compared, nor those for different measures."""
    ask, bid = comparable_price(have), comparable_price(want)
    if ask is None or bid is None or want.form != have.form:
        return ""
    gap = price_gap(want, have)
    if gap is None or want.unit_price is None or have.unit_price is None:
        unit = (ask if query.direction == "demand" else bid)[1].replace("kg", "斤")
        return f"按{unit}计价" if chinese else f"priced by the {unit}"
    difference = abs(have.unit_price - want.unit_price)
    unit = have.price_unit or have.unit or ""
    if unit == "kg":
        difference *= WEIGHTS["斤"]
    money = show_number(round(difference, 2))
    if abs(gap) < 0.03 or money == "0":
        return "价钱合" if chinese else "price fits"
    buyer = query.direction == "demand"
    if gap < 0:
        return (
            (f"便宜{money}元" if buyer else f"出价高{money}元")
            if chinese
            else f"{money} yuan {'below your bid' if buyer else 'above your price'}"
        )
    share = f"{round(gap * 100)}%"
    return (
        (f"贵{share}" if buyer else f"出价低{round((1 - 1 / (1 + gap)) * 100)}%")
        if chinese
        else f"{share} above {'your' if buyer else 'their'} bid"
    )


def _area(one: str, other: str, gazetteer: Gazetteer, chinese: bool) -> str:
    if not one or not other:
        return ""
    if one[:2] != other[:2]:
        name = gazetteer.place(other[:2]).province
        return (
            f"外省{'(' + name + ')' if name else ''}"
            if chinese
            else f"another province{' (' + name + ')' if name else ''}"
        )
    for length in (12, 9, 6, 4):
        if len(one) >= length and one[:length] == other[:length]:
            place = gazetteer.place(one[:length])
            name = place.village or place.town or place.county or place.city
            if name:
                return f"同在{name}" if chinese else f"both in {name}"
    name = gazetteer.place(one[:2]).province
    return f"同省({name})" if chinese else f"same province ({name})"
