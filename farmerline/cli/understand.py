"""``farmerline understand``: what messages want, read by the shipped vocabulary, without settings or database."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any, BinaryIO

import click

import matching
from farmerline.cli.language import tell


@dataclass(frozen=True, slots=True)
class _Message:
    """One line of the file: its name (as given) and its words."""

    id: str | int
    text: str


class _BadLine(click.ClickException):
    """A file that cannot be read as messages; ends the command with 2."""

    exit_code = 2

    def show(self, file: IO[Any] | None = None) -> None:
        click.echo(f"farmerline: {self.message}", err=True)


@click.command()
@click.argument("file", type=click.File("rb"), metavar="FILE")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line instead of a table.")
def understand(file: BinaryIO, as_json: bool) -> None:
    """What each message of FILE wants, and what it says; - reads standard input.

    FILE has one JSON object a line: {"id": "m1", "text": "卖梨 三百斤"}. With --json each answer is one object a line:
    id, intent and slots (product, form, qty in kg or in its unit, unit, price in yuan per kg or unit, place, pest,
    crop, number, name; only what the message says).
    """
    messages = list(_messages(file.read()))
    for message in messages:
        click.echo(_answer(message, as_json).encode("utf-8", "backslashreplace"))


def _answer(message: _Message, as_json: bool) -> str:
    understood = matching.understand(message.text)
    intent, slots = matching.printed_intent(understood.intent), matching.slots_json(understood)
    if as_json:
        return json.dumps({"id": message.id, "intent": intent, "slots": slots}, ensure_ascii=False)
    said = " ".join(f"{name}={value}" for name, value in slots.items())
    return f"{message.id}\t{intent}\t{said}"


def _messages(content: bytes) -> Iterator[_Message]:
    for number, line in enumerate(content.removeprefix(b"\xef\xbb\xbf").splitlines(), 1):
        if line.strip():
            yield _message(number, line)


def _message(number: int, line: bytes) -> _Message:
    try:
        row = json.loads(line.decode("utf-8"))
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise _BadLine(tell("Line {number} is not JSON in UTF-8.", number=number)) from error
    if not isinstance(row, dict):
        raise _BadLine(tell('Line {number} is not an object with "id" and "text".', number=number))
    name, text = row.get("id"), row.get("text")
    if not isinstance(name, str | int) or isinstance(name, bool) or not isinstance(text, str):
        raise _BadLine(tell('Line {number} is not an object with "id" and "text".', number=number))
    return _Message(name, text)
