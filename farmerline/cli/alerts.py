"""``farmerline alerts``: what became of an alert, person by person; the list of alerts."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from itertools import groupby

import click
from rich.table import Table

from farmerline.cli.language import language, tell
from farmerline.cli.opening import open_runtime
from farmerline.cli.tables import print_table
from farmerline.clock import local
from farmerline.domain import Session, alert_rehearsal, alert_words, reach_log, reach_words
from farmerline.errors import Absent
from farmerline.models import Alert, AlertState, Colour, ReachStep
from farmerline.queries import alerts as queries
from farmerline.queries.alerts import AlertLine, PersonLine, Status

_EVERYBODY = 1_000_000
_MEANING = {
    "planned": "on the list: confirmed + told + unreached + excluded",
    "sent": "a text, letter or call left for them",
    "delivered": "it arrived at their phone",
    "rang": "their phone rang",
    "heard": "they heard it in a call",
    "confirmed": "they answered, heard it to the end, or for blue and yellow the carrier's receipt came",
    "told": "told in person, by the contact point",
    "unreached": "nobody knows yet whether they know",
    "excluded": "on the list but not to be told: no consent, left, or not for them",
}


@click.group()
def alerts() -> None:
    """Alerts: who was reached, and who was not."""


@alerts.command()
@click.argument("number")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
def status(number: str, as_json: bool) -> None:
    """How many people of alert NUMBER (2026-12; an exercise 2026-Y3) are where, and who is not reached yet.

    Each person is counted once in the sum: planned = confirmed + told + unreached + excluded.

    \b
    planned    people on the list
    sent       a text, letter or call left for them
    delivered  it arrived at their phone
    rang       their phone rang
    heard      they heard it in a call
    confirmed  they answered, or heard it to the end (blue, yellow: the receipt)
    told       told in person
    unreached  nobody knows yet whether they know
    excluded   not to be told: no consent, left, or not for them
    """
    with open_runtime().database.read() as session:
        alert = _find(session, number)
        counted = queries.status(session, alert)
        if as_json:
            click.echo(json.dumps(asdict(counted)))
            return
        areas = [area.area_code for area in alert.areas]
        people = queries.unreached(session, alert, areas=areas, limit=_EVERYBODY)
        _show_status(alert, counted)
        _show_people(people)


@alerts.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line on standard output.")
@click.option(
    "--limit", type=click.IntRange(1, 1000), default=50, show_default=True, help="How many, the newest first."
)
def list_alerts(as_json: bool, limit: int) -> None:
    """The county's alerts, the newest first."""
    opened = open_runtime()
    with opened.database.read() as session:
        lines = queries.listing(session, areas=[opened.settings.county], limit=limit)
    if as_json:
        for line in lines:
            click.echo(
                json.dumps(asdict(line), ensure_ascii=False, default=lambda moment: moment.isoformat())
            )
        return
    if not lines:
        click.echo(tell("There are no alerts yet."))
        return
    heads = (
        tell("Alert number"),
        tell("Its colour"),
        tell("What"),
        tell("Where it is"),
        tell("People"),
        tell("Drafted by"),
    )
    table = _table(*heads, tell("Sent at"), figures=4)
    for line in lines:
        table.add_row(*_cells(line))
    print_table(table)


@alerts.command("try")
@click.argument("number")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
def try_alert(number: str, as_json: bool) -> None:
    """A dry run of alert NUMBER: everything is planned, nothing is sent and nothing is stored."""
    opened = open_runtime()
    with opened.database.read() as session:
        tried = alert_rehearsal.rehearse(session, _find(session, number), settings=opened.settings)
    if tried.refusal is not None:
        raise tried.refusal
    kept = {
        key: value for key, value in asdict(tried).items() if key not in ("refusal", "sample", "overview")
    }
    if tried.overview is not None:
        view = tried.overview
        kept |= {"yuan": view.yuan, "texts_s": round(view.sms_seconds), "calls_s": round(view.call_seconds)}
    if as_json:
        click.echo(json.dumps({**kept, "sample": [asdict(one) for one in tried.sample]}, ensure_ascii=False))
        return
    table = _table("", "", figures=1, shown=False)
    for key, value in kept.items():
        table.add_row(key, str(value))
    print_table(table)
    for one in tried.sample:
        click.echo(f"{one.village} {one.name}: {one.text or one.said or one.letter or one.channel}")


@alerts.command()
@click.argument("number")
def changes(number: str) -> None:
    """Each change of each person's line of alert NUMBER, in order: one JSON object a line, with time, person, state, source."""
    after = 0
    with open_runtime().database.read() as session:
        alert = _find(session, number)
        while part := reach_log.of_alert(session, alert.id, after=after):
            after = part[-1].number
            for one in part:
                said = {
                    "at": local(one.at).isoformat(), "account": one.account_id, "state": one.state, "source": one.source,
                }  # fmt: skip
                click.echo(json.dumps(said))


def _find(session: Session, number: str) -> Alert:
    alert = alert_words.find(session, number)
    if alert is None:
        raise Absent(
            "alert_absent", "There is no alert {number}; `farmerline alerts list` names them.", number=number
        )
    return alert


def _show_status(alert: Alert, counted: Status) -> None:
    colour = tell(alert_words.COLOURS[alert.colour])
    where = reach_words.state(language(), alert.state)
    drill = alert_words.DRILL if alert.exercise else ""
    click.echo(f"{drill}{colour} {alert.number}  {alert.crop} {alert.pest}  ({where})")
    table = _table("", "", "", figures=1, shown=False)
    for key, people in asdict(counted).items():
        table.add_row(key, str(people), tell(_MEANING[key]))
    print_table(table)


def _show_people(people: Sequence[PersonLine]) -> None:
    """Village by village: why somebody is not reached, and who goes there."""
    if not people:
        click.echo(tell("Nobody is left to reach."))
        return
    ordered = sorted(people, key=lambda line: (line.area_code, bool(line.going), line.name))
    heads = (
        tell("Village"),
        tell("Name"),
        tell("Phone"),
        tell("Why not yet"),
        tell("What is done"),
        tell("Going there"),
    )
    table = _table(*heads, figures=-1)
    for _, members in groupby(ordered, key=lambda line: line.area_code):
        for place, line in enumerate(members):
            nobody = "" if line.step is ReachStep.DONE else tell("nobody yet")
            table.add_row(
                line.village if place == 0 else "", line.name, line.phone,
                reach_words.why(language(), line), reach_words.step(language(), line.step),
                line.going or nobody,
            )  # fmt: skip
    click.echo()
    print_table(table)


def _cells(line: AlertLine) -> tuple[str, ...]:
    sent = f"{local(line.issued_at):%Y-%m-%d %H:%M}" if line.issued_at else "-"
    return (
        line.number, tell(alert_words.COLOURS[Colour(line.colour)]), f"{line.crop} {line.pest}",
        reach_words.state(language(), AlertState(line.state)), str(line.people), line.drafted_by, sent,
    )  # fmt: skip


def _table(*heads: str, figures: int, shown: bool = True) -> Table:
    """``figures`` is the place of the column that holds numbers, -1 where none does."""
    table = Table(box=None, pad_edge=False, show_header=shown)
    for place, head in enumerate(heads):
        table.add_column(head, justify="right" if place == figures else "left", overflow="fold")
    return table
