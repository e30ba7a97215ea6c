"""An alert that went out, with the people on its list, put straight into the rows: for page tests."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from farmerline.models import (
    Account,
    Alert,
    AlertArea,
    AlertKind,
    AlertState,
    Colour,
    Reach,
    ReachStep,
    Settled,
)
from tests.factories import YANGGAO
from tests.service import Service

WORDS = "晚稻有稻飞虱，偏重。十三到十五号打药，先看稻丛基部。"


def issue(service: Service, people: Sequence[Account], *, listed: bool = True, **values: Any) -> Alert:
    """A running orange alert to these people; ``listed``: they did not answer and stand on the contact point's list."""
    reach: dict[str, Any] = values.pop("reach", {})
    area = values.pop("area", YANGGAO)
    now = service.now
    with service.write() as rows:
        drafter = values.pop("drafted_by", None) or people[0].id
        given = {
            "year": 2026, "serial": 12, "kind": AlertKind.ALERT, "state": AlertState.RUNNING, "colour": Colour.ORANGE,
            "crop": "水稻", "pest": "稻飞虱", "degree": 4, "valid_until": now + timedelta(days=7),
            "short_text": "晚稻稻飞虱偏重，13至15日打药", "voice_text": WORDS, "full_text": "先查后打。\n每亩用药按标签。",
            "people": len(people), "issued_at": now - timedelta(minutes=40), "drafted_by": drafter, "drafted_at": now,
            "edited_by": drafter, "edited_at": now, **values,
        }  # fmt: skip
        alert = Alert(**given, areas=[AlertArea(area_code=area)])
        rows.add(alert)
        rows.flush()
        for one in people:
            rows.add(
                Reach(
                    **{
                        "alert_id": alert.id, "account_id": one.id, "area_code": one.area_code, "phone_index": one.phone_index,
                        "lead_id": one.id, "channel": "sms" if one.phone_index else "person",
                        "step": ReachStep.LIST if listed else ReachStep.TEXT, "settled": Settled.OPEN,
                        "listed_at": now - timedelta(minutes=20) if listed else None, **reach,
                    }
                )
            )  # fmt: skip
    return alert


def line(service: Service, alert: Alert, one: Account) -> Reach:
    with service.rows() as rows:
        found: Reach = rows.get_one(Reach, (alert.id, one.id))
        return found
