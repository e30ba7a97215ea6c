"""A list of prices from the command line: good rows kept, the others in a file beside it."""

from __future__ import annotations

from pathlib import Path

from farmerline.clock import SystemClock, local
from farmerline.config import read_settings
from farmerline.db import Database
from farmerline.demo import county
from farmerline.domain import access, areas, prices
from farmerline.domain.init_county import ensure_reference_data
from farmerline.models import Price, Role
from farmerline.places import place_row
from farmerline.vault import install
from tests.cli.test_people_commands import run
from tests.factories import COUNTY, PLACES, TOWN, make_staff, upgrade


def test_faulty_rows_of_a_list_of_prices_lie_beside_it_to_be_mended(tmp_path: Path) -> None:
    settings = str(county.write_settings(tmp_path / "demo"))
    install(read_settings({"FARMERLINE_SETTINGS": settings}).vault())
    database, now = Database(f"sqlite:///{tmp_path / 'demo' / 'farmerline.db'}"), SystemClock().now()
    upgrade(database)
    with database.write() as session:
        areas.load(session, [place_row(code, name) for code, name in PLACES.items()])
        ensure_reference_data(session)
        writer = make_staff(session, Role.PUBLISHER, COUNTY, "采编员", now=now)
        actor = access.actor_of(session, writer)
        prices.add_market(session, name="龙山市场", area_code=TOWN, actor=actor, now=now)
        prices.add_good(session, product="葡萄", grade="", unit="斤", county=COUNTY, actor=actor, now=now)
    file = tmp_path / "行情.csv"
    today = local(now).date()
    file.write_text(
        f"日期,市场,品种,价格\n{today},龙山市场,葡萄,4.2\n{today},龙山市场,葡萄苗,4\n", encoding="utf-8"
    )
    stranger = run("prices", "import", str(file), "--by", "13900009999", FARMERLINE_SETTINGS=settings)
    assert stranger.exit_code == 1
    ended = run("prices", "import", str(file), "--by", str(writer.phone), FARMERLINE_SETTINGS=settings)
    assert ended.exit_code == 1 and "Row 3" in ended.output, ended.output
    assert "葡萄苗" in (tmp_path / "行情-to-fix.csv").read_text(encoding="utf-8-sig")
    with database.read() as session:
        assert [row.yuan for row in session.query(Price)] == [4.2]
    database.close()
