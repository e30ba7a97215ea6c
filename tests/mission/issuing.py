"""Articles for the stories: written, checked where their kind asks for it, and issued, by the people of a bureau."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from farmerline.clock import local
from farmerline.domain import access, articles
from farmerline.domain.articles import Wording
from farmerline.models import Account, ArticleKind
from tests import factories
from tests.service import Service


def issue(service: Service, publisher: Account, reader: Account, **said: Any) -> int:
    """An article about late rice, or what ``said`` says instead; its number."""
    today = local(service.now).date()
    words: dict[str, Any] = {
        "kind": "work", "area_code": factories.COUNTY, "title": "晚稻田间管理", "crops": "水稻", "source": "县农技站",
        "full_text": "晚稻正在长米浆。田里留一寸水，不要断水。", "short_text": "晚稻留一寸水，不要断水。",
        "voice_text": "晚稻正在长米浆。田里留一寸水，不要断水。", "valid_from": today, "valid_until": today + timedelta(days=10),
        **said,
    }  # fmt: skip
    with service.write() as rows:
        writer, checker = (access.actor_of(rows, one, second_factor=True) for one in (publisher, reader))
        article = articles.write(rows, Wording(**words), actor=writer, now=service.now)
        if rows.get_one(ArticleKind, article.kind).checked:
            articles.check(rows, article, actor=checker, now=service.now)
        articles.issue(rows, article, actor=writer, now=service.now)
        assert article.number is not None
        return article.number
