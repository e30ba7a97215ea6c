"""What a message wants: one of the intents, with what it says (slots). Pure: text and open questions in, value out."""

from __future__ import annotations

import re

from matching import acts, asking
from matching.chat import is_chat, is_sent_to_all
from matching.crops import crop_beside
from matching.hunch import heed
from matching.normalize import clean
from matching.reading import Matcher
from matching.registration import read_registration
from matching.replies import correction_of, read_reply
from matching.slots import slots_of, slots_of_correction
from matching.values import Reading, Understood

_SIDES = {"supply": "sell", "demand": "buy"}
_PRINTED = {"unsubscribe": "stop", "letter": "other", "list_only": "other"}
_FIRST_WORDS = {"pest_report": "报", "question": "问", "lookup": "查", "price_query": "价", "done": "停"}
"""Words of the farmers' card that mean one thing alone: who begins with one is taken at it. (收 may ask for a price.)"""
_SIDE_WORDS = re.compile(r"[卖买收求租售]")
_SAID_WITHIN = 240
"""What a message wants is said within its first signs; goods and amounts are read in all of it."""
_WHOLE = frozenset("车 箱 袋 套 件 批 桶 捆".split())
"""Units of which one is an amount, not a rate."""
_SHORT = 10
_GRANT = re.compile("补(?:贴|助|多少|好多|几)")
_LONGEST_CORRECTION = 12
_OFFERING = re.compile(r"(?:我|俺|家里|自家)?(?:想|要)?(?:买|卖|收|求购|出售|收购|有)(?:点|些)?(?!的)[^\d]")
_APOLOGY = re.compile(r"^(?:不好意思|对不起)?\W*你?(?:打|发|拨)错(?:了|人|号|地方|电话|短信)")


def understand(
    text: str, open_kinds: frozenset[str] = frozenset(), *, matcher: Matcher | None = None
) -> Understood:
    """What a message wants. `open_kinds` names the kinds of question open with this phone (empty: none is known to
    be open). Never raises, whatever the text."""
    words = matcher or Matcher.default()
    said = clean(text)
    bare = bare_of(said)
    answer = read_reply(bare, open_kinds)
    if answer:
        return answer
    if not bare:
        asks = "?" in said or "?" in text or "?" in text
        return Understood("help" if asks else "other")
    if bare in acts.HELP:
        return Understood("help")
    if is_sent_to_all(bare):
        return Understood("other", chat=True)
    if acts.NO_MORE.search(bare):
        unwanted = words.read(text)
        product = unwanted.crop or (unwanted.items[0].concept if unwanted.items else "")
        if product and not acts.DONE.search(bare):
            return Understood("unsubscribe", {"product": product}, reading=unwanted)
    if bare in acts.ORDER:
        return Understood("stop")
    registered = read_registration(bare, words)
    if registered is not None:
        return Understood("register", registered)
    reading = words.read(text)
    if corrected := _correction(bare, open_kinds, words):
        return corrected
    intent = _intent(bare, reading, words)
    if intent not in _PRINTED and not bare.startswith(_FIRST_WORDS.get(intent, " ")):
        intent = heed(intent, bare, reading, words.lexicon)
    chat = intent == "other" and not reading.items and is_chat(bare)
    return Understood(intent, slots_of(intent, bare, reading, words.lexicon), reading=reading, chat=chat)


def bare_of(said: str) -> str:
    """The part of a cleaned message in which its wish is said, without the stops around it."""
    return said[:_SAID_WITHIN].strip(" ,.。!~、;:'\"()")


def printed_intent(intent: str) -> str:
    """An intent as a command prints it: ending one subscription is stop; a letter, and a 3 alone, are other."""
    return _PRINTED.get(intent, intent)


