"""What an officer can do with a running alert: each button with its effect and its count beside it."""

from __future__ import annotations

from dataclasses import dataclass

from farmerline.domain import IN_FORCE, Alert, AlertKind, AlertState, Role, Session, alert_words, costs
from farmerline.parts import count
from farmerline.queries import alert_run
from farmerline.queries.alert_run import Split
from farmerline.queries.alerts import Progress
from farmerline.web.alerts.truth import reader_is
from farmerline.web.doors import settings
from farmerline.web.format import money
from farmerline.web.language import _, current_language


@dataclass(frozen=True, slots=True)
class Act:
    """A button (or, with ``href``, a link) and what it does."""

    name: str
    words: str
    effect: str
    icon: str = ""
    href: str = ""


def acts_for(rows: Session, alert: Alert, split: Split, progress: Progress, arrived: int) -> list[Act]:
    """The acts that the alert's state and this reader's roles leave open; ``arrived`` is how many people got it."""
    if alert.state not in IN_FORCE or not reader_is(alert, Role.OFFICER, Role.SIGNER):
        return []
    found: list[Act] = []
    if alert.state is AlertState.RUNNING:
        effect = _(
            "{texts} messages that have not left wait, {calls} people are not rung meanwhile. Going on repeats nothing.",
            texts=progress.queued,
            calls=split.ringing,
        )
        found += [Act("pause", _("Halt it"), effect, "pause"), *_again(rows, alert)]
    if alert.state is AlertState.PAUSED:
        effect = _("{n} messages that were held go out. Nobody gets anything twice.", n=progress.held)
        found.append(Act("resume", _("Go on"), effect, "play"))
    if alert.kind is not AlertKind.CANCEL and reader_is(alert, Role.OFFICER):
        found += _follows(alert)
    return found + _ends(alert, arrived)


def _ends(alert: Alert, arrived: int) -> list[Act]:
    found: list[Act] = []
    if alert.state is not AlertState.STOPPED:
        effect = _(
            "Nothing more is sent and nobody is rung; what it says still holds. This cannot be taken back."
        )
        found.append(Act("stop", _("Stop, send no more"), effect, "stop"))
    if alert.kind is not AlertKind.CANCEL:
        effect = _(
            "One press, nobody else signs: sending stops, and whom it reached ({n} by now) is told that {number} is void.",
            n=arrived,
            number=alert.number,
        )
        found.append(Act("cancel", _("Make this alert void"), effect, "stop"))
    return found


def _again(rows: Session, alert: Alert) -> list[Act]:
    phones = alert_run.to_text_again(rows, alert)
    if not phones:
        return []
    parts = phones * max(1, count(alert_words.as_sent(alert), settings().sms_signature).parts)
    yuan = money(current_language(), round(costs.texts(parts, settings()), 2))
    effect = _("{n} text messages, {yuan}. Who got it gets nothing again.", n=phones, yuan=yuan)
    return [Act("resend", _("Send again to whom it did not reach"), effect, "again")]


def _follows(alert: Alert) -> list[Act]:
    address = f"/alerts/{alert.number}/follow?kind="
    wrong = _("What was said was wrong: write it anew, two sign, the same people get it.")
    moved = _("The same matter has moved on: the new one takes this one's place.")
    over = _("The danger is over: the people it reached are told.")
    return [
        Act("correction", _("Put it right"), wrong, href=f"{address}correction"),
        Act("update", _("New facts"), moved, href=f"{address}update"),
        Act("all_clear", _("All clear"), over, href=f"{address}all_clear"),
    ]
