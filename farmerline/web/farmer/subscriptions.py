"""What I want to be told of: subscriptions listed, added with help from the vocabulary, ended, and an end taken back."""

from __future__ import annotations

from dataclasses import dataclass

from flask import redirect, render_template, request
from werkzeug.wrappers import Response

from farmerline.domain import Account, Session, subscription_talk, subscriptions
from farmerline.errors import Conflict, Invalid
from farmerline.ids import new_id
from farmerline.messages import Channel, Incoming
from farmerline.queries import subscriptions as listed
from farmerline.web import forms, frame
from farmerline.web.doors import actor, allow, inside, now, reading, settings, writing
from farmerline.web.language import _

_PROOF = "page:subscriptions"
_HOME = "/me/subscriptions"
_ANYWHERE = "-"
_SIDES = ("supply", "demand")
_SURE = 0.6
"""Below this a product was guessed from its sound, and is asked back."""


@dataclass(frozen=True, slots=True)
class Form:
    """What was typed and chosen."""

    product: str = ""
    side: str = "supply"
    area: str = ""
    any_form: bool = False


@allow("signed_in")
def show() -> str:
    """The list and the form; ``product`` in the address fills it in."""
    return _page(Form(product=forms.typed("product", most=30), side=_side(request.args.get("side", ""))))


@allow("signed_in")
def add() -> Response | tuple[str, int]:
    """Note a product; where it is not known, those that may be meant are offered."""
    form = Form(
        product=forms.typed("pick", most=30) or forms.typed("product", most=30), side=_side(request.form.get("side", "")),
        area=request.form.get("area", ""), any_form=forms.ticked("any_form"),
    )  # fmt: skip
    if not form.product:
        return _page(form, _("Write a product, like 葡萄苗.")), 422
    if forms.ticked("ask"):
        return _ask_a_person(form)
    words = f"订 {form.product}"
    reading_of = inside().understand(words).reading
    if reading_of is None or not reading_of.items or reading_of.items[0].confidence < _SURE:
        return _page(form, _("We do not know this product. Is it one of these?"), unknown=True), 422
    try:
        with writing() as rows:
            person = rows.get_one(Account, actor().account_id)
            area = _area(rows, person, form)
            wanted = subscription_talk.wanted_of(
                rows,
                words,
                reading_of,
                county=settings().county,
                direction=form.side,
                any_form=form.any_form,
                area=area,
            )
            for one in wanted:
                row, is_new = subscriptions.subscribe(
                    rows, person, one, channel=Channel.WEB.value, proof=_PROOF, settings=settings(), now=now()
                )
    except (Conflict, Invalid) as refusal:
        return _page(form, _(refusal.sentence, **refusal.values)), refusal.status
    if is_new:
        frame.done("Noted: {name}. We tell you as soon as somebody posts it.", name=row.name)
    else:
        frame.done("You have this already: {name}.", name=row.name)
    return redirect(_HOME, 303)


@allow("signed_in")
def end(subscription_id: str) -> Response:
    with writing() as rows:
        row = subscriptions.own(rows, rows.get_one(Account, actor().account_id), subscription_id)
        subscriptions.end(row, now=now())
    frame.done("Ended: {name}. It can be taken back below.", name=row.name)
    return redirect(_HOME, 303)


@allow("signed_in")
def take_back(subscription_id: str) -> Response:
    """An end that was a mistake."""
    try:
        with writing() as rows:
            row = subscriptions.own(rows, rows.get_one(Account, actor().account_id), subscription_id)
            subscriptions.bring_back(rows, row, proof=_PROOF, settings=settings(), now=now())
    except Conflict as refusal:
        frame.wrong(refusal.sentence, **refusal.values)
        return redirect(_HOME, 303)
    frame.done("It is back: {name}.", name=row.name)
    return redirect(_HOME, 303)


def _ask_a_person(form: Form) -> Response:
    """Words that no vocabulary knows: they go the way of a text message, to the contact point."""
    incoming = Incoming(
        channel=Channel.WEB, gateway="web", ref=f"{actor().account_id}:{new_id()}", sender="",
        account_id=actor().account_id, text=f"订 {form.product}", raw=form.product, received_at=now(),
    )  # fmt: skip
    return redirect(f"/me/said/{inside().accept(incoming).inbound_id}", 303)


def _side(said: str) -> str:
    return said if said in _SIDES else _SIDES[0]


def _area(rows: Session, person: Account, form: Form) -> str | None:
    """The place chosen, None where none was; ``Invalid`` for one that was not offered."""
    if not form.area:
        return None
    if form.area == _ANYWHERE:
        return ""
    if form.area not in dict(listed.places(rows, person)):
        raise Invalid("no_place", "Please choose a place from the list.", field="area")
    return form.area


def _page(form: Form, error: str = "", *, unknown: bool = False) -> str:
    with reading() as rows:
        person = rows.get_one(Account, actor().account_id)
        held = listed.lines(rows, person, now=now())
        return render_template(
            "farmer/subscriptions.html",
            lines=held,
            found=listed.found(rows, person, now=now()),
            form=form,
            area=form.area or subscriptions.home_area(person, settings()) or _ANYWHERE,
            places=[*listed.places(rows, person), (_ANYWHERE, _("the whole country"))],
            products=listed.common(rows, person),
            suggested=listed.suggest(form.product) if unknown else [],
            unknown=unknown,
            form_first=bool(error or form.product or not held),
            error=error,
            rests=any(not line.ended for line in held) and subscriptions.is_stopped(rows, person),
            most=settings().subscriptions_each,
            a_day=settings().notices_a_day,
        )
