"""A person's own page: what waits for an answer, what they posted and how far it is, what they receive."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, defer

from farmerline.domain import answers, appeals, areas, consent, match_notices, posts, questions, usual_prices
from farmerline.domain.choices import offered
from farmerline.domain.people import names_of
from farmerline.domain.recordings import CALLERS
from farmerline.identity import mask_name, show_phone
from farmerline.messages import Channel
from farmerline.models import (
    LIVE,
    Account,
    Callout,
    Delivery,
    Inbound,
    InboundState,
    LetterGroup,
    Match,
    MatchState,
    Post,
    PostState,
    Purpose,
    Question,
    QuestionKind,
    QuestionState,
    Recording,
    Reveal,
    WebSession,
)
from farmerline.queries import board

CHOSEN_PURPOSES = (Purpose.MATCH, Purpose.WATCH, Purpose.LETTER, Purpose.ALERT, Purpose.TIPS, Purpose.DIGEST)
CHOSEN_CHANNELS = (Channel.SMS, Channel.VOICE)
_SHOWN = 30
_STATES_KEPT = (PostState.PENDING, PostState.HELD, *LIVE, PostState.DONE, PostState.EXPIRED)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that waits for this person. ``about`` is their own post in a line; ``other`` and ``reason`` tell a match;
    ``reason`` alone asks about a price far from the usual;
    ``choices`` are what the numbers of a doubt mean, in their order."""

    id: str
    kind: str
    code: str
    about: str
    sells: bool
    other: str
    reason: str
    other_number: int
    post_id: str
    asked_at: datetime
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Partner:
    """The other side of a match that was agreed: the number only where it was shown to this person."""

    name: str
    phone: str
    what: str
    number: int
    ended: bool


@dataclass(frozen=True, slots=True)
class OwnPost:
    """A post as its owner sees it."""

    id: str
    number: int | None
    kind: str
    title: str
    price: str
    line: str
    text: str
    state: str
    held_reason: str
    channel: str
    share_phone: bool
    created_at: datetime
    published_at: datetime | None
    expires_at: datetime | None
    matched: int
    partners: tuple[Partner, ...]
    refused: str = ""
    """Why the desk took it down; "" for every other post."""
    may_appeal: bool = False
    appealed: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """One exchange by the web: the person's words and our answers."""

    words: str
    replies: tuple[str, ...]
    handled: bool
    question_id: str | None
    post_id: str | None
    case_id: str | None
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Step:
    """One step in the life of a post. ``who`` is "" where the owner acted."""

    at: datetime
    state: str
    who: str
    channel: str
    note: str


@dataclass(frozen=True, slots=True)
class OwnSession:
    """A browser in which this person is signed in."""

    opened_at: datetime
    seen_at: datetime
    is_this: bool
    at_shared: bool


_ELSEWHERE = (QuestionKind.WHO, QuestionKind.LETTER, QuestionKind.ALERT, QuestionKind.SPEAK)
"""Questions that are answered by text or telephone, or have their own box."""


def waiting(session: Session, account: Account, *, language: str) -> list[Asked]:
    """The questions that this person can answer by a button or a few words, oldest first; alerts have their own box."""
    found = [
        question
        for question in questions.open_questions(session, [account], None)
        if question.kind not in _ELSEWHERE
    ]
    changes = [question for question in found if question.kind in (QuestionKind.CHANGE, QuestionKind.SIDE)]
    return [
        _asked(session, question, account, language)
        for question in found
        if question.kind is not QuestionKind.CHANGE or question is changes[-1]
    ]


def question_of(session: Session, account: Account, question_id: str, *, language: str) -> Asked | None:
    """One question of this person while it is open."""
    question = session.get(Question, question_id)
    if question is None or question.account_id != account.id or question.state is not QuestionState.OPEN:
        return None
    return _asked(session, question, account, language)


def own_posts(session: Session, account: Account, *, now: datetime, limit: int = _SHOWN) -> list[OwnPost]:
    """This person's posts, what is open first, then the newest; of taken down ones those that can be appealed."""
    query = select(Post).where(Post.account_id == account.id, Post.state.in_(_STATES_KEPT))
    found = list(session.scalars(query.order_by(Post.created_at.desc(), Post.id.desc()).limit(limit)))
    found.sort(key=lambda post: post.state in (PostState.DONE, PostState.EXPIRED))
    refused = [post for post in appeals.own(session, account, now) if post not in found]
    return [own_post(session, account, post, now=now) for post in (*refused, *found)]


