"""Taking in a list of people: first a plan that says of each row what would happen, then the good rows in parts.

The same person is the same phone and the same name; the same phone with another name is another member of the
household. A repeat therefore changes nothing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from farmerline import vault
from farmerline.clock import local
from farmerline.domain import areas, audit, consent
from farmerline.domain.people import MOST_MEMBERS, check_name, crop_of
from farmerline.domain.roster_file import Line, Table
from farmerline.errors import Invalid
from farmerline.identity import check_resident_number, normalise_phone
from farmerline.ids import new_id
from farmerline.messages import Channel
from farmerline.models import (
    STAFF,
    Account,
    AccountCrop,
    AccountKind,
    AccountState,
    AreaLevel,
    Consent,
    PersonKind,
    Purpose,
    RoleGrant,
)

PART = 1000
"""How many people one transaction takes."""
_CHUNK = 500
_YES = frozenset("是 同意 y yes 1 √ ✓ 要 true".split())
_SPLIT = re.compile(r"[、,，;；/\s]+")
_DAY = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})日?|(?<!\d)(\d{4})(\d{2})(\d{2})(?!\d)"
)


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A person that a good row describes."""

    line: int
    name: str
    phone: str
    phone_index: str
    area_code: str
    kinds: tuple[str, ...]
    crops: tuple[str, ...]
    seen_by: str | None
    seen_on: date | None
    resident: str | None
    tips: bool


@dataclass(frozen=True, slots=True)
class Reject:
    """A row that cannot be taken as it is, and the sentence that says how to mend it."""

    line: Line
    reason: Invalid


@dataclass(slots=True)
class Plan:
    """What a list would do: who is new, how many are here already, and which rows need mending."""

    newcomers: list[Newcomer] = field(default_factory=list)
    known: int = 0
    rejects: list[Reject] = field(default_factory=list)


def make_plan(
    session: Session,
    table: Table,
    *,
    county: str,
    now: datetime,
    keep_resident: bool = False,
    tell: Callable[[int], object] | None = None,
) -> Plan:
    """Look at every row; nothing is written. ``tell`` hears how many rows more are done."""
    reader = _RowReader(session, county=county, now=now, keep_resident=keep_resident)
    plan = Plan()
    crowd: dict[str, set[str]] = {}
    used: set[str] = set()
    for start in range(0, len(table.lines), _CHUNK):
        part = table.lines[start : start + _CHUNK]
        read: list[Newcomer | Reject] = []
        for line in part:
            try:
                read.append(reader.read(line))
            except Invalid as reason:
                read.append(Reject(line, reason))
        fresh = [row for row in read if isinstance(row, Newcomer)]
        unseen = {row.phone_index for row in fresh} - crowd.keys()
        crowd.update(_members(session, unseen))
        residents = _residents(session, fresh)
        for line, row in zip(part, read, strict=True):
            if isinstance(row, Reject):
                plan.rejects.append(row)
                continue
            members = crowd.setdefault(row.phone_index, set())
            if row.name in members:
                plan.known += 1
            elif row.resident and (row.resident in residents or row.resident in used):
                twice = Invalid(
                    "resident_known",
                    "This ID is already registered. Ask the county office.",
                    field="resident",
                )
                plan.rejects.append(Reject(line, twice))
            elif len(members) >= MOST_MEMBERS:
                full = Invalid(
                    "phone_full", "Too many people are registered with this phone. Go to your contact point."
                )
                plan.rejects.append(Reject(line, full))
            else:
                members.add(row.name)
                used.add(row.resident or "")
                plan.newcomers.append(row)
        if tell is not None:
            tell(len(part))
    return plan


def parts(plan: Plan) -> Iterator[list[Newcomer]]:
    """The newcomers in parts of one transaction each."""
    for start in range(0, len(plan.newcomers), PART):
        yield plan.newcomers[start : start + PART]


