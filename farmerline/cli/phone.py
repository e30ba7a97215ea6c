"""``farmerline sms`` and ``farmerline dial``: a village phone in the terminal, through the simulated carrier."""

from __future__ import annotations

import click

from channels.registry import Simulator
from channels.simulator import caller, texting
from channels.simulator.caller import BadKeys, Transcript
from channels.simulator.carrier import PhoneSilent
from channels.simulator.phone import NOTES
from farmerline.app import create_app
from farmerline.cli.language import tell
from farmerline.cli.opening import open_runtime
from farmerline.config import Module
from farmerline.errors import Conflict, Invalid, Misconfigured
from farmerline.identity import normalise_phone
from farmerline.runtime import Runtime

_PATIENCE = 3.0  # seconds: a service that runs beside this command may be the one that answers


@click.command()
@click.argument("sender", metavar="FROM")
@click.argument("text")
def sms(sender: str, text: str) -> None:
    """Send a text from a phone and print what the phone then shows."""
    runtime, simulator = _open()
    try:
        shown = texting.text(
            simulator.carrier, normalise_phone(sender), _readable(text), runtime.settle, patience=_PATIENCE
        )
    except PhoneSilent as error:
        raise Conflict(error.why, NOTES[error.why]) from error
    for each in shown:
        click.echo(each.text)
    if not shown:
        click.echo(tell("(nothing came back)"), err=True)


@click.command()
@click.argument("sender", metavar="FROM")
@click.option(
    "--keys",
    default="",
    help='What is pressed, by blanks: "2 w1 1#"; w1 waits a second, h8 hangs up after 8, s speaks.',
)
@click.option("--say", "words", default="", help="What is said when the line records.")
@click.option("--answer", is_flag=True, help="Pick up the call that rings at this phone instead of dialling.")
@click.option("--to", default="", help="Another number of the line than its own: the one that is only rung.")
def dial(sender: str, keys: str, words: str, answer: bool, to: str) -> None:
    """Ring the line from a phone and print what is heard."""
    runtime, simulator = _open()
    if not runtime.settings.has(Module.VOICE):
        raise Misconfigured("This county has no voice line: add voice to FARMERLINE_MODULES.")
    number = normalise_phone(sender)
    try:
        if answer:
            runtime.settle()
            told = caller.pick_up(simulator.exchange, number, keys, words)
        else:
            told = caller.play(simulator.exchange, number, keys, words, to)
    except BadKeys as error:
        raise Invalid(
            "keys_wrong",
            "{key} is no key: use digits, * and #, w2 to wait two seconds, h8 to hang up after 8, s to speak.",
            key=str(error),
        ) from error
    except PhoneSilent as error:
        if error.why == "not_ringing":
            raise Conflict("not_ringing", "No call rings at this phone.") from error
        raise Conflict(error.why, NOTES[error.why]) from error
    runtime.settle()
    _print(told)


def _readable(text: str) -> str:
    """The text as a carrier would hand it over: a byte that is no UTF-8 becomes the replacement sign."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _open() -> tuple[Runtime, Simulator]:
    runtime = open_runtime()
    if runtime.simulator is None:
        raise Misconfigured(
            "A phone in the terminal works in a demo only: a real county is rung from real phones."
        )
    runtime.prepare()
    create_app(runtime)
    return runtime, runtime.simulator


def _print(told: Transcript) -> None:
    for line in told.lines:
        if line.who == "line":
            length = f" ({line.seconds:.1f} s)" if line.seconds else ""
            click.echo(f"♪ {line.text or line.what}{length}")
        else:
            click.echo(f"  > {line.what} {line.text}".rstrip())