def own_post(session: Session, account: Account, post: Post, *, now: datetime) -> OwnPost:
    """One post with its matches."""
    mine = (Match.supply_post_id == post.id) | (Match.demand_post_id == post.id)
    matches = list(
        session.scalars(select(Match).where(mine, Match.state != MatchState.LAPSED).order_by(Match.made_at))
    )
    return OwnPost(
        id=post.id, number=post.number, kind=post.kind, title=board.title(post), price=board.price(post),
        line=posts.describe(session, post), text=post.text, state=post.state.value, held_reason=post.held_reason,
        channel=post.channel.value, share_phone=post.share_phone, created_at=post.created_at,
        published_at=post.published_at, expires_at=post.expires_at,
        matched=sum(match.state is not MatchState.REFUSED for match in matches),
        partners=tuple(
            found for match in matches if match.state is not MatchState.OFFERED and (found := partner(session, match, account))
        ),
        refused=appeals.why_taken_down(post), may_appeal=appeals.may_appeal(post, now), appealed=post.appealed_at is not None,
    )  # fmt: skip


def partner(session: Session, match: Match, account: Account) -> Partner | None:
    """Whom the match was agreed with; None where their number was never shown to this person."""
    shown = session.scalar(
        select(Reveal.shown_id).where(Reveal.match_id == match.id, Reveal.viewer_id == account.id).limit(1)
    )
    if shown is None:
        return None
    other = session.get_one(Account, shown)
    theirs = match.demand_post if match.supply_post.account_id == account.id else match.supply_post
    return Partner(
        name=other.name, phone=show_phone(other.phone or ""), what=board.title(theirs), number=theirs.number or 0,
        ended=match.state is not MatchState.AGREED,
    )  # fmt: skip


def match_with(session: Session, account: Account, post: Post) -> Match | None:
    """The match between this post and one of the person's own; the newest that still counts."""
    mine = select(Post.id).where(Post.account_id == account.id)
    query = select(Match).where(
        ((Match.supply_post_id == post.id) & Match.demand_post_id.in_(mine))
        | ((Match.demand_post_id == post.id) & Match.supply_post_id.in_(mine)),
        Match.state != MatchState.LAPSED,
    )
    return session.scalar(query.order_by(Match.made_at.desc()).limit(1))


def question_about(session: Session, account: Account, match: Match) -> Question | None:
    """The open question to this person about a match."""
    query = select(Question).where(
        Question.match_id == match.id, Question.account_id == account.id, Question.state == QuestionState.OPEN
    )
    return session.scalar(query.order_by(Question.asked_at.desc()).limit(1))


def said(session: Session, account: Account, inbound_id: str) -> Said | None:
    """What this person said by the web, and what they were answered; None where it is not theirs."""
    row = session.get(Inbound, inbound_id)
    if row is None or row.account_id != account.id or row.channel is not Channel.WEB:
        return None
    answers = select(Delivery).where(
        Delivery.inbound_id == row.id, Delivery.account_id == account.id, Delivery.channel == Channel.WEB
    )
    return Said(
        words=row.raw or row.body,
        replies=tuple(
            delivery.text for delivery in session.scalars(answers.order_by(Delivery.created_at, Delivery.id))
        ),
        handled=row.state is InboundState.HANDLED,
        question_id=row.question_id,
        post_id=row.post_id,
        case_id=row.case_id,
        received_at=row.received_at,
    )


def state_of(session: Session, account_id: str, code: str, *, ref: str) -> str | None:
    """ "open" while this person's question of this code waits (or the same form came before), else "closed"; None for none."""
    if session.scalar(select(Inbound.id).where(Inbound.gateway == "web", Inbound.ref == ref)) is not None:
        return "open"
    query = select(Question.state).where(Question.account_id == account_id, Question.code == code)
    states = set(session.scalars(query))
    if not states:
        return None
    return "open" if QuestionState.OPEN in states else "closed"


