"""Whom an alert goes to: the list as it is now, as it was frozen, and what telling it takes.

Everybody who fits is on the list, also who cannot be told (they are excluded with the reason), so that nobody is left
uncounted. It fails closed: an area that is not known, or a list with nobody to tell, is refused.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import ColumnElement, Select, and_, delete, exists, func, insert, or_, select
from sqlalchemy.orm import Session, lazyload, load_only

from farmerline import parts
from farmerline.config import Module, Settings
from farmerline.domain import areas, consent, costs, routing
from farmerline.errors import Conflict, Invalid
from farmerline.messages import Channel
from farmerline.models import (
    Account,
    AccountCrop,
    AccountKind,
    AccountState,
    Alert,
    Area,
    Colour,
    Credential,
    DrillMember,
    Purpose,
    Reach,
    Role,
    RoleGrant,
)
from farmerline.vault import Unsealable

CONTACT_KIND = Role.CONTACT.value
"""The audience kind that means the contact points themselves."""
PERSON = "person"
"""The channel of who has neither a phone nor a way to read letters: told in person from the start."""
RINGING = frozenset({Colour.ORANGE, Colour.RED})
"""Colours whose alerts ring."""
_CHUNK = 2000
_VILLAGE = 12  # digits of its code
_MOBILE = ("+861",)
_NEEDED = (Account.area_code, Account.phone_index, Account.phone_sealed, Account.state)


@dataclass(frozen=True, slots=True)
class Listed:
    """One person of a list. ``channel`` is how they are told first: sms, voice (a phone that takes no texts), mailbox
    or person."""

    account_id: str
    area_code: str
    phone_index: str | None
    lead_id: str
    channel: str
    excluded: str = ""


@dataclass(frozen=True, slots=True)
class VillageCount:
    """How many people of one village are told first by which channel; ``total`` counts the excluded as well."""

    area_code: str
    name: str
    sms: int
    voice: int
    mailbox: int
    person: int
    excluded: int
    total: int


@dataclass(frozen=True, slots=True)
class Overview:
    """What a list means: ``people`` (the excluded among them), texts in parts, calls in the first round at most,
    yuan for these, and how many seconds the carrier's rate needs for them."""

    people: int
    excluded: int
    list_hash: str
    villages: tuple[VillageCount, ...]
    sms_parts: int
    calls: int
    yuan: float
    sms_seconds: float
    call_seconds: float


@dataclass(frozen=True, slots=True)
class Choice:
    """What narrows a list: area codes, a crop ("" for all), a person kind ("" for all), exercise or real, and the
    organisation (its id) whose members are meant ("" for everybody)."""

    areas: tuple[str, ...]
    crop: str = ""
    kind: str = ""
    exercise: bool = False
    colour: Colour = Colour.BLUE
    group: str = ""

    @classmethod
    def of(cls, alert: Alert) -> Choice:
        """What a written alert chose."""
        return cls(
            tuple(area.area_code for area in alert.areas),
            alert.audience_crop,
            alert.audience_kind,
            alert.exercise,
            alert.colour,
            alert.audience_group or "",
        )


def look(
    session: Session,
    *,
    areas: Sequence[str],
    crop: str,
    kind: str,
    exercise: bool,
    text: str,
    colour: Colour,
    voice_seconds: float,
    settings: Settings,
    group: str = "",
) -> Overview:
    """The count before anything is frozen. ``text`` is as it will be sent.

    Raises ``Invalid`` where no area, or one that is not known, was chosen.
    """
    found = list(
        resolve(session, Choice(tuple(areas), crop, kind, exercise, colour, group), settings=settings)
    )
    return _overview(session, found, text, colour, voice_seconds, settings)


def overview(session: Session, alert: Alert, *, text: str, settings: Settings) -> Overview:
    """The same of an alert's frozen list; ``text`` is as it is sent."""
    return _overview(
        session, frozen(session, alert), text, alert.colour, alert.voice_seconds or 20.0, settings
    )


def overview_of(
    session: Session,
    listed: Sequence[Listed],
    *,
    text: str,
    colour: Colour,
    voice_seconds: float,
    settings: Settings,
) -> Overview:
    """The same of people who were found otherwise."""
    return _overview(session, listed, text, colour, voice_seconds, settings)


