"""What one person takes in a year where a county has no record of its own yet: numbers that are stated, and can be changed."""

from __future__ import annotations

from dataclasses import dataclass, fields

from farmerline.domain.costs import Use, minutes
from farmerline.models import Purpose


@dataclass(frozen=True, slots=True)
class Assumptions:
    """Shares are 0 to 1. Rates are for one person and a year unless they say otherwise."""

    alerts_a_year: float = 12.0
    parts_an_alert: float = 1.0
    follow_ups_an_alert: float = 0.5
    people_a_phone: float = 1.3
    ringing_share: float = 0.25
    unconfirmed_share: float = 0.4
    answered_share: float = 0.6
    call_seconds: float = 30.0
    service_parts_a_year: float = 6.0
    match_parts_a_year: float = 4.0
    letter_parts_a_year: float = 2.0
    tips_a_year: float = 24.0

    def uses(self) -> tuple[Use, ...]:
        """What a person takes, by purpose."""
        texts = (
            self.alerts_a_year * self.parts_an_alert * (1 + self.follow_ups_an_alert) / self.people_a_phone
        )
        rung = self.alerts_a_year * self.ringing_share * self.unconfirmed_share / self.people_a_phone
        calls = rung * self.answered_share
        return (
            Use(Purpose.ALERT, parts=texts, calls=calls, minutes=calls * minutes(self.call_seconds)),
            Use(Purpose.SERVICE, parts=self.service_parts_a_year),
            Use(Purpose.MATCH, parts=self.match_parts_a_year),
            Use(Purpose.LETTER, parts=self.letter_parts_a_year),
            Use(Purpose.TIPS, parts=self.tips_a_year),
        )


MEANING = {
    "alerts_a_year": "alerts that reach one person in a year",
    "parts_an_alert": "SMS parts of an alert",
    "follow_ups_an_alert": "updates, cancellations and all-clears that follow an alert",
    "people_a_phone": "people who share a phone, which is texted and rung once",
    "ringing_share": "share of alerts that ring: orange and red",
    "unconfirmed_share": "share of people who have not confirmed when the ringing begins",
    "answered_share": "share of those rung who pick up, in the end",
    "call_seconds": "seconds that a call lasts once it is answered",
    "service_parts_a_year": "SMS parts of answers and read-backs to one person",
    "match_parts_a_year": "SMS parts about matches to one person",
    "letter_parts_a_year": "SMS parts about letters to one person",
    "tips_a_year": "SMS parts of tips and daily news to one person",
}
"""What each number means, as message ids."""
PURPOSE = {
    **dict.fromkeys(
        ("alerts_a_year", "parts_an_alert", "follow_ups_an_alert", "people_a_phone", "ringing_share", "unconfirmed_share",
         "answered_share", "call_seconds"), Purpose.ALERT,
    ),
    "service_parts_a_year": Purpose.SERVICE,
    "match_parts_a_year": Purpose.MATCH,
    "letter_parts_a_year": Purpose.LETTER,
    "tips_a_year": Purpose.TIPS,
}  # fmt: skip
"""Which purpose's line a number goes into."""
SHARES = frozenset({"ringing_share", "unconfirmed_share", "answered_share"})
NAMES = tuple(one.name for one in fields(Assumptions))
