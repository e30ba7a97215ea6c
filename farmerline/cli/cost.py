"""``farmerline cost estimate``: what a year of texts and calls would cost, from the county's own rates."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from typing import Any, TypeVar

import click
from rich.table import Table

from farmerline.cli.language import tell
from farmerline.cli.opening import open_runtime
from farmerline.cli.tables import print_table
from farmerline.clock import local
from farmerline.config import Settings
from farmerline.domain import costs
from farmerline.domain.cost_assumptions import MEANING, NAMES, PURPOSE, SHARES, Assumptions
from farmerline.domain.costs import Estimate, Use
from farmerline.errors import Invalid
from farmerline.models import Purpose
from farmerline.queries import usage
from farmerline.queries.usage import ENOUGH_DAYS, Usage

_MOST_PEOPLE = 50_000_000
_MOST = 10_000.0
_PURPOSES = {
    Purpose.ALERT: "Signed alerts",
    Purpose.SERVICE: "Answers and read-backs",
    Purpose.MATCH: "Matches of posts",
    Purpose.LETTER: "Letters",
    Purpose.TIPS: "Tips and daily news",
    Purpose.DIGEST: "Daily news",
    Purpose.WATCH: "What people subscribed to",
}
_Command = TypeVar("_Command", bound=Callable[..., Any])


@click.group()
def cost() -> None:
    """What texts and calls cost."""


def _options(command: _Command) -> _Command:
    """An option for each assumption."""
    for name in reversed(NAMES):
        default = getattr(Assumptions(), name)
        help_text = f"{MEANING[name]}; without it {default:g}."
        command = click.option(f"--{name.replace('_', '-')}", name, metavar="NUMBER", help=help_text)(command)
    return command


@cost.command()
@click.option(
    "--people", "people", metavar="N", help="How many people; without it, everybody registered here."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@click.option(
    "--assumed", is_flag=True, help="Use the assumptions alone, also where the county has its own record."
)
@_options
def estimate(people: str | None, as_json: bool, assumed: bool, **given: str | None) -> None:
    """A year's texts and calls and what they cost, by purpose.

    The rates are the settings FARMERLINE_SMS_PART_YUAN and FARMERLINE_CALL_MINUTE_YUAN. From 30 days of messages on, each
    purpose is what the county's own people took; otherwise, and where a number is given here, it is worked out from
    stated assumptions. What people ring themselves costs the service nothing and is not counted.
    """
    wanted = _count(people) if people is not None else None
    changed = {name: _number(name, said) for name, said in given.items() if said is not None}
    opened = open_runtime()
    with opened.database.read() as session:
        own = usage.of_year(session, now=opened.now())
    if wanted is None:
        wanted = own.people
        if wanted == 0:
            raise Invalid(
                "cost_people", "Nobody is registered yet: say how many with --people, like --people 20000."
            )
    numbers = replace(Assumptions(), **changed)
    uses, guessed = _choose(Usage(own.people, None, 0, ()) if assumed else own, numbers, changed)
    made = costs.estimate(wanted, rates=opened.settings, usage=uses)
    if as_json:
        click.echo(json.dumps(_plain(made, own, numbers, guessed, opened.settings), ensure_ascii=False))
    else:
        _show(made, own, numbers, guessed, opened.settings)


def _choose(
    own: Usage, numbers: Assumptions, changed: Mapping[str, float]
) -> tuple[list[Use], frozenset[str]]:
    """What a person takes by purpose, and the purposes that are worked out from assumptions."""
    real = {use.purpose: use for use in own.uses}
    asked = {PURPOSE[name] for name in changed}
    guessed = {use.purpose: use for use in numbers.uses() if use.purpose not in real or use.purpose in asked}
    chosen = {**real, **guessed}
    return [chosen[purpose] for purpose in _PURPOSES if purpose in chosen], frozenset(guessed)


def _show(
    made: Estimate, own: Usage, numbers: Assumptions, guessed: frozenset[str], settings: Settings
) -> None:
    click.echo(tell("A year for {people} people", people=made.people))
    table = Table(box=None, pad_edge=False)
    table.add_column("")
    for head in (tell("SMS parts"), tell("Calls answered"), tell("Minutes billed"), tell("Yuan")):
        table.add_column(head, justify="right")
    table.add_column("")
    for line in made.lines:
        source = tell("assumed") if line.purpose in guessed else tell("the county's own use")
        table.add_row(tell(_PURPOSES[Purpose(line.purpose)]), *_figures(line), source)
    table.add_row(tell("Together"), *_figures(made), "", style="bold")
    print_table(table)
    click.echo(tell("A person costs {yuan} yuan a year.", yuan=f"{made.yuan / made.people:.2f}"))
    rates = {"part": f"{settings.sms_part_yuan:g}", "minute": f"{settings.call_minute_yuan:g}"}
    click.echo(
        tell("Rates: {part} yuan an SMS part, {minute} yuan a started minute of a call (settings).", **rates)
    )
    if made.lines and len(guessed) < len(made.lines) and own.since is not None:
        since = f"{local(own.since):%Y-%m-%d}"
        click.echo(
            tell(
                "Own use: of {people} people, {days} days from {since} on, scaled to a year.",
                people=own.people, days=own.days, since=since,
            )
        )  # fmt: skip
    if not own.uses:
        click.echo(
            tell("There are fewer than {days} days of messages here, so these are assumed:", days=ENOUGH_DAYS)
        )
    elif guessed:
        click.echo(tell("These are assumed:"))
    for name in NAMES:
        if PURPOSE[name] in guessed:
            option = f"--{name.replace('_', '-')}"
            click.echo(f"  {getattr(numbers, name):g}  {tell(MEANING[name])} ({option})")


def _figures(line: costs.Line | Estimate) -> tuple[str, ...]:
    return str(line.parts), str(line.calls), str(line.minutes), f"{line.yuan:.2f}"


def _plain(
    made: Estimate, own: Usage, numbers: Assumptions, guessed: frozenset[str], settings: Settings
) -> dict[str, Any]:
    lines = [{**asdict(line), "assumed": line.purpose in guessed} for line in made.lines]
    return {
        "people": made.people,
        "parts": made.parts,
        "calls": made.calls,
        "minutes": made.minutes,
        "yuan": made.yuan,
        "yuan_a_person": round(made.yuan / made.people, 4),
        "rates": {"sms_part_yuan": settings.sms_part_yuan, "call_minute_yuan": settings.call_minute_yuan},
        "purposes": lines,
        "own_use": {"days": own.days, "people": own.people} if len(guessed) < len(lines) else None,
        "assumptions": {name: getattr(numbers, name) for name in NAMES if PURPOSE[name] in guessed},
    }


def _count(said: str) -> int:
    """How many people, as somebody types it: 20000, 20,000."""
    plain = said.strip().replace(",", "").replace("_", "")
    if not (
        plain.isascii() and plain.isdecimal() and 1 <= int(plain[:12]) <= _MOST_PEOPLE and len(plain) < 12
    ):
        raise Invalid(
            "cost_people_shape", "{said} is no number of people: write a whole number from 1 to {most}.",
            said=said, most=_MOST_PEOPLE,
        )  # fmt: skip
    return int(plain)


def _number(name: str, said: str) -> float:
    least, most = (1.0 if name == "people_a_phone" else 0.0), (1.0 if name in SHARES else _MOST)
    try:
        value = float(said)
    except ValueError:
        value = -1.0
    if not least <= value <= most:
        raise Invalid(
            "cost_number", "{option} takes a number from {least} to {most}, not {said}.",
            option=f"--{name.replace('_', '-')}", least=f"{least:g}", most=f"{most:g}", said=said,
        )  # fmt: skip
    return value
