"""The call that follows an urgent letter whose text brought no receipt: its words again, and 1 for "heard"."""

from __future__ import annotations

from farmerline.domain import mailbox, spoken_posts
from farmerline.domain.call_talk import CallTalk
from farmerline.messages import Ask, Channel, HangUp, Say, SpokenStep
from farmerline.models import Account, Delivery, Letter

_TIMES = 3


def letter_of(talk: CallTalk, delivery: Delivery) -> Letter | None:
    """The urgent letter that this call is placed for; None for every other call."""
    letter = talk.session.get(Letter, delivery.letter_id) if delivery.letter_id else None
    return letter if letter is not None and letter.urgent else None


def ring_out(talk: CallTalk, delivery: Delivery, letter: Letter, step: str) -> list[SpokenStep]:
    """The turns of the call: the words, then the key. 1 counts as read; a silent phone hears them three times."""
    key = talk.heard.digits[:1]
    if step == "":
        return _read(talk, delivery)
    if key == "0":
        return spoken_posts.leave_message(talk)
    if key == "1":
        reader = talk.session.get_one(Account, letter.to_id)
        mailbox.mark_read([letter], reader, channel=Channel.VOICE, now=talk.now)
        return [Say(talk.say("Thank you. It is noted that you heard it.")), HangUp()]
    times = int(talk.call.data.get("silent", 0)) + 1
    talk.call.data = {**talk.call.data, "silent": times}
    return _read(talk, delivery) if times < _TIMES else [Say(talk.say("Good-bye.")), HangUp()]


def _read(talk: CallTalk, delivery: Delivery) -> list[SpokenStep]:
    keys = talk.say("Understood: press 1. Again press 9, for a person press 0.")
    return [Ask(step="reply", prompt=(Say(delivery.text), Say(keys)), count=1, seconds=8)]
