"""What was asked in the demo county: after the newest alert whether the pest is still there, half answered."""

from __future__ import annotations

from sqlalchemy import select

from farmerline.demo.articles import actor_of
from farmerline.demo.people import OFFICER
from farmerline.domain import surveys
from farmerline.models import Account, Alert, Survey, SurveyPerson
from farmerline.runtime import Runtime

_MOST = 60


def ask(runtime: Runtime) -> None:
    """One poll, whose list is small; every second person answered."""
    now = runtime.now()
    with runtime.database.write() as session:
        officer = actor_of(session, OFFICER)
        out = select(Alert).where(
            Alert.issued_at.is_not(None), Alert.exercise.is_(False), Alert.people.between(5, _MOST)
        )
        alert = session.scalars(out.order_by(Alert.issued_at.desc()).limit(1)).first()
        if alert is None:
            return
        row = surveys.plan(
            session, actor=officer, asker="县植保站", asked=[("还有虫吗？", ["有", "没有"])], days=5, alert=alert, now=now
        )  # fmt: skip
        if row.people == 0:
            return
        surveys.start(session, row, actor=officer, now=now)
    with runtime.database.write() as session:
        found = session.get_one(Survey, row.id)
        listed = select(SurveyPerson.account_id).where(SurveyPerson.survey_id == row.id)
        for place, account_id in enumerate(session.scalars(listed.order_by(SurveyPerson.account_id)).all()):
            if place % 2 == 0:
                session.get_one(SurveyPerson, (row.id, account_id)).asked_at = now
                surveys.answer(
                    session, found, session.get_one(Account, account_id), place=1, choice=1 + (place % 6 > 1),
                    channel="sms", now=now,
                )  # fmt: skip
