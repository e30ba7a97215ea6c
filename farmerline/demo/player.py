"""Plays the demo county's last thirty days: what people wrote from day to day, and the stories among it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from flask import Flask

from farmerline.clock import local
from farmerline.demo import articles, board, bureau, desk, experts, groups, intake, line, prices, surveys
from farmerline.demo import clock as demo_clock
from farmerline.demo.people import Person, people
from farmerline.demo.stage import Expectation, Stage, Tell, find_account
from farmerline.demo.stories import STORIES
from farmerline.domain import mailbox
from farmerline.messages import Channel, Incoming
from farmerline.models import Account, Letter
from farmerline.runtime import Runtime

DAYS = 30
SPAN = timedelta(days=DAYS + 1)
"""The county is as old as this when the stories begin."""
_HOUR = 9
_APART = 3  # days from one story's beginning to the next


def play(
    runtime: Runtime, app: Flask, *, tell: Tell, now: datetime, passed: Callable[[int], None]
) -> list[Expectation]:
    """Live through the thirty days before ``now``; returns what the stories promised and whether it held.

    ``passed`` hears how many days have gone by. Ends with the demo clock at the present.
    """
    start = now - timedelta(days=days_back(now))
    demo_clock.set_back(runtime, days_back(now))
    stories = iter(STORIES.items())
    letters = _Letters(runtime)
    found: list[Expectation] = []
    for day in range(DAYS + 1):
        morning = start + timedelta(days=day)
        if runtime.now() < morning and morning < now:
            runtime.move_clock(morning - runtime.now())
        if day % _APART == 0 and (named := next(stories, None)) is not None:
            name, story = named
            stage = Stage(runtime, app, name, tell)
            tell(f"\n── {name} · {local(runtime.now()):%Y-%m-%d}")
            try:
                story(stage)
            except (
                Exception
            ) as error:  # a story that breaks off has not held; the others are played all the same
                stage.expect("the story comes to its end", held=False, found=repr(error))
            found += stage.expectations
        _write_posts(runtime, DAYS - day)
        letters.write(DAYS - day)
        passed(day)
    demo_clock.catch_up(runtime)
    articles.issue_all(runtime)
    prices.note_all(runtime)
    line.set_up(runtime)
    intake.bring_all(runtime)
    experts.open_line(runtime)
    bureau.write_letters(runtime)
    groups.write_groups(runtime)
    desk.fill(runtime)
    surveys.ask(runtime)
    return found


def days_back(now: datetime) -> float:
    """How many days before ``now`` the first morning is: nine o'clock in China, thirty days back."""
    morning = local(now - timedelta(days=DAYS)).replace(hour=_HOUR, minute=0, second=0, microsecond=0)
    return (now - morning) / timedelta(days=1)


def _write_posts(runtime: Runtime, days_ago: int) -> None:
    """What people posted on one day, read back and confirmed, each by their own channel."""
    for place, post in enumerate(board.posts()):
        if post.days == days_ago:
            author = people()[post.author]
            account_id = _account_id(runtime, author)
            accepted = runtime.accept(
                _incoming(runtime, post, author, account_id, f"board-{place}", post.text)
            )
            if accepted.question_code:
                runtime.accept(
                    _incoming(
                        runtime, post, author, account_id, f"board-{place}-yes", f"1 {accepted.question_code}"
                    )
                )
    runtime.settle()


def _incoming(
    runtime: Runtime, post: board.BoardPost, author: Person, account_id: str, ref: str, text: str
) -> Incoming:
    helper = next((each for each in people() if each.role == "contact" and each.scope == author.place), None)
    written_down = post.channel in (Channel.VOICE, Channel.CONTACT) and helper is not None
    return Incoming(
        channel=Channel(post.channel) if written_down or post.channel == Channel.SMS else Channel.WEB,
        gateway="sms" if post.channel == Channel.SMS else "demo",
        ref=ref,
        sender=author.phone,
        text=text,
        received_at=runtime.now(),
        account_id=account_id,
        operator_id=_account_id(runtime, helper) if written_down and helper else None,
    )


def _account_id(runtime: Runtime, person: Person) -> str:
    with runtime.database.read() as session:
        account = find_account(session, person)
    if account is None:
        raise LookupError(person.key)
    return account.id


class _Letters:
    """The letters of the demo, written on their day; an answer needs the letter it answers."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._written: dict[int, str] = {}

    def write(self, days_ago: int) -> None:
        for place, letter in self._of(days_ago):
            sender, reader = (
                _account_id(self._runtime, people()[who]) for who in (letter.sender, letter.reader)
            )
            with self._runtime.database.write() as session:
                answered = self._written.get(letter.answers) if letter.answers is not None else None
                row = mailbox.send(
                    session,
                    sender=session.get_one(Account, sender),
                    to=session.get_one(Account, reader),
                    body=letter.body,
                    subject=letter.subject,
                    channel=Channel.WEB,
                    now=self._runtime.now(),
                    reply_to=session.get(Letter, answered) if answered else None,
                )
                self._written[place] = row.id

    def _of(self, days_ago: int) -> Iterator[tuple[int, board.Letter]]:
        return ((place, letter) for place, letter in enumerate(board.letters()) if letter.days == days_ago)
