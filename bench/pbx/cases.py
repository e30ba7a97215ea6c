"""The calls that are made: each says whether what had to happen did, by the county's own rows and by what the telephone heard."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from sqlalchemy import select

from bench.pbx.county import DIALLED
from bench.pbx.phone import Phone
from bench.pbx.world import World
from farmerline.clock import SystemClock
from farmerline.models import (
    Account,
    Alert,
    Call,
    Case,
    Delivery,
    ExpertRing,
    Reach,
    Recording,
    RingEnd,
    Settled,
)
from farmerline.vault import phone_index

FIRST_SOUND_SECONDS = 1.0
_LISTEN = 2.0


class NotHeld(AssertionError):
    """Something did not happen as it had to; says what."""


def must(holds: object, what: str) -> None:
    if not holds:
        raise NotHeld(what)


def e164(phone: Phone) -> str:
    return f"+86{phone.number}"


def ring(phone: Phone) -> float:
    """Ring the line; the seconds until it answers."""
    began = phone.dial(DIALLED)
    up = phone.wait("CALL_ESTABLISHED", since=began)
    must(up, "the line does not answer")
    return (up or began) - began


def call_of(world: World, phone: Phone) -> Call | None:
    """The phone's newest call that is over."""
    index = phone_index(e164(phone))
    query = (
        select(Call)
        .where(Call.caller_index == index, Call.ended_at.is_not(None))
        .order_by(Call.started_at.desc())
    )
    return world.county.until(lambda session: session.scalars(query.limit(1)).first())


def case_of(world: World, phone: Phone) -> tuple[Case, Recording] | None:
    """The newest case of the phone that has a recording."""
    query = (
        select(Case, Recording)
        .join(Recording, Recording.id == Case.recording_id)
        .where(Case.phone_index == phone_index(e164(phone)))
        .order_by(Recording.at.desc())
    )

    def look(session):  # type: ignore[no-untyped-def]
        row = session.execute(query.limit(1)).first()
        return (row[0], row[1]) if row else None

    return world.county.until(look)


def said(call: Call | None) -> str:
    """The last words of a call."""
    return "".join(words for _, words in call.said) if call else ""


def listen(world: World, phone: Phone) -> str:
    """Two keys to a box; the first sound in time. Words that were never said before take a moment to make: one call goes first."""
    new = heard_box(world, phone)
    time.sleep(1.0)
    known = heard_box(world, phone)
    must(known <= FIRST_SOUND_SECONDS, f"the first sound came after {known:.2f} s")
    return f"first sound {known:.2f} s after dialling; {new:.2f} s where the words were new"


def heard_box(world: World, phone: Phone) -> float:
    """Ring, press 5 and 1, hear the box of alerts; the seconds from dialling to the first sound."""
    return read_box(world, phone, ring(phone))


def read_box(world: World, phone: Phone, up: float) -> float:
    for key in "51":
        time.sleep(_LISTEN)
        phone.press(key)
    time.sleep(_LISTEN)
    phone.hang_up()
    words = said(call_of(world, phone))
    must("情报" in words, f"the box of alerts was not read: {words[:40]}")
    first = phone.first_sound()
    must(first is not None, "nothing was heard")
    return up + (first or 0)


def speak(world: World, phone: Phone, seconds: float) -> None:
    """Choose a pest report and, once it is recorded, speak for so long."""
    ring(phone)
    time.sleep(1.5)
    phone.press("3")
    until_recorded(world, 30.0)
    time.sleep(seconds)


def until_recorded(world: World, seconds: float) -> None:
    """Until somebody is being recorded."""
    folder, end = world.county.settings.home / "pbx" / "recordings", time.monotonic() + seconds
    while not list(folder.iterdir()) and time.monotonic() < end:
        time.sleep(0.05)


def sighting(world: World, phone: Phone) -> str:
    """A sighting by recording: spoken, ended with #, heard back, sent with 1."""
    speak(world, phone, 6.0)
    phone.press("#")
    time.sleep(4.0)
    phone.press("1")
    time.sleep(2.0)
    phone.hang_up()
    kept = case_of(world, phone)
    must(kept, "no case was kept")
    case, recording = kept or (Case(), Recording())
    must(case.kind == "sighting", f"the case is a {case.kind}")
    must(recording.seconds >= 4 and len(recording.sound) > 3 * 16000, f"only {recording.seconds} s were kept")
    call = call_of(world, phone)
    must(call and call.ended_at, "the end of the call was not told")
    return f"{recording.seconds} s kept"


def gone_while_recording(world: World, phone: Phone) -> str:
    """A caller who hangs up while recording keeps the recording."""
    speak(world, phone, 4.0)
    phone.hang_up()
    kept = case_of(world, phone)
    must(kept and kept[1].seconds >= 3, "what was said before hanging up was not kept")
    return f"{kept[1].seconds if kept else 0} s kept"


def wrong_keys(world: World, phone: Phone) -> str:
    """Three keys that lead nowhere lead to a person or the box."""
    ring(phone)
    for _ in range(3):
        time.sleep(1.5)
        phone.press("8")
    time.sleep(7.0)
    phone.press("#")
    time.sleep(2.0)
    phone.hang_up()
    kept = case_of(world, phone)
    must(kept and kept[1].use == "message", "three wrong keys did not lead to the box")
    return "the box took a message"


def delivery_of(world: World, alert: Alert, person: Account) -> Delivery | None:
    """The first call to a person for an alert, once it is over."""

    def look(session):  # type: ignore[no-untyped-def]
        campaign = session.get_one(Alert, alert.id).campaign_id
        query = select(Delivery).where(
            Delivery.campaign_id == campaign, Delivery.account_id == person.id, Delivery.channel == "voice"
        )
        rows = session.scalars(query.order_by(Delivery.created_at)).all()
        return next((row for row in rows if row.state in ("delivered", "failed", "dead") or row.reason), None)

    return world.county.until(look, 60.0)


