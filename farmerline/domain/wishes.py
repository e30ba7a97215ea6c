"""What each wish leads to. Short, plain answers; what a machine must not decide goes to a person."""

from __future__ import annotations

from collections.abc import Callable

import matching
from farmerline.clock import local
from farmerline.config import Module
from farmerline.domain import (
    accounts,
    alert_words,
    areas,
    cases,
    choices,
    consent,
    draft_talk,
    lookups,
    mailbox,
    matching_desk,
    posts,
    price_words,
    sighting_talk,
    sold_talk,
    subscription_talk,
)
from farmerline.domain.prices import product_name
from farmerline.domain.talk import Talk
from farmerline.errors import Refusal
from farmerline.models import LIVE, AccountState, CaseKind, Post, PostState
from farmerline.words import say
from matching import Lexicon


def grant(talk: Talk) -> None:
    """Do what was wished, and answer; what is not understood goes to a person."""
    if subscription_talk.take(talk) or sighting_talk.complete(talk):
        return
    if talk.said.intent == "other" and matching.is_doubtful(talk.said):
        _offer(talk)  # a thing and no verb: it is asked whether it is sold or wanted
    elif talk.said.chat:
        _greet(talk)
    else:
        _WISHES.get(talk.said.intent, _pass_on)(talk)


def _offer(talk: Talk) -> None:
    reading = talk.said.reading
    if reading is None or not reading.items:
        _pass_on(talk)
        return
    kind = "demand" if talk.said.intent == "buy" else "supply"
    up = lookups.same_offer(talk.session, talk.person, kind, reading)
    if up is not None:
        talk.post = up
        talk.tell(
            "This is up already: No. {number}, {what}. When it is over reply DONE {number}.",
            number=up.number,
            what=posts.describe(talk.session, up, talk.language),
        )
        return
    talk.post = posts.draft(
        talk.session,
        account=talk.person,
        inbound=talk.inbound,
        text=talk.inbound.body.replace(str(talk.said.slots.get("name") or "\0"), " "),
        reading=reading,
        now=talk.now,
        kind=kind,
        operator=talk.operator,
    )
    if matching.is_doubtful(talk.said):
        choices.ask(talk, talk.post)
    else:
        draft_talk.read_back(talk, talk.post)


def _report_pest(talk: Talk) -> None:
    if not talk.settings.has(Module.ALERTS):
        _pass_on(talk)
        return
    sighting_talk.note(talk)


def _ask(talk: Talk) -> None:
    if not talk.settings.has(Module.EXPERTS):
        _pass_on(talk)
        return
    _open(talk, CaseKind.QUESTION)
    talk.tell(
        "Noted: your question. You will have an answer within 48 hours. Number {number}.",
        number=_number(talk),
    )


def _look_up(talk: Talk) -> None:
    number = f"{local(talk.now).year}-{talk.said.slots.get('number')}"
    if not talk.said.slots.get("product") and alert_words.find(talk.session, number) is not None:
        talk.said.slots["number"] = number  # 查12: the alert of this year
        _check_alert(talk)
        return
    post = lookups.find_numbered(talk.session, str(talk.said.slots.get("number") or ""))
    if post is not None:
        talk.tell(
            "{post}. To have it, send the other side: BUY or SELL with the product; or ring {line}.",
            post=lookups.line(talk.session, post, talk.language),
            line=_line(talk),
        )
        return
    asks_pest = talk.said.reading is not None and talk.said.reading.pest
    found = [] if asks_pest else lookups.find_posts(talk.session, talk.said, talk.person)
    article = None if found else lookups.find_article(talk.session, talk.said, talk.person, talk.now)
    if article is not None:
        talk.tell_plain(f"{article.number} {article.short_text}")
    elif found:
        listed = ";".join(lookups.line(talk.session, post, talk.language) for post in found)
        talk.tell_plain(listed)
    else:
        talk.tell("Nothing fits now. Send BUY or SELL with the product and we tell you when something comes.")


