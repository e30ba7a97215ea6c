"""A sighting told in words: noted, read back, and what is missing asked back once."""

from __future__ import annotations

import re
from datetime import timedelta

from sqlalchemy import select

from farmerline.clock import local
from farmerline.config import Module
from farmerline.domain import areas, cases, questions, sightings
from farmerline.domain.sightings import Seen
from farmerline.domain.talk import Talk
from farmerline.messages import Channel
from farmerline.models import Case, CaseState, Question, Sighting, Verdict
from farmerline.words import say

_AT_ONCE = timedelta(hours=1)
"""How long words that name nothing are taken as the answer to what was asked back."""
_SHORT, _SHOWN = 12, 30
_BEGINS = re.compile(r"\s*(?:报|上报|report)", re.IGNORECASE)
"""Who begins with the word for a report reports something new."""


def note(talk: Talk) -> None:
    """Put a sighting on record and read it back in one line; crop or pest that is missing is asked for."""
    _tell(talk, _report(talk, _read(talk), talk.inbound.body), asking=True)


def complete(talk: Talk) -> bool:
    """Take words as what was missing of the sighting reported last; False where they are about something else."""
    reading = talk.said.reading
    doubted = reading is not None and (not reading.sure or reading.inferred)
    unsure = talk.said.intent in ("sell", "buy") and doubted
    if not (unsure or talk.said.intent in ("other", "pest_report")) or not talk.settings.has(Module.ALERTS):
        return False
    sighting = _unfinished(talk)
    if sighting is None:
        return False
    seen = _read(talk)
    if not _belongs(talk, sighting, seen):
        return False
    sightings.fill_in(talk.session, sighting, seen, talk.inbound.body, settings=talk.settings, now=talk.now)
    _tell(talk, sighting, asking=False)
    return True


def settle_heard(talk: Talk, question: Question) -> None:
    """Whether what a recogniser made of a spoken sighting is right: then it is on record under the case's number; if not, the
    contact point listens."""
    case = talk.session.get_one(Case, question.data["case"])
    right = talk.said.intent != "deny"
    questions.close(question, now=talk.now, answer="yes" if right else "no")
    talk.case = case
    if case.state is CaseState.CLOSED:
        talk.tell("This is settled already. Number {number}.", number=case.number)
    elif not right or case.heard is None:
        talk.tell(
            "All right: your contact point listens to it and rings you. Number {number}.", number=case.number
        )
    else:
        seen = sightings.read(
            talk.understand(case.heard, frozenset()), case.heard, on=local(case.opened_at).date()
        )
        sighting = _report(talk, seen, case.heard, case=case)
        cases.close_case(
            talk.session,
            case,
            by=None,
            outcome=say("zh", "Recognised by machine and confirmed."),
            now=talk.now,
        )
        _tell(talk, sighting, asking=True)


def _read(talk: Talk) -> Seen:
    return sightings.read(talk.said, talk.inbound.body, on=local(talk.now).date())


def _report(talk: Talk, seen: Seen, text: str, case: Case | None = None) -> Sighting:
    known = bool(seen.area_code) and areas.get(talk.session, seen.area_code) is not None
    return sightings.report(
        talk.session,
        account=talk.person,
        area_code=seen.area_code if known else talk.person.area_code,
        crop=seen.crop,
        pest=seen.pest,
        part=seen.part,
        in_ten=seen.in_ten,
        since=seen.since,
        text=text,
        channel=Channel.VOICE if case else talk.inbound.channel,
        settings=talk.settings,
        now=talk.now,
        operator=talk.operator,
        inbound=talk.inbound,
        case=case,
    )


def _unfinished(talk: Talk) -> Sighting | None:
    """The speaker's last report, if crop or pest is still missing and nobody has looked at it."""
    since = talk.now - timedelta(hours=talk.settings.read_back_hours)
    mine = select(Sighting).where(Sighting.account_id == talk.person.id, Sighting.reported_at > since)
    last = talk.session.scalar(mine.order_by(Sighting.reported_at.desc(), Sighting.id.desc()).limit(1))
    whole = last is None or (last.crop and last.pest) or last.verdict is not Verdict.OPEN
    return None if whole else last


def _belongs(talk: Talk, sighting: Sighting, seen: Seen) -> bool:
    """Whether the words name what is missing and nothing else, or come at once and name nothing."""
    other_crop = seen.crop and sighting.crop and seen.crop != sighting.crop
    other_pest = seen.pest and sighting.pest and seen.pest != sighting.pest
    items = talk.said.reading.items if talk.said.reading else ()
    is_offer = seen.in_ten is None and any(
        item.qty is not None or item.unit_price is not None for item in items
    )
    if talk.said.intent in ("sell", "buy") and seen.in_ten is None:
        return False  # 10株 is an offer, 十株三株 is none
    begins = _BEGINS.match(talk.inbound.body) is not None
    if other_crop or other_pest or is_offer or (begins and seen.crop and seen.pest):
        return False
    if (seen.crop and not sighting.crop) or (seen.pest and not sighting.pest):
        return True
    most = _SHOWN if talk.said.intent == "pest_report" or seen.in_ten is not None else _SHORT
    at_once = talk.now - sighting.reported_at <= _AT_ONCE
    if begins or not at_once:
        return False
    return not (items and not seen.crop) and len(talk.inbound.body.strip()) <= most


def _tell(talk: Talk, sighting: Sighting, *, asking: bool) -> None:
    named = talk.operator is not None or len(talk.members) > 1
    talk.tell_plain(
        sightings.answer(
            talk.session,
            sighting,
            talk.language,
            room=sightings.room_of(talk.session, talk.language),
            name=talk.person.name if named else "",
            asking=asking,
        )
    )
