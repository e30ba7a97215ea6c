"""What is only told of the goods: their variety, what goes with them, what they were called first."""

from __future__ import annotations

import re
from dataclasses import replace

from matching.lexicon import Lexicon
from matching.spans import Span, kind

OVER = re.compile(r"(?:赶|采|追|割|收|挖|种|摘|卖)完$")
"""What is over and done with when the goods are free: 赶完油菜."""
_BROUGHT = re.compile(r"(?:带|配|送|附带|附)[\d.]{0,5}$")
_FITTED = re.compile(r"(?:带|配|送|附带|附|有|连|含|装了|加)[\d.一二两三四]{0,2}[台个套只]?$")
_ENTERED = re.compile(r"(?:能进|进得?去?|能下|下得|能过|能开|可进|能用|适合|适用|好进)$")
_RENT_IN_KIND = re.compile(r"[\d一二两三四五六七八九十百]斤$")
_PER_MU = re.compile("[一每/]亩")
_RENAMED = re.compile(r"[^,。;\d]{0,8}?(?:就是|也就是|又叫|也叫)(?:那种|那个|说)?$|[^,。;\d]?\($")
_DONE_TO = re.compile(r"的|[了好完过]|\s?[\d一二两三四五六七八九十百千万几]+(?:多|来)?(?:捆|包|袋|车)")
_CREW = re.compile(r"[人工亩]|师傅|一天|每天")
_BORE = re.compile(
    r"(?:刚|才|又)?(?:下|生|产|抱|孵|带)(?:了|出)?(?:一窝|[\d一二两三四五六七八九十几]+(?:多|来)?)[个头只条]?[一-鿿]{0,2}[崽仔羔犊娃]"
)
_FITTINGS = frozenset({"machine", "equipment", "input"})
_GROWN = frozenset("grain cash veg fruit nut tea herb mushroom tree livestock poultry aquatic".split())
_NUMBER_NEXT = re.compile(
    r"(?:苗|的)?\s?[\d一二两三四五六七八九十百千万半几]+(?![\d一二两三四五六七八九十百千万半几]|亩|成|分)"
)
_GENERAL_YOUNG = frozenset({"虾苗", "虾子苗", "小虾苗"})
"""Young of whatever shrimp is named beside them."""


def is_beside(lexicon: Lexicon, text: str, span: Span, kept: list[Span]) -> bool:
    """Whether a thing only goes with those before it: what is brought along, what stands on the land that is let, what
    can drive on it, the rent in grain."""
    before = text[max(0, span.start - 12) : span.start]
    if _BROUGHT.search(before):
        return True
    category = kind(lexicon, span)
    if category == "machine" and _ENTERED.search(before):
        return True
    fitted = category in _FITTINGS and _FITTED.search(before)
    if not fitted and not (_PER_MU.match(text, span.end) and _RENT_IN_KIND.search(before)):
        return False
    return any(kind(lexicon, other) == "land" for other in kept)


def is_done_to(lexicon: Lexicon, text: str, span: Span) -> bool:
    """Whether a work behind goods only tells what was done to them: 麦秸打捆 四百捆, 包谷杆打捆了, 皇冠套袋的."""
    category = kind(lexicon, span)
    if category == "service":
        return bool(_DONE_TO.match(text, span.end))
    return category == "labour" and text[span.start : span.end].endswith("的") and not _CREW.search(text)


def is_renamed(text: str, span: Span, following: Span) -> bool:
    """Whether a thing is named anew right behind: 土狗鱼 就是塘角鱼, 地瓜(沙葛)."""
    return span.concept != following.concept and bool(_RENAMED.match(text[span.end : following.start]))


def is_mark(lexicon: Lexicon, text: str, span: Span, spans: list[Span]) -> bool:
    """Whether a bare variety of one product only tells of another that is named: 荸荠种 大红袍, 毛嗑黑珍珠."""
    if span.variety is None or span.form is not None or not _is_bare(lexicon, text, span):
        return False
    if _NUMBER_NEXT.match(text, span.end) or text[span.end : span.end + 1] in {"、", "和"}:
        return False
    return any(
        other.concept != span.concept
        and other.end <= span.start
        and not text[other.end : span.start].strip(" ,的那种是")
        and not _is_bare(lexicon, text, other)
        and kind(lexicon, other) in _GROWN
        for other in spans
    )


def _is_bare(lexicon: Lexicon, text: str, span: Span) -> bool:
    """Whether a span names a variety without its product."""
    if span.variety is None:
        return False
    concept = lexicon.concepts.get(span.concept)
    names = (span.concept, *(concept.synonyms if concept else ()))
    said = text[span.start : span.end]
    return not (said.endswith(span.concept[-1]) or any(name in said for name in names))


def picker(lexicon: Lexicon, span: Span, goods: list[Span]) -> Span:
    """Hands sought for picking, by what is picked: 白茶采摘要人 30个女工."""
    if span.concept != "小工":
        return span
    tea = any(kind(lexicon, crop) == "tea" for crop in goods)
    return replace(span, concept="采茶工" if tea else "采摘工")


def weaned(text: str, kept: list[Span]) -> list[Span]:
    """The young where a mother is only named as theirs: 老母猪下了十二个崽 … 买小猪."""
    young = {span.concept for span in kept if span.form == "young"}
    mothers = [
        span
        for span in kept
        if span.form == "breed" and _BORE.match(text, span.end) and span.concept in young
    ]
    return [span for span in kept if span not in mothers] if mothers else kept


def specify(text: str, kept: list[Span]) -> list[Span]:
    """Young of no kind with the kind named beside them: 虾苗 南美白."""
    general = [span for span in kept if text[span.start : span.end] in _GENERAL_YOUNG]
    kinds = [span for span in kept if span not in general and span.concept.endswith("虾")]
    if not general or not kinds or any(span.concept == general[0].concept for span in kinds):
        return kept
    return [
        replace(span, form=general[0].form) if span in kinds else span for span in kept if span not in general
    ]
