"""The alert desk as the stories use it: an officer who writes, a signer with a phone in the hand."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from farmerline.clock import local
from farmerline.demo.browser import Browser
from farmerline.demo.county import second_factor_code
from farmerline.demo.people import COUNTY, OFFICER, RICE, SIGNER
from farmerline.demo.stage import Stage
from farmerline.domain import alert_words
from farmerline.models import Alert, AuditRow, Delivery, Reach
from farmerline.queries.alerts import Status, status

WORDS = {
    "pest": "稻飞虱",
    "crop": RICE,
    "degree": "4",
    "short_text": "早稻稻飞虱偏重,3天内打药,先看稻丛基部,百丛过千头再打",
    "voice_text": "早稻有稻飞虱,偏重。三天内打药。先看稻丛基部,一百丛超过一千头再打。",
    "full_text": "早稻稻飞虱偏重发生。先查后打,百丛虫量过一千头的田,三天内用药。",
    "evidence_place": "龙山镇测报点",
    "evidence_method": "灯诱",
    "evidence_count": "131",
    "evidence_unit": "头",
    "look_step": "看稻丛基部",
    "threshold": "百丛一千头",
    "action": "三天内打药",
}


def draft(stage: Stage, colour: str, **words: str) -> Browser:
    """The officer writes an alert for the rice growers of the county and hands it to the second person."""
    desk = officer(stage)
    last_day = local(stage.runtime.now() + timedelta(days=10)).date().isoformat()
    fields = {
        "exercise": "no", "colour": colour, "audience_crop": RICE, "valid_until": last_day, "a": COUNTY,
        "send": "now", **WORDS, **words,
    }  # fmt: skip
    desk.open("/alerts/new").submit("/alerts/new", do="submit", **fields)
    stage.tell(f"  🖥  {OFFICER.name}: {desk.address}")
    stage.runtime.settle()
    return desk


def officer(stage: Stage) -> Browser:
    """The officer at the desk once more; a code of the second factor is good once, so half a minute passes."""
    stage.later(seconds=35)
    return stage.browser(OFFICER)


def newest(stage: Stage) -> str:
    """The number of the alert that was begun last."""
    return stage.look(lambda session: _newest(session).number)


def sign(stage: Stage, number: str, *, settle: bool = True) -> Browser:
    """The signer opens the address of the text and signs, with a code of the second factor."""
    phone = stage.browser(SIGNER)
    stage.later(seconds=35)  # a code is good once
    phone.open(f"/alerts/{number}/sign")
    with stage.runtime.database.read() as session:
        code = second_factor_code(session, SIGNER.phone, stage.runtime.now())
        people = str(_newest(session).people)
    phone.submit(f"/alerts/{number}/sign", people=people, code=code)
    stage.tell(f"  🖥  {SIGNER.name} signs {number} for {people} people")
    if settle:
        stage.runtime.settle()
    return phone


def act(stage: Stage, desk: Browser, number: str, name: str) -> Browser:
    """One press on the running alert's page."""
    desk.open(f"/alerts/{number}/run").submit(f"/alerts/{number}/act", act=name)
    stage.runtime.settle()
    return desk


def count(stage: Stage, number: str) -> Status:
    """The alert's people as they stand."""
    return stage.look(lambda session: status(session, by_number(session, number)))


def by_number(session: Session, number: str) -> Alert:
    """The alert of a number."""
    found = alert_words.find(session, number)
    if found is None:
        raise LookupError(number)
    return found


def people_of(stage: Stage, number: str) -> set[str]:
    """The account ids of the alert's list."""
    query = select(Reach.account_id).join(Alert, Alert.id == Reach.alert_id)
    return stage.look(
        lambda session: set(session.scalars(query.where(Alert.id == by_number(session, number).id)))
    )


def sent_to(stage: Stage, number: str) -> set[str]:
    """The account ids to whom a message of the alert was handed over."""
    query = (
        select(Delivery.account_id)
        .join(Alert, Alert.campaign_id == Delivery.campaign_id)
        .where(Delivery.sent_at.is_not(None))
    )
    return stage.look(
        lambda session: set(session.scalars(query.where(Alert.id == by_number(session, number).id)))
    )


def acts(stage: Stage, act_name: str) -> int:
    """How many audit rows there are of an act."""
    rows = select(func.count()).select_from(AuditRow).where(AuditRow.act == act_name)
    return stage.look(lambda session: session.scalar(rows) or 0)


def _newest(session: Session) -> Alert:
    return session.scalars(select(Alert).order_by(Alert.drafted_at.desc(), Alert.id.desc()).limit(1)).one()
