"""How a request proves that it is ours: a closed list of recipes.

``acs3-hmac-sha256`` is Alibaba Cloud's signature version 3 for OpenAPI (help.aliyun.com, "V3版本请求体&签名机制", which asks
users of version 2 to change to it).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, model_validator

from channels.gateways import Keys
from channels.http.requests import Prepared
from channels.http.templates import Facts, fill, names

Encoding = Literal["hex", "HEX", "base64"]
_HASHES = {"md5": hashlib.md5, "sha1": hashlib.sha1, "sha256": hashlib.sha256}


class NoSign(Keys):
    """The carrier knows us by something else: our address, or a secret in the body."""

    recipe: Literal["none"] = "none"


class HeaderSign(Keys):
    """A token in a header."""

    recipe: Literal["header"] = "header"
    header: str = Field("Authorization", pattern=r"^[A-Za-z0-9-]+$", description="The header's name.")
    prefix: str = Field("", description="What stands before the token, such as `Bearer `.")
    token: SecretStr = Field(description="The token.")


class BasicSign(Keys):
    """A user and a password (RFC 7617)."""

    recipe: Literal["basic"] = "basic"
    user: str = Field(pattern=r"^[^:]+$", description="The user's name.")
    password: SecretStr = Field(description="The password.")


class HmacSign(Keys):
    """HMAC-SHA256 over words that the settings put together."""

    recipe: Literal["hmac-sha256"] = "hmac-sha256"
    secret: SecretStr = Field(description="The key.")
    over: str = Field(
        min_length=1,
        description="What is signed: placeholders, and {method}, {path}, {query}, {host}, {body}, {body_sha256}.",
    )
    header: str = Field(
        "",
        pattern=r"^[A-Za-z0-9-]*$",
        description="The header it goes into; without it, the placeholder {mac}.",
    )
    value: str = Field("{mac}", description="The header's value, with {mac} in it.")
    encoding: Encoding = Field("hex", description="`hex`, `HEX` or `base64`.")

    @model_validator(mode="after")
    def _check_order(self) -> Self:
        if not self.header and (late := set(names(self.over)) & _AFTER):
            raise ValueError(
                f"{{{late.pop()}}} is not known yet where {{mac}} stands in the request; give a header"
            )
        return self


class DigestSign(Keys):
    """A hash over words and a secret, put into the request by the placeholder {mac}: many carriers' older way."""

    recipe: Literal["digest"] = "digest"
    hash: Literal["md5", "sha1", "sha256"] = Field("md5", description="`md5`, `sha1` or `sha256`.")
    over: str = Field(min_length=1, description="What is hashed: placeholders, {secret.name} among them.")
    encoding: Encoding = Field("hex", description="`hex`, `HEX` or `base64`.")


class AliyunSign(Keys):
    """Alibaba Cloud's signature, version 3."""

    recipe: Literal["acs3-hmac-sha256"] = "acs3-hmac-sha256"
    key_id: SecretStr = Field(description="The AccessKey's id.")
    key_secret: SecretStr = Field(description="The AccessKey's secret.")


Sign = Annotated[
    NoSign | HeaderSign | BasicSign | HmacSign | DigestSign | AliyunSign, Field(discriminator="recipe")
]
_AFTER = frozenset({"method", "path", "query", "host", "body", "body_sha256"})
"""What is known only once the request is put together."""


def spoken(sign: Sign) -> tuple[list[str], frozenset[str]]:
    """The texts of a recipe in which placeholders stand, and those it knows beside the usual ones."""
    if isinstance(sign, HmacSign):
        return [sign.over], _AFTER if sign.header else frozenset()
    return ([sign.over] if isinstance(sign, DigestSign) else []), frozenset()


def gives_mac(sign: Sign) -> bool:
    """Whether the recipe fills the placeholder {mac}."""
    return isinstance(sign, DigestSign) or (isinstance(sign, HmacSign) and not sign.header)


def with_mac(sign: Sign, facts: Facts) -> Facts:
    """The facts with {mac}, where the recipe puts it into the request."""
    if isinstance(sign, DigestSign):
        digest = _HASHES[sign.hash](_bytes(fill(sign.over, facts))).digest()
        return replace(facts, mac=encode(digest, sign.encoding))
    if isinstance(sign, HmacSign) and not sign.header:
        return replace(facts, mac=encode(_hmac(sign, fill(sign.over, facts)), sign.encoding))
    return facts


def sign_request(sign: Sign, request: Prepared, facts: Facts) -> None:
    """Put the proof into the request's headers."""
    headers = request.headers
    match sign:
        case HeaderSign():
            headers[sign.header] = sign.prefix + sign.token.get_secret_value()
        case BasicSign():
            pair = f"{sign.user}:{sign.password.get_secret_value()}"
            headers["Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()
        case HmacSign() if sign.header:
            mac = encode(_hmac(sign, fill(sign.over, facts, after=known_after(request))), sign.encoding)
            headers[sign.header] = fill(sign.value, replace(facts, mac=mac))
        case AliyunSign():
            _sign_for_aliyun(sign, request, facts)


def known_after(request: Prepared) -> Mapping[str, str]:
    """What the finished request adds to the placeholders."""
    path, _, query = request.target.partition("?")
    return {
        "method": request.method,
        "path": path,
        "query": query,
        "host": request.host,
        "body": request.body.decode("utf-8", "replace"),
        "body_sha256": hashlib.sha256(request.body).hexdigest(),
    }


def encode(digest: bytes, encoding: Encoding) -> str:
    """A digest as carriers write it."""
    if encoding == "base64":
        return base64.b64encode(digest).decode()
    return digest.hex().upper() if encoding == "HEX" else digest.hex()


def _hmac(sign: HmacSign, words: str) -> bytes:
    return hmac.digest(sign.secret.get_secret_value().encode(), _bytes(words), "sha256")


def _sign_for_aliyun(sign: AliyunSign, request: Prepared, facts: Facts) -> None:
    headers = request.headers
    headers["x-acs-date"] = f"{facts.now:%Y-%m-%dT%H:%M:%SZ}"
    headers["x-acs-signature-nonce"] = facts.nonce
    headers["x-acs-content-sha256"] = hashlib.sha256(request.body).hexdigest()
    signed = {name.lower(): value.strip() for name, value in headers.items()} | {"host": request.host}
    signed = {
        name: signed[name]
        for name in sorted(signed)
        if name in ("host", "content-type") or name.startswith("x-acs-")
    }
    path, _, query = request.target.partition("?")
    canonical = "\n".join(
        [
            request.method,
            path,
            "&".join(sorted(query.split("&"))) if query else "",
            *(f"{name}:{value}" for name, value in signed.items()),
            "",
            ";".join(signed),
            headers["x-acs-content-sha256"],
        ]
    )
    words = f"ACS3-HMAC-SHA256\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    mac = hmac.new(sign.key_secret.get_secret_value().encode(), words.encode(), "sha256").hexdigest()
    headers["Authorization"] = (
        f"ACS3-HMAC-SHA256 Credential={sign.key_id.get_secret_value()},SignedHeaders={';'.join(signed)},Signature={mac}"
    )


def _bytes(words: str) -> bytes:
    return words.encode("utf-8", "replace")
