"""The people of a contact point's villages, as its desk shows them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from farmerline.clock import local
from farmerline.domain import access, answers, areas, choices, desk, posts, questions
from farmerline.domain import people as people_of
from farmerline.domain.access import Actor
from farmerline.domain.areas import inside_any
from farmerline.errors import Invalid
from farmerline.identity import mask_phone, normalise_phone
from farmerline.models import (
    Account,
    AccountState,
    Area,
    AreaLevel,
    PersonKind,
    Post,
    PostState,
    Question,
    QuestionKind,
    Role,
)


@dataclass(frozen=True, slots=True)
class PersonLine:
    """A person in a list: the number masked."""

    id: str
    name: str
    phone: str
    state: str
    place: str
    kinds: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class PostLine:
    """A post in a person's list."""

    id: str
    number: int | None
    line: str
    text: str
    state: str
    offers: bool | None
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that waits for a person's answer. ``choices`` are what the numbers of a doubt mean, in their order."""

    id: str
    kind: str
    code: str
    about: str
    asked_at: datetime
    choices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Person:
    """A person as their contact point sees them."""

    line: PersonLine
    preferred: str
    crops: tuple[str, ...]
    enrolled_at: datetime | None
    seen_by: str
    mendable: bool
    posts: tuple[PostLine, ...]
    questions: tuple[Asked, ...]
    household: tuple[PersonLine, ...]


def villages(session: Session, actor: Actor) -> list[tuple[str, str]]:
    """The actor's villages: code, and name with its town where there are several towns."""
    mine = actor.areas(Role.CONTACT)
    query = (
        select(Area.code)
        .where(Area.level == AreaLevel.VILLAGE, inside_any(Area.code, mine))
        .order_by(Area.code)
        .limit(600)
    )
    codes = list(session.scalars(query))
    if len({code[:9] for code in codes}) > 1:
        return [(code, areas.path_name(session, code)) for code in codes]
    return list(areas.names(session, codes).items())


def person_kinds(session: Session) -> list[tuple[str, str, str]]:
    """Kinds of people: code, Chinese, English; farmers first."""
    rows = session.execute(select(PersonKind.code, PersonKind.name_zh, PersonKind.name_en)).tuples()
    return sorted(rows, key=lambda row: (row[0] != "farmer", row[0] == "other", row[0]))


def people(session: Session, *, actor: Actor, area_code: str, said: str) -> list[PersonLine]:
    """The people of one of the actor's villages whom the words may mean; the newest fifty without words."""
    mine = actor.areas(Role.CONTACT)
    if not area_code.startswith(mine):
        return []
    if said.strip():
        return people_lines(
            session, people_of.find_in_area(session, area_code, said.strip(), by_number=True)[:50]
        )
    query = select(Account).where(
        areas.inside(Account.area_code, area_code), Account.state != AccountState.LEFT
    )
    newest = session.scalars(query.order_by(Account.created_at.desc(), Account.id).limit(50))
    return people_lines(session, list(newest))


def find(session: Session, *, actor: Actor, said: str) -> list[PersonLine]:
    """People of any of the actor's villages: by the whole phone, else by name or pinyin in villages and towns."""
    mine = actor.areas(Role.CONTACT)
    try:
        found = [
            one
            for one in people_of.by_phone(session, normalise_phone(said))
            if one.area_code.startswith(mine)
        ]
    except Invalid:
        found = [
            one
            for code in mine
            if len(code) >= 9
            for one in people_of.find_in_area(session, code, said, by_number=True)
        ]
    return people_lines(session, [one for one in found if one.state is not AccountState.LEFT][:12])


def chosen(session: Session, *, actor: Actor, account_id: str) -> list[PersonLine]:
    """The one person of this id where they live in the actor's villages, else nobody."""
    account = session.get(Account, account_id)
    if account is None or not account.area_code.startswith(actor.areas(Role.CONTACT)):
        return []
    return people_lines(session, [account])


def enrolled_today(session: Session, *, actor: Actor, now: datetime) -> int:
    """How many people this contact point has verified today."""
    morning = local(now).replace(hour=0, minute=0, second=0, microsecond=0)
    mine = select(func.count()).select_from(Account).where(Account.verified_by == actor.account_id)
    return session.scalar(mine.where(Account.verified_at >= morning)) or 0


def person(session: Session, *, actor: Actor, account_id: str) -> Person:
    """One person; ``Absent`` outside the actor's villages."""
    account = desk.person_of(session, actor, account_id)
    mine = actor.areas(Role.CONTACT)
    others = (
        [other for other in people_of.by_phone(session, account.phone) if other.id != account.id]
        if account.phone
        else []
    )
    own = select(Post).where(Post.account_id == account.id).order_by(Post.created_at.desc()).limit(20)
    seen_by = session.get(Account, account.id_seen_by) if account.id_seen_by else None
    return Person(
        line=people_lines(session, [account])[0],
        preferred=account.preferred.value,
        crops=tuple(row.concept for row in account.crops),
        enrolled_at=account.verified_at,
        seen_by=seen_by.name if seen_by else "",
        mendable=account.id != actor.account_id and not access.roles_of(session, account.id),
        posts=tuple(post_line(session, post) for post in session.scalars(own)),
        questions=tuple(
            Asked(
                question.id,
                question.kind.value,
                question.code,
                _about(session, question, actor.language),
                question.asked_at,
                choices.offered(session, question, actor.language),
            )
            for question in questions.open_questions(session, [account], None)
        ),
        household=tuple(
            people_lines(session, [other for other in others if other.area_code.startswith(mine)])
        ),
    )


def _about(session: Session, question: Question, language: str) -> str:
    """What is asked about; where it is what was meant, the person's own words."""
    if question.kind is QuestionKind.CHOICE:
        return session.get_one(Post, question.post_id).text
    return answers.topic(session, question, language)


def people_lines(session: Session, found: Sequence[Account]) -> list[PersonLine]:
    """People as they are listed."""
    names = {row[0]: (row[1], row[2]) for row in person_kinds(session)} if found else {}
    paths = {code: areas.path_name(session, code) for code in {account.area_code for account in found}}
    return [
        PersonLine(
            id=account.id, name=account.name, phone=mask_phone(account.phone) if account.phone else "", state=account.state.value,
            place=paths[account.area_code], kinds=tuple(names[row.kind] for row in account.kinds if row.kind in names),
        )
        for account in found
    ]  # fmt: skip


def post_line(session: Session, post: Post) -> PostLine:
    offers = post.items[0].direction == "supply" if post.items else None
    live = post.expires_at if post.state in (PostState.OPEN, PostState.MATCHED) else None
    return PostLine(
        post.id, post.number, posts.describe(session, post), post.text, post.state.value, offers, live
    )
