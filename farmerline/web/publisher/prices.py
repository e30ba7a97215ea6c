"""Prices at the publisher's desk: a market's day entered in one form, a list as a file, and what waits for a second look."""

from __future__ import annotations

from datetime import date

from flask import Response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from farmerline.clock import local
from farmerline.config import Module
from farmerline.domain import Role, price_file, prices
from farmerline.domain.articles import READERS
from farmerline.domain.price_file import Taken
from farmerline.errors import Absent, Invalid
from farmerline.queries import prices as shown
from farmerline.web.doors import actor, allow, now, reading, writing
from farmerline.web.forms import errors_of, typed
from farmerline.web.frame import done
from farmerline.web.language import _, current_language
from farmerline.web.publisher.tips import blueprint

_START = "/publish/prices"
_MOST_BYTES = 1024 * 1024


@blueprint.get("/publish/prices")
@allow(*READERS, module=Module.PRICES)
def show_prices() -> str:
    """The form of a market's day, and what waits."""
    return _render()


@blueprint.post("/publish/prices")
@allow(Role.PUBLISHER, module=Module.PRICES)
def enter_prices() -> AnyResponse | tuple[str, int]:
    """Note down what was filled in; what cannot be stays in the form with its reason, the rest is kept."""
    wrong: dict[str, Invalid] = {}
    kept = held = 0
    day = _day()
    with writing() as rows:
        market = prices.find_market(rows, typed("market", most=32))
        for good in shown.goods(rows):
            said = typed(_field(good.id), most=30)
            if not said:
                continue
            try:
                yuan, unit = prices.read_yuan(said)
                row = prices.enter(
                    rows, market=market, good=good, day=day, yuan=yuan, unit=unit, actor=actor(), now=now()
                )
            except Invalid as refusal:
                wrong[_field(good.id)] = refusal
                continue
            kept += 1
            held += row.usual is not None
    if wrong:
        return _render(wrong=wrong), 422
    _tell(kept, held)
    return redirect(f"{_START}?market={market.id}&day={day}", 303)


@blueprint.post("/publish/prices/file")
@allow(Role.PUBLISHER, module=Module.PRICES)
def take_file() -> AnyResponse | tuple[str, int] | str:
    """Keep the good rows of a file; the others stand on the page, and in a file to mend."""
    sent = request.files.get("file")
    content = sent.read(_MOST_BYTES + 1) if sent is not None else b""
    try:
        if not content:
            raise Invalid("file_missing", "Choose a file.", field="file")
        if len(content) > _MOST_BYTES:
            raise Invalid("file_large", "The file is too large: at most 1 MB.", field="file")
        table = price_file.read(content)
        with writing() as rows:
            taken = price_file.take(rows, table, actor=actor(), language=current_language(), now=now())
    except Invalid as refusal:
        return _render(refused=refusal), refusal.status
    _tell(taken.kept, taken.held)
    return _render(taken=taken) if taken.rejects else redirect(_START, 303)


@blueprint.post("/publish/prices/to-fix.csv")
@allow(Role.PUBLISHER, module=Module.PRICES)
def give_back() -> Response:
    """The rows to mend, as they stood on the page, as a file."""
    said = request.form.get("rows", "")[:_MOST_BYTES]
    headers = {"Content-Disposition": "attachment; filename=prices-to-fix.csv"}
    return Response("\ufeff" + said, mimetype="text/csv", headers=headers)


@blueprint.post("/publish/prices/<id:price_id>/<what>")
@allow(*READERS, module=Module.PRICES)
def settle_price(price_id: str, what: str) -> AnyResponse:
    """``show`` it or ``refuse`` it."""
    if what not in {"show", "refuse"}:
        raise Absent
    right = what == "show"
    with writing() as rows:
        price = prices.find(rows, price_id, actor())
        prices.settle(rows, price, right=right, actor=actor(), now=now())
    done("Shown from now on." if right else "Refused: it is shown nowhere.")
    return redirect(_START, 303)


def _tell(kept: int, held: int) -> None:
    if held:
        done("{n} prices kept, {held} of them wait for a second look.", n=kept, held=held)
    else:
        done("{n} prices kept.", n=kept)


def _field(good_id: str) -> str:
    return f"p{good_id}"


def _day() -> date:
    said = typed("day", most=10)
    try:
        return date.fromisoformat(said) if said else local(now()).date()
    except ValueError as error:
        raise Invalid("day_unknown", "Choose a day.", field="day") from error


def _render(
    *, wrong: dict[str, Invalid] | None = None, refused: Invalid | None = None, taken: Taken | None = None
) -> str:
    wrong, day = wrong or {}, _day()
    with reading() as rows:
        places = shown.markets(rows, actor())
        chosen = typed("market", most=32) or (places[0].id if places else "")
        known, before = shown.entered(rows, chosen, day), shown.last_before(rows, chosen, day)
        lines = [
            (
                _field(good.id), good, before.get(good.id),
                typed(_field(good.id), most=30) if wrong else known.get(good.id, ""),
                _(wrong[_field(good.id)].sentence, **wrong[_field(good.id)].values) if _field(good.id) in wrong else "",
            )
            for good in shown.goods(rows)
        ]  # fmt: skip
        return render_template(
            "publisher/prices.html", markets=[(market.id, market.name) for market in places], chosen=chosen, day=day,
            lines=lines, held=shown.held(rows, actor()), writes=actor().has(Role.PUBLISHER), taken=taken,
            to_fix=taken.to_fix().decode("utf-8-sig") if taken else "",
            errors=[(name, _(refusal.sentence, **refusal.values)) for name, refusal in wrong.items()]
            + errors_of([refused] if refused else []),
        )  # fmt: skip
