"""The short number under which everything issued is found: an alert's (with its year or without), an article's, a post's."""

from __future__ import annotations

from sqlalchemy import select

from farmerline.clock import local
from farmerline.domain import alert_words, lookups, posts
from farmerline.domain.call_talk import CallTalk
from farmerline.messages import Say
from farmerline.models import Article, ArticleState

_YEAR, _LONGEST = 4, 9  # digits


def told(talk: CallTalk, digits: str, *, alerts_first: bool = False) -> Say:
    """What stands under a number that was keyed in.

    ``alerts_first``: this year's alert comes before what else bears the number, and a number that nothing bears is
    answered as an alert's: whoever keys it in wants to know whether it is real.
    """
    year, serial = (digits[:4], digits[4:]) if len(digits) > _YEAR else (f"{local(talk.now):%Y}", digits)
    number = f"{year}-{serial.lstrip('0') or '0'}"
    alert = alert_words.find(talk.session, number)
    is_alert = alert is not None and alert.issued_at is not None
    item = "" if is_alert and (alerts_first or len(digits) > _YEAR) else _item(talk, digits)
    if item:
        return Say(item)
    if not (is_alert or alerts_first):
        return Say(talk.say("Nothing has the number {number} now.", number=digits))
    return Say(
        alert_words.answer_number(
            talk.session, number, settings=talk.settings, language=talk.language, now=talk.now
        )
    )


def _item(talk: CallTalk, digits: str) -> str:
    """An article that is issued, else an open post; "" where neither bears the number."""
    if len(digits) > _LONGEST:
        return ""
    issued = select(Article).where(Article.number == int(digits), Article.state == ArticleState.ISSUED)
    article = talk.session.scalar(issued)
    if article is not None:
        return article.voice_text
    post = lookups.find_numbered(talk.session, digits)
    if post is None:
        return ""
    return talk.say(
        "No. {number}: {what}.",
        number=post.number,
        what=posts.describe(talk.session, post, talk.language),
    )
