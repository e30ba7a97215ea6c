"""What a county has from its first day: kinds of people and of posts, as rows that may be added to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from farmerline.config import Settings
from farmerline.domain import access, accounts, audit, credentials
from farmerline.models import ArticleKind, BureauLetterKind, PersonKind, PostKind, PriceUnit, Role

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
# code, Chinese, English, box of the voice station, whether a second person reads it, days it holds
_ARTICLE_KINDS = (
    ("pest", "病虫情报", "pests", "alerts", True, 15),
    ("work", "当前农事", "farm work now", "work", False, 15),
    ("variety", "新品种", "new varieties", "varieties", False, 180),
    ("technique", "技术", "techniques", "techniques", False, 180),
    ("policy", "政策", "policy", "work", True, 90),
    ("price", "行情", "prices", "posts", False, 7),
    ("weather", "天气", "weather", "work", False, 3),
    ("notice", "通知", "notices", "work", False, 15),
    ("answer", "专家答复", "answers", "techniques", True, 365),
)
# unit, kilograms of one (none: it is counted)
_PRICE_UNITS = (
    ("斤", 0.5),
    ("公斤", 1.0),
    ("吨", 1000.0),
    ("担", 50.0),
    ("株", None),
    ("头", None),
    ("只", None),
    ("羽", None),
    ("箱", None),
    ("筐", None),
    ("袋", None),
)

# code, Chinese, English, working days until the answer
_LETTER_KINDS = (
    ("consult", "咨询", "a question", 5),
    ("help", "求助", "a request for help", 5),
    ("complaint", "投诉", "a complaint", 15),
    ("suggestion", "建议", "a suggestion", 15),
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
    letters = set(session.scalars(select(BureauLetterKind.code)))
    session.add_all(
        BureauLetterKind(code=code, name_zh=chinese, name_en=english, days=days, position=position)
        for position, (code, chinese, english, days) in enumerate(_LETTER_KINDS)
        if code not in letters
    )
    articles = set(session.scalars(select(ArticleKind.code)))
    session.add_all(
        ArticleKind(code=code, name_zh=chinese, name_en=english, box=box, checked=checked, days=days, position=position)
        for position, (code, chinese, english, box, checked, days) in enumerate(_ARTICLE_KINDS)
        if code not in articles
    )  # fmt: skip
    units = set(session.scalars(select(PriceUnit.code)))
    session.add_all(
        PriceUnit(code=code, kilograms=kilograms, position=position)
        for position, (code, kilograms) in enumerate(_PRICE_UNITS)
        if code not in units
    )
    session.flush()


@dataclass(frozen=True, slots=True)
class FirstPerson:
    """Somebody who is there before anybody could enrol them."""

    name: str
    phone: str


@dataclass(frozen=True, slots=True)
class Issued:
    """What a first person is given, to be shown once: a password for one use and a second factor."""

    name: str
    password: str
    secret: str
    address: str


def make_first_people(
    session: Session, people: Sequence[FirstPerson], *, settings: Settings, now: datetime
) -> list[Issued]:
    """Make the county's two first people, so that each can give roles to others and to the other.

    Both are administrators and the county's own contact point, for callers and villages that have no other; the first
    may also draft alerts, the second sign them.
    """
    issued: list[Issued] = []
    for person, second_role in zip(people, (Role.OFFICER, Role.SIGNER), strict=True):
        account = accounts.enrol(
            session, name=person.name, phone=person.phone, area_code=settings.county, by=None, now=now, kinds=["other"],
            origin="init",
        )  # fmt: skip
        for role in (Role.ADMIN, Role.CONTACT, second_role):
            access.grant_role(session, account, role=role, area_code=settings.county, by=None, now=now)
        password = credentials.make_password()
        credentials.set_password(session, account, password, by_id="cli", now=now, once=True)
        secret = credentials.issue_totp(session, account, by_id="cli", now=now)
        address = credentials.totp_address(secret, account=account, service=settings.service_name)
        issued.append(Issued(person.name, password, secret, address))
    audit.record(session, actor_id="cli", act="county.init", detail={"county": settings.county}, now=now)
    return issued
