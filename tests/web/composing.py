"""An alert's form as an officer fills it in, and the second signature, for tests of the alert desk's pages."""

from __future__ import annotations

from typing import Any

import pyotp
from flask.testing import FlaskClient
from sqlalchemy import select

from farmerline.domain import access, alert_control, alert_signing
from farmerline.models import Account, Alert, AuditRow, Credential
from tests.factories import YANGGAO
from tests.service import Service

FIELDS: dict[str, Any] = {
    "exercise": "no", "colour": "orange", "degree": "4", "crop": "西兰花", "growth_stage": "莲座到结球", "pest": "斜纹夜蛾",
    "evidence_place": "海星村", "evidence_on": "2026-11-19", "evidence_method": "灯诱", "evidence_count": "131",
    "evidence_unit": "头", "window_from": "2026-11-22", "window_to": "2026-11-24", "valid_until": "2026-12-04",
    "look_step": "翻叶背", "threshold": "百株过20头再打", "action": "傍晚打药", "ingredient": "氯虫苯甲酰胺",
    "interval_days": "5", "send": "now", "seen": "0", "a": [YANGGAO],
    "short_text": "西兰花斜纹夜蛾偏重，22至24日傍晚打药。", "voice_text": "西兰花有斜纹夜蛾，偏重。傍晚打药。",
    "full_text": "西兰花斜纹夜蛾偏重发生。\n先看后打。",
}  # fmt: skip


def fill(
    service: Service,
    browser: FlaskClient,
    do: str,
    address: str = "/alerts/new",
    page: str = "",
    **changes: Any,
) -> Any:
    """Send the form with some fields changed, by the button ``do``."""
    return service.post(browser, address, page=page, do=do, **{**FIELDS, **changes})


def only_alert(service: Service) -> Alert:
    with service.rows() as rows:
        return rows.scalars(select(Alert)).one()


def refusals(service: Service) -> list[str]:
    """The codes of what was refused at the alert desk, in order."""
    with service.rows() as rows:
        found = rows.scalars(
            select(AuditRow).where(AuditRow.act == "alert.refused").order_by(AuditRow.number)
        )
        return [row.detail["code"] for row in found]


def sign(service: Service, signer: Account, alert: Alert) -> None:
    """The second person signs what they see."""
    with service.write() as rows:
        row, account = rows.get_one(Alert, alert.id), rows.get_one(Account, signer.id)
        secret = rows.get_one(Credential, signer.id).totp
        alert_signing.sign(
            rows, row, actor=access.actor_of(rows, account, second_factor=True), seen=row.version, people=row.people,
            code=pyotp.TOTP(secret).at(service.now), settings=service.settings, now=service.now,
        )  # fmt: skip


def void(service: Service, who: Account, alert: Alert) -> Alert:
    """One click makes it void; the cancellation."""
    with service.write() as rows:
        actor = access.actor_of(rows, rows.get_one(Account, who.id), second_factor=True)
        row = rows.get_one(Alert, alert.id)
        return alert_control.cancel(rows, row, actor=actor, settings=service.settings, now=service.now)
