"""What both sides of a match are told: the other side in a line, the question, the number."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

import matching
from farmerline import parts
from farmerline.config import Settings
from farmerline.domain import areas, lots, outbox, questions, reveals, usual_prices
from farmerline.domain.candidates import offer_of
from farmerline.errors import TooOften
from farmerline.identity import mask_name
from farmerline.messages import Channel
from farmerline.models import Account, AreaLevel, Match, Post, PostItem, Purpose, Question, QuestionKind
from farmerline.words import say

_QUESTION_HOURS = 24 * 10
_ONE_TEXT, _TWO_TEXTS = 70, 134  # Chinese characters that fit one text message, and two


def reason(session: Session, match: Match, mine: Post, language: str) -> str:
    """The one line that says why, as the owner of ``mine`` sees it; last, whether the price is far from the usual."""
    own, other = _sides(match, mine)
    why = matching.explain(offer_of(own), offer_of(other), language=language)
    remark = usual_prices.remark_price(session, other, language, match.made_at)
    return (f"{why} {remark}" if language == "zh" else f"{why}, {remark}") if remark else why


def side_line(session: Session, match: Match, mine: Post, language: str, *, room: int = 0) -> str:
    """The other side in one line, with as many reasons as ``room`` characters hold: no full name, no number.

    Without ``room`` all reasons are given; the first is never left out.
    """
    own, other = _sides(match, mine)
    owner = session.get_one(Account, other.post.account_id)
    verb = say(language, "sells" if other.direction == "supply" else "wants")
    town = areas.path_name(session, other.post.area_code[:9], start=AreaLevel.TOWN)
    amount = other.said_qty if other.qty_left == other.qty else lots.left(other)
    what = " ".join(part for part in (amount, other.said_price) if part) or other.name
    who = (town, mask_name(owner.name), verb)
    line = f"{''.join(who) if language == 'zh' else ' '.join(who) + ' '}{what}"
    remark = usual_prices.remark_price(session, other, language, match.made_at)
    reasons = (
        *matching.explain_briefly(offer_of(own), offer_of(other), language),
        *([remark] if remark else []),
    )
    for position, why in enumerate(reasons):
        longer = f"{line}{' ' if position and language == 'zh' else ',' if language == 'zh' else ', '}{why}"
        if position and room and len(longer) > room:
            break
        line = longer
    return line


def tell_side(session: Session, post: Post, matches: list[Match], settings: Settings, now: datetime) -> None:
    """One message to one side: each match with its reason, and a question for each."""
    owner = session.get_one(Account, post.account_id)
    asked = [(match, _ask(session, match, owner, now)) for match in matches]
    language = owner.language
    spoken, frame = owner.preferred is Channel.VOICE, len(parts.with_signature("", settings.sms_signature))
    if len(asked) == 1 or spoken:
        match, question = asked[0]

        def offer(side: str) -> str:
            told = say(language, "A match: {side}. Reply 1 for the number, 2 if not", side=side)
            return f"{told}[{question.code}]"

        room = 0 if spoken else max(1, _ONE_TEXT - frame - len(offer("")))
        _tell(session, owner, offer(side_line(session, match, post, language, room=room)), now, question)
        return

    def offers(lines: str) -> str:
        return say(
            language,
            "{count} matches:\n{lines}\nReply 1 and the code for the number, like 1{code}",
            count=len(asked),
            lines=lines,
            code=asked[0][1].code,
        )

    room = max(1, (_TWO_TEXTS - frame - len(offers(""))) // len(asked) - len(asked[0][1].code) - 2)
    lines = (
        f"{question.code} {side_line(session, match, post, language, room=room)}" for match, question in asked
    )
    _tell(session, owner, offers("\n".join(lines)), now, asked[0][1])


def tell_number(
    session: Session, match: Match, *, to: Account, about: Account, settings: Settings, now: datetime
) -> None:
    """The side that said yes before gets the number too; where they saw enough numbers today, they are rung."""
    try:
        shown = reveals.reveal(session, match, viewer=to, shown=about, settings=settings, now=now)
    except TooOften:
        tell_wanted(session, match, to=to, by=about, now=now)
        return
    text = say(
        to.language,
        "The other side said yes. {name} ({what}): {phone}.",
        name=shown.name,
        what=shown.what,
        phone=shown.phone,
    )
    _tell(session, to, text, now, None)


def tell_wanted(session: Session, match: Match, *, to: Account, by: Account, now: datetime) -> None:
    """Say who has the number and will ring."""
    item = match.demand_item if match.demand_post.account_id == by.id else match.supply_item
    text = say(
        to.language, "{name} has your number for {what} and will ring you.", name=by.name, what=item.name
    )
    _tell(session, to, text, now, None)


def _sides(match: Match, mine: Post) -> tuple[PostItem, PostItem]:
    supply, demand = match.supply_item, match.demand_item
    return (supply, demand) if match.supply_post_id == mine.id else (demand, supply)


def _ask(session: Session, match: Match, owner: Account, now: datetime) -> Question:
    return questions.ask(
        session, kind=QuestionKind.MATCH, now=now, hours=_QUESTION_HOURS, account=owner, match_id=match.id
    )


def _tell(session: Session, account: Account, text: str, now: datetime, question: Question | None) -> None:
    outbox.tell(session, account=account, text=text, purpose=Purpose.MATCH, now=now, question=question)
