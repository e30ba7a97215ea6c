"""每日一助 for everybody: today's seller, what came of the days before, and the rule by which the turn goes."""

from __future__ import annotations

from flask import render_template

from farmerline.clock import local
from farmerline.queries import deals_public, deals_report, digest
from farmerline.web.doors import allow, now, reading, settings
from farmerline.web.language import _, current_language

_RULE = (
    (
        "Each morning at {time} one seller of the county has the day: an offer that has been open for a day, with an amount "
        "left, of somebody whose ID was seen, and promised to nobody."
    ),
    (
        "Who never had the day goes first, then whose day lies longest back; nobody twice in {days} days. Among these small lots "
        "go first, then people without a firm, then the offer that waits longest."
    ),
    (
        "It is told only to likely buyers who asked for it: who bought the same, looked for it in half a year, subscribed to it, "
        "or trades in it. Never to all, never to the seller's own household, to {people} at most."
    ),
    "Nobody gets more than {tips} tips in seven days, none at night. Where nobody fits there is no seller that day.",
)


@allow("public")
def show() -> str:
    """Masked names only; no numbers of phones."""
    config, today = settings(), local(now()).date()
    with reading() as rows:
        found = digest.days(rows, county=config.county, language=current_language(), now=now())
        sold = deals_public.ledger(rows, area=config.county, period=deals_report.period("", "", now=now()))
    return render_template(
        "public/daily.html",
        today=next((one for one in found if one.day == today), None),
        days=[one for one in found if one.day != today],
        rule=rule(),
        deals=sold.deals,
        tonnes=sold.tonnes,
    )


def rule() -> list[str]:
    """How the turn goes, in sentences with the county's own numbers."""
    config = settings()
    return [
        _(
            sentence,
            time=config.digest_at,
            days=config.digest_seller_days,
            people=config.digest_readers,
            tips=config.tips_in_7_days,
        )
        for sentence in _RULE
    ]