def _price(talk: Talk) -> None:
    if not talk.settings.has(Module.PRICES):
        _pass_on(talk)
        return
    product = str(talk.said.slots.get("product") or "")
    if not product:
        talk.tell(
            "Of what? Write it like this: {example}. For a person ring {line}.",
            example="白菜多少钱",
            line=_line(talk),
        )
        return
    wanted = product_name(Lexicon.default(), product, str(talk.said.slots.get("form") or ""))
    noted = price_words.answer(
        talk.session, wanted, place=talk.person.area_code, language=talk.language, now=talk.now
    )
    if noted:
        talk.tell_plain(noted)
        return
    asked = lookups.asked_prices(talk.session, product, talk.now)
    if asked is None:
        talk.tell(
            "No price of {product} is known here now. For a person ring {line}.",
            product=product,
            line=_line(talk),
        )
    else:
        talk.tell(
            "{product}: asked here in 30 days {low} to {high} yuan/{unit}, middle {middle}, {count} posts.",
            product=product,
            low=asked.low,
            high=asked.high,
            middle=asked.middle,
            unit=asked.unit,
            count=asked.count,
        )


def _check_alert(talk: Talk) -> None:
    number = talk.said.slots.get("number")
    if number:
        talk.tell_plain(
            alert_words.answer_number(
                talk.session, str(number), settings=talk.settings, language=talk.language, now=talk.now
            )
        )
    else:
        known = talk.account or next(iter(talk.members), None)
        place = known.area_code if known else talk.settings.county
        talk.tell_plain(alert_words.answer_place(talk.session, place, language=talk.language, now=talk.now))


def _finish(talk: Talk) -> None:
    if sold_talk.take(talk):
        return
    post = _post_meant(talk)
    if post is not None:
        posts.end(
            talk.session, post, PostState.DONE, by=talk.speaker, channel=talk.inbound.channel, now=talk.now
        )
        talk.post = post
        talk.tell(
            "No. {number} is taken down: {what}. If it was a mistake reply RENEW {number}.",
            number=post.number,
            what=posts.describe(talk.session, post, talk.language),
        )


def _renew(talk: Talk) -> None:
    post = _post_meant(talk, ended=True)
    if post is None:
        return
    was_live = post.state in LIVE
    posts.renew(talk.session, post, by=talk.speaker, channel=talk.inbound.channel, now=talk.now)
    talk.post = post
    days = (post.expires_at - talk.now).days if post.expires_at else 0
    talk.tell("No. {number} stays {days} more days.", number=post.number, days=days)
    if not was_live:
        matching_desk.meet(talk.session, post, settings=talk.settings, now=talk.now)


def _post_meant(talk: Talk, *, ended: bool = False) -> Post | None:
    """The person's post that is meant; asks by number when it is not clear, and says so when there is none."""
    mine = lookups.own_posts(talk.session, talk.person, talk.said, ended=ended)
    if len(mine) == 1:
        return mine[0]
    number = str(talk.said.slots.get("number") or "")
    if not mine and number.isdigit():
        talk.tell(
            "No. {number} is none of your open posts. For a person ring {line}.",
            number=number,
            line=_line(talk),
        )
        return None
    if not mine:
        talk.tell("You have no open post. For a person ring {line}.", line=_line(talk))
        return None
    listed = ";".join(
        f"{post.number} {posts.describe(talk.session, post, talk.language)}" for post in mine[:3]
    )
    word = say(talk.language, "RENEW" if ended else "DONE")
    talk.tell("Which one? {listed}. Reply {word} and its number.", listed=listed, word=word)
    return None


def _stop(talk: Talk) -> None:
    if draft_talk.drop_draft(talk):
        return
    consent.stop(
        talk.session,
        accounts=talk.members,
        phone_index=talk.inbound.sender_index,
        purposes=consent.STOPPED,
        proof=f"inbound:{talk.inbound.id}",
        now=talk.now,
    )
    talk.tell(
        "Stopped: tips, daily news and what you subscribed to. Matches, letters and signed alerts still come: you asked "
        "or need them. Again: RESUME."
    )


