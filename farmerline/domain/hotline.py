"""农业110: a caller is put through to the expert on duty, else to the next, else to the message box. Each is a case.

Whom to dial comes from the roster alone. Before the two are joined the expert hears who asks, and takes the call with 1.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from farmerline.clock import local
from farmerline.config import Module
from farmerline.domain import areas, cases, shifts, spoken_posts
from farmerline.domain.call_talk import CallTalk
from farmerline.domain.spoken import spoken
from farmerline.messages import Ask, HangUp, Say, SpokenScript, SpokenStep, Transfer, Turn
from farmerline.models import Account, Case, CaseState, ExpertRing, RingEnd
from farmerline.words import say

RING_SECONDS = 20
"""How long each expert's telephone rings."""
AT_MOST = 3
"""Experts who are tried for one caller; then the box."""
ADVICE = "5"
"""Out of hours, the key of the newest advice: as everywhere the key to listen."""
_SCREEN, _ASKED = "expert", "expert_key"
_ENDS = {
    "busy": RingEnd.BUSY,
    "failed": RingEnd.FAILED,
    "no_answer": RingEnd.NO_ANSWER,
    "answered": RingEnd.DECLINED,
}
_LANGUAGE = "zh"


def reach(talk: CallTalk, use: str = "message") -> list[SpokenStep]:
    """The way to a person: the expert on duty, else the box. ``use`` is what is then spoken: message or ask.

    Where the county keeps no hours of experts it is the box at once.
    """
    here = shifts.kept_for(talk.session, talk.area_code) if talk.settings.has(Module.EXPERTS) else ""
    if not here:
        return spoken_posts.ask(talk, use)
    if not shifts.on_duty(talk.session, talk.area_code, talk.now):
        return _closed(talk, use)
    case = _unanswered(talk) or cases.open_case(
        talk.session, kind=spoken_posts.kind_of(use), area_code=talk.area_code, text=say(_LANGUAGE, "(rang the experts)"),
        now=talk.now, account=talk.account, phone=talk.call.caller or None,
    )  # fmt: skip
    return [
        Say(talk.say("Your question is number {number}. An expert is rung.", number=case.number)),
        *_dial(talk, case),
    ]


def after(talk: CallTalk, ring_id: str) -> list[SpokenStep]:
    """One expert's telephone was rung: the talk is over, or the next one is rung. The same turn twice rings nobody twice."""
    ring = talk.session.get(ExpertRing, ring_id)
    if ring is None or ring.call_id != talk.call.id:
        return spoken_posts.leave_message(talk)
    _settle(ring, talk.heard, talk.now)
    case = talk.session.get_one(Case, ring.case_id)
    if ring.outcome is RingEnd.TALKED:
        return [Say(talk.say("Thank you. Your number is {number}.", number=case.number)), HangUp()]
    return _dial(talk, case)


def hung_up(talk: CallTalk) -> None:
    """The caller is gone: what rang for them, or who talked with them, is settled."""
    open_one = select(ExpertRing).where(ExpertRing.call_id == talk.call.id, ExpertRing.ended_at.is_(None))
    for ring in talk.session.scalars(open_one) if talk.call.data.get("expert") else ():
        _settle(ring, talk.heard, talk.now, gone=True)


def leave_words(talk: CallTalk, rest: str) -> list[SpokenStep]:
    """Out of hours, or nobody could take it: any key but that of the advice, and silence, leaves words."""
    use, _, case_id = rest.partition(":")
    return spoken_posts.ask(talk, use, case_id)


def is_screen(step: str) -> bool:
    """Whether this turn is an expert's, who is asked before a caller is put through."""
    return step.partition(":")[0] in (_SCREEN, _ASKED)


def screen(session: Session, heard: Turn, *, now: datetime) -> SpokenScript:
    """What the expert hears who picked up: who asks; 1 takes the call (nothing more is said, and the two are joined)."""
    step, _, ring_id = heard.step.partition(":")
    ring = session.get(ExpertRing, ring_id, with_for_update=True)
    if ring is None or heard.ended or ring.ended_at is not None:
        return SpokenScript((HangUp(),), _LANGUAGE)
    case = session.get_one(Case, ring.case_id)
    expert = session.get_one(Account, ring.account_id)
    if step == _ASKED:
        if heard.digits[:1] != "1":
            return SpokenScript((HangUp(),), expert.language)
        ring.taken_at = ring.taken_at or now
        case.assigned_to = expert.id
        return SpokenScript((), expert.language)
    words = say(
        expert.language, "Farm line. {who} asks. To take the call press 1, not now press 2.",
        who=_who(session, case, expert.language),
    )  # fmt: skip
    ask = Ask(step=f"{_ASKED}:{ring.id}", prompt=(Say(spoken(words, expert.language)),), seconds=8)
    return SpokenScript((ask,), expert.language)


