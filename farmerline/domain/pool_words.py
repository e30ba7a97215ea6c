"""What members and buyers of a pooled offer are asked and told."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from farmerline.domain import areas, lots, outbox
from farmerline.domain.reveals import Shown
from farmerline.models import Account, AreaLevel, Pool, PoolMember, PostItem, Purpose, Question
from farmerline.words import say


def ask_member(
    session: Session, pool: Pool, member: PoolMember, account: Account, question: Question, now: datetime
) -> None:
    """Ask whether a lot shall go with the neighbours'."""
    want, own = session.get_one(PostItem, pool.demand_item_id), session.get_one(PostItem, member.item_id)
    text = say(
        account.language,
        "A buyer takes {what} from {least} on. {count} neighbours together have {sum}. Yours ({own}) too, with your name? "
        "Reply 1 yes, 2 no",
        what=own.name,
        least=lots.say_amount(pool.least, pool.unit, want),
        count=len(pool.members),
        sum=lots.say_amount(sum(one.qty for one in pool.members), pool.unit, own),
        own=lots.say_amount(member.qty, pool.unit, own),
    )
    _tell(session, account, f"{text}[{question.code}]", now, question)


def ask_buyer(
    session: Session, pool: Pool, want: PostItem, buyer: Account, question: Question, now: datetime
) -> None:
    """Offer the pooled lot: who, how much, where."""
    text = say(
        buyer.language,
        "{count} farmers near {place} sell {what} together, {sum}: {names}. Reply 1 to take it, 2 if not",
        count=sum(bool(member.agreed) for member in pool.members),
        place=areas.path_name(session, pool.area_code[:9], start=AreaLevel.TOWN),
        what=want.name,
        sum=lots.say_amount(pool.qty, pool.unit, want),
        names=names(session, pool, want, buyer.language),
    )
    _tell(session, buyer, f"{text}[{question.code}]", now, question)


def names(session: Session, pool: Pool, want: PostItem, language: str) -> str:
    """The members who agreed, each with their lot."""
    listed = (
        f"{session.get_one(Account, member.account_id).name} {lots.say_amount(member.qty, pool.unit, want)}"
        for member in pool.members
        if member.agreed
    )
    return ("、" if language == "zh" else ", ").join(listed)


def tell_lapsed(session: Session, pool: Pool, account: Account, now: datetime) -> None:
    text = say(
        account.language,
        "The pooled offer No. {number} did not come about. Your own post stays.",
        number=pool.number,
    )
    _tell(session, account, text, now, None)


def tell_refused(session: Session, pool: Pool, account: Account, now: datetime) -> None:
    text = say(
        account.language,
        "The buyer did not take the pooled offer No. {number}. Your own post stays.",
        number=pool.number,
    )
    _tell(session, account, text, now, None)


def tell_taken(session: Session, pool: Pool, account: Account, buyer: Account, now: datetime) -> None:
    """A member hears who takes the pooled lot and will ring."""
    text = say(
        account.language,
        "{name} takes the pooled offer No. {number} and has your number. They ring you.",
        name=buyer.name,
        number=pool.number,
    )
    _tell(session, account, text, now, None)


def numbers(shown: list[Shown], language: str) -> str:
    """The members' names and numbers, for the buyer."""
    return (";" if language == "zh" else "; ").join(f"{one.name} {one.phone}" for one in shown)


def _tell(session: Session, account: Account, text: str, now: datetime, question: Question | None) -> None:
    outbox.tell(session, account=account, text=text, purpose=Purpose.MATCH, now=now, question=question)
