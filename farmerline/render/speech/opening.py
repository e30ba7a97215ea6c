"""The voice that a county's settings describe."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from farmerline.config import Settings
from farmerline.errors import Misconfigured
from farmerline.render.speech import Speech
from farmerline.render.speech.engines import Command, Engine, Espeak, Http
from farmerline.render.speech.pronunciation import Pronunciation
from farmerline.render.speech.recordings import Recordings

READINGS = "pronunciation.tsv"
_HERE = frozenset({"127.0.0.1", "::1", "localhost"})


def open_speech(settings: Settings, phrases: Mapping[str, str] | None = None) -> Speech:
    """The voice; with ``phrases`` (name to words) recordings of them are played in their place."""
    folder = folder_of(settings)
    return Speech(
        settings.home / "speech",
        engine_of(settings),
        Pronunciation(folder / READINGS),
        Recordings(folder, phrases or {}),
    )


def folder_of(settings: Settings) -> Path:
    """Where the county's recordings and readings lie."""
    return settings.speech_folder or settings.home / "voice"


def engine_of(settings: Settings) -> Engine:
    """The county's own engine, else the built-in one. Raises ``Misconfigured`` for an address that hears too much."""
    if settings.speech_command:
        return Command(settings.speech_command, settings.speech_seconds)
    if settings.speech_url:
        parts = urlsplit(settings.speech_url)
        if parts.hostname not in _HERE and (parts.scheme != "https" or settings.mode != "production"):
            raise Misconfigured(
                "FARMERLINE_SPEECH_URL is told letters: give an https:// address, or one of this machine (a demo: the latter)."
            )
        return Http(settings.speech_url, settings.speech_seconds, settings.speech_token.get_secret_value())
    return Espeak()
