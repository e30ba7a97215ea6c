"""The verbs of the contact desk, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from sqlalchemy import select

import matching
from farmerline.db import Database
from farmerline.domain import Session, access, cases, desk, desk_people, dictation, intake
from farmerline.domain.access import Actor
from farmerline.errors import Absent, Conflict, Invalid
from farmerline.messages import Channel
from farmerline.models import Account, AuditRow, Call, Case, CaseKind, CaseState, Inbound, Recording, Role
from tests import factories
from tests.factories import NOW, SHUIXIANG, YANGGAO


@dataclass
class Desk:
    """A village with its contact point, a farmer, and a spoken post that waits."""

    helper: Account
    actor: Actor
    farmer: Account
    case: Case


def _desk(session: Session) -> Desk:
    factories.fill_county(session)
    helper = factories.make_staff(session, Role.CONTACT, YANGGAO, "岑美芳")
    farmer = factories.make_account(session, "杨永根")
    call = Call(gateway="voice", ref="CA1", caller=farmer.phone, started_at=NOW)
    session.add(call)
    session.flush()
    recording = Recording(call_id=call.id, use="sell", seconds=9, sound=b"RIFF", at=NOW)
    session.add(recording)
    session.flush()
    case = cases.open_case(
        session,
        kind=CaseKind.VOICE_POST,
        area_code=YANGGAO,
        text="",
        now=NOW,
        account=farmer,
        direction="supply",
        recording=recording,
    )
    return Desk(helper, access.actor_of(session, helper), farmer, case)


def _write(
    session: Session, at: Desk, *, text: str = "葡萄2000斤 1.8元一斤", token: str = "t1", who: str = ""
) -> object:
    return dictation.write_down(
        session, actor=at.actor, number=at.case.number, account_id=who or at.farmer.id, text=text, token=token,
        understand=matching.understand, now=NOW,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "direction", "taken"),
    [
        ("卖葡萄2000斤", "supply", "卖葡萄2000斤"),
        ("葡萄2000斤 1.8元一斤", "supply", "卖葡萄2000斤 1.8元一斤"),
        ("葡萄苗1500株", "demand", "买葡萄苗1500株"),
        ("  卖葡萄\0 2000斤 ", "", "卖葡萄 2000斤"),
    ],
)
def test_the_key_that_was_pressed_tells_the_side_where_the_words_do_not(
    text: str, direction: str, taken: str
) -> None:
    assert dictation.offer_words(text, direction, matching.understand) == taken


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty_words"),
        ("\0 ", "empty_words"),
        ("葡" * 801, "long_words"),
        ("明天来", "no_offer"),
        ("1", "no_offer"),
        ("🍇🍇", "no_offer"),
    ],
)
def test_words_without_a_product_are_refused(text: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        dictation.offer_words(text, "supply", matching.understand)
    assert refused.value.code == code and refused.value.field == "text"


def test_words_are_on_record_and_the_case_closed_in_one_step(database: Database) -> None:
    with database.write() as session:
        at = _desk(session)
        first, again = _write(session, at), _write(session, at)
        assert first == again
        row = session.scalars(select(Inbound)).one()
        assert (row.channel, row.operator_id, row.account_id) == (Channel.VOICE, at.helper.id, at.farmer.id)
        assert intake.to_read(session, row.id) is not None
        assert at.case.state is CaseState.CLOSED
        with pytest.raises(Conflict):
            _write(session, at, token="t2")


def test_a_refused_writing_leaves_no_trace(database: Database) -> None:
    with database.write() as session:
        at = _desk(session)
        stranger = factories.make_account(session, "陈国良", area_code=SHUIXIANG)
        for attempt in (lambda: _write(session, at, text=""), lambda: _write(session, at, who="0" * 32)):
            with pytest.raises(Invalid):
                attempt()
        with pytest.raises(Absent):
            _write(session, at, who=stranger.id)
        assert session.scalars(select(Inbound)).all() == []
        assert at.case.state is CaseState.OPEN


def test_every_verb_is_closed_to_the_next_village(database: Database) -> None:
    with database.write() as session:
        at = _desk(session)
        other = access.actor_of(session, factories.make_staff(session, Role.CONTACT, SHUIXIANG, "陈国庆"))
        verbs: list[Callable[[], object]] = [
            lambda: desk.case_of(session, other, at.case.number),
            lambda: desk.person_of(session, other, at.farmer.id),
            lambda: dictation.hear(session, actor=other, recording_id=at.case.recording_id or "", now=NOW),
            lambda: desk.show_caller(session, actor=other, number=at.case.number, now=NOW),
            lambda: desk.close(session, actor=other, number=at.case.number, outcome="x", tell=False, now=NOW),
            lambda: desk_people.reveal_phone(session, actor=other, account_id=at.farmer.id, now=NOW),
            lambda: desk_people.reset_password(session, actor=other, account_id=at.farmer.id, now=NOW),
            lambda: desk_people.leave(session, actor=other, account_id=at.farmer.id, sure=True, now=NOW),
        ]
        before = len(session.scalars(select(AuditRow)).all())
        for verb in verbs:
            with pytest.raises(Absent):
                verb()
        assert len(session.scalars(select(AuditRow)).all()) == before


@pytest.mark.parametrize("number", [0, -1, 2**63, 10**30])
def test_a_number_no_case_can_have_is_absent(database: Database, number: int) -> None:
    with database.write() as session:
        at = _desk(session)
        with pytest.raises(Absent):
            desk.case_of(session, at.actor, number)
