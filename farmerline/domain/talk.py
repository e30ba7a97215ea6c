"""One exchange with one person: what they said, who they are, and what they are told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from farmerline.config import Settings
from farmerline.domain import outbox
from farmerline.errors import Refusal
from farmerline.messages import Accepted, Channel
from farmerline.models import Account, Case, Inbound, Post, Purpose, Question
from farmerline.words import say
from matching import Understood

Understand = Callable[[str, frozenset[str]], Understood]
"""A text and the kinds of open questions, to what it wants. Pure."""


@dataclass(slots=True)
class Talk:
    """The state of one exchange inside one transaction. ``members`` are all people of the phone that spoke."""

    session: Session
    settings: Settings
    understand: Understand
    again: Callable[[str, str], Accepted]
    """Act on an earlier message (its id) now that it is settled who spoke (the account's id)."""
    inbound: Inbound
    said: Understood
    now: datetime
    members: list[Account]
    questions: list[Question]
    account: Account | None = None
    operator: Account | None = None
    replies: list[str] = field(default_factory=list)
    question: Question | None = None
    post: Post | None = None
    case: Case | None = None

    @property
    def person(self) -> Account:
        """Who speaks, once that is settled."""
        if self.account is None:
            raise RuntimeError("nobody identified")
        return self.account

    @property
    def language(self) -> str:
        """The speaker's; before that is settled, the language of the phone's first person."""
        known = self.account or next(iter(self.members), None)
        return known.language if known else "zh"

    @property
    def speaker(self) -> Account:
        """Who acts: the contact point where it acts for the person, else the person."""
        return self.operator or self.person

    def tell(self, sentence: str, /, *, question: Question | None = None, **values: object) -> None:
        """Answer on the channel the words came by; a question's code stands at the end.

        A page and a call show or speak the answer themselves; what a contact point entered is
        answered to the person's own phone.
        """
        self.tell_plain(say(self.language, sentence, **values), question=question)

    def refuse(self, refusal: Refusal) -> None:
        """Say why something cannot be done."""
        self.tell_plain(say(self.language, refusal.sentence, **refusal.values))

    def tell_plain(self, text: str, *, question: Question | None = None) -> None:
        """The same, with words that are ready."""
        if question is not None:
            self.question = question
        self.replies.append(text)
        coded = f"{text}[{question.code}]" if question is not None else text
        if self.operator is not None and self.account is not None:
            outbox.tell(
                self.session,
                account=self.account,
                text=coded,
                purpose=Purpose.SERVICE,
                now=self.now,
                question=question,
                inbound=self.inbound,
            )
        elif self.inbound.channel is Channel.SMS:
            outbox.answer(
                self.session,
                inbound=self.inbound,
                text=coded,
                now=self.now,
                question=question,
                account=self.account,
            )
        elif self.inbound.channel is Channel.WEB and self.account is not None:
            outbox.record_shown(
                self.session,
                inbound=self.inbound,
                account=self.account,
                text=text,
                now=self.now,
                question=question,
            )
