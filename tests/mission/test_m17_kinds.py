"""M17, supply, transport, weather, tourism, jobs: a kind of listing is a row, not code."""

from __future__ import annotations

from farmerline.models import PostKind
from tests.service import Service


def test_a_kind_that_is_a_new_row_stands_on_the_form_and_on_the_board(service: Service) -> None:
    """M17."""
    with service.write() as rows:
        rows.add(
            PostKind(
                code="stall", name_zh="摊位", name_en="market stalls", tile="摊", direction=None, days=7, seedling_days=7, position=9
            )
        )  # fmt: skip
    browser = service.client(service.person())
    assert "/me/write?use=stall" in browser.get("/me/write?use=sell").text
    assert "摊位" in service.client().get("/").text
    assert service.client().get("/?kind=stall").status_code == 200
