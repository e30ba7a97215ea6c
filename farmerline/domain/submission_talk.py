"""报送 by text: news sent in by who speaks for a unit, and a liaison's word that it is still them."""

from __future__ import annotations

import re
import unicodedata

from farmerline.clock import local
from farmerline.domain import access, submissions, units
from farmerline.domain.talk import Talk
from farmerline.errors import Refusal
from farmerline.models import Via

_WORDS = re.compile(
    r"^[\s,，.。:：!]*(?:报送|采集|供稿|news\b)[\s,，.。:：!]*(.*)$", re.IGNORECASE | re.DOTALL
)
_STILL = re.compile(r"(?:还是我|还在|在|是|still)[\s。.!]*", re.IGNORECASE)


def take(talk: Talk) -> bool:
    """Whether these words are news of a unit; then they are kept and answered. Others' words go the usual way."""
    said = _WORDS.match(unicodedata.normalize("NFKC", talk.inbound.body))
    if said is None or talk.account is None:
        return False
    actor = access.actor_of(talk.session, talk.person)
    if not units.may_send(talk.session, actor, now=talk.now):
        return False
    held = units.held_by(talk.session, talk.person.id, local(talk.now).date())
    if held and _STILL.fullmatch(said[1]):
        for one in held:
            units.confirm(talk.session, one, actor=actor, now=talk.now)
        talk.tell("Noted: you are still the liaison. Thank you.")
        return True
    try:
        row = submissions.submit(talk.session, actor=actor, text=said[1], via=Via.SMS, now=talk.now)
    except Refusal as refusal:
        talk.refuse(refusal)
        return True
    talk.tell("Kept as {number} for the editors. We tell you what becomes of it.", number=f"B{row.number}")
    return True
