"""How a match ended, in conversation: did it come to a deal, how much of it, and where it did not, why."""

from __future__ import annotations

import re
import unicodedata
from datetime import timedelta

from sqlalchemy import select

import matching
from farmerline.domain import deals, lots, questions
from farmerline.domain.keys import WHY
from farmerline.domain.talk import Talk
from farmerline.models import Deal, Match, NoReason, Outcome, PostItem, Question, QuestionKind

ABOUT = frozenset({QuestionKind.OUTCOME, QuestionKind.AMOUNT, QuestionKind.REASON})
_DRAFTS = frozenset({QuestionKind.PUBLISH, QuestionKind.SIDE, QuestionKind.CHOICE, QuestionKind.CHANGE})
_ANSWER_HOURS = 48
_FRESH = timedelta(hours=2)
_LONGEST_REASON = 20
_MINE = frozenset({"other", "done"})
"""Intents of words that may be about how much it was; a reason may sound like a question about the price, too."""
_CODE = re.compile(r"(?<![A-Z])[A-Z]\d{2}(?!\d)")
_LEAD = re.compile(r"^\s*([13])(?:[\s,，.。、:：]+|(?=[买卖]))(?=\S)")
_PLAINLY_NO = re.compile(
    r"(?:没|未)(?:有)?(?:谈|做)?(?:成|拢|妥|买|卖|成交|谈成|买成|卖成)(?:了|功|交|成|掉|出去)?$|(?:不|没)(?:打算|想)?(?:买|卖|收)了?$|谈崩|黄了|吹了"
)
_ELSEWHERE = re.compile(r"别处|别人|别家|人家|其他人")
_WORDS = {
    NoReason.PRICE: re.compile(r"价|贵|便宜|太低|压(?:得|太)|钱"),
    NoReason.QUALITY: re.compile(r"质量|品质|品相|货不|不好|不行|太小|太大|坏|烂|差|品种不"),
    NoReason.NOT_REACHED: re.compile(r"打不通|联系不|没联系|没人接|不接|关机|停机|空号|找不到|没回"),
    NoReason.GONE: re.compile(r"别处|别人|别家|人家|其他人|已经?(?:卖|买|收)|卖完|卖掉|卖光|买到|收够"),
}


def meant(talk: Talk) -> Question | None:
    """The open question about an outcome that words beyond 1, 2 and 3 answer: 500斤, 4, 太贵了; None for anything else."""
    if talk.said.reply is not None:
        return None
    mine = [
        question
        for question in talk.questions
        if question.kind in ABOUT and (talk.account is None or question.account_id == talk.account.id)
    ]
    code = _code_in(talk, mine)
    if code is not None:
        mine = [question for question in mine if question.code == code]
    elif mine:
        drafts = [question.asked_at for question in talk.questions if question.kind in _DRAFTS]
        mine = [question for question in mine if question.asked_at >= max(drafts, default=question.asked_at)]
    return next((question for question in reversed(mine) if _fits(talk, question, bool(code))), None)


def settle_outcome(talk: Talk, question: Question) -> None:
    """Yes, a part of it, or no. A part without an amount is asked for it, a last no for its reason."""
    match = talk.session.get_one(Match, question.match_id)
    words = _bare(talk, question)
    amount = None if talk.said.reply else lots.amount_meant(_LEAD.sub("", words), lots.spoken_of(match))
    outcome = _outcome_said(talk, words, match, amount)
    plainly = talk.said.reply is None and outcome is Outcome.NO
    days = talk.settings.follow_up_days
    not_yet = outcome is Outcome.NO and not plainly and deals.is_asked_again(match, days)
    deal = deals.record(
        talk.session,
        match,
        outcome=outcome,
        by=talk.speaker,
        teller=talk.person,
        channel=talk.inbound.channel,
        qty=amount[0] if amount else None,
        unit=amount[1] if amount else None,
        now=talk.now,
        asked_again=not_yet,
    )
    questions.close(question, now=talk.now, answer=outcome.value)
    if not_yet:
        talk.tell("Noted, not yet. Your post stays; on day {day} we ask once more.", day=days[-1])
    elif outcome is Outcome.NO:
        talk.tell(
            "Noted, no deal; we go on looking. Why? Reply 1 price, 2 quality, 3 not reached, 4 went elsewhere.",
            question=_ask(talk, QuestionKind.REASON, match),
        )
    elif deal is not None and outcome is Outcome.PARTLY and deal.qty is None:
        _ask_amount(talk, match)
    elif amount is not None:
        _tell_noted(talk, match, *amount)
    else:
        talk.tell("Noted, a deal. Thank you: it goes into the county's ledger.")


def settle_amount(talk: Talk, question: Question) -> None:
    """How much of it: it goes into the ledger and off both lots; what is left stays open."""
    match = talk.session.get_one(Match, question.match_id)
    deal = talk.session.scalars(select(Deal).where(Deal.match_id == match.id)).one()
    amount = lots.amount_meant(_bare(talk, question), lots.spoken_of(match))
    if amount is None or (deal.unit and amount[1] != deal.unit) or _is_a_key(talk, amount):
        _ask_amount(talk, match, question)
        return
    said = f"{amount[0]:g}{amount[1]}"
    if deals.is_more_than_there(match, *amount) and question.data.get("said") != said:
        question.data = {**question.data, "said": said}
        there = lots.left(match.supply_item)
        talk.tell(
            "Only {there} was left. How much was it? Write it once more.", question=question, there=there
        )
        return
    deals.tell_amount(
        talk.session, deal, match, qty=amount[0], unit=amount[1], by=talk.speaker, teller=talk.person,
        channel=talk.inbound.channel, now=talk.now,
    )  # fmt: skip
    questions.close(question, now=talk.now, answer=said)
    _tell_noted(talk, match, *amount)


