"""Forms and varieties said elsewhere: shared by a list, loose in the text, or a service done with a machine."""

from __future__ import annotations

import re
from collections.abc import Container
from dataclasses import replace

from matching.lexicon import Lexicon
from matching.spans import Span, kind

_LIST = re.compile(r"^(?:\s?[、和跟与及/+&,]\s?|\s?以及\s?|\s?还有\s?|\s?或者?\s?|\s)+$")
_SERVICES = {"收割机": "收割", "玉米收割机": "收割", "旋耕机": "犁地", "拖拉机": "犁地", "插秧机": "插秧", "播种机": "播种",
             "植保无人机": "植保飞防", "打捆机": "打捆", "烘干机": "烘干", "喷雾器": "植保飞防", "花生收获机": "收割",
             "土豆收获机": "收割", "微耕机": "犁地", "碾米机": "碾米", "榨油机": "榨油", "孵化机": "孵化", "冷库": "冷库出租"}  # fmt: skip
_SERVES = re.compile(
    r"帮人|代(?:收|割|耕|播|烘|加工|打|插)|作业(?!.{0,2}\d)|服务|承接|来收|来割|来打|来耕|出租|租(?:用)?|雇"
)
_BY_THE_MU = re.compile(r"包亩|[一每/]亩|(?:来|叫|请|找)[\d一二两三四五六]台")
_NAMED_TOGETHER = frozenset({"seedling", "seed", "young", "land", "straw", "part"})
"""Forms that a list without signs between shares: 梨桃树苗."""
_HELP = {
    "割": "收割",
    "收割": "收割",
    "打药": "植保飞防",
    "犁": "犁地",
    "耕": "犁地",
    "旋": "犁地",
    "插": "插秧",
    "播": "播种",
    "烘": "烘干",
}
_HELPED = re.compile(
    r"(?:帮我|帮忙|帮人|找人|找个人|请人|雇人|来人)[^,。]{0,6}?(?P<verb>收割|割|打药|犁|耕|旋|插|播|烘|摘|采)"
)


class Former:
    """Completes spans with what the rest of the text says of them. `places` are words never taken for a variety."""

    def __init__(self, lexicon: Lexicon, places: Container[str] = ()) -> None:
        self.lexicon = lexicon
        self._places = places

    def share(self, text: str, spans: list[Span]) -> list[Span]:
        """A list shares its last member's form: 梨、桃、李子树苗."""
        shared = list(spans)
        for position in range(len(shared) - 2, -1, -1):
            span, following = shared[position], shared[position + 1]
            gap = text[span.end : following.start]
            if (
                span.form is None
                and following.form
                and (not gap or _LIST.match(gap))
                and gap not in {",", ", "}
                and (gap or following.form in _NAMED_TOGETHER)
            ):
                own = self.lexicon.category(span.concept)
                if own == kind(self.lexicon, following) or following.form in {"seedling", "seed", "young"}:
                    if following.form != self.lexicon.default_form(span.concept):
                        shared[position] = replace(span, form=following.form)
        return shared

    def loosen(self, text: str, masked: str, spans: list[Span]) -> list[Span]:
        """Forms and short variety names said elsewhere in the text: 干的, 苗子, 牛心的, 紫皮."""
        loosened: list[Span] = []
        forms = {span.concept: span.form for span in spans if span.form}
        bare = any(span.form is None for span in spans)
        said = {word: masked.find(word) for word in self.lexicon.loose if word in masked} if bare else {}
        for span in spans:
            if span.form is None and span.variety and span.concept in forms:
                span = replace(span, form=forms[span.concept])
            form, variety = span.form, span.variety
            if form is None:
                for word, where in said.items():
                    if _speaks_of(masked, where, len(word), span, spans) and masked[
                        max(0, where - 2) : where
                    ] not in {
                        "不要",
                        "没有",
                        "不是",
                    }:
                        given = self.lexicon.form_by(self.lexicon.loose, word, span.concept)
                        if given == "dried" and self.lexicon.default_form(span.concept) == "grain":
                            continue  # grain is dry
                        if given and (len(word) > 1 or re.match(r"[\s,的]|$", masked[where + 1 : where + 3])):
                            form = given
                            break
            if variety is None:
                shorts = self.lexicon.short_varieties.get(span.concept, {})
                heard = [
                    short
                    for short in shorts
                    if len(short) >= 2 and short in masked and short not in self._places
                ]
                heard = heard or [short for short in shorts if len(short) == 1 and f"{short}的" in masked]
                if heard:
                    variety = shorts[max(heard, key=len)]
            changed = form != span.form or variety != span.variety
            loosened.append(replace(span, form=form, variety=variety) if changed else span)
        return loosened

    def serve(self, text: str, spans: list[Span], units: set[str]) -> list[Span]:
        """A machine offered by the 亩 or to work for people is a service."""
        served: list[Span] = []
        for span in spans:
            helped = _HELPED.search(text)
            if helped and helped["verb"] in "摘采" and span.form is None:
                span = replace(span, concept="采茶工" if kind(self.lexicon, span) == "tea" else "采摘工")
            elif helped and span.form is None and kind(self.lexicon, span) == "grain":
                span = replace(span, concept=_HELP.get(helped["verb"], span.concept))
            service = _SERVICES.get(span.concept)
            if service is None and span.form is None and "亩" in units and _BY_THE_MU.search(text):
                if kind(self.lexicon, span) == "machine":
                    span = replace(span, form="service")
            if service and span.form is None and (units & {"亩", "垧"} or _SERVES.search(text)):
                span = replace(span, concept=service)
            served.append(span)
        return served


def _speaks_of(text: str, where: int, length: int, span: Span, spans: list[Span]) -> bool:
    """Whether a form said at a place is this thing's: the one before it, or of all where 都 stands before it."""
    if re.match(r"(?:的|货)?(?:不要|不收|别)", text[where + length :]):
        return False  # what is refused
    if re.search(r"(?:做|加工成?|制成?)[一-鿿]{0,2}$", text[max(0, where - 5) : where]):
        return False  # what it will be made into
    if len(spans) == 1 or re.search(r"都|全|均|一律", text[max(0, where - 3) : where]):
        return True
    nearest = max(
        (other for other in spans if other.end <= where), key=lambda other: other.end, default=spans[0]
    )
    return nearest is span or nearest == span
