"""A wrong alert is made void by one press 20 seconds after it began: it stops, and whom it reached is told."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from farmerline.demo.people import OFFICER, OLD_YANG
from farmerline.demo.stage import Stage
from farmerline.demo.stories import alert_desk
from farmerline.demo.stories.alert_desk import by_number
from farmerline.models import Delivery, DeliveryState

_SECONDS, _A_SECOND = 20, 10


def play(stage: Stage) -> None:
    desk = alert_desk.draft(stage, "yellow", short_text="早稻稻飞虱轻发生,不用打药", degree="1")
    number = alert_desk.newest(stage)
    alert_desk.sign(stage, number, settle=False)
    stage.send_slowly(_SECONDS, _A_SECOND)
    left = stage.look(lambda session: _count(session, number, DeliveryState.QUEUED))
    reached = stage.look(lambda session: _reached(session, number))
    stage.expect(
        "after 20 seconds a part has it and a part has not",
        len(reached) > 100 and left > 100,
        (len(reached), left),
    )

    desk.open(f"/alerts/{number}/run").submit(f"/alerts/{number}/act", act="cancel")
    stage.tell(f"  🖥  {OFFICER.name}: one press, {number} is void")
    void = alert_desk.newest(stage)
    handed = stage.look(lambda session: _handed(session, number))
    stage.later(seconds=5)
    stage.expect(
        "within 5 seconds sending has stopped", stage.look(lambda session: _handed(session, number)) == handed
    )
    stage.expect(
        "nothing of it waits any more",
        stage.look(lambda session: _count(session, number, DeliveryState.QUEUED)) == 0,
    )
    stage.later(minutes=2)
    told = stage.look(lambda session: _reached(session, void))
    stage.expect(
        "exactly those whom it reached are told that it is void", told == reached, (len(told), len(reached))
    )
    words = " ".join(stage.text(OLD_YANG, f"查{number}"))
    stage.expect("查 and the number says that it is void", "作废" in words and number in words, words)


def _count(session: Session, number: str, state: DeliveryState) -> int:
    mine = Delivery.campaign_id == by_number(session, number).campaign_id
    return (
        session.scalar(select(func.count()).select_from(Delivery).where(mine, Delivery.state == state)) or 0
    )


def _handed(session: Session, number: str) -> int:
    mine = Delivery.campaign_id == by_number(session, number).campaign_id
    left = select(func.count()).select_from(Delivery).where(mine, Delivery.sent_at.is_not(None))
    return session.scalar(left) or 0


def _reached(session: Session, number: str) -> set[str | None]:
    mine = Delivery.campaign_id == by_number(session, number).campaign_id
    return set(
        session.scalars(select(Delivery.account_id).where(mine, Delivery.state == DeliveryState.DELIVERED))
    )
