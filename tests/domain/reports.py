"""Reports of pests for tests: by text, and as rows."""

from __future__ import annotations

from typing import Any

from farmerline.domain import access, sightings, verdicts
from farmerline.domain.access import Actor
from farmerline.messages import Channel
from farmerline.models import Account, Role, Sighting, Verdict
from tests import factories
from tests.domain.talking import Village
from tests.factories import COUNTY, YANGGAO


def seen(
    village: Village, account: Account | None, crop: str = "葡萄", pest: str = "霜霉病", **values: Any
) -> Sighting:
    """A report of one person (or of a phone alone) in one village."""
    values = {
        "area_code": YANGGAO, "part": "", "in_ten": None, "since": None, "text": "有病", "channel": Channel.SMS, **values,
    }  # fmt: skip
    made: Sighting = village.do(
        sightings.report, account=account, crop=crop, pest=pest, settings=village.settings, **values
    )
    return made


def officer(
    village: Village, area_code: str = COUNTY, role: Role = Role.OFFICER, name: str = "徐国强"
) -> Actor:
    """Somebody with a role there, signed in with the second factor."""
    with village.session() as session:
        account = factories.make_staff(session, role, area_code, name)
        return access.actor_of(session, account, second_factor=True)


def decide(
    village: Village, actor: Actor, *found: Sighting, verdict: Verdict = Verdict.CONFIRMED, **values: Any
) -> int:
    """A verdict on these reports; returns how many people were told."""
    told: int = village.do(
        verdicts.give_verdict, found=found, actor=actor, verdict=verdict, settings=village.settings, **values
    )
    return told
