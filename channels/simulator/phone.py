"""The village phone: up to four handsets in the browser, on the simulated carrier. It works without script."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, abort, render_template, request, url_for

from channels.contract import Ports
from channels.dialect.numbers import NoNumber, international
from channels.doors import allowed
from channels.simulator.caller import LANGUAGE
from channels.simulator.calls import Exchange
from channels.simulator.carrier import PhoneSilent, Trouble
from channels.simulator.screens import VillagePhones, clock_time
from channels.voice.sound import BadSound, guess_seconds, hum, seconds_of

_SCRIPT = Path(__file__).with_name("static") / "phone.js"
_TEXT_LIMIT = 1600
_SOUND_LIMIT = 4 * 1024 * 1024
_STEPS = {
    "10m": timedelta(minutes=10),
    "1h": timedelta(hours=1),
    "1d": timedelta(days=1),
    "3d": timedelta(days=3),
}
NOTES = {
    "off": "This handset is switched off.",
    "in_call": "This handset is in a call.",
    "not_ringing": "It has stopped ringing.",
    "number": "This is no telephone number. Write 11 digits, or a short number.",
    "empty": "Write something first.",
    "long": "A text holds at most 1,600 signs.",
    "sound": "This recording cannot be heard. Speak again, or write the words.",
    "large": "This recording is too large. Speak for at most two minutes.",
    "moved": "The clock was moved.",
}


def phone_pages(exchange: Exchange, ports: Ports) -> Blueprint:
    """``/phone``: handsets, network faults, the demo clock."""
    pages = Blueprint("phone", __name__, url_prefix="/phone", template_folder="templates")
    phones, carrier = VillagePhones(exchange, ports), exchange.carrier

    def back(note: str = "", number: str = "") -> Response:
        where = url_for("phone.show", note=note or None, at=number if note else None)
        return Response(
            status=303, headers={"Location": f"{where}#p{number.lstrip('+')}" if number else where}
        )

    def page(path: str, method: str, view: Callable[..., Any]) -> None:
        pages.add_url_rule(path, view.__name__, allowed("demo")(view), methods=[method])

    def act(path: str, what: Callable[[str], str | None]) -> None:
        """A button on a handset: do it, let everything settle, show the page again."""

        def press(number: str) -> Response:
            try:
                note = what(international(number))
            except NoNumber:
                return back("number")
            except PhoneSilent as silent:
                note = silent.why
            phones.settle()
            return back(note or "", number)

        press.__name__ = path.strip("/")
        page(f"/<number>{path}", "POST", press)

    def show() -> str:
        phones.settle()
        return render_template(
            "village_phones.html",
            phones=[phones.state(number) for number in phones.shown()],
            note=NOTES.get(request.args.get("note", "")),
            note_at=request.args.get("at", ""),
            network=[(trouble.value, bool(carrier.store.network().get(trouble))) for trouble in Trouble],
            moment=clock_time(ports.now()),
            can_move=ports.move_clock is not None,
            ran=phones.ran,
            steps=list(_STEPS),
            changes=phones.changes(),
            known=phones.known(),
            quote=quote,
        )

    def open() -> Response:  # noqa: A001 - the address is /phone/open
        try:
            number = international(request.form.get("number", ""))
        except NoNumber:
            return back("number")
        phones.open(number, request.form.get("name", "").strip()[:20])
        return back("", number)

    def close(number: str) -> None:
        carrier.put_away(number)

    def text(number: str) -> str | None:
        body = request.form.get("body", "")
        if not body.strip():
            return "empty"
        if len(body) > _TEXT_LIMIT:
            return "long"
        carrier.text_in(number, body)
        return None

    def dial(number: str) -> None:
        exchange.dial(number)

    def answer(number: str) -> None:
        exchange.answer(number)

    def decline(number: str) -> None:
        exchange.decline(number)

    def keys(number: str) -> None:
        with in_call(number) as runner:
            runner.press(request.form.get("key", ""), listened())

    def wait(number: str) -> None:
        with in_call(number) as runner:
            runner.wait(min(60.0, request.form.get("seconds", 10.0, type=float)))

    def hang_up(number: str) -> None:
        with in_call(number) as runner:
            runner.hang_up(listened())

    def speak(number: str) -> str | None:
        wav, words = request.files.get("sound"), request.form.get("words", "").strip()[:500]
        sound = wav.stream.read(_SOUND_LIMIT + 1) if wav else b""
        if len(sound) > _SOUND_LIMIT:
            return "large"
        try:
            long = seconds_of(sound)
        except BadSound:
            return "sound"
        if not long and words:
            sound = exchange.sounds.voice.speak(words, LANGUAGE, False) or hum(guess_seconds(words))
        with in_call(number) as runner:
            if runner.understands and words:
                runner.utter(words)
                return None
            if seconds_of(sound):
                runner.speak(sound)
            runner.press("#")
        return None

    def faults(number: str) -> None:
        carrier.set_faults(number, set(request.form.getlist("fault")), blocked="blocked" in request.form)

    def network() -> Response:
        for trouble in Trouble:
            carrier.store.set_network(trouble, int(trouble.value in request.form.getlist("trouble")))
        return back()

    def clock() -> Response:
        step = _STEPS.get(request.form.get("step", ""))
        if step is None or ports.move_clock is None:
            abort(404)
        phones.ran = ports.move_clock(step)
        phones.settle()
        return back("moved")

    def sound(name: str) -> Response:
        known = exchange.sounds.get(name)
        return Response(known, mimetype="audio/wav") if known else abort(404)

    def pulse() -> Response:
        phones.settle()
        return Response(str(phones.changes()), mimetype="text/plain", headers={"Cache-Control": "no-store"})

    def script() -> Response:
        return Response(
            _SCRIPT.read_bytes(), mimetype="text/javascript", headers={"Cache-Control": "max-age=300"}
        )

    def in_call(number: str) -> Any:
        live = exchange.in_call(number)
        if live is None:
            raise PhoneSilent("not_ringing")
        return live.holding()

    def listened() -> float | None:
        """Seconds of the present words that were listened to, where the page's script counted them."""
        return request.form.get("after", type=float)

    for path, what in {
        "/close": close, "/text": text, "/dial": dial, "/answer": answer, "/decline": decline, "/keys": keys,
        "/wait": wait, "/hangup": hang_up, "/speak": speak, "/faults": faults,
    }.items():  # fmt: skip
        act(path, what)
    page("", "GET", show)
    page("/open", "POST", open)
    page("/network", "POST", network)
    page("/clock", "POST", clock)
    page("/sound/<name>", "GET", sound)
    page("/pulse", "GET", pulse)
    page("/phone.js", "GET", script)

    @pages.after_request
    def let_speak(response: Response) -> Response:
        response.headers["Permissions-Policy"] = "microphone=(self)"
        return response

    return pages
