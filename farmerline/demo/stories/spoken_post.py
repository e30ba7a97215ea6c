"""A farmer speaks a post; the contact point writes it down, he confirms by key, and it meets a buyer of the web."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from farmerline.demo.people import SPEAKER, WEB_BUYER, person
from farmerline.demo.stage import Stage
from farmerline.demo.ways import way_of
from farmerline.models import Case, CaseKind, CaseState, Match, Post, PostState

_WORDS = "甘蓝五千斤八毛一斤傅家路村"


def play(stage: Stage) -> None:
    buyer = way_of("web", stage, WEB_BUYER)
    buyer.post("buy", "收甘蓝三千斤,九毛以内,送到下洋浦村")
    buyer.answer("1")

    call = stage.ring(SPEAKER, "1 # 1", _WORDS)
    stage.expect(
        "the line answers with what there is to press", any("卖" in each for each in call.heard), call.heard
    )
    stage.expect(
        "what he said is kept and has a number", any("编号" in each for each in call.heard), call.heard
    )
    number = stage.look(lambda session: _case(session, stage))
    desk = stage.browser(person(f"contact-{SPEAKER.place}"))
    desk.open(f"/desk/cases/{number}")
    sound = desk.page.partition("<audio")[2].partition('src="')[2].partition('"')[0]
    page = desk.page
    desk.open(sound)
    stage.expect(
        "the contact point can hear it",
        desk.content[:4] == b"RIFF" and len(desk.content) > 8000,
        len(desk.content),
    )
    desk.page = page
    desk.submit("/write-down", text=_WORDS)
    stage.tell(f"  ✍ {_WORDS}")
    stage.expect("his phone rings to read it back", stage.rings_at(SPEAKER))
    call = stage.pick_up(SPEAKER, "1")
    heard = " ".join(call.heard)
    stage.expect("he hears his own words", "甘蓝,五千斤,八毛一斤" in heard, heard)
    posts = stage.look(lambda session: _posts(session, stage))
    stage.expect(
        "his key publishes it under his name, with who wrote it down",
        [(post.state, post.operator_id is not None) for post in posts] == [(PostState.OPEN, True)],
        [(post.state, post.operator_id) for post in posts],
    )
    matches = stage.look(lambda session: _matches(session, posts))
    stage.expect("it meets the buyer who came by the web", len(matches) == 1, matches)
    told = buyer.told()
    stage.expect("the buyer sees why", bool(matches) and "都是甘蓝" in told, told[:400])
    told = buyer.answer("1")
    stage.expect(
        "the buyer's yes shows the farmer's number",
        SPEAKER.phone.removeprefix("+86") in told.replace(" ", ""),
        told[:400],
    )


def _case(session: Session, stage: Stage) -> int | None:
    account = stage.account(session, SPEAKER)
    return session.scalar(
        select(Case.number).where(
            Case.kind == CaseKind.VOICE_POST,
            Case.state == CaseState.OPEN,
            Case.account_id == (account.id if account else ""),
        )
    )


def _posts(session: Session, stage: Stage) -> list[Post]:
    account = stage.account(session, SPEAKER)
    return list(session.scalars(select(Post).where(Post.account_id == (account.id if account else ""))))


def _matches(session: Session, posts: list[Post]) -> list[Match]:
    return list(session.scalars(select(Match).where(Match.supply_post_id.in_([post.id for post in posts]))))
