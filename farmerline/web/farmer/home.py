"""The farmer's home: first what waits for an answer, alerts above all, then the four keys, own posts, letters."""

from __future__ import annotations

from flask import render_template

from farmerline.config import Module
from farmerline.domain import Account, areas, mailbox, units
from farmerline.queries import board, farmer, letters, own_alerts, sightings, surveys
from farmerline.web.doors import actor, allow, now, reading, settings
from farmerline.web.farmer.shown import kept_choices, key_entries, own_row, question
from farmerline.web.language import current_language


@allow("signed_in")
def show() -> str:
    language = current_language()
    has_mailbox = settings().has(Module.MAILBOX)
    with reading() as rows:
        account = rows.get_one(Account, actor().account_id)
        kinds = board.kinds(rows)
        alerts, others = [], []
        if settings().has(Module.ALERTS):
            alerts = own_alerts.waiting(rows, account, now=now())
            waits = {one.id for one in alerts}
            others = [one for one in own_alerts.in_force(rows, account, now=now()) if one.id not in waits]
        return render_template(
            "farmer/home.html",
            alerts=alerts,
            others=others,
            name=account.name,
            place=areas.path_name(rows, account.area_code),
            crops=[row.concept for row in account.crops],
            questions=[question(asked) for asked in farmer.waiting(rows, account, language=language)],
            keys=key_entries(settings()),
            kinds=[(kind.code, kind.name(language)) for kind in kinds if kind.text_only],
            posts=[own_row(post, kinds) for post in farmer.own_posts(rows, account, now=now())],
            sightings=sightings.of_person(rows, account.id, limit=5) if settings().has(Module.ALERTS) else [],
            letters=letters.threads(rows, account, limit=3) if has_mailbox else None,
            unread=mailbox.count_unread(rows, account) if has_mailbox else 0,
            sends=units.may_send(rows, actor(), now=now()),
            surveyed=surveys.own_answers(rows, account, now=now()),
            choices=kept_choices(farmer.choices(rows, account), settings()),
        )
