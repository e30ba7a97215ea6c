"""Erasing a person: who they are is gone at once, their messages keep the number until the law lets it go.

What stays is a row without a name, so that posts, deals and counts still add up. Nothing brings the person back: the list
of erased people is applied again after every restore (``erase_again``).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from farmerline.domain import (
    access,
    audit,
    consent,
    erased_list,
    letter_groups,
    pack_forgetting,
    phone_lines,
    posts,
    questions,
    reach,
    recordings,
    signin,
    subscriptions,
)
from farmerline.errors import Conflict, Invalid
from farmerline.models import (
    LIVE,
    Absence,
    Account,
    AccountState,
    Alert,
    AuditRow,
    BureauLetter,
    Case,
    CaseState,
    Credential,
    Delivery,
    DeliveryState,
    DrillMember,
    Duty,
    EmailAddress,
    Expert,
    Organisation,
    Post,
    PostState,
    Purpose,
    Question,
    QuestionState,
    Reach,
    Settled,
    Shift,
)

NAME = "已注销"
"""What stands where the name was."""
ACT = "person.erase"
_ENDED = "erased"


def erase(
    session: Session,
    account: Account,
    *,
    by: Account | None,
    reason: str,
    home: Path,
    now: datetime,
) -> None:
    """Take away who this person is, and end everything that waits for them. It cannot be undone.

    ``by`` is None on the command line; ``reason`` is a few words for the record, without names. The list of erased people
    in ``home`` is on the disk before this returns. Raises ``Conflict`` who is erased already or erases themselves,
    ``Invalid`` without a reason.
    """
    if is_erased(session, account):
        raise Conflict("person_erased", "This person is erased already.")
    if by is not None and by.id == account.id:
        raise Conflict("erase_self", "Nobody erases themselves: ask another administrator.")
    if not reason.strip():
        raise Invalid("reason_missing", "Write why, in a few words.", field="reason")
    _erase(session, account, by=by, detail={"reason": reason.strip()[:40]}, now=now)
    erased_list.put_down(erased_list.erased_file(home), account.id, now)


def erase_again(session: Session, *, home: Path, now: datetime) -> int:
    """Erase who is on the list and has come back with a restored database; returns how many."""
    found = 0
    for account_id in erased_list.read(erased_list.erased_file(home)):
        account = session.get(Account, account_id)
        if account is not None and not is_erased(session, account):
            _erase(session, account, by=None, detail={"reason": "restored"}, now=now)
            found += 1
    return found


def complete_list(session: Session, *, home: Path) -> int:
    """Put down who was erased in this database and is missing on the list (another host's); returns how many."""
    file = erased_list.erased_file(home)
    known = set(erased_list.read(file))
    rows = session.execute(select(AuditRow.subject, AuditRow.at).where(AuditRow.act == ACT)).all()
    missing = {subject.removeprefix("account:"): at for subject, at in rows}
    for account_id in missing.keys() - known:
        erased_list.put_down(file, account_id, missing[account_id])
    return len(missing.keys() - known)


def is_erased(session: Session, account: Account) -> bool:
    """Whether this account is only a row without a person."""
    if account.state is not AccountState.LEFT or account.phone_index is not None:
        return False
    rows = select(AuditRow.number).where(AuditRow.subject == f"account:{account.id}", AuditRow.act == ACT)
    return session.scalar(rows.limit(1)) is not None and account.name == NAME


def _erase(
    session: Session, account: Account, *, by: Account | None, detail: dict[str, str], now: datetime
) -> None:
    by_id = by.id if by else "cli"
    consent.stop(
        session, accounts=[account], purposes=[purpose for purpose in Purpose if purpose is not Purpose.SERVICE],
        proof=f"erase:{by_id}", now=now, by_id=by_id,
    )  # fmt: skip
    for row in access.roles_of(session, account.id):
        access.end_role(session, row, by=by, now=now)
    signin.end_all(session, account.id, by_id=by_id, now=now)
    for table in (Absence, Credential, DrillMember, Duty, EmailAddress, Expert, Shift):
        session.execute(delete(table).where(table.account_id == account.id))
    session.execute(update(Absence).where(Absence.substitute_id == account.id).values(substitute_id=None))
    _end_posts(session, account, by, now)
    subscriptions.end_all(session, account, now=now)
    letter_groups.forget(session, account, now=now)
    pack_forgetting.forget_person(session, account, now=now)
    _leave_alerts(session, account, now)
    _end_waiting(session, account, now)
    recordings.forget_of(session, account, now=now)
    _forget_contact(session, account)
    account.name = NAME
    account.phone = account.phone_index = account.resident = account.resident_index = None
    account.state = AccountState.LEFT
    session.flush()
    audit.record(
        session, actor_id=by_id, for_id=account.id, act=ACT, subject=f"account:{account.id}", detail=detail, now=now
    )  # fmt: skip


def _end_posts(session: Session, account: Account, by: Account | None, now: datetime) -> None:
    states = (*LIVE, PostState.PENDING, PostState.HELD)
    for post in session.scalars(select(Post).where(Post.account_id == account.id, Post.state.in_(states))):
        posts.end(session, post, PostState.WITHDRAWN, by=by, channel="", now=now, note=_ENDED)


def _leave_alerts(session: Session, account: Account, now: datetime) -> None:
    """Off every list that is still followed; another of the household takes the phone over."""
    for line in session.scalars(select(Reach).where(Reach.account_id == account.id)).all():
        if line.settled is Settled.OPEN and not line.excluded:
            if (heir := phone_lines.hand_over(session, line)) is not None:
                phone_lines.pass_on(session, line, heir)
            reach.exclude(session, session.get_one(Alert, line.alert_id), [account.id], why="left", now=now)
        line.phone_index = None


def _end_waiting(session: Session, account: Account, now: datetime) -> None:
    waiting = (DeliveryState.QUEUED, DeliveryState.HELD)
    session.execute(
        update(Delivery)
        .where(Delivery.account_id == account.id, Delivery.state.in_(waiting))
        .values(state=DeliveryState.CANCELLED, reason=_ENDED, settled_at=now)
        .execution_options(synchronize_session="fetch")
    )
    asked = select(Question).where(Question.account_id == account.id, Question.state == QuestionState.OPEN)
    for question in session.scalars(asked):
        questions.close(question, now=now, answer=_ENDED, state=QuestionState.REPLACED)
    open_cases = select(Case).where(Case.account_id == account.id, Case.state == CaseState.OPEN)
    for case in session.scalars(open_cases):
        case.phone = case.phone_index = None
    session.execute(update(Case).where(Case.account_id == account.id).values(board_text=""))
    session.execute(
        update(BureauLetter).where(BureauLetter.from_id == account.id).values(board_text="", board_answer="")
    )


def _forget_contact(session: Session, account: Account) -> None:
    """A firm stays; its contact is forgotten where it was this person."""
    if account.organisation_id is None:
        return
    firm = session.get_one(Organisation, account.organisation_id)
    if firm.phone == account.phone or firm.contact == account.name:
        firm.contact, firm.phone = NAME, ""


def erased_accounts(session: Session) -> Sequence[Account]:
    """Every account that is only a row without a person."""
    gone = select(Account).where(Account.state == AccountState.LEFT, Account.phone_index.is_(None))
    return [account for account in session.scalars(gone) if is_erased(session, account)]