def _correction(bare: str, open_kinds: frozenset[str], words: Matcher) -> Understood | None:
    """A denial that says what is right instead; what says nothing of goods counts only where a question is open."""
    if any(act.search(bare) for act in (acts.RESUME, acts.ALERT, acts.STOPPING, acts.ENDING)):
        return None
    right = correction_of(bare)
    if right is None or (_OFFERING.match(bare) and acts.SAID_AMOUNT.search(bare)):
        return None
    slots, fixed = slots_of_correction(right, words)
    told = bool(slots) or bool(_SIDE_WORDS.search(right)) or len(right) <= _LONGEST_CORRECTION
    if _APOLOGY.match(bare) and not slots:
        return None
    if (not told and not open_kinds) or asking.REMEDY.search(bare):
        return None
    return Understood("deny", slots, reply="2", reading=fixed)


def _intent(bare: str, reading: Reading, words: Matcher) -> str:
    return _about_service(bare, reading) or _about_crops(bare, reading, words) or _about_goods(bare, reading)


def _about_service(bare: str, reading: Reading) -> str:
    """What is done with the service itself: its texts, its alerts, one's own post; "" where it is none of these."""
    if acts.UNSUBSCRIBE.match(bare) and reading.items:
        return "unsubscribe"
    done = _is_done(bare, reading)
    if (acts.STOPPING.search(bare) or acts.ENDING.search(bare)) and not (done and reading.items):
        return "stop"
    if acts.LETTER.search(bare):
        return "letter"
    if _asks_alert(bare, reading):
        return "alert_check"
    renewed = acts.RENEW.search(bare)
    again = acts.RESUME.search(bare) or (
        acts.REOPENING.search(bare) and not (asking.REMEDY.search(bare) and reading.items)
    )
    if again and not renewed and not _amounts(reading):
        return "resume"
    farming = reading.items or reading.pest or asking.FARMING.search(bare)
    if acts.ASKING_HOW.search(bare) and not farming:
        return "help"
    if not reading.pest and (acts.LEARNING.search(bare) or (acts.HELPING.search(bare) and not reading.items)):
        return "help"
    if re.match(r"(?:查|cha)", bare) and not re.match(r"查?价", bare):
        return "price_query" if "价" in bare else "lookup"
    if renewed and not _priced(reading):
        return "renew"
    if acts.SUBSCRIBE.search(bare) and not acts.CALLED.search(bare) and not _counted(reading):
        return "subscribe"
    return "done" if done else ""


def _about_crops(bare: str, reading: Reading, words: Matcher) -> str:
    """A question asked of the experts, a trouble seen, a price asked; "" where it is none of these."""
    shown = _without_names(bare, reading, words)
    traded = _is_trade(bare, reading)
    priced = _asks_price(bare, reading)
    head = asking.ASK_HEAD.match(bare)
    if head and not traded:
        looked = acts.LOOKUP.search(bare) and reading.items and not _asks_how(bare)
        return "price_query" if priced else "lookup" if looked else "question"
    if (
        asking.PEST_HEAD.match(bare)
        and not traded
        and (reading.pest or reading.crop or asking.SEEN.search(shown) or bare.startswith("报"))
    ):
        return "pest_report"
    dead = asking.tells_death(bare) and not asking.REMEDY.search(bare)
    if not traded and (dead or asking.tells_trouble(shown, named=bool(reading.pest))):
        return "pest_report"
    if priced:
        return "price_query"
    if (
        acts.LOOKUP.search(bare)
        and not _amounts(reading)
        and not acts.SAID_AMOUNT.search(bare)
        and reading.items
        and not asking.REMEDY.search(bare)
    ):
        if acts.WHO_SELLS.search(bare) and acts.OWN_WANT.search(bare):
            return "buy"
        return "sell" if acts.WHO_BUYS.search(bare) and acts.OWN_GOODS.search(bare) else "lookup"
    known = bool(reading.items or reading.crop or reading.pest or crop_beside(bare, words.lexicon))
    sought = reading.direction != "none" and bool(acts.SEEKS.search(bare) or acts.OWN_WANT.search(bare))
    sought = sought or bool(acts.SAID_AMOUNT.search(bare) and acts.WHO_BUYS.search(bare))
    sought = sought and bool(reading.items) and not _asks_how(bare)
    asked = asking.asks_advice(bare, traded=traded or sought or _offers(bare, reading), known=known)
    if asked:
        return "question"
    return "lookup" if not known and acts.ANYONE.match(bare) else ""


