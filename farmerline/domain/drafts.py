"""Drafts: a post before it is confirmed, made of a person's words and changed by their words."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

import matching
from farmerline.clock import local
from farmerline.domain import areas
from farmerline.errors import Invalid
from farmerline.models import Account, Inbound, Post, PostEvent, PostItem, PostKind, PostState
from matching import Item, Reading

_DIGIT = "[0-9０-９零〇一二三四五六七八九幺壹贰叁肆伍陆柒捌玖]"
_GAP = r"[\s\-_.,·•*/、。，．－—()（）]{0,2}"
_CONTACTS = re.compile(
    r"(?:https?://|www\.)\S+"
    rf"|(?<!{_DIGIT})(?:[+＋]?[8８][6６]{_GAP})?[1１一幺壹](?:{_GAP}[3-9３-９三四五六七八九叁肆伍陆柒捌玖])(?:{_GAP}{_DIGIT}){{9}}(?!{_GAP}{_DIGIT})"
    r"|(?<!\d)0\d{2,3}-?\d{7,8}(?!\d)"
    r"|(?:微信|薇信|威信|v信|wx|vx|qq|扣扣)(?:号|同号)?[\s:：是]{0,3}[a-z0-9_-]{5,20}",
    re.I,
)
"""Numbers however they are written (１３９, 一三九, 1 3 9, 139.1234.5678), links, names in other services."""
_WEIGHT = re.compile(r"斤|公斤|千克|kg|吨|担|两", re.I)
_NUMBER = r"[\d.一二两三四五六七八九十百千万半]+"
_LEAST = re.compile(
    rf"(?P<from>{_NUMBER}[^\d,。; ]{{1,2}}?)(?:起收|起要|起订|起步|起(?=$|[ ,。;])|以上才)|"
    rf"(?:少于|低于|不足|不到|不满)(?P<under>{_NUMBER}[^\d,。; ]{{1,2}}?)(?:的)?(?:不|勿|免|别)"
)
_SPOKEN_OF_BY_NAME = frozenset({"service", "labour", "land"})
_SIDES = ("supply", "demand")
_SELLS, _BUYS = re.compile("卖(?!错)"), re.compile("(?:买|收购|求购)(?!错)")
_NOT_SO = re.compile("(?:不是|不|没有?|别|莫)(?:要|想|在)?(?:卖|买|收购|求购)")
_FEW_WORDS = 12  # signs: a correction of the side says little else
_MOST = 1e9
"""No lot and no price is larger; a larger number is a slip and is left out."""


def without_contacts(text: str) -> str:
    """A person's words fit for a public page: no phone numbers, no links, no control signs."""
    plain = "".join(sign for sign in _CONTACTS.sub(" ", text) if sign.isprintable() or sign in " \n")
    return " ".join(plain.split())[:800]


def draft(
    session: Session,
    *,
    account: Account,
    inbound: Inbound,
    text: str,
    reading: Reading,
    now: datetime,
    kind: str | None = None,
    operator: Account | None = None,
) -> Post:
    """A pending post from what was read. Raises ``Invalid`` where the kind wants a product and none was read."""
    kind_row = session.get(PostKind, kind or reading.direction)
    if kind_row is None:
        raise Invalid("no_kind", "Please choose what kind of post this is.", field="kind")
    post = Post(
        kind=kind_row.code,
        account_id=account.id,
        operator_id=operator.id if operator else None,
        area_code=account.area_code,
        channel=inbound.channel,
        inbound_id=inbound.id,
        text=without_contacts(text),
        state=PostState.PENDING,
        created_at=now,
    )
    session.add(post)
    fill(session, post, reading, now=now, direction=kind_row.direction)
    note(post, PostState.PENDING, operator or account, now, inbound.channel)
    session.flush()
    return post


def fill(session: Session, post: Post, reading: Reading, *, now: datetime, direction: str | None) -> None:
    """Make the post's items what was read: the place named, else the poster's own village."""
    if (
        reading.place is not None
        and reading.place.code
        and areas.get(session, reading.place.code) is not None
    ):
        post.area_code = reading.place.code
    post.items = (
        [_item(post, item, position, direction, now) for position, item in enumerate(reading.items[:5])]
        if direction
        else []
    )
    if direction == "demand" and len(post.items) == 1:
        _set_least(post.items[0], reading.text)


def amend(session: Session, post: Post, reading: Reading, words: str, *, now: datetime) -> bool:
    """Change a pending post by ``words``, as read; False when nothing in them can be used.

    A product with a number replaces the items, of several things the one that it names; single facts (a product, an
    amount, a place, the side) change the first item. A post without items is written anew. The words join the post's text.
    """
    plain = without_contacts(words)
    old = post.items[0] if post.items else None
    if old is None:
        kind = session.get_one(PostKind, post.kind)
        if len(plain) < 2 or kind.direction:
            return False
        post.text = plain
        return True
    told = reading.sure and not reading.inferred and reading.direction in _SIDES
    said_side = reading.direction if told else None
    side = said_side or side_said(words) or old.direction
    if any(item.qty or item.unit_price for item in reading.items):
        if said_side is None and (meant := _named_among(post, reading)):
            for row, said in meant:
                measure(row, said)
            post.text = f"{post.text};{plain}"[:800]
            return True
        fill(session, post, reading, now=now, direction=side)
        post.kind, post.text = side, plain
        if post.items[0].concept == old.concept:
            _keep_unsaid(post.items[0], old)
        return True
    changed = side != old.direction
    turn(post, side)
    place = reading.place
    if place is not None and place.code and areas.get(session, place.code) is not None:
        post.area_code, changed = place.code, True
    if reading.items:
        rename(old, reading.items[0])
        changed = True
    amount = matching.read_amount(words)
    if amount is not None:
        measure(old, reckon(old, amount, words))
        changed = True
    for item in post.items:
        _place(item, post.area_code)
    if changed:
        post.text = f"{post.text};{plain}"[:800]
    return changed