def settle_reason(talk: Talk, question: Question) -> None:
    """Why it came to nothing: a key, or a few words."""
    match = talk.session.get_one(Match, question.match_id)
    words = _bare(talk, question)
    if re.fullmatch(r"\d", words) and words not in WHY:
        talk.tell(
            "Please reply 1 price, 2 quality, 3 not reached or 4 went elsewhere; or a few words.",
            question=question,
        )
        return
    reason = _reason_said(talk, words)
    deals.note_reason(
        talk.session, match, reason=reason, by=talk.speaker, teller=talk.person, channel=talk.inbound.channel,
        now=talk.now,
    )  # fmt: skip
    questions.close(question, now=talk.now, answer=reason.value)
    talk.tell("Noted. Thank you for telling us.")


def _fits(talk: Talk, question: Question, coded: bool) -> bool:
    """Whether the words can be an answer to this question, and are nothing of their own."""
    reading, intent = talk.said.reading, talk.said.intent
    if reading is not None and reading.items and not _is_of(talk, question):
        return False
    words = _bare(talk, question)
    if question.kind is QuestionKind.REASON:
        if re.fullmatch(r"[1-9]", words):
            return True
        fresh = coded or talk.now - question.asked_at <= _FRESH
        told = intent in {"other", "price_query"} or (
            intent == "done" and _ELSEWHERE.search(words) is not None
        )
        return fresh and told and 0 < len(words) <= _LONGEST_REASON
    if intent not in _MINE:
        return False
    match = talk.session.get_one(Match, question.match_id)
    amount = lots.amount_meant(_LEAD.sub("", words), lots.spoken_of(match))
    if question.kind is QuestionKind.AMOUNT:
        return amount is not None or coded
    if amount is not None and re.search(r"[^\d\s.]", _LEAD.sub("", words)):
        return True
    return intent == "other" and _PLAINLY_NO.search(words) is not None


def _is_of(talk: Talk, question: Question) -> bool:
    """Whether an amount is told as sold or bought of the very thing that is asked about (柿子卖了300斤)."""
    named = talk.said.slots.get("product")
    match = talk.session.get_one(Match, question.match_id)
    return bool(matching.part_told(talk.inbound.body)) and named == match.supply_item.concept


def _outcome_said(talk: Talk, words: str, match: Match, amount: tuple[float, str] | None) -> Outcome:
    """What 1, 2 or 3 means; with an amount, a part unless it is all that was wanted, or all there was."""
    if talk.said.reply:
        return {"confirm": Outcome.SOLD, "list_only": Outcome.PARTLY}.get(talk.said.intent, Outcome.NO)
    if amount is None:
        return Outcome.NO
    lead = _LEAD.match(words)
    if lead:
        return Outcome.SOLD if lead[1] == "1" else Outcome.PARTLY
    sides: tuple[PostItem, ...] = (match.demand_item, match.supply_item)
    whole = [item.qty_left for item in sides if item.qty_left is not None and item.unit == amount[1]]
    return Outcome.SOLD if any(amount[0] >= one for one in whole) else Outcome.PARTLY


def _reason_said(talk: Talk, words: str) -> NoReason:
    if words in WHY:
        return NoReason(WHY[words])
    if talk.said.reply:  # "all right", "no": an answer, and no reason
        return NoReason.UNSAID
    return next((reason for reason, signs in _WORDS.items() if signs.search(words)), NoReason.OTHER)


def _ask_amount(talk: Talk, match: Match, again: Question | None = None) -> None:
    unit = lots.unit_said(lots.spoken_of(match)) or "斤"
    question = again or _ask(talk, QuestionKind.AMOUNT, match)
    talk.tell(
        "Noted, a part. How much was it? Just write it, like {example}.",
        question=question,
        example=f"500{unit}",
    )


def _ask(talk: Talk, kind: QuestionKind, match: Match) -> Question:
    return questions.ask(
        talk.session,
        kind=kind,
        now=talk.now,
        hours=_ANSWER_HOURS,
        account=talk.person,
        match_id=match.id,
    )


def _tell_noted(talk: Talk, match: Match, qty: float, unit: str) -> None:
    sells = match.supply_post.account_id == talk.person.id
    post, item = (match.supply_post, match.supply_item) if sells else (match.demand_post, match.demand_item)
    amount = lots.say_amount(qty, unit, lots.spoken_of(match))
    if item.live and (left := lots.left(item)):
        talk.tell(
            "Noted: {amount}. No. {number} stays open with {left}.",
            amount=amount,
            number=post.number,
            left=left,
        )
    else:
        talk.tell("Noted: {amount}. Thank you: it goes into the county's ledger.", amount=amount)


def _is_a_key(talk: Talk, amount: tuple[float, str]) -> bool:
    """A bare 1, 2 or 3 to what is weighed is a key pressed again, not three jin."""
    return talk.said.reply is not None and amount[1] == "kg"


def _bare(talk: Talk, question: Question) -> str:
    """The words without the question's code."""
    words = unicodedata.normalize("NFKC", talk.inbound.body).upper()
    return words.replace(question.code, " ").strip(" ,.。!、:;[]")


def _code_in(talk: Talk, mine: list[Question]) -> str | None:
    words = unicodedata.normalize("NFKC", talk.inbound.body).upper()
    known = {question.code for question in mine}
    return next((code for code in _CODE.findall(words) if code in known), None)
