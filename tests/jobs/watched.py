"""Posts and who subscribed to such, for the tests of the job that brings them together."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from farmerline.config import Settings
from farmerline.domain import consent, posts, subscriptions
from farmerline.domain.subscriptions import Wanted
from farmerline.messages import Channel
from farmerline.models import Account, Post, PostItem, PostState, Purpose, Subscription
from tests.factories import NOW, YANGGAO


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