def keep_only(post: Post, position: int) -> None:
    """Leave one of the post's items, the one at ``position``."""
    post.items = [post.items[position]]
    post.items[0].position = 0


def rename(item: PostItem, said: Item) -> None:
    """Make a thing of a draft another one, with the amount and the price that it has."""
    item.concept, item.form, item.variety, item.name, item.category = (
        said.concept,
        said.form,
        (said.variety or "")[:40],
        said.name,
        said.category,
    )
    item.key = f"{said.concept}·{said.form}·{item.direction}"


def turn(post: Post, side: str) -> None:
    """Make a supply post a demand post, or the other way round."""
    if post.kind in _SIDES:
        post.kind = side
    for item in post.items:
        item.direction = side
        item.key = f"{item.concept}·{item.form}·{side}"


def side_said(words: str) -> str | None:
    """The side that a few words about nothing else name: supply for 我是卖的, 不是买是卖; None where they name none or both."""
    left = _NOT_SO.sub("", words)
    sells, buys = bool(_SELLS.search(left)), bool(_BUYS.search(left))
    if sells == buys or len(words) > _FEW_WORDS:
        return None
    return "supply" if sells else "demand"


def own_word(item: Item) -> str:
    """The person's own word for a thing (土鸡, 洋芋), unless the reader's says more (翠冠 is a pear) or
    the word was only guessed at from its sound."""
    plain = item.variety is None and item.form not in _SPOKEN_OF_BY_NAME and item.confidence >= matching.SURE
    return item.text if plain and item.text and item.text not in item.name else item.name


def _item(post: Post, item: Item, position: int, direction: str, now: datetime) -> PostItem:
    row = PostItem(
        position=position,
        key=f"{item.concept}·{item.form}·{direction}",
        direction=direction,
        concept=item.concept,
        form=item.form,
        category=item.category,
        variety=(item.variety or "")[:40],
        name=own_word(item)[:60],
        day=local(now).date(),
        live=False,
    )
    measure(row, item)
    _place(row, post.area_code)
    return row


def measure(row: PostItem, said: Item) -> None:
    """Take over the amount and the price that were said; a number beyond all sense counts as not said."""
    if said.qty is not None and 0 < said.qty <= _MOST:
        row.qty = row.qty_left = said.qty
        row.unit, row.said_qty = said.unit or row.unit, said.qty_said[:24]
    if said.unit_price is not None and 0 < said.unit_price <= _MOST:
        row.unit_price, row.price_unit = said.unit_price, said.price_unit or row.price_unit or row.unit
        row.said_price = said.price_said[:24]


def _named_among(post: Post, reading: Reading) -> list[tuple[PostItem, Item]]:
    """Which of the post's several things the things read are; nothing where one is new, or all are said anew."""
    rows = {(row.concept, row.form): row for row in post.items}
    found = [
        (rows[item.concept, item.form], item) for item in reading.items if (item.concept, item.form) in rows
    ]
    return found if len(found) == len(reading.items) < len(post.items) else []


def _set_least(item: PostItem, words: str) -> None:
    """The smallest lot that a buyer says he takes: 5吨起收, 少于三百斤不要."""
    said = _LEAST.search(words)
    amount = matching.read_amount(said["from"] or said["under"]) if said else None
    if amount is not None and amount.qty and item.unit in (None, amount.unit):
        item.least, item.unit = amount.qty, amount.unit


def _place(item: PostItem, code: str) -> None:
    item.area_code, item.province, item.city = code, code[:2], code[:4]


def _keep_unsaid(new: PostItem, old: PostItem) -> None:
    if new.qty is None:
        new.qty, new.qty_left, new.unit, new.said_qty = old.qty, old.qty_left, old.unit, old.said_qty
    if new.unit_price is None:
        new.unit_price, new.price_unit, new.said_price = old.unit_price, old.price_unit, old.said_price
    new.variety = new.variety or old.variety


def reckon(item: PostItem, amount: Item, words: str) -> Item:
    """Single facts as they are meant of a thing; a bare price of a thing that is counted is a price for one."""
    counted = item.unit is not None and item.unit != "kg" and amount.qty is None
    if counted and amount.unit_price is not None and not _WEIGHT.search(words):
        price = amount.unit_price / 2 if amount.price_unit == "kg" else amount.unit_price
        said = f"{price:g}元/{item.unit}"
        return replace(amount, unit_price=price, price_unit=item.unit, price_said=said)
    return amount


def note(
    post: Post, state: PostState, by: Account | None, now: datetime, channel: str, note: str = ""
) -> None:
    post.history.append(
        PostEvent(at=now, state=state, actor_id=by.id if by else None, channel=str(channel), note=note)
    )
