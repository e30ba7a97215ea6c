"""Old Yang of 杨高村 wants 500 good grape seedlings; he gets the one seedling seller, and a deal is on record."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from farmerline.demo.people import FRUIT_SELLER, OLD_YANG, SEEDLING_SELLER, TRELLIS_SELLER, Person
from farmerline.demo.stage import Stage
from farmerline.demo.ways import way_of
from farmerline.domain import audit
from farmerline.identity import mask_name
from farmerline.models import Deal, Inbound, Match, Outcome, Post, Reveal


def play(stage: Stage, buyer_by: str = "sms", seller_by: str = "sms") -> None:
    """``buyer_by`` and ``seller_by``: sms, web, contact or voice."""
    for person, words in (
        (FRUIT_SELLER, "卖巨峰葡萄两千斤,3块一斤"),
        (TRELLIS_SELLER, "处理旧葡萄架水泥桩200根,5元一根"),
    ):
        stage.text(person, words)
        stage.text(person, "1")
    seller = way_of(seller_by, stage, SEEDLING_SELLER)
    seller.post("sell", "出售巨峰葡萄苗2000株,3元一株,孙家境村")
    seller.answer("1")

    yang = way_of(buyer_by, stage, OLD_YANG)
    told = yang.post("buy", "要好葡萄苗500株,杨高村")
    stage.expect(
        "his words are read back to him",
        "买 葡萄苗 500株 杨高村" in told and "回1发布" in told
        if buyer_by == "sms"
        else "葡萄苗 500株" in told or "葡萄苗,五百株" in told,
        told,
    )
    yang.answer("1")
    told = yang.told()
    matches = stage.look(lambda session: _matches(session, stage))
    stage.expect(
        "of three grape sellers he is offered only the one with seedlings",
        [match.supply_item.name for match in matches] == ["巨峰葡萄苗"],
        [match.supply_item.name for match in matches],
    )
    stage.expect(
        "the offer says why in one line, and no number or full name",
        "葡萄苗" in told
        and ("都是葡萄苗(巨峰) 500株够" in told or "都是葡萄苗(巨峰),五百株够" in told)
        and mask_name(SEEDLING_SELLER.name) in told
        and SEEDLING_SELLER.phone.removeprefix("+86") not in told,
        told,
    )
    told = yang.answer("1")
    stage.expect(
        "his one yes shows the seller's number",
        SEEDLING_SELLER.phone.removeprefix("+86") in told.replace(" ", "") and SEEDLING_SELLER.name in told,
        told,
    )
    stage.expect("the seller is told who has the number", OLD_YANG.name in seller.told(), seller.told())
    stage.expect("showing the number is on record", stage.look(lambda session: _reveals(session, stage)) == 1)
    if buyer_by == seller_by == "sms":
        sent = stage.look(
            lambda session: [_sent_by(session, stage, who) for who in (SEEDLING_SELLER, OLD_YANG)]
        )
        stage.expect("from post to number the seller sent 2 texts, the buyer 3", sent == [2, 3], sent)

    stage.later(days=3)
    told = yang.told()
    stage.expect("after three days he is asked whether he bought", "买到了吗" in told, told)
    yang.answer("1")
    deals = stage.look(lambda session: _deals(session, stage))
    stage.expect(
        "his yes makes a deal of 500 seedlings at 3 yuan",
        [(deal.outcome, deal.qty, deal.unit, deal.unit_price) for deal in deals]
        == [(Outcome.SOLD, 500, "株", 3)],
        [(deal.outcome, deal.qty, deal.unit, deal.unit_price) for deal in deals],
    )
    left = stage.look(lambda session: _lot_left(session, stage))
    stage.expect("1500 of the 2000 seedlings stay on offer", left == (1500, True), left)
    broken = stage.look(audit.verify)
    stage.expect("the audit's chain is whole", broken is None, broken)


def _matches(session: Session, stage: Stage) -> list[Match]:
    yang = stage.account(session, OLD_YANG)
    wanted = (
        select(Match)
        .join(Post, Post.id == Match.demand_post_id)
        .where(Post.account_id == (yang.id if yang else ""))
    )
    found = list(session.scalars(wanted))
    for match in found:
        _ = match.supply_item.name
    return found


def _reveals(session: Session, stage: Stage) -> int:
    yang = stage.account(session, OLD_YANG)
    return (
        session.scalar(
            select(func.count()).select_from(Reveal).where(Reveal.viewer_id == (yang.id if yang else ""))
        )
        or 0
    )


def _sent_by(session: Session, stage: Stage, person: Person) -> int:
    account = stage.account(session, person)
    return (
        session.scalar(
            select(func.count())
            .select_from(Inbound)
            .where(Inbound.account_id == (account.id if account else ""))
        )
        or 0
    )


def _deals(session: Session, stage: Stage) -> list[Deal]:
    return list(
        session.scalars(
            select(Deal).where(Deal.match_id.in_([match.id for match in _matches(session, stage)]))
        )
    )


def _lot_left(session: Session, stage: Stage) -> tuple[float | None, bool]:
    item = _matches(session, stage)[0].supply_item
    return item.qty_left, item.live
