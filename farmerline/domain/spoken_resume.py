"""A call that broke off: who rings again within ten minutes is asked, after the first item, whether to go on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import bindparam, select

from farmerline.domain import keys, spoken_boxes, spoken_letters, spoken_posts, spoken_waiting
from farmerline.domain.call_talk import CallTalk
from farmerline.messages import Ask, Record, Say, SpokenStep
from farmerline.models import Call

WITHIN = timedelta(minutes=10)
"""How long a call that broke off can be taken up again."""
STEP = "resume"


def remember(talk: CallTalk, steps: list[SpokenStep]) -> None:
    """Keep where the caller is, and when."""
    at = next((str(step.step) for step in reversed(steps) if isinstance(step, Ask | Record)), "")
    place = at if at.partition(":")[0] in _GO_ON and not talk.placed else ""
    talk.call.data = {**talk.call.data, "place": place, "at": talk.now.isoformat()}


def offer(talk: CallTalk, *first: Say) -> list[SpokenStep] | None:
    """Ask once, after the first item, whether to go on with the call that broke off; None where none did."""
    is_beginning = talk.heard.step.partition(":")[0] in ("", "alert")
    if not is_beginning or talk.placed or talk.call.caller_index is None or "earlier" in talk.call.data:
        return None
    earlier = _broken_off(talk)
    if earlier is None:
        return None
    talk.call.data = {**talk.call.data, "earlier": earlier.data["place"]}
    ask = Say(talk.say("To go on where you were press 1, for the menu press 2."))
    return [Ask(step=STEP, prompt=(*first, ask), count=1, seconds=6)]


def go_on(talk: CallTalk) -> list[SpokenStep] | None:
    """1 goes on where the earlier call was; None for everything else."""
    if talk.heard.digits[:1] != "1":
        return None
    step, _, rest = str(talk.call.data.get("earlier") or "").partition(":")
    return _GO_ON[step](talk, rest) if step in _GO_ON else None


_LAST = (
    select(Call)
    .where(
        Call.caller_index == bindparam("phone"),
        Call.id != bindparam("this"),
        Call.started_at > bindparam("since"),
    )
    .order_by(Call.started_at.desc())
    .limit(1)
)


def _broken_off(talk: CallTalk) -> Call | None:
    since = talk.now - WITHIN
    asked = {"phone": talk.call.caller_index, "this": talk.call.id, "since": since - timedelta(hours=1)}
    last = talk.session.scalars(_LAST, asked).first()
    if last is None or not last.data.get("place"):
        return None
    return last if datetime.fromisoformat(str(last.data["at"])) > since else None


def _say_again(talk: CallTalk, rest: str) -> list[SpokenStep]:
    use, case_id, draft_id = [*rest.split(":"), "", ""][:3]
    return spoken_posts.ask(talk, spoken_posts.use_of(use), case_id, draft_id)


def _what_waits(talk: CallTalk, _rest: str) -> list[SpokenStep] | None:
    return spoken_waiting.begin(talk)


def _letter(talk: CallTalk, rest: str) -> list[SpokenStep] | None:
    return spoken_letters.go_on(talk, rest.partition(":")[0])


_GO_ON: dict[str, Callable[[CallTalk, str], list[SpokenStep] | None]] = {
    "listen": lambda talk, _rest: spoken_boxes.ask(talk),
    "box": lambda talk, key: spoken_boxes.read(talk, key) if key in keys.LISTEN else None,
    "said": _say_again,
    "keep": lambda talk, rest: spoken_posts.hear_again(talk, rest),
    "question": _what_waits,
    "pin": _what_waits,
    "letter": _letter,
    "answer": _letter,
    "send": _letter,
}
"""Steps at which a call can break off, and what goes on with each."""
