"""What a person looks at before a post is public: first posts, promises to buy back, goods that need a licence, one text
under several names.

A guard holds; it never refuses. The rules are in docs/guards.md, the goods in ``farmerline/data/guarded.tsv``.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from functools import cache
from hashlib import sha256
from pathlib import Path

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from farmerline.domain.usual_prices import price_warning as price_warning
from farmerline.models import LIVE, Account, AccountState, Post
from matching.normalize import clean

HELD: dict[str, str] = {
    "unverified": "Received, No. {number}. Show your contact point your ID; it looks at the post within {hours} "
    "working hours after that. Not right? Reply APPEAL {number}",
    "first_post": "Received, No. {number}. It is your first: your contact point looks at it within {hours} working hours. "
    "Not right? Reply APPEAL {number}",
    "buy_back": "Received, No. {number}. It promises to buy back: your contact point asks about it within {hours} working "
    "hours. Not right? Reply APPEAL {number}",
    "licence": "Received, No. {number}. To sell this takes a licence: show it to your contact point, it looks within {hours} "
    "working hours. Not right? Reply APPEAL {number}",
    "forbidden": "Received, No. {number}. This must not be sold any more: your contact point rings you within {hours} working "
    "hours. Not right? Reply APPEAL {number}",
    "wildlife": "Received, No. {number}. Such animals may only be traded with a permit: show it to your contact point, it "
    "looks within {hours} working hours. Not right? Reply APPEAL {number}",
    "same_text": "Received, No. {number}. Somebody else posted the same words: your contact point looks within {hours} "
    "working hours. Not right? Reply APPEAL {number}",
}
"""What the owner is told of a held post, by the reason."""
LOOKED_AGAIN = "same text"
"""The note on an open post whose words came again under another name."""

_GOODS = Path(__file__).parent.parent / "data" / "guarded.tsv"
_YOUNG = frozenset({"seed", "seedling", "young", "breed"})
_YOUNG_WORDS = re.compile(
    r"种苗|苗木|幼苗|菌种|种源|种兔|种羊|种猪|种牛|种鸡|种蛋|崽|仔|加盟|代养|合作养|合作种"
)
_BUY_BACK = re.compile(
    r"(?<![不没无未])(?<!不[包给做])(?<!不负责)(?:回收(?!站|旧|废)|回购|包销|包收|保底价?收|保价收|订单收|合同收购|签.{0,4}合同)"
)
_SELLS = re.compile(r"卖|出售|供应|批发|转让|有货|直销")
_LICENCES: dict[str, re.Pattern[str]] = {
    "pesticide": re.compile(r"(?:pd|wp|ls)-?\d{5,}|农药经(?:营许可证?|许).{0,12}?\d", re.I),
    "veterinary": re.compile(r"兽药(?:经营|生产)(?:许可)?证.{0,14}?\d|兽药[字准].{0,10}?\d"),
    "fertiliser": re.compile(
        r"肥料(?:正式|临时)?(?:登记|备案).{0,10}?\d|登记证号?.{0,8}?\d|备案号.{0,8}?\d|肥.{0,8}准字.{0,4}?\d"
    ),
    "seed": re.compile(r"种子?(?:生产)?经营(?:许可)?证?.{0,14}?\d|种许字?.{0,10}?\d"),
    "breeding": re.compile(r"种畜禽.{0,8}?证.{0,14}?\d"),
}
"""How the number of a licence is written, by what it is for: the word alone is no number."""
_NUMBERS = re.compile(r"[0-9零一二两三四五六七八九十百千万亿半几多.]+")
_SIGNS = re.compile(r"[\W_]+")
_SHORTEST, _LONG = 12, 24
_REMEMBERED = timedelta(days=30)


def reason_to_hold(session: Session, post: Post, owner: Account, now: datetime) -> str:
    """Why a person has to look at a confirmed post before it is public, as a key of ``HELD``; "" where nobody has to.

    ``post.text_mark`` has to be set.
    """
    if owner.state is not AccountState.VERIFIED:
        return "unverified"
    groups = _groups(post)
    for group in ("forbidden", "wildlife"):
        if group in groups:
            return group
    if promises_to_buy_back(post):
        return "buy_back"
    if _sells(post) and any(
        group in groups and not written.search(post.text) for group, written in _LICENCES.items()
    ):
        return "licence"
    if post.operator_id is None and twins(session, post, owner, now):
        return "same_text"
    if owner.origin in ("sms", "web") and not owner.reviewed:
        return "first_post"
    return ""


def promises_to_buy_back(post: Post) -> bool:
    """Whether young plants or animals, or seed, are offered with the promise to buy what grows of them."""
    if post.kind == "demand" or not _BUY_BACK.search(post.text):
        return False
    return any(item.form in _YOUNG for item in post.items) or bool(_YOUNG_WORDS.search(post.text))


def mark(text: str) -> str:
    """The same for texts that say the same: width, blanks and stops do not count; "" for a short one.

    Numbers are not counted as words. Under 12 signs of words nothing is compared: 卖西兰花500斤1元一斤 is what neighbours
    write without knowing of each other. From 24 signs on the numbers may differ: who changes the amounts only has written
    the same text.
    """
    said = clean(text)
    plain, words = _SIGNS.sub("", said), _SIGNS.sub("", _NUMBERS.sub("", said))
    kept = words if len(words) >= _LONG else plain if len(words) >= _SHORTEST else ""
    return sha256(kept.encode()).hexdigest()[:32] if kept else ""


def twins(session: Session, post: Post, owner: Account, now: datetime) -> list[Post]:
    """Posts of other households and other firms with the same text: open ones, and any of the last 30 days."""
    if not post.text_mark:
        return []
    same = (
        select(Post)
        .join(Account, Account.id == Post.account_id)
        .where(Post.text_mark == post.text_mark, Post.id != post.id, *_others(owner))
        .where(or_(Post.created_at > now - _REMEMBERED, Post.state.in_(LIVE)))
    )
    return list(session.scalars(same.order_by(Post.created_at).limit(5)))


def _others(owner: Account) -> list[ColumnElement[bool]]:
    """Neither this person, nor who shares the phone or the firm with them."""
    found: list[ColumnElement[bool]] = [Account.id != owner.id]
    for column, value in (
        (Account.phone_index, owner.phone_index),
        (Account.organisation_id, owner.organisation_id),
    ):
        if value:
            found.append(or_(column.is_(None), column != value))
    return found


def _sells(post: Post) -> bool:
    return post.kind == "supply" or (not post.items and bool(_SELLS.search(post.text)))


def _groups(post: Post) -> set[str]:
    """The groups of guarded goods that a post is about. A listing without goods is known by its words."""
    found = {
        group for item in post.items for group, form in _products().get(item.concept, ()) if form in ("", item.form)
    }  # fmt: skip
    text = _allowed().sub("", _SIGNS.sub("", clean(post.text)))
    found |= {group for word, group in _words().items() if word in text}
    if not post.items:
        found |= {
            group for name, held in _products().items() if name in text for group, form in held if not form
        }
    return found


@cache
def goods() -> tuple[tuple[str, str, str], ...]:
    """The guarded goods: group, where it is looked for, name."""
    rows = [
        line.split("\t")
        for line in _GOODS.read_text(encoding="utf-8").splitlines()
        if line and line[0] != "#"
    ]
    return tuple((group, where, name) for group, where, names in rows for name in names.split("/"))


@cache
def _products() -> dict[str, tuple[tuple[str, str], ...]]:
    found: dict[str, tuple[tuple[str, str], ...]] = {}
    for group, where, name in goods():
        if where != "word":
            found[name] = (*found.get(name, ()), (group, "seed" if where == "seed" else ""))
    return found


@cache
def _words() -> dict[str, str]:
    return {name: group for group, where, name in goods() if where == "word" and group != "allowed"}


@cache
def _allowed() -> re.Pattern[str]:
    return re.compile("|".join(name for group, _, name in goods() if group == "allowed"))
