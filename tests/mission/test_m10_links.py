"""M10, the links column: curated by the publisher, looked at by a job; what is dead is marked and no longer leads anywhere."""

from __future__ import annotations

from farmerline.domain import links
from farmerline.models import Link, Role
from tests.service import Service

ADDRESS = "https://example.org/farming"


def test_a_link_is_put_up_and_marked_once_it_is_dead(service: Service) -> None:
    """M10: how the job looks is tests/jobs/test_links.py."""
    publisher = service.client(service.staff(Role.PUBLISHER))
    put = service.post(
        publisher, "/publish/links", link=ADDRESS, title="省农业厅", about="技术资料", heading="政府"
    )
    assert put.status_code == 303
    assert f'href="{ADDRESS}"' in service.client().get("/links").text
    with service.write() as rows:
        link = rows.query(Link).one()
        assert links.due(rows, now=service.now) == [(link.id, ADDRESS)]
        links.note(rows, link.id, "404", now=service.now)
    shown = service.client().get("/links").text
    assert f'href="{ADDRESS}"' not in shown
    assert "省农业厅" in shown