def _about_goods(bare: str, reading: Reading) -> str:
    """A side: goods offered or wanted. Who asks for a seller and names an amount wants; who asks for a buyer has."""
    if not reading.items:
        return "other"
    if _amounts(reading) or acts.SAID_AMOUNT.search(bare):
        sells, buys = acts.WHO_SELLS.search(bare), acts.WHO_BUYS.search(bare)
        if bool(sells) != bool(buys):
            return "buy" if sells else "sell"
    return _SIDES.get(reading.direction, "other")


def _asks_how(bare: str) -> bool:
    return bool(asking.REMEDY.search(bare) or asking.TIMING.search(bare))


def _is_done(bare: str, reading: Reading) -> bool:
    if acts.part_told(bare):
        return True
    named = bool(reading.items) or bool(re.search(r"\d", bare)) or len(bare) <= _SHORT
    gone = (
        acts.DONE.search(bare)
        or (reading.items and acts.GONE.search(bare) and not _counted(reading))
        or (named and acts.PERFECTED.search(bare) and not asking.REMEDY.search(bare))
    )
    if not gone or _priced(reading) or (acts.OFFERED.match(bare) and _counted(reading)):
        return False
    return not acts.ONGOING.search(bare)


def _asks_alert(bare: str, reading: Reading) -> bool:
    if acts.ALERT_NUMBER.match(bare):
        return bool(re.search(r"[^\d\W]|^20", bare))
    if acts.ALERT.search(bare):
        return True
    return acts.NUMBERED.search(bare) is not None and not reading.items


def _asks_price(bare: str, reading: Reading) -> bool:
    """A price is asked: not where the speaker names his own, or an amount of his own."""
    if _GRANT.search(bare) or not acts.PRICE.search(bare) or acts.ANY_PRICE.search(bare) or _priced(reading):
        return False
    return bool(acts.EACH_PRICE.search(bare)) or not _amounts(reading)


def _is_trade(bare: str, reading: Reading) -> bool:
    """Whether goods are plainly offered or wanted: a verb of trade with goods, or an amount with its price."""
    if _full(reading) or (asking.TRADING.search(bare) and _amounts(reading)):
        return True
    sided = reading.direction != "none" and bool(reading.items) and not asking.REMEDY.search(bare)
    if not sided or reading.pest:
        return False
    return _priced(reading) or bool(asking.TERMS.search(bare) and not asking.TIMING.search(bare))


def _offers(bare: str, reading: Reading) -> bool:
    """Whether an amount stands in the text that is more than the one of a rate (一亩 …), with a side that is sure."""
    return (
        reading.direction != "none" and reading.sure and _amounts(reading) and not asking.TIMING.search(bare)
    )


def _amounts(reading: Reading) -> bool:
    """Whether an amount was said: a price, or a quantity other than the one of a rate."""
    return any(
        item.unit_price is not None
        or (item.qty is not None and not (item.qty in (1.0, 0.5) and item.unit not in _WHOLE))
        for item in reading.items
    )


def _counted(reading: Reading) -> bool:
    """Whether a quantity beyond one was said."""
    return any(item.qty is not None and item.qty not in (1.0, 0.5) for item in reading.items)


def _full(reading: Reading) -> bool:
    """Whether an amount is said with its price."""
    return any(item.unit_price is not None and item.qty is not None for item in reading.items)


def _priced(reading: Reading) -> bool:
    return any(item.unit_price is not None for item in reading.items)


def _without_names(bare: str, reading: Reading, words: Matcher) -> str:
    """The text without the names of goods and pests: 黄牛 is no yellow leaf, 枯萎病 no withered one."""
    shown = bare
    if reading.pest:
        known = words.lexicon.pests[reading.pest]
        for name in sorted((known.name, *known.synonyms), key=len, reverse=True):
            shown = shown.replace(name, " ~ ")
    for item in reading.items:
        if len(item.text) > 1:
            shown = shown.replace(item.text, f" ~{asking.trailing_part(item.text)}")
    return shown