def take(session: Session, people: Sequence[Newcomer], *, now: datetime, by_id: str = "cli") -> int:
    """Write these people; who has come in the meantime is passed over. Returns how many were added."""
    members = _members(session, {person.phone_index for person in people})
    fresh = [person for person in people if person.name not in members.get(person.phone_index, set())]
    accounts: list[Account] = []
    kinds: list[dict[str, object]] = []
    crops: list[dict[str, object]] = []
    consents: list[dict[str, object]] = []
    for person in fresh:
        account = _account(person, now, by_id)
        accounts.append(account)
        kinds += [{"account_id": account.id, "kind": kind} for kind in person.kinds]
        crops += [{"account_id": account.id, "concept": crop} for crop in person.crops]
        consents += _consents(person, account, now)
    session.add_all(accounts)
    session.flush()
    for table, rows in ((AccountKind, kinds), (AccountCrop, crops), (Consent, consents)):
        if rows:
            session.execute(insert(table), rows)
    if fresh:
        audit.record(session, actor_id=by_id, act="roster.import", detail={"added": len(fresh)}, now=now)
    return len(fresh)


class _RowReader:
    """Reads one row after another against what the county holds."""

    def __init__(self, session: Session, *, county: str, now: datetime, keep_resident: bool) -> None:
        self._villages = areas.VillageFinder(session, county=county)
        self._session = session
        self._county = county
        self._today = local(now).date()
        self._keep_resident = keep_resident
        self._kinds = {
            name: row.code
            for row in session.scalars(select(PersonKind))
            for name in (row.code, row.name_zh, row.name_en)
        }
        self._staff_by_phone: dict[str, str] = {}
        self._staff_by_name: dict[str, set[str]] = {}
        query = (
            select(Account)
            .join(RoleGrant, RoleGrant.account_id == Account.id)
            .where(
                RoleGrant.role.in_(STAFF),
                RoleGrant.ended_at.is_(None),
                Account.state == AccountState.VERIFIED,
            )
        )
        for account in session.scalars(query).unique():
            self._staff_by_phone[account.phone or ""] = account.id
            self._staff_by_name.setdefault(account.name, set()).add(account.id)

    def read(self, line: Line) -> Newcomer:
        """The person of a row; raises ``Invalid``."""
        cells = line.fields
        name = check_name(cells.get("name", ""))
        phone = normalise_phone(cells.get("phone", ""))
        seen_by, seen_on = self._seen(cells)
        return Newcomer(
            line.number,
            name,
            phone,
            vault.phone_index(phone),
            self._village(cells),
            self._kinds_of(cells.get("kinds", "")),
            tuple(dict.fromkeys(crop_of(crop) for crop in _SPLIT.split(cells.get("crops", "")) if crop)),
            seen_by,
            seen_on,
            self._resident(cells.get("resident", "")),
            cells.get("tips", "").lower() in _YES,
        )

    def _village(self, cells: dict[str, str]) -> str:
        if code := cells.get("village_code", ""):
            found = areas.get(self._session, unicodedata.normalize("NFKC", code))
            if found is None or found.level is not AreaLevel.VILLAGE:
                raise Invalid(
                    "village_code",
                    "There is no village with the code {given}.",
                    field="village_code",
                    given=code[:20],
                )
            return found.code
        return self._villages.find(
            cells.get("town", "") + cells.get("village", "") if cells.get("village") else ""
        ).code

    def _kinds_of(self, text: str) -> tuple[str, ...]:
        said = [word for word in _SPLIT.split(text) if word] or ["farmer"]
        for word in said:
            if word not in self._kinds:
                raise Invalid(
                    "kind_unknown", "There is no kind of person called {kind}.", field="kinds", kind=word[:20]
                )
        return tuple(dict.fromkeys(self._kinds[word] for word in said))

    def _seen(self, cells: dict[str, str]) -> tuple[str | None, date | None]:
        """Who saw the ID, and when; both or neither."""
        both = cells.get("seen", "")
        day_text = cells.get("seen_on", "") or both
        who = cells.get("seen_by", "") or _DAY.sub("", both).strip(" /,，;；、")
        if not who and not day_text:
            return None, None
        day = _day(day_text)
        if not who or day is None:
            raise Invalid(
                "seen_half",
                "Write who saw the ID and on which day (2026-11-02), or leave both empty.",
                field="seen",
            )
        if day > self._today:
            raise Invalid("seen_later", "The day on which the ID was seen is still to come.", field="seen_on")
        return self._staff(who), day

    def _staff(self, who: str) -> str:
        digits = re.sub(r"\D", "", who)
        if len(digits) == 11 and (found := self._staff_by_phone.get(f"+86{digits}")):
            return found
        named = self._staff_by_name.get(who.replace(" ", ""), set())
        if len(named) == 1:
            return next(iter(named))
        if named:
            raise Invalid(
                "seen_several",
                "Several people of ours are called {who}: write their phone.",
                field="seen_by",
                who=who[:20],
            )
        raise Invalid(
            "seen_unknown", "{who} is not one of our contact points.", field="seen_by", who=who[:20]
        )

    def _resident(self, text: str) -> str | None:
        if not text:
            return None
        number = check_resident_number(text, today=self._today)
        return number if self._keep_resident else None


