"""One breath of words, no spaces, from a phone that two people share."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from farmerline.demo.people import SHARED_A, SHARED_B, Person
from farmerline.demo.stage import Stage
from farmerline.models import Inbound, Post, PostState


def play(stage: Stage) -> None:
    told = stage.text(SHARED_A, "有翠冠梨三千来斤块八一斤杨高村老杨")
    read_back = " ".join(told)
    stage.expect(
        "product, quantity, price and village are read out of one breath",
        "卖 翠冠梨 3000斤 1.8元/斤 杨高村" in read_back,
        read_back,
    )
    stage.expect(
        "of the two people on the phone the one who signs as 老杨 is meant",
        SHARED_A.name in read_back,
        read_back,
    )
    stage.expect("one question is asked, in one text", len(told) == 1 and "回1" in read_back, told)
    told = stage.text(SHARED_A, "1")
    stage.expect("a 1 publishes it, with its number", any("编号" in each for each in told), told)
    post = stage.look(lambda session: _posts(session, stage, SHARED_A))
    stage.expect(
        "the lot is 1500 kg at 3.6 yuan a kg, under his own name",
        [(each.state, each.items[0].qty, each.items[0].unit_price) for each in post]
        == [(PostState.OPEN, 1500, 3.6)],
        [(each.state, each.items[0].qty, each.items[0].unit_price) for each in post],
    )
    other = stage.look(lambda session: _posts(session, stage, SHARED_B))
    stage.expect("the other member of the phone has no post by it", other == [], other)
    told = stage.text(SHARED_A, "卖老母鸡20只,30元一只")
    stage.expect(
        "without a name the phone is asked who speaks",
        any(SHARED_B.name in each and "2" in each for each in told),
        told,
    )
    told = stage.text(SHARED_A, "2")
    stage.expect(
        "the answer 2 reads it back in her name",
        any(SHARED_B.name in each and "20只" in each for each in told),
        told,
    )
    kept = stage.look(
        lambda session: [row.body for row in session.scalars(select(Inbound)) if "翠冠梨" in row.body]
    )
    stage.expect("the words are kept as they came", kept == ["有翠冠梨三千来斤块八一斤杨高村老杨"], kept)


def _posts(session: Session, stage: Stage, person: Person) -> list[Post]:
    account = stage.account(session, person)
    return list(session.scalars(select(Post).where(Post.account_id == (account.id if account else ""))))
