"""What each wish leads to. Short, plain answers; what a machine must not decide goes to a person."""

from __future__ import annotations

from collections.abc import Callable

from farmerline.config import Module
from farmerline.domain import accounts, answers, areas, cases, consent, lookups, mailbox, posts, questions
from farmerline.domain.talk import Talk
from farmerline.errors import Refusal
from farmerline.models import (
    Account,
    CaseKind,
    InboundState,
    Post,
    PostState,
    Purpose,
    Question,
    QuestionKind,
)
from farmerline.words import say

_UNASKED = (Purpose.TIPS, Purpose.DIGEST)


def respond(talk: Talk) -> None:
    """Act on what was said, and answer."""
    if talk.said.reply or talk.said.intent in ("confirm", "deny", "list_only"):
        _answer(talk)
        return
    if talk.said.code and _reply_to_letter(talk):
        return
    changing = _changing(talk)
    if changing is not None and talk.said.intent not in ("stop", "resume", "help", "done", "letter"):
        answers.change(talk, changing)
        return
    _WISHES.get(talk.said.intent, _pass_on)(talk)


def question_meant(talk: Talk) -> Question | None:
    """The open question that a bare answer means: the one its code names, or the only one."""
    if talk.said.code:
        return next((question for question in talk.questions if question.code == talk.said.code), None)
    waiting = [
        question
        for question in talk.questions
        if question.kind not in questions.ASIDE | {QuestionKind.CHANGE}
    ]
    return waiting[0] if len(waiting) == 1 else None


def greet_stranger(talk: Talk) -> None:
    """Nobody is registered under this number: keep the words, say how to register."""
    talk.inbound.state = InboundState.PARKED
    talk.tell(
        "This number is not registered yet. Reply: REGISTER your-name your-village, or go to your village contact point "
        "with your ID. Your words are kept."
    )


def greet_pending(talk: Talk) -> None:
    """Registered, not yet verified: keep the words until the contact point has seen the ID."""
    talk.inbound.state = InboundState.PARKED
    talk.tell(
        "Your words are kept. They go on once your contact point has seen your ID. Questions: ring {line}.",
        line=_line(talk),
    )


def ask_who(talk: Talk) -> None:
    """Several people share the phone and the words do not say who speaks."""
    if talk.said.reply or talk.said.code:
        who = next((question for question in talk.questions if question.kind is QuestionKind.WHO), None)
        chosen = _member(who, talk.said.reply) if who and not talk.said.code else None
        if who is not None and chosen is not None:
            _take_up(talk, who, chosen)
            return
        _answer(talk)
        return
    choices = " ".join(f"{place} {member.name}" for place, member in enumerate(talk.members[:5], start=1))
    question = questions.ask(
        talk.session,
        kind=QuestionKind.WHO,
        now=talk.now,
        hours=talk.settings.read_back_hours,
        phone_index=talk.inbound.sender_index,
        data={"inbound": talk.inbound.id, "members": [member.id for member in talk.members[:5]]},
    )
    talk.inbound.state = InboundState.PARKED
    talk.tell("Who is speaking? Reply the number: {choices}", question=question, choices=choices)


def _answer(talk: Talk) -> None:
    question = question_meant(talk)
    if question is not None:
        if question.kind is QuestionKind.WHO:
            chosen = _member(question, talk.said.reply)
            if chosen is not None:
                _take_up(talk, question, chosen)
                return
        elif question.account_id and talk.account is None:
            talk.account = talk.session.get_one(Account, question.account_id)
        answers.settle(talk, question)
        return
    waiting = [question for question in talk.questions if question.kind not in questions.ASIDE]
    drafts = [question for question in waiting if question.kind is QuestionKind.PUBLISH]
    if talk.said.intent == "deny" and talk.said.slots.get("qty") and len(drafts) == 1:
        answers.change(talk, drafts[0])
    elif not waiting:
        talk.tell(
            "Nothing is waiting for your answer now. Send HELP to see what you can do, or ring {line}.",
            line=_line(talk),
        )
    else:
        listed = ";".join(
            f"{question.code} {answers.topic(talk.session, question, talk.language)}"
            for question in waiting[:3]
        )
        first = waiting[0].code
        talk.tell(
            "You have {count} matters open: {listed}. Reply with the code, like 1{first}.",
            count=len(waiting),
            listed=listed,
            first=first,
        )


def _take_up(talk: Talk, question: Question, chosen: str) -> None:
    """The speaker is known now: act on the words that were waiting for it."""
    questions.close(question, now=talk.now, answer=chosen[:8])
    talk.account = talk.session.get_one(Account, chosen)
    talk.session.flush()
    earlier = talk.again(question.data["inbound"], chosen)
    talk.replies.extend(earlier.replies)
    talk.post = talk.session.get(Post, earlier.post_id) if earlier.post_id else None


def _member(question: Question, reply: str | None) -> str | None:
    members: list[str] = question.data["members"]
    if reply and reply.isdigit() and 1 <= int(reply) <= len(members):
        return members[int(reply) - 1]
    return None


