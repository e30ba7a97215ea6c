"""What an alert that is being written would look like on a phone."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from farmerline import parts
from farmerline.clock import local
from farmerline.config import Settings
from farmerline.domain import alert_words
from farmerline.domain.spoken import seconds_of
from farmerline.models import Alert, AlertKind, Colour, Counter
from farmerline.queries import longest_text
from farmerline.queries.longest_text import Longest


@dataclass(frozen=True, slots=True)
class Words:
    """A text as it arrives: ``before`` and ``after`` its own words stands what is added.

    ``unsigned`` is all of it but the signature. ``parts`` is what one costs, ``longest`` what the worst recipient
    gets; ``seconds`` how long the call's words last.
    """

    before: str
    text: str
    after: str
    unsigned: str
    parts: int
    said: str
    seconds: float
    longest: Longest

    @property
    def added(self) -> int:
        """Signs that are added to the text's own."""
        return len(self.before) + len(self.after)


def words(
    session: Session,
    *,
    colour: Colour | None,
    exercise: bool,
    short_text: str,
    voice_text: str,
    alert: Alert | None,
    settings: Settings,
    now: datetime,
    area_codes: Collection[str] = (),
) -> Words:
    """The words as they would leave now; without a colour they have no beginning yet."""
    shown = Alert(
        year=local(now).year,
        serial=alert.serial if alert else _next_serial(session, exercise, now),
        exercise=exercise,
        kind=alert.kind if alert else AlertKind.ALERT,
        colour=colour or Colour.BLUE,
        short_text=short_text,
        voice_text=voice_text,
    )
    whole = alert_words.as_sent(shown) if colour else short_text.strip()
    sent = parts.with_signature(whole, settings.sms_signature)
    start = sent.rfind(short_text.strip()) if short_text.strip() else -1
    end = start + len(short_text.strip())
    before, after = (sent[:start], sent[end:]) if start >= 0 else _around(shown, sent, colour)
    return Words(
        before=before,
        text=short_text.strip(),
        after=after,
        unsigned=whole,
        parts=parts.count(whole, settings.sms_signature).parts,
        said=alert_words.as_spoken(shown) if voice_text else "",
        seconds=seconds_of(alert_words.as_spoken(shown), "zh") if voice_text else 0.0,
        longest=longest_text.find(
            session,
            lambda language: alert_words.as_sent(shown, language) if colour else whole,
            area_codes=area_codes,
            settings=settings,
        ),
    )


def _around(shown: Alert, sent: str, colour: Colour | None) -> tuple[str, str]:
    """What stands before and after words that are not written yet."""
    if colour is None:
        return sent, ""
    head = alert_words.head(shown)
    cut = sent.rfind(head) + len(head)
    return sent[:cut], sent[cut:]


def _next_serial(session: Session, exercise: bool, now: datetime) -> int:
    name = f"{'drill' if exercise else 'alert'}-{local(now).year}"
    return (session.scalar(select(Counter.value).where(Counter.name == name)) or 0) + 1
