"""The officer's verdict on sightings, and how each reporter is told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from farmerline.config import Module, Settings
from farmerline.domain import access, accounts, audit, cases, clusters, outbox, sightings
from farmerline.domain.access import Actor
from farmerline.errors import Absent, Invalid
from farmerline.messages import Channel
from farmerline.models import (
    Account,
    AccountState,
    Case,
    CaseState,
    Delivery,
    Purpose,
    Role,
    Sighting,
    Verdict,
)
from farmerline.words import say

LONGEST = 20
"""Characters of the officer's own words: with them a verdict still fits one text message."""
LONGEST_PEST = 12

_SENTENCES = {
    Verdict.CONFIRMED: "Number {number}, your {what}: the plant-protection officer looked, it is {pest}.",
    Verdict.OTHER: "Number {number}, your {what}: the plant-protection officer looked, it is {pest}.",
    Verdict.NOTHING: "Number {number}, your {what}: the plant-protection officer looked, it does no harm.",
    Verdict.UNCLEAR: "Number {number}, your {what}: the plant-protection officer cannot tell yet; the field has to be looked at.",
}


def give_verdict(
    session: Session,
    found: Sequence[Sighting],
    *,
    actor: Actor,
    verdict: Verdict,
    pest: str = "",
    text: str = "",
    settings: Settings,
    now: datetime,
) -> int:
    """Decide about one or several reports at once; each reporter is told by the channel they reported by or prefer.

    ``pest`` is what it is: needed for another pest, and where a confirmed report names none. A changed verdict is told
    again as a correction; the same verdict twice changes and tells nothing. Returns how many people were told. Raises
    ``Absent`` unless the actor is an officer where every report was made, ``Invalid`` for a verdict that is not whole.
    """
    pest, text = " ".join(pest.split()), " ".join(text.split())
    rows = _locked(session, found)
    if not rows:
        raise Absent
    for row in rows:
        access.authorise(actor, {Role.OFFICER}, row.area_code)
    _check(rows, verdict, pest, text)
    officer = session.get_one(Account, actor.account_id)
    told: dict[str, tuple[Sighting, bool]] = {}
    for row in rows:
        named = _named(row, verdict, pest)
        if (row.verdict, row.verdict_pest, row.verdict_text or "") == (verdict, named, text):
            continue
        changed = row.verdict is not Verdict.OPEN
        row.verdict, row.verdict_pest, row.verdict_text = verdict, named, text
        row.verdict_by, row.verdict_at = officer.id, now
        _close_case(session, row, officer, now)
        clusters.settle(session, row, by=officer, now=now)
        audit.record(
            session, actor_id=officer.id, for_id=row.account_id or "", act="sighting.verdict",
            subject=f"sighting:{row.id}", detail={"verdict": verdict.value, "changed": changed}, now=now,
        )  # fmt: skip
        told.setdefault(row.account_id or row.phone or row.id, (row, changed))
    session.flush()
    sent = [_tell(session, row, changed, settings, now) for row, changed in told.values()]
    return sum(one is not None for one in sent)


def words(
    session: Session, sighting: Sighting, language: str, *, changed: bool = False, name: str = ""
) -> str:
    """What the reporter is told of the verdict, in one text message where that is possible in their language."""
    room, said = sightings.room_of(session, language), ""
    whole = sightings.name_trouble(sighting, language)
    for what in (whole, sighting.crop or say(language, "sighting"), say(language, "sighting")):
        said = say(
            language,
            _SENTENCES[sighting.verdict],
            number=sighting.number,
            what=f"{what}({name})" if name else what,
            pest=sighting.verdict_pest,
        )
        said = f"{say(language, 'Correction: ') if changed else ''}{said}{_apart(language, sighting.verdict_text)}"
        if len(said) <= room:
            break
    return said


def _apart(language: str, text: str | None) -> str:
    return "" if not text else text if language == "zh" else f" {text}"


def _locked(session: Session, found: Sequence[Sighting]) -> list[Sighting]:
    """The rows as they are now, the newest first, so that two officers decide one after the other."""
    ids = [row.id for row in found]
    held = select(Sighting).where(Sighting.id.in_(ids)).order_by(Sighting.id).with_for_update()
    rows = session.scalars(held.execution_options(populate_existing=True))
    return sorted(rows, key=lambda row: row.number, reverse=True)


def _check(rows: Sequence[Sighting], verdict: Verdict, pest: str, text: str) -> None:
    if verdict not in _SENTENCES:
        raise Invalid("verdict_missing", "Choose what you found.", field="verdict")
    needs = verdict is Verdict.OTHER or (verdict is Verdict.CONFIRMED and any(not row.pest for row in rows))
    if needs and not pest:
        raise Invalid("verdict_pest", "Write which pest or disease it is.", field="pest")
    if len(pest) > LONGEST_PEST:
        raise Invalid(
            "verdict_pest_long",
            "The name has {count} signs; {most} fit.",
            field="pest",
            count=len(pest),
            most=LONGEST_PEST,
        )
    if len(text) > LONGEST:
        raise Invalid(
            "verdict_long",
            "Your words have {count} signs; {most} fit the text message.",
            field="text",
            count=len(text),
            most=LONGEST,
        )


def _named(row: Sighting, verdict: Verdict, pest: str) -> str:
    if verdict is Verdict.CONFIRMED:
        return pest or row.pest
    return pest if verdict is Verdict.OTHER else ""


def _close_case(session: Session, row: Sighting, officer: Account, now: datetime) -> None:
    case = session.get(Case, row.case_id) if row.case_id else None
    if case is not None and case.state is CaseState.OPEN:
        cases.close_case(
            session, case, by=officer, outcome=say(officer.language, "The officer gave a verdict."), now=now
        )


def _tell(
    session: Session, row: Sighting, changed: bool, settings: Settings, now: datetime
) -> Delivery | None:
    """Who rang is rung, where the county has a voice line; everybody else is told as they prefer."""
    account = session.get(Account, row.account_id) if row.account_id else None
    has_voice = settings.has(Module.VOICE) and outbox.gateway_of(session, Channel.VOICE) is not None
    rings = row.channel is Channel.VOICE and has_voice
    if account is not None and account.state is AccountState.LEFT:
        return None
    if account is None:
        if not row.phone:
            return None
        return outbox.queue(
            session,
            channel=Channel.VOICE if rings else Channel.SMS,
            address=row.phone,
            text=words(session, row, "zh", changed=changed),
            purpose=Purpose.SERVICE,
            now=now,
        )
    several = bool(account.phone) and len(accounts.by_phone(session, account.phone)) > 1
    text = words(session, row, account.language, changed=changed, name=account.name if several else "")
    if rings and account.phone and account.preferred is not Channel.MAILBOX:
        return outbox.queue(
            session,
            channel=Channel.VOICE,
            address=account.phone,
            text=text,
            purpose=Purpose.SERVICE,
            now=now,
            account=account,
        )
    return outbox.tell(session, account=account, text=text, purpose=Purpose.SERVICE, now=now)
