"""Where carriers call us: ``/hooks/<name>/receipts`` and ``/hooks/<name>/inbound``. Verify, read, store, answer.

A call that comes twice, late or by a replay does nothing twice: a receipt is kept once for each message and state, a
text once for each of the carrier's ids.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable

from flask import Blueprint, Response, request
from werkzeug.exceptions import HTTPException

from channels.contract import Ports
from channels.doors import allowed, plain
from channels.http.hearing import Hook, InboundHook, ReceiptHook, Unfit
from channels.http.keys import HttpTable
from channels.http.places import Said, Unreadable
from channels.http.proofs import Call
from farmerline.clock import SystemClock

_log = logging.getLogger(__name__)
_BODY_LIMIT = 512 * 1024
_MOST = 2000
"""Entries of one call."""


def http_hooks(table: HttpTable, ports: Ports, public_url: str) -> list[Blueprint]:
    """The webhooks that a table asks for; none without a proof, which the settings demand."""
    hooks = Blueprint(f"hooks_{table.name}", __name__, url_prefix=f"/hooks/{table.name}")
    if table.receipts is not None:
        _add(hooks, "receipts", table.receipts, _reports(table, table.receipts, ports), public_url)
    if table.inbound is not None:
        _add(hooks, "inbound", table.inbound, _texts(table, table.inbound, ports), public_url)
    return [hooks] if table.receipts or table.inbound else []


def _reports(table: HttpTable, hook: ReceiptHook, ports: Ports) -> Callable[[Said], None]:
    def take(entry: Said) -> None:
        receipt = hook.read(entry, table.name, table.reasons, ports.now())
        if receipt is not None:
            ports.report(receipt)

    return take


def _texts(table: HttpTable, hook: InboundHook, ports: Ports) -> Callable[[Said], None]:
    def take(entry: Said) -> None:
        ports.accept(hook.read(entry, table.name, ports.now()))

    return take


def _add(
    hooks: Blueprint,
    name: str,
    hook: ReceiptHook | InboundHook,
    take: Callable[[Said], None],
    public_url: str,
) -> None:
    @allowed("carrier")
    def enter() -> Response:
        request.max_content_length = _BODY_LIMIT
        try:
            call = _call(public_url)
            if not hook.verify.holds(call):
                return plain(403)
            entries = _entries(hook, call)
        except HTTPException as error:
            return plain(error.code or 400)
        except (Unreadable, KeyError):
            return plain(400)
        if len(entries) > _MOST:
            return plain(413)
        return _take_all(hook, entries, take)

    hooks.add_url_rule(f"/{name}", endpoint=name, view_func=enter, methods=["POST"])


def _take_all(hook: Hook, entries: list[Said], take: Callable[[Said], None]) -> Response:
    """Put every entry on record. One that does not fit is left out; where none fits, the carrier is told."""
    unfit = 0
    for entry in entries:
        try:
            take(entry)
        except Unfit:
            unfit += 1
        except Exception as error:  # whatever failed inside, the carrier is told to come back
            _log.error("hook.failed path=%s error=%s", request.path, type(error).__name__)
            return plain(503, {"Retry-After": "5"})
    if unfit:
        _log.warning("hook.unfit path=%s entries=%d unfit=%d", request.path, len(entries), unfit)
    if unfit and unfit == len(entries):
        return plain(400)
    if isinstance(hook.answer, str):
        return Response(hook.answer, mimetype="text/plain")
    return Response(json.dumps(hook.answer, ensure_ascii=False), mimetype="application/json")


def _call(public_url: str) -> Call:
    """The request now being answered. The address is the configured one: behind a proxy, Flask sees another."""
    query = request.query_string.decode("ascii", "replace")
    return Call(
        method=request.method,
        path=request.path,
        query=query,
        url=public_url + request.path + (f"?{query}" if query else ""),
        headers={name.lower(): value for name, value in request.headers.items()},
        arguments=request.args,
        body=request.get_data(),
        at=SystemClock().now(),
        user=(request.authorization.username or "") if request.authorization else "",
        password=(request.authorization.password or "") if request.authorization else "",
    )


def _entries(hook: ReceiptHook | InboundHook, call: Call) -> list[Said]:
    """The entries of a call; raises ``Unreadable`` or ``KeyError``."""
    if hook.body == "form":
        said = Said(request.form[hook.field]) if hook.field else Said.of(request.form.to_dict())
    else:
        said = Said(call.body.decode("utf-8", "replace"))
    return list(said.entries(hook.list))
