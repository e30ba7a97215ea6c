"""The bureau of the domain's tests with pages in front: an officer and two signers at their browsers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from farmerline.domain import access, credentials
from farmerline.models import Account, Alert, AuditRow, Role
from tests import factories
from tests.domain.alerting import Bureau, open_bureau
from tests.factories import COUNTY
from tests.service import Service


@dataclass
class Desk:
    """Pages, and everything the bureau can do. A browser is kept for each person."""

    bureau: Bureau
    service: Service
    browsers: dict[str, FlaskClient] = field(default_factory=dict)

    @property
    def officer(self) -> Account:
        return self.bureau.officer

    @property
    def signer(self) -> Account:
        return self.bureau.signer

    def browser(self, who: Account) -> FlaskClient:
        return self.browsers.setdefault(who.id, self.service.client(who))

    def read(self, who: Account, address: str, status: int = 200) -> str:
        answer = self.browser(who).get(address)
        assert answer.status_code == status, (address, answer.status_code)
        return answer.text

    def press(self, by: Account, address: str, /, **values: Any) -> TestResponse:
        """Send a form; the mark against forgery is of the password's page, which everybody has."""
        return self.service.post(self.browser(by), address, page="/me/password", **values)

    def sign(self, alert: Alert, who: Account | None = None, **values: Any) -> TestResponse:
        """Fill in the truth screen and press its button."""
        who = who or self.signer
        row = self.bureau.get(alert)
        given = {"seen": row.version, "people": row.people, "code": self.bureau.code(who), **values}
        return self.press(who, f"/alerts/{alert.number}/sign", **given)

    def waiting(self, **values: Any) -> Alert:
        """An alert that waits for its signature."""
        alert = self.bureau.draft(**values)
        self.bureau.submit(alert)
        return self.bureau.get(alert)

    def refusals(self) -> list[tuple[str, str, str]]:
        """What is on record as refused: who, which act, which code."""
        with self.service.rows() as rows:
            found = rows.scalars(
                select(AuditRow).where(AuditRow.act == "alert.refused").order_by(AuditRow.number)
            )
            return [(row.actor_id, row.detail["act"], row.detail["code"]) for row in found]


@contextmanager
def open_desk(url: str, home: Path, **settings: Any) -> Iterator[Desk]:
    """A bureau on this database with its pages."""
    with open_bureau(url, home, **settings) as bureau:
        county = bureau.county
        yield Desk(bureau, Service(settings=bureau.settings, database=county.database, clock=county.clock))


def make_role(desk: Desk, role: Role, name: str, area_code: str = COUNTY) -> Account:
    """One more person with a role, and a second factor."""
    with desk.service.write() as rows:
        account = factories.make_staff(rows, role, area_code, name, now=desk.bureau.now)
        credentials.ensure_credential(rows, account).totp = credentials.make_totp_secret()
        return account


def give_role(desk: Desk, who: Account, role: Role, area_code: str = COUNTY) -> None:
    """The same person with one more role."""
    with desk.service.write() as rows:
        account = rows.get_one(Account, who.id)
        access.grant_role(rows, account, role=role, area_code=area_code, by=None, now=desk.bureau.now)


__all__ = ["Desk", "give_role", "make_role", "open_desk"]
