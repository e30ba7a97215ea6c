"""What came in at the demo county: units with their liaisons, news at every stage, links, the season's drafts."""

from __future__ import annotations

from datetime import timedelta

from farmerline.clock import local
from farmerline.demo.articles import actor_of
from farmerline.demo.people import ADMIN, CONTACT, COUNTY, EXPERT, OFFICER, PUBLISHER
from farmerline.demo.stage import find_account
from farmerline.domain import articles, farm_calendar, links, submissions, units
from farmerline.models import Liaison, Via
from farmerline.runtime import Runtime

_LINKS = (
    ("https://www.moa.gov.cn/", "农业农村部", "政策、标准、行情", "政府"),
    ("https://nynct.zj.gov.cn/", "浙江省农业农村厅", "省里的政策和通知", "政府"),
    ("https://www.cma.gov.cn/", "中国气象局", "天气和农业气象", "天气"),
    ("https://www.zaas.ac.cn/", "浙江省农业科学院", "品种和技术", "技术"),
)
_NEWS = (
    (CONTACT, Via.SMS, "我村葡萄落叶快完了,二十来户准备清园,想要一份清园的要点。"),
    (CONTACT, Via.WEB, "杨梅园里有枯枝,五棵里大概有一棵,请看看要不要紧。"),
    (EXPERT, Via.WEB, "西兰花早熟的下周集中上市,全镇约两百亩,收购价两块四左右,请提醒大家分批采。"),
    (EXPERT, Via.WEB, "今天开了一个会,大家都来了。"),
)


def bring_all(runtime: Runtime) -> None:
    """Two units (one's liaison was last confirmed 95 days ago), four pieces of news, four links, drafts of the term."""
    now = runtime.now()
    with runtime.database.write() as session:
        admin, writer = actor_of(session, ADMIN), actor_of(session, PUBLISHER)
        for person, name, kind, place, days in (
            (EXPERT, "龙山镇农业服务中心", "town", "330282123", 5),
            (OFFICER, "县植保站", "office", COUNTY, 95),
        ):
            unit = units.add(session, name=name, kind=kind, area_code=place, actor=admin, now=now)
            account, since = find_account(session, person), local(now - timedelta(days=days)).date()
            if account is not None:
                session.add(
                    Liaison(
                        unit_id=unit.id, account_id=account.id, since=since, confirmed_at=now - timedelta(days=days),
                        named_by=admin.account_id, named_at=now - timedelta(days=days),
                    )
                )  # fmt: skip
        session.flush()
        sent = [
            submissions.submit(session, actor=actor_of(session, person), text=text, via=via, now=now)
            for person, via, text in _NEWS
        ]
        submissions.give_back(session, sent[3], why="请写清是什么事、在哪里", actor=writer, now=now)
        article = submissions.take(session, sent[2], kind="notice", area_code=COUNTY, actor=writer, now=now)
        articles.issue(session, article, actor=writer, now=now)
        for address, title, about, heading in _LINKS:
            links.add(
                session,
                address=address,
                title=title,
                about=about,
                heading=heading,
                county=COUNTY,
                actor=writer,
                now=now,
            )
        farm_calendar.propose(session, settings=runtime.settings, now=now)
