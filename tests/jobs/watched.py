"""Posts and who subscribed to such, for the tests of the job that brings them together."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from farmerline.config import Settings
from farmerline.domain import consent, posts, subscriptions
from farmerline.domain.subscriptions import Wanted
from farmerline.messages import Channel
from farmerline.models import Account, Delivery, Post, PostItem, PostState, Purpose, Subscription, WatchNotice
from jobs.watch import spread, watch
from tests.factories import NOW, YANGGAO, make_account
from tests.jobs.carrier import County


def subscribe(session: Session, person: Account, settings: Settings, **values: Any) -> Subscription:
    """葡萄苗 that somebody sells, anywhere in the person's province, unless said otherwise."""
    wanted = Wanted(**{"concept": "葡萄", "name": "葡萄苗", "form": "seedling", **values})
    row, _is_new = subscriptions.subscribe(
        session, session.merge(person), wanted, channel="sms", proof="test", settings=settings, now=NOW
    )
    return row


def rest(session: Session, person: Account, now: datetime) -> None:
    """A no to being told."""
    consent.stop(session, accounts=[person], purposes=[Purpose.WATCH], proof="inbound:x", now=now)


def offer(
    session: Session,
    owner: Account,
    *,
    number: int,
    now: datetime = NOW,
    area_code: str = YANGGAO,
    **values: Any,
) -> Post:
    """A post that was just released: 2000 grape seedlings at 3 yuan, unless said otherwise."""
    direction = values.get("direction", "supply")
    post = Post(
        number=number, kind=direction, account_id=owner.id, area_code=area_code, channel=Channel.SMS, text="卖葡萄苗2000株",
        state=PostState.PENDING, created_at=now, expires_at=now + timedelta(days=60),
    )  # fmt: skip
    item = {
        "direction": direction, "concept": "葡萄", "form": "seedling", "name": "葡萄苗", "variety": "", "qty": 2000.0,
        "qty_left": 2000.0, "unit": "株", "said_qty": "2000株", "said_price": "3元/株", "area_code": area_code,
        "province": area_code[:2], "city": area_code[:4], "day": now.date(), "category": "fruit", **values,
    }  # fmt: skip
    post.items = [PostItem(**item, key=f"{item['concept']}·{item['form']}·{direction}", position=0)]
    session.add(post)
    session.flush()
    posts.release(session, post, by=owner, channel=Channel.SMS, now=now)
    return post


def person(county: County, name: str = "杨大山", **values: Any) -> Account:
    with county.database.write() as session:
        return make_account(session, name, **values)


def subscriber(
    county: County, name: str = "李小梅", *, wants: Sequence[dict[str, Any]] = ({},), **values: Any
) -> Account:
    who = person(county, name, **values)
    with county.database.write() as session:
        for each in wants:
            subscribe(session, who, county.context.settings, **each)
    return who


def release(county: County, owner: Account, number: int = 1001, **values: Any) -> Post:
    with county.database.write() as session:
        return offer(session, session.merge(owner), number=number, now=county.clock.now(), **values)


def texts(county: County, who: Account | None = None) -> list[str]:
    """What was promised to subscribers, oldest first."""
    with county.database.read() as session:
        rows = (
            select(Delivery)
            .where(Delivery.purpose == Purpose.WATCH)
            .order_by(Delivery.created_at, Delivery.id)
        )
        return [row.text for row in session.scalars(rows) if who is None or row.account_id == who.id]


def dropped(county: County) -> list[str]:
    with county.database.read() as session:
        return list(session.scalars(select(WatchNotice.dropped).where(WatchNotice.dropped != "")))


def pass_by(county: County, seconds: float = 11) -> int:
    """Long enough for what comes together; then the job runs."""
    spread(county.context)
    county.wait(seconds=seconds)
    return watch(county.context)
