"""Articles: entered once, read by a second person where the kind asks for it, then on every channel at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from farmerline.clock import local
from farmerline.demo import articles as demo
from farmerline.domain import access, articles, plain_words
from farmerline.domain.articles import Wording
from farmerline.domain.init_county import ensure_reference_data
from farmerline.errors import Absent, Conflict, Invalid, Refusal
from farmerline.models import Account, Article, ArticleState, Role
from farmerline.queries import articles as shown
from tests import factories
from tests.domain.talking import Village
from tests.factories import COUNTY, NOW, SHUIXIANG, TOWN, YANGGAO

TODAY = local(NOW).date()
WORK = Wording(
    kind="work",
    area_code=COUNTY,
    title="晚稻田间管理",
    full_text="晚稻正在长米浆。田里留一寸水，不要断水。",
    short_text="晚稻留一寸水，不要断水，见稻飞虱打药。",
    voice_text="晚稻正在长米浆，田里留一寸水，不要断水。看见稻飞虱，先问植保站再打药。",
    source="县农技站",
    valid_from=TODAY,
    valid_until=TODAY + timedelta(days=10),
    crops="水稻",
)
PEST = replace(WORK, kind="pest", title="稻飞虱发生情况")


def desk(village: Village, name: str = "采编员", role: Role = Role.PUBLISHER, area: str = COUNTY) -> Account:
    with village.session() as session:
        ensure_reference_data(session)
        return factories.make_staff(session, role, area, name, now=village.now)


def act(village: Village, verb: str, who: Account, article: Article, **more: object) -> Article:
    with village.session() as session:
        row = session.get_one(Article, article.id)
        actor = access.actor_of(session, session.get_one(Account, who.id), second_factor=True)
        result = getattr(articles, verb)(session, row, actor=actor, now=village.now, **more)
        return result if isinstance(result, Article) else row


def write(village: Village, who: Account, wording: Wording = WORK) -> Article:
    with village.session() as session:
        actor = access.actor_of(session, session.get_one(Account, who.id), second_factor=True)
        return articles.write(session, wording, actor=actor, now=village.now)


def test_what_is_issued_is_on_the_web_on_the_telephone_and_in_a_text_at_once(village: Village) -> None:
    """M01, M03."""
    writer = desk(village)
    article = act(village, "issue", writer, write(village, writer))
    with village.session() as session:
        assert [one.id for one in shown.in_force(session, place=YANGGAO, now=village.now)] == [article.id]
    farmer = village.person()
    heard = village.ring(farmer).press("5", "2")
    assert f"先问植保站再打药。编号{' '.join(str(article.number)).replace('1', '幺')}。" in heard
    assert village.told(farmer, "查 稻飞虱") == f"{article.number} {WORK.short_text}"
    assert village.told(farmer, f"查{article.number}") == f"{article.number} {WORK.short_text}"
    village.now += timedelta(days=11)
    assert "晚稻正在长米浆" not in village.ring(farmer).press("5", "2")


def test_pests_and_policy_are_read_by_somebody_else_first(village: Village) -> None:
    """M09."""
    writer, reader = desk(village), desk(village, "植保员", Role.OFFICER)
    article = write(village, writer, PEST)
    with pytest.raises(Conflict, match="article_unchecked"):
        act(village, "issue", writer, article)
    with pytest.raises(Conflict, match="article_own"):
        act(village, "check", writer, article)
    act(village, "check", reader, article)
    act(village, "change", writer, article, wording=replace(PEST, title="稻飞虱又多了"))
    with pytest.raises(Conflict, match="article_unchecked"):  # other words than were read
        act(village, "issue", writer, article)
    act(village, "check", reader, article)
    act(village, "issue", writer, article)
    with village.session() as session:
        steps = shown.history(session, session.get_one(Article, article.id))
        found = shown.shown(session, session.get_one(Article, article.id).number or 0, now=village.now)
    assert [step.act for step in steps] == ["write", "check", "change", "check", "issue"]
    assert {step.by for step in steps} == {"采编员", "植保员"}
    assert found is not None and found.checker == "植保员" and found.standing == "holds"


def test_other_kinds_can_be_taken_back_for_ten_minutes_then_withdrawn_with_a_reason(village: Village) -> None:
    writer = desk(village)
    article = act(village, "issue", writer, write(village, writer))
    village.now += timedelta(minutes=9)
    assert act(village, "undo", writer, article).state is ArticleState.DRAFT
    article = act(village, "issue", writer, article)
    village.now += timedelta(minutes=11)
    with pytest.raises(Conflict, match="undo_over"):
        act(village, "undo", writer, article)
    with pytest.raises(Invalid, match="reason_missing"):
        act(village, "withdraw", writer, article, why=" ")
    act(village, "withdraw", writer, article, why="数字写错了")
    with village.session() as session:
        found = shown.shown(session, article.number or 0, now=village.now)
        assert shown.in_force(session, place=YANGGAO, now=village.now) == []
    assert found is not None and (found.standing, found.why) == ("withdrawn", "数字写错了")


def test_a_newer_one_takes_the_place_of_the_older_once_it_is_issued(village: Village) -> None:
    writer = desk(village)
    older = act(village, "issue", writer, write(village, writer))
    newer = act(village, "replace", writer, older)
    with village.session() as session:
        assert len(shown.in_force(session, place=COUNTY, now=village.now)) == 1
    newer = act(village, "issue", writer, newer)
    with village.session() as session:
        assert [one.id for one in shown.in_force(session, place=COUNTY, now=village.now)] == [newer.id]
        found = shown.shown(session, older.number or 0, now=village.now)
    assert found is not None and (found.standing, found.newer) == ("replaced", newer.number)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"title": " "}, "title_missing"),
        ({"source": ""}, "source_missing"),
        ({"short_text": "长" * 59}, "too_long"),
        ({"voice_text": "水" * 170}, "voice_long"),
        ({"kind": "gossip"}, "article_kind"),
        ({"area_code": "331082999"}, "absent"),
        ({"term": "春节"}, "term_unknown"),
        ({"valid_until": TODAY - timedelta(days=1)}, "dates_turned"),
    ],
)
def test_an_article_that_cannot_be_used_is_refused_with_what_to_mend(
    sqlite_village: Village, changes: dict[str, object], code: str
) -> None:
    writer = desk(sqlite_village)
    with pytest.raises(Refusal) as refused:
        write(sqlite_village, writer, replace(WORK, **changes))
    assert refused.value.code == code


def test_a_brand_is_never_issued(sqlite_village: Village) -> None:
    writer = desk(sqlite_village)
    article = write(sqlite_village, writer, replace(WORK, full_text="请用丰收牌吡虫啉。"))
    with pytest.raises(Invalid, match="brand_named"):
        act(sqlite_village, "issue", writer, article)


def test_another_towns_publisher_neither_sees_nor_touches_it(sqlite_village: Village) -> None:
    writer, other = desk(sqlite_village), desk(sqlite_village, "别处", area=SHUIXIANG)
    article = write(sqlite_village, writer, replace(WORK, area_code=TOWN))
    for verb, more in (
        ("issue", {}),
        ("withdraw", {"why": "不对"}),
        ("change", {"wording": WORK}),
        ("replace", {}),
    ):
        with pytest.raises(Absent):
            act(sqlite_village, verb, other, article, **more)


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("田里留一寸水，不要断水。", set()),
        ("分蘖期亩施尿素5公斤。", {"term", "rare"}),
        ("每公顷用药150ml。", {"unit"}),
        ("2026.11.21前打药。", {"date"}),
        ("请用丰收牌农药。", {"brand"}),
        ("请看门牌，挂牌的都是真的。", set()),
        ("一二三四五六七八九十" * 4, {"long"}),
    ],
)
def test_a_text_is_looked_over_for_what_farmers_stumble_over(text: str, kinds: set[str]) -> None:
    """M22."""
    assert {found.kind.value for found in plain_words.examine(text).findings} == kinds


def test_easy_words_read_more_easily_than_hard_ones(village: Village) -> None:
    easy = plain_words.examine("留一寸水。不要断水。")
    hard = plain_words.examine(
        "分蘖期至孕穗期应加强墒情监测，病株率达到防治指标的田块须及时开展统防统治，安全间隔期不少于二十一天"
    )
    assert easy.level == 1 and hard.level == 3


def test_the_demos_articles_are_plain_and_can_be_issued(sqlite_village: Village) -> None:
    writer, reader = desk(sqlite_village), desk(sqlite_village, "植保员", Role.OFFICER)
    with sqlite_village.session() as session:
        checked = {kind.code for kind in shown.kinds(session) if kind.checked}
    for wording in demo.wordings(TODAY):
        article = write(sqlite_village, writer, replace(wording, area_code=COUNTY))
        if wording.kind in checked:
            act(sqlite_village, "check", reader, article)
        assert act(sqlite_village, "issue", writer, article).state is ArticleState.ISSUED
        assert articles.plainness(wording).level < 3, wording.title