def _resume(talk: Talk) -> None:
    consent.resume(
        talk.session,
        accounts=talk.members,
        phone_index=talk.inbound.sender_index,
        purposes=consent.STOPPED,
        proof=f"inbound:{talk.inbound.id}",
        now=talk.now,
    )
    talk.tell("Tips, daily news and what you subscribed to come again. To stop: TD.")


def _help(talk: Talk) -> None:
    """What to write; the words of a module that is off are left out."""
    ways = [say(talk.language, "SELL product quantity price village; BUY product quantity")]
    if talk.settings.has(Module.ALERTS):
        ways.append(say(talk.language, "REPORT crop pest"))
    if talk.settings.has(Module.EXPERTS):
        ways.append(say(talk.language, "ASK question"))
    ways.append(say(talk.language, "SUBSCRIBE product"))
    talk.tell(
        "Just write: {ways}; FIND product; TD stops tips. A person: ring {line}, press 0.",
        ways=(";" if talk.language == "zh" else "; ").join(ways),
        line=_line(talk),
    )


def _register(talk: Talk) -> None:
    name = str(talk.said.slots.get("name") or "")
    known = next((one for one in talk.members if one.name == name), talk.account if not name else None)
    if known is not None and known.state is not AccountState.PENDING:
        talk.account = known
        talk.tell(
            "You are registered as {name}. To change something go to your contact point.", name=known.name
        )
        return
    try:
        account = accounts.register(
            talk.session,
            phone=talk.inbound.sender,
            name=name,
            village_text=str(talk.said.slots.get("place") or ""),
            county=talk.settings.county,
            now=talk.now,
            inbound_id=talk.inbound.id,
        )
    except Refusal as refusal:
        talk.refuse(refusal)
        return
    talk.account = account
    _open(talk, CaseKind.REGISTER)
    if talk.case is not None:
        talk.case.area_code = account.area_code
    talk.tell(
        "Noted: {name}, {village}. Please show your ID at the contact point of {village}; then your words go on.",
        name=account.name,
        village=areas.path_name(talk.session, account.area_code),
    )


def _write_letter(talk: Talk) -> None:
    if not talk.settings.has(Module.MAILBOX) or not mailbox.send_by_text(talk):
        _pass_on(talk)


def _greet(talk: Talk) -> None:
    """Thanks, a greeting, a slip: nobody need look at it."""
    talk.tell(
        "Good day. To sell or buy write SELL or BUY with the product; HELP shows all. A person: ring {line}.",
        line=_line(talk),
    )


def _pass_on(talk: Talk) -> None:
    """Not understood: a person reads it, and the sender knows who."""
    _open(talk, CaseKind.UNCLEAR)
    helper = accounts.contact_of(talk.session, talk.person.area_code)
    talk.tell(
        "We did not quite understand. {helper} at your contact point will look and ring you. "
        "Number {number}. You can also write SELL or BUY with the product.",
        helper=helper.name if helper else talk.settings.service_name,
        number=_number(talk),
    )


def _open(talk: Talk, kind: CaseKind) -> None:
    talk.case = cases.open_case(
        talk.session,
        kind=kind,
        area_code=talk.person.area_code,
        text=talk.inbound.body,
        now=talk.now,
        account=talk.account,
        phone=talk.inbound.sender or None,
        inbound=talk.inbound,
    )


def _number(talk: Talk) -> int:
    return talk.case.number if talk.case else 0


def _line(talk: Talk) -> str:
    return talk.settings.line_number


_WISHES: dict[str, Callable[[Talk], None]] = {
    "sell": _offer,
    "buy": _offer,
    "pest_report": _report_pest,
    "question": _ask,
    "lookup": _look_up,
    "price_query": _price,
    "alert_check": _check_alert,
    "done": _finish,
    "renew": _renew,
    "stop": _stop,
    "unsubscribe": _stop,
    "resume": _resume,
    "help": _help,
    "register": _register,
    "letter": _write_letter,
}