def resolve(session: Session, choice: Choice, *, settings: Settings) -> list[Listed]:
    """Everybody who fits as things are now, in the order of their ids.

    Raises ``Invalid`` where no area, or one that is not known, was chosen.
    """
    demand_areas(session, choice.areas)
    leads: dict[str, str] = {}
    found: list[Listed] = []
    after = ""
    while part := list(session.scalars(_candidates(choice, after).limit(_CHUNK))):
        after = part[-1].id
        willing = {one.id for one in consent.filter_allowed(session, part, purpose=Purpose.ALERT)}
        readers = _readers(session, part) if settings.has(Module.MAILBOX) else set()
        for account in part:
            excluded = "" if account.id in willing else "consent"
            lead, channel = account.id, _channel(account, account.id in readers, settings)
            if account.phone_index and not excluded and channel != PERSON:
                lead = leads.setdefault(account.phone_index, account.id)
            found.append(Listed(account.id, account.area_code, account.phone_index, lead, channel, excluded))
    return found


def freeze(session: Session, alert: Alert, *, settings: Settings, now: datetime) -> None:
    """Write the list down as it is now, in place of an earlier one.

    Raises ``Invalid`` for areas that are missing or not known, ``Conflict`` where there is nobody to tell.
    """
    listed = resolve(session, Choice.of(alert), settings=settings)
    write(session, alert, listed)
    if all(one.excluded for one in listed):
        raise Conflict(
            "audience_empty", "Nobody can be told: no person fits these areas, this crop and this kind."
        )
    alert.frozen_at = now


def write(session: Session, alert: Alert, listed: Sequence[Listed]) -> None:
    """Put these people down as the alert's list."""
    session.execute(delete(Reach).where(Reach.alert_id == alert.id))
    add(session, alert, listed)
    alert.people, alert.list_hash = len(listed), hash_of(one.account_id for one in listed)


def add(session: Session, alert: Alert, listed: Iterable[Listed]) -> None:
    """Add people to an alert's list as it stands; the count and the hash are the caller's to set."""
    rows = [
        {
            "alert_id": alert.id,
            "account_id": one.account_id,
            "area_code": one.area_code,
            "phone_index": one.phone_index,
            "lead_id": one.lead_id,
            "channel": one.channel,
            "excluded": one.excluded,
        }
        for one in listed
    ]
    for start in range(0, len(rows), _CHUNK):
        session.execute(insert(Reach), rows[start : start + _CHUNK])
    session.flush()


def frozen(session: Session, alert: Alert) -> list[Listed]:
    """The list as it was written down."""
    columns = (
        Reach.account_id, Reach.area_code, Reach.phone_index, Reach.lead_id, Reach.channel, Reach.excluded,
    )  # fmt: skip
    query = select(*columns).where(Reach.alert_id == alert.id).order_by(Reach.account_id)
    return [Listed(*row) for row in session.execute(query)]


def demand_unchanged(session: Session, alert: Alert) -> None:
    """Raise ``Conflict`` where the list was changed since it was frozen, or somebody fits by now who is not on it.

    Who left or said no since is no reason to refuse: they are left out when the alert goes.
    """
    demand_untouched(session, alert)
    choice = Choice.of(alert)
    demand_areas(session, choice.areas)
    listed = exists().where(Reach.alert_id == alert.id, Reach.account_id == Account.id)
    fitting = select(func.count()).select_from(Account).where(*_fits(choice), ~listed)
    new = session.scalar(fitting) or 0
    if new:
        raise Conflict(
            "list_grew",
            "{count} people more fit by now than were counted. Take it back, look at the list again, and sign anew.",
            count=new,
        )


def demand_untouched(session: Session, alert: Alert) -> None:
    """Raise ``Conflict`` where the list is not the one that was written down."""
    ids = list(session.scalars(select(Reach.account_id).where(Reach.alert_id == alert.id)))
    if (len(ids), hash_of(ids)) != (alert.people, alert.list_hash):
        raise Conflict(
            "list_tampered", "The list is not the one that was frozen. Take it back and look at it again."
        )


def hash_of(account_ids: Iterable[str]) -> str:
    """SHA-256 over the ids in order, a line each."""
    return sha256("".join(f"{one}\n" for one in sorted(account_ids)).encode()).hexdigest()