def _unanswered(talk: CallTalk) -> Case | None:
    """The case for which experts were rung in this call already, as long as none of them took it."""
    if not talk.call.data.get("expert"):
        return None
    mine = select(ExpertRing).where(ExpertRing.call_id == talk.call.id).order_by(ExpertRing.rung_at.desc())
    ring = talk.session.scalars(mine.limit(1)).first()
    case = talk.session.get(Case, ring.case_id) if ring is not None and ring.taken_at is None else None
    return case if case is not None and case.state is CaseState.OPEN else None


def _dial(talk: CallTalk, case: Case) -> list[SpokenStep]:
    """The next expert on duty who was not tried for this case; the box after the last one."""
    rings = list(
        talk.session.scalars(
            select(ExpertRing).where(ExpertRing.case_id == case.id).order_by(ExpertRing.place)
        )
    )
    ring = next((one for one in rings if one.ended_at is None), None)
    if ring is None:
        tried = {one.account_id for one in rings}
        duty = shifts.on_duty(talk.session, talk.area_code, talk.now)
        left = [one for one in duty if one.id not in tried and one.phone != talk.call.caller]
        if not left or len(rings) >= AT_MOST:
            return _closed(talk, "ask" if case.kind == spoken_posts.kind_of("ask") else "message", case)
        ring = ExpertRing(
            case_id=case.id,
            call_id=talk.call.id,
            account_id=left[0].id,
            place=len(rings) + 1,
            rung_at=talk.now,
        )
        talk.session.add(ring)
        talk.session.flush()
        talk.call.data = {**talk.call.data, "expert": True}
    return [
        Transfer(
            to=talk.session.get_one(Account, ring.account_id).phone, step=f"dialled:{ring.id}", seconds=RING_SECONDS,
            screen=f"{_SCREEN}:{ring.id}", shown=talk.heard.to if talk.heard.to.startswith("+") else "",
        )
    ]  # fmt: skip


def _settle(ring: ExpertRing, heard: Turn, now: datetime, *, gone: bool = False) -> None:
    if ring.ended_at is not None:
        return
    ring.ended_at = now
    if ring.taken_at is not None:
        ring.outcome = RingEnd.TALKED
        ring.seconds = heard.dialled_seconds or round((now - ring.taken_at) / timedelta(seconds=1))
    else:
        ring.outcome = RingEnd.LEFT if gone else _ENDS.get(heard.dialled, RingEnd.NO_ANSWER)


def _closed(talk: CallTalk, use: str, case: Case | None = None) -> list[SpokenStep]:
    """Nobody takes the call now: when somebody does, the newest advice, or the box."""
    opens = shifts.next_hours(talk.session, talk.area_code, talk.now) if case is None else None
    if case is not None:
        first = talk.say("The experts are all busy.")
    elif opens is not None:
        first = talk.say("No expert is on duty now; from {when} there is.", when=_when(opens, talk))
    else:
        first = talk.say("No expert is on duty now.")
    choice = talk.say("To leave your question press 1, to hear the newest advice press 5.")
    step = f"closed:{use}:{case.id if case else ''}".rstrip(":")
    return [Ask(step=step, prompt=(Say(first), Say(choice)), seconds=4)]


def _when(moment: datetime, talk: CallTalk) -> str:
    at, ahead = local(moment), (local(moment).date() - local(talk.now).date()).days
    clock = f"{at.hour}:{at:%M}"
    if ahead < 2:
        return talk.say("tomorrow {time}" if ahead else "today {time}", time=clock)
    return talk.say("{month}/{day} {time}", month=at.month, day=at.day, time=clock)


def _who(session: Session, case: Case, language: str) -> str:
    place = areas.path_name(session, case.area_code)
    person = session.get(Account, case.account_id) if case.account_id else None
    if person is None:
        return say(language, "somebody whose number is not registered")
    return say(language, "{name} of {place}", name=person.name, place=place)
