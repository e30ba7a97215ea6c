"""Subscribing by words: 订 葡萄苗, 退订 葡萄苗, 我的订阅. Each answer says what was noted, and how it is ended."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

import matching
from farmerline.domain import areas, subscriptions, which
from farmerline.domain.subscriptions import Wanted
from farmerline.domain.talk import Talk
from farmerline.errors import Conflict
from farmerline.models import Question, Subscription
from farmerline.queries import product_tree
from farmerline.words import say
from matching import Item, Reading

_LISTED = 5
_AT_ONCE = 5
_BUYERS = re.compile(
    r"求购|收购|要货|收货|(?:谁|有人|哪个|哪里)(?:家)?(?:在|想)?(?:收|要|买)|(?:^|[订阅\s])(?:在)?(?:收|要|买)[^,，。]{1,10}的(?:人|老板|客商)?$"
)
_SELLERS = re.compile(r"(?:谁|有人|哪个|哪里)(?:家)?(?:在|想)?(?:卖|出|供)|供应|出售|转让|在卖|有.{1,10}卖")
_ANY_FORM = re.compile(
    r"不限形式|什么都行|啥都行|(?:全|都)(?:要|行|可以)(?:看|听)?|所有的|各种|any form", re.I
)
_ALL = "各种"
_ANYWHERE = re.compile(r"全国|全中国|不限地|不管哪|哪里(?:都|的都)|到处|外省也|外地也|anywhere", re.I)
_ASKS_LIST = re.compile(
    r"(?:查询|查看|看看|查|看)?\s*(?:我的|我)?\s*(?:订阅|订的|订了|订)了?(?:些)?(?:列表|名单|记录|什么|啥|哪些|的东西|的)?[?？]?|"
    r"(?:我)?有(?:哪些|什么|啥)订阅[?？]?|(?:my )?subscriptions?|subscribe"
)
_ENGLISH = re.compile(r"^\s*(?:(?P<end>unsubscribe)|subscribe)\b", re.I)
_NO_MORE = re.compile(r"(?:不(?:想|用|要)?|别|莫)(?:再)?订(?:阅)?\S")
_TELL_ME = re.compile(r"(?P<then>就|再|马上)?(?:告诉|通知|提醒|喊)我(?:一声|一下)?[。!！吧]*$")
_ENDING = re.compile(r"^\s*(?:退订|取消订阅|取消关注|td|unsubscribe)[\s,，:：]*(?P<what>\S.*)$", re.I)


def take(talk: Talk) -> bool:
    """Do what was wished where it is about subscriptions; False where it is not, or where a person must read it."""
    words, intent = talk.inbound.body.strip(), talk.said.intent
    english = _ENGLISH.match(words)
    if intent == "unsubscribe" or (intent == "other" and _ENDING.match(words)):
        return _end(talk)
    if _NO_MORE.search(words) or (intent == "stop" and _ENDING.match(words)):
        return _end(talk, only_held=True)
    if talk.account is None:
        return False
    if _ASKS_LIST.fullmatch(words.lower()):
        _tell_list(talk)
        return True
    if intent == "subscribe" or english is not None or _asks_to_be_told(talk):
        return _note(talk)
    return False


def wanted_of(
    session: Session,
    words: str,
    reading: Reading,
    *,
    county: str,
    direction: str | None = None,
    area: str | None = None,
    any_form: bool = False,
) -> list[Wanted]:
    """What words ask to be told of, as read: each thing once; nothing where no product was read.

    ``direction``, ``area`` and ``any_form`` are what was chosen beside the words.
    """
    named = area_meant(session, words, reading, county=county)
    place = named if area is None else area
    side = direction or side_meant(words) or "supply"
    any_form = any_form or bool(_ANY_FORM.search(words))
    found: dict[tuple[str, str, str], Wanted] = {}
    for item in reading.items[:_AT_ONCE]:
        wanted = _wanted(item, side, place, any_form=any_form)
        found.setdefault((wanted.concept, wanted.form, wanted.variety), wanted)
    return list(found.values())


def side_meant(words: str) -> str | None:
    """Whose posts words ask for: "demand" for buyers' (求购, 谁收), "supply" for sellers'; None where they do not say."""
    if _SELLERS.search(words):
        return "supply"
    return "demand" if _BUYERS.search(words) else None


def area_meant(session: Session, words: str, reading: Reading, *, county: str) -> str | None:
    """The place that words name: a code, "" for anywhere, None where none is named or several may be meant."""
    if _ANYWHERE.search(words):
        return ""
    if reading.place is not None and reading.place.code:
        return reading.place.code
    if not reading.place_text:
        return None
    named = [
        area
        for area in areas.search(session, reading.place_text, within=county, limit=5)
        if area.name.startswith(reading.place_text)
    ]
    return named[0].code if len(named) == 1 else None


def title(row: Subscription | Wanted, language: str) -> str:
    """What a subscription is called: 葡萄苗; 求购西兰花 for buyers of it."""
    return say(language, "buyers of {name}", name=row.name) if row.direction == "demand" else row.name


def _wanted(item: Item, side: str, place: str | None, *, any_form: bool) -> Wanted:
    name = item.name if not any_form or item.name.startswith(_ALL) else f"{_ALL}{item.name}"
    return Wanted(
        concept=item.concept, name=name, direction=side, form="" if any_form else item.form,
        variety=item.variety or "", area_code=place,
    )  # fmt: skip


def settle(talk: Talk, question: Question, option: dict[str, Any]) -> None:
    """The particular thing that was chosen where a general word was said: it is noted."""
    kept = {name: question.data[name] for name in ("direction", "area_code")}
    _note_all(talk, [Wanted(concept=option["concept"], name=option["name"], form=option["form"], **kept)])


def _note(talk: Talk) -> bool:
    reading = talk.said.reading
    wanted = (
        wanted_of(talk.session, talk.inbound.body, reading, county=talk.settings.county)
        if reading is not None
        else []
    )
    if not wanted:
        return False
    if len(wanted) == 1 and matching.is_general(wanted[0].concept):
        _ask_which(talk, wanted[0])
        return True
    return _note_all(talk, wanted)


def _ask_which(talk: Talk, general: Wanted) -> None:
    """A word for many things (水果): which of those that are on the market most, else to name one."""
    kinds = matching.members_of(general.concept)
    found = [
        product
        for product in product_tree.products(talk.session)
        if product.category in kinds
        and not matching.is_general(product.concept)
        and subscriptions.is_usual(product.concept, product.form)
    ]
    if not found:
        talk.tell("{what} is many things. Write which, like {example}.", what=general.name, example="订葡萄")
        return
    options = [
        {"label": product.name, "name": product.name, "concept": product.concept, "form": product.form}
        for product in found
    ]
    which.ask(
        talk, "subscribe", general.name, options, direction=general.direction, area_code=general.area_code
    )


def _note_all(talk: Talk, wanted: Sequence[Wanted]) -> bool:
    rested = bool(subscriptions.held(talk.session, [talk.person])) and subscriptions.is_stopped(
        talk.session, talk.person
    )
    noted: list[tuple[Subscription, bool]] = []
    refused: Conflict | None = None
    for one in wanted:
        try:
            noted.append(_subscribe(talk, one))
        except Conflict as refusal:
            refused = refusal
            break
    if noted:
        _tell_noted(talk, noted, rested)
    if refused is not None:
        talk.refuse(refused)
    return True


def _subscribe(talk: Talk, wanted: Wanted) -> tuple[Subscription, bool]:
    return subscriptions.subscribe(
        talk.session, talk.person, wanted, channel=talk.inbound.channel.value, proof=f"inbound:{talk.inbound.id}",
        settings=talk.settings, now=talk.now, by_id=talk.operator.id if talk.operator else None,
    )  # fmt: skip


def _tell_noted(talk: Talk, noted: Sequence[tuple[Subscription, bool]], rested: bool) -> None:
    rows = [row for row, _is_new in noted]
    fresh = [row for row, is_new in noted if is_new] or rows
    name = _names(fresh)
    place = subscriptions.place_name(talk.session, fresh[0].area_code) or say(talk.language, "anywhere")
    if not any(is_new for _row, is_new in noted):
        sentence = "You have this already: {name} ({place}). To end it: TD {end}"
    elif fresh[0].direction == "demand":
        sentence = "Noted: when somebody wants {name} ({place}) we tell you. To end it: TD {end}"
    else:
        sentence = "Noted: when somebody sells {name} ({place}) we tell you. To end it: TD {end}"
    text = say(talk.language, sentence, name=name, place=place, end=rows[0].name if len(rows) == 1 else name)
    if rested:
        text += say(talk.language, " What you had comes again too.")
    talk.tell_plain(text)


def _asks_to_be_told(talk: Talk) -> bool:
    """谁收西兰花就告诉我: no lot of one's own, and no question to answer now."""
    reading, asked = talk.said.reading, _TELL_ME.search(talk.inbound.body.strip())
    if asked is None or reading is None or any(item.qty or item.unit_price for item in reading.items):
        return False
    return talk.said.intent in ("sell", "buy", "other") or (
        talk.said.intent == "lookup" and asked["then"] is not None
    )


