"""Entries that come up with a village pack: kept as they came, then acted on one by one, each once.

Entering is two steps, as everywhere: ``keep`` puts all lines on record, ``enter`` acts on one. An upload that breaks off is
sent again; what was done is not done twice.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from farmerline.clock import SHANGHAI
from farmerline.config import Module, Settings
from farmerline.domain import (
    access,
    audit,
    desk_people,
    pack_file,
    people,
    reach,
    services_log,
    sighting_forms,
)
from farmerline.domain.access import Actor
from farmerline.domain.once import insert_once
from farmerline.domain.pack_file import PackFile
from farmerline.domain.sighting_forms import Written
from farmerline.domain.talk import Understand
from farmerline.errors import Absent, Conflict, Invalid
from farmerline.ids import new_id
from farmerline.messages import Accepted, Channel, Incoming
from farmerline.models import Account, AccountState, PackEntry, PackState, Reach, Role
from farmerline.models.base import seal_values

_OLDEST = timedelta(days=14)
"""How far back an entry may say it was; further back it counts as of the day it came up."""
_KEPT = timedelta(days=60)
_SHOWN = 160


@dataclass(frozen=True, slots=True)
class _Doing:
    """An entry being acted on, what it says, and with what."""

    session: Session
    row: PackEntry
    said: Mapping[str, str]
    actor: Actor
    understand: Understand
    settings: Settings
    now: datetime


def keep(session: Session, file: PackFile, *, actor: Actor, now: datetime) -> list[str]:
    """Put a file's lines on record, each once; the ids of those that wait to be acted on.

    Raises ``Invalid`` where the village is none of the actor's: nothing of it is kept.
    """
    if not file.village.startswith(actor.areas(Role.CONTACT)):
        raise Invalid(
            "pack_elsewhere", "This pack is of another village: nothing of it was stored.", field="file"
        )
    fresh = 0
    for line in file.lines:
        row_id = new_id()
        made = insert_once(
            session, PackEntry, id=row_id, area_code=file.village, key=line.key, kind=line.kind, uploaded_by=actor.account_id,
            uploaded_at=now, state=PackState.WAITING if line.kind else PackState.MEND,
            said_sealed=None, settled_at=None, **seal_values(PackEntry, row_id, body=line.words),
        )  # fmt: skip
        fresh += made is not None
    audit.record(
        session, actor_id=actor.account_id, act="pack.upload", subject=f"area:{file.village}", channel=Channel.CONTACT,
        detail={"entries": len(file.lines), "new": fresh}, now=now,
    )  # fmt: skip
    waiting = select(PackEntry.id).where(
        PackEntry.area_code == file.village, PackEntry.state == PackState.WAITING
    )
    return list(session.scalars(waiting.order_by(PackEntry.uploaded_at, PackEntry.id)))


def own(session: Session, entry_id: str, actor: Actor) -> PackEntry:
    """An entry of the actor's villages; ``Absent`` for any other."""
    row = session.get(PackEntry, entry_id)
    if row is None:
        raise Absent
    access.authorise(actor, {Role.CONTACT}, row.area_code)
    return row


def words_of(row: PackEntry) -> str:
    """What is to be read before a transaction is opened: the slow part."""
    return pack_file.fields(row.body).get("text", "") if row.kind in ("post", "sighting") else ""


def enter(
    session: Session,
    row: PackEntry,
    *,
    actor: Actor,
    understand: Understand,
    settings: Settings,
    now: datetime,
) -> Incoming | None:
    """Act on an entry that waits. A post gives words to be accepted, which ``answered`` then closes; anything else is done,
    or is to be mended and says why."""
    if row.state is not PackState.WAITING:
        return None
    doing = _Doing(session, row, pack_file.fields(row.body), actor, understand, settings, now)
    try:
        with session.begin_nested():
            return _ENTER[row.kind](doing)
    except Absent:
        _close(row, PackState.MEND, "This is nobody of the village, or it stands on no list here.", now)
    except (Invalid, Conflict) as refusal:
        _close(row, PackState.MEND, refusal.sentence, now, **refusal.values)
    return None


def answered(session: Session, entry_id: str, accepted: Accepted, *, now: datetime) -> None:
    """A post was taken in: what its person was told."""
    row = session.get_one(PackEntry, entry_id)
    told = accepted.replies[0][:_SHOWN] if accepted.replies else ""
    sentence = "He now gets: {text}" if told else "He gets it read back in a moment."
    _close(row, PackState.DONE, sentence, now, **({"text": told} if told else {}))


def mend(session: Session, row: PackEntry, *, kind: str, said: Mapping[str, str], now: datetime) -> None:
    """Put right what an entry says; it waits to be acted on again. Raises ``Conflict`` where it is settled."""
    _demand_open(row)
    if kind not in pack_file.KINDS:
        raise Invalid("pack_kind", "Choose what this is.", field="kind")
    row.kind = kind
    row.body = pack_file.write(row.key, kind, {**pack_file.fields(row.body), **said})
    row.state, row.settled_at = PackState.WAITING, None


