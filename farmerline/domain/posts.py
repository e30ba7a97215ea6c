"""Posts: drafted from words, read back, published, renewed, ended."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from farmerline.clock import local
from farmerline.domain import areas, cases, outbox, questions
from farmerline.domain.numbers import next_number
from farmerline.errors import Conflict, Invalid
from farmerline.messages import Channel
from farmerline.models import (
    LIVE,
    Account,
    AccountState,
    AreaLevel,
    CaseKind,
    Inbound,
    Match,
    MatchState,
    Post,
    PostEvent,
    PostItem,
    PostKind,
    PostState,
    Purpose,
    Question,
    QuestionKind,
)
from farmerline.words import say
from matching import Item, Reading

_CONTACTS = re.compile(
    r"(?:https?://|www\.)\S+|(?<!\d)(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\d)|(?<!\d)0\d{2,3}-?\d{7,8}(?!\d)"
)
_SLOW_FORMS = frozenset({"seedling", "seed", "land", "machine", "equipment", "service", "labour"})
_BUY_BACK = re.compile("包回收|保回收|高价回收|负责回收|回收合同")
_LICENCE = re.compile(r"许可证|登记证|PD\d{8}|农药经营许可|肥料登记")
_LICENSED = frozenset({"pesticide"})


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
    _note(post, PostState.PENDING, operator or account, now, inbound.channel)
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


def amend(session: Session, post: Post, reading: Reading, amount: Item | None, *, now: datetime) -> bool:
    """Change a pending post by what was said; False when nothing in the words can be used.

    A product with a number replaces the items; single facts (a product, an amount, a place) change the first item.
    """
    old = post.items[0] if post.items else None
    if old is not None and any(item.qty or item.unit_price for item in reading.items):
        fill(session, post, reading, now=now, direction=old.direction)
        if post.items[0].concept == old.concept:
            _keep_unsaid(post.items[0], old)
        return True
    changed = False
    if (
        reading.place is not None
        and reading.place.code
        and areas.get(session, reading.place.code) is not None
    ):
        post.area_code, changed = reading.place.code, True
    if old is not None and reading.items:
        _rename(old, reading.items[0])
        changed = True
    if old is not None and amount is not None:
        _reckon(old, amount)
        changed = True
    for item in post.items:
        _place(item, post.area_code)
    return changed


def publish(
    session: Session,
    post: Post,
    *,
    by: Account,
    channel: Channel,
    share_phone: bool,
    now: datetime,
    hold_hours: int,
) -> None:
    """Make a confirmed post public, or hold it with its reason. Raises ``Conflict`` when it is no longer a draft."""
    if post.state not in (PostState.PENDING, PostState.HELD):
        raise Conflict("post_settled", "This post is already settled.")
    owner = session.get_one(Account, post.account_id)
    post.share_phone = share_phone
    post.number = post.number or next_number(session, "post")
    reason = _reason_to_hold(post, owner)
    if reason:
        post.state, post.held_reason = PostState.HELD, reason
        _open_review(session, post, owner, now, hold_hours)
    else:
        release(session, post, by=by, channel=channel, now=now)
        if not owner.reviewed:
            _open_review(session, post, owner, now, hold_hours)
    _note(post, post.state, by, now, channel, reason)
    session.flush()


def release(session: Session, post: Post, *, by: Account, channel: Channel, now: datetime) -> None:
    """Open a post to everyone, and to the matcher."""
    post.state, post.held_reason = PostState.OPEN, ""
    post.published_at = post.published_at or now
    post.expires_at = now + timedelta(days=days_open(session, post))
    for item in post.items:
        item.live, item.day = True, local(now).date()
    session.flush()


def end(
    session: Session,
    post: Post,
    state: PostState,
    *,
    by: Account | None,
    channel: str,
    now: datetime,
    note: str = "",
) -> None:
    """Take a post out of the market: done, withdrawn or expired. What was asked about it is asked no more."""
    if post.state in (PostState.DONE, PostState.WITHDRAWN, PostState.EXPIRED):
        return
    post.state, post.closed_at = state, now
    for item in post.items:
        item.live = False
    questions.close_all(session, now=now, post_id=post.id)
    mine = (Match.supply_post_id == post.id) | (Match.demand_post_id == post.id)
    for match in session.scalars(select(Match).where(mine, Match.state == MatchState.OFFERED)):
        match.state = MatchState.LAPSED
        questions.close_all(session, now=now, match_id=match.id)
    _note(post, state, by, now, channel, note)
    session.flush()


def renew(session: Session, post: Post, *, by: Account, channel: str, now: datetime) -> None:
    """Give a post its days once more; one that ended or was taken down by mistake comes back."""
    if post.state not in LIVE | {PostState.EXPIRED, PostState.DONE}:
        raise Conflict("post_settled", "This post is already settled.")
    post.state, post.closed_at = PostState.OPEN, None
    post.expires_at = now + timedelta(days=days_open(session, post))
    for item in post.items:
        item.live = item.qty_left is None or item.qty_left > 0
    _note(post, PostState.OPEN, by, now, channel, "renewed")
    session.flush()


def days_open(session: Session, post: Post) -> int:
    """How many days a post of this kind stays: longer for seedlings, land and machines."""
    kind = session.get_one(PostKind, post.kind)
    return kind.seedling_days if any(item.form in _SLOW_FORMS for item in post.items) else kind.days


def describe(session: Session, post: Post, language: str = "zh") -> str:
    """The post in one line, as it is read back: ``卖 葡萄苗 2000株 3元/株 杨高村``."""
    place = areas.path_name(session, post.area_code, start=AreaLevel.VILLAGE)
    if not post.items:
        return f"{post.text[:40]} {place}".strip()
    verb = say(language, "sell" if post.items[0].direction == "supply" else "buy")
    things = "、".join(
        " ".join(part for part in (item.name, item.said_qty, item.said_price) if part)
        for item in post.items[:3]
    )
    return f"{verb} {things} {place}".strip()


def live_of(session: Session, accounts: Sequence[Account]) -> list[Post]:
    """These people's open posts, newest first."""
    mine = Post.account_id.in_([account.id for account in accounts])
    return list(
        session.scalars(select(Post).where(mine, Post.state.in_(LIVE)).order_by(Post.published_at.desc()))
    )


