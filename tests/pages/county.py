"""The county whose pages are looked at: the demo county after its thirty days, and as many rows beside it as are asked for.

The rows of ``fill`` are written many at once: posts say what the demo's own posts say, messages are those of broadcasts of
the last half year.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from farmerline import vault
from farmerline.app import create_app
from farmerline.config import PREFIX, read_settings
from farmerline.demo import county, player
from farmerline.domain import consent, post_words
from farmerline.ids import new_id
from farmerline.messages import Channel
from farmerline.migrations import upgrade
from farmerline.models import (
    LIVE,
    Account,
    AccountKind,
    AccountState,
    Area,
    AreaLevel,
    Base,
    Campaign,
    CampaignState,
    Consent,
    Delivery,
    DeliveryState,
    Post,
    PostItem,
    Priority,
    Purpose,
    Role,
    RoleGrant,
)
from farmerline.runtime import Runtime, open_runtime

HOME = Path(__file__).resolve().parents[2] / "var" / "pages"
_STEP = 5_000
_FIRST_NUMBER = 10_000_000
"""Posts written here are numbered from this on."""
_TEXT = "明天夜里降温到零下三度,大棚今晚盖好。"
_NAMES = "陈甲禾 胡乙苗 沈丙穗 徐丁荷 王戊兰 张己竹 杨庚松 罗辛菊".split()

Row = dict[str, Any]


def make(folder: Path = HOME) -> None:
    """Play the demo's thirty days into the folder, anew."""
    say("playing the demo's thirty days (some minutes)")
    runtime = _open(county.write_settings(folder))
    upgrade(runtime.database)
    now = runtime.now()
    county.build(runtime.database, runtime.settings, now=now - player.SPAN)
    runtime.prepare()
    player.play(runtime, create_app(runtime), tell=lambda line: None, now=now, passed=lambda day: None)
    runtime.database.close()


def open_county(folder: Path = HOME) -> Runtime:
    """The county as it was left there, in the newest shape."""
    runtime = _open(folder / "settings.env")
    upgrade(runtime.database)
    return runtime


def fill(runtime: Runtime, *, people: int, posts: int, deliveries: int) -> None:
    """Write rows until there are so many of each; does nothing where there are already."""
    database, chance = runtime.database, random.Random(7)
    with database.read() as session:
        villages = list(session.scalars(select(Area.code).where(Area.level == AreaLevel.VILLAGE)))
        there = {
            model: session.scalar(select(func.count()).select_from(model)) or 0
            for model in (Account, Post, Delivery)
        }
    _in_steps(
        runtime,
        "people",
        people - there[Account],
        lambda session, rows: _people(session, rows, villages, runtime),
    )
    _in_steps(
        runtime, "posts", posts - there[Post], lambda session, rows: _posts(session, rows, runtime, chance)
    )
    _in_steps(
        runtime,
        "messages",
        deliveries - there[Delivery],
        lambda session, rows: _deliveries(session, rows, runtime),
    )


def say(words: str) -> None:
    print(f"pages: {words}", file=sys.stderr, flush=True)


def _open(settings: Path) -> Runtime:
    return open_runtime(read_settings({PREFIX + "SETTINGS": str(settings)}))


def _in_steps(runtime: Runtime, what: str, missing: int, write: Callable[[Session, range], None]) -> None:
    if missing > 0:
        say(f"writing {missing:,} {what}")
    for start in range(0, missing, _STEP):
        with runtime.database.write() as session:
            write(session, range(start, min(start + _STEP, missing)))


