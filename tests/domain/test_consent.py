"""A yes or no is a row with its proof; the latest one holds, from the next send on."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from farmerline.db import Database
from farmerline.domain import consent
from farmerline.messages import Channel
from farmerline.models import AccountState, Consent, Purpose
from tests.factories import NOW, fill_county, make_account

LATER = NOW + timedelta(minutes=1)


@pytest.mark.parametrize(
    ("state", "allowed"),
    [
        (AccountState.VERIFIED, {Purpose.SERVICE, Purpose.MATCH, Purpose.LETTER, Purpose.ALERT}),
        (AccountState.PENDING, {Purpose.SERVICE}),
        (AccountState.SUSPENDED, {Purpose.SERVICE}),
        (AccountState.LEFT, {Purpose.SERVICE}),
    ],
)
def test_where_nothing_was_said_tips_need_a_yes(
    database: Database, state: AccountState, allowed: set[Purpose]
) -> None:
    with database.write() as session:
        fill_county(session)
        account = make_account(session, state=state)
        got = {
            purpose
            for purpose in Purpose
            if consent.allows(session, account=account, purpose=purpose, channel="sms")
        }
    assert got == allowed


def test_a_stop_is_effective_at_once_and_leaves_the_rest(database: Database) -> None:
    """P-06."""
    with database.write() as session:
        fill_county(session)
        account = make_account(session, tips=True)

        def may(purpose: Purpose, channel: Channel = Channel.SMS) -> bool:
            return consent.allows(session, account=account, purpose=purpose, channel=channel)

        assert may(Purpose.TIPS)
        consent.stop(
            session,
            accounts=[account],
            phone_index=account.phone_index,
            purposes=consent.UNASKED,
            proof="inbound:1",
            now=LATER,
        )
        assert [may(purpose) for purpose in (Purpose.TIPS, Purpose.DIGEST)] == [False, False]
        assert all(
            may(purpose) for purpose in (Purpose.MATCH, Purpose.LETTER, Purpose.ALERT, Purpose.SERVICE)
        )
        consent.resume(
            session,
            accounts=[account],
            phone_index=account.phone_index,
            purposes=consent.UNASKED,
            proof="inbound:2",
            now=LATER,
        )
        assert may(Purpose.TIPS)
        proofs = [row.proof for row in consent.history(session, account) if row.purpose is Purpose.TIPS]
        assert proofs == ["inbound:2", "inbound:1", "enrol:2:test"]


def test_a_no_by_one_channel_leaves_the_others(database: Database) -> None:
    with database.write() as session:
        fill_county(session)
        account = make_account(session)
        consent.stop(
            session,
            accounts=[account],
            purposes=[Purpose.MATCH],
            proof="page:x",
            now=LATER,
            channel=Channel.VOICE,
        )
        assert not consent.allows(session, account=account, purpose=Purpose.MATCH, channel=Channel.VOICE)
        assert consent.allows(session, account=account, purpose=Purpose.MATCH, channel=Channel.SMS)


def test_a_number_without_an_account_may_say_no_and_it_binds_its_people(database: Database) -> None:
    with database.write() as session:
        fill_county(session)
        account = make_account(session, tips=True)
        neighbour = make_account(session, tips=True)
        consent.stop(
            session, phone_index=account.phone_index, purposes=[Purpose.TIPS], proof="inbound:3", now=LATER
        )
        assert not consent.allows(session, account=account, purpose=Purpose.TIPS, channel="sms")
        assert not consent.allows(
            session, phone_index=account.phone_index, purpose=Purpose.TIPS, channel="sms"
        )
        assert consent.filter_allowed(session, [neighbour, account], purpose=Purpose.TIPS) == [neighbour]
        consent.grant(
            session, account, purposes=[Purpose.TIPS], proof="enrol:1", now=LATER + timedelta(seconds=1)
        )
        assert consent.allows(session, account=account, purpose=Purpose.TIPS, channel="sms")


def test_an_unknown_number_gets_answers_only(database: Database) -> None:
    with database.write() as session:
        got = {
            purpose
            for purpose in Purpose
            if consent.allows(session, phone_index="x", purpose=purpose, channel="sms")
        }
        assert got == {Purpose.SERVICE}
        assert not consent.allows(session, purpose=Purpose.TIPS)


def test_rows_are_only_added(database: Database) -> None:
    with database.write() as session:
        fill_county(session)
        account = make_account(session)
        before = session.scalar(select(func.count()).select_from(Consent)) or 0
        for turn in range(3):
            consent.stop(
                session, accounts=[account], purposes=[Purpose.TIPS], proof=f"inbound:{turn}", now=LATER
            )
        assert session.scalar(select(func.count()).select_from(Consent)) == before + 3


def test_a_yes_given_before_the_id_was_seen_holds_from_then_on(database: Database) -> None:
    with database.write() as session:
        fill_county(session)
        account = make_account(session, state=AccountState.PENDING)
        consent.grant(session, account, purposes=[Purpose.TIPS, Purpose.MATCH], proof="inbound:1", now=NOW)
        assert not consent.allows(session, account=account, purpose=Purpose.TIPS)
        assert not consent.allows(session, account=account, purpose=Purpose.MATCH)
        account.state = AccountState.VERIFIED
        assert consent.allows(session, account=account, purpose=Purpose.TIPS)
