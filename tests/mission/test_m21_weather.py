"""M21, the weather bureau's farm net: a warning in CAP 1.2 becomes an alert's draft, and nothing is sent."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from sqlalchemy import func, select

from farmerline.models import Alert, AlertState, Delivery, Role
from farmerline.render import cap
from farmerline.render.cap import CapArea, CapMessage
from jobs import warnings
from tests import factories
from tests.service import open_service

SENDER = "weather.example"


def test_a_frost_warning_becomes_a_draft_and_nothing_is_sent(template_database: Path, tmp_path: Path) -> None:
    """M21."""
    folder = tmp_path / "cap"
    folder.mkdir()
    for service in open_service(template_database, tmp_path, cap_senders=SENDER, cap_folder=folder):
        service.staff(Role.OFFICER)
        frost = CapMessage(
            identifier="frost-1", sender=SENDER, sent=service.now, status="Actual", kind="Alert", event="霜冻", severity="Severe",
            headline="今夜有霜冻。", description="最低零下二度。", instruction="大棚盖好。", category="Met",
            areas=(CapArea("慈溪市", (factories.COUNTY,)),), expires=service.now + timedelta(days=1),
        )  # fmt: skip
        (folder / "1.xml").write_bytes(cap.write(frost))
        assert warnings.take_new(service.runtime.context) == 1
        assert warnings.take_new(service.runtime.context) == 0
        with service.rows() as rows:
            alert = rows.scalars(select(Alert)).one()
            assert (alert.state, alert.pest) == (AlertState.DRAFT, "霜冻")
            assert rows.scalar(select(func.count()).select_from(Delivery)) == 0
