"""What units send in: by text and on the web, taken, merged or returned, each fate told; and who speaks for a unit."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from farmerline.clock import local
from farmerline.domain import access, articles, farm_calendar, plain_words, submissions, units
from farmerline.domain.init_county import ensure_reference_data
from farmerline.errors import Absent, Conflict, Invalid, Refusal
from farmerline.models import (
    Account,
    AccountCrop,
    AccountState,
    Article,
    ArticleState,
    AuditRow,
    Liaison,
    Role,
    Submission,
    SubmissionState,
    Unit,
    Via,
)
from farmerline.queries import articles as shown
from farmerline.queries import monthly
from tests import factories
from tests.domain.talking import Village
from tests.factories import COUNTY, NOW, SHUIXIANG, TOWN, YANGGAO

TODAY = local(NOW).date()
NEWS = "报送 西兰花下周大量上市,花球好,约200亩,批发两块四。"


class Bureau:
    """A county with a publisher, an administrator, a town's office, and that office's liaison."""

    def __init__(self, village: Village) -> None:
        self.village = village
        with village.session() as session:
            ensure_reference_data(session)
            self.publisher = factories.make_staff(session, Role.PUBLISHER, COUNTY, "采编员")
            self.admin = factories.make_staff(session, Role.ADMIN, COUNTY, "管理员")
        self.liaison = village.person("罗镇农")
        self.unit = self.do(units.add, self.admin, name="龙山镇农办", kind="town", area_code=TOWN)
        self.name(self.liaison, TODAY)

    def do(self, act: Any, who: Account, *arguments: Any, **more: Any) -> Any:
        """A verb by somebody, in a transaction of its own; rows are read anew."""
        with self.village.session() as session:
            actor = access.actor_of(session, session.get_one(Account, who.id), second_factor=True)
            rows = [session.get_one(type(one), one.id) if hasattr(one, "id") else one for one in arguments]
            named = {
                key: session.get_one(type(one), one.id) if hasattr(one, "id") else one
                for key, one in more.items()
            }
            return act(session, *rows, **named, actor=actor, now=self.village.now)

    def name(self, who: Account, since: date) -> Liaison:
        return self.do(units.change, self.admin, self.unit, successor=who, since=since)

    def only(self) -> Submission:
        (row,) = self.village.all(Submission)
        return row

    def issue(self, article: Article) -> Article:
        self.do(articles.issue, self.publisher, article)
        return self.village.get(Article, article.id)


def test_a_towns_text_becomes_an_article_that_its_villages_read_within_the_minute(village: Village) -> None:
    """M01: entered once by a town, taken by the bureau, read in a village with its source; who sent it hears of it."""
    bureau = Bureau(village)
    farmer = village.person()
    assert "收到，编号B1" in village.told(bureau.liaison, NEWS)
    article = bureau.do(submissions.take, bureau.publisher, bureau.only(), kind="notice", area_code=COUNTY)
    assert article.state is ArticleState.DRAFT and article.source == "龙山镇农办"
    assert "西兰花" not in village.ring(farmer).press("5", "2")  # nothing is issued by itself
    article = bureau.issue(article)
    with village.session() as session:
        (found,) = shown.in_force(session, place=YANGGAO, now=village.now)
        assert (found.id, found.source) == (article.id, "龙山镇农办")
    assert "西兰花下周大量上市" in village.ring(farmer).press("5", "2")
    assert f"文章{article.number}" in village.heard(bureau.liaison)[-1]
    month = monthly.month_of("", village.now)
    with village.session() as session:
        actor = access.actor_of(session, session.get_one(Account, bureau.admin.id), second_factor=True)
        lines = monthly.unit_lines(session, actor=actor, roles=(Role.ADMIN,), month=month, now=village.now)
        towns = monthly.towns(session, actor=actor, roles=(Role.ADMIN,), month=month)
    assert [(one.name, one.sent, one.used, one.liaison, one.stale) for one in lines] == [
        ("龙山镇农办", 1, 1, "罗镇农", False)
    ]
    assert [(one.sent, one.used) for one in towns if one.code == TOWN] == [(1, 1)]
    assert sum(one.enrolled for one in towns) == 4


def test_what_is_not_used_comes_back_with_its_reason_and_once_only(village: Village) -> None:
    bureau = Bureau(village)
    village.say(bureau.liaison, NEWS)
    village.say(bureau.liaison, NEWS)  # the same words again
    row = bureau.only()
    with pytest.raises(Invalid, match="reason_missing"):
        bureau.do(submissions.give_back, bureau.publisher, row, why=" ")
    bureau.do(submissions.give_back, bureau.publisher, row, why="上周发过了")
    assert village.heard(bureau.liaison)[-1] == "您报的B1没用上：上周发过了"
    for verb, more in (
        (submissions.give_back, {"why": "再退"}),
        (submissions.take, {"kind": "notice", "area_code": COUNTY}),
    ):
        with pytest.raises(Conflict, match="submission_settled"):
            bureau.do(verb, bureau.publisher, row, **more)


def test_two_pieces_of_news_go_into_one_article_which_names_both(sqlite_village: Village) -> None:
    bureau = Bureau(sqlite_village)
    contact = sqlite_village.contact(name="杨联络")
    sqlite_village.say(bureau.liaison, NEWS)
    sqlite_village.say(contact, "报送 我村西兰花也要收了,大概50亩。")
    first, second = sorted(sqlite_village.all(Submission), key=lambda row: row.number)
    article = bureau.do(submissions.take, bureau.publisher, first, kind="notice", area_code=COUNTY)
    bureau.do(submissions.merge, bureau.publisher, second, article=article)
    article = bureau.issue(article)
    assert article.source == "龙山镇农办、龙山镇杨高村联络点"
    assert {row.state for row in sqlite_village.all(Submission)} == {
        SubmissionState.TAKEN,
        SubmissionState.MERGED,
    }
    assert (
        "用上了" in sqlite_village.heard(bureau.liaison)[-1] and "用上了" in sqlite_village.heard(contact)[-1]
    )


def test_a_farmer_sends_no_news_and_another_towns_publisher_sees_none(sqlite_village: Village) -> None:
    bureau = Bureau(sqlite_village)
    farmer = sqlite_village.person("陈小梅")
    assert "编号B" not in sqlite_village.told(farmer, NEWS)
    with pytest.raises(Absent):
        bureau.do(submissions.submit, farmer, text="西兰花要收了,五十亩。", via=Via.WEB)
    sqlite_village.say(bureau.liaison, NEWS)
    with sqlite_village.session() as session:
        stranger = factories.make_staff(session, Role.PUBLISHER, SHUIXIANG, "别处")
    with pytest.raises(Absent):
        bureau.do(submissions.take, stranger, bureau.only(), kind="notice", area_code=SHUIXIANG)


def test_a_verified_firm_sends_news_in_its_own_name(sqlite_village: Village) -> None:
    bureau = Bureau(sqlite_village)
    with sqlite_village.session() as session:
        firm = factories.make_organisation(session, state=AccountState.VERIFIED)
    buyer = sqlite_village.person("陆文彬", organisation_id=firm.id)
    row = bureau.do(submissions.submit, buyer, text="下周起收夏黑葡萄,三块八。", via=Via.WEB)
    assert row.source == "青浦果品有限公司" and row.title == "下周起收夏黑葡萄"
    assert sqlite_village.get(Unit, row.unit_id).kind.value == "firm"


def test_a_liaison_changes_by_a_day_and_a_successor_and_both_are_told(village: Village) -> None:
    """M19: a change is a date and a successor; ninety silent days bring a reminder and a mark, and block nothing."""
    bureau = Bureau(village)
    fresh = village.person("孙镇农")
    bureau.name(fresh, TODAY + timedelta(days=3))
    assert (
        "换成孙镇农" in village.heard(bureau.liaison)[-1]
        and "您是龙山镇农办的联络员" in village.heard(fresh)[-1]
    )
    with village.session() as session:
        unit = session.get_one(Unit, bureau.unit.id)
        speaks = [units.current(unit, TODAY + timedelta(days=days)) for days in (0, 2, 3)]
        assert [one.account_id for one in speaks if one] == [bureau.liaison.id, bureau.liaison.id, fresh.id]
    with pytest.raises(Conflict, match="liaison_same"):
        bureau.name(fresh, TODAY + timedelta(days=9))
    village.wait(days=91)
    assert village.do(units.remind) == 1 and village.do(units.remind) == 0
    assert "还是龙山镇农办的联络员吗" in village.heard(fresh)[-1]
    with village.session() as session:
        actor = access.actor_of(session, session.get_one(Account, bureau.admin.id), second_factor=True)
        month = monthly.month_of("", village.now)
        (line,) = monthly.unit_lines(session, actor=actor, roles=(Role.ADMIN,), month=month, now=village.now)
        assert line.stale
    assert "编号B1" in village.told(fresh, NEWS)  # the mark blocks nothing
    assert "记下了" in village.told(fresh, "报送 还是我")
    village.wait(days=31)
    assert village.do(units.remind) == 0
    assert village.count(AuditRow, AuditRow.act == "liaison.confirm") == 1


@pytest.mark.parametrize(
    ("name", "kind", "area", "code"),
    [
        ("龙山镇农办", "town", TOWN, "unit_known"),
        ("龙", "town", TOWN, "unit_name"),
        ("新浦镇农办", "club", TOWN, "unit_kind"),
        ("新浦镇农办", "town", "999999999", "absent"),
    ],
)
def test_a_unit_that_cannot_be_is_refused(
    sqlite_village: Village, name: str, kind: str, area: str, code: str
) -> None:
    bureau = Bureau(sqlite_village)
    with pytest.raises(Refusal) as refused:
        bureau.do(units.add, bureau.admin, name=name, kind=kind, area_code=area)
    assert refused.value.code == code


def test_the_season_drafts_what_fits_the_crops_grown_here_and_issues_nothing(village: Village) -> None:
    bureau = Bureau(village)
    grower = village.person("葡萄户")
    with village.session() as session:
        session.add(AccountCrop(account_id=grower.id, concept="西兰花"))
    assert village.do(farm_calendar.propose, settings=village.settings) == 1
    assert village.do(farm_calendar.propose, settings=village.settings) == 0
    (draft,) = village.all(Article)
    assert (draft.state, draft.term, draft.source, draft.written_by) == (
        ArticleState.DRAFT,
        "立冬",
        "农事历",
        bureau.publisher.id,
    )
    village.wait(days=4)  # 小雪
    assert village.do(farm_calendar.propose, settings=village.settings) == 0


def test_every_line_of_the_shipped_calendar_can_be_issued_as_it_is(sqlite_village: Village) -> None:
    bureau = Bureau(sqlite_village)
    works = farm_calendar.works(sqlite_village.settings)
    assert {work.term for work in works} == set(farm_calendar.seasons.TERMS)
    for work in works:
        draft = bureau.do(
            lambda session, *, work=work, actor, now: farm_calendar.draft(
                session, work, area_code=COUNTY, actor=actor, now=now
            ),
            bureau.publisher,
        )
        assert bureau.issue(draft).state is ArticleState.ISSUED
        assert plain_words.examine(work.text).level < 3, work.title
        assert len(work.short) <= 58


def test_a_counties_own_calendar_takes_the_place_of_the_shipped_one(sqlite_village: Village) -> None:
    own = sqlite_village.settings.home / "calendar.tsv"
    own.write_text("立冬\t\t本地农事\t短\t长长的话\n", encoding="utf-8")
    (work,) = farm_calendar.works(
        replace(
            sqlite_village, settings=sqlite_village.settings.model_copy(update={"calendar": own})
        ).settings
    )
    assert (work.title, work.crops) == ("本地农事", "")
