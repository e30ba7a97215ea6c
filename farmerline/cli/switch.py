"""``farmerline pbx``: the bureau's own switch."""

from __future__ import annotations

from contextlib import suppress

import click
from waitress.server import create_server

from channels.registry import build_texts
from channels.switch.build import Plan, build
from channels.voice import recogniser
from farmerline import logs
from farmerline.cli.running import heed_end, refuse_taken
from farmerline.clock import SystemClock
from farmerline.config import Settings, read_settings
from farmerline.config.switch import address
from farmerline.errors import Misconfigured
from farmerline.render.speech import is_voice_installed
from farmerline.render.speech.opening import open_speech

_THREADS = 8
_HEARING_SECONDS = 10.0  # the caller waits for it


@click.command()
def pbx() -> None:
    """Answer and place calls by an Asterisk of the bureau's own (docs/own-switch.md).

    To the service it looks like Twilio: set FARMERLINE_TWILIO_API to its address.
    """
    settings = read_settings()
    plan = make_plan(settings)
    if not (is_voice_installed() or settings.speech_command or settings.speech_url):
        raise Misconfigured(
            "No voice is installed, and a switch without one says nothing: pip install espeakng-loader."
        )
    refuse_taken(settings.pbx_listen, "FARMERLINE_PBX_LISTEN")
    refuse_taken(settings.pbx_agi, "FARMERLINE_PBX_AGI")
    logs.set_up()
    speech = open_speech(settings)
    command = settings.pbx_recogniser
    places = recogniser.Places(settings.recogniser_text, settings.recogniser_sureness)
    ear = (
        recogniser.Command(recogniser.split(command, "FARMERLINE_PBX_RECOGNISER"), places, _HEARING_SECONDS)
        if command
        else None
    )
    sms = build_texts(settings.pbx_gateways, settings.public_url) if settings.pbx_gateways else None
    parts = build(plan, speech, SystemClock().now, ear, sms)
    host, port = address(settings.pbx_listen)
    server = create_server(parts.app, host=host, port=port, threads=_THREADS, ident="")
    heed_end()
    with parts.open():
        there = parts.switch.manager.is_there(3)
        click.echo(
            f"farmerline pbx: {settings.pbx_listen}, Asterisk {'is there' if there else 'is not there yet'}"
        )
        with suppress(KeyboardInterrupt):
            server.run()


def make_plan(settings: Settings) -> Plan:
    """What the switch needs of the settings; raises ``Misconfigured``."""
    token, secret = (
        settings.twilio_auth_token.get_secret_value(),
        settings.pbx_manager_secret.get_secret_value(),
    )
    if not (settings.twilio_account_sid and token and settings.twilio_number and secret):
        raise Misconfigured(
            "The switch needs FARMERLINE_TWILIO_ACCOUNT_SID, _AUTH_TOKEN and _NUMBER (the service's own, made up by"
            " `farmerline init`) and FARMERLINE_PBX_MANAGER_SECRET (as in Asterisk's local-manager.conf)."
        )
    folder = settings.pbx_folder or settings.home / "pbx"
    return Plan(
        account_sid=settings.twilio_account_sid,
        auth_token=token,
        number=settings.twilio_number,
        public_url=settings.public_url,
        hooks=settings.pbx_hooks,
        agi=address(settings.pbx_agi),
        manager=address(settings.pbx_manager),
        manager_secret=secret,
        dial=settings.pbx_dial,
        folder=folder.absolute(),
        store=settings.home / "pbx.db",
        calls=settings.pbx_calls,
    )
