"""A farmer answers TD to a tip: tips stop, letters and match notices still arrive, and both are on record."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from farmerline.demo.people import EXPERT, PUBLISHER, TIPS_FARMER, person
from farmerline.demo.stage import Stage
from farmerline.domain import mailbox
from farmerline.models import Consent, Delivery, Inbound, Purpose

_SECOND = "菜园降温,白菜晚上盖一层膜,早上揭。"


def play(stage: Stage) -> None:
    _send_tip(stage, "西兰花追肥,看天,雨前不施。一亩尿素十斤。")
    tips = [each for each in stage.inbox(TIPS_FARMER) if "西兰花追肥" in each]
    stage.expect(
        "a tip that he agreed to reaches him, and says how to stop", bool(tips) and "TD" in tips[0], tips
    )
    told = stage.text(TIPS_FARMER, "TD")
    stage.expect(
        "TD is answered: what stops, what still comes, how to go back",
        any("已停" in each and "恢复" in each for each in told),
        told,
    )
    before = len(stage.inbox(TIPS_FARMER))
    stage.later(days=1)
    _send_tip(stage, _SECOND)
    reached = stage.look(_reached_by_second)
    stage.expect(
        "the next tip reaches others and not him",
        reached > 0 and not any(_SECOND in each for each in stage.inbox(TIPS_FARMER)),
        reached,
    )
    _write_letter(stage)
    stage.expect(
        "a letter's notice still arrives",
        any(EXPERT.name in each for each in stage.new_texts(TIPS_FARMER, before)),
    )
    stage.text(TIPS_FARMER, "收有机肥5吨 傅家路村")
    stage.text(TIPS_FARMER, "1")
    before = len(stage.inbox(TIPS_FARMER))
    seller = person("p005")
    stage.text(seller, "有机肥20吨出售,400元一吨")
    stage.text(seller, "1")
    stage.expect(
        "a match notice still arrives", any("对上了" in each for each in stage.new_texts(TIPS_FARMER, before))
    )
    proof = stage.look(lambda session: _proof(session, stage))
    stage.expect("his no is on record with the text that proves it", proof == "TD", proof)
    stage.expect(
        "what he was sent since is on record too",
        stage.look(lambda session: _purposes(session, stage)) >= {Purpose.LETTER, Purpose.MATCH},
    )


def _send_tip(stage: Stage, words: str) -> None:
    desk = stage.browser(PUBLISHER)
    desk.open("/publish/tips").submit("/publish/tips", text=words, area_code=TIPS_FARMER.place[:9])
    desk.submit("/start")
    stage.tell(f"  📢 {PUBLISHER.name}: {words}")
    stage.later(minutes=2)


def _write_letter(stage: Stage) -> None:
    def send(session: Session) -> None:
        expert, farmer = stage.account(session, EXPERT), stage.account(session, TIPS_FARMER)
        if expert and farmer:
            mailbox.send(
                session,
                sender=expert,
                to=farmer,
                body="西兰花的病我看了照片,是霜霉,先摘病叶。",
                channel="web",
                now=stage.runtime.now(),
            )

    with stage.runtime.database.write() as session:
        send(session)
    stage.runtime.settle()


def _reached_by_second(session: Session) -> int:
    tips = session.scalars(select(Delivery).where(Delivery.purpose == Purpose.TIPS))
    return sum(_SECOND in each.text for each in tips)


def _proof(session: Session, stage: Stage) -> str:
    farmer = stage.account(session, TIPS_FARMER)
    row = session.scalars(
        select(Consent)
        .where(Consent.account_id == (farmer.id if farmer else ""), Consent.purpose == Purpose.TIPS)
        .order_by(Consent.at.desc())
    ).first()
    if row is None or row.granted:
        return "no refusal on record"
    inbound = session.get(Inbound, row.proof.removeprefix("inbound:"))
    return inbound.body if inbound else row.proof


def _purposes(session: Session, stage: Stage) -> set[Purpose]:
    farmer = stage.account(session, TIPS_FARMER)
    return set(
        session.scalars(select(Delivery.purpose).where(Delivery.account_id == (farmer.id if farmer else "")))
    )