def _residents(session: Session, people: Sequence[Newcomer]) -> set[str]:
    """Those of the people's resident numbers that somebody here has already."""
    index = {
        vault.current().index("resident", person.resident): person.resident
        for person in people
        if person.resident
    }
    if not index:
        return set()
    query = select(Account.resident_index).where(Account.resident_index.in_(index))
    return {index[found] for found in session.scalars(query) if found}


def _members(session: Session, indexes: set[str]) -> dict[str, set[str]]:
    """The names of the people of each phone (those who left are not counted)."""
    found: dict[str, set[str]] = {}
    wanted = sorted(indexes)
    for start in range(0, len(wanted), _CHUNK):
        query = select(Account).where(
            Account.phone_index.in_(wanted[start : start + _CHUNK]), Account.state != AccountState.LEFT
        )
        for account in session.scalars(query):
            found.setdefault(account.phone_index or "", set()).add(account.name)
    return found


def _account(person: Newcomer, now: datetime, by_id: str) -> Account:
    verified = person.seen_by is not None
    return Account(
        name=person.name,
        phone=person.phone,
        phone_index=person.phone_index,
        resident=person.resident,
        resident_index=vault.current().index("resident", person.resident) if person.resident else None,
        area_code=person.area_code,
        state=AccountState.VERIFIED if verified else AccountState.PENDING,
        language="zh",
        preferred=Channel.SMS,
        origin="roster",
        reviewed=False,
        id_seen_by=person.seen_by,
        id_seen_on=person.seen_on,
        verified_by=person.seen_by,
        verified_at=now if verified else None,
        verified_where=person.area_code if verified else None,
        created_at=now,
        created_by=None if by_id == "cli" else by_id,
    )


def _consents(person: Newcomer, account: Account, now: datetime) -> list[dict[str, object]]:
    purposes: tuple[Purpose, ...] = consent.ENROLLED if person.seen_by else ()
    purposes += consent.UNASKED if person.tips else ()
    proof = consent.enrolment_proof(person.seen_by or "roster")
    return [
        {
            "id": new_id(), "account_id": account.id, "phone_index": None, "purpose": purpose, "channel": "",
            "granted": True, "at": now, "proof": proof, "by_id": person.seen_by,
        }
        for purpose in purposes
    ]  # fmt: skip


def _day(text: str) -> date | None:
    found = _DAY.search(unicodedata.normalize("NFKC", text))
    if found is None:
        return None
    year, month, day = (int(part) for part in found.groups() if part)
    try:
        return date(year, month, day)
    except ValueError:
        return None
