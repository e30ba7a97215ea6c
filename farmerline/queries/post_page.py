"""One post as its reader may see it: everybody, the other side of a match, the owner, or who looks after the village."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from farmerline.domain import match_notices
from farmerline.models import LIVE, Account, Match, MatchState, Post
from farmerline.queries import board, farmer
from farmerline.queries.board import BoardRow
from farmerline.queries.farmer import Partner, Step


@dataclass(frozen=True, slots=True)
class Thing:
    """One product of a post; quantity and price as they were said."""

    name: str
    variety: str
    qty: str
    price: str
    category: str
    value: str


@dataclass(frozen=True, slots=True)
class Fit:
    """The reader's own post that this one was matched with. ``code`` names the open question to the reader, "" for none.

    ``said_yes``: the reader's answer, None while there is none; ``one_yes``: their yes alone shows the number.
    """

    own_words: str
    sells: bool
    reason: str
    code: str
    said_yes: bool | None
    one_yes: bool
    over: bool


@dataclass(frozen=True, slots=True)
class PostPage:
    """A post. ``public`` is false where only the owner and who looks after the village see it."""

    id: str
    row: BoardRow
    text: str
    things: tuple[Thing, ...]
    live: bool
    state: str
    public: bool
    owner_id: str
    owner_area: str
    created_at: datetime
    closed_at: datetime | None
    fit: Fit | None
    partner: Partner | None
    steps: tuple[Step, ...]


def post_page(session: Session, number: int, *, reader_id: str | None, language: str) -> PostPage | None:
    """The post with this number, or None."""
    post = board.find_post(session, number)
    if post is None:
        return None
    owner = session.get_one(Account, post.account_id)
    reader = session.get(Account, reader_id) if reader_id else None
    match = farmer.match_with(session, reader, post) if reader is not None and reader.id != owner.id else None
    return PostPage(
        id=post.id,
        row=board.rows_of(session, [post])[0],
        text=post.text,
        things=tuple(
            Thing(
                item.name,
                item.variety,
                item.said_qty,
                item.said_price,
                item.category,
                f"{item.concept}·{item.form}",
            )
            for item in post.items
        ),
        live=post.state in LIVE,
        state=post.state.value,
        public=board.is_public(post),
        owner_id=owner.id,
        owner_area=owner.area_code,
        created_at=post.created_at,
        closed_at=post.closed_at,
        fit=_fit(session, match, post, reader, language)
        if match is not None and reader is not None
        else None,
        partner=farmer.partner(session, match, reader) if match is not None and reader is not None else None,
        steps=tuple(farmer.history(session, post)),
    )


def _fit(session: Session, match: Match, post: Post, reader: Account, language: str) -> Fit:
    sells = match.demand_post_id == post.id
    own = match.supply_post if sells else match.demand_post
    theirs_yes = match.demand_yes if sells else match.supply_yes
    question = farmer.question_about(session, reader, match)
    return Fit(
        own_words=own.text,
        sells=sells,
        reason=match_notices.reason(session, match, own, language),
        code=question.code if question is not None and match.state is MatchState.OFFERED else "",
        said_yes=match.supply_yes if sells else match.demand_yes,
        one_yes=bool(post.share_phone or theirs_yes),
        over=match.state in (MatchState.REFUSED, MatchState.DONE),
    )