def reach_of(world: World, alert: Alert, person: Account) -> Reach | None:
    def look(session):  # type: ignore[no-untyped-def]
        row = session.get(Reach, (alert.id, person.id))
        return row if row is not None and row.settled is not Settled.OPEN else None

    return world.county.until(look, 30.0)


def confirmed(world: World, phone: Phone, alert: Alert, person: Account, since: float) -> str:
    """The alert rings, the phone picks up, key 1 says that it was understood."""
    up = phone.wait("CALL_ESTABLISHED", 40.0, since)
    must(up, "the phone did not ring")
    time.sleep(4.0)
    phone.press("1")
    closed = phone.wait("CALL_CLOSED", 20.0, since)
    row = reach_of(world, alert, person)
    must(row and row.settled is Settled.KEY, f"the alert is {row.settled if row else 'open'}")
    must(closed, "the call was not ended")
    sent = delivery_of(world, alert, person)
    must(sent and sent.state == "delivered", f"the call is {sent.state if sent else 'not there'}")
    must(not machine(world, phone), "a person was taken for a machine")
    first = phone.first_sound()
    return f"rang, answered, confirmed; first sound {first or 0:.2f} s after picking up"


def machine(world: World, phone: Phone) -> bool:
    """Whether the newest call to the phone was marked as taken by a machine."""

    def look(session):  # type: ignore[no-untyped-def]
        query = (
            select(Call).where(Call.caller_index == phone_index(e164(phone))).order_by(Call.started_at.desc())
        )
        row = session.scalars(query.limit(1)).first()
        return bool(row and row.data.get("machine"))

    return world.county.until(look, 1.0)


def taken_by_machine(world: World, phone: Phone, since: float) -> str:
    """Whatever answered talks on and on: it is told as a machine."""
    must(phone.wait("CALL_ESTABLISHED", 40.0, since), "the phone did not ring")
    time.sleep(7.0)
    phone.hang_up()
    must(machine(world, phone), "it was taken for a person")
    return "told as a machine"


def not_reached(world: World, alert: Alert, person: Account, reason: str) -> str:
    """A call that nobody took ends with the network's reason."""
    sent = delivery_of(world, alert, person)
    must(sent, "the call has no end")
    must(
        sent and sent.reason == reason,
        f"it ended as {sent.state if sent else ''} {sent.reason if sent else ''}",
    )
    return reason


def put_through(world: World, caller: Phone, expert: Phone) -> str:
    """Key 0 brings the expert on duty, who is told who asks and takes the call with 1; the two hear each other."""
    since, began = time.monotonic(), SystemClock().now()
    ring(caller)
    time.sleep(1.5)
    caller.press("0")
    must(expert.wait("CALL_ESTABLISHED", 30.0, since), "the expert's phone did not ring")
    time.sleep(4.0)
    expert.press("1")
    time.sleep(6.0)
    expert.hang_up()
    time.sleep(3.0)
    caller.hang_up()
    ended = ring_of(world, caller, began)
    must(
        ended and ended.outcome == RingEnd.TALKED,
        f"the expert's ring is {ended.outcome if ended else 'not there'}",
    )
    heard = expert.heard()[-3 * 8000 :]
    must(any(abs(sample) > 500 for sample in heard), "the expert did not hear the caller")
    return f"talked for {ended.seconds if ended else 0} s"


def nobody_on_duty_answers(world: World, caller: Phone) -> str:
    """No expert picks up: the box takes the question, which is a case with a number."""
    began = SystemClock().now()
    ring(caller)
    time.sleep(1.5)
    caller.press("0")
    must(ring_of(world, caller, began, 40.0), "no expert was rung")
    time.sleep(6.0)
    caller.press("1")
    until_recorded(world, 20.0)
    time.sleep(4.0)
    caller.press("#")
    time.sleep(4.0)
    caller.hang_up()
    kept = case_of(world, caller)
    must(kept and kept[1].seconds >= 2, "no question was kept")
    return f"case {kept[0].number if kept else 0} with {kept[1].seconds if kept else 0} s"


def ring_of(world: World, caller: Phone, since: datetime, seconds: float = 10.0) -> ExpertRing | None:
    """A ring of an expert for the caller that began after then and is over."""
    query = (
        select(ExpertRing)
        .join(Call, Call.id == ExpertRing.call_id)
        .where(Call.caller_index == phone_index(e164(caller)), ExpertRing.ended_at.is_not(None))
        .where(ExpertRing.rung_at >= since)
        .order_by(ExpertRing.rung_at.desc())
    )
    return world.county.until(lambda session: session.scalars(query.limit(1)).first(), seconds)


def many(world: World, phones: list[Phone]) -> str:
    """So many callers at once, each with sound and keys."""
    with ThreadPoolExecutor(len(phones)) as pool:
        began = time.monotonic()
        ups = list(pool.map(ring, phones))
        firsts = list(pool.map(lambda pair: _tried(world, *pair), zip(phones, ups, strict=True)))
    good = [one for one in firsts if one is not None]
    must(len(good) == len(phones), f"{len(good)} of {len(phones)} heard what they asked for")
    return f"{len(phones)} callers in {time.monotonic() - began:.0f} s, first sound at most {max(good):.2f} s after dialling"


def _tried(world: World, phone: Phone, up: float) -> float | None:
    try:
        return read_box(world, phone, up)
    except NotHeld:
        return None
