"""Alerts by call: told to whom the service rings, and to whoever rings in while one waits for them.

How much was heard is counted in seconds of the call, from when the alert began. Where it began stands in the call's
row, so that the hang-up may be reported late, twice, and to any process.
"""

from __future__ import annotations

from sqlalchemy.orm import lazyload

from farmerline.domain import alert_words, hotline, keys, reach
from farmerline.domain.call_talk import CallTalk
from farmerline.domain.spoken import seconds_of
from farmerline.messages import Ask, HangUp, Say, SpokenStep
from farmerline.models import Alert, Delivery, Reach, Settled
from farmerline.words import say

LANGUAGE = "zh"
"""An alert is spoken in the language it is written in, whoever hears it."""
MACHINE = "machine"
"""Why somebody is not reached whose answering machine took the call."""
_WRONG_KEYS = 3
_ANSWERS = {
    "understood": (Settled.KEY, "Thank you: noted that you know."),
    "not_mine": (Settled.NOT_MINE, "Noted: not for you."),
}


def begin(talk: CallTalk) -> list[SpokenStep] | None:
    """The most urgent alert that waits for this caller and was not told in this call yet; None when none waits."""
    people = _people(talk)
    if not people:
        return None
    told = talk.call.data.get("alerts", [])
    waiting = reach.unheard(
        talk.session, phone_index=talk.call.caller_index, account_ids=people, now=talk.now
    )
    return next((_tell(talk, alert) for alert, _ in waiting if alert.id not in told), None)


def ring_out(talk: CallTalk, delivery: Delivery) -> list[SpokenStep] | None:
    """The first words of a call that the service placed for an alert; None where the call is about something else.

    An alert that has ended since is not told: what took its place is, or that it is over.
    """
    found = reach.of_delivery(talk.session, delivery)
    if found is None:
        return None
    alert = found[0]
    if alert.holds(talk.now):
        return _tell(talk, alert)
    over = alert_words.answer_number(
        talk.session, alert.number, settings=talk.settings, language=talk.language, now=talk.now
    )
    return begin(talk) or [Say(over), *_good_bye(talk)]


def answer(talk: CallTalk, alert_id: str) -> list[SpokenStep] | None:
    """What a key, or silence to the end, does while an alert is told. None goes on to the menu."""
    alert = _alert(talk, alert_id)
    if alert is None:
        return None
    key = talk.heard.digits[:1]
    meaning = keys.RING.get(key, "")
    if meaning in _ANSWERS:
        how, thanks = _ANSWERS[meaning]
        _settle(talk, alert, how)
        return _go_on(talk, alert, Say(talk.say(thanks)))
    if key == "":
        _note(talk, alert, _length(alert))
        return _go_on(talk, alert)
    _note_until(talk, _elapsed(talk))
    if meaning == "again":
        return _tell(talk, alert)
    if meaning == "person":
        _leave(talk, alert)
        return hotline.reach(talk)
    if key == keys.UP:
        _leave(talk, alert)
        return None
    return _go_on(talk, alert) if key == keys.END else _wrong(talk, alert)


def cut_short(talk: CallTalk, alert_id: str) -> bool:
    """Whether a caller cut the alert short with a key of the main menu; it still waits for them."""
    key = talk.heard.digits[:1]
    alert = _alert(talk, alert_id)
    if alert is None or talk.placed or key in keys.RING or key not in keys.MAIN:
        return False
    _note_until(talk, _elapsed(talk))
    _leave(talk, alert)
    return True


def note_machine(talk: CallTalk, delivery: Delivery) -> None:
    """An answering machine took the call: nobody heard the alert, and the redials go on. The report may come late."""
    found = reach.of_delivery(talk.session, delivery)
    for row in _lines(talk, found[0]) if found else ():
        if row.settled is Settled.HEARD and row.heard_at and row.heard_at >= talk.call.started_at:
            reach.unhear(talk.session, row, now=talk.now)
        if row.settled is Settled.OPEN:
            row.failed_why = MACHINE


