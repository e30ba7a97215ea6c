"""Entries that come up with a village pack: kept as they came, then acted on one by one, each once.

Entering is two steps, as everywhere: ``keep`` puts all lines on record, ``enter`` acts on one, in the name of who brought it.
An upload that breaks off is sent again; what was done is not done twice. The words go again in ``pack_forgetting``.
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
    areas,
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
from farmerline.errors import Absent, Conflict, Invalid, Refusal
from farmerline.ids import new_id
from farmerline.messages import Accepted, Channel, Incoming
from farmerline.models import Account, AccountState, PackEntry, PackState, Reach, Role
from farmerline.models.base import seal_values

_OLDEST = timedelta(days=14)
"""How far back an entry may say it was; further back it counts as of the day it came up."""
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
    """Put a file's lines on record, each once; the ids of those that the actor brought and that wait to be acted on.

    Raises ``Invalid`` where the village is none of the actor's, or none at all: nothing of it is kept.
    """
    if not file.village.startswith(actor.areas(Role.CONTACT)) or areas.get(session, file.village) is None:
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
        PackEntry.area_code == file.village,
        PackEntry.state == PackState.WAITING,
        PackEntry.uploaded_by == actor.account_id,
    )
    return list(session.scalars(waiting.order_by(PackEntry.uploaded_at, PackEntry.id)))


def own(session: Session, entry_id: str, actor: Actor, *, lock: bool = False) -> PackEntry:
    """An entry of the actor's villages; ``Absent`` for any other. Who is to change it holds it with ``lock``."""
    row = _held(session, entry_id) if lock else session.get(PackEntry, entry_id)
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
    """Act on an entry that the actor brought and that waits; it is held with a lock. A post gives words to be accepted, which
    ``answered`` then closes; anything else is done, or is to be mended and says why."""
    if row.state is not PackState.WAITING or row.uploaded_by != actor.account_id:
        return None
    doing = _Doing(session, row, pack_file.fields(row.body), actor, understand, settings, now)
    try:
        with session.begin_nested():
            return _ENTER[row.kind](doing)
    except Absent:
        _close(row, PackState.MEND, "This is nobody of the village, or it stands on no list here.", now)
    except Refusal as refusal:
        _close(row, PackState.MEND, refusal.sentence, now, **refusal.values)
    return None


def answered(session: Session, entry_id: str, accepted: Accepted, *, now: datetime) -> None:
    """A post was taken in: what its person was told."""
    row = _held(session, entry_id)
    if row is None or row.state is not PackState.WAITING:
        return
    told = accepted.replies[0][:_SHOWN] if accepted.replies else ""
    sentence = "He now gets: {text}" if told else "He gets it read back in a moment."
    _close(row, PackState.DONE, sentence, now, **({"text": told} if told else {}))


def broke(session: Session, entry_id: str, *, now: datetime) -> None:
    """Acting on an entry failed for a reason that is none of its own: a person looks at it."""
    row = _held(session, entry_id)
    if row is not None and row.state is PackState.WAITING:
        _close(row, PackState.MEND, "Something of ours broke here. Enter it once more, or put it away.", now)


def mend(
    session: Session, row: PackEntry, *, actor: Actor, kind: str, said: Mapping[str, str], now: datetime
) -> None:
    """Put right what an entry says; it waits to be acted on again, now as the actor's. Raises ``Conflict`` where it is
    settled."""
    _demand_open(row)
    if kind not in pack_file.KINDS:
        raise Invalid("pack_kind", "Choose what this is.", field="kind")
    row.kind = kind
    row.body = pack_file.write(row.key, kind, {**pack_file.fields(row.body), **said})
    row.state, row.settled_at, row.uploaded_by = PackState.WAITING, None, actor.account_id
    _note(session, row, "pack.mend", actor, now)


def drop(session: Session, row: PackEntry, *, actor: Actor, now: datetime) -> None:
    """Put an entry away that is of no use."""
    _demand_open(row)
    sentence, values = told_of(row)
    _close(row, PackState.DROPPED, sentence, now, **values)
    _note(session, row, "pack.drop", actor, now)


def told_of(row: PackEntry) -> tuple[str, dict[str, str]]:
    """What became of it: a sentence and its values; "" where there is nothing to say yet."""
    if not row.said:
        return "", {}
    sentence, values = json.loads(row.said)
    return sentence, values


def _held(session: Session, entry_id: str) -> PackEntry | None:
    """An entry as it stands now, which nobody else changes until this transaction ends."""
    locked = select(PackEntry).where(PackEntry.id == entry_id).with_for_update()
    return session.scalar(locked.execution_options(populate_existing=True))


def _note(session: Session, row: PackEntry, act: str, actor: Actor, now: datetime) -> None:
    audit.record(
        session, actor_id=actor.account_id, act=act, subject=f"pack_entry:{row.id}", channel=Channel.CONTACT, now=now
    )  # fmt: skip


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
        do.session, actor=do.actor, kind=do.said.get("what", ""), ref=f"{do.row.area_code}:{do.row.key}", now=do.now,
        at=_moment(do), area_code=do.row.area_code,
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
        at = (at if at.tzinfo else at.replace(tzinfo=SHANGHAI)).astimezone(do.now.tzinfo)
    except (ValueError, OverflowError):
        return do.now
    return at if do.now - _OLDEST <= at <= do.now else do.now


def _close(row: PackEntry, state: PackState, sentence: str, now: datetime, **values: object) -> None:
    row.said = json.dumps(
        [sentence, {name: str(value) for name, value in values.items()}], ensure_ascii=False
    )
    row.state, row.settled_at = state, now
