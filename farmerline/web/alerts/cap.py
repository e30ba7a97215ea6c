"""Alerts out in CAP 1.2: each by its number, and a feed of those in force. For everybody; exercises say what they are."""

from __future__ import annotations

from email.utils import format_datetime
from urllib.parse import urlsplit
from xml.etree import ElementTree

from flask import Response

from farmerline.config import Module, Settings
from farmerline.domain.alert_words import DRILL
from farmerline.errors import Absent
from farmerline.queries import alert_public
from farmerline.queries.alert_public import Issued
from farmerline.render import cap
from farmerline.render.cap import CapArea, CapMessage
from farmerline.web.alerts.desk import blueprint
from farmerline.web.doors import allow, now, reading, settings

_KINDS = {
    "alert": "Alert",
    "update": "Update",
    "correction": "Update",
    "cancel": "Cancel",
    "all_clear": "Update",
}
_SEVERITIES = dict(zip(("blue", "yellow", "orange", "red"), cap.SEVERITIES, strict=True))
_URGENT = {"orange": "Expected", "red": "Immediate"}


@blueprint.get("/alerts/<alert:alert_number>/cap.xml")
@allow("public", module=Module.ALERTS)
def show_cap(alert_number: str) -> Response:
    """One alert as it was issued."""
    with reading() as rows:
        found = alert_public.issued(rows, alert_number, now=now())
        earlier = alert_public.issued(rows, found.earlier, now=now()) if found and found.earlier else None
    if found is None:
        raise Absent
    return Response(cap.write(to_cap(found, earlier, settings())), mimetype=cap.MEDIA_TYPE)


@blueprint.get("/alerts/cap.rss")
@allow("public", module=Module.ALERTS)
def show_caps() -> Response:
    """The alerts in force, the newest first, each with the address of its message."""
    site, service = settings().public_url, settings().service_name
    with reading() as rows:
        found = alert_public.in_force(rows, now=now())
    root = ElementTree.Element("rss", version="2.0")
    channel = ElementTree.SubElement(root, "channel")
    for name, words in (
        ("title", service),
        ("link", f"{site}/check"),
        ("description", f"CAP 1.2 · {service}"),
    ):
        ElementTree.SubElement(channel, name).text = words
    for alert in found:
        item = ElementTree.SubElement(channel, "item")
        address = f"{site}/alerts/{alert.number}/cap.xml"
        told = (
            ("title", alert.text),
            ("link", address),
            ("guid", address),
            ("pubDate", format_datetime(alert.issued_at)),
        )
        for name, words in told:
            ElementTree.SubElement(item, name).text = words
    written: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return Response(written, mimetype="application/rss+xml")


def to_cap(found: Issued, earlier: Issued | None, settings: Settings) -> CapMessage:
    """An issued alert as a message; ``earlier`` is what it follows."""
    return CapMessage(
        identifier=_identifier(found, settings),
        sender=urlsplit(settings.public_url).hostname or settings.county,
        sent=found.issued_at,
        status="Exercise" if found.exercise else "Actual",
        kind=_KINDS[found.kind],
        references=(to_cap(earlier, None, settings).reference,) if earlier else (),
        event=f"{found.crop}{found.pest}",
        response="AllClear" if found.kind == "all_clear" else "Execute",
        urgency="Past" if found.kind in ("cancel", "all_clear") else _URGENT.get(found.colour, "Future"),
        severity=_SEVERITIES[found.colour],
        certainty="Observed",
        effective=found.issued_at,
        expires=found.last_day,
        sender_name=settings.bureau_name or settings.service_name,
        headline=found.text.removeprefix(DRILL),
        description=found.full_text,
        web=f"{settings.public_url}/alerts/{found.number}/read",
        contact=settings.line_number,
        areas=tuple(CapArea(name, (code,)) for name, code in zip(found.places, found.codes, strict=True)),
    )


def _identifier(found: Issued, settings: Settings) -> str:
    return f"{settings.county}-{found.number}"