def drop(session: Session, row: PackEntry, *, actor: Actor, now: datetime) -> None:
    """Put an entry away that is of no use."""
    _demand_open(row)
    row.state, row.settled_at = PackState.DROPPED, now
    audit.record(
        session, actor_id=actor.account_id, act="pack.drop", subject=f"pack_entry:{row.id}", channel=Channel.CONTACT, now=now
    )  # fmt: skip


def told_of(row: PackEntry) -> tuple[str, dict[str, str]]:
    """What became of it: a sentence and its values; "" where there is nothing to say yet."""
    if not row.said:
        return "", {}
    sentence, values = json.loads(row.said)
    return sentence, values


def forget(session: Session, *, now: datetime) -> int:
    """Let go of the words of what was settled long ago; the line stays, so that it is never done again."""
    old = select(PackEntry).where(
        PackEntry.state.in_((PackState.DONE, PackState.DROPPED)), PackEntry.settled_at < now - _KEPT,
        PackEntry.said_sealed.is_not(None),
    )  # fmt: skip
    rows = session.scalars(old.limit(500)).all()
    for row in rows:
        row.body, row.said = "", None
    return len(rows)


def _demand_open(row: PackEntry) -> None:
    if row.state is not PackState.MEND:
        raise Conflict("pack_settled", "This was already done by someone else.")


def _post(do: _Doing) -> Incoming | None:
    return desk_people.speak_for(
        do.session, actor=do.actor, account_id=_person(do).id, text=do.said.get("text", ""),
        token=f"{do.row.area_code}:{do.row.key}", understand=do.understand, now=do.now,
    )  # fmt: skip


def _sighting(do: _Doing) -> None:
    _demand_alerts(do.settings)
    get = do.said.get
    written = Written(
        text=get("text", ""), crop=get("crop", ""), pest=get("pest", ""), part=get("part", ""), in_ten=get("in_ten", ""),
        days=get("days", ""),
    )  # fmt: skip
    entered = sighting_forms.enter_for(
        do.session, actor=do.actor, account_id=_person(do).id, token=do.row.key, written=written, understand=do.understand,
        settings=do.settings, now=do.now,
    )  # fmt: skip
    _close(do.row, PackState.DONE, "He now gets: {text}", do.now, text=entered.told[:_SHOWN])


def _visit(do: _Doing) -> None:
    _demand_alerts(do.settings)
    line = do.session.get(Reach, (do.said.get("alert", "")[:32], _person(do).id))
    if line is None or line.listed_at is None:
        raise Absent
    reach.tell_in_person(do.session, line, by=do.actor, now=_moment(do))
    _close(do.row, PackState.DONE, "Noted: told in person.", do.now)


def _service(do: _Doing) -> None:
    services_log.note(
        do.session, actor=do.actor, kind=do.said.get("what", ""), ref=do.row.key[:28], now=do.now, at=_moment(do),
        area_code=do.row.area_code,
    )  # fmt: skip
    _close(do.row, PackState.DONE, "Noted in the service log.", do.now)


_ENTER: dict[str, Callable[[_Doing], Incoming | None]] = {
    "post": _post,
    "sighting": _sighting,
    "visit": _visit,
    "service": _service,
}


def _demand_alerts(settings: Settings) -> None:
    if not settings.has(Module.ALERTS):
        raise Absent


def _person(do: _Doing) -> Account:
    """Whom the entry names: by the pack's own mark, else by name in the village."""
    session, said, village = do.session, do.said, do.row.area_code
    account = session.get(Account, said.get("person", "")[:32]) if said.get("person") else None
    if account is None and said.get("name"):
        found = people.find_in_area(session, village, said["name"][:40], by_number=True)
        fitting = [one for one in found if one.state is AccountState.VERIFIED]
        account = fitting[0] if len(fitting) == 1 else None
    if account is None:
        raise Invalid("nobody_chosen", "Choose who is speaking.", field="name")
    if account.area_code != village:
        raise Absent
    return account


def _moment(do: _Doing) -> datetime:
    """When it was done, as the entry says; now where that cannot be."""
    try:
        at = datetime.fromisoformat(do.said.get("at", ""))
    except ValueError:
        return do.now
    at = (at if at.tzinfo else at.replace(tzinfo=SHANGHAI)).astimezone(do.now.tzinfo)
    return at if do.now - _OLDEST <= at <= do.now else do.now


def _close(row: PackEntry, state: PackState, sentence: str, now: datetime, **values: object) -> None:
    row.said = json.dumps(
        [sentence, {name: str(value) for name, value in values.items()}], ensure_ascii=False
    )
    row.state, row.settled_at = state, now
