"""Posts of a kind chosen on a form: transport, work, farm visits, services, notices, and whatever kinds a county adds.

A text message says by itself whether it sells or buys; these kinds cannot be told from the words, so the form says so.
From there on they go the common way: put on record, read back, published with the answer to the question.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from farmerline.config import Settings
from farmerline.domain import draft_talk, drafts, intake, questions
from farmerline.domain.talk import Talk, Understand
from farmerline.errors import Invalid
from farmerline.messages import Accepted, Incoming
from farmerline.models import Account, Inbound, InboundState, PostKind
from matching import Reading


def draft_listing(
    session: Session,
    *,
    incoming: Incoming,
    kind: str,
    understand: Understand,
    settings: Settings,
    now: datetime,
) -> Accepted:
    """Draft a post of this kind from a signed-in person's words, and read it back; the same form twice is one post.

    Raises ``Invalid`` for an unknown kind, or where nothing was written.
    """
    row_kind = session.get(PostKind, kind)
    if row_kind is None:
        raise Invalid("no_kind", "Please choose what kind of post this is.", field="kind")
    if not drafts.without_contacts(incoming.text):
        raise Invalid("no_words", "Please write what you offer or look for.", field="text")
    inbound_id, repeated = intake.store(session, incoming)
    if repeated:
        return intake.recall(session, inbound_id)
    row = session.get_one(Inbound, inbound_id)
    account = session.get_one(Account, incoming.account_id)
    said = replace(understand(incoming.text, frozenset()), intent="listing")
    reading = said.reading or Reading(direction="none", sure=False)

    def again(_earlier: str, _speaker: str) -> Accepted:
        raise RuntimeError("a listing never asks who speaks")

    talk = Talk(
        session=session,
        settings=settings,
        understand=understand,
        again=again,
        inbound=row,
        said=said,
        now=now,
        members=[account],
        questions=questions.open_questions(session, [account], None),
        account=account,
        operator=session.get(Account, incoming.operator_id) if incoming.operator_id else None,
    )
    talk.post = drafts.draft(
        session,
        account=account,
        inbound=row,
        text=incoming.text,
        reading=reading,
        now=now,
        kind=kind,
        operator=talk.operator,
    )
    draft_talk.read_back(talk, talk.post)
    row.state, row.intent, row.handled_at, row.attempts = InboundState.HANDLED, said.intent, now, 1
    row.post_id = talk.post.id
    row.question_id = talk.question.id if talk.question else None
    session.flush()
    return Accepted(
        inbound_id=row.id,
        replies=tuple(talk.replies),
        question_code=talk.question.code if talk.question else None,
        post_id=talk.post.id,
    )
