"""Who does not agree is looked at by somebody else, once, and is told why."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from farmerline.domain import access, appeals, desk
from farmerline.domain.access import Actor
from farmerline.errors import Absent, Conflict, Invalid
from farmerline.models import (
    Account,
    AuditRow,
    Case,
    CaseKind,
    CaseState,
    Match,
    Post,
    PostState,
    Role,
)
from farmerline.queries import desk as desk_rows
from tests import factories
from tests.domain.talking import SEEDLINGS, WANTED, Village, sms_parts
from tests.factories import COUNTY, SHUIXIANG, TOWN, YANGGAO

PROMISE = "卖种兔50只80元一只,包回收"


def actor(village: Village, account: Account) -> Actor:
    with village.session() as session:
        return access.actor_of(session, session.get_one(Account, account.id), second_factor=True)


def boss(village: Village, name: str = "陈志远", area: str = COUNTY) -> Account:
    with village.session() as session:
        return factories.make_staff(session, Role.ADMIN, area, name)


def review(village: Village, helper: Account, *, publish: bool, reason: str = "说不清谁回收") -> None:
    (case,) = village.cases(CaseKind.REVIEW)
    village.do(
        desk.review, actor=actor(village, helper), number=case.number, publish=publish, reason=reason,
        settings=village.settings,
    )  # fmt: skip


def decide(village: Village, who: Account, number: int, **values: Any) -> None:
    village.do(
        appeals.decide, actor=actor(village, who), number=number, settings=village.settings,
        **{"publish": True, "reason": "合同看过了", **values},
    )  # fmt: skip


@pytest.mark.parametrize("publish", [True, False])
def test_a_held_post_is_decided_by_the_county_and_its_owner_is_told_why(
    village: Village, publish: bool
) -> None:
    seller, helper, office = village.person(), village.contact(), boss(village)
    post = village.publish(seller, PROMISE)
    told = village.told(seller, f"申诉{post.number} 合同在村里看过")
    assert "交到县里" in told
    assert sms_parts(told) == 1
    (case,) = village.cases()
    assert (case.kind, case.post_id) == (CaseKind.APPEAL, post.id)
    assert "合同在村里看过" in case.text
    with village.session() as session:
        today = desk_rows.today(session, actor=actor(village, helper), now=village.now)
        assert (today.open, today.groups) == (0, ())
    with pytest.raises(Absent):
        village.do(lambda session, now: desk.case_of(session, actor(village, helper), case.number))
    decide(village, office, case.number, publish=publish)
    after = village.get(Post, post.id)
    assert after.state is (PostState.OPEN if publish else PostState.WITHDRAWN)
    assert all(item.live is publish for item in after.items)
    last = village.heard(seller)[-1]
    assert "合同看过了" in last
    assert ("放行" in last) == publish
    assert village.cases() == []
    with village.session() as session:
        rows = select(AuditRow.act).where(AuditRow.subject == f"post:{post.id}").order_by(AuditRow.number)
        acts = session.scalars(rows).all()
    assert acts == ["post.appeal", "post.appeal_decided"]
    assert "只能申诉一回" in village.told(seller, f"申诉{post.number}")


def test_what_the_contact_point_took_down_comes_back_and_is_matched(village: Village) -> None:
    seller, buyer, helper = (
        village.person(origin="sms", reviewed=False),
        village.person("陈小梅"),
        village.contact(),
    )
    village.publish(buyer, WANTED)
    post = village.publish(seller, SEEDLINGS)
    review(village, helper, publish=False)
    assert village.get(Post, post.id).state is PostState.WITHDRAWN
    assert "交到县里" in village.told(seller, "申诉")
    (case,) = village.cases(CaseKind.APPEAL)
    decide(village, boss(village), case.number)
    after = village.get(Post, post.id)
    assert (after.state, after.closed_at) == (PostState.OPEN, None)
    assert after.expires_at > village.now
    assert village.count(Match) == 1
    assert village.get(Account, seller.id).reviewed


def test_who_decided_before_does_not_decide_again(village: Village) -> None:
    seller, office = village.person(), boss(village)
    with village.session() as session:
        access.grant_role(
            session, session.get_one(Account, office.id), role=Role.CONTACT, area_code=COUNTY, by=None, now=village.now
        )  # fmt: skip
    post = village.publish(seller, PROMISE)
    review(village, office, publish=False)
    village.say(seller, f"申诉 {post.number}")
    (case,) = village.cases(CaseKind.APPEAL)
    with pytest.raises(Conflict, match="appeal_self"):
        decide(village, office, case.number)
    for wrong in (boss(village, "罗一", SHUIXIANG), village.contact(name="沈秋月")):
        with pytest.raises(Absent):
            decide(village, wrong, case.number)
    with pytest.raises(Invalid):
        decide(village, boss(village, "马小青"), case.number, reason=" ")
    decide(village, boss(village, "岑利民", TOWN if YANGGAO.startswith(TOWN) else COUNTY), case.number)
    with pytest.raises(Conflict, match="case_closed"):
        decide(village, boss(village, "沈桂香"), case.number)


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ("申诉", "没有被压下"),
        ("申诉1001", "不用申诉"),
        ("申诉9999", "没有被压下"),
        ("appeal 1001", "不用申诉"),
    ],
)
def test_what_is_out_needs_no_appeal(sqlite_village: Village, words: str, answer: str) -> None:
    seller = sqlite_village.person()
    post = sqlite_village.publish(seller, SEEDLINGS)
    told = sqlite_village.told(seller, words.replace("1001", str(post.number)))
    assert answer in told
    assert sqlite_village.cases() == []


def test_of_two_held_posts_the_number_is_asked(sqlite_village: Village) -> None:
    seller = sqlite_village.person()
    one, other = (
        sqlite_village.publish(seller, PROMISE),
        sqlite_village.publish(seller, "卖复合肥20袋120元一袋"),
    )
    told = sqlite_village.told(seller, "我要申诉")
    assert str(one.number) in told
    assert str(other.number) in told
    assert "交到县里" in sqlite_village.told(seller, f"申诉 第{other.number}号,我是自家用剩的")
    (case,) = sqlite_village.cases(CaseKind.APPEAL)
    assert (case.post_id, "自家用剩" in case.text) == (other.id, True)


def test_nobody_appeals_for_another_and_not_after_a_month_nor_for_what_one_took_down(
    sqlite_village: Village,
) -> None:
    seller, stranger, helper = (
        sqlite_village.person(),
        sqlite_village.person("陈小梅"),
        sqlite_village.contact(),
    )
    post = sqlite_village.publish(seller, PROMISE)
    assert "没有被压下" in sqlite_village.told(stranger, f"申诉{post.number}")
    review(sqlite_village, helper, publish=False)
    sqlite_village.wait(days=31)
    assert "不用申诉" in sqlite_village.told(seller, f"申诉{post.number}")
    assert sqlite_village.count(Case, Case.state == CaseState.OPEN) == 0


def test_an_appeal_is_no_change_of_the_draft_one_talks_about(sqlite_village: Village) -> None:
    seller = sqlite_village.person()
    held = sqlite_village.publish(seller, PROMISE)
    sqlite_village.say(seller, "卖西兰花3000斤1.5元一斤")
    sqlite_village.say(seller, "2")
    assert "交到县里" in sqlite_village.told(seller, f"申诉{held.number}")
