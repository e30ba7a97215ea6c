"""Where supply meets demand: candidates from the rows, ranked by the matcher, told to both sides, answered by both.

Whose number is shown to whom: A's number is shown to B when B says yes, and A allowed it at the read-back or has
said yes to this match. Every showing is a row, and a person is shown at most so many a day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session, joinedload

import matching
from farmerline import parts
from farmerline.clock import local
from farmerline.config import Settings
from farmerline.domain import areas, audit, outbox, questions
from farmerline.errors import Absent, Conflict, TooOften
from farmerline.identity import mask_name
from farmerline.messages import Channel
from farmerline.models import (
    Account,
    AccountState,
    AreaLevel,
    Match,
    MatchState,
    Post,
    PostItem,
    PostState,
    Purpose,
    Question,
    QuestionKind,
    Reveal,
)
from farmerline.words import say

CANDIDATES = 300
_QUESTION_HOURS = 24 * 10
_ONE_TEXT, _TWO_TEXTS = 70, 134  # Chinese characters that fit one text message, and two


@dataclass(frozen=True, slots=True)
class Shown:
    """A person's name and number, shown to the other side of a match; ``what`` is their side of it."""

    name: str
    phone: str
    what: str


def meet(session: Session, post: Post, *, settings: Settings, now: datetime) -> list[Match]:
    """Match a post that was just opened, or that wants others, and tell both sides; the new matches, best first."""
    owner = session.get_one(Account, post.account_id)
    best: dict[str, tuple[matching.Score, PostItem, PostItem]] = {}
    for item in post.items:
        for score, candidate in _rank(session, item, owner, now):
            known = best.get(candidate.post_id)
            if known is None or score.value > known[0].value:
                best[candidate.post_id] = (score, item, candidate)
    chosen = sorted(best.values(), key=lambda found: -found[0].value)[: settings.matches_a_side]
    tried = [_make(session, score, mine, theirs, now) for score, mine, theirs in chosen]
    made = [match for match in tried if match is not None]
    session.flush()
    if made:
        _tell_side(session, post, made, settings, now)
        for match in made:
            other = _other(match, post)
            if _open_offers(session, other) <= settings.matches_a_side:
                _tell_side(session, other, [match], settings, now)
    return made


def answer(
    session: Session, match: Match, *, account: Account, yes: bool, settings: Settings, now: datetime
) -> Shown | None:
    """One side's answer. Returns the other side's number where it may be shown now.

    Raises ``Conflict`` when the match is over, ``TooOften`` when this person was shown enough numbers today,
    ``Absent`` for anybody who is not a side of it.
    """
    lock(session, match)
    sides = (match.supply_post.account_id, match.demand_post.account_id)
    if account.id not in sides:
        raise Absent
    if match.state not in (MatchState.OFFERED, MatchState.AGREED):
        raise Conflict("match_over", "This match is over: the post has ended. We go on looking.")
    supplies = match.supply_post.account_id == account.id
    mine, theirs = (
        (match.supply_post, match.demand_post) if supplies else (match.demand_post, match.supply_post)
    )
    if not yes:
        _say(match, supplies, yes=False)
        match.state = MatchState.REFUSED
        questions.close_all(session, now=now, match_id=match.id)
        session.flush()
        if not _open_offers(session, mine):
            meet(session, mine, settings=settings, now=now)
        return None
    other = session.get_one(Account, theirs.account_id)
    if other.state is not AccountState.VERIFIED:
        raise Conflict("match_over", "This match is over: the post has ended. We go on looking.")
    other_yes = match.demand_yes if supplies else match.supply_yes
    if not (theirs.share_phone or other_yes):
        _say(match, supplies, yes=True)
        return None
    shown = _reveal(session, match, viewer=account, shown=other, settings=settings, now=now)
    _say(match, supplies, yes=True)
    if match.state is MatchState.OFFERED:
        match.state, match.agreed_at = MatchState.AGREED, now
        for post in (mine, theirs):
            post.state = PostState.MATCHED if post.state is PostState.OPEN else post.state
    if not other_yes:
        _tell_wanted(session, match, to=other, by=account, now=now)
    elif not _was_shown(session, match, other):
        _tell_number(session, match, to=other, about=account, settings=settings, now=now)
    return shown


