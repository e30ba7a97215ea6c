"""The demo county's people, posts and letters: complete, the same each time, clearly fictional."""

from __future__ import annotations

import inspect
import re
from collections import Counter

import pytest

from farmerline.demo import board
from farmerline.demo import people as county
from farmerline.identity import check_credit_code, normalise_phone
from farmerline.names import fits, signed_as
from farmerline.places import read_vendored, short_name

PEOPLE = county.people()
PLACES = {row.code: row.name for row in read_vendored()}


def test_there_are_600_people_the_same_on_every_run() -> None:
    assert len(PEOPLE) == 600
    county.people.cache_clear()
    assert county.people() == PEOPLE
    assert len({person.key for person in PEOPLE}) == 600
    assert len({person.name for person in PEOPLE}) == 600


def test_they_live_in_twenty_real_villages_or_the_towns_of_their_firms() -> None:
    villages = {person.place for person in PEOPLE if len(person.place) == 12}
    assert villages == set(county.VILLAGES)
    assert len(villages) == 20
    assert all(person.place in PLACES and person.scope in PLACES for person in PEOPLE)
    assert all(village.startswith("330282") for village in villages)
    assert short_name(PLACES[county.YANGGAO]) == "杨高村"
    said = [short_name(PLACES[village]) for village in villages]
    assert len(set(said)) == 20
    crowd = Counter(person.place for person in PEOPLE)
    assert all(crowd[village] >= 20 for village in villages)


def test_the_comments_beside_the_villages_are_their_names() -> None:
    source = inspect.getsource(county)
    for code, crops in county.VILLAGES.items():
        line = next(
            line for line in source.splitlines() if crops[-1] in line and (code in line or "YANGGAO:" in line)
        )
        assert line.endswith(f"# {PLACES[code[:9]]}{short_name(PLACES[code])}")


def test_every_role_is_held_and_each_village_has_one_contact_point() -> None:
    roles = Counter(person.role for person in PEOPLE)
    assert set(roles) == {"farmer", "contact", "expert", "publisher", "officer", "signer", "admin"}
    assert sorted(person.scope for person in PEOPLE if person.role == "contact") == sorted(county.VILLAGES)
    assert roles["signer"] >= 2
    assert roles["officer"] >= 2


def test_every_kind_occurs_and_some_accounts_are_not_in_order() -> None:
    kinds = {kind for person in PEOPLE for kind in person.kinds}
    assert kinds == {"farmer", "buyer", "coop", "firm", "large_grower", "broker", "technician", "market"}
    assert {person.state for person in PEOPLE} == {"verified", "pending", "suspended", "left"}
    assert {person.channel for person in PEOPLE} == {"sms", "voice", "mailbox"}


def test_names_and_phones_are_clearly_fictional() -> None:
    cast = {person.name for person in county.CAST}
    for person in (*PEOPLE, county.STRANGER):
        assert normalise_phone(person.phone) == person.phone
        assert re.fullmatch(r"\+861990000\d{4}", person.phone)
        assert person.name in cast or person is county.STRANGER or person.name[1] in "甲乙丙丁戊己庚辛壬癸"


def test_households_share_a_phone_within_one_village_and_nobody_else_does() -> None:
    by_phone: dict[str, list[county.Person]] = {}
    for person in PEOPLE:
        by_phone.setdefault(person.phone, []).append(person)
    shared = [members for members in by_phone.values() if len(members) > 1]
    assert len(shared) == 41
    for members in shared:
        assert len(members) == 2
        assert members[0].household
        assert len({(member.household, member.place) for member in members}) == 1
    assert county.STRANGER.phone not in by_phone


def test_one_member_of_the_shared_phone_answers_to_old_yang() -> None:
    members = [person.name for person in PEOPLE if person.phone == county.SHARED_A.phone]
    assert members == [county.SHARED_A.name, county.SHARED_B.name]
    assert signed_as("有翠冠梨三千来斤块八一斤杨高村老杨", members) == (0,)
    assert fits("老杨", county.OLD_YANG.name)


def test_organisations_have_right_codes_with_a_registrar_that_does_not_exist() -> None:
    assert len({each.credit_code for each in county.ORGANISATIONS}) == len(county.ORGANISATIONS)
    for each in county.ORGANISATIONS:
        assert check_credit_code(each.credit_code) == each.credit_code
        assert each.credit_code[2:8] == "999999"
        assert "99" not in PLACES
        assert "演示" in each.name
        assert county.person(each.contact).organisation == each.key
        assert county.person(each.contact).place == each.place
    elsewhere = {
        PLACES[each.place[:2]] for each in county.ORGANISATIONS if not each.place.startswith("330282")
    }
    assert elsewhere == {"浙江省", "上海市", "广东省"}
    assert county.organisation("market").kind == "market"


def test_posts_fill_thirty_days_villages_and_channels() -> None:
    posts = board.posts()
    assert 190 <= len(posts) <= 220
    assert {post.days for post in posts} == set(range(1, 31))
    assert {post.channel for post in posts} == {"sms", "web", "voice", "contact"}
    assert all(360 <= post.minute <= 1200 for post in posts)
    assert {PEOPLE[post.author].place for post in posts} >= set(county.VILLAGES)
    assert max(Counter(post.author for post in posts).values()) <= 6
    assert len({post.text for post in posts}) == len(posts)
    board.posts.cache_clear()
    assert board.posts() == posts


def test_posts_leave_the_stories_their_goods() -> None:
    for post in board.posts():
        assert not [word for word in board.RESERVED if word in post.text]
        assert "{" not in post.text
        assert len(post.text) <= 70


@pytest.mark.parametrize("letter", board.letters())
def test_a_letter_is_between_two_people_and_an_answer_goes_back(letter: board.Letter) -> None:
    assert letter.sender != letter.reader
    if letter.answers is not None:
        first = board.letters()[letter.answers]
        assert (first.sender, first.reader, first.subject) == (letter.reader, letter.sender, letter.subject)
        assert first.days >= letter.days
