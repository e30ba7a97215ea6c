"""What callers say into the line: posts, sightings, questions and messages. Kept first; then a recogniser or a person writes it
down."""

from __future__ import annotations

from sqlalchemy import select

from farmerline.domain import cases, outbox, questions, spoken_heard, spoken_identity
from farmerline.domain.call_talk import CallTalk
from farmerline.identity import is_mobile
from farmerline.messages import Ask, Channel, PlayRecording, Record, Say, SpokenStep
from farmerline.models import Case, CaseKind, CaseState, Ear, Post, PostState, Purpose, Recording
from farmerline.words import say

_PROMPTS = {
    "sell": "Say what you sell, how much, the price and your village, then press hash.",
    "buy": "Say what you want to buy, how much and your village, then press hash.",
    "pest": "Say the crop, the place, what you see and on how many of ten plants, then press hash.",
    "ask": "Say your question, then press hash.",
    "message": "Nobody is free now. Say your name and what it is about, then press hash; somebody rings you.",
}
_KINDS = {
    "sell": (CaseKind.VOICE_POST, "supply"),
    "buy": (CaseKind.VOICE_POST, "demand"),
    "pest": (CaseKind.SIGHTING, ""),
    "ask": (CaseKind.QUESTION, ""),
    "message": (CaseKind.MESSAGE, ""),
}
_ANSWERED = ("ask", "message")
HOURS = {"1": 8, "2": 12, "3": 18}
"""At which hour of the day a caller wants to be rung with the answer, by key."""
HOURS_HEARD = "When shall we ring you with it? At 8 press 1, at 12 press 2, at 18 press 3."
_SHORTEST = 1  # seconds; less is a slip of the key


def ask(talk: CallTalk, use: str, case_id: str = "", draft_id: str = "") -> list[SpokenStep]:
    """Ask the caller to speak; what is said replaces what the case ``case_id`` holds, or is how a draft should be."""
    step = f"said:{use}:{case_id}:{draft_id}".rstrip(":")
    if spoken_heard.by_ear(talk, use):
        return spoken_heard.listen(talk, use, step)
    return [Say(talk.say(_PROMPTS[use])), Record(step=step, max_seconds=talk.settings.recording_seconds)]


def leave_message(talk: CallTalk) -> list[SpokenStep]:
    """The way to a person: a message, and a call back in any case."""
    return ask(talk, "message")


def keep(talk: CallTalk, rest: str) -> list[SpokenStep] | None:
    """Keep what was said at once, as a case; then let the caller hear it. None goes back to the menu.

    ``rest`` is what it is for, and after colons the case that this second try replaces and the draft that it is
    about. The same sound twice (a carrier that tries again) is one case.
    """
    use, earlier, draft_id = [*rest.split(":"), "", ""][:3]
    use = use_of(use)
    draft = talk.session.get(Post, draft_id) if draft_id else None
    sound, seconds = talk.heard.recording, talk.heard.recording_seconds
    if not sound and not seconds and talk.heard.said.strip():
        return _take_words(talk, use, earlier, draft)
    if sound is None and seconds >= _SHORTEST:
        return _lost(talk, use, draft)
    if seconds < _SHORTEST or sound is None or len(sound) <= 44:  # 44 bytes: a WAV header and no sound
        return _heard_nothing(talk, use, earlier, draft)
    recording = _known(talk, use, sound)
    if recording is not None:
        case = talk.session.scalars(select(Case).where(Case.recording_id == recording.id)).one()
        return _play_back(talk, use, recording, case)
    recording = Recording(
        call_id=talk.call.id,
        account_id=talk.account.id if talk.account else None,
        use=use,
        seconds=seconds,
        sound=sound,
        at=talk.now,
    )
    talk.session.add(recording)
    talk.session.flush()
    case = _case(talk, use, recording, earlier, draft)
    talk.call.data = {**talk.call.data, "silent": 0}
    if use in _ANSWERED:
        _text_number(talk, case)
    return _play_back(talk, use, recording, case)


def kind_of(use: str) -> CaseKind:
    """What kind of case the words of this use become."""
    return _KINDS[use][0]


