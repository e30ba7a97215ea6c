"""The demo county, grown to the size of a real one, for callers who listen: its articles, its posts, an alert in force."""

from __future__ import annotations

import itertools
from pathlib import Path

from sqlalchemy import insert
from sqlalchemy.orm import Session

from bench.rig.county import Place, columns, person
from bench.rig.processes import free_port
from farmerline.app import create_app
from farmerline.clock import local
from farmerline.config import PREFIX, Settings, read_settings
from farmerline.demo import articles, board, county, player
from farmerline.demo.people import COUNTY, OFFICER, SIGNER, Person, people
from farmerline.demo.stage import find_account
from farmerline.domain import access, alert_signing, alerts
from farmerline.domain.alerts import Draft
from farmerline.messages import Channel, Incoming
from farmerline.migrations import upgrade
from farmerline.models import Account, Colour
from farmerline.runtime import Runtime

_FIRST_NUMBER = 70_000_000
_STEP = 5000
_POSTS = 40
_WORDS = "晚稻有稻飞虱，偏轻。先看稻丛基部，十丛有一百头再打药。"


class DemoPlace(Place):
    """A demo county's folder: its settings file is the demo's own."""

    def settings(self) -> Settings:
        return read_settings({f"{PREFIX}SETTINGS": str(self.file)})


def make(home: Path, accounts: int) -> Place:
    """A demo county of so many accounts, with a port of its own."""
    port = free_port()
    with county.write_settings(home).open("a") as file:
        file.write(f"FARMERLINE_LISTEN=127.0.0.1:{port}\nFARMERLINE_PUBLIC_URL=http://127.0.0.1:{port}\n")
    place = DemoPlace(home, f"sqlite:///{home / 'farmerline.db'}")
    with place.open() as runtime:
        upgrade(runtime.database)
        county.build(runtime.database, runtime.settings, now=runtime.now() - player.SPAN)
        runtime.prepare()
        articles.issue_all(runtime)
        _post(runtime)
        _warn(runtime)
        create_app(runtime)  # the simulated carrier speaks to it
        runtime.settle()
        for start in range(len(people()), accounts, _STEP):
            group = [
                person(_FIRST_NUMBER + number, runtime.now())
                for number in range(start, min(start + _STEP, accounts))
            ]
            with runtime.database.write() as session:
                session.execute(insert(Account), [columns(one) for one in group])
    return place


def callers() -> list[str]:
    """Numbers that ring: people of the county, and one in ten whom nobody knows."""
    known = (one.phone for one in people())
    strangers = (f"+8615900{number:06d}" for number in itertools.count())
    return [next(strangers) if place % 10 == 9 else next(known) for place in range(500)]


def _post(runtime: Runtime) -> None:
    """Posts as people text them, read back and confirmed."""
    for number, post in enumerate(board.posts()[-_POSTS:]):
        with runtime.database.read() as session:
            account_id = _account(session, people()[post.author]).id

        def bring(ref: str, text: str, account_id: str = account_id) -> str | None:
            said = Incoming(
                channel=Channel.WEB, gateway="bench", ref=ref, sender="", text=text, received_at=runtime.now(),
                account_id=account_id,
            )  # fmt: skip
            return runtime.accept(said).question_code

        if code := bring(f"post-{number}", post.text):
            bring(f"yes-{number}", f"1 {code}")


def _warn(runtime: Runtime) -> None:
    """A blue alert to the county, drafted by one person and signed by another."""
    now = runtime.now()
    fields = Draft(
        colour=Colour.BLUE, crop="水稻", pest="稻飞虱", degree=2, areas=(COUNTY,),
        valid_until=local(now).date().replace(year=local(now).year + 1), short_text="晚稻稻飞虱偏轻,先看稻丛基部",
        voice_text=_WORDS, full_text=_WORDS,
    )  # fmt: skip
    with runtime.database.write() as session:
        officer, signer = (
            access.actor_of(session, _account(session, one), second_factor=True) for one in (OFFICER, SIGNER)
        )
        alert = alerts.draft(session, actor=officer, fields=fields, settings=runtime.settings, now=now)
        alerts.submit(session, alert, actor=officer, seen=1, settings=runtime.settings, now=now)
        alert_signing.sign(
            session, alert, actor=signer, seen=1, people=alert.people,
            code=county.second_factor_code(session, SIGNER.phone, now), settings=runtime.settings, now=now,
        )  # fmt: skip


def _account(session: Session, one: Person) -> Account:
    found = find_account(session, one)
    assert found is not None, one.key
    return found