def _offer(talk: Talk) -> None:
    reading = talk.said.reading
    if reading is None or not reading.items:
        _pass_on(talk)
        return
    talk.post = posts.draft(
        talk.session,
        account=talk.person,
        inbound=talk.inbound,
        text=talk.inbound.body.replace(str(talk.said.slots.get("name") or "\0"), " "),
        reading=reading,
        now=talk.now,
        kind="supply" if talk.said.intent == "sell" else "demand",
        operator=talk.operator,
    )
    answers.read_back(talk, talk.post)


def _report_pest(talk: Talk) -> None:
    if not talk.settings.has(Module.ALERTS):
        _pass_on(talk)
        return
    _open(talk, CaseKind.SIGHTING)
    talk.tell(
        "Noted: pest {what}. A plant-protection officer will look and tell you. Number {number}.",
        what=_short(talk.inbound.body),
        number=_number(talk),
    )


def _ask(talk: Talk) -> None:
    if not talk.settings.has(Module.EXPERTS):
        _pass_on(talk)
        return
    _open(talk, CaseKind.QUESTION)
    talk.tell(
        "Noted: your question. You will have an answer within two working days. Number {number}.",
        number=_number(talk),
    )


def _look_up(talk: Talk) -> None:
    found = lookups.find_posts(talk.session, talk.said, talk.person)
    if found:
        listed = ";".join(lookups.line(talk.session, post, talk.language) for post in found)
        talk.tell_plain(listed)
    else:
        talk.tell("Nothing fits now. Send BUY or SELL with the product and we tell you when something comes.")


def _price(talk: Talk) -> None:
    product = str(talk.said.slots.get("product") or "")
    asked = (
        lookups.asked_prices(talk.session, product, talk.now)
        if talk.settings.has(Module.PRICES) and product
        else None
    )
    if asked is None:
        talk.tell(
            "No price of {product} is known here now. For a person ring {line}.",
            product=product or "?",
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
    talk.tell(
        "No alert with number {number} was issued by us. If in doubt ring {line} and press 0.",
        number=talk.said.slots.get("number", "?"),
        line=_line(talk),
    )


def _finish(talk: Talk) -> None:
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
    if post is not None and post.expires_at is not None:
        posts.renew(talk.session, post, by=talk.speaker, channel=talk.inbound.channel, now=talk.now)
        talk.post = post
        days = (post.expires_at - talk.now).days
        talk.tell("No. {number} stays {days} more days.", number=post.number, days=days)


def _post_meant(talk: Talk, *, ended: bool = False) -> Post | None:
    """The person's post that is meant; asks by number when it is not clear, and says so when there is none."""
    mine = lookups.own_posts(talk.session, talk.person, talk.said, ended=ended)
    if len(mine) == 1:
        return mine[0]
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
    consent.stop(
        talk.session,
        accounts=talk.members,
        phone_index=talk.inbound.sender_index,
        purposes=_UNASKED,
        proof=f"inbound:{talk.inbound.id}",
        now=talk.now,
    )
    talk.tell(
        "Stopped: tips and daily news. Matches, letters and signed alerts still come: you asked or need them. "
        "Again: RESUME."
    )


def _resume(talk: Talk) -> None:
    consent.resume(
        talk.session,
        accounts=talk.members,
        phone_index=talk.inbound.sender_index,
        purposes=_UNASKED,
        proof=f"inbound:{talk.inbound.id}",
        now=talk.now,
    )
    talk.tell("Tips and daily news come again. To stop: TD.")


def _help(talk: Talk) -> None:
    talk.tell(
        "Just write: SELL product quantity price village; BUY product quantity; REPORT crop pest; "
        "ASK question; FIND product; TD stops tips. A person: ring {line}, press 0.",
        line=_line(talk),
    )


def _register(talk: Talk) -> None:
    if talk.account is not None:
        talk.tell(
            "You are registered as {name}. To change something go to your contact point.",
            name=talk.account.name,
        )
        return
    try:
        account = accounts.register(
            talk.session,
            phone=talk.inbound.sender,
            name=str(talk.said.slots.get("name") or ""),
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
    talk.tell(
        "Noted: {name}, {village}. Please show your ID at the contact point of {village}; then your words go on.",
        name=account.name,
        village=areas.path_name(talk.session, account.area_code),
    )


def _write_letter(talk: Talk) -> None:
    if not talk.settings.has(Module.MAILBOX) or not mailbox.send_by_text(talk):
        _pass_on(talk)


def _reply_to_letter(talk: Talk) -> bool:
    question = question_meant(talk)
    if question is None or question.kind is not QuestionKind.LETTER:
        return False
    mailbox.reply_by_text(talk, question)
    return True


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


def _changing(talk: Talk) -> Question | None:
    mine = talk.account.id if talk.account else None
    waiting = [
        question
        for question in talk.questions
        if question.kind in (QuestionKind.CHANGE, QuestionKind.SIDE) and question.account_id == mine
    ]
    return waiting[-1] if waiting and waiting[-1].kind is QuestionKind.CHANGE else None


def _number(talk: Talk) -> int:
    return talk.case.number if talk.case else 0


def _line(talk: Talk) -> str:
    return talk.settings.line_number


def _short(text: str) -> str:
    return " ".join(text.split())[:20]


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
    "resume": _resume,
    "help": _help,
    "register": _register,
    "letter": _write_letter,
}
