"""Nothing leaves twice, or although it was stopped, because a county came back from a copy; nor while it is paused."""

from __future__ import annotations

from typing import Any

from farmerline.domain import alert_control, ledger, restoring
from farmerline.models import AlertState, Colour, DeliveryState
from tests.domain.alerting import Bureau


def claim(bureau: Bureau) -> list[Any]:
    with bureau.county.database.write() as session:
        return ledger.claim(
            session, gateway="sms", worker="w", settings=bureau.settings, now=bureau.now, paced=False
        )


def test_after_a_restore_a_running_alert_waits_for_a_hand_and_then_asks_the_carrier_first(
    bureau: Bureau,
) -> None:
    bureau.person()
    alert = bureau.issue(colour=Colour.YELLOW)
    later = bureau.draft(colour=Colour.YELLOW, send_at=bureau.now.replace(hour=9))
    bureau.submit(later)
    bureau.sign(later)
    assert bureau.do(restoring.hold) == 2
    assert bureau.get(alert).state is AlertState.PAUSED
    assert (bureau.get(later).state, bureau.get(later).signed_by) == (AlertState.DRAFT, None)
    assert claim(bureau) == []
    bureau.wait(minutes=5)
    assert claim(bureau) == [] and bureau.step() == 0
    bureau.do(alert_control.resume, alert, actor=bureau.actor(bureau.officer))
    bureau.wait(minutes=5)
    claims = claim(bureau)
    assert claims and all(one.look_up and one.may_send for one in claims)


def test_what_may_have_left_is_not_sent_while_its_broadcast_is_paused(bureau: Bureau) -> None:
    bureau.person()
    alert = bureau.issue(colour=Colour.YELLOW)
    taken = claim(bureau)
    bureau.do(alert_control.pause, alert, actor=bureau.actor(bureau.officer))
    bureau.wait(minutes=5)  # whoever had them is dead
    assert taken and claim(bureau) == []
    assert {row.state for row in bureau.messages(alert, channel="sms")} == {DeliveryState.SENDING}
    bureau.do(alert_control.resume, alert, actor=bureau.actor(bureau.officer))
    bureau.wait(minutes=5)
    assert {one.outgoing.id for one in claim(bureau)} == {one.outgoing.id for one in taken}
