"""Whose number is shown: thirty a day and no more, each on record."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from farmerline.domain import reveals
from farmerline.errors import TooOften
from farmerline.ids import new_id
from farmerline.models import Account, AuditRow, Match, MatchState, Post, PostItem, PostState, Reveal
from tests.domain.talking import Village


def matches(village: Village, buyer: Account, seller: Account, count: int) -> list[str]:
    """So many agreed matches between two people; their ids."""
    made = []
    with village.session() as session:
        wanted = _post(village, buyer, "demand")
        session.add(wanted)
        for _ in range(count):
            supply = _post(village, seller, "supply")
            session.add(supply)
            session.flush()
            match = Match(
                id=new_id(), supply_post=supply, demand_post=wanted, supply_item=supply.items[0],
                demand_item=wanted.items[0], score=1.0, state=MatchState.AGREED, made_at=village.now,
                reason_zh="", reason_en="",
            )  # fmt: skip
            session.add(match)
            made.append(match.id)
    return made


def _post(village: Village, owner: Account, kind: str) -> Post:
    post = Post(
        kind=kind, account_id=owner.id, area_code=owner.area_code, channel="sms", text="葡萄苗", state=PostState.OPEN,
        created_at=village.now,
    )  # fmt: skip
    post.items = [
        PostItem(
            key=f"葡萄·seedling·{kind}", direction=kind, concept="葡萄", form="seedling", name="葡萄苗",
            area_code=owner.area_code, province="33", city="3302", day=village.now.date(),
        )
    ]  # fmt: skip
    return post


def test_the_thirty_first_number_of_a_day_is_not_shown_and_midnight_changes_nothing(village: Village) -> None:
    buyer, seller = village.person("陈小梅"), village.person()
    waiting = matches(village, buyer, seller, 32)

    def show(match_id: str) -> str:
        with village.session() as session:
            shown = reveals.reveal(
                session,
                session.get_one(Match, match_id),
                viewer=session.get_one(Account, buyer.id),
                shown=session.get_one(Account, seller.id),
                settings=village.settings,
                now=village.now,
            )
            return shown.phone

    first_at = village.now
    for match_id in waiting[:30]:
        assert show(match_id) == str(seller.phone).removeprefix("+86")
        village.wait(minutes=1)
    with pytest.raises(TooOften):
        show(waiting[30])
    assert show(waiting[0])  # what was shown stays shown, and counts once
    village.now = (
        first_at + timedelta(days=1) - timedelta(seconds=1)
    )  # past midnight, a second short of a day
    with pytest.raises(TooOften):
        show(waiting[30])
    village.now = first_at + timedelta(days=1)
    assert show(waiting[30])
    with pytest.raises(TooOften):
        show(waiting[31])
    assert village.count(Reveal) == 31
    with village.session() as session:
        rows = session.scalars(select(AuditRow).where(AuditRow.act == "number.reveal")).all()
    assert len(rows) == 31
    assert {(row.actor_id, row.for_id) for row in rows} == {(buyer.id, seller.id)}


@pytest.mark.parametrize("share", ["1", "3"])
def test_one_yes_shows_a_number_only_where_its_owner_chose_that(village: Village, share: str) -> None:
    seller, buyer = village.person(), village.person("陈小梅")
    village.publish(seller, "卖葡萄苗2000株3元一株", answer=share)
    village.publish(buyer, "要500株葡萄苗", answer="3")
    number = str(seller.phone).removeprefix("+86")
    asked = village.heard(buyer)[-1]
    code = asked[asked.rindex("[") + 1 : asked.rindex("]")]
    told = village.told(buyer, f"1{code}")
    assert (number in told) == (share == "1")
    assert village.count(Reveal) == int(share == "1")
    assert str(buyer.phone).removeprefix("+86") not in "".join(village.heard(seller))
    if share == "3":
        asked = next(text for text in reversed(village.heard(seller)) if "[" in text)
        code = asked[asked.rindex("[") + 1 : asked.rindex("]")]
        assert str(buyer.phone).removeprefix("+86") in village.told(seller, f"1{code}")
        assert number in "".join(village.heard(buyer))
        assert village.count(Reveal) == 2
