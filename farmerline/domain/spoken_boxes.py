"""The five boxes under key 5: alerts in force, farm work now, new varieties, techniques, supply and demand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import select

from farmerline.clock import local
from farmerline.config import Module
from farmerline.domain import (
    alert_words,
    keys,
    price_words,
    seasons,
    spoken_numbers,
    spoken_waiting,
    voice_menus,
)
from farmerline.domain.areas import covers
from farmerline.domain.call_talk import CallTalk
from farmerline.messages import Ask, Say, SpokenStep
from farmerline.models import (
    Campaign,
    CampaignState,
    Purpose,
)
from farmerline.queries import articles

AT_MOST = spoken_waiting.AT_MOST
_FRESH = timedelta(days=14)


def ask(talk: CallTalk, *first: SpokenStep) -> list[SpokenStep]:
    """Which box; any key cuts it short."""
    named = [keys.BOX_KEYS[box.name] for box in _menu(talk).boxes if box.spoken]
    heard = tuple(Say(talk.say(keys.LISTEN_HEARD[key])) for key in named if offered(talk, key))
    return [Ask(step="listen", prompt=(*[step for step in first if isinstance(step, Say)], *heard))]


def offered(talk: CallTalk, key: str) -> bool:
    """Whether this county has the box of a key."""
    box = keys.LISTEN.get(key)
    return box is not None and (box[1] is None or talk.settings.has(box[1]))


def read(talk: CallTalk, key: str) -> list[SpokenStep]:
    """What stands in a box, five things at most; then the number of one may be keyed in."""
    name = keys.LISTEN[key][0]
    own = _menu(talk).words(name)
    said = [*([Say(own)] if own else []), *_BOXES[name](talk)]
    return _wait_for_number(talk, key, *said[:AT_MOST])


def answer(talk: CallTalk, key: str) -> list[SpokenStep] | None:
    """What stands under the number that was keyed in after box ``key``; None for silence, and for a key of the main menu."""
    digits = talk.heard.digits.strip(keys.END)
    is_alerts = key == keys.BOX_KEYS["alerts"]
    if key not in keys.LISTEN or not digits.isdecimal() or (len(digits) == 1 and not is_alerts):
        return None
    return _wait_for_number(talk, key, spoken_numbers.told(talk, digits, alerts_first=is_alerts))


def _wait_for_number(talk: CallTalk, key: str, *said: Say) -> list[SpokenStep]:
    box = keys.LISTEN[key][0]
    how = Say(talk.say(keys.BOX_HEARD.get(box, keys.BOX_HEARD["others"])))
    return [Ask(step=f"box:{key}", prompt=(*said, how), count=0, seconds=6)]


def season(talk: CallTalk) -> Say:
    """What is heard first: the area's own sentence of this season, else the one of this time of year."""
    own = _menu(talk).opening if talk.language == "zh" else ""
    return Say(own or seasons.sentence(local(talk.now).date(), talk.language))


def _menu(talk: CallTalk) -> voice_menus.Menu:
    return voice_menus.in_force(talk.session, talk.area_code, talk.now)


def _alerts(talk: CallTalk) -> list[Say]:
    """What holds in the caller's area, and the way to check a number."""
    alerts = alert_words.in_force_at(talk.session, talk.area_code, now=talk.now)[:AT_MOST]
    said = [
        Say(talk.say("Alert {number}: {words}", number=alert.number, words=alert_words.as_spoken(alert)))
        for alert in alerts
    ]
    if not said:
        said = [Say(talk.say("No alert is in force in your area now."))]
    return said + _articles(talk, "alerts", AT_MOST - len(said))


def _work(talk: CallTalk) -> list[Say]:
    """The season's sentence, the newest articles and the newest tips of the caller's area."""
    told = _articles(talk, "work", AT_MOST - 1)
    tips = (
        select(Campaign.text)
        .where(
            Campaign.purpose == Purpose.TIPS,
            Campaign.state.in_((CampaignState.SENDING, CampaignState.DONE)),
            Campaign.created_at > talk.now - _FRESH,
            Campaign.created_at <= talk.now,
            covers(Campaign.area_code, talk.area_code),
        )
        .order_by(Campaign.created_at.desc(), Campaign.id.desc())
        .limit(AT_MOST - 1 - len(told))
    )
    return [season(talk), *told, *(Say(text) for text in talk.session.scalars(tips))]


def _varieties(talk: CallTalk) -> list[Say]:
    return [*_articles(talk, "varieties")] or [
        Say(talk.say("There is nothing about new varieties yet. To ask a person press 0."))
    ]


def _techniques(talk: CallTalk) -> list[Say]:
    return [*_articles(talk, "techniques")] or [
        Say(talk.say("There is nothing about techniques yet. To ask a person press 0."))
    ]


def _posts(talk: CallTalk) -> list[Say]:
    """What things fetch, then the newest posts."""
    return [*_prices(talk), *_articles(talk, "posts", 1), *spoken_waiting.read_posts(talk)]


def _prices(talk: CallTalk) -> list[Say]:
    if not talk.settings.has(Module.PRICES):
        return []
    crops = {crop.concept for member in talk.members for crop in member.crops}
    said = price_words.spoken(
        talk.session, place=talk.area_code, crops=crops, language=talk.language, now=talk.now
    )
    return [Say(said)] if said else []


def _articles(talk: CallTalk, box: str, most: int = AT_MOST) -> list[Say]:
    """The newest articles of a box, each with its number."""
    found = articles.in_force(talk.session, place=talk.area_code, now=talk.now, box=box, most=max(most, 0))
    return [
        Say(talk.say("{words} Number {number}.", number=one.number, words=one.voice_text)) for one in found
    ]


_BOXES: dict[str, Callable[[CallTalk], list[Say]]] = {
    "alerts": _alerts,
    "work": _work,
    "varieties": _varieties,
    "techniques": _techniques,
    "posts": _posts,
}
