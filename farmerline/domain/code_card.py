"""A printed card of one-time codes: the second factor of whoever has no authenticator at hand.

Kept are keyed digests, never the codes; a used one is "". Six digits alone would be guessed from plain hashes.
"""

from __future__ import annotations

import hmac
import re
import secrets

from farmerline import vault
from farmerline.models import Credential

CODES = 20
"""How many codes a card has."""


def draw(account_id: str) -> tuple[list[str], list[str]]:
    """The codes of a fresh card, no two alike, and their digests in the same order."""
    codes: dict[str, None] = {}
    while len(codes) < CODES:
        codes[f"{secrets.randbelow(1_000_000):06}"] = None
    return list(codes), [_digest(account_id, code) for code in codes]


def strike(credential: Credential, code: str) -> bool:
    """Use up a code of the person's card; False for one that is not on it, or not any more."""
    said = re.sub(r"\s", "", code)
    if not re.fullmatch(r"[0-9]{6}", said, re.ASCII):
        return False
    digest = _digest(credential.account_id, said)
    card = [str(kept) for kept in credential.card]
    fitting = [place for place, kept in enumerate(card) if hmac.compare_digest(kept, digest)]
    for place in fitting:
        card[place] = ""
    credential.card = card
    return bool(fitting)


def left(credential: Credential | None) -> int:
    """How many codes of the card are still good; 0 where there is no card."""
    return sum(1 for kept in credential.card if kept) if credential else 0


def _digest(account_id: str, code: str) -> str:
    return vault.current().index("card", f"{account_id}:{code}")
