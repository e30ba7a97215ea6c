"""Work told by a verb and not by its name: 摘茶的阿姨, 请人挖藕, 找机子来割, 打一遍药."""

from __future__ import annotations

import re

from matching.lexicon import Lexicon
from matching.spans import Span, kind

_PEOPLE = "人手|人|工人|女工|男工|工|师傅|阿姨|妇女|大姐|大嫂|嫂子|婆婆|老手|熟手|帮工|劳力|小伙|队伍"
_PICKS = "摘|采|挖|拔|掰|捡|剪|割|砍|拾|剥|刨|抠|疏|抹"
_BY_PEOPLE = re.compile(
    rf"的?(?:老|女|男|熟练)?(?:{_PEOPLE})(?!家|民|参)|的\s?(?=来(?!联|电)|[\d一二两三四五六七八九十几]+(?:来|多)?个?人)"
)
_WITH_PEOPLE = re.compile(rf"(?:{_PEOPLE})(?!家|民|参)[^,。;]{{0,6}}$")
_PICKERS = re.compile(
    rf"(?P<job>(?:摘|采(?!购|买|集)|挖(?!机|掘)|拔|掰|捡|剪|砍|拾)[一-鿿]{{1,3}}?)的?(?:老|女|男|熟练)?(?:{_PEOPLE})(?!家|民|参)"
)
_PICKING = re.compile(
    rf"的?(?:采摘|摘|采|采收)(?:的|季)?(?:要|缺|找|招|请|需要|差)[^,。;]{{0,4}}?(?:{_PEOPLE})(?!家|民|参)"
)
_GOING = re.compile(
    rf"(?:{_PEOPLE})[^,。;]{{0,6}}(?P<job>(?:摘|采(?!购|买|集)|挖(?!机|掘)|拔|掰|捡|剪|拾)[一-鿿]{{1,2}})(?=[,。; ]|$)"
)
_ORCHARD = re.compile(r"[套卸摘解脱]袋(?!的)|疏[花果](?!的)|打杈|绑蔓|吊蔓|授粉|抹芽")
_CREW = re.compile(r"[要招找缺请雇差](?:女|男)?[人工]|[班帮批队]人|\d个?人|女工|男工|工人")
_MACHINES = "机子|机器|机手|机械|收割机|割稻机|割麦机|飞机|无人机|大疆|久保田|洋马|沃得|雷沃|塔子|拖拉机"
_HANDS = re.compile(
    rf"{_MACHINES}|帮人|帮我|帮忙|请人|找人|雇人|叫人|代[割收耕打]|接.{{0,8}}活|有没有人|来.{{0,2}}(?:割|打|犁|耕|旋)|要(?:打|割|犁|旋|飞)"
)
_FOR_PEOPLE = re.compile(
    r"帮人|帮我|代[割收耕打]|接.{0,8}活|[找请雇叫].{0,6}来|来.{0,2}(?:割|打|犁|耕|旋)|[一每/]亩|亩\d"
)
_SOMEONE = re.compile(rf"[找请雇叫](?:个)?(?:人|{_MACHINES})")
_SPRAYED = re.compile(r"打药|打.{0,2}遍|飞防")
_ACRES = re.compile(rf"亩|{_MACHINES}")
_HAULS = re.compile(
    r"找(?:个|辆|台)?(?:大|货|挂|冷藏|顺风|回头|回程)?车(?![间位库])|(?:回程|回头|空|返程)车|长短途|跑长途"
)
_TRADED = re.compile(
    r"配件|零件|转让|出售|求购|收购|二手|成新|[卖买]|[一二两三四五六七八九十\d]万|处理|发动机|马力|小时(?!候)"
)
_UNTRADED = re.compile("不(?:是)?(?:要|想)?[买卖]")
_WORKS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"打.{0,3}[药剂]|喷药|飞机打|飞防|撒药|飞一遍"), "植保飞防"),
    (re.compile(r"收割|割"), "收割"),
    (re.compile(r"[犁翻旋耕耙].{0,2}[地田]|打田|整地"), "犁地"),
    (re.compile(r"插秧|插田"), "插秧"),
    (re.compile(r"播种|点播"), "播种"),
    (re.compile(r"烘"), "烘干"),
    (re.compile(r"打捆"), "打捆"),
    (re.compile(r"脱粒"), "脱粒"),
)  # fmt: skip
_SPREADING = frozenset("打喷撒")
_CROPS = frozenset("grain cash veg fruit nut tea herb feed straw mushroom tree".split())
_MAKERS = frozenset({"machine", "land"})


