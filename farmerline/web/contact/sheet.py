"""The wall sheet of a village, to print: for its contact point's page and for ``farmerline sheet``."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from flask import Response

from farmerline.clock import local
from farmerline.config import Settings
from farmerline.domain import Role, audit
from farmerline.errors import Absent
from farmerline.messages import Channel
from farmerline.queries import village_news, village_sheet
from farmerline.queries.board import BoardRow
from farmerline.queries.village_sheet import Sheet
from farmerline.render.sheet import Notice, Part, WallSheet, to_pdf
from farmerline.web.contact.today import blueprint
from farmerline.web.doors import actor, allow, authorise, now, settings, writing
from farmerline.web.format import price
from farmerline.web.language import current_language
from farmerline.words import say


@blueprint.get("/desk/sheet/<village>.pdf")
@allow(Role.CONTACT)
def print_sheet(village: str) -> Response:
    """Only for a village of the desk's own."""
    if not (village.isascii() and village.isdecimal() and len(village) == 12):
        raise Absent
    authorise(actor(), {Role.CONTACT}, village)
    with writing() as rows:
        found = village_sheet.sheet(rows, village, now=now())
        audit.record(
            rows, actor_id=actor().account_id, act=village_news.PRINTED, subject=f"area:{village}", channel=Channel.CONTACT,
            now=now(),
        )  # fmt: skip
    made = write(found, settings=settings(), language=current_language(), now=now())
    headers = {"Content-Disposition": f"inline; filename=sheet-{village}-{local(now()):%Y%m%d}.pdf"}
    return Response(to_pdf(made), mimetype="application/pdf", headers=headers)


def write(found: Sheet, *, settings: Settings, language: str, now: datetime) -> WallSheet:
    """The sheet in words of a language ("zh" or "en")."""

    def tell(sentence: str, /, **values: object) -> str:
        return say(language, sentence, **values)

    def posts(title: str, rows: Sequence[BoardRow]) -> Part:
        return Part(title, [_post(row, language) for row in rows], tell("None yet."))

    alerts = [
        Notice(words, "", tell("real or not: text 查 {number}", number=number))
        for number, words in found.alerts
    ]
    said = [
        Notice(title, text, tell("more: text 查 {number}", number=number))
        for number, title, text in found.articles
    ]
    today = local(now)
    return WallSheet(
        title=tell("{place}: what to know", place=found.name),
        day=f"{today:%Y-%m-%d} · {settings.service_name}",
        parts=[
            Part(tell("Alerts in force"), alerts, tell("No alert is in force here.")),
            Part(tell("Farm work and news"), said),
            Part(tell("Prices"), [_prices(found, language)] if found.prices else []),
        ],
        columns=(posts(tell("For sale"), found.offers), posts(tell("Wanted"), found.wants)),
        call=tell("Ring or text {number}", number=settings.line_number),
        more=tell("To buy or sell: say it, or text it with a post's number. The code leads to the newest list."),
        address=f"{settings.public_url}/posts?place={found.village}",
        language=language,
        made_at=now,
    )  # fmt: skip


def _prices(found: Sheet, language: str) -> Notice:
    told = [f"{one.name} {price(language, one.yuan, one.unit)} {one.market}" for one in found.prices]
    return Notice("", ("；" if language == "zh" else "; ").join(told))


def _post(row: BoardRow, language: str) -> Notice:
    who = (row.who_zh if language == "zh" else row.who_en) or say(language, "farmer")
    told = [part for part in (row.price, row.place, f"{row.who} {who}") if part]
    return Notice(row.title, " · ".join(told), say(language, "number {n}", n=row.number))