def expire_due(session: Session, *, now: datetime, limit: int = 200) -> int:
    """End the open posts whose days are over; returns how many."""
    due = (
        select(Post)
        .where(Post.state.in_(LIVE), Post.expires_at <= now)
        .order_by(Post.expires_at)
        .limit(limit)
    )
    found = list(session.scalars(due))
    for post in found:
        end(session, post, PostState.EXPIRED, by=None, channel="", now=now)
    return len(found)


def take_from_lot(item: PostItem, qty: float | None) -> bool:
    """Take a sold quantity (kg or count) off a lot; True when nothing is left of it."""
    if item.qty_left is None or qty is None:
        return qty is None
    item.qty_left = max(0.0, item.qty_left - qty)
    item.live = item.live and item.qty_left > 0
    return item.qty_left == 0


def _item(post: Post, item: Item, position: int, direction: str, now: datetime) -> PostItem:
    row = PostItem(
        position=position,
        key=f"{item.concept}·{item.form}·{direction}",
        direction=direction,
        concept=item.concept,
        form=item.form,
        category=item.category,
        variety=item.variety,
        name=item.name,
        qty=item.qty,
        qty_left=item.qty,
        unit=item.unit,
        unit_price=item.unit_price,
        price_unit=item.price_unit,
        said_qty=item.qty_said,
        said_price=item.price_said,
        day=local(now).date(),
        live=False,
    )
    _place(row, post.area_code)
    return row


def _place(item: PostItem, code: str) -> None:
    item.area_code, item.province, item.city = code, code[:2], code[:4]


def _keep_unsaid(new: PostItem, old: PostItem) -> None:
    if new.qty is None:
        new.qty, new.qty_left, new.unit, new.said_qty = old.qty, old.qty_left, old.unit, old.said_qty
    if new.unit_price is None:
        new.unit_price, new.price_unit, new.said_price = old.unit_price, old.price_unit, old.said_price
    new.variety = new.variety or old.variety


def _rename(item: PostItem, said: Item) -> None:
    item.concept, item.form, item.variety, item.name, item.category = (
        said.concept,
        said.form,
        said.variety,
        said.name,
        said.category,
    )
    item.key = f"{said.concept}·{said.form}·{item.direction}"


def _reckon(item: PostItem, amount: Item) -> None:
    if amount.qty is not None:
        item.qty = item.qty_left = amount.qty
        item.unit, item.said_qty = amount.unit or item.unit, amount.qty_said
    if amount.unit_price is not None:
        item.unit_price = amount.unit_price
        item.price_unit = amount.price_unit or item.price_unit or item.unit
        item.said_price = amount.price_said


def _reason_to_hold(post: Post, owner: Account) -> str:
    if owner.state is not AccountState.VERIFIED:
        return "unverified"
    if _BUY_BACK.search(post.text) and post.kind == "supply":
        return "buy_back"
    if (
        post.kind == "supply"
        and any(item.category in _LICENSED for item in post.items)
        and not _LICENCE.search(post.text)
    ):
        return "licence"
    if owner.origin in ("sms", "web") and not owner.reviewed:
        return "first_post"
    return ""


def _open_review(session: Session, post: Post, owner: Account, now: datetime, hours: int) -> None:
    cases.open_case(
        session,
        kind=CaseKind.REVIEW,
        area_code=owner.area_code,
        text=describe(session, post),
        now=now,
        account=owner,
        post=post,
        hours=hours,
    )


def _note(
    post: Post, state: PostState, by: Account | None, now: datetime, channel: str, note: str = ""
) -> None:
    post.history.append(
        PostEvent(at=now, state=state, actor_id=by.id if by else None, channel=str(channel), note=note)
    )


def ask_renewals(session: Session, *, now: datetime, limit: int = 200) -> int:
    """Ask the owners of posts that end within a day whether to keep them; once a term. Returns how many."""
    soon = select(Post).where(
        Post.state.in_(LIVE), Post.expires_at > now, Post.expires_at <= now + timedelta(days=1)
    )
    asked = select(Question.post_id).where(
        Question.kind == QuestionKind.RENEW, Question.asked_at > now - timedelta(days=3)
    )
    found = list(session.scalars(soon.where(Post.id.not_in(asked)).limit(limit)))
    for post in found:
        owner = session.get_one(Account, post.account_id)
        question = questions.ask(
            session, kind=QuestionKind.RENEW, now=now, hours=48, account=owner, post_id=post.id
        )
        text = say(
            owner.language,
            "No. {number} {what} ends tomorrow. Reply 1 to keep it, 2 to take it down",
            number=post.number,
            what=describe(session, post, owner.language),
        )
        outbox.tell(
            session,
            account=owner,
            text=f"{text}[{question.code}]",
            purpose=Purpose.MATCH,
            now=now,
            question=question,
        )
    return len(found)