def use_of(name: str) -> str:
    """What a recording is for; whatever is no known use is a message."""
    return name if name in _KINDS else "message"


def hear_again(talk: CallTalk, rest: str) -> list[SpokenStep] | None:
    """What a call that broke off had left, played back for its yes; None where it is gone or done."""
    case_id, _, use = rest.partition(":")
    case = talk.session.get(Case, case_id)
    if case is None or case.phone_index != talk.call.caller_index or case.state is not CaseState.OPEN:
        return None
    recording = talk.session.get(Recording, case.recording_id) if case.recording_id else None
    if recording is None:
        return spoken_heard.repeat(talk, case, f"keep:{rest}") if case.heard else None
    return _play_back(talk, use_of(use), recording, case)


def claim(talk: CallTalk, rest: str) -> list[SpokenStep]:
    """Who of the household said what is kept; nobody, where no key was pressed."""
    case_id, _, use = rest.partition(":")
    member, case = spoken_identity.take(talk), talk.session.get(Case, case_id)
    if member is not None and case is not None and case.phone_index == talk.call.caller_index:
        case.account_id = member.id
    return spoken_heard.read_back(talk, case) or _thank(talk, use, case)


def _take_words(talk: CallTalk, use: str, earlier: str, draft: Post | None) -> list[SpokenStep]:
    """The carrier wrote down what was said: a case first; doubtful words are said once more, as sound."""
    said = talk.heard.said.strip()
    left = talk.session.get(Case, earlier or str(talk.call.data.get("left", "")))
    known = left is not None and left.phone_index == talk.call.caller_index and left.heard == said
    case = left if known and left else _case(talk, use, None, earlier, draft)
    talk.call.data = {**talk.call.data, "left": case.id}
    if use in _ANSWERED:
        _text_number(talk, case)
    if not known and not spoken_heard.put(talk, case):
        talk.call.data = {**talk.call.data, "silent": 1}
        again = Say(talk.say("We did not understand that well."))
        return [again, *ask(talk, use, case.id, draft.id if draft else "")]
    if case.kind is CaseKind.QUESTION:
        return spoken_heard.repeat(talk, case, f"keep:{case.id}:{use}")
    if case.account_id is None and spoken_identity.unknown(talk):
        return spoken_identity.ask(talk, f"keep:{case.id}:{use}")
    return spoken_heard.read_back(talk, case) or _thank(talk, use, case)


def _play_back(talk: CallTalk, use: str, recording: Recording, case: Case) -> list[SpokenStep]:
    return [
        Say(talk.say("Kept. You said:")),
        PlayRecording(recording.id),
        Ask(
            step=f"keep:{case.id}:{use}",
            prompt=(
                Say(
                    talk.say(
                        "Right: press 1. Say it again: press 2. Your number is {number}.", number=case.number
                    )
                ),
            ),
        ),
    ]


def decide(talk: CallTalk, rest: str) -> list[SpokenStep] | None:
    """1 (or silence, or hanging up) keeps it; 2 records it again."""
    case_id, _, use = rest.partition(":")
    if talk.heard.digits[:1] == "2":
        return ask(talk, use_of(use), case_id)
    case = talk.session.get(Case, case_id)
    if case is not None and case.account_id is None and spoken_identity.unknown(talk):
        return spoken_identity.ask(talk, f"keep:{case_id}:{use}")
    return spoken_heard.read_back(talk, case) or _thank(talk, use, case)


def take_hour(talk: CallTalk, case_id: str) -> list[SpokenStep]:
    """Keep the hour at which the caller wants to be rung with the answer."""
    case, hour = talk.session.get(Case, case_id), HOURS.get(talk.heard.digits[:1])
    if hour is not None and case is not None and case.phone_index == talk.call.caller_index:
        case.tell_hour = hour
    return [Ask(step="menu", prompt=(Say(talk.say("Good. Somebody answers you.")),))]