def hung_up(talk: CallTalk) -> None:
    """Count what was heard of an alert by the end of the call, where the carrier says how long the call was."""
    if talk.heard.seconds is not None:
        _note_until(talk, float(talk.heard.seconds))


def _tell(talk: CallTalk, alert: Alert) -> list[SpokenStep]:
    talk.call.data = {**talk.call.data, "alert": {"id": alert.id, "from": _elapsed(talk)}}
    words = Say(alert_words.as_spoken(alert))
    return [
        Ask(step=f"alert:{alert.id}", prompt=(words, Say(say(LANGUAGE, keys.RING_HEARD))), count=1, seconds=8)
    ]


def _go_on(talk: CallTalk, alert: Alert, *first: Say) -> list[SpokenStep] | None:
    """After an answer: a call of ours ends, a caller hears what else waits, then the menu."""
    _leave(talk, alert)
    if talk.placed:
        return [*first, *_good_bye(talk)]
    return [*first, *(begin(talk) or [])] or None


def _leave(talk: CallTalk, alert: Alert) -> None:
    told = [*talk.call.data.get("alerts", []), alert.id]
    kept = {key: value for key, value in talk.call.data.items() if key != "alert"}
    talk.call.data = {**kept, "alerts": list(dict.fromkeys(told))}


def _wrong(talk: CallTalk, alert: Alert) -> list[SpokenStep]:
    """The alert once more, from its beginning; after three wrong keys, a person."""
    talk.call.wrong_keys += 1
    if talk.call.wrong_keys >= _WRONG_KEYS:
        talk.call.wrong_keys = 0
        _leave(talk, alert)
        return hotline.reach(talk)
    return _tell(talk, alert)


def _note_until(talk: CallTalk, second: float) -> None:
    """Count the alert that is being told up to this second of the call."""
    told = talk.call.data.get("alert")
    alert = _alert(talk, told["id"]) if told else None
    if told and alert is not None:
        _note(talk, alert, second - told["from"])


def _note(talk: CallTalk, alert: Alert, seconds: float) -> None:
    """Keep the most that was ever heard; nine tenths settle it. What a machine recorded was heard by nobody."""
    if talk.machine:
        return
    length = _length(alert)
    heard = round(min(max(0.0, seconds), length), 1)
    for row in _lines(talk, alert):
        row.heard_seconds = max(row.heard_seconds or 0.0, heard)
    if heard >= reach.HEARD_SHARE * length:
        _settle(talk, alert, Settled.HEARD)


def _settle(talk: CallTalk, alert: Alert, how: Settled) -> None:
    reach.settle(
        talk.session,
        alert,
        account_ids=_people(talk),
        phone_index=talk.call.caller_index,
        how=how,
        now=talk.now,
    )


def _lines(talk: CallTalk, alert: Alert) -> list[Reach]:
    phones = [talk.call.caller_index] if talk.call.caller_index else []
    return reach.lines(talk.session, alert, account_ids=_people(talk), phones=phones)


def _people(talk: CallTalk) -> list[str]:
    people = [member.id for member in talk.members]
    rung = talk.call.account_id
    return [*people, rung] if rung and rung not in people else people


def _alert(talk: CallTalk, alert_id: str) -> Alert | None:
    """The alert without its places, which no call needs."""
    return talk.session.get(Alert, alert_id, options=[lazyload(Alert.areas)])


def _length(alert: Alert) -> float:
    return alert.voice_seconds or seconds_of(alert_words.as_spoken(alert), LANGUAGE)


def _elapsed(talk: CallTalk) -> float:
    """Seconds since the call was answered."""
    return round(max(0.0, (talk.now - talk.call.started_at).total_seconds()), 1)


def _good_bye(talk: CallTalk) -> list[SpokenStep]:
    return [Say(talk.say("Good-bye.")), HangUp()]
