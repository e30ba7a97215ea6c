"""A tip: written, its list frozen and shown, then sent or left."""

from __future__ import annotations

from functools import partial
from types import SimpleNamespace

from flask import Blueprint, redirect, render_template
from werkzeug.wrappers import Response

from farmerline import parts
from farmerline.domain import Role, campaigns, vocabulary
from farmerline.errors import Invalid
from farmerline.queries import longest_text, tips
from farmerline.queries import vocabulary as new_words
from farmerline.web.doors import actor, allow, now, reading, settings, writing
from farmerline.web.forms import typed, words
from farmerline.web.frame import done
from farmerline.web.language import _

blueprint = Blueprint("publisher", __name__)


@blueprint.get("/publish/tips")
@allow(Role.PUBLISHER)
def write_tip() -> str:
    return _render_form()


@blueprint.post("/publish/tips")
@allow(Role.PUBLISHER)
def plan_tip() -> Response | tuple[str, int]:
    """Freeze the list of who asked for tips; nothing is sent yet."""
    text = ""
    try:
        text = words("text", most=2000)
        with writing() as rows:
            area_code = typed("area_code", most=12) or next(iter(actor().areas(Role.PUBLISHER)))
            known = tips.planned_before(rows, actor=actor(), text=text, area_code=area_code, now=now())
            tip_id = (
                known or campaigns.plan(rows, actor=actor(), text=text, area_code=area_code, now=now()).id
            )
    except Invalid as refusal:
        return _render_form(text=text, refusal=refusal), refusal.status
    return redirect(f"/publish/tips/{tip_id}", 303)


@blueprint.get("/publish/tips/<id:campaign_id>")
@allow(Role.PUBLISHER)
def show_tip(campaign_id: str) -> str:
    with reading() as rows:
        tip = tips.one(rows, actor=actor(), campaign_id=campaign_id)
        area = tips.campaign_of(rows, actor=actor(), campaign_id=campaign_id).area_code
        longest = longest_text.find(
            rows, partial(campaigns.as_sent, tip.text), area_codes=[area], settings=settings()
        )
    return render_template("publisher/tip.html", tip=tip, counted=_count(tip.text), longest=longest)


@blueprint.post("/publish/tips/<id:campaign_id>/start")
@allow(Role.PUBLISHER)
def start_tip(campaign_id: str) -> Response:
    with writing() as rows:
        row = tips.campaign_of(rows, actor=actor(), campaign_id=campaign_id)
        campaigns.start(rows, row, actor=actor(), now=now(), settings=settings())
        asks = row.state == "asking"
    done("It waits until an administrator says yes: it passes a ceiling." if asks else "The tip goes out.")
    return redirect(f"/publish/tips/{campaign_id}", 303)


@blueprint.post("/publish/tips/<id:campaign_id>/freeze")
@allow(Role.PUBLISHER)
def freeze_tip(campaign_id: str) -> Response:
    """Look again at who asked for tips."""
    with writing() as rows:
        row = tips.campaign_of(rows, actor=actor(), campaign_id=campaign_id)
        campaigns.freeze(rows, row, actor=actor(), now=now())
    return redirect(f"/publish/tips/{campaign_id}", 303)


@blueprint.post("/publish/tips/<id:campaign_id>/stop")
@allow(Role.PUBLISHER)
def stop_tip(campaign_id: str) -> Response:
    with writing() as rows:
        row = tips.campaign_of(rows, actor=actor(), campaign_id=campaign_id)
        held = campaigns.stop(rows, row, actor=actor(), now=now())
    done("Stopped. Messages held back: {n}.", n=held)
    return redirect(f"/publish/tips/{campaign_id}", 303)


def _render_form(*, text: str = "", refusal: Invalid | None = None) -> str:
    config = settings()
    edits = vocabulary.may_edit(actor(), config.county)
    with reading() as rows:
        places, recent = tips.places(rows, actor()), tips.recent(rows, actor=actor())
        waiting = new_words.waiting(rows) if edits else 0
    return render_template(
        "publisher/tips.html", text=text, places=places, area_code=typed("area_code", most=12), recent=recent,
        counted=_count(text), config=config, edits=edits, waiting=waiting,
        errors=[(refusal.field, _(refusal.sentence, **refusal.values))] if refusal else [],
    )  # fmt: skip


def _count(text: str) -> SimpleNamespace:
    """Signs and messages as they are billed: one message holds 70 signs with the signature and how to stop."""
    signature, sent = settings().sms_signature, campaigns.as_sent(text)
    overhead = len(parts.with_signature(sent, signature)) - len(text)
    return SimpleNamespace(
        used=len(text),
        room=max(70 - overhead, 1),
        overhead=overhead,
        parts=parts.count(sent, signature).parts,
    )
