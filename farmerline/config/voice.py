"""The voice line."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, Field, SecretStr


class VoiceSettings(BaseModel):
    """The voice line."""

    recording_seconds: int = Field(120, ge=10, le=600, description="The longest message a caller may leave.")
    missed_call_number: str = Field(
        "",
        description="A number of the line (E.164) that is only rung: the call is refused and rung back at once; empty: none.",
        pattern=r"^(\+\d{6,15})?$",
    )
    missed_calls_an_hour: int = Field(
        200, ge=1, description="Calls an hour that are rung back at most; each phone once."
    )
    recogniser: Literal["none", "carrier", "command", "http"] = Field(
        "none",
        description="Who writes down what callers say (docs/voice.md): `none` (the contact points), the `carrier` in the call, or"
        " your own model by a `command` or by `http`. Nothing is published before the caller heard it and said yes.",
    )
    recogniser_command: str = Field(
        "",
        description="The command: WAV (8,000 Hz) on its input, or in the file put for `{file}`; `zh` or `en` as its last word.",
    )
    recogniser_url: str = Field(
        "",
        description="Where recordings are posted: `https://…`, or `http://` on this machine.",
        pattern=r"^(https?://\S+)?$",
    )
    recogniser_token: SecretStr = Field(
        SecretStr(""), description="The token for it (`Authorization: Bearer …`); empty: none."
    )
    recogniser_field: str = Field(
        "",
        description="The form's field that holds the recording; empty: the request's body is the recording.",
        max_length=40,
    )
    recogniser_text: str = Field(
        "",
        description="Where the words stand in a JSON answer, e.g. `result.0.text`; empty: the whole answer is the words.",
    )
    recogniser_sureness: str = Field(
        "",
        description="Where it says how sure it is, from 0 to 1, e.g. `result.0.confidence`; empty: it does not.",
    )
    recogniser_least: float = Field(
        0.5, ge=0, le=1, description="Words that the recogniser is less sure of go to the listening desk."
    )
    recogniser_seconds: float = Field(
        30.0, gt=0, le=600, description="Seconds that a command or a service may take for one recording."
    )
    recording_days: int = Field(
        180,
        ge=1,
        le=3650,
        description="Days that the sound of what callers said is kept; words that were written down stay.",
    )
    speech_folder: Path | None = Field(
        None,
        description="The folder of the county's recordings and of how its words are read; empty: `voice` in the home folder.",
    )
    speech_command: str = Field(
        "",
        description="A voice of the county's own: a program, words on standard input, a WAV file out; empty: none.",
    )
    speech_url: str = Field(
        "",
        description="The same as a service: JSON with text, language and speed is posted there, a WAV file comes back.",
        pattern=r"^(https?://\S+)?$",
    )
    speech_token: SecretStr = Field(
        SecretStr(""), description="What that service is shown (Authorization: Bearer)."
    )
    speech_seconds: float = Field(
        4.0,
        gt=0,
        le=60,
        description="How long that voice may take for a sentence before the built-in one says it.",
    )
    say_voice: str = Field("Polly.Zhiyu", description="Twilio's voice for Chinese.", pattern=r"^[\w.-]+$")
    say_voice_english: str = Field(
        "Polly.Joanna", description="Twilio's voice for English.", pattern=r"^[\w.-]+$"
    )
