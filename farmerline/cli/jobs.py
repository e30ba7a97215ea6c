"""``farmerline jobs``, ``run-job``: the timetable by hand."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from farmerline.cli.language import language, tell
from farmerline.cli.opening import open_runtime
from farmerline.clock import local
from farmerline.runtime import Runtime
from jobs.runner import Line, fire, on_timetable, overview
from jobs.schedule import describe


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line on standard output.")
def jobs(as_json: bool) -> None:
    """The timetable: each job, when it runs, its last run, what came of it, when it runs next."""
    runtime = _open()
    lines = overview(runtime.context)
    if as_json:
        for line in lines:
            click.echo(json.dumps(_plain(line), ensure_ascii=False))
        return
    table = Table(box=None, pad_edge=False)
    table.add_column(tell("Job"))
    table.add_column(tell("When"))
    table.add_column(tell("Last run"))
    table.add_column(tell("Result"))
    table.add_column(tell("Next run"))
    table.add_column(tell("What it does"))
    for line in lines:
        table.add_row(*_cells(line))
    Console(highlight=False).print(table)


@click.command("run-job")
@click.argument("name")
@click.pass_context
def run_job(context: click.Context, name: str) -> None:
    """Run one job now and print what came of it; exit 1 when it failed."""
    runtime = _open()
    runtime.prepare()
    _attach(runtime)
    known = {job.name: job for job in on_timetable(runtime.context)}
    if name not in known:
        raise click.BadParameter(
            tell("There is no job {name}; there are: {known}", name=name, known=", ".join(known))
        )
    ran = fire(runtime.context, known[name], runtime.now())
    if ran is None:
        raise click.ClickException(tell("Another process runs this job at this moment."))
    click.echo(f"{name}: {ran.result}")
    context.exit(int(ran.failed))


def _open() -> Runtime:
    """The county, closed when the command ends."""
    runtime = open_runtime()
    click.get_current_context().call_on_close(runtime.database.close)
    return runtime


def _attach(runtime: Runtime) -> None:
    """In a demo the carrier speaks to the service inside this process, so the service must be there."""
    if runtime.simulator is not None:
        from farmerline.app import create_app

        create_app(runtime)


def _cells(line: Line) -> tuple[str, ...]:
    last = line.last
    result = "" if last is None else (f"[red]{last.result}[/red]" if last.failed else last.result)
    return (
        line.job.name,
        describe(line.job.when, language()),
        _moment(last.fire_at) if last else "-",
        result,
        _moment(line.next_at) if line.next_at else "-",
        tell(line.job.about),
    )


def _plain(line: Line) -> dict[str, Any]:
    last = line.last
    return {
        "name": line.job.name,
        "when": describe(line.job.when, "en"),
        "missed": line.job.missed.value,
        "last": _iso(last.fire_at) if last else None,
        "ended": _iso(last.ended_at) if last else None,
        "result": last.result if last else None,
        "failed": last.failed if last else None,
        "next": _iso(line.next_at),
        "about": line.job.about,
    }


def _moment(moment: datetime) -> str:
    return f"{local(moment):%m-%d %H:%M}"


def _iso(moment: datetime | None) -> str | None:
    return local(moment).isoformat(timespec="seconds") if moment else None
