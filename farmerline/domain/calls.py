"""The voice line: each turn of a call leads to a spoken script. The place in the menu is a row.

The keys follow the one table of the service, ``farmerline.domain.keys``. On answer the alert that waits for the caller
is told at once, else the season's sentence; then the menu. Any key cuts it short.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from farmerline import vault
from farmerline.config import Module, Settings
from farmerline.domain import (
    alert_calls,
    callbacks,
    hotline,
    keys,
    missed_calls,
    outbox,
    spoken_advice,
    spoken_boxes,
    spoken_identity,
    spoken_letters,
    spoken_posts,
    spoken_resume,
    spoken_waiting,
)
from farmerline.domain.call_talk import CallTalk
from farmerline.domain.spoken import spoken
from farmerline.domain.talk import Understand
from farmerline.messages import (
    Ask,
    HangUp,
    PlayRecording,
    Record,
    Say,
    SpokenScript,
    SpokenStep,
    Transfer,
    Turn,
)
from farmerline.models import Call, Delivery

_WRONG_KEYS = 3
_BY_REF = (
    select(Call).where(Call.gateway == bindparam("gateway"), Call.ref == bindparam("ref")).with_for_update()
)
"""Made once: each turn asks it."""


def turn(
    session: Session, heard: Turn, *, understand: Understand, settings: Settings, now: datetime
) -> SpokenScript:
    """What the caller hears next. Writes what was done; the same turn twice does it once."""
    if missed_calls.rung(heard, settings):
        return missed_calls.take(session, heard, settings=settings)
    if hotline.is_screen(heard.step):
        return hotline.screen(session, heard, now=now)
    call = _call(session, heard, now)
    if heard.ended:
        call.ended_at = call.ended_at or now
    talk = CallTalk(
        session=session,
        settings=settings,
        understand=understand,
        call=call,
        heard=heard,
        now=now,
    )
    if heard.machine:
        return _note_machine(talk)
    if talk.machine and heard.digits:  # a person after all
        call.data = {**call.data, "machine": False}
    if heard.ended:
        alert_calls.hung_up(talk)
        hotline.hung_up(talk)
        if not _left_something(talk):
            return SpokenScript(steps=(), language=talk.language)
    steps = _again(talk) or _next(talk)
    if not any(isinstance(step, Ask | Record | Transfer | HangUp) for step in steps):
        steps = [*steps, *(spoken_resume.offer(talk) or menu(talk))]
    if not heard.ended:
        spoken_resume.remember(talk, steps)
    _remember(talk, steps)
    language = alert_calls.LANGUAGE if _tells_alert(steps) else talk.language
    return SpokenScript(tuple(_aloud(step, language) for step in steps), language, talk.area_code)


def menu(talk: CallTalk, *first: SpokenStep) -> list[SpokenStep]:
    """The main menu, after what is said first; any key cuts it short."""
    prompt = tuple(Say(talk.say(keys.MAIN_HEARD[key])) for key in keys.MAIN if _offered(talk, key))
    return [
        Ask(
            step="menu",
            prompt=(*[step for step in first if isinstance(step, Say)], *prompt),
            count=1,
            seconds=6,
        )
    ]


def _next(talk: CallTalk) -> list[SpokenStep]:
    step, _, rest = talk.heard.step.partition(":")
    if talk.machine and step:
        return [HangUp()]
    if step == "alert":
        if alert_calls.cut_short(talk, rest):
            return _choose(talk, "")
        return alert_calls.answer(talk, rest) or spoken_resume.offer(talk) or menu(talk)
    if talk.placed and step in ("", "reply", "changed"):
        return _ring_out(talk, step)
    if step == "":
        return _greet(talk)
    if talk.heard.digits == keys.UP:
        return menu(talk)
    if talk.heard.digits == keys.PERSON and step not in ("pin", "dialled", "closed"):
        return hotline.reach(talk)
    return _STEPS.get(step, _choose)(talk, rest)


def _greet(talk: CallTalk) -> list[SpokenStep]:
    """What matters comes first: the alert that waits for the caller, else the season's sentence; then who speaks."""
    waiting = alert_calls.begin(talk) if talk.settings.has(Module.ALERTS) else None
    first = (spoken_boxes.season(talk), Say(talk.settings.service_name))
    return waiting or spoken_resume.offer(talk, first[0]) or menu(talk, *first)