def lock(session: Session, match: Match) -> None:
    """Wait until nobody else answers this match, and see it as it is then: of two answers each sees the other."""
    session.flush()
    session.refresh(match, with_for_update={"key_share": True})


def reason(match: Match, mine: Post, language: str) -> str:
    """The one line that says why, as the owner of ``mine`` sees it."""
    own, other = _sides(match, mine)
    return matching.explain(_offer(own), _offer(other), language=language)


def side_line(session: Session, match: Match, mine: Post, language: str, *, room: int = 0) -> str:
    """The other side in one line, with as many reasons as ``room`` characters hold: no full name, no number.

    Without ``room`` all reasons are given; the first is never left out.
    """
    own, other = _sides(match, mine)
    owner = session.get_one(Account, other.post.account_id)
    verb = say(language, "sells" if other.direction == "supply" else "wants")
    town = areas.path_name(session, other.post.area_code[:9], start=AreaLevel.TOWN)
    what = " ".join(part for part in (other.said_qty, other.said_price) if part) or other.name
    who = (town, mask_name(owner.name), verb)
    line = f"{''.join(who) if language == 'zh' else ' '.join(who) + ' '}{what}"
    for position, why in enumerate(matching.explain_briefly(_offer(own), _offer(other), language)):
        longer = f"{line}{' ' if position and language == 'zh' else ',' if language == 'zh' else ', '}{why}"
        if position and room and len(longer) > room:
            break
        line = longer
    return line


def _sides(match: Match, mine: Post) -> tuple[PostItem, PostItem]:
    supply, demand = match.supply_item, match.demand_item
    return (supply, demand) if match.supply_post_id == mine.id else (demand, supply)


def _rank(
    session: Session, item: PostItem, owner: Account, now: datetime
) -> list[tuple[matching.Score, PostItem]]:
    rows = {row.id: row for row in _candidates(session, item, owner)}
    today = local(now).date().toordinal()
    offers = [_offer(row) for row in rows.values()]
    ranked = matching.rank(_offer(item), offers, limit=10, today=today)
    return [(score, rows[score.offer.id]) for score in ranked]


def _candidates(session: Session, item: PostItem, owner: Account) -> list[PostItem]:
    """Rows of the other direction with one of the keys, nearest area first, never of one's own household."""
    keys = matching.keys(_offer(item), item.direction)
    apart = Account.id != owner.id
    if owner.phone_index:
        apart &= or_(Account.phone_index.is_(None), Account.phone_index != owner.phone_index)
    base = (
        select(PostItem)
        .join(PostItem.post)
        .join(Account, Account.id == Post.account_id)
        .where(PostItem.key.in_(keys), PostItem.live, Account.state == AccountState.VERIFIED, apart)
        .where(PostItem.post_id.not_in(_met_by(item)))
        .options(joinedload(PostItem.post))
        .order_by(PostItem.day.desc(), PostItem.id)
        .limit(CANDIDATES)
    )
    found: dict[str, PostItem] = {}
    for area in (PostItem.city == item.city, PostItem.province == item.province, None):
        wanted = base if area is None else base.where(area)
        found.update({row.id: row for row in session.scalars(wanted)})
        if len(found) >= CANDIDATES:
            break
    return list(found.values())


def _met_by(item: PostItem) -> Select[tuple[str]]:
    """Posts that this one knows already: whatever came of it, they are not told of each other again."""
    supplies = item.direction == "supply"
    mine, theirs = (
        (Match.supply_post_id, Match.demand_post_id)
        if supplies
        else (Match.demand_post_id, Match.supply_post_id)
    )
    return select(theirs).where(mine == item.post_id, Match.state != MatchState.LAPSED)


def _offer(item: PostItem) -> matching.Offer:
    return matching.Offer(
        id=item.id,
        direction=item.direction,
        concept=item.concept,
        form=item.form,
        variety=item.variety,
        qty=item.qty_left,
        unit=item.unit,
        unit_price=item.unit_price,
        price_unit=item.price_unit,
        area=item.area_code,
        day=item.day.toordinal(),
        name=item.name,
    )


