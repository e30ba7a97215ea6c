"""M09, collecting and publishing: drafted, checked by somebody else, issued, withdrawn, each with name and time."""

from __future__ import annotations

from farmerline.domain import access, articles
from farmerline.models import Article, Role
from tests.mission.issuing import issue
from tests.service import Service


def test_each_step_of_an_article_stands_on_its_page_with_a_name(service: Service) -> None:
    """M09."""
    publisher, officer = (
        service.staff(Role.PUBLISHER, name="许编辑"),
        service.staff(Role.OFFICER, name="施植保"),
    )
    number = issue(service, publisher, officer, kind="pest", title="稻飞虱发生情况")
    with service.write() as rows:
        article = rows.query(Article).filter_by(number=number).one()
        actor = access.actor_of(rows, publisher, second_factor=True)
        articles.withdraw(rows, article, actor=actor, why="数字写错了", now=service.now)
    page = service.client(publisher).get(f"/publish/articles/{article.id}")
    assert page.status_code == 200
    assert "许编辑" in page.text and "施植保" in page.text
    gone = service.client().get(f"/articles/{number}").text
    assert "已撤下：数字写错了" in gone
    assert "田里留一寸水" not in gone
