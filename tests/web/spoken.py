"""A spoken post that waits at the listening desk, and who has heard it."""

from __future__ import annotations

from sqlalchemy import select

from farmerline.domain import cases
from farmerline.models import Account, AuditRow, Call, Case, CaseKind, Recording
from tests import factories
from tests.factories import YANGGAO
from tests.service import Service

WAV = (
    b"RIFF$\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00@\x1f\x00\x00@\x1f\x00\x00\x01\x00\x08\x00data\x00\x00\x00\x00"
    + b"\x80" * 800
)


def spoken(
    service: Service, account: Account | None, *, area: str = YANGGAO, phone: str = "", use: str = "sell"
) -> Case:
    """A spoken post that waits to be written down."""
    with service.write() as rows:
        caller = account.phone if account else phone
        call = Call(gateway="voice", ref=f"CA{factories.phone()}", caller=caller, started_at=service.now)
        rows.add(call)
        rows.flush()
        recording = Recording(
            call_id=call.id,
            account_id=account.id if account else None,
            use=use,
            seconds=26,
            sound=WAV,
            at=service.now,
        )
        rows.add(recording)
        rows.flush()
        return cases.open_case(
            rows, kind=CaseKind.VOICE_POST, area_code=area, text="", now=service.now, account=account, phone=phone or None,
            direction="supply" if use == "sell" else "demand", recording=recording,
        )  # fmt: skip


def audited(service: Service, act: str) -> list[AuditRow]:
    with service.rows() as rows:
        return list(rows.scalars(select(AuditRow).where(AuditRow.act == act)))
