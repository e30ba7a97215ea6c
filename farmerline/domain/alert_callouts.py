"""Who is told about an alert in the bureau: its signers, supervisors, and its drafter when it could not go out."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from farmerline.config import Settings
from farmerline.domain import areas, callouts, drills
from farmerline.domain.alert_words import COLOURS
from farmerline.models import Account, Alert, CalloutKind
from farmerline.words import say

_SUPERVISORS = 2


def call_signers(session: Session, alert: Alert, *, settings: Settings, now: datetime) -> None:
    """Ring and text the signers in order; never its drafter or last editor. An exercise calls those who practise alone."""
    _open(
        session,
        alert,
        CalloutKind.SIGN,
        now,
        say(
            "zh",
            "{drill}{colour} alert {number}: {crop}, {pest}, {people} people, waits for your signature. {url}",
            **_values(alert),
            url=_address(settings, alert, "sign"),
        ),
        leave_out=(alert.drafted_by, alert.edited_by),
    )


def call_supervisors(
    session: Session, alert: Alert, *, settings: Settings, now: datetime, late: bool = False
) -> None:
    """Tell two supervisors at once that a red alert went out with one signature, or that its review is overdue."""
    sentence = (
        "{drill}{colour} alert {number} went out with one signature a day ago and nobody has reviewed it. {url}"
        if late
        else "{drill}{colour} alert {number} went out with one signature: {crop}, {pest}, {people} people. "
        "Review it within 24 hours. {url}"
    )
    _open(
        session,
        alert,
        CalloutKind.ALONE,
        now,
        say("zh", sentence, **_values(alert), url=_address(settings, alert, "review")),
        at_once=True,
        most=_SUPERVISORS,
        leave_out=(alert.drafted_by,),
        mark="late" if late else "",
    )


def call_refused(session: Session, alert: Alert, why: str, *, settings: Settings, now: datetime) -> None:
    """Tell its drafter and its signer that a signed alert did not pass its last check and was not sent."""
    people = [one for one in (alert.drafted_by, alert.signed_by) if one]
    text = say(
        "zh",
        "{drill}Alert {number} was NOT sent: {why} {url}",
        **_values(alert),
        why=why,
        url=_address(settings, alert, "edit"),
    )
    _open(session, alert, CalloutKind.REFUSED, now, text, at_once=True, most=len(people), first=people)


def end(session: Session, alert: Alert, *, now: datetime, by: Account | None = None) -> None:
    """Nobody more is called to sign."""
    for callout in callouts.of_alert(session, alert):
        if callout.kind is CalloutKind.SIGN:
            callouts.end(session, callout, now=now, by=by)


def _open(
    session: Session,
    alert: Alert,
    kind: CalloutKind,
    now: datetime,
    text: str,
    *,
    at_once: bool = False,
    most: int | None = None,
    first: tuple[str, ...] | list[str] = (),
    leave_out: tuple[str, ...] = (),
    mark: str = "",
) -> None:
    callouts.open(
        session,
        kind=kind,
        subject=f"{alert.id}:{alert.version}{mark}",
        area_code=_around(alert),
        text=text,
        now=now,
        alert=alert,
        at_once=at_once,
        most=most,
        first=first,
        leave_out=leave_out,
        only=drills.ids(session) if alert.exercise else None,
    )


def _around(alert: Alert) -> str:
    """The narrowest area around all of the alert's: who may sign there may sign all of it."""
    first, *others = (area.area_code for area in alert.areas)
    around = areas.prefixes(first)
    return next((code for code in around if all(one.startswith(code) for one in others)), around[-1])


def _values(alert: Alert) -> dict[str, object]:
    return {
        "drill": "【演练】" if alert.exercise else "",
        "colour": say("zh", COLOURS[alert.colour]),
        "number": alert.number,
        "crop": alert.crop,
        "pest": alert.pest,
        "people": alert.people,
    }


def _address(settings: Settings, alert: Alert, page: str) -> str:
    return f"{settings.public_url}/alerts/{alert.number}/{page}"
