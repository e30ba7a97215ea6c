"""What an administrator does: roles, states, lost secrets, organisations, carriers, messages that failed.

Each verb is allowed in the administrator's area only. People and organisations of other counties (a buyer in Shanghai)
belong to the administrators of the whole county that took them in.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy.orm import Session

from farmerline.domain import (
    access,
    accounts,
    areas,
    audit,
    credentials,
    erasure,
    organisations,
    people,
    signin,
)
from farmerline.domain.access import Actor
from farmerline.errors import Absent, Conflict, Invalid
from farmerline.identity import normalise_phone
from farmerline.models import (
    Account,
    AreaLevel,
    GatewayRow,
    Inbound,
    InboundState,
    Organisation,
    Role,
    RoleGrant,
)

PAUSES = (15, 60, 240, 1440)
"""Minutes for which a carrier's connection may be paused."""
GRANTED = (Role.CONTACT, Role.EXPERT, Role.PUBLISHER, Role.OFFICER, Role.SIGNER, Role.ADMIN)


def account_of(session: Session, actor: Actor, account_id: str, *, county: str) -> Account:
    """A person whom this administrator may see; else ``Absent``."""
    account = session.get(Account, account_id)
    if account is None:
        raise Absent
    access.authorise(actor, {Role.ADMIN}, _home(account.area_code, county))
    return account


def whole_county(actor: Actor, county: str) -> None:
    """Let pass who administers the whole county; else ``Absent``."""
    access.authorise(actor, {Role.ADMIN}, county)


def grant(
    session: Session, *, actor: Actor, account_id: str, role: str, area_code: str, county: str, now: datetime
) -> RoleGrant:
    """Give a role in an area inside the administrator's own. Raises ``Invalid`` for an unknown role or area.

    The holder's sessions end: a farmer's lasts for days, one with a role must not.
    """
    account = account_of(session, actor, account_id, county=county)
    if role not in set(GRANTED):
        raise Invalid("role_unknown", "Choose a role.", field="role")
    area = areas.get(session, area_code)
    if area is None or area.level in (AreaLevel.PROVINCE, AreaLevel.CITY):
        raise Invalid("area_unknown", "Choose the place: a village, a town or the county.", field="area_code")
    access.authorise(actor, {Role.ADMIN}, area_code)
    by = session.get_one(Account, actor.account_id)
    row = access.grant_role(session, account, role=Role(role), area_code=area_code, by=by, now=now)
    signin.end_all(session, account.id, by_id=by.id, now=now)
    return row


def end_grant(session: Session, *, actor: Actor, grant_id: str, now: datetime) -> str:
    """Take a role back; its holder's sessions end. Returns the holder's id. Nobody takes their own."""
    row = session.get(RoleGrant, grant_id)
    if row is None:
        raise Absent
    access.authorise(actor, {Role.ADMIN}, row.area_code)
    if row.account_id == actor.account_id:
        raise Conflict("role_own", "Nobody ends their own role: ask another administrator.")
    access.end_role(session, row, by=session.get_one(Account, actor.account_id), now=now)
    signin.end_all(session, row.account_id, by_id=actor.account_id, now=now)
    return row.account_id


def suspend(
    session: Session, *, actor: Actor, account_id: str, reason: str, county: str, now: datetime
) -> None:
    """Stop a person from posting and signing in."""
    account = _governed(session, actor, account_id, county)
    if not reason.strip():
        raise Invalid("reason_missing", "Write why, in a few words.", field="reason")
    accounts.suspend(
        session, account, by=session.get_one(Account, actor.account_id), reason=reason.strip(), now=now
    )


def reinstate(session: Session, *, actor: Actor, account_id: str, county: str, now: datetime) -> None:
    """Let a suspended person in again."""
    account = _governed(session, actor, account_id, county)
    accounts.reinstate(session, account, by=session.get_one(Account, actor.account_id), now=now)


def erase(
    session: Session, *, actor: Actor, account_id: str, reason: str, sure: bool, home: Path, county: str, now: datetime
) -> None:  # fmt: skip
    """Erase a person for good. Raises ``Invalid`` without a reason, or until "sure" is ticked."""
    account = _governed(session, actor, account_id, county)
    if not sure:
        raise Invalid("not_sure", "Tick that you are sure.", field="sure")
    by = session.get_one(Account, actor.account_id)
    erasure.erase(session, account, by=by, reason=reason, home=home, now=now)


def reset_password(session: Session, *, actor: Actor, account_id: str, county: str, now: datetime) -> str:
    """A password for one use, shown once; the person's sessions end."""
    account = _other(session, actor, account_id, county)
    made = credentials.make_password()
    credentials.set_password(session, account, made, by_id=actor.account_id, now=now, once=True)
    signin.end_all(session, account.id, by_id=actor.account_id, now=now)
    return made


def clear_second_factor(
    session: Session, *, actor: Actor, account_id: str, county: str, now: datetime
) -> None:
    """Take a lost second factor and its card away: the person sets up a new one at the next sign-in. Sessions end."""
    account = _other(session, actor, account_id, county)
    credential = credentials.credential_of(session, account.id)
    if not credentials.has_totp(credential) or credential is None:
        raise Conflict("totp_none", "There is no second factor to take away.")
    credential.totp, credential.totp_step, credential.card = None, 0, []
    session.flush()
    audit.record(
        session,
        actor_id=actor.account_id,
        for_id=account.id,
        act="totp.clear",
        subject=f"account:{account.id}",
        now=now,
    )
    signin.end_all(session, account.id, by_id=actor.account_id, now=now)


