"""One's own deals: the year's ledger, as a page and a file; one deal, its figures put right, its slip to print."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from io import BytesIO
from types import SimpleNamespace

from flask import Response, redirect, render_template, send_file
from werkzeug.wrappers import Response as Answer

from farmerline.clock import local
from farmerline.domain import Account, Session, deal_records
from farmerline.errors import Conflict, Invalid, Refusal
from farmerline.queries import own_deals
from farmerline.render.deal_slip import DealSlip, to_pdf
from farmerline.web import format as ways
from farmerline.web.doors import actor, allow, now, reading, settings, writing
from farmerline.web.farmer.shown import CHANNELS
from farmerline.web.forms import errors_of, number, typed
from farmerline.web.frame import done
from farmerline.web.language import _, current_language
from farmerline.web.tables import as_csv


@allow("signed_in")
def show_list() -> str:
    """The year's ledger."""
    with reading() as rows:
        me = _me(rows)
        years = own_deals.years(rows, me)
        year = _year()
        found = own_deals.of_year(rows, me, year)
    language = current_language()
    return render_template(
        "farmer/deals.html", deals=found[: own_deals.MOST], total=len(found),
        sold=sum(deal.sold for deal in found), which=year, years=years, name=me.name, price=_price,
        sums=[(one, ways.quantity(language, one.amount, "吨" if one.unit == "t" else one.unit)) for one in own_deals.sums(found)],
    )  # fmt: skip


@allow("signed_in")
def download() -> Response:
    with reading() as rows:
        found = own_deals.of_year(rows, _me(rows), _year())
    return as_csv(own_deals.rows_of(found, (_("sold"), _("bought"))), f"deals-{_year()}.csv")


@allow("signed_in")
def show_one(deal_number: int) -> str:
    return _page(deal_number)


@allow("signed_in")
def correct(deal_number: int) -> Answer | tuple[str, int]:
    """Put amount and price right."""
    form = {"amount": typed("amount", most=30), "price": typed("price", most=20)}
    try:
        with writing() as rows:
            me = _me(rows)
            deal = deal_records.own(rows, me, deal_number)
            changed = deal_records.correct(rows, deal, by=me, channel="web", now=now(), **form)
    except (Invalid, Conflict) as refusal:
        return _page(deal_number, form, [refusal]), refusal.status
    if changed:
        done("Put right. The other side is told.")
    return redirect(f"/me/deals/{deal_number}", 303)


@allow("signed_in")
def print_slip(deal_number: int) -> Response:
    """The slip, one half for each side; telephone numbers are not on it."""
    with reading() as rows:
        slip = own_deals.slip(rows, _me(rows), deal_number, now=now())
    name = f"deal-{deal_number}.pdf"
    return send_file(BytesIO(to_pdf(_slip(slip))), mimetype="application/pdf", download_name=name)


def _me(rows: Session) -> Account:
    return rows.get_one(Account, actor().account_id)


def _year() -> int:
    asked, this = number("year"), local(now()).year
    return asked if 2000 <= asked <= this else this


def _price(deal: own_deals.OwnDeal) -> str:
    return ways.price(current_language(), deal.price, deal.price_unit)


def _page(deal_number: int, form: Mapping[str, str] | None = None, refusals: Sequence[Refusal] = ()) -> str:
    with reading() as rows:
        slip = own_deals.slip(rows, _me(rows), deal_number, now=now())
    deal = slip.deal
    filled = {"amount": deal.amount, "price": "" if deal.price is None else ways.number(deal.price)}
    return render_template(
        "farmer/deal.html", slip=slip, deal=deal, facts=_facts(slip), notes=_notes(slip),
        form=SimpleNamespace(**{**filled, **(form or {})}), errors=errors_of(refusals),
        days=deal_records.OPEN_FOR.days,
    )  # fmt: skip


def _facts(slip: own_deals.Slip) -> list[tuple[str, str]]:
    deal, language = slip.deal, current_language()
    return [
        (_("Day"), f"{local(deal.at):%Y-%m-%d}"),
        (_("Seller"), slip.seller + _(", ") + slip.seller_place),
        (_("Buyer"), slip.buyer + _(", ") + slip.buyer_place),
        (_("Goods"), deal.what),
        (_("Amount"), deal.amount or _("not said")),
        (_("Price"), _price(deal)),
        (_("In all"), "" if deal.yuan is None else ways.money(language, deal.yuan)),
    ]


def _notes(slip: own_deals.Slip) -> list[str]:
    how = CHANNELS.get(slip.told_via, "")
    notes = [
        _("Told by {name}, {how}.", name=slip.told_by, how=_(how))
        if how
        else _("Told by {name}.", name=slip.told_by)
    ]
    if slip.corrected_at is not None:
        day = f"{local(slip.corrected_at):%Y-%m-%d}"
        notes.append(_("Put right by {name} on {day}.", name=slip.corrected_by, day=day))
    return notes


def _slip(slip: own_deals.Slip) -> DealSlip:
    service = settings().service_name
    return DealSlip(
        language=current_language(), issuer=settings().bureau_name or service,
        title=_("Deal No. {number}", number=slip.deal.number), facts=_facts(slip),
        copies=(_("the seller's half"), _("the buyer's half")),
        notes=[*_notes(slip), _("Written down as the two sides told the service. It is a record, and no contract.")],
        signs=(_("Seller"), _("Buyer")), foot=f"{service} {settings().line_number}", made_at=now(),
    )  # fmt: skip