def _text_number(talk: CallTalk, case: Case) -> None:
    """The number of a question by text as well, once a case."""
    texted = talk.call.data.get("texted", [])
    if case.number in texted or not (talk.call.caller and is_mobile(talk.call.caller)):
        return
    talk.call.data = {**talk.call.data, "texted": [*texted, case.number]}
    text = talk.say("Kept as number {number}. You have an answer within 48 hours.", number=case.number)
    outbox.queue(
        talk.session, channel=Channel.SMS, address=talk.call.caller, text=text, purpose=Purpose.SERVICE, now=talk.now,
        account=talk.account, call=talk.call,
    )  # fmt: skip


def _thank(talk: CallTalk, use: str, case: Case | None) -> list[SpokenStep]:
    if case is not None and case.kind is CaseKind.QUESTION:
        thanks, hour = talk.say("Good. Somebody answers you."), talk.say(HOURS_HEARD)
        return [Ask(step=f"hour:{case.id}", prompt=(Say(thanks), Say(hour)))]
    return [
        Ask(
            step="menu",
            prompt=(
                Say(
                    talk.say(
                        "Good. Your contact point writes it down; then you get it read back by text or call."
                    )
                    if use in ("sell", "buy")
                    else talk.say("Good. Somebody answers you.")
                ),
            ),
        )
    ]


def _heard_nothing(talk: CallTalk, use: str, earlier: str, draft: Post | None) -> list[SpokenStep] | None:
    times = int(talk.call.data.get("silent", 0)) + 1
    talk.call.data = {**talk.call.data, "silent": times}
    if use == "message":
        return _ring_back(talk, _case(talk, use, None, draft=draft))
    draft_id = draft.id if draft else ""
    if times >= 2:
        return ask(talk, "message", draft_id=draft_id)
    return [Say(talk.say("We heard nothing.")), *ask(talk, use, earlier, draft_id)]


def _lost(talk: CallTalk, use: str, draft: Post | None) -> list[SpokenStep]:
    """They spoke, and the carrier lost the sound: a person rings back."""
    return _ring_back(talk, _case(talk, use, None, draft=draft))


def _known(talk: CallTalk, use: str, sound: bytes) -> Recording | None:
    """The recording of this call that holds this very sound."""
    mine = select(Recording).join(Case, Case.recording_id == Recording.id)
    same = mine.where(Recording.call_id == talk.call.id, Recording.use == use)
    return next((one for one in talk.session.scalars(same) if one.sound == sound), None)


def _ring_back(talk: CallTalk, case: Case) -> list[SpokenStep]:
    return [
        Ask(
            step="menu",
            prompt=(
                Say(
                    talk.say(
                        "We heard nothing, but somebody will ring you. Your number is {number}.",
                        number=case.number,
                    )
                ),
            ),
        )
    ]


def _case(
    talk: CallTalk, use: str, recording: Recording | None, replaced: str = "", draft: Post | None = None
) -> Case:
    kind, direction = _KINDS[use]
    said = talk.heard.said.strip()
    if recording is None and not said:
        kind = CaseKind.CALL_BACK
    earlier = talk.session.get(Case, replaced) if replaced else None
    mine = earlier is not None and earlier.phone_index == talk.call.caller_index
    if earlier is not None and mine and earlier.state is CaseState.OPEN and (recording is not None or said):
        earlier.recording_id = recording.id if recording else None
        earlier.text, earlier.ear = said or _spoken(talk), Ear.NONE
        return earlier
    if draft is not None and (talk.account is None or draft.account_id != talk.account.id):
        draft = None
    if draft is not None and draft.state is PostState.PENDING:
        questions.close_all(
            talk.session, now=talk.now, post_id=draft.id, answer="spoken"
        )  # one matter from here on
    return cases.open_case(
        talk.session,
        kind=kind,
        area_code=talk.area_code,
        text=said or _spoken(talk),
        now=talk.now,
        account=talk.account,
        phone=talk.call.caller or None,
        direction=direction,
        recording=recording,
        post=draft,
    )


def _spoken(talk: CallTalk) -> str:
    """What stands in a case until somebody writes down what was said; for the staff."""
    seconds = talk.heard.recording_seconds
    return (
        say("zh", "(spoken, {seconds} s)", seconds=seconds)
        if seconds
        else say("zh", "(rang and said nothing)")
    )
