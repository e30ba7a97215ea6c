"""The listening desk: what callers said is heard, written down in their words, and taken in."""

from __future__ import annotations

import re
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from farmerline.domain import access, areas, audit, cases, hearing, intake
from farmerline.domain.access import Actor
from farmerline.domain.desk import LONGEST, case_of, drop_draft
from farmerline.domain.talk import Understand
from farmerline.errors import Absent, Conflict, Invalid
from farmerline.messages import Channel, Incoming
from farmerline.models import (
    Account,
    AccountState,
    AreaLevel,
    Case,
    CaseKind,
    Inbound,
    Recording,
    Role,
)
from farmerline.words import say
from matching import Reading

GATEWAY = "desk"
_SIDED = re.compile("[卖买收求要需售购供出让]|处理|sell|buy", re.IGNORECASE)
"""Words that tell by themselves who sells and who buys."""
_WRITTEN = (CaseKind.VOICE_POST, CaseKind.UNCLEAR, CaseKind.CALL_BACK, CaseKind.MESSAGE)
"""Kinds of cases from which a post may be written down."""


def check_words(text: str) -> str:
    """What was written down, fit to be taken in; raises ``Invalid`` when it is empty or too long."""
    words = text.replace("\0", "").strip()
    if not words:
        raise Invalid("empty_words", "Nothing is written yet. Write down what he said.", field="text")
    if len(words) > LONGEST:
        raise Invalid(
            "long_words",
            "That is {count} characters; {most} fit.",
            field="text",
            count=len(words),
            most=LONGEST,
        )
    return words


def offer_words(text: str, direction: str, understand: Understand) -> str:
    """A spoken post as it is taken in: with 卖 or 买 in front where the words leave it open and the key pressed tells.

    Pure but for ``understand``. Raises ``Invalid`` when no product can be read from it.
    """
    words = check_words(text)
    side = {"supply": "卖", "demand": "买"}.get(direction, "")
    said = words if _SIDED.search(words) else f"{side}{words}"
    understood = understand(said, frozenset())
    if understood.intent in ("sell", "buy") and understood.reading is not None and understood.reading.items:
        return said
    raise Invalid(
        "no_offer",
        "No product can be read from this. Write it like: 卖 葡萄 2000斤 1.8元/斤 杨高村.",
        field="text",
    )


def write_down(
    session: Session,
    *,
    actor: Actor,
    number: int,
    account_id: str,
    text: str,
    token: str,
    understand: Understand,
    now: datetime,
) -> Incoming:
    """Put a spoken post on record in the farmer's words and close its case, as one step; then ``accept`` what is returned.

    The same form sent twice gives the same message. Raises ``Invalid`` for words or a person that will not do,
    ``Conflict`` when somebody else was first.
    """
    case = case_of(session, actor, number)
    by = session.get_one(Account, actor.account_id)
    person = session.get(Account, account_id) if account_id else None
    if person is None:
        raise Invalid("nobody_chosen", "Choose who is speaking.", field="account_id")
    if person.id != case.account_id:  # whose matter it is may live in another county
        access.authorise(actor, {Role.CONTACT}, person.area_code)
    if person.state is not AccountState.VERIFIED:
        raise Invalid(
            "person_unverified",
            "See this person's ID first; then it can be written down.",
            field="account_id",
        )
    if case.kind not in _WRITTEN:
        raise Conflict("case_kind", "This matter is not a post to write down.")
    incoming = Incoming(
        channel=Channel.VOICE if case.recording_id else Channel.CONTACT,
        gateway=GATEWAY,
        ref=f"case:{case.number}:{token}"[:80],
        sender=person.phone or case.phone or "",
        text=offer_words(text, case.direction, understand),
        received_at=now,
        account_id=person.id,
        operator_id=by.id,
        raw=text,
    )
    inbound_id, repeated = intake.store(session, incoming)
    if repeated:
        return incoming
    session.get_one(Inbound, inbound_id).recording_id = case.recording_id
    cases.close_case(
        session, case, by=by, outcome=say(by.language, "Written down for {name}.", name=person.name), now=now
    )
    drop_draft(session, case, by, now, note="written_anew")
    audit.record(
        session, actor_id=by.id, for_id=person.id, act="words.write_down", subject=f"inbound:{inbound_id}",
        channel=incoming.channel, detail={"case": case.id}, now=now,
    )  # fmt: skip
    return incoming


def preview(session: Session, *, person: Account, text: str, direction: str, understand: Understand) -> str:
    """What a farmer will be asked about these words, in his own language; raises ``Invalid`` as ``write_down``."""
    reading: Reading | None = understand(offer_words(text, direction, understand), frozenset()).reading
    if reading is None:
        raise Absent
    code = reading.place.code if reading.place is not None else ""
    if not code or areas.get(session, code) is None:
        code = person.area_code
    things = [
        " ".join(part for part in (item.name, item.qty_said, item.price_said) if part)
        for item in reading.items[:3]
    ]
    verb = say(person.language, "sell" if reading.direction == "supply" else "buy")
    what = (
        f"{verb} {'、'.join(things)} {areas.path_name(session, code, start=AreaLevel.VILLAGE)}({person.name})"
    )
    return say(
        person.language,
        "Noted: {what}. Reply 1 to publish and show your number to who fits, 3 to list without the number, 2 to change",
        what=what,
    )


def hear(session: Session, *, actor: Actor, recording_id: str, now: datetime) -> None:
    """Let the actor hear a recording of a case in their villages, and put that on record (once in ten minutes)."""
    case = session.scalar(select(Case).where(Case.recording_id == recording_id).limit(1))
    recording = session.get(Recording, recording_id)
    if case is None or recording is None:
        raise Absent
    access.authorise(actor, {Role.CONTACT}, case.area_code)
    hearing.note(session, actor=actor, recording=recording, for_id=case.account_id or "", now=now)
