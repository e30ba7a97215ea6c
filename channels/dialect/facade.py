"""A carrier's REST door, shaped like Twilio's 2010-04-01 API, so that the Twilio adapters run unchanged.

Shapes and codes: https://www.twilio.com/docs/messaging/api/message-resource, /voice/api/call-resource, /api/errors.
"""

from __future__ import annotations

import hmac
import re
import sqlite3
from collections.abc import Mapping
from email.utils import format_datetime
from typing import Any, Protocol

import smsutil
from flask import Blueprint, Flask, Response, jsonify, request

from channels.dialect.callbook import Ring
from channels.dialect.numbers import API_VERSION
from channels.dialect.rows import Rows, moment
from channels.doors import allowed

_NUMBER = re.compile(r"\+[1-9]\d{6,14}|\d{3,8}")
_MESSAGES = {
    20003: "Authenticate",
    20404: "The requested resource was not found",
    20429: "Too Many Requests",
    20503: "Service unavailable",
}
_STATUS = {20003: 401, 20404: 404, 20429: 429, 20503: 503}


class Refused(Exception):
    """The API's way to say no."""

    def __init__(self, code: int, message: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.message = message or _MESSAGES.get(code, "Bad request")
        self.status = _STATUS.get(code, 400)


class Behind(Protocol):
    """The carrier behind the door. Each verb may raise ``Refused``."""

    @property
    def rows(self) -> Rows: ...

    @property
    def account(self) -> tuple[str, str]:
        """Account id and token of the one who may come in."""
        ...

    @property
    def line(self) -> str:
        """The one number that texts and calls may come from."""
        ...

    def admit(self, method: str) -> None:
        """Asked at each request that is let in."""
        ...

    def take_text(self, number: str, body: str, callback: str) -> str:
        """Carry a text; its id."""
        ...

    def place(self, ring: Ring) -> str:
        """Ring a number; the call's id."""
        ...

    def hang_up(self, sid: str) -> None:
        """End a call, or take it back before it is answered."""
        ...


def carrier_api(behind: Behind) -> Blueprint:
    """``/2010-04-01/Accounts/{sid}/`` Messages, Calls and Recordings."""
    rows = behind.rows
    api = Blueprint("carrier_api", __name__, url_prefix=f"/{API_VERSION}/Accounts/<account>")

    @api.before_request
    def check() -> None:
        given, known = request.authorization, behind.account
        told = (given.username or "", given.password or "") if given and given.type == "basic" else ("", "")
        same = [
            hmac.compare_digest(left.encode(), right.encode())
            for left, right in zip(told, known, strict=True)
        ]
        if not all(same) or (request.view_args or {}).get("account") != known[0]:
            raise Refused(20003)
        behind.admit(request.method)

    @api.errorhandler(Refused)
    def refuse(error: Refused) -> tuple[Response, int]:
        more = f"https://www.twilio.com/docs/errors/{error.code}"
        return jsonify(
            code=error.code, message=error.message, more_info=more, status=error.status
        ), error.status

    @api.post("/Messages.json")
    @allowed("carrier")
    def send(account: str) -> tuple[Response, int]:
        number, body = called(behind.line), request.form.get("Body", "")
        if not body.strip():
            raise Refused(21602, "Message body is required.")
        if len(body) > 1600:
            raise Refused(21617, "The concatenated message body exceeds the 1600 character limit")
        sid = behind.take_text(number, body, request.form.get("StatusCallback", ""))
        return jsonify(message_json(message(sid), account)), 201

    @api.get("/Messages.json")
    @allowed("carrier")
    def list_messages(account: str) -> Response:
        found = [message_json(row, account) for row in listed(rows, "message", request.args)]
        return jsonify(page("Messages", account, found))

    @api.get("/Messages/<sid>.json")
    @allowed("carrier")
    def fetch(account: str, sid: str) -> Response:
        return jsonify(message_json(message(sid), account))

    @api.post("/Calls.json")
    @allowed("carrier")
    def ring(account: str) -> tuple[Response, int]:
        number, form = called(behind.line), request.form
        if not form.get("Url"):
            raise Refused(21205, "Url parameter is required.")
        wanted = Ring(
            number,
            form["Url"],
            fallback=form.get("FallbackUrl", ""),
            callback=form.get("StatusCallback", ""),
            events=" ".join(form.getlist("StatusCallbackEvent")) or "completed",
            wait_seconds=form.get("Timeout", 60, type=int),
            listener=form.get("AsyncAmdStatusCallback", "") if form.get("MachineDetection") else "",
        )
        sid = behind.place(wanted)
        return jsonify(call_json(one(rows, "call", sid), account)), 201

    @api.get("/Calls.json")
    @allowed("carrier")
    def list_calls(account: str) -> Response:
        found = [call_json(row, account) for row in listed(rows, "call", request.args)]
        return jsonify(page("Calls", account, found))

    @api.get("/Calls/<sid>.json")
    @allowed("carrier")
    def fetch_call(account: str, sid: str) -> Response:
        return jsonify(call_json(one(rows, "call", sid), account))

    @api.post("/Calls/<sid>.json")
    @allowed("carrier")
    def change_call(account: str, sid: str) -> Response:
        one(rows, "call", sid)
        if request.form.get("Status") not in ("completed", "canceled"):
            raise Refused(21220, "Only the Status of a call can be changed, to completed or canceled.")
        behind.hang_up(sid)
        return jsonify(call_json(one(rows, "call", sid), account))

    @api.get("/Recordings/<sid>.wav")
    @allowed("carrier")
    def recording(account: str, sid: str) -> Response:
        return Response(one(rows, "recording", sid)["sound"], mimetype="audio/x-wav")

    def message(sid: str) -> sqlite3.Row:
        return one(rows, "message", sid)

    return api


def carrier_app(behind: Behind) -> Flask:
    """The REST door as an application of its own."""
    app = Flask("carrier")
    app.register_blueprint(carrier_api(behind))
    return app


def called(line: str) -> str:
    """The number to reach; refuses numbers that are none, and a sender that is not the service."""
    number, sender = request.form.get("To", "").strip(), request.form.get("From", "").strip()
    if not _NUMBER.fullmatch(number):
        raise Refused(21211, f"The 'To' number {number[:20]} is not a valid phone number.")
    if sender != line:
        raise Refused(21606, f"The 'From' phone number {sender[:20]} is not a valid number for your account.")
    return number


def listed(rows: Rows, table: str, args: Mapping[str, str]) -> list[sqlite3.Row]:
    """Rows of a list, newest first, filtered as Twilio does: to, from, day of sending."""
    after = args.get("DateSent>", args.get("StartTime>", ""))[:10]
    before = args.get("DateSent<", args.get("StartTime<", ""))[:10]
    on = args.get("DateSent", args.get("StartTime", ""))[:10]
    limit = args.get("PageSize", "50")
    who, other = ("line", "number")
    return rows.rows(
        f"SELECT * FROM {table} WHERE (? = '' OR ? = CASE outbound WHEN 1 THEN {other} ELSE {who} END)"  # noqa: S608 - names of ours
        f" AND (? = '' OR ? = CASE outbound WHEN 1 THEN {who} ELSE {other} END)"
        " AND (? = '' OR substr(made_at, 1, 10) >= ?) AND (? = '' OR substr(made_at, 1, 10) <= ?)"
        " AND (? = '' OR substr(made_at, 1, 10) = ?) ORDER BY seq DESC LIMIT ?",
        *(
            value
            for name in (args.get("To", ""), args.get("From", ""), after, before, on)
            for value in (name, name)
        ),
        min(1000, int(limit)) if limit.isdecimal() and len(limit) < 5 else 50,
    )


def one(rows: Rows, table: str, sid: str) -> sqlite3.Row:
    row = rows.row(f"SELECT * FROM {table} WHERE sid = ?", sid)  # noqa: S608 - names of ours
    if row is None:
        raise Refused(20404)
    return row


def page(name: str, account: str, found: list[dict[str, Any]]) -> dict[str, Any]:
    uri = f"/{API_VERSION}/Accounts/{account}/{name}.json"
    return {
        name.lower(): found,
        "page": 0,
        "page_size": len(found),
        "start": 0,
        "end": max(0, len(found) - 1),
        "uri": uri,
        "first_page_uri": uri,
        "next_page_uri": None,
        "previous_page_uri": None,
    }


def message_json(row: sqlite3.Row, account: str) -> dict[str, Any]:
    sender, to = (row["line"], row["number"]) if row["outbound"] else (row["number"], row["line"])
    return {
        "sid": row["sid"],
        "account_sid": account,
        "api_version": API_VERSION,
        "body": row["body"],
        "from": sender,
        "to": to,
        "status": row["status"],
        "direction": "outbound-api" if row["outbound"] else "inbound",
        "error_code": row["code"],
        "error_message": None,
        "num_media": "0",
        "num_segments": str(segments(row["body"])),
        "messaging_service_sid": None,
        "price": None,
        "price_unit": "USD",
        "subresource_uris": {},
        "date_created": rfc2822(row["made_at"]),
        "date_updated": rfc2822(row["shown_at"] or row["made_at"]),
        "date_sent": rfc2822(row["sent_at"]),
        "uri": f"/{API_VERSION}/Accounts/{account}/Messages/{row['sid']}.json",
    }


def call_json(row: sqlite3.Row, account: str) -> dict[str, Any]:
    caller, to = (row["line"], row["number"]) if row["outbound"] else (row["number"], row["line"])
    return {
        "sid": row["sid"],
        "account_sid": account,
        "api_version": API_VERSION,
        "from": caller,
        "to": to,
        "from_formatted": caller,
        "to_formatted": to,
        "status": row["status"],
        "parent_call_sid": None,
        "direction": "outbound-api" if row["outbound"] else "inbound",
        "answered_by": None,
        "caller_name": None,
        "duration": str(row["seconds"]) if row["seconds"] is not None else None,
        "price": None,
        "price_unit": "USD",
        "date_created": rfc2822(row["made_at"]),
        "date_updated": rfc2822(row["ended_at"] or row["made_at"]),
        "start_time": rfc2822(row["answered_at"]),
        "end_time": rfc2822(row["ended_at"]),
        "subresource_uris": {},
        "uri": f"/{API_VERSION}/Accounts/{account}/Calls/{row['sid']}.json",
    }


def rfc2822(at: str | None) -> str | None:
    return format_datetime(moment(at)) if at else None


def segments(body: str) -> int:
    """How many parts a text needs."""
    return max(1, len(smsutil.split(body).parts))
