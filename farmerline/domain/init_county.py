"""What a county has from its first day: kinds of people and of posts, as rows that may be added to."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from farmerline.models import PersonKind, PostKind

_PERSON_KINDS = (
    ("farmer", "农户", "farmer"),
    ("large_grower", "种养大户", "large grower"),
    ("family_farm", "家庭农场", "family farm"),
    ("coop", "合作社", "co-operative"),
    ("firm", "龙头企业", "leading firm"),
    ("buyer", "收购商", "buyer"),
    ("broker", "经纪人", "broker"),
    ("market", "批发市场", "wholesale market"),
    ("shop", "农资店", "farm supplies shop"),
    ("technician", "技术员", "technician"),
    ("other", "其他", "other"),
)
# code, Chinese, English, sign on the tile, the matcher's side, days open, days open for seedlings and the like
_POST_KINDS = (
    ("supply", "供应", "supply", "供", "supply", 15, 60),
    ("demand", "求购", "demand", "求", "demand", 15, 60),
    ("transport", "运输", "transport", "运", None, 15, 15),
    ("job", "用工", "work", "工", None, 30, 30),
    ("tourism", "农家乐", "farm visits", "游", None, 60, 60),
    ("service", "服务", "services", "服", None, 60, 60),
    ("notice", "通知", "notices", "告", None, 30, 30),
)


def ensure_reference_data(session: Session) -> None:
    """Add the kinds that are missing; those that are there stay as they are."""
    people = set(session.scalars(select(PersonKind.code)))
    session.add_all(
        PersonKind(code=code, name_zh=chinese, name_en=english)
        for code, chinese, english in _PERSON_KINDS
        if code not in people
    )
    posts = set(session.scalars(select(PostKind.code)))
    session.add_all(
        PostKind(
            code=code,
            name_zh=chinese,
            name_en=english,
            tile=tile,
            direction=direction,
            days=days,
            seedling_days=seedling_days,
            position=position,
        )
        for position, (code, chinese, english, tile, direction, days, seedling_days) in enumerate(_POST_KINDS)
        if code not in posts
    )
    session.flush()