def _people(session: Session, numbers: range, villages: list[str], runtime: Runtime) -> None:
    since = runtime.now() - timedelta(days=100)
    rows, kinds, yes = [], [], []
    for number in numbers:
        phone = f"+86198{number:08d}"
        row = Account(id=new_id(), name=_NAMES[number % len(_NAMES)], phone=phone)
        rows.append({
            "id": row.id, "name_sealed": row.name_sealed, "phone_sealed": row.phone_sealed,
            "phone_index": vault.phone_index(phone), "area_code": villages[number % len(villages)],
            "state": AccountState.VERIFIED, "origin": "roster", "reviewed": True, "created_at": since,
            "verified_at": since, "id_seen_on": since.date(),
        })  # fmt: skip
        kinds.append({"account_id": row.id, "kind": "farmer"})
        yes += [
            {
                "id": new_id(),
                "account_id": row.id,
                "purpose": purpose,
                "granted": True,
                "at": since,
                "proof": "roster",
            }
            for purpose in consent.ENROLLED
        ]
    for model, made in ((Account, rows), (AccountKind, kinds), (Consent, yes)):
        session.execute(insert(model), made)


def _posts(session: Session, numbers: range, runtime: Runtime, chance: random.Random) -> None:
    patterns = list(session.scalars(select(Post).where(Post.state.in_(LIVE), Post.number < _FIRST_NUMBER)))
    authors = session.execute(
        select(Account.id, Account.area_code).where(Account.origin == "roster").limit(20_000)
    ).all()
    now, posts, items = runtime.now(), [], []
    for number in numbers:
        pattern = patterns[number % len(patterns)]
        author, area = authors[(number * 7919) % len(authors)]
        at = now - timedelta(days=14 * chance.random())
        post = _copy(
            pattern, account_id=author, area_code=area, number=_FIRST_NUMBER + number, created_at=at, published_at=at,
            expires_at=at + timedelta(days=15), inbound_id=None, operator_id=None,
        )  # fmt: skip
        posts.append(post)
        items += [
            _copy(item, post_id=post["id"], area_code=area, province=area[:2], city=area[:4], day=at.date())
            for item in pattern.items
        ]
    session.execute(insert(Post), posts)
    session.execute(insert(PostItem), items)
    for row in session.scalars(select(Post).where(Post.id.in_([post["id"] for post in posts]))):
        post_words.keep(session, row)


def _deliveries(session: Session, numbers: range, runtime: Runtime) -> None:
    """Each step is one broadcast to so many people."""
    at = runtime.now() - timedelta(days=5 + numbers.start // _STEP % 180)
    sender = session.scalars(select(RoleGrant.account_id).where(RoleGrant.role == Role.PUBLISHER)).first()
    campaign = Campaign(
        purpose=Purpose.TIPS, text=_TEXT, area_code=runtime.settings.county, state=CampaignState.DONE, created_by=sender,
        created_at=at, people=len(numbers),
    )  # fmt: skip
    session.add(campaign)
    session.flush()
    people = session.execute(
        select(Account.id, Account.phone_sealed, Account.phone_index)
        .where(Account.phone_index.is_not(None)).order_by(Account.id).offset(numbers.start % 15_000).limit(len(numbers))
    ).all()  # fmt: skip
    session.execute(insert(Delivery), [
        {
            "id": (made := new_id()), "campaign_id": campaign.id, "account_id": person, "channel": Channel.SMS,
            "gateway": "sms", "address_sealed": Delivery.address.seal(Account.phone.open(phone, person), made),
            "address_index": index, "purpose": Purpose.TIPS, "priority": Priority.BULK,
            "text_sealed": Delivery.text.seal(_TEXT, made), "provider_ref": f"SM{made}", "due_at": at, "created_at": at,
            "sent_at": at, "settled_at": at,
            **({"state": DeliveryState.FAILED, "reason": "unreachable"} if place % 40 == 0 else {"state": DeliveryState.DELIVERED}),
        }
        for place, (person, phone, index) in enumerate(people)
    ])  # fmt: skip


def _copy(row: Base, **changed: Any) -> Row:
    """A row's values under a new id."""
    kept = {column.name: getattr(row, column.name) for column in row.__table__.columns}
    return {**kept, "id": new_id(), **changed}


__all__ = ["HOME", "fill", "make", "open_county", "say"]
