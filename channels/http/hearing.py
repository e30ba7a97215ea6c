"""What a carrier tells us, called or asked: what became of our texts, and what people texted."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Self

from pydantic import Field, field_validator, model_validator

from channels.contract import Reason
from channels.gateways import Keys
from channels.http.places import Place, Said
from channels.http.proofs import Proof
from farmerline.messages import Channel, Incoming, Receipt, ReceiptState

_DELIVERY = re.compile(r"[0-9a-f]{32}")
_NUMBER = re.compile(r"[+0-9][0-9]{2,17}")
_HOME = re.compile(r"1[0-9]{10}")


class Unfit(ValueError):
    """An entry that lacks what the settings say it holds."""


class Reported(Keys):
    """Where an entry says what became of a message."""

    list: Place | None = Field(
        None, description="Where the entries are; without it, the whole is the list, or one entry."
    )
    ref: Place | None = Field(None, description="Where an entry has the carrier's id of the message.")
    delivery: Place | None = Field(None, description="Where it has our own id, if the carrier gives it back.")
    state: Place = Field(description="Where it has the state.")
    states: dict[str, ReceiptState] = Field(
        min_length=1,
        description="From the carrier's words to `sent`, `delivered`, `failed`; others say nothing to us.",
    )
    code: Place | None = Field(None, description="Where it has the code of a failure.")

    @model_validator(mode="after")
    def _check_name(self) -> Self:
        if not (self.ref or self.delivery):
            raise ValueError("does not say whose state it is; give ref or delivery")
        return self

    def read(self, entry: Said, gateway: str, reasons: Mapping[str, Reason], at: datetime) -> Receipt | None:
        """The receipt in an entry; None for a state that says nothing to us. Raises ``Unfit``."""
        word = entry.at(self.state)
        ours = (entry.at(self.delivery) or "") if self.delivery else ""
        ours = ours if _DELIVERY.fullmatch(ours) else ""
        ref = ((entry.at(self.ref) or "") if self.ref else "") or ours
        if word is None or not ref.strip():
            raise Unfit
        state = self.states.get(word)
        if state is None:
            return None
        code = (entry.at(self.code) or "") if self.code else ""
        failed = state is ReceiptState.FAILED
        return Receipt(
            gateway=gateway,
            ref=ref.strip()[:64],
            state=state,
            at=at,
            delivery_id=ours or None,
            reason=reasons.get(code, Reason.REFUSED) if failed else None,
            code=code[:16] if failed else "",
        )


class Written(Keys):
    """Where an entry says what somebody texted."""

    list: Place | None = Field(
        None, description="Where the entries are; without it, the whole is the list, or one entry."
    )
    ref: tuple[Place, ...] = Field(
        min_length=1,
        description="Where it has the carrier's id of the text, or several places that tell it from others.",
    )
    sender: Place = Field(description="Where it has the sender's number.")
    text: Place = Field(description="Where it has the words.")
    to: Place | None = Field(None, description="Where it has the number that was texted.")

    @field_validator("ref", mode="before")
    @classmethod
    def _one_or_more(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value

    def read(self, entry: Said, gateway: str, at: datetime) -> Incoming:
        """The text in an entry. Raises ``Unfit``. NUL cannot be stored everywhere: it is left out of the words."""
        sender, words = entry.at(self.sender), entry.at(self.text)
        parts = [entry.at(place) for place in self.ref]
        number = international(sender or "")
        if words is None or not number or any(part is None for part in parts):
            raise Unfit
        ref = str(parts[0]).strip()
        if len(parts) > 1 or len(ref) > 80:
            ref = hashlib.sha256(
                "\0".join(str(part) for part in parts).encode("utf-8", "replace")
            ).hexdigest()
        if not ref:
            raise Unfit
        return Incoming(
            channel=Channel.SMS,
            gateway=gateway,
            ref=ref,
            sender=number,
            to=((entry.at(self.to) or "") if self.to else "")[:32],
            text=words.replace("\0", ""),
            received_at=at,
            raw=entry.text,
        )


class Hook(Keys):
    """A webhook: how the carrier proves itself, how its words are packed, what it wants to hear."""

    verify: Proof = Field(description="How the carrier proves that it is the carrier.")
    body: str = Field("json", pattern="^(json|form)$", description="`json` or `form`.")
    field: str = Field("", description="The field of a form that holds JSON, if one does.")
    answer: dict[str, Any] | str = Field(
        "", description="What the carrier wants to hear: words, or a table sent as JSON."
    )


class ReceiptHook(Hook, Reported):
    """``/hooks/<name>/receipts``."""


class InboundHook(Hook, Written):
    """``/hooks/<name>/inbound``."""


def international(number: str) -> str:
    """A sender's number in E.164; what is no number of a person (a short code) stays as it is; empty for no number."""
    digits = re.sub(r"[\s()-]", "", number)
    if not _NUMBER.fullmatch(digits):
        return ""
    if digits.startswith("+"):
        return digits
    if digits.startswith("00"):
        return f"+{digits[2:]}"
    if _HOME.fullmatch(digits):
        return f"+86{digits}"
    if digits.startswith("86") and _HOME.fullmatch(digits[2:]):
        return f"+{digits}"
    return digits
