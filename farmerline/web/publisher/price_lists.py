"""The lists behind the prices: markets and goods, added and closed."""

from __future__ import annotations

from flask import redirect, render_template
from werkzeug.wrappers import Response

from farmerline.config import Module
from farmerline.domain import Role, prices
from farmerline.errors import Absent, Invalid
from farmerline.queries import prices as shown
from farmerline.queries import tips
from farmerline.web.doors import actor, allow, now, reading, settings, writing
from farmerline.web.forms import errors_of, typed
from farmerline.web.frame import done
from farmerline.web.publisher.tips import blueprint

_START = "/publish/prices/lists"


@blueprint.get("/publish/prices/lists")
@allow(Role.PUBLISHER, module=Module.PRICES)
def show_lists() -> str:
    return _render()


@blueprint.post("/publish/prices/lists/market")
@allow(Role.PUBLISHER, module=Module.PRICES)
def add_market() -> Response | tuple[str, int]:
    try:
        with writing() as rows:
            market = prices.add_market(
                rows,
                name=typed("market", most=40),
                area_code=typed("area_code", most=12),
                actor=actor(),
                now=now(),
            )
    except Invalid as refusal:
        return _render(refusal), refusal.status
    done("Added: {name}.", name=market.name)
    return redirect(_START, 303)


@blueprint.post("/publish/prices/lists/good")
@allow(Role.PUBLISHER, module=Module.PRICES)
def add_good() -> Response | tuple[str, int]:
    try:
        with writing() as rows:
            good = prices.add_good(
                rows, product=typed("product", most=20), grade=typed("grade", most=20), unit=typed("unit", most=8),
                county=settings().county, actor=actor(), now=now(),
            )  # fmt: skip
    except Invalid as refusal:
        return _render(refusal), refusal.status
    done("Added: {name}.", name=f"{good.product}{good.grade}")
    return redirect(_START, 303)


@blueprint.post("/publish/prices/lists/market/<id:market_id>/<what>")
@allow(Role.PUBLISHER, module=Module.PRICES)
def close_market(market_id: str, what: str) -> Response:
    with writing() as rows:
        prices.close(
            rows,
            prices.find_market(rows, market_id),
            closed=_closes(what),
            county=settings().county,
            actor=actor(),
            now=now(),
        )
    return redirect(_START, 303)


@blueprint.post("/publish/prices/lists/good/<id:good_id>/<what>")
@allow(Role.PUBLISHER, module=Module.PRICES)
def close_good(good_id: str, what: str) -> Response:
    with writing() as rows:
        prices.close(
            rows,
            prices.find_good(rows, good_id),
            closed=_closes(what),
            county=settings().county,
            actor=actor(),
            now=now(),
        )
    return redirect(_START, 303)


def _closes(what: str) -> bool:
    """Whether ``close`` was asked for, and not ``open``."""
    if what not in {"close", "open"}:
        raise Absent
    return what == "close"


def _render(refusal: Invalid | None = None) -> str:
    form = {name: typed(name, most=40) for name in ("market", "area_code", "product", "grade", "unit")}
    with reading() as rows:
        markets = shown.markets(rows, actor(), all_of_them=True)
        return render_template(
            "publisher/price_lists.html", markets=[(market, shown.place_name(rows, market)) for market in markets],
            goods=shown.goods(rows, all_of_them=True), places=tips.places(rows, actor()), form=form,
            units=[(unit, unit) for unit in shown.units(rows)], errors=errors_of([refusal] if refusal else []),
        )  # fmt: skip