def find_task(text: str, spans: list[Span], lexicon: Lexicon, *, weighed: bool, by_area: bool) -> Span | None:
    """The work that is offered or wanted, where goods and machines are only named for it. `weighed`: an amount by weight
    is said, so goods are meant; `by_area`: a price by the 亩, so 收稻子 is reaping."""
    for span in spans:
        category = kind(lexicon, span)
        if category == "tea" and _PICKING.match(text, span.end):
            return Span(span.start, span.end, "采茶工")
        picked = re.search(rf"(?:{_PICKS})$", text[: span.start])
        reaped = category == "grain" and picked is not None and picked[0] in "割砍"
        if category in _CROPS and picked and not reaped:
            behind = _BY_PEOPLE.match(text, span.end)
            ahead = not weighed and _WITH_PEOPLE.search(text[: picked.start()])
            if behind or ahead:
                return _job(text[picked.start() : span.end], span, picked.start(), lexicon)
        if category == "service" and (
            _BY_PEOPLE.match(text, span.end) or (not weighed and _WITH_PEOPLE.search(text[: span.start]))
        ):
            if picks := re.match(rf"(?![割砍])(?:{_PICKS})", text[span.start : span.end]):
                return _job(text[span.start : span.end], span, picks.start() + span.start, lexicon)
    hauled = _HAULS.search(text)
    if hauled and "货运" in lexicon.concepts:
        return Span(hauled.start(), hauled.end(), "货运")
    if weighed:
        return None
    for span in spans if by_area or (_SOMEONE.search(text) and _ACRES.search(text)) else ():
        if text[span.start - 1 : span.start] == "收" and kind(lexicon, span) in {"grain", "cash"}:
            return Span(span.start - 1, span.end, "收割")
    tended = _ORCHARD.search(text)
    if tended and _CREW.search(text) and "套袋工" in lexicon.concepts:
        return Span(tended.start(), tended.end(), "套袋工")
    unnamed = _PICKERS.search(text) or _GOING.search(text)
    if unnamed and all(kind(lexicon, span) == "land" for span in spans):
        return _job(unnamed["job"], Span(unnamed.start(), unnamed.end("job"), ""), unnamed.start(), lexicon)
    if any(
        kind(lexicon, span) not in _CROPS | _MAKERS
        and not (kind(lexicon, span) == "input" and text[span.start - 1 : span.start] in _SPREADING)
        for span in spans
    ):
        return None
    if (
        spans
        and all(kind(lexicon, span) == "land" for span in spans)
        and not (_SOMEONE.search(text) or _SPRAYED.search(text))
    ):
        return None
    named = any(kind(lexicon, span) == "machine" for span in spans)
    if (_FOR_PEOPLE if named else _HANDS).search(text) and not _TRADED.search(_UNTRADED.sub(" ", text)):
        for pattern, work in _WORKS:
            found = pattern.search(text)
            if found and work in lexicon.concepts:
                return Span(found.start(), found.end(), work)
    return None


def _job(said: str, span: Span, start: int, lexicon: Lexicon) -> Span:
    """Who picks tea picks tea; other pickers have a name of their own where the vocabulary has one."""
    known = lexicon.resolve(f"{said}工")
    if known and lexicon.category(known.concept) == "labour":
        return Span(start, span.end, known.concept)
    return Span(start, span.end, "采茶工" if kind(lexicon, span) == "tea" or "茶" in said else "采摘工")