def history(session: Session, post: Post) -> list[Step]:
    """The life of a post, step by step; who acted is named where it was not the owner."""
    people = {
        event.actor_id for event in post.history if event.actor_id and event.actor_id != post.account_id
    }
    names = names_of(session, people)
    return [
        Step(
            at=event.at,
            state=event.state.value,
            who=names.get(event.actor_id or "", ""),
            channel=event.channel,
            note=event.note,
        )
        for event in post.history
    ]


def choices(session: Session, account: Account) -> dict[tuple[str, str], bool]:
    """Whether each kind of message may come by text and by call."""
    return {
        (purpose.value, channel.value): consent.allows(
            session, account=account, purpose=purpose, channel=channel
        )
        for purpose in CHOSEN_PURPOSES
        for channel in CHOSEN_CHANNELS
    }


def sessions(session: Session, account_id: str, *, this: str, now: datetime) -> list[OwnSession]:
    """Where this person is signed in, this browser first."""
    query = select(WebSession).where(WebSession.account_id == account_id, WebSession.ends_at > now)
    rows = [
        row
        for row in session.scalars(query.order_by(WebSession.seen_at.desc()))
        if (now - row.seen_at).total_seconds() < row.idle_seconds
    ]
    found = [
        OwnSession(row.opened_at, row.seen_at, row.id == this, row.parent_id is not None) for row in rows
    ]
    return sorted(found, key=lambda one: not one.is_this)


def recordings(session: Session, account_id: str) -> list[Recording]:
    """What this person said on the telephone and is still kept as sound, the newest first; letters apart."""
    mine = select(Recording).options(defer(Recording.sound_sealed)).where(
        Recording.account_id == account_id, Recording.seconds > 0, Recording.use.in_(CALLERS)
    )  # fmt: skip
    return list(session.scalars(mine.order_by(Recording.at.desc(), Recording.id).limit(_SHOWN)))


def _asked(session: Session, question: Question, account: Account, language: str) -> Asked:
    other = reason = ""
    number = 0
    post = session.get(Post, question.post_id) if question.post_id else None
    if question.match_id:
        match = session.get_one(Match, question.match_id)
        sells = match.supply_post.account_id == account.id
        post, theirs = (
            (match.supply_post, match.demand_post) if sells else (match.demand_post, match.supply_post)
        )
        item = match.demand_item if sells else match.supply_item
        owner = session.get_one(Account, theirs.account_id)
        parts = (
            mask_name(owner.name),
            areas.path_name(session, theirs.area_code),
            item.name,
            item.said_qty,
            item.said_price,
        )
        other = ("，" if language == "zh" else ", ").join(part for part in parts if part)
        reason = match_notices.reason(session, match, post, language)
        number = theirs.number or 0
    else:
        sells = post is not None and post.kind == "supply"
        if post is not None and question.kind is QuestionKind.PUBLISH:
            reason = usual_prices.ask_price(session, post, language, question.asked_at)
    about = posts.describe(session, post, language) if post else ""
    if post is not None and question.kind is QuestionKind.CHOICE:
        about = post.text
    if question.kind in (QuestionKind.HEARD, QuestionKind.USEFUL):
        about = answers.topic(session, question, language)
    if question.kind is QuestionKind.WHICH:
        about = str(question.data["what"])  # the buttons say the rest
    if question.kind is QuestionKind.EDIT:
        about = answers.topic(session, question, language)
    if question.kind is QuestionKind.CALLOUT:
        about = session.get_one(Callout, question.data["callout"]).text
    if question.kind is QuestionKind.SURVEY:
        about, reason = question.data["text"], question.data["asker"]
    if question.kind is QuestionKind.GROUP:
        group = session.get_one(LetterGroup, question.data["group"])
        owner = session.get_one(Account, group.owner_id)
        about, reason = group.name, f"{owner.name} {areas.path_name(session, owner.area_code)}"
    return Asked(
        id=question.id, kind=question.kind.value, code=question.code, about=about, sells=sells, other=other, reason=reason,
        other_number=number, post_id=post.id if post else "", asked_at=question.asked_at,
        choices=offered(session, question, language),
    )  # fmt: skip