def _end(talk: Talk, *, only_held: bool = False) -> bool:
    """End what the words mean. ``only_held``: False where nothing that is subscribed is meant, else it is said so."""
    people = [talk.account] if talk.account is not None else talk.members
    if not people:
        return False  # a stranger's number: everything is stopped for it
    standing = subscriptions.held(talk.session, people)
    ended = _meant(talk, standing)
    if not ended and only_held:
        return False
    if not ended:
        _tell_none(talk, standing)
        return True
    for row in ended:
        subscriptions.end(row, now=talk.now)
    talk.session.flush()
    left = [row for row in standing if row.ended_at is None]
    text = say(talk.language, "Ended: {names}.", names=_titles(ended, talk.language))
    if left:
        text += say(talk.language, " Still there: {names}.", names=_titles(left, talk.language))
    talk.tell_plain(text)
    return True


def _meant(talk: Talk, standing: Sequence[Subscription]) -> list[Subscription]:
    """Those that the words mean: what was read in them, else what is called like them."""
    words, reading = talk.inbound.body, talk.said.reading
    side = side_meant(words)
    found: list[Subscription] = []
    for item in reading.items if reading is not None else ():
        usual = subscriptions.is_usual(item.concept, item.form)
        found += subscriptions.meant(
            standing,
            concept=item.concept,
            form=None if usual else item.form,
            variety=item.variety or "",
            direction=side,
        )
    said = _ENDING.match(words)
    if said is not None and (reading is None or not reading.items):
        what = re.sub(r"^(?:求购|收购)|[\s,，。.!！了吧的]+$", "", said["what"])
        found = [row for row in standing if what and (what in row.name or row.name in what)]
        found = [row for row in found if side in (None, row.direction)]
    return list({row.id: row for row in found}.values())


