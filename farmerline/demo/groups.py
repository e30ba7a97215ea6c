"""The demo county's groups of the mailbox: old Yang's grape growers, and the contact point's."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from farmerline.demo.people import CONTACT, OLD_YANG, YANGGAO, Person, people
from farmerline.demo.stage import find_account
from farmerline.domain import group_letters, letter_groups, mailbox
from farmerline.ids import new_id
from farmerline.models import Account, GroupMember, Letter, MemberState
from farmerline.runtime import Runtime

_GROUPS = (
    (
        OLD_YANG,
        "杨高葡萄户",
        "葡萄",
        "剪枝",
        "合作社的老师后天上午九点来教冬剪，在我家棚里。带上自己的剪刀。",
    ),
    (CONTACT, "杨高茶农", "茶叶", "修剪机", "村里的修剪机修好了，要用的到联络点登记，一天一户。"),
)
_MOST = 6


def write_groups(runtime: Runtime) -> None:
    """Make them, let people in, and write to each; some have read it."""
    now = runtime.now()
    with runtime.database.write() as session:
        for keeper, name, crop, subject, body in _GROUPS:
            owner = _account(session, keeper)
            group = letter_groups.found(session, owner=owner, name=name, now=now - timedelta(days=9))
            group.members += [
                GroupMember(
                    account_id=_account(session, person).id, state=MemberState.IN, asked_at=now - timedelta(days=9),
                    answered_at=now - timedelta(days=8), answered_via="sms",
                )
                for person in _growers(crop)
            ]  # fmt: skip
            session.flush()
            sent = group_letters.write(
                session, group, owner=owner, body=body, subject=subject, once=new_id(), settings=runtime.settings,
                now=now - timedelta(days=1),
            )  # fmt: skip
            for letter in session.scalars(select(Letter).where(Letter.campaign_id == sent.id).limit(3)):
                reader = session.get_one(Account, letter.to_id)
                mailbox.mark_read([letter], reader, channel="sms", now=now - timedelta(hours=20))


def _growers(crop: str) -> list[Person]:
    """Some of the village who are in no story."""
    mine = [one for one in people() if one.key.startswith("p") and one.place == YANGGAO and crop in one.crops]
    return [one for one in mine if one.state == "verified"][:_MOST]


def _account(session: Session, person: Person) -> Account:
    account = find_account(session, person)
    if account is None:
        raise LookupError(person.key)
    return account
