"""The switch's parts put together: FastAGI's door, the manager's line, the REST door."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from threading import Event, Thread

from flask import Blueprint, Flask

from channels.contract import Gateway, Ports, Recogniser
from channels.dialect.callbook import CallBook
from channels.dialect.facade import carrier_app
from channels.dialect.webhooks import Webhooks
from channels.switch.ami import Manager
from channels.switch.door import Door
from channels.switch.prompts import Prompts
from channels.switch.switch import Switch
from channels.switch.texts import SwitchRows, Texts
from channels.switch.trunk import Trunk, national
from channels.transport import WebTransport
from channels.voice.sound import Voice

_log = logging.getLogger(__name__)
_TIDY_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Plan:
    """``number`` is the line's, in E.164; ``hooks`` another way to the service than its public address; ``folder`` is where
    Asterisk reads prompts and writes recordings; ``store`` a file of the switch's own."""

    account_sid: str
    auth_token: str = field(repr=False)
    number: str
    public_url: str
    hooks: str
    agi: tuple[str, int]
    manager: tuple[str, int]
    manager_secret: str = field(repr=False)
    dial: str
    folder: Path
    store: Path
    calls: int


@dataclass(frozen=True, slots=True)
class Sms:
    """The gateway by which texts leave, and the webhooks by which it brings what it has, given the way inside."""

    gateway: Gateway
    hooks: Callable[[Ports], list[Blueprint]]


@dataclass(slots=True)
class Parts:
    """A switch and the door by which the service reaches it."""

    switch: Switch
    app: Flask
    _door: Door
    texts: Texts | None = None

    @contextmanager
    def open(self) -> Iterator[None]:
        """Take calls until the block ends."""
        over = Event()
        tidying = Thread(target=_tidy, args=(self, over), name="tidy", daemon=True)
        self.switch.end_lost()
        self._door.start()
        self.switch.manager.start()
        tidying.start()
        if self.texts is not None:
            self.texts.start()
        try:
            yield
        finally:
            over.set()
            if self.texts is not None:
                self.texts.stop()
            self.switch.manager.stop()
            self._door.stop()
            self.switch.rows.close()


def build(
    plan: Plan,
    voice: Voice,
    now: Callable[[], datetime],
    ear: Recogniser | None = None,
    sms: Sms | None = None,
) -> Parts:
    """Raises ``OSError`` where FastAGI's port is taken or a folder cannot be made."""
    prompts, recordings = plan.folder / "prompts", plan.folder / "recordings"
    for folder in (plan.folder, prompts, recordings):
        folder.mkdir(parents=True, exist_ok=True, mode=0o770)
    rows = SwitchRows(plan.store)
    hooks = Webhooks(
        WebTransport(lanes=plan.calls),
        plan.auth_token,
        plan.public_url,
        lambda sid, what: _log.warning("switch.webhook_failed sid=%s what=%s", sid, what),
        plan.hooks,
    )
    manager = Manager(plan.manager, plan.manager_secret, heard=lambda event: switch.heard(event))
    book = CallBook(rows, hooks, plan.account_sid, plan.number, now)
    texts = Texts(book, sms.gateway) if sms else None
    switch = Switch(
        book,
        (plan.account_sid, plan.auth_token),
        Trunk(plan.dial, national(plan.number)),
        Prompts(prompts, voice, hooks.sound),
        manager,
        recordings,
        plan.calls,
        ear,
        texts.carry if texts else None,
    )
    app = carrier_app(switch)
    for receiving in sms.hooks(texts.ports) if sms and texts else ():
        app.register_blueprint(receiving)
    return Parts(switch, app, Door(plan.agi, switch.serve), texts)


def _tidy(parts: Parts, over: Event) -> None:
    while not over.wait(_TIDY_SECONDS):
        try:
            parts.switch.tidy()
            if parts.texts is not None:
                parts.texts.look()
        except Exception as error:  # the next time may go better
            _log.error("switch.tidy_failed error=%s", type(error).__name__)