def _after_offer(talk: CallTalk) -> list[SpokenStep]:
    """The menu for who does not go on; who knows its keys need not wait for it."""
    return menu(talk) if talk.heard.digits[:1] in keys.TEXT else _choose(talk, "")


def _named(talk: CallTalk, then: str) -> list[SpokenStep]:
    """Somebody of the household said who they are: on with what that was asked for."""
    step, _, rest = then.partition(":")
    if step == "keep":
        return spoken_posts.claim(talk, rest)
    if spoken_identity.take(talk) is None:
        return menu(talk)
    return spoken_waiting.begin(talk) or menu(talk, Say(talk.say("Nothing waits for you.")))


def _ring_out(talk: CallTalk, step: str) -> list[SpokenStep]:
    delivery = talk.session.get_one(Delivery, talk.heard.delivery_id)
    told = alert_calls.ring_out(talk, delivery) if step == "" else None
    return told or callbacks.ring_out(talk, step)


def _note_machine(talk: CallTalk) -> SpokenScript:
    talk.call.data = {**talk.call.data, "machine": True}
    delivery = talk.session.get(Delivery, talk.heard.delivery_id) if talk.heard.delivery_id else None
    if delivery is not None:
        alert_calls.note_machine(talk, delivery)
    return SpokenScript(steps=(), language=talk.language)


def _left_something(talk: CallTalk) -> bool:
    """Whether who hung up was speaking: what was recorded is kept, and a silent message box calls back."""
    step, use = [*talk.heard.step.split(":"), ""][:2]
    return step == "said" and (talk.heard.recording_seconds > 0 or use == "message")


def _choose(talk: CallTalk, _rest: str) -> list[SpokenStep]:
    key = talk.heard.digits[:1]
    if not key or key == keys.END:
        return menu(talk)
    if not _offered(talk, key, spoken=False):
        return _wrong(talk, menu)
    talk.call.wrong_keys = 0
    return _CHOICES[keys.MAIN[key][0]](talk)


def _after_closed(talk: CallTalk, rest: str) -> list[SpokenStep]:
    """No expert takes the call: 5 hears the newest advice, anything else leaves words."""
    if talk.heard.digits[:1] == hotline.ADVICE:
        return spoken_boxes.read(talk, keys.BOX_KEYS["techniques"])
    return hotline.leave_words(talk, rest)


def _choose_box(talk: CallTalk, _rest: str) -> list[SpokenStep]:
    key = talk.heard.digits[:1]
    if not key or key == keys.END:
        return menu(talk)
    if not spoken_boxes.offered(talk, key):
        return _wrong(talk, spoken_boxes.ask)
    talk.call.wrong_keys = 0
    return spoken_boxes.read(talk, key)


def _wrong(talk: CallTalk, again: Callable[..., list[SpokenStep]]) -> list[SpokenStep]:
    talk.call.wrong_keys += 1
    if talk.call.wrong_keys >= _WRONG_KEYS:
        talk.call.wrong_keys = 0
        return hotline.reach(talk)
    return again(talk, Say(talk.say("This key has no use here.")))


def _offered(talk: CallTalk, key: str, *, spoken: bool = True) -> bool:
    if key not in keys.MAIN:
        return False
    module = keys.MAIN[key][1]
    if module is not None and not talk.settings.has(module):
        return False
    return not (spoken and key == "6") or spoken_waiting.exist(talk)


def _again(talk: CallTalk) -> list[SpokenStep] | None:
    """9 says the last thing once more, a recording too."""
    last = talk.call.said
    if talk.heard.digits != keys.AGAIN or talk.heard.step.startswith(("pin", "alert:")) or not last:
        return None
    prompt = tuple(
        PlayRecording(what) if kind == "play" else Say(what, kind == "slow") for kind, what in last
    )
    speech = talk.heard.step.startswith("said:")
    return [Ask(step=talk.heard.step, prompt=prompt, count=1, seconds=6, speech=speech)]


