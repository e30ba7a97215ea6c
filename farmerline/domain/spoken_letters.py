"""Letters by voice: opened by a PIN, read aloud with their sender's name, answered by speaking, kept by 1.

A PIN is asked of the people of a known phone alone, and for nothing else: three tries a call, ten a day from one phone,
and five a day for one person (``farmerline.domain.pins``).
"""

from __future__ import annotations

from sqlalchemy import select

from farmerline.clock import local
from farmerline.config import Module
from farmerline.domain import keys, mailbox, pins
from farmerline.domain.call_talk import CallTalk
from farmerline.errors import Absent, Invalid
from farmerline.messages import Ask, Channel, PlayRecording, Record, Say, SpokenStep
from farmerline.models import Account, AccountState, Call, Letter, Recording
from farmerline.words import say

AT_MOST = 5
"""Letters that are read in one go."""
PINS_A_CALL, PINS_A_DAY = 3, 10
"""Wrong PINs after which a call, and a phone for the day, opens no letters."""
SPOKEN = "letter"
"""What a recording is for that answers a letter."""
_EMPTY_WAV = 44


def waiting(talk: CallTalk) -> list[Letter]:
    """What the caller's people have not read yet, oldest first."""
    return mailbox.unread(talk.session, _readers(talk), limit=AT_MOST) if _readers(talk) else []


def begin(talk: CallTalk) -> list[SpokenStep] | None:
    """The next letter, once the PIN was right; before that the PIN is asked for. None where there is none."""
    fresh = [*_broken_off(talk), *waiting(talk)]
    kept = [] if fresh else _kept(talk)
    if not (fresh or kept):
        return None
    if talk.call.data.get("pin"):
        return _read(talk, (fresh or kept)[0])
    if fresh:
        senders = dict.fromkeys(talk.session.get_one(Account, letter.from_id).name for letter in fresh)
        ask = talk.say(
            "{count} letters, from {senders}. To hear them key in your six-digit PIN and hash.",
            count=len(fresh), senders="、".join(senders),
        )  # fmt: skip
    else:
        ask = talk.say("You kept {count} letters. To hear them key in your PIN and hash.", count=len(kept))
    return [_ask_pin(ask)]


def go_on(talk: CallTalk, letter_id: str) -> list[SpokenStep] | None:
    """Begin with the letter at which an earlier call broke off; its PIN is asked for anew."""
    talk.call.data = {**talk.call.data, "broken": letter_id}
    return begin(talk)


def check_pin(talk: CallTalk) -> list[SpokenStep] | None:
    """The PIN opens the letters of the household member it belongs to, for this call."""
    pin = talk.heard.digits.rstrip("#")
    if _tries_today(talk) >= PINS_A_DAY:
        return _refuse(talk)
    people = [talk.account] if talk.account else talk.members
    member = pins.find_holder(talk.session, people, pin, now=talk.now)
    if member is not None:
        talk.call.data = {**talk.call.data, "pin": member.id}
        return begin(talk)
    tries = int(talk.call.data.get("tries", 0)) + 1
    talk.call.data = {**talk.call.data, "tries": tries}
    if tries >= PINS_A_CALL:
        return _refuse(talk)
    return [
        _ask_pin(
            talk.say("The PIN does not fit. Once more, then hash. No PIN yet? Your contact point gives you one.")
        )
    ]  # fmt: skip


def after(talk: CallTalk, letter_id: str) -> list[SpokenStep] | None:
    """What a key does after a letter: 1 keeps it, 2 answers it; anything else goes on to the next."""
    letter, reader = _mine(talk, letter_id)
    meant = keys.LETTER.get(talk.heard.digits[:1], "next")
    if letter is None or reader is None:
        return None
    if meant == "answer":
        return _record(talk, letter)
    if meant == "keep":
        letter.kept_at = letter.kept_at or talk.now
        return [Say(talk.say("Kept: it waits under 6.")), *(begin(talk) or [])]
    return begin(talk)


def take_answer(talk: CallTalk, letter_id: str) -> list[SpokenStep] | None:
    """Keep what was spoken in answer, and let it be heard before it is sent."""
    letter, reader = _mine(talk, letter_id)
    sound, seconds = talk.heard.recording or b"", talk.heard.recording_seconds
    if letter is None or reader is None:
        return None
    if seconds < 1 or len(sound) <= _EMPTY_WAV:
        return [Say(talk.say("We heard nothing.")), *(begin(talk) or [])]
    recording = _same(talk, sound) or Recording(
        call_id=talk.call.id, account_id=reader.id, use=SPOKEN, seconds=seconds, sound=sound, at=talk.now
    )
    talk.session.add(recording)
    talk.session.flush()
    return [
        Ask(
            step=f"send:{letter.id}:{recording.id}",
            prompt=(
                Say(talk.say("You said:")),
                PlayRecording(recording.id),
                Say(talk.say("To send it press 1, to say it again press 2.")),
            ),
            seconds=8,
        )
    ]


