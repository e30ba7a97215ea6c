"""Sightings for the tests of the desk's pages."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from farmerline.domain import sightings
from farmerline.messages import Channel
from farmerline.models import Account, Sighting
from tests.service import Service


def report(
    service: Service, person: Account, words: str = "叶子上有黄斑", *, days_ago: float = 0, **values: Any
) -> Sighting:
    """A report of one person of downy mildew on grapes, or of what ``values`` say."""
    said: dict[str, Any] = {
        "area_code": person.area_code, "crop": "葡萄", "pest": "霜霉病", "part": "叶", "in_ten": 3, "since": None,
        "channel": Channel.SMS, **values,
    }  # fmt: skip
    with service.write() as rows:
        return sightings.report(
            rows,
            account=rows.get_one(Account, person.id),
            text=words,
            settings=service.settings,
            now=service.now - timedelta(days=days_ago),
            **said,
        )
