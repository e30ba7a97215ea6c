"""The same as the command line does, for a service that is running: send a text, ring the line, answer a call. Demo only."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, jsonify, request

from channels.contract import Ports
from channels.dialect.numbers import NoNumber, international
from channels.doors import allowed
from channels.simulator.caller import BadKeys, Transcript, pick_up, play
from channels.simulator.calls import Exchange
from channels.simulator.carrier import PhoneSilent
from channels.simulator.texting import last_shown, settle, shown_since, text

_PATIENCE = 3.0
_LIMIT = 64 * 1024


class Wrong(Exception):
    """The request cannot be used; ``code`` says why."""

    def __init__(self, code: str, status: int = 400) -> None:
        super().__init__(code)
        self.code = code
        self.status = status


def handset_api(exchange: Exchange, ports: Ports) -> Blueprint:
    """``/sim/api/sms``, ``/dial``, ``/answer``: JSON in, JSON out.

    Only JSON is read, which no other site's page can send here without being asked first.
    """
    api, carrier = Blueprint("handset_api", __name__, url_prefix="/sim/api"), exchange.carrier

    def drain() -> object:
        return ports.run_due() if ports.run_due else None

    def after_call(number: str, seen: int, told: Transcript) -> Response:
        settle(carrier, drain)
        texts = [asdict(one) for one in shown_since(carrier, number, seen)]
        return jsonify(
            lines=[asdict(line) for line in told.lines], seconds=told.seconds, call=told.call, texts=texts
        )

    @api.errorhandler(Wrong)
    def refuse(error: Wrong) -> tuple[Response, int]:
        return jsonify(error=error.code), error.status

    @api.errorhandler(PhoneSilent)
    def stay_silent(error: PhoneSilent) -> tuple[Response, int]:
        return jsonify(error=error.why), 409

    @api.errorhandler(BadKeys)
    def refuse_keys(error: BadKeys) -> tuple[Response, int]:
        return jsonify(error="keys", what=str(error)), 400

    @api.post("/sms")
    @allowed("demo")
    def sms() -> Response:
        asked = read("from", "text")
        number = who(asked["from"])
        texts = text(carrier, number, asked["text"][:1600], drain, patience=_PATIENCE)
        return jsonify(texts=[asdict(one) for one in texts])

    @api.post("/dial")
    @allowed("demo")
    def dial() -> Response:
        asked = read("from")
        number = who(asked["from"])
        seen = last_shown(carrier, number)
        return after_call(number, seen, play(exchange, number, asked.get("keys", ""), asked.get("say", "")))

    @api.post("/answer")
    @allowed("demo")
    def answer() -> Response:
        asked = read("from")
        number = who(asked["from"])
        settle(carrier, drain)
        seen = last_shown(carrier, number)
        return after_call(
            number, seen, pick_up(exchange, number, asked.get("keys", ""), asked.get("say", ""))
        )

    return api


def read(*wanted: str) -> dict[str, str]:
    """The JSON object that was sent; every value a string."""
    request.max_content_length = _LIMIT
    if not request.is_json:
        raise Wrong("json", 415)
    asked: Any = request.get_json(silent=True)
    if not isinstance(asked, dict) or not all(isinstance(value, str) for value in asked.values()):
        raise Wrong("json")
    if missing := [name for name in wanted if not asked.get(name)]:
        raise Wrong(f"missing {missing[0]}")
    return asked


def who(number: str) -> str:
    try:
        return international(number)
    except NoNumber as error:
        raise Wrong("number") from error
