"""The five boxes under key 5: alerts in force, farm work now, new varieties, techniques, supply and demand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import ColumnElement, func, literal, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from farmerline.clock import local
from farmerline.domain import alert_words, keys, seasons, spoken_waiting
from farmerline.domain.call_talk import CallTalk
from farmerline.messages import Ask, Say, SpokenStep
from farmerline.models import (
    Alert,
    AlertArea,
    AlertKind,
    Campaign,
    CampaignState,
    Purpose,
)

AT_MOST = spoken_waiting.AT_MOST
_FRESH = timedelta(days=14)
_SAY_SOMETHING = frozenset({AlertKind.ALERT, AlertKind.UPDATE, AlertKind.CORRECTION})


def ask(talk: CallTalk, *first: SpokenStep) -> list[SpokenStep]:
    """Which box; any key cuts it short."""
    heard = tuple(Say(talk.say(keys.LISTEN_HEARD[key])) for key in keys.LISTEN if offered(talk, key))
    return [Ask(step="listen", prompt=(*[step for step in first if isinstance(step, Say)], *heard))]


def offered(talk: CallTalk, key: str) -> bool:
    """Whether this county has the box of a key."""
    box = keys.LISTEN.get(key)
    return box is not None and (box[1] is None or talk.settings.has(box[1]))


def read(talk: CallTalk, key: str) -> list[SpokenStep]:
    """What stands in a box, five things at most."""
    return _BOXES[keys.LISTEN[key][0]](talk)


def season(talk: CallTalk) -> Say:
    """The one sentence of this time of year."""
    return Say(seasons.sentence(local(talk.now).date(), talk.language))


def check(talk: CallTalk) -> list[SpokenStep] | None:
    """Whether the alert is real whose number was keyed in: year and number, or this year's number alone."""
    digits = talk.heard.digits.strip(keys.END)
    if not digits.isdecimal():
        return None
    year, serial = (digits[:4], digits[4:]) if len(digits) > 4 else (f"{local(talk.now):%Y}", digits)
    return [
        Say(
            alert_words.answer_number(
                talk.session, f"{year}-{serial.lstrip('0') or '0'}", settings=talk.settings,
                language=talk.language, now=talk.now,
            )
        )
    ]  # fmt: skip


def _alerts(talk: CallTalk) -> list[SpokenStep]:
    """What holds in the caller's area, and the way to check a number."""
    here = select(AlertArea.alert_id).where(_covers(AlertArea.area_code, talk.area_code))
    found = talk.session.scalars(
        select(Alert).where(
            Alert.id.in_(here),
            Alert.holds(talk.now),
            Alert.kind.in_(_SAY_SOMETHING),
            Alert.exercise.is_(False),
            Alert.issued_at.is_not(None),
        )
    )
    newest = sorted(found, key=lambda alert: (alert.issued_at, alert.id), reverse=True)
    alerts = sorted(newest, key=lambda alert: -alert.colour.urgency)[:AT_MOST]
    said = [
        Say(talk.say("Alert {number}: {words}", number=alert.number, words=alert_words.as_spoken(alert)))
        for alert in alerts
    ]
    if not said:
        said = [Say(talk.say("No alert is in force in your area now."))]
    how = Say(talk.say("To check an alert key in its year and number, then hash. Back press star."))
    return [Ask(step="check", prompt=(*said, how), count=0, seconds=8)]


def _work(talk: CallTalk) -> list[SpokenStep]:
    """The season's sentence and the newest tips of the caller's area."""
    tips = (
        select(Campaign.text)
        .where(
            Campaign.purpose == Purpose.TIPS,
            Campaign.state.in_((CampaignState.SENDING, CampaignState.DONE)),
            Campaign.created_at > talk.now - _FRESH,
            Campaign.created_at <= talk.now,
            _covers(Campaign.area_code, talk.area_code),
        )
        .order_by(Campaign.created_at.desc(), Campaign.id.desc())
        .limit(AT_MOST - 1)
    )
    return [season(talk), *(Say(text) for text in talk.session.scalars(tips))]


def _varieties(talk: CallTalk) -> list[SpokenStep]:
    return [Say(talk.say("There is nothing about new varieties yet. To ask a person press 0."))]


def _techniques(talk: CallTalk) -> list[SpokenStep]:
    return [Say(talk.say("There is nothing about techniques yet. To ask a person press 0."))]


def _posts(talk: CallTalk) -> list[SpokenStep]:
    return list(spoken_waiting.read_posts(talk))


def _covers(column: InstrumentedAttribute[str], place: str) -> ColumnElement[bool]:
    """Areas that hold the place; for a caller who is known by the county alone, those within it too."""
    return or_(literal(place).startswith(column), func.substr(column, 1, len(place)) == place)


_BOXES: dict[str, Callable[[CallTalk], list[SpokenStep]]] = {
    "alerts": _alerts,
    "work": _work,
    "varieties": _varieties,
    "techniques": _techniques,
    "posts": _posts,
}
