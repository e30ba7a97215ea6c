"""Sealing of personal data, and the keyed index by which it can be looked up.

AES-256-GCM with a fresh 96-bit nonce per value. The additional data bind a sealed value to its table, column
and row, so that a value copied into another row does not open. A key's id stands before the sealed value,
so that old rows open after a new key is taken into use. Keys come from settings, never from the database.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import os
from collections.abc import Mapping
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from farmerline.errors import Misconfigured

_NONCE = 12


class Unsealable(Exception):
    """A sealed value does not open: wrong key, wrong row, or it was changed."""


class Vault:
    """Seals and opens values; ``index`` gives an equal token for equal values, useless without its key."""

    def __init__(self, keys: Mapping[str, bytes], current: str, index_key: bytes) -> None:
        if current not in keys:
            raise Misconfigured(
                f"The vault's current key {current!r} is not among its keys; add it to FARMERLINE_VAULT_KEYS."
            )
        if any(len(key) != 32 for key in keys.values()) or len(index_key) != 32:
            raise Misconfigured("A vault key must be 32 bytes in base64; make one with `farmerline key`.")
        self._ciphers = {name: AESGCM(key) for name, key in keys.items()}
        self._current = current
        self._index_key = index_key

    @property
    def current_name(self) -> str:
        """The id of the key that seals."""
        return self._current

    @property
    def names(self) -> tuple[str, ...]:
        """The ids of all keys."""
        return tuple(self._ciphers)

    def seal(self, value: str, *, place: str) -> str:
        """Seal text for one place, written ``table.column:row id``."""
        return f"{self._current}:{base64.b64encode(self._encrypt(value.encode(), place)).decode()}"

    def open(self, sealed: str, *, place: str) -> str:
        """The text again; raises ``Unsealable``."""
        name, _, body = sealed.partition(":")
        try:
            return self._decrypt(name, base64.b64decode(body, validate=True), place).decode()
        except ValueError as error:
            raise Unsealable(place) from error

    def seal_bytes(self, value: bytes, *, place: str) -> bytes:
        """Seal a recording or a picture."""
        return self._current.encode() + b":" + self._encrypt(value, place)

    def open_bytes(self, sealed: bytes, *, place: str) -> bytes:
        """The bytes again; raises ``Unsealable``."""
        name, _, body = sealed.partition(b":")
        return self._decrypt(name.decode("ascii", "replace"), body, place)

    def index(self, kind: str, value: str) -> str:
        """The look-up token of a phone or resident number: HMAC-SHA-256, 64 hexadecimal characters."""
        return hmac.new(self._index_key, f"{kind}:{value}".encode(), sha256).hexdigest()

    def _encrypt(self, value: bytes, place: str) -> bytes:
        nonce = os.urandom(_NONCE)
        return nonce + self._ciphers[self._current].encrypt(nonce, value, place.encode())

    def _decrypt(self, name: str, body: bytes, place: str) -> bytes:
        cipher = self._ciphers.get(name)
        if cipher is None:
            raise Unsealable(f"{place}: no key {name!r}")
        try:
            return cipher.decrypt(body[:_NONCE], body[_NONCE:], place.encode())
        except (InvalidTag, ValueError) as error:  # ValueError: cut so short that no nonce is left
            raise Unsealable(place) from error


_installed: list[Vault] = []


def install(vault: Vault) -> None:
    """Make this the process's vault: the models' sealed properties use it."""
    _installed[:] = [vault]


def current() -> Vault:
    """The process's vault; a program error when none is installed."""
    if not _installed:
        raise RuntimeError("no vault installed")
    return _installed[0]


def phone_index(phone: str) -> str:
    """The look-up token of an E.164 number."""
    return current().index("phone", phone)


def stop_key(delivery_id: str) -> str:
    """What makes a link to end copies by e-mail ours: nobody else can make it for a message."""
    return current().index("stop-mail", delivery_id)[:32]


def make_key() -> str:
    """A fresh 32-byte key in base64."""
    return base64.b64encode(os.urandom(32)).decode()


def read_key(text: str) -> bytes:
    """A key from base64; raises ``Misconfigured`` with what to do."""
    try:
        return base64.b64decode(text.strip(), validate=True)
    except binascii.Error as error:
        raise Misconfigured(
            "A vault key must be 32 bytes in base64; make one with `farmerline key`."
        ) from error
