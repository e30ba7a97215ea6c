"""A stranger's number posts; the contact point sees his ID, and his post appears under his own name."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from farmerline import vault
from farmerline.demo.people import CONTACT, STRANGER
from farmerline.demo.stage import Stage
from farmerline.models import Account, AccountState, Case, CaseKind, CaseState, Post, PostState


def play(stage: Stage) -> None:
    told = stage.text(STRANGER, "卖土鸡50只 30元一斤 杨高村")
    stage.expect("a number nobody knows is asked to register", any("注册" in each for each in told), told)
    stage.expect("nothing is published", stage.look(_posts) == [], stage.look(_posts))
    told = stage.text(STRANGER, f"注册 {STRANGER.name} 杨高村")
    account = stage.look(_account)
    stage.expect(
        "he is pending until somebody has seen his ID",
        account is not None
        and account.state is AccountState.PENDING
        and any("身份证" in each for each in told),
        told,
    )
    number = stage.look(_case)
    desk = stage.browser(CONTACT)
    desk.open("/desk")
    stage.expect(
        "he stands on the contact point's list of today", STRANGER.name in desk.words, desk.words[:300]
    )
    desk.open(f"/desk/cases/{number}").submit("/verify", id_seen="yes")
    stage.tell(f"  🪪 {CONTACT.name} has seen the ID of {STRANGER.name}")
    stage.runtime.settle()
    account = stage.look(_account)
    stage.expect(
        "he is verified, by whom is on record", account is not None and account.verified_by is not None
    )
    desk.submit("/shared/start")
    desk.open("/me")
    stage.expect(
        "at the shared PC he sees his own words read back", "土鸡 50只" in desk.words, desk.words[:400]
    )
    desk.submit("/me/answer", reply="1")
    posts = stage.look(_posts)
    stage.expect(
        "his 1 makes it his own post",
        len(posts) == 1
        and account is not None
        and posts[0].account_id == account.id
        and posts[0].state in (PostState.OPEN, PostState.HELD),
        posts,
    )
    if posts and posts[0].state is PostState.HELD:
        _review(stage, desk_number=stage.look(_review_case))
    desk.open("/me").submit("/shared/end")
    desk.open("/me")
    stage.expect(
        "afterwards the operator's screen shows none of it",
        "土鸡" not in desk.words and STRANGER.phone[-8:] not in desk.page,
        desk.words[:400],
    )
    public = desk.open("/").words
    stage.expect(
        "the post is on the public board under his own masked name",
        "土鸡" in public and "邹**" in public,
        public[:600],
    )


def _review(stage: Stage, *, desk_number: int | None) -> None:
    """The first post of somebody who registered by himself is looked at before it is public."""
    desk = stage.browser(CONTACT)
    desk.open(f"/desk/cases/{desk_number}").submit("/review", decision="publish")
    stage.runtime.settle()


def _account(session: Session) -> Account | None:
    return session.scalars(
        select(Account).where(Account.phone_index == vault.phone_index(STRANGER.phone))
    ).first()


def _posts(session: Session) -> list[Post]:
    account = _account(session)
    return list(session.scalars(select(Post).where(Post.account_id == (account.id if account else ""))))


def _case(session: Session) -> int | None:
    return _open_case(session, CaseKind.REGISTER)


def _review_case(session: Session) -> int | None:
    return _open_case(session, CaseKind.REVIEW)


def _open_case(session: Session, kind: CaseKind) -> int | None:
    account = _account(session)
    wanted = select(Case.number).where(
        Case.kind == kind, Case.state == CaseState.OPEN, Case.account_id == (account.id if account else "")
    )
    return session.scalar(wanted)
