"""Somebody of seventy who cannot read rings, hears advice at once, tells of a pest, and is rung with the verdict."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from channels.simulator.caller import Transcript
from farmerline.clock import local
from farmerline.demo.people import CONTACT, OFFICER, person
from farmerline.demo.stage import Stage
from farmerline.domain import seasons
from farmerline.messages import Channel
from farmerline.models import Case, CaseKind, CaseState, Delivery, Sighting, Verdict

ELDER = person("p321")  # grows grapes in 杨高村; prefers calls, and has no other way
WORDS = "杨高村葡萄叶子背面有白霉,像霜霉病,十株里有三株"


def play(stage: Stage) -> None:
    began = stage.runtime.now()
    advice = seasons.sentence(local(stage.runtime.now()).date(), "zh")
    call = stage.ring(ELDER, "3 # 1", WORDS)
    stage.expect(
        "what matters is heard within 3 seconds of the answer: the season's advice, before any menu",
        _second_of(call, advice[:6]) < 3,
        call.heard[:3],
    )
    stage.expect(
        "three keys are enough to tell of a pest", any("编号" in each for each in call.heard), call.heard
    )

    number = stage.look(lambda session: _case(session, stage))
    stage.expect("it waits at the contact point under the number that was spoken", number is not None, number)
    desk = stage.browser(CONTACT)
    desk.open(f"/desk/cases/{number}").submit(f"/desk/cases/{number}/sighting", text=WORDS)
    stage.tell(f"  ✍ {WORDS}")
    seen = stage.look(lambda session: _sighting(session, number))
    stage.expect(
        "it is on the officer's map: crop, pest, part and how many of ten, under the same number",
        seen is not None and (seen.crop, seen.pest, seen.part, seen.in_ten) == ("葡萄", "霜霉病", "叶", 3),
        seen and (seen.crop, seen.pest, seen.part, seen.in_ten),
    )
    if stage.rings_at(ELDER):  # that it was written down
        stage.pick_up(ELDER, "")

    officer = stage.browser(OFFICER)
    officer.open(f"/alerts/map/reports?village={ELDER.place}")
    officer.submit("/alerts/map/reports", verdict="confirmed", text="雨停后喷叶背")
    stage.tell(f"  🖥  {OFFICER.name}: {officer.words[:80]}")
    verdict = stage.look(lambda session: _sighting(session, number))
    stage.expect(
        "the officer's verdict is on record",
        verdict is not None and verdict.verdict is Verdict.CONFIRMED,
        officer.words[:300],
    )
    stage.expect("the phone rings to tell the verdict", stage.rings_at(ELDER))
    told = " ".join(stage.pick_up(ELDER, "").heard)
    stage.expect(
        "who cannot read hears what it is and what to do", "霜霉病" in told and "喷叶背" in told, told
    )
    texts = stage.look(lambda session: _texts(session, stage, began))
    stage.expect("nothing was sent that has to be read", texts == [], texts)


def _second_of(call: Transcript, words: str) -> float:
    """When these words begin, in seconds after the answer."""
    before = 0.0
    for line in call.lines:
        if line.text.startswith(words):
            return before
        before += line.seconds
    return float("inf")


def _case(session: Session, stage: Stage) -> int | None:
    account = stage.account(session, ELDER)
    return session.scalar(
        select(Case.number).where(
            Case.kind == CaseKind.SIGHTING,
            Case.state == CaseState.OPEN,
            Case.account_id == (account.id if account else ""),
        )
    )


def _sighting(session: Session, number: int | None) -> Sighting | None:
    return session.scalar(select(Sighting).where(Sighting.number == number))


def _texts(session: Session, stage: Stage, since: datetime) -> list[str]:
    account = stage.account(session, ELDER)
    mine = select(Delivery).where(
        Delivery.account_id == (account.id if account else ""),
        Delivery.channel == Channel.SMS,
        Delivery.created_at >= since,
    )
    return [row.text for row in session.scalars(mine)]
