"""The usual way: a Celery task for each message. It reads its row, hands it over, puts it down: one transaction each."""

from __future__ import annotations

import os

from celery import Celery

from farmerline.clock import SystemClock
from farmerline.config import read_settings
from farmerline.messages import Outgoing
from farmerline.models import Delivery, DeliveryState
from farmerline.parts import with_signature
from farmerline.runtime import Runtime, open_runtime

app = Celery("bench", broker=os.environ["BENCH_BROKER"])
app.conf.update(task_ignore_result=True, worker_hijack_root_logger=False)
_runtimes: list[Runtime] = []


@app.task
def send(delivery_id: str) -> None:
    """Hand one message over."""
    runtime = _runtime()
    gateway = runtime.gateways[0]
    with runtime.database.read() as session:
        row = session.get_one(Delivery, delivery_id)
        if row.state is not DeliveryState.QUEUED:
            return
        text = with_signature(row.text, gateway.signature)
        message = Outgoing(row.id, row.channel, row.address, text, purpose=row.purpose.value)
    ref = gateway.sender.send(message)
    with runtime.database.write() as session:
        row = session.get_one(Delivery, delivery_id)
        row.state, row.provider_ref, row.sent_at = DeliveryState.SENT, ref, SystemClock().now()


def _runtime() -> Runtime:
    """Opened in each of the worker's processes."""
    if not _runtimes:
        _runtimes.append(open_runtime(read_settings({"FARMERLINE_SETTINGS": os.environ["BENCH_SETTINGS"]})))
    return _runtimes[0]
