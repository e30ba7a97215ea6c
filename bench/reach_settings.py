"""What is put into the simulated county: each parameter, its value in three settings, and where the value comes from.

"assumed" means that nobody has measured it for us: the figures that come out are no better than these.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

KILKARI = (
    "Bashingwa et al., Assessing exposure to Kilkari, BMJ Global Health 2021;6:e005213 "
    "(routine recorded calls in rural India: 50 % picked up at the first try, 76 % by the third; "
    "of those picked up 43 % were listened to for three quarters or more)"
)


@dataclass(frozen=True, slots=True)
class Behaviour:
    """Shares are 0 to 1. ``answers`` is the chance that a phone that is on is picked up at the first call, and at each
    later one. ``contact_visit_minutes`` is one household, the way there included."""

    calls_per_s: float
    texts_per_s: float
    off: float
    answers: tuple[float, float]
    hears_out: float
    presses_one: float
    replies: float
    reply_minutes: float
    contacts_at_work: float
    contact_starts_minutes: float
    contact_visit_minutes: float
    at_home: float
    town_helpers: int


SETTINGS = {
    "good": Behaviour(40.0, 200.0, 0.30, (0.80, 0.60), 0.92, 0.60, 0.25, 6.0, 0.99, 10.0, 4.0, 0.92, 4),
    "usual": Behaviour(25.0, 100.0, 0.30, (0.70, 0.60), 0.85, 0.50, 0.12, 10.0, 0.95, 20.0, 6.0, 0.85, 3),
    "bad": Behaviour(10.0, 50.0, 0.30, (0.50, 0.30), 0.43, 0.20, 0.03, 20.0, 0.80, 45.0, 10.0, 0.70, 1),
}
SHARES_PHONE = 0.15
"""Of the people, so many have no phone of their own and are told by another's of the household."""
NO_PHONE = 0.005
RING_SECONDS, OFF_SECONDS, VISIT_AGAIN_MINUTES = 30, 8, 60
SOURCES = {
    "calls_per_s": "what the county rents; settings FARMERLINE_CALL_RATE. The good and usual ones: 2400 and 1500 a minute",
    "texts_per_s": "what the county rents; FARMERLINE_SMS_RATE",
    "off": "given: 30 % of the phones are off or dead, and stay so",
    "answers": f"bad: {KILKARI}. Good and usual: assumed, for a text comes first and the number is known",
    "hears_out": f"bad: the share above for three quarters of {KILKARI.split(',')[0]}; good and usual: assumed, the words last 10 s",
    "presses_one": "assumed, of those who hear it out; the others count as heard",
    "replies": "assumed, of phones that are on",
    "reply_minutes": "assumed: the median time to the reply; half of them reply between half and twice of it",
    "contacts_at_work": "assumed: the others do nothing, their people go to the town after 60 minutes",
    "contact_starts_minutes": "assumed: from the first name on the list to the first visit",
    "contact_visit_minutes": "assumed: one household with the way there",
    "at_home": f"assumed: else the household is visited again after {VISIT_AGAIN_MINUTES} minutes",
    "town_helpers": "assumed: how many of each town go to whom nobody has gone",
    "shares_phone": f"assumed: {SHARES_PHONE:.0%} of the people",
    "no_phone": f"assumed: {NO_PHONE:.1%} of the people have none and read no letters",
    "left out": "people who ring back by themselves, neighbours who pass it on, loudspeakers: the real county does better there",
}


def as_json(name: str) -> dict[str, object]:
    """The parameters of one setting."""
    return {**asdict(SETTINGS[name]), "shares_phone": SHARES_PHONE, "no_phone": NO_PHONE}
