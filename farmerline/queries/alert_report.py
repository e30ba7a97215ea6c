"""Everything that the report after an alert says: who stood for it, whom it reached and when, what it cost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from farmerline.domain import areas as places
from farmerline.domain import costs
from farmerline.domain.costs import Rates
from farmerline.domain.people import names_of
from farmerline.domain.reach import CONFIRMED
from farmerline.messages import Channel
from farmerline.models import (
    CODE_LENGTH,
    Alert,
    AlertKind,
    AlertState,
    AreaLevel,
    Delivery,
    DeliveryState,
    Reach,
    Settled,
)
from farmerline.queries import alerts
from farmerline.queries.alerts import PersonLine, Status, VillageLine, broadcast_of

_EVERYBODY = 1_000_000
_TOWN = CODE_LENGTH[AreaLevel.TOWN]
_HANDED = (DeliveryState.SENT, DeliveryState.DELIVERED, DeliveryState.FAILED)


@dataclass(frozen=True, slots=True)
class Bill:
    """What the alert has cost so far, in yuan. ``a_person`` is for each person who confirmed; None where nobody has."""

    parts: int
    calls: int
    minutes: int
    texts_yuan: float
    calls_yuan: float
    yuan: float
    a_person: float | None


@dataclass(frozen=True, slots=True)
class Times:
    """The first and last text and call that left, the first entry of a contact point's and the town's list, when half
    and nine tenths of those who confirmed had done so; None where it has not come to that."""

    first_text: datetime | None
    last_text: datetime | None
    first_call: datetime | None
    last_call: datetime | None
    listed: datetime | None
    town: datetime | None
    half: datetime | None
    most: datetime | None


@dataclass(frozen=True, slots=True)
class Relative:
    """The alert before this one, or one that followed it."""

    number: str
    kind: AlertKind
    state: AlertState
    issued_at: datetime | None


@dataclass(frozen=True, slots=True)
class AlertReport:
    """``names`` are people's by id, ``places`` villages with their town by code; ``excluded`` and ``settled`` count people
    by reason and by how."""

    status: Status
    villages: list[VillageLine]
    people: list[PersonLine]
    excluded: Mapping[str, int]
    settled: Mapping[Settled, int]
    areas: tuple[str, ...]
    names: Mapping[str, str]
    places: Mapping[str, str]
    history: list[tuple[datetime, str, str]]
    times: Times
    bill: Bill
    parent: Relative | None
    children: tuple[Relative, ...]


def gather(session: Session, alert: Alert, *, rates: Rates) -> AlertReport:
    """The report's values as they are now; everybody who is not reached yet is in it by name."""
    codes = [area.area_code for area in alert.areas]
    counted = alerts.status(session, alert)
    parent = session.get(Alert, alert.parent_id) if alert.parent_id else None
    villages = alerts.villages(session, alert)
    acting = (
        alert.drafted_by, alert.edited_by, alert.submitted_by, alert.signed_by, alert.reviewed_by, alert.ended_by
    )  # fmt: skip
    followed = select(Alert).where(Alert.parent_id == alert.id, Alert.issued_at.is_not(None))
    return AlertReport(
        status=counted,
        villages=villages,
        people=alerts.unreached(session, alert, areas=codes, limit=_EVERYBODY),
        excluded=_excluded(session, alert),
        settled=_settled(session, alert),
        areas=tuple(places.path_name(session, code) or code for code in codes),
        names=names_of(session, acting),
        places=_places(session, [line.area_code for line in villages]),
        history=alerts.history(session, alert),
        times=_times(session, alert),
        bill=_bill(session, alert, counted.confirmed, rates),
        parent=_relative(parent) if parent else None,
        children=tuple(_relative(one) for one in session.scalars(followed.order_by(Alert.issued_at))),
    )


def _relative(alert: Alert) -> Relative:
    return Relative(alert.number, alert.kind, alert.state, alert.issued_at)


def _places(session: Session, codes: Sequence[str]) -> dict[str, str]:
    """Two towns may each have a village of the same name."""
    known = places.names(session, {*codes, *(code[:_TOWN] for code in codes)})
    return {code: known.get(code[:_TOWN], "") + known.get(code, code) for code in codes}


def _excluded(session: Session, alert: Alert) -> Counter[str]:
    query = select(Reach.excluded, Reach.settled, func.count()).where(Reach.alert_id == alert.id)
    found: Counter[str] = Counter()
    for reason, settled, count in session.execute(query.group_by(Reach.excluded, Reach.settled)).tuples():
        if reason or settled is Settled.NOT_MINE:
            found[reason or Settled.NOT_MINE.value] += count
    return found


def _settled(session: Session, alert: Alert) -> dict[Settled, int]:
    query = select(Reach.settled, func.count()).where(Reach.alert_id == alert.id, Reach.excluded == "")
    return dict(session.execute(query.group_by(Reach.settled)).tuples().all())


def _times(session: Session, alert: Alert) -> Times:
    sent = (
        select(Delivery.channel, func.min(Delivery.sent_at), func.max(Delivery.sent_at))
        .where(Delivery.campaign_id == broadcast_of(alert))
        .group_by(Delivery.channel)
    )
    spans = {channel: (first, last) for channel, first, last in session.execute(sent).tuples()}
    texts, rung = (spans.get(one, (None, None)) for one in (Channel.SMS, Channel.VOICE))
    lists = select(func.min(Reach.listed_at), func.min(Reach.town_at)).where(Reach.alert_id == alert.id)
    listed, town = session.execute(lists).tuples().one()
    confirmed = select(Reach.settled_at).where(
        Reach.alert_id == alert.id,
        Reach.excluded == "",
        Reach.settled.in_(CONFIRMED),
        Reach.settled_at.is_not(None),
    )
    moments = list(session.scalars(confirmed.order_by(Reach.settled_at)))
    return Times(*texts, *rung, listed, town, _reached(moments, 0.5), _reached(moments, 0.9))


def _reached(moments: list[datetime | None], share: float) -> datetime | None:
    """When this share of them had confirmed."""
    return moments[ceil(len(moments) * share) - 1] if moments else None


def _bill(session: Session, alert: Alert, confirmed: int, rates: Rates) -> Bill:
    mine = select(Delivery.channel, Delivery.state, Delivery.parts, Delivery.heard_seconds).where(
        Delivery.campaign_id == broadcast_of(alert), Delivery.state.in_(_HANDED)
    )
    rows = session.execute(mine).tuples().all()
    parts = sum(parts for channel, _, parts, _ in rows if channel is Channel.SMS)
    lengths = list(_answered((channel, state, seconds) for channel, state, _, seconds in rows))
    texts_yuan, calls_yuan = costs.texts(parts, rates), costs.calls(lengths, rates)
    yuan = round(texts_yuan + calls_yuan, 3)
    return Bill(
        parts=parts,
        calls=len(lengths),
        minutes=sum(costs.minutes(length) for length in lengths),
        texts_yuan=texts_yuan,
        calls_yuan=calls_yuan,
        yuan=yuan,
        a_person=round(yuan / confirmed, 3) if confirmed else None,
    )


def _answered(rows: Iterable[tuple[Channel, DeliveryState, int | None]]) -> Iterable[float]:
    """How long the answered calls lasted; one whose length was not reported has at least begun a minute."""
    for channel, state, seconds in rows:
        if channel is Channel.VOICE and state is DeliveryState.DELIVERED:
            yield max(1, seconds or 0)
