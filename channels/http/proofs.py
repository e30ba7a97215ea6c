"""How a carrier that calls us proves who it is. Without a proof nothing is believed: a forged receipt hides a lost alert."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, field_validator, model_validator

from channels.gateways import Keys
from channels.http.signing import Encoding, encode
from channels.http.templates import names, put

_SHORTEST = 16
_HEADER = "header."
_KNOWN = frozenset({"method", "path", "query", "url", "body", "body_sha256"})


@dataclass(frozen=True, slots=True)
class Call:
    """A webhook's request, as far as a proof needs it. Header names are in small letters; ``url`` is our public one."""

    method: str
    path: str
    query: str
    url: str
    headers: Mapping[str, str]
    arguments: Mapping[str, str]
    body: bytes
    at: datetime
    user: str = ""
    password: str = ""


class _Secret(Keys):
    @field_validator("token", "secret", "password", check_fields=False)
    @classmethod
    def _check_length(cls, value: SecretStr) -> SecretStr:
        if len(value.get_secret_value()) < _SHORTEST:
            raise ValueError(f"must have at least {_SHORTEST} characters")
        return value


class TokenProof(_Secret):
    """A token that only the carrier knows, in a header or in the address."""

    recipe: Literal["token"] = "token"
    header: str = Field("", description="The header that holds it.")
    query: str = Field("", description="The field of the address that holds it.")
    prefix: str = Field("", description="What stands before it in the header, such as `Bearer `.")
    token: SecretStr = Field(description="The token, 16 characters at least.")

    @model_validator(mode="after")
    def _check_place(self) -> Self:
        if bool(self.header) == bool(self.query):
            raise ValueError("needs either header or query: where the token stands")
        return self

    def holds(self, call: Call) -> bool:
        """Whether the call proves that it is the carrier's."""
        given = (
            call.headers.get(self.header.lower(), "") if self.header else call.arguments.get(self.query, "")
        )
        return _same(self.prefix + self.token.get_secret_value(), given)


class BasicProof(_Secret):
    """A user and a password."""

    recipe: Literal["basic"] = "basic"
    user: str = Field(min_length=1, description="The user's name.")
    password: SecretStr = Field(description="The password, 16 characters at least.")

    def holds(self, call: Call) -> bool:
        """Whether the call proves that it is the carrier's."""
        right = _same(self.password.get_secret_value(), call.password)
        return _same(self.user, call.user) and right


class HmacProof(_Secret):
    """HMAC-SHA256 over what was sent. With ``time_header``, an old call is refused even if it is well signed."""

    recipe: Literal["hmac-sha256"] = "hmac-sha256"
    secret: SecretStr = Field(description="The key, 16 characters at least.")
    header: str = Field(min_length=1, description="The header that holds the signature.")
    prefix: str = Field("", description="What stands before it in the header, such as `sha256=`.")
    over: str = Field(
        "{body}",
        description="What is signed: {body}, {body_sha256}, {method}, {path}, {query}, {url}, {header.name}.",
    )
    encoding: Encoding = Field("hex", description="`hex`, `HEX` or `base64`.")
    time_header: str = Field("", description="The header with the time in seconds (or ms) since 1970.")
    max_age: int = Field(300, ge=10, le=3600, description="Seconds that a call may be old, with time_header.")

    @model_validator(mode="after")
    def _check_over(self) -> Self:
        used = set(names(self.over))
        if wrong := [name for name in used if name not in _KNOWN and not name.startswith(_HEADER)]:
            raise ValueError(f"{{{wrong[0]}}} stands for nothing in over")
        if not used & {"body", "body_sha256"}:
            raise ValueError("over does not hold {body}: anybody could put other words under the signature")
        if self.time_header and f"{_HEADER}{self.time_header.lower()}" not in used:
            raise ValueError(
                f"over does not hold {{{_HEADER}{self.time_header.lower()}}}: the time would prove nothing"
            )
        return self

    def holds(self, call: Call) -> bool:
        """Whether the call proves that it is the carrier's."""
        if self.time_header and not self._is_fresh(call):
            return False
        known = {
            "method": call.method, "path": call.path, "query": call.query, "url": call.url,
            "body": call.body.decode("utf-8", "surrogateescape"), "body_sha256": sha256(call.body).hexdigest(),
            **{f"{_HEADER}{name}": value for name, value in call.headers.items()},
        }  # fmt: skip
        words = put(self.over, known).encode("utf-8", "surrogateescape")
        mac = encode(hmac.digest(self.secret.get_secret_value().encode(), words, "sha256"), self.encoding)
        return _same(self.prefix + mac, call.headers.get(self.header.lower(), ""))

    def _is_fresh(self, call: Call) -> bool:
        said = call.headers.get(self.time_header.lower(), "")
        if not (said.isascii() and said.isdecimal() and len(said) <= 14):
            return False
        seconds = int(said) / (1000 if len(said) > 11 else 1)
        return abs(call.at.timestamp() - seconds) <= self.max_age


Proof = Annotated[TokenProof | BasicProof | HmacProof, Field(discriminator="recipe")]


def _same(wanted: str, given: str) -> bool:
    """Whether the two are the same, in a time that does not tell how far they are."""
    return hmac.compare_digest(wanted.encode("utf-8", "replace"), given.encode("utf-8", "replace"))
