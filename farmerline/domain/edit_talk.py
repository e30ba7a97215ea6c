"""An open post put right by its owner's words (改价3块, 柿子改成200斤): shown as it will be, changed by a yes, the old kept."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

import matching
from farmerline.domain import drafts, guards, matching_desk, post_words, questions, which
from farmerline.domain.talk import Talk
from farmerline.models import LIVE, Post, PostItem, Question, QuestionKind, QuestionState
from farmerline.words import say
from matching import Item

CHANGED = "changed: "
"""How the note of such a step in a post's history begins; what stood before follows."""
_CHANGES = re.compile("改|更正|换成")
_NUMBER = re.compile(r"(?<!\d)(\d{1,9})号(?!\d)")
_KEPT = ("qty", "unit", "qty_said", "unit_price", "price_unit", "price_said")


def take(talk: Talk) -> bool:
    """Show the open post that the words change as it will be, or ask which one is meant; False where they change none."""
    body = talk.inbound.body
    if talk.said.intent != "deny" or talk.said.code or not _CHANGES.search(body) or talk.account is None:
        return False
    if matching.read_amount(body) is None:
        return False
    meant = _meant(talk)
    if len(meant) == 1:
        _show(talk, meant[0], body)
    elif meant:
        which.ask(talk, "edit", body[:20], [which.lot(item) for item in meant], words=body[:80])
    return bool(meant)


def topic(question: Question, language: str) -> str:
    """What is asked, in a few words."""
    number, what = question.data["number"], question.data["what"]
    return say(language, "No. {number} becomes: {what}", number=number, what=what)


def settle(talk: Talk, question: Question) -> None:
    """The answer to what was shown: changed, or left as it is."""
    item = talk.session.get(PostItem, question.data["item"])
    if item is None or item.post.state not in LIVE:
        questions.close(question, now=talk.now, state=QuestionState.REPLACED)
        talk.tell("That post is settled already. Please write the whole post again.")
        return
    questions.close(question, now=talk.now, answer=talk.said.intent)
    post = talk.post = item.post
    if talk.said.intent == "deny":
        talk.tell("No. {number} stays as it is.", number=post.number)
        return
    before = _words(item)
    drafts.measure(item, _stored(question.data["said"]))
    item.live = item.qty_left is None or item.qty_left > 0
    post.text = f"{post.text};{drafts.without_contacts(question.data['words'])}"[:800]
    post.text_mark = guards.mark(post.text)
    drafts.note(post, post.state, talk.speaker, talk.now, talk.inbound.channel, f"{CHANGED}{before}"[:80])
    talk.session.flush()
    post_words.keep(talk.session, post)
    talk.tell("Changed. No. {number}: {what}.", number=post.number, what=f"{item.name} {_words(item)}")
    matching_desk.meet(talk.session, post, settings=talk.settings, now=talk.now)


def settle_which(talk: Talk, question: Question, item_id: str) -> None:
    """The post that was chosen: it is shown as it will be."""
    item = talk.session.get(PostItem, item_id)
    if item is None or item.post.state not in LIVE:
        talk.tell("That post is settled already. Please write the whole post again.")
        return
    _show(talk, item, str(question.data["words"]))


def _show(talk: Talk, item: PostItem, words: str) -> None:
    amount = matching.read_amount(words)
    if amount is None:
        return
    said = drafts.reckon(item, amount, words)
    told = [
        said.qty_said if said.qty is not None else item.said_qty,
        said.price_said if said.unit_price is not None else item.said_price,
    ]
    question = questions.ask(
        talk.session,
        kind=QuestionKind.EDIT,
        now=talk.now,
        hours=talk.settings.read_back_hours,
        account=talk.person,
        post_id=item.post_id,
        data={
            "item": item.id,
            "words": words,
            "number": item.post.number,
            "what": " ".join([item.name, *(part for part in told if part)]),
            "said": {name: getattr(said, name) for name in _KEPT},
        },
    )
    talk.post = item.post
    talk.tell(
        "No. {number} becomes: {what}. Reply 1 yes, 2 leave it",
        question=question,
        number=question.data["number"],
        what=question.data["what"],
    )


def _meant(talk: Talk) -> Sequence[PostItem]:
    """The lots that the words may mean: by number, else by product, else all; the newest first."""
    mine = select(Post).where(Post.account_id == talk.person.id, Post.state.in_(LIVE))
    found = [
        item
        for post in talk.session.scalars(mine.order_by(Post.created_at.desc()).limit(50))
        for item in post.items
    ]
    number, product = _NUMBER.search(talk.inbound.body), talk.said.slots.get("product")
    if number:
        return [item for item in found if item.post.number == int(number[1])]
    if product is None:
        product = next((item.concept for item in found if item.name in talk.inbound.body), None)
    return [item for item in found if product is None or item.concept == product]


def _words(item: PostItem) -> str:
    return " ".join(part for part in (item.said_qty, item.said_price) if part)


def _stored(said: dict[str, Any]) -> Item:
    return Item("", "", **said)