def send(talk: CallTalk, rest: str) -> list[SpokenStep] | None:
    """1 sends the answer, 2 asks for it again; anything else leaves it unsent."""
    letter_id, _, recording_id = rest.partition(":")
    letter, reader = _mine(talk, letter_id)
    recording = talk.session.get(Recording, recording_id)
    if letter is None or reader is None or recording is None or recording.call_id != talk.call.id:
        return None
    key = talk.heard.digits[:1]
    if key == "2":
        return _record(talk, letter)
    if key != "1":
        return [Say(talk.say("It was not sent.")), *(begin(talk) or [])]
    if mailbox.find_spoken(talk.session, recording) is None:
        try:
            mailbox.send(
                talk.session, sender=reader, to=talk.session.get_one(Account, letter.from_id), reply_to=letter,
                body=say("zh", "(spoken, {seconds} s)", seconds=recording.seconds),
                channel=Channel.VOICE, recording=recording, now=talk.now,
            )  # fmt: skip
        except (Invalid, Absent) as refusal:
            return [Say(talk.say(refusal.sentence, **refusal.values))]
    return [Say(talk.say("Your answer is on its way.")), *(begin(talk) or [])]


def _read(talk: CallTalk, letter: Letter) -> list[SpokenStep]:
    reader = talk.session.get_one(Account, letter.to_id)
    sender = talk.session.get_one(Account, letter.from_id)
    told = talk.call.data.get("letters", [])
    talk.call.data = {**talk.call.data, "letters": [*told, letter.id]}
    mailbox.mark_read([letter], reader, channel="voice", now=talk.now)
    words = PlayRecording(letter.recording_id) if letter.recording_id else Say(letter.body)
    how = Say(talk.say(keys.LETTER_HEARD))
    name = Say(talk.say("From {name}:", name=sender.name), slow=True)
    return [Ask(step=f"letter:{letter.id}", prompt=(name, words, how), seconds=8)]


def _record(talk: CallTalk, letter: Letter) -> list[SpokenStep]:
    return [
        Say(talk.say("Say your answer, then press hash.")),
        Record(step=f"answer:{letter.id}", max_seconds=talk.settings.recording_seconds),
    ]


def _broken_off(talk: CallTalk) -> list[Letter]:
    """The letter that an earlier call did not read to its end, until it is read in this one."""
    letter_id = talk.call.data.get("broken", "")
    letter = (
        talk.session.get(Letter, letter_id) if letter_id not in talk.call.data.get("letters", []) else None
    )
    return [letter] if letter is not None and letter.to_id in {one.id for one in _readers(talk)} else []


def _kept(talk: CallTalk) -> list[Letter]:
    """The letters that were kept by 1 and not heard in this call yet, the newest first."""
    readers = [member.id for member in _readers(talk)]
    if not readers:
        return []
    kept = select(Letter).where(
        Letter.to_id.in_(readers),
        Letter.kept_at.is_not(None),
        ~Letter.hidden_by_reader,
        Letter.id.not_in(talk.call.data.get("letters", [])),
    )
    return list(talk.session.scalars(kept.order_by(Letter.sent_at.desc()).limit(AT_MOST)))


def _readers(talk: CallTalk) -> list[Account]:
    """Whose letters may be read: once a PIN was right, that person's alone."""
    if not talk.settings.has(Module.MAILBOX):
        return []
    opened, people = talk.call.data.get("pin"), [talk.account] if talk.account else talk.members
    verified = (member for member in people if member.state is AccountState.VERIFIED)
    return [member for member in verified if not opened or member.id == opened]


def _mine(talk: CallTalk, letter_id: str) -> tuple[Letter | None, Account | None]:
    """The letter and its reader, where this call's PIN opened that person's letters."""
    letter = talk.session.get(Letter, letter_id)
    reader = talk.session.get(Account, letter.to_id) if letter is not None else None
    opened = reader is not None and talk.call.data.get("pin") == reader.id
    return (letter, reader) if opened else (None, None)


def _same(talk: CallTalk, sound: bytes) -> Recording | None:
    """The recording of this call that holds this very sound: the carrier asks twice."""
    mine = select(Recording).where(Recording.call_id == talk.call.id, Recording.use == SPOKEN)
    return next((one for one in talk.session.scalars(mine) if one.sound == sound), None)


def _tries_today(talk: CallTalk) -> int:
    """Wrong PINs that were keyed in from this phone today (China time), this call's among them."""
    midnight = local(talk.now).replace(hour=0, minute=0, second=0, microsecond=0)
    mine = Call.caller_index == talk.call.caller_index
    calls = select(Call.data).where(mine, Call.started_at >= midnight.astimezone(talk.now.tzinfo))
    return sum(int(data.get("tries", 0)) for data in talk.session.scalars(calls))


def _refuse(talk: CallTalk) -> list[SpokenStep]:
    return [Say(talk.say("The PIN does not fit. Your contact point can give you a new one."))]


def _ask_pin(words: str) -> Ask:
    return Ask(step="pin", count=0, seconds=10, prompt=(Say(words),))
