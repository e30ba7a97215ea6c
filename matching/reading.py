"""The matcher: one vocabulary and one gazetteer, and the reading of texts with them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from matching.direction import Heading, has_trade, is_plain, read_direction
from matching.forms import Former
from matching.heads import GENERAL, Judge
from matching.items import item_of, read_items
from matching.kinds import find_by_head
from matching.lexicon import Lexicon, read_rows
from matching.measures import UNITS, find_measures
from matching.naming import find_name, find_place
from matching.normalize import clean
from matching.opinion import Opinion
from matching.pests import SYMPTOM, find_pest
from matching.place import Gazetteer
from matching.regions import has_local, settle
from matching.rivals import Look, look, turn
from matching.sides import heed, weigh
from matching.sounds import Sounds
from matching.spans import FILLERS, Finder, Span, kind, mask
from matching.tasks import find_task
from matching.tokenizer import Cutter
from matching.values import Place, Reading

_NUMBER_NEAR = re.compile(r".{0,4}?[\d一二两三四五六七八九十百千万半]|$|[,。 、苗]")
_HIRING = re.compile(r"的来|快来|管吃|管住|包吃|包住|管饭")
_KEPT = re.compile(r"(?:管吃|管住|包吃|包住|管饭)(?!.{0,2}(?:就行|就中|就好|就来|就去|即可))")
_SEEKING_WORK = re.compile(
    r"(?:带|有)着?[一两二三四\d]?个?[班帮批队](?:人|女工|妇女|姐妹|工人)|想出去|出去(?:摘|采|干|做)|找活|有活叫|手上有.{0,4}[班帮批队]|(?<![有谁])(?:人|妇女|姐妹)(?:会|都会)"
)
_AT_WORK = re.compile(r"^代|师傅|跑运输|拉货|都跑|随叫随到|有车|经验|专业|上门")
_BOUGHT = frozenset({"input", "feed", "service"})
_PROCESSORS = re.compile(r"(?:发|做|开|加工|卖|养|喂|腌|卤|烤|酿|泡|炒|磨|榨)$")


class Matcher:
    """Reads texts with a vocabulary and a gazetteer. Holds no state that a reading changes: safe to share."""

    def __init__(self, lexicon: Lexicon, gazetteer: Gazetteer, opinion: Opinion | None = None) -> None:
        self.lexicon = lexicon
        self.gazetteer = gazetteer
        self.opinion = opinion or Opinion.default()
        ordinary = frozenset(row[0] for row in read_rows("ordinary.tsv")) | lexicon.forbidden
        self._cutter = Cutter(_vocabulary(lexicon, gazetteer, ordinary))
        self._places = {
            word
            for word, codes in gazetteer.words.items()
            if word not in lexicon.senses or any(len(code) <= 6 for code in codes)
        }
        self._ordinary = ordinary
        self._finder = Finder(lexicon, ordinary)
        self._judge = Judge(lexicon)
        self._former = Former(lexicon, self._places)
        self._sounds = Sounds(lexicon)

    @classmethod
    @lru_cache(maxsize=1)
    def default(cls) -> Matcher:
        """The shipped vocabulary, and the provinces, cities and counties."""
        return cls(Lexicon.default(), Gazetteer.default())

    def with_places(self, rows: Iterable[tuple[str, str, str, str]]) -> Matcher:
        """A matcher that knows more places: rows (code, name, level, parent code), such as a county's villages."""
        return Matcher(self.lexicon, self.gazetteer.with_rows(rows))

    def with_lexicon(self, lexicon: Lexicon) -> Matcher:
        """A matcher with another vocabulary, as after an editor's change."""
        return Matcher(lexicon, self.gazetteer)

    def read(self, text: str, *, area: Place | None = None) -> Reading:
        """What a text offers or asks for. `area` is where the poster is known to be: it settles a place name that
        several places bear and stands in where none is named. Never raises, whatever the text."""
        said = clean(text)
        words = self._cutter.cut(said)
        mended = self._sounds.mend(said, words, self._places)
        if mended != said:
            said, words = mended, self._cutter.cut(mended)
        if not said:
            return Reading("none", True, text=said, place=area)
        spans = self._without_place_names(said, self._finder.spans(said, words))
        if has_local(said, spans):
            spans = settle(said, spans, self.lexicon, self._province(words, area))
        guessed = False
        if not spans:
            spans = find_by_head(said, self.lexicon, self._places)
        if (not spans or all(span.concept == "干货" for span in spans)) and has_trade(said):
            guess = self._sounds.guess(_without(said, words, self._ordinary))
            guessed, spans = bool(guess), guess or spans
        all_spans = spans
        kept, aside = self._judge.heads(said, spans)
        masked = mask(said, all_spans)
        general = any(span.concept == "干货" for span in all_spans)
        loose_text = mask(said, [span for span in all_spans if span.concept != "干货"]) if general else masked
        measures = find_measures(masked)
        task = find_task(
            said,
            kept,
            self.lexicon,
            weighed=any(m.kind == "qty" and m.unit == "kg" for m in measures),
            by_area=any(m.kind == "price" and m.unit == "亩" for m in measures),
        )
        if task:
            kept, aside = (
                [task],
                [*aside, *(span for span in kept if span.end <= task.start or span.start >= task.end)],
            )
        priced = any(measure.kind == "price" for measure in measures)
        heading = read_direction(
            _quiet(said, kept, aside, [*all_spans, task] if task else all_spans),
            offered=bool(measures),
            priced=priced,
        )
        if heading.at < 0 and heading.direction != "none" and aside and _is_buyer(said, aside, kept):
            heading = Heading("demand", True)
        if heading.at < 0 and not priced and SYMPTOM.search(masked):
            heading = Heading("none", True)
        labour = bool(kept) and all(kind(self.lexicon, span) == "labour" for span in kept)
        if labour and _SEEKING_WORK.search(said):
            heading = Heading("supply", True, max(0, heading.at))
        if (
            heading.at < 0
            and kept
            and _KEPT.search(said)
            and all(kind(self.lexicon, span) in {"labour", "service"} for span in kept)
        ):
            heading = Heading("demand", True)
        if heading.weak and labour and _HIRING.search(said):
            heading = Heading("demand", True, heading.at)
        if (
            heading.at < 0
            and not heading.sure
            and kept
            and all(kind(self.lexicon, span) in _BOUGHT for span in kept)
            and not _AT_WORK.search(said)
        ):
            heading = Heading("demand", False)  # farmers want these, they do not make them
        kept = _after_verb(said, kept, heading)
        kept = self._former.share(said, kept)
        kept = self._former.loosen(said, loose_text, kept)
        kept = self._former.serve(said, kept, {measure.unit or "" for measure in measures})
        items = read_items(said, kept, measures, self.lexicon, guessed=guessed)
        beside = tuple(item_of(said, span, self.lexicon) for span in aside)
        seen = Look(1.0)
        open_yet = bool(items) and not is_plain(masked)
        if open_yet:
            items, seen = turn(items, look(said, items, beside, self.lexicon, self.opinion))
        told = heading
        heading = weigh(heading, said, items, masked)
        heard = self.opinion.sides(masked, items, _verb(masked, heading)) if open_yet else {}
        if heard:
            heading = heed(heading, heard, masked)
        if heading.direction != "none" and not items:
            heading = Heading(heading.direction if heading.at >= 0 or measures else "none", False, heading.at)
        place, place_text = find_place(
            masked, words, measures, self.gazetteer, area, said=said, spans=all_spans
        )
        pest, crop = find_pest(said, all_spans, self.lexicon)
        return Reading(
            direction=heading.direction,
            sure=heading.sure and not guessed,
            items=tuple(items),
            place=place or area,
            place_text=place_text,
            intent={"supply": "sell", "demand": "buy"}.get(heading.direction, "other"),
            name=find_name(masked),
            pest=pest,
            crop=crop,
            text=said,
            inferred=heading.sure and (not told.sure or told.direction != heading.direction),
            spoken=told.at >= 0,
            beside=beside,
            heard=heard.get(heading.direction, 1.0),
            shaped=seen.share,
            rival=seen.rival,
        )

    def _province(self, words: list[tuple[str, int, int]], area: Place | None) -> str:
        """The province (two digits) that the words of a text name, else the poster's own; "" where it is open."""
        named = [word for word, _start, _end in words if word in self.gazetteer.words]
        return (self.gazetteer.choose(named) or (area.code if area else ""))[:2]

    def _without_place_names(self, said: str, spans: list[Span]) -> list[Span]:
        """Drops a word that only looks like a product because it stands in a place's name (成都荷花池)."""
        kept = spans[:1]
        for span in spans[1:]:
            before = said[max(0, span.start - 3) : span.start]
            after_place = any(before[-length:] in self._places for length in (2, 3) if len(before) >= length)
            behind = said[span.end :]
            if after_place and not _NUMBER_NEAR.match(behind):
                continue
            if said[span.start : span.end] in self._places and (
                re.match(r"\s*$|[,。 ]", behind) or behind[:2] in self._places
            ):
                continue
            kept.append(span)
        return kept


