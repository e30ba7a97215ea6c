"""An amount told as sold or bought outside a match (卖了300斤): off which open lot it goes, and what is left of it."""

from __future__ import annotations

import re

import matching
from farmerline.domain import drafts, lookups, lots, posts, which
from farmerline.domain.talk import Talk
from farmerline.models import LIVE, PostItem, PostState, Question

_BUYS = re.compile("[买收进]")


def take(talk: Talk) -> bool:
    """Take what was told off the lot that is meant, or ask which one; False where no amount of a lot was told, or nothing
    that is open can be meant."""
    told = matching.part_told(talk.inbound.body)
    if not told:
        return False
    side = "demand" if _BUYS.search(talk.inbound.body) else "supply"
    fitting = [
        item
        for post in lookups.own_posts(talk.session, talk.person, talk.said)
        if post.state in LIVE
        for item in post.items
        if item.live and item.direction == side and _fits(talk, item, told)
    ]
    if not fitting:
        return False
    if len(fitting) == 1:
        _take_off(talk, fitting[0], told)
        return True
    which.ask(talk, "sold", told, [which.lot(item) for item in fitting])
    return True


def settle(talk: Talk, question: Question, item_id: str) -> None:
    """The lot that was chosen: the amount goes off it."""
    item = talk.session.get(PostItem, item_id)
    if item is None or not item.live:
        talk.tell("That post is settled already. Please write the whole post again.")
        return
    _take_off(talk, item, str(question.data["what"]))


def _fits(talk: Talk, item: PostItem, told: str) -> bool:
    """Whether a lot can be meant: it is the thing that was named, and counted in the measure that was said."""
    product = talk.said.slots.get("product")
    amount = lots.amount_meant(told, item)
    named = product is None or item.concept == product
    return named and amount is not None and item.unit in (None, amount[1])


def _take_off(talk: Talk, item: PostItem, told: str) -> None:
    amount = lots.amount_meant(told, item)
    if amount is None:
        return
    talk.session.refresh(item, with_for_update={"key_share": True})
    post, qty = item.post, amount[0]
    said = lots.say_amount(qty, amount[1], item)
    posts.take_from_lot(item, qty)
    drafts.note(post, post.state, talk.speaker, talk.now, talk.inbound.channel, f"sold: {said}"[:80])
    talk.post = post
    if not any(each.live for each in post.items):
        posts.end(
            talk.session, post, PostState.DONE, by=talk.speaker, channel=talk.inbound.channel, now=talk.now
        )
        talk.tell(
            "No. {number} is taken down: {what}. If it was a mistake reply RENEW {number}.",
            number=post.number,
            what=posts.describe(talk.session, post, talk.language),
        )
    elif left := lots.left(item):
        talk.tell(
            "Noted: {amount}. No. {number} stays open with {left}.",
            amount=said,
            number=post.number,
            left=left,
        )
    else:
        talk.tell("Noted: {amount}. No. {number} stays open.", amount=said, number=post.number)
    talk.session.flush()