def _tell_none(talk: Talk, standing: Sequence[Subscription]) -> None:
    if standing:
        talk.tell(
            "You are not subscribed to that. You have: {names}. To end one: TD and its name.",
            names=_titles(standing, talk.language),
        )
    else:
        talk.tell("You are not subscribed to anything. TD alone stops tips.")


def _tell_list(talk: Talk) -> None:
    standing = subscriptions.held(talk.session, [talk.person])
    if not standing:
        talk.tell("You are not subscribed to anything yet. Write SUBSCRIBE and a product, like 订葡萄苗.")
    elif subscriptions.is_stopped(talk.session, talk.person):
        talk.tell(
            "You have: {names}, and stopped hearing of it. Again: RESUME.",
            names=_titles(standing, talk.language),
        )
    else:
        talk.tell("You have: {names}. To end one: TD and its name.", names=_titles(standing, talk.language))


def _titles(rows: Sequence[Subscription], language: str) -> str:
    names = list(dict.fromkeys(title(row, language) for row in rows))
    shown = ("、" if language == "zh" else ", ").join(names[:_LISTED])
    return (
        say(language, "{names} and {more} more", names=shown, more=len(names) - _LISTED)
        if names[_LISTED:]
        else shown
    )


def _names(rows: Sequence[Subscription]) -> str:
    return "、".join(dict.fromkeys(row.name for row in rows))