def enter_organisation(
    session: Session, *, actor: Actor, credit_code: str, name: str, kind: str, area_code: str, contact: str, phone: str,
    county: str, now: datetime,
) -> Organisation:  # fmt: skip
    """Put down an organisation of any county with its contact; it waits to be verified."""
    whole_county(actor, county)
    made, _contact = organisations.join(
        session, credit_code=credit_code, name=name, kind=kind, area_code=area_code, contact=contact, phone=phone, now=now,
        by=session.get_one(Account, actor.account_id),
    )  # fmt: skip
    return made


def verify_organisation(
    session: Session, *, actor: Actor, organisation_id: str, county: str, now: datetime
) -> Organisation:
    """The bureau has seen the licence and spoken with the contact."""
    whole_county(actor, county)
    organisation = session.get(Organisation, organisation_id)
    if organisation is None:
        raise Absent
    organisations.verify(session, organisation, by=session.get_one(Account, actor.account_id), now=now)
    return organisation


def pause_gateway(
    session: Session, *, actor: Actor, name: str, minutes: int, county: str, now: datetime
) -> None:
    """Send nothing by a carrier's connection for a while; 0 minutes lets it go on at once."""
    whole_county(actor, county)
    row = session.get(GatewayRow, name)
    if row is None:
        raise Absent
    if minutes not in (0, *PAUSES):
        raise Invalid("pause_length", "Choose how long.", field="minutes")
    row.paused_until = now + timedelta(minutes=minutes) if minutes else None
    session.flush()
    audit.record(
        session, actor_id=actor.account_id, act="gateway.pause" if minutes else "gateway.resume", subject=f"gateway:{name}",
        detail={"minutes": minutes}, now=now,
    )  # fmt: skip


def try_again(session: Session, *, actor: Actor, inbound_id: str, county: str, now: datetime) -> None:
    """Let the service act once more on a message that it gave up. Raises ``Conflict`` when it did not give up."""
    whole_county(actor, county)
    row = session.get(Inbound, inbound_id)
    if row is None:
        raise Absent
    if row.state is not InboundState.FAILED:
        raise Conflict("inbound_state", "This message is not waiting for a new try.")
    row.state, row.attempts = InboundState.RECEIVED, 0
    session.flush()
    audit.record(
        session, actor_id=actor.account_id, act="inbound.again", subject=f"inbound:{row.id}", now=now
    )


def check_chain(session: Session, *, actor: Actor, county: str, now: datetime) -> audit.Broken | None:
    """Walk the audit's chain; what was found is itself put on record."""
    whole_county(actor, county)
    broken = audit.verify(session)
    detail = {"row": broken.number, "fault": broken.fault.value} if broken else {"row": 0, "fault": ""}
    audit.record(session, actor_id=actor.account_id, act="audit.verify", detail=detail, now=now)
    return broken


def note_export(
    session: Session, *, actor: Actor, rows: int, wanted: str, county: str, now: datetime
) -> None:
    """Put on record that rows of the audit were handed out; ``wanted`` says which, without names."""
    whole_county(actor, county)
    audit.record(
        session, actor_id=actor.account_id, act="audit.export", detail={"rows": rows, "of": wanted}, now=now
    )


def search(
    session: Session, *, actor: Actor, said: str, area_code: str, county: str, now: datetime
) -> list[Account]:
    """People by their whole phone, or by name in one village or town; that it was looked for is on record."""
    try:
        number = normalise_phone(said)
    except Invalid:
        number = ""
    if number:
        found = people.by_phone(session, number)
    else:
        access.authorise(actor, {Role.ADMIN}, area_code or county)
        found = people.find_in_area(session, area_code, said, by_number=True)
    mine = actor.areas(Role.ADMIN)
    found = [one for one in found if _home(one.area_code, county).startswith(mine)]
    how = {"by": "phone" if number else "name", "area": area_code, "found": len(found)}
    audit.record(session, actor_id=actor.account_id, act="person.search", detail=how, now=now)
    return found


def _governed(session: Session, actor: Actor, account_id: str, county: str) -> Account:
    """A person of the actor's area none of whose roles reaches beyond it: who could mend or stop the holder of a wider
    role would hold that role. Raises ``Conflict`` for any other.
    """
    account = account_of(session, actor, account_id, county=county)
    mine = actor.areas(Role.ADMIN)
    if any(not row.area_code.startswith(mine) for row in access.roles_of(session, account.id)):
        raise Conflict(
            "role_wider", "This person works beyond your area: the county's administrator does this."
        )
    return account


def _other(session: Session, actor: Actor, account_id: str, county: str) -> Account:
    account = _governed(session, actor, account_id, county)
    if account.id == actor.account_id:
        raise Conflict("own_secret", "Your own you change on your own page.")
    return account


def _home(area_code: str, county: str) -> str:
    """The area whose administrators look after this place: its own inside the county, the whole county for the rest."""
    return area_code if area_code.startswith(county) else county