def demand_areas(session: Session, codes: Sequence[str]) -> None:
    """Raise ``Invalid`` where there is no area, or one that is not known."""
    if not codes:
        raise Invalid("area_empty", "Choose at least one area.", field="areas")
    known = set(session.scalars(select(Area.code).where(Area.code.in_(codes))))
    for code in codes:
        if code not in known:
            raise Invalid("area_unknown", "There is no area {area}.", field="areas", area=code)


def _candidates(choice: Choice, after: str) -> Select[tuple[Account]]:
    wanted = select(Account).where(*_fits(choice), Account.id > after)
    return wanted.order_by(Account.id).options(lazyload("*"), load_only(*_NEEDED))


def _fits(choice: Choice) -> list[ColumnElement[bool]]:
    villages = [code for code in choice.areas if len(code) == _VILLAGE]
    wider = [areas.inside(Account.area_code, code) for code in choice.areas if len(code) != _VILLAGE]
    wanted: list[ColumnElement[bool]] = [
        or_(Account.area_code.in_(villages), *wider),
        Account.state == AccountState.VERIFIED,
    ]
    if choice.crop:
        wanted.append(_has(AccountCrop, AccountCrop.concept == choice.crop))
    if choice.kind == CONTACT_KIND:
        wanted.append(_has(RoleGrant, and_(RoleGrant.role == Role.CONTACT, RoleGrant.ended_at.is_(None))))
    elif choice.kind:
        wanted.append(_has(AccountKind, AccountKind.kind == choice.kind))
    if choice.group:
        wanted.append(Account.organisation_id == choice.group)
    if choice.exercise:
        wanted.append(_has(DrillMember, DrillMember.added_at.is_not(None)))
    return wanted


def _has(
    model: type[AccountCrop | AccountKind | RoleGrant | DrillMember], what: ColumnElement[bool]
) -> ColumnElement[bool]:
    return exists().where(model.account_id == Account.id, what)


def _readers(session: Session, accounts: Sequence[Account]) -> set[str]:
    """Those who can sign in and read a letter."""
    ids = [account.id for account in accounts]
    has_password = Credential.password_hash.is_not(None)
    return set(
        session.scalars(select(Credential.account_id).where(Credential.account_id.in_(ids), has_password))
    )


def _channel(account: Account, reads: bool, settings: Settings) -> str:
    if account.phone_index is None:
        return Channel.MAILBOX.value if reads else PERSON
    try:
        if account.phone.startswith(_MOBILE):
            return Channel.SMS.value
    except Unsealable:  # one spoilt row keeps nobody else from being warned
        return PERSON
    return Channel.VOICE.value if settings.has(Module.VOICE) else PERSON


def _overview(
    session: Session, listed: Sequence[Listed], text: str, colour: Colour, seconds: float, settings: Settings
) -> Overview:
    told = [one for one in listed if not one.excluded]
    leads = Counter(one.channel for one in told if one.lead_id == one.account_id)
    texts, phones = leads[Channel.SMS], leads[Channel.SMS] + leads[Channel.VOICE]
    sms_parts = texts * max(1, parts.count(text, settings.sms_signature).parts)
    calls = phones if colour in RINGING and settings.has(Module.VOICE) else leads[Channel.VOICE]
    return Overview(
        people=len(listed),
        excluded=len(listed) - len(told),
        list_hash=hash_of(one.account_id for one in listed),
        villages=tuple(_villages(session, listed)),
        sms_parts=sms_parts,
        calls=calls,
        yuan=round(costs.texts(sms_parts, settings) + costs.like_calls(calls, seconds, settings), 2),
        sms_seconds=sms_parts / _rate(session, Channel.SMS, settings.sms_rate),
        call_seconds=calls / _rate(session, Channel.VOICE, settings.call_rate) + (seconds if calls else 0.0),
    )


def _villages(session: Session, listed: Sequence[Listed]) -> Iterator[VillageCount]:
    by_area: dict[str, Counter[str]] = defaultdict(Counter)
    for one in listed:
        by_area[one.area_code]["excluded" if one.excluded else one.channel] += 1
    names = areas.names(session, by_area)
    for code, count in sorted(by_area.items(), key=lambda found: (-found[1].total(), found[0])):
        yield VillageCount(
            code, names.get(code, code), count[Channel.SMS], count[Channel.VOICE], count[Channel.MAILBOX],
            count[PERSON], count["excluded"], count.total(),
        )  # fmt: skip


def _rate(session: Session, channel: Channel, otherwise: float) -> float:
    return routing.rate(session, channel) or otherwise
