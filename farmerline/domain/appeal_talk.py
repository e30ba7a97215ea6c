"""申诉 by text: the post that is meant is handed to somebody else."""

from __future__ import annotations

import re
import unicodedata

from farmerline.domain import appeals, posts
from farmerline.domain.talk import Talk
from farmerline.errors import Refusal
from farmerline.models import Post

_WORDS = re.compile(
    r"^[\s,，.。:：!]*(?:我要?)?(?:申诉|appeal\b)[\s,，.。:：!#]*(?:(?:no\.?|第|编号)\s*)?(?:(\d{1,9})(?![\d.]*\s*[斤公吨株元块毛只头亩]))?\s*号?[\s,，.。:：!]*(.*)$",
    re.IGNORECASE | re.DOTALL,
)


def take(talk: Talk) -> bool:
    """Whether these words are an appeal; then it is taken up and answered."""
    said = _WORDS.match(unicodedata.normalize("NFKC", talk.inbound.body))
    if said is None:
        return False
    number, words = said[1], said[2]
    open_to = appeals.own(talk.session, talk.person, talk.now)
    meant = [post for post in open_to if number is None or post.number == int(number)]
    if number is not None and not meant:  # what cannot be appealed is refused with the reason
        meant = appeals.numbered(talk.session, talk.person, int(number))
    if len(meant) == 1:
        _ask(talk, meant[0], words)
    elif meant:
        listed = ";".join(
            f"{post.number} {posts.describe(talk.session, post, talk.language)}" for post in meant[:3]
        )
        talk.tell("Which one? {listed}. Reply APPEAL and its number.", listed=listed)
    else:
        talk.tell(
            "Nothing of yours is held or was taken down. For a person ring {line}.",
            line=talk.settings.line_number,
        )
    return True


def _ask(talk: Talk, post: Post, words: str) -> None:
    talk.post = post
    try:
        talk.case = appeals.ask(
            talk.session, post, by=talk.speaker, channel=talk.inbound.channel, words=words, now=talk.now
        )
    except Refusal as refusal:
        talk.refuse(refusal)
        return
    talk.tell(appeals.ASKED, number=post.number)