def _make(
    session: Session, score: matching.Score, mine: PostItem, theirs: PostItem, now: datetime
) -> Match | None:
    """A new match; or one that lapsed with a post that is back. None where the two know of each other already."""
    supply, demand = (mine, theirs) if mine.direction == "supply" else (theirs, mine)
    known = session.scalar(
        select(Match).where(Match.supply_post_id == supply.post_id, Match.demand_post_id == demand.post_id)
    )
    if known is not None and known.state is not MatchState.LAPSED:
        return None
    if known is not None:
        known.state, known.supply_yes, known.demand_yes, known.made_at = MatchState.OFFERED, None, None, now
        return known
    match = Match(
        supply_post=supply.post,
        demand_post=demand.post,
        supply_item=supply,
        demand_item=demand,
        score=score.value,
        reason_zh=matching.explain(_offer(mine), _offer(theirs), score, language="zh")[:120],
        reason_en=matching.explain(_offer(mine), _offer(theirs), score, language="en")[:240],
        made_at=now,
    )
    session.add(match)
    return match


def _tell_side(session: Session, post: Post, matches: list[Match], settings: Settings, now: datetime) -> None:
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


def _open_offers(session: Session, post: Post) -> int:
    mine = (Match.supply_post_id == post.id) | (Match.demand_post_id == post.id)
    return (
        session.scalar(select(func.count()).select_from(Match).where(mine, Match.state == MatchState.OFFERED))
        or 0
    )


def _ask(session: Session, match: Match, owner: Account, now: datetime) -> Question:
    return questions.ask(
        session, kind=QuestionKind.MATCH, now=now, hours=_QUESTION_HOURS, account=owner, match_id=match.id
    )


def _was_shown(session: Session, match: Match, viewer: Account) -> bool:
    seen = select(Reveal.id).where(Reveal.match_id == match.id, Reveal.viewer_id == viewer.id)
    return session.scalar(seen) is not None


def _reveal(
    session: Session, match: Match, *, viewer: Account, shown: Account, settings: Settings, now: datetime
) -> Shown:
    seen = select(func.count()).select_from(Reveal).where(Reveal.viewer_id == viewer.id)
    if not _was_shown(session, match, viewer):
        if (session.scalar(seen.where(Reveal.at > now - timedelta(days=1))) or 0) >= settings.reveals_a_day:
            raise TooOften(
                "reveals",
                "You were shown {limit} numbers today. Please go on tomorrow.",
                limit=settings.reveals_a_day,
            )
        session.add(Reveal(match_id=match.id, viewer_id=viewer.id, shown_id=shown.id, at=now))
        audit.record(
            session,
            actor_id=viewer.id,
            for_id=shown.id,
            act="number.reveal",
            subject=f"match:{match.id}",
            now=now,
        )
        session.flush()
    item = match.supply_item if match.supply_post.account_id == shown.id else match.demand_item
    return Shown(name=shown.name, phone=_dialled(shown.phone), what=item.name)


def _tell_number(
    session: Session, match: Match, *, to: Account, about: Account, settings: Settings, now: datetime
) -> None:
    """The side that said yes before gets the number too; where they saw enough numbers today, they are rung."""
    try:
        shown = _reveal(session, match, viewer=to, shown=about, settings=settings, now=now)
    except TooOften:
        _tell_wanted(session, match, to=to, by=about, now=now)
        return
    text = say(
        to.language,
        "The other side said yes. {name} ({what}): {phone}.",
        name=shown.name,
        what=shown.what,
        phone=shown.phone,
    )
    _tell(session, to, text, now, None)


def _tell_wanted(session: Session, match: Match, *, to: Account, by: Account, now: datetime) -> None:
    item = match.demand_item if match.demand_post.account_id == by.id else match.supply_item
    text = say(
        to.language, "{name} has your number for {what} and will ring you.", name=by.name, what=item.name
    )
    _tell(session, to, text, now, None)


def _tell(session: Session, account: Account, text: str, now: datetime, question: Question | None) -> None:
    outbox.tell(session, account=account, text=text, purpose=Purpose.MATCH, now=now, question=question)


def _say(match: Match, supplies: bool, *, yes: bool) -> None:
    if supplies:
        match.supply_yes = yes
    else:
        match.demand_yes = yes


def _other(match: Match, post: Post) -> Post:
    return match.demand_post if match.supply_post_id == post.id else match.supply_post


def _dialled(phone: str | None) -> str:
    """A mainland number as people dial it."""
    return (phone or "").removeprefix("+86")