def _remember(talk: CallTalk, steps: list[SpokenStep]) -> None:
    """Keep what was said: for 9, and on record as a delivery."""
    told: list[Say | PlayRecording] = []
    for step in steps:
        if isinstance(step, Ask):
            told.extend(step.prompt)
        elif isinstance(step, Say | PlayRecording):
            told.append(step)
    if any(isinstance(step, Ask) for step in steps):
        talk.call.said = [_kept(each) for each in told]
    said = [each.text for each in told if isinstance(each, Say)]
    if said and not talk.heard.ended:
        outbox.record_spoken(
            talk.session, call=talk.call, account=talk.account, text="\n".join(said), now=talk.now
        )


def _tells_alert(steps: list[SpokenStep]) -> bool:
    return any(isinstance(step, Ask) and step.step.startswith("alert:") for step in steps)


def _aloud(step: SpokenStep, language: str) -> SpokenStep:
    """The step with its written words as they are said; the record keeps them as they are written."""
    if isinstance(step, Say):
        return replace(step, text=spoken(step.text, language))
    if isinstance(step, Ask):
        said = (_aloud(each, language) for each in step.prompt)
        return replace(step, prompt=tuple(each for each in said if isinstance(each, Say | PlayRecording)))
    return step


def _kept(step: Say | PlayRecording) -> list[str]:
    if isinstance(step, PlayRecording):
        return ["play", step.recording_id]
    return ["slow" if step.slow else "say", step.text]


def _call(session: Session, heard: Turn, now: datetime) -> Call:
    call = session.scalar(_BY_REF, {"gateway": heard.gateway, "ref": heard.call_ref})
    if call is None:
        delivery = session.get(Delivery, heard.delivery_id) if heard.delivery_id else None
        phone = delivery.address if delivery else heard.caller
        rings_back = delivery is not None and missed_calls.is_ring_back(session, delivery)
        call = Call(
            gateway=heard.gateway,
            ref=heard.call_ref,
            outbound=delivery is not None,
            caller=phone,
            caller_index=vault.phone_index(phone) if phone else None,
            account_id=delivery.account_id if delivery else None,
            data={"rings_back": True} if rings_back else {},
            started_at=now,
        )
        session.add(call)
        if delivery is not None:
            delivery.call_id = call.id
        session.flush()
    return call


_CHOICES: dict[str, Callable[[CallTalk], list[SpokenStep]]] = {
    "sell": lambda talk: spoken_posts.ask(talk, "sell"),
    "buy": lambda talk: spoken_posts.ask(talk, "buy"),
    "pest": lambda talk: spoken_posts.ask(talk, "pest"),
    "ask": lambda talk: hotline.reach(talk, "ask"),
    "listen": spoken_boxes.ask,
    "waiting": lambda talk: spoken_waiting.begin(talk) or menu(talk, Say(talk.say("Nothing waits for you."))),
    "person": hotline.reach,
}
_STEPS: dict[str, Callable[[CallTalk, str], list[SpokenStep]]] = {
    "menu": _choose,
    "listen": _choose_box,
    "box": lambda talk, box: spoken_boxes.answer(talk, box) or _choose(talk, ""),
    "said": lambda talk, use: spoken_posts.keep(talk, use) or menu(talk),
    "keep": lambda talk, rest: spoken_posts.decide(talk, rest) or menu(talk),
    "question": lambda talk, rest: spoken_waiting.answer_question(talk, rest) or menu(talk),
    "letter": lambda talk, rest: spoken_letters.after(talk, rest) or menu(talk),
    "answer": lambda talk, rest: spoken_letters.take_answer(talk, rest) or menu(talk),
    "send": lambda talk, rest: spoken_letters.send(talk, rest) or menu(talk),
    "pin": lambda talk, _rest: spoken_letters.check_pin(talk) or menu(talk),
    "who": lambda talk, rest: _named(talk, rest),
    "resume": lambda talk, _rest: spoken_resume.go_on(talk) or _after_offer(talk),
    "dialled": lambda talk, ring: hotline.after(talk, ring),
    "closed": lambda talk, rest: _after_closed(talk, rest),
    "hour": lambda talk, case_id: spoken_posts.take_hour(talk, case_id),
    "advise": lambda talk, question_id: spoken_advice.keep(talk, question_id),
    "advised": lambda talk, rest: spoken_advice.settle(talk, rest),
    "done": lambda talk, _rest: [Say(talk.say("Good-bye.")), HangUp()],
}
