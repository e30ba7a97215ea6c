"""A new post and its subscribers: told within seconds, once, in few texts, never at night, never their own."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from farmerline import parts
from farmerline.domain import consent, posts, questions, subscriptions
from farmerline.messages import Channel
from farmerline.models import (
    Account,
    AccountState,
    Delivery,
    Match,
    Post,
    PostState,
    Purpose,
    QuestionKind,
    WatchCursor,
    WatchNotice,
)
from jobs.deliver import drain
from jobs.watch import next_moment, spread, watch
from tests.factories import COUNTY, NOW, SHUIXIANG, TOWN, XINDONG
from tests.jobs.carrier import County
from tests.jobs.watched import dropped, pass_by, person, release, rest, subscriber, texts

SHANGHAI = "310118102"
NIGHT = datetime(2026, 11, 20, 13, tzinfo=UTC)  # nine in the evening in China


def test_a_subscriber_is_told_what_where_and_at_what_price_and_how_to_end_it(county: County) -> None:
    seller, buyer = person(county), subscriber(county)
    release(county, seller)
    assert pass_by(county) == 1
    (text,) = texts(county)
    assert "1001 卖葡萄苗 2000株 3元/株 龙山镇杨高村" in text
    assert "退订葡萄苗" in text
    assert "杨大山" not in text
    assert not re.search(r"1[3-9]\d{9}", text)
    assert parts.count(text, "慈溪农业").parts == 1
    drain(county.context)
    assert [one.to for one in county.carrier.taken] == [buyer.phone]
    assert pass_by(county) == 0  # once


@pytest.mark.parametrize(
    ("wants", "post", "told"),
    [
        ({}, {}, True),
        ({"form": ""}, {}, True),
        ({"form": "fresh"}, {}, False),
        ({"concept": "西瓜"}, {}, False),
        ({"direction": "demand"}, {}, False),
        ({"direction": "demand"}, {"direction": "demand"}, True),
        ({"area_code": COUNTY}, {}, True),
        ({"area_code": TOWN}, {}, True),
        ({"area_code": TOWN}, {"area_code": SHUIXIANG}, False),
        ({"area_code": "33"}, {"area_code": SHANGHAI}, False),
        ({"area_code": ""}, {"area_code": SHANGHAI}, True),
        ({"variety": "夏黑"}, {"variety": "夏黑"}, True),
        ({"variety": "夏黑"}, {"variety": "巨峰"}, False),
        ({"variety": "夏黑"}, {}, False),
        ({}, {"variety": "夏黑"}, True),
        (
            {"concept": "枸杞", "form": "raw"},
            {"concept": "枸杞", "form": "dried"},
            True,
        ),  # near enough to be one thing
        ({"form": "dried"}, {"form": "fresh"}, False),
    ],
)
def test_a_post_meets_those_who_want_just_that(
    sqlite_county: County, wants: dict[str, Any], post: dict[str, Any], told: bool
) -> None:
    subscriber(sqlite_county, wants=[wants])
    release(sqlite_county, person(sqlite_county), **post)
    assert pass_by(sqlite_county) == int(told)


def test_two_subscriptions_that_fit_one_post_are_one_notice(county: County) -> None:
    subscriber(county, wants=[{}, {"form": ""}, {"area_code": ""}])
    release(county, person(county))
    assert pass_by(county) == 1
    assert len(texts(county)) == 1


def test_nobody_is_told_of_their_own_households_post(county: County) -> None:
    seller = subscriber(county)
    subscriber(county, "杨小山", phone=seller.phone)
    release(county, seller)
    assert pass_by(county) == 0


def test_two_on_one_phone_are_one_text(county: County) -> None:
    first = subscriber(county)
    subscriber(county, "李大江", phone=first.phone)
    release(county, person(county))
    assert pass_by(county) == 1
    assert pass_by(county) == 0
    assert dropped(county) == ["household"]


def test_who_was_asked_about_a_match_with_it_needs_no_notice(county: County) -> None:
    early, late, other = (subscriber(county, name) for name in ("李小梅", "罗一", "岑利民"))
    supply = release(county, person(county))

    def ask(who: Account, number: int) -> None:
        wanted = release(county, who, number, direction="demand")
        with county.database.write() as session:
            match = Match(
                supply_post_id=supply.id, demand_post_id=wanted.id, supply_item_id=supply.items[0].id,
                demand_item_id=wanted.items[0].id, score=1.0, reason_zh="", reason_en="", made_at=NOW,
            )  # fmt: skip
            session.add(match)
            session.flush()
            questions.ask(session, kind=QuestionKind.MATCH, now=NOW, hours=9, account=who, match_id=match.id)

    ask(early, 1002)
    spread(county.context)
    ask(late, 1003)  # between writing down and telling
    assert pass_by(county) == 1
    assert len(texts(county, other)) == 1
    assert dropped(county) == ["matched"]


@pytest.mark.parametrize("state", [AccountState.SUSPENDED, AccountState.LEFT, AccountState.PENDING])
def test_only_verified_people_are_told(sqlite_county: County, state: AccountState) -> None:
    before, between = subscriber(sqlite_county), subscriber(sqlite_county, "罗一")

    def turn(who: Account) -> None:
        with sqlite_county.database.write() as session:
            session.execute(update(Account).where(Account.id == who.id).values(state=state))

    turn(before)
    release(sqlite_county, person(sqlite_county))
    spread(sqlite_county.context)
    turn(between)
    assert pass_by(sqlite_county) == 0
    assert dropped(sqlite_county) == ["consent"]
    assert next_moment(sqlite_county.context) is None


def test_a_stop_holds_before_the_next_message_and_what_waited_never_comes(county: County) -> None:
    buyer, seller = subscriber(county), person(county)
    release(county, seller)
    spread(county.context)
    with county.database.write() as session:
        rest(session, session.merge(buyer), county.clock.now())
    assert pass_by(county) == 0
    with county.database.write() as session:
        consent.resume(
            session, accounts=[buyer], purposes=consent.STOPPED, proof="inbound:y", now=county.clock.now()
        )
    assert pass_by(county) == 0
    release(county, seller, 1002)
    assert pass_by(county) == 1
    with county.database.write() as session:  # between the promise and the sending
        rest(session, session.merge(buyer), county.clock.now())
    drain(county.context)
    assert county.carrier.taken == []
    assert county.states() == ["cancelled"]


@pytest.mark.parametrize("how", ["post", "lot", "term", "subscription"])
def test_what_is_over_is_dropped_before_it_is_told(county: County, how: str) -> None:
    buyer, seller = subscriber(county), person(county)
    post = release(county, seller)
    spread(county.context)
    with county.database.write() as session:
        row = session.get_one(Post, post.id)
        if how == "post":
            posts.end(session, row, PostState.DONE, by=None, channel="", now=county.clock.now())
        elif how == "lot":
            row.items[0].live = False
        elif how == "term":
            row.expires_at = county.clock.now() + timedelta(seconds=5)
        else:
            subscriptions.end(subscriptions.held(session, [buyer])[0], now=county.clock.now())
    assert pass_by(county) == 0
    assert dropped(county) == ["ended" if how == "subscription" else "over"]


def test_a_post_that_is_over_before_it_is_spread_is_forgotten(sqlite_county: County) -> None:
    subscriber(sqlite_county)
    post = release(sqlite_county, person(sqlite_county))
    with sqlite_county.database.write() as session:
        session.get_one(Post, post.id).state = PostState.WITHDRAWN
    assert pass_by(sqlite_county) == 0
    with sqlite_county.database.read() as session:
        assert session.scalar(select(func.count()).select_from(WatchCursor)) == 0
        assert session.scalar(select(func.count()).select_from(WatchNotice)) == 0


def test_what_comes_together_is_one_text_with_three_at_most_the_nearest_first(county: County) -> None:
    """M16."""
    subscriber(county)
    seller = person(county)
    for number in range(1001, 1006):
        release(county, seller, number, area_code=XINDONG if number == 1001 else SHUIXIANG)
    release(county, seller, 1006)
    assert pass_by(county) == 1
    (text,) = texts(county)
    assert [int(one) for one in re.findall(r"^(\d{4}) ", text, re.M)] == [1006, 1001, 1005]
    assert "还有3条在网页上" in text
    assert "6条" in text
    assert parts.count(text, "慈溪农业").parts == 2
    assert pass_by(county) == 0


def test_after_three_texts_a_day_the_rest_comes_in_one_next_morning(county: County) -> None:
    subscriber(county)
    seller = person(county)
    for number in range(1001, 1007):
        release(county, seller, number)
        assert pass_by(county) == (1 if number < 1004 else 0)
    county.wait(hours=9)  # night
    assert watch(county.context) == 0
    moment = next_moment(county.context)
    assert moment == datetime(2026, 11, 21, 0, tzinfo=UTC)  # eight in China
    county.clock.advance(moment - county.clock.now())
    assert watch(county.context) == 1
    assert "3条" in texts(county)[-1]
    assert watch(county.context) == 0


def test_nothing_is_told_at_night_and_everything_in_the_morning(county: County) -> None:
    subscriber(county)
    county.clock.advance(NIGHT - NOW)
    release(county, person(county))
    assert pass_by(county) == 0
    county.wait(hours=11)
    assert watch(county.context) == 1


def test_a_notice_that_is_late_at_the_carrier_waits_for_the_morning(county: County) -> None:
    subscriber(county)
    release(county, person(county))
    pass_by(county)
    county.clock.advance(NIGHT - county.clock.now())
    assert drain(county.context) == 0
    county.wait(hours=11)
    assert drain(county.context) == 1


def test_notices_take_nothing_from_the_weeks_tips(sqlite_county: County) -> None:
    buyer, seller = subscriber(sqlite_county, tips=True), person(sqlite_county)
    for number in (1001, 1002, 1003):
        release(sqlite_county, seller, number)
        pass_by(sqlite_county)
    drain(sqlite_county.context)
    sqlite_county.promise("追肥", account=buyer, address=buyer.phone, purpose=Purpose.TIPS)
    assert drain(sqlite_county.context) == 1


@pytest.mark.parametrize(
    ("values", "channel", "words"),
    [
        ({"preferred": Channel.VOICE}, Channel.VOICE, "您订的有了"),
        ({"preferred": Channel.MAILBOX}, Channel.MAILBOX, "您订的有了"),
        ({"language": "en"}, Channel.SMS, "You subscribed: 1001 sell 葡萄苗"),
    ],
)
def test_each_is_told_by_the_channel_and_in_the_language_they_chose(
    sqlite_county: County, values: dict[str, Any], channel: Channel, words: str
) -> None:
    subscriber(sqlite_county, **values)
    release(sqlite_county, person(sqlite_county))
    pass_by(sqlite_county)
    with sqlite_county.database.read() as session:
        row = session.scalars(select(Delivery)).one()
    assert (row.channel, row.purpose) == (channel, Purpose.WATCH)
    assert words in row.text
    assert channel is Channel.SMS or "回:" not in row.text


def test_a_buyers_post_tells_who_has_some(sqlite_county: County) -> None:
    subscriber(sqlite_county, wants=[{"direction": "demand"}])
    release(sqlite_county, person(sqlite_county), direction="demand")
    pass_by(sqlite_county)
    assert "有货回:卖葡萄苗加数量" in texts(sqlite_county)[0]
