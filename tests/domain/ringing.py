"""Calls in a county whose bureau issues alerts: placed by the service, or dialled by who missed one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from farmerline.config import Settings
from farmerline.db import Database
from farmerline.messages import Channel
from farmerline.models import Account, Alert, Delivery
from tests.domain.alerting import Bureau
from tests.domain.talking import Line


@dataclass
class Switchboard:
    """What ``Line`` needs of a village, with the bureau's clock."""

    bureau: Bureau

    @property
    def now(self) -> datetime:
        return self.bureau.now

    @property
    def database(self) -> Database:
        return self.bureau.county.database

    @property
    def settings(self) -> Settings:
        return self.bureau.settings

    def dial(self, caller: Account) -> Line:
        """A person rings the line."""
        return Line(self, str(caller.phone))  # type: ignore[arg-type]

    def ring_of(self, alert: Alert, person: Account) -> Delivery:
        """The call that was promised to a person last."""
        return self.bureau.messages(alert, person, Channel.VOICE)[-1]

    def answer(self, alert: Alert, person: Account) -> Line:
        """A person takes the call that was placed last."""
        return Line(self, str(person.phone), self.ring_of(alert, person).id)  # type: ignore[arg-type]


def hang_up(line: Line, seconds: int | None) -> None:
    """The carrier says that the call is over and how long it was."""
    step, line.step = line.step, ""
    line._turn(ended=True, seconds=seconds)
    line.step = step
