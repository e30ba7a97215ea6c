"""R-11: each receipt comes one to four times, in any order, some before the carrier's id was stored, some days late, some for
messages that nobody sent. In the end every message stands where its furthest receipt says."""

from __future__ import annotations

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from threading import local

from sqlalchemy import func, select, update

from bench.chaos.outcome import Outcome
from bench.rig.carrier import Carrier, Line, settings
from bench.rig.county import Place, fill
from bench.rig.processes import Command, free_port, until
from farmerline.domain import campaigns, ledger, receipts
from farmerline.domain.receipts import Handed
from farmerline.models import Delivery, DeliveryState, ReceiptRow
from farmerline.runtime import Runtime

MESSAGES = 1000
HISTORIES = (
    ("sent", "delivered"), ("sent", "undelivered"), ("queued", "sent", "delivered"), ("delivered",), ("failed",),
    ("sent", "delivered", "undelivered"), ("sent", "undelivered", "delivered"), ("sent",),
)  # fmt: skip
"""What carriers say of one message, in the order in which it happened."""
_RANK = {"queued": 3, "sent": 3, "undelivered": 4, "failed": 4, "delivered": 5}
_STATE = {3: DeliveryState.SENT, 4: DeliveryState.FAILED, 5: DeliveryState.DELIVERED}
_EARLY, _LATE, _UNKNOWN = 0.1, 0.01, 0.01
_WORKER = "proof"


@dataclass(frozen=True, slots=True)
class Report:
    """One receipt on its way."""

    ref: str
    status: str
    delivery: str = ""


def make(home: Path, dice: random.Random, outcome: Outcome) -> None:
    port = free_port()
    place = Place(home, f"sqlite:///{home / 'farmerline.db'}", changes=settings(port))
    place.write([Line()])
    campaign = fill(place, MESSAGES)
    with place.open() as runtime:
        held = _claim(runtime, campaign)
        early = set(dice.sample(held, int(MESSAGES * _EARLY)))
        _settle(runtime, [one for one in held if one not in early])
        _age(runtime, dice.sample(held, int(MESSAGES * _LATE)))
        model, posts = _plan(held, dice)
        web = Command(place, ("web",)).start()
        try:
            until(lambda: web.must_live() and Carrier(port).page() == 200, within=60, what="pages")
            half = len(posts) // 2
            answers = _post(port, posts[:half])
            _settle(runtime, sorted(early))
            answers += _post(port, posts[half:])
        finally:
            web.stop()
        _judge(runtime, model, posts, answers, outcome)


def _claim(runtime: Runtime, campaign: str) -> list[str]:
    """Every message of the broadcast, in a worker's hands."""
    with runtime.database.write() as session:
        while campaigns.fan_out(session, campaign, now=runtime.now()):
            pass
        held: list[str] = []
        hour = timedelta(hours=1)
        claim = partial(
            ledger.claim, session, gateway="sms", worker=_WORKER, settings=runtime.settings, lease=hour
        )
        while taken := claim(now=runtime.now(), limit=500, paced=False):
            held += [one.outgoing.id for one in taken]
    assert len(held) == MESSAGES
    return held


def _settle(runtime: Runtime, ids: list[str]) -> None:
    """The carrier took these."""
    with runtime.database.write() as session:
        handed = [Handed(one, _ref(one), runtime.now()) for one in ids]
        receipts.settle_sent(session, handed, gateway="sms", worker=_WORKER)


def _age(runtime: Runtime, ids: list[str]) -> None:
    """These were sent over three days ago."""
    then = runtime.now() - timedelta(hours=80)
    with runtime.database.write() as session:
        session.execute(update(Delivery).where(Delivery.id.in_(ids)).values(created_at=then, sent_at=then))


def _plan(held: list[str], dice: random.Random) -> tuple[dict[str, DeliveryState], list[Report]]:
    """What each message must come to, and all receipts in the order in which they arrive."""
    model, posts = {}, []
    for one in held:
        history = dice.choice(HISTORIES)
        model[one] = _STATE[max(_RANK[status] for status in history)]
        named = one if dice.random() < 0.5 else ""
        for status in history:
            posts += [Report(_ref(one), status, named)] * dice.randint(1, 4)
    posts += [Report(f"XX{number:030d}", "delivered") for number in range(int(len(posts) * _UNKNOWN))]
    dice.shuffle(posts)
    return model, posts


def _post(port: int, posts: list[Report]) -> Counter[int]:
    kept = local()

    def post(one: Report) -> int:
        if not hasattr(kept, "carrier"):
            kept.carrier = Carrier(port)
        status: int = kept.carrier.report(
            one.ref, one.status, one.delivery, "30003" if _RANK[one.status] == 4 else ""
        )
        return status

    with ThreadPoolExecutor(4) as pool:
        return Counter(pool.map(post, posts))


def _judge(
    runtime: Runtime,
    model: dict[str, DeliveryState],
    posts: list[Report],
    answers: Counter[int],
    outcome: Outcome,
) -> None:
    with runtime.database.read() as session:
        found = dict(
            session.execute(select(Delivery.id, Delivery.state).where(Delivery.id.in_(model))).tuples().all()
        )
        loose = select(func.count()).select_from(ReceiptRow).where(ReceiptRow.delivery_id.is_(None))
        unknown = session.scalar(loose)
        rows = session.scalar(select(func.count()).select_from(ReceiptRow))
    wrong = Counter(f"{found[one]} for {state}" for one, state in model.items() if found[one] is not state)
    sent_for_nobody = sum(post.ref.startswith("XX") for post in posts)
    outcome.figures |= {
        "messages": len(model), "receipts": len(posts), "different": len({(post.ref, post.status) for post in posts}),
        "kept": rows, "wrong": sum(wrong.values()), "unknown_kept": unknown, "answers": {str(k): v for k, v in answers.items()},
    } | ({"how_wrong": dict(wrong)} if wrong else {})  # fmt: skip
    outcome.claim("each message is where its furthest receipt says", not wrong)
    outcome.claim("every receipt was answered well", set(answers) <= {200, 204})
    outcome.claim("receipts for unknown messages are kept", unknown == sent_for_nobody)


def _ref(delivery: str) -> str:
    return f"SM{delivery}"
