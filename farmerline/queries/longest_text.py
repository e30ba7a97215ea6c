"""The longest text that anybody of an audience would get: its words differ by language, its signature by connection."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from farmerline import parts
from farmerline.config import Settings
from farmerline.domain import areas
from farmerline.messages import Channel
from farmerline.models import Account, AccountState, GatewayRow
from farmerline.words import DEFAULT_LANGUAGE

_MANY = 50
"""Places of which each is asked for by itself; of more, their counties are."""


@dataclass(frozen=True, slots=True)
class Longest:
    """What the worst recipient would read: all of it, in how many parts, in which language."""

    text: str
    characters: int
    parts: int
    language: str


def find(
    session: Session, as_sent: Callable[[str], str], *, area_codes: Collection[str], settings: Settings
) -> Longest:
    """The text that takes most parts; of equal ones the longest. ``as_sent`` gives it in a language, without signature.

    Languages are those of verified people of the areas; signatures those of every connection that carries texts.
    """
    made = [
        (counted.parts, counted.characters, language, parts.with_signature(text, signature))
        for language in _languages(session, area_codes)
        for signature in _signatures(session, settings)
        for text in [as_sent(language)]
        for counted in [parts.count(text, signature)]
    ]
    most, signs, language, text = max(made, key=lambda one: (one[0], one[1]))
    return Longest(text, signs, most, language)


def _languages(session: Session, area_codes: Collection[str]) -> set[str]:
    codes = {code for code in area_codes if code.isascii() and code.isdecimal()}
    if len(codes) > _MANY:
        codes = {code[:6] for code in codes}
    if not codes:
        return {DEFAULT_LANGUAGE}
    inside = or_(*(areas.inside(Account.area_code, code) for code in sorted(codes)))
    read = select(Account.language).where(Account.state == AccountState.VERIFIED, inside).distinct()
    return {DEFAULT_LANGUAGE, *session.scalars(read)}


def _signatures(session: Session, settings: Settings) -> set[str]:
    known = set(session.scalars(select(GatewayRow.signature).where(GatewayRow.channel == Channel.SMS)))
    return known or {settings.sms_signature}