def _without(said: str, words: list[tuple[str, int, int]], ordinary: frozenset[str]) -> str:
    """The text with blanks for everyday words: they are no goods, whatever they sound like."""
    for word, start, end in words:
        if word in ordinary:
            said = said[:start] + " " * (end - start) + said[end:]
    return said


def _vocabulary(lexicon: Lexicon, gazetteer: Gazetteer, ordinary: frozenset[str]) -> Iterable[str]:
    yield from lexicon.senses
    yield from ordinary
    yield from gazetteer.words
    for table in (lexicon.suffixes, lexicon.prefixes, lexicon.loose):
        yield from table
    yield from lexicon.pest_words
    yield from (word for word in FILLERS if len(word) > 1)
    for shorts in lexicon.short_varieties.values():
        yield from (short for short in shorts if len(short) > 2 or (short[1:] and short[0] not in UNITS))


def _verb(masked: str, heading: Heading) -> str:
    """The verb that told the direction, with the sign behind it; "?" where buyers are only called for, "" where none told it."""
    return "?" if heading.weak else masked[heading.at : heading.at + 2] if heading.at >= 0 else ""


def _quiet(said: str, kept: list[Span], aside: list[Span], spans: list[Span]) -> str:
    """The text for reading the direction: product names masked, and the verb with which a person describes
    himself (养猪的, 卖烧饼的) or the purpose as well."""
    signs = list(mask(said, spans))
    for span in aside:
        if span.start and said[span.start - 1] in "养种做搞发酿喂开卖收贩":
            signs[span.start - 1] = "~"
    return "".join(signs)


def _is_buyer(said: str, aside: list[Span], kept: list[Span]) -> bool:
    """Whether a person who describes himself does so by what he makes or keeps, for which he needs goods."""
    return any(
        _PROCESSORS.search(said[: span.start])
        or re.match(r"店|馆|厂|铺|坊|酒楼|食堂|饭店|公司", said[span.end :])
        for span in aside
        if not kept or (span.start < kept[0].start and span.concept not in {kept[0].concept, *GENERAL})
    )


def _after_verb(said: str, spans: list[Span], heading: Heading) -> list[Span]:
    """With a verb of buying in front of a product, what stands before the verb only tells who is buying."""
    if heading.direction != "demand" or heading.at < 0:
        return spans
    behind = [span for span in spans if span.start > heading.at]
    if not behind or len(behind) == len(spans):
        return spans
    between = said[heading.at : behind[0].start]
    if len(between) > 14 or re.search(r"[,。;]", between):
        return spans
    ahead = [span for span in spans if span.start <= heading.at]
    if any(span.concept == behind[0].concept for span in ahead):
        return spans
    return behind
