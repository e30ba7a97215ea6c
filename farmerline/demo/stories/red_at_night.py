"""At 23:10 a red alert leaves at once, with its reason on record; a tip of the same minute waits until morning."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from farmerline.clock import local
from farmerline.demo.people import OLD_YANG, PUBLISHER, YANGGAO
from farmerline.demo.stage import Stage
from farmerline.demo.stories import alert_desk
from farmerline.demo.stories.alert_desk import by_number
from farmerline.models import Delivery, DeliveryState

_TIP = "夜里降温,大棚早点关好"


def play(stage: Stage) -> None:
    now = local(stage.runtime.now())
    late = now.replace(hour=23, minute=9, second=0, microsecond=0)
    stage.later(seconds=(late - now) / timedelta(seconds=1))
    alert_desk.draft(
        stage, "red", a=YANGGAO, audience_crop="", short_text="稻飞虱大发生,今夜起明早前查田,过千头马上打"
    )
    number = alert_desk.newest(stage)
    before = len(stage.inbox(OLD_YANG))
    tips = stage.browser(PUBLISHER).open("/publish/tips")
    tips.submit("/publish/tips", text=_TIP, area_code=YANGGAO).submit("/start")
    alert_desk.sign(stage, number)
    told = stage.new_texts(OLD_YANG, before)
    stage.expect("at 23:10 the red alert is there", any("红色" in each for each in told), told)
    stage.expect("and the phone rings beside it", stage.rings_at(OLD_YANG))
    stage.expect("the tip is not there", not any(_TIP in each for each in told), told)
    stage.expect("why quiet hours did not hold it is on record", alert_desk.acts(stage, "alert.at_night") > 0)
    stage.pick_up(OLD_YANG, "1")
    stage.later(hours=9)
    at = stage.look(lambda session: _tip_sent(session, stage))
    stage.expect("the tip comes in the morning", at is not None and local(at).hour == 8, at)
    told = stage.new_texts(OLD_YANG, before)
    stage.expect("once", sum(_TIP in each for each in told) == 1, told)
    left = stage.look(lambda session: _waiting(session, number))
    stage.expect("nothing of the alert was held back", left == 0, left)


def _tip_sent(session: Session, stage: Stage) -> datetime | None:
    account = stage.account(session, OLD_YANG)
    mine = select(Delivery).where(
        Delivery.account_id == (account.id if account else ""), Delivery.purpose == "tips"
    )
    return next((row.sent_at for row in session.scalars(mine) if _TIP in row.text), None)


def _waiting(session: Session, number: str) -> int:
    mine = Delivery.campaign_id == by_number(session, number).campaign_id
    return len(session.scalars(select(Delivery.id).where(mine, Delivery.state == DeliveryState.QUEUED)).all())
