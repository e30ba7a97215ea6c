"""Groups of the mailbox: only who agrees is in one, a letter to it is one letter to each, a few in a week."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from farmerline.domain import erasure, group_letters, group_limits, letter_groups, mailbox, urgent
from farmerline.domain.access import actor_of
from farmerline.errors import Absent, Conflict, Invalid, TooOften
from farmerline.ids import new_id
from farmerline.models import (
    Account,
    AccountCrop,
    AuditRow,
    Campaign,
    Delivery,
    Letter,
    LetterGroup,
    Purpose,
    Question,
    QuestionKind,
    Role,
)
from farmerline.queries import letter_groups as listed
from farmerline.queries import letter_search, urgent_letters
from farmerline.queries import letters as own_letters
from tests import factories
from tests.domain.talking import Village, sms_parts

GROUP = "葡萄社"


def keep(village: Village, owner: Account, name: str = GROUP) -> LetterGroup:
    with village.session() as session:
        return letter_groups.found(
            session, owner=session.get_one(Account, owner.id), name=name, now=village.now
        )


def ask(village: Village, group: LetterGroup, owner: Account, *whom: Account) -> int:
    with village.session() as session:
        return letter_groups.ask(
            session, session.get_one(LetterGroup, group.id), owner=session.get_one(Account, owner.id),
            whom=[session.get_one(Account, one.id) for one in whom], settings=village.settings, now=village.now,
        )  # fmt: skip


def code(village: Village, who: Account) -> str:
    asked = village.all(Question, Question.account_id == who.id, Question.kind == QuestionKind.GROUP)
    return str(asked[-1].code)


def write(
    village: Village, group: LetterGroup, owner: Account, body: str = "明天来领苗", once: str = ""
) -> Campaign:
    with village.session() as session:
        return group_letters.write(
            session, session.get_one(LetterGroup, group.id), owner=session.get_one(Account, owner.id), body=body,
            subject="领苗", once=once or new_id(), settings=village.settings, now=village.now,
        )  # fmt: skip


def test_who_says_yes_is_in_who_says_no_is_never_asked_again(village: Village) -> None:
    """M12."""
    owner, yang, mei = village.person("沈育苗"), village.person(), village.person("陈小梅")
    group = keep(village, owner)
    assert ask(village, group, owner, yang, mei, owner) == 2
    (told,) = village.heard(yang)
    assert told.startswith(f"沈育苗请您进群“{GROUP}”") and sms_parts(told) == 1
    assert "您已进群" in village.told(yang, f"1{code(village, yang)}")
    assert "不再问您" in village.told(mei, f"2{code(village, mei)}")
    with village.session() as session:
        seen = listed.view(session, session.get_one(Account, owner.id), group.id, now=village.now)
        assert ([one.name for one in seen.people], seen.people[0].via, seen.waiting) == (["杨大山"], "sms", 0)
    assert ask(village, group, owner, yang, mei) == 0
    acts = ("group.found", "group.ask", "group.in", "group.out")
    assert [village.count(AuditRow, AuditRow.act == act) for act in acts] == [1, 1, 1, 1]


def test_a_letter_to_a_group_is_one_letter_to_each_told_once_and_answered_to_its_writer_alone(
    village: Village,
) -> None:
    """M12."""
    owner, people = village.person("沈育苗"), [village.person(), village.person("陈小梅")]
    group = keep(village, owner)
    ask(village, group, owner, *people)
    for one in people:
        village.say(one, f"1{code(village, one)}")
    once = new_id()
    sent = write(village, group, owner, once=once)
    assert write(village, group, owner, once=once).id == sent.id
    assert sorted(row.to_id for row in village.all(Letter)) == sorted(one.id for one in people)
    assert village.count(Delivery, Delivery.campaign_id == sent.id) == 2
    notice = village.heard(people[0])[-1]
    reply = notice.split("回信发")[1][:3]
    village.say(people[0], f"{reply} 好的")
    with village.session() as session:
        me, other = session.get_one(Account, owner.id), session.get_one(Account, people[1].id)
        (thread,) = mailbox.threads(session, me)  # the two copies stand with the group, not here
        assert (thread.other_id, thread.last.body) == (people[0].id, "好的")
        assert len(mailbox.threads(session, other)) == 1
        assert (
            own_letters.thread(session, other, mailbox.threads(session, other)[0].id, now=village.now).group
            == GROUP
        )
    with village.session() as session:
        me = session.get_one(Account, owner.id)
        made = listed.receipts(session, me, group.id, sent.id)
        assert [(one.name, one.read_via, one.told) for one in made.receipts] == [
            ("杨大山", "sms", "waiting"), ("陈小梅", "web", "waiting"),
        ]  # fmt: skip
        with pytest.raises(Absent):
            listed.receipts(session, session.get_one(Account, people[0].id), group.id, sent.id)


def test_a_group_gets_three_letters_in_seven_days_and_none_at_night(sqlite_village: Village) -> None:
    village = sqlite_village
    owner, yang = village.person("沈育苗"), village.person()
    group = keep(village, owner)
    with pytest.raises(Conflict, match="Nobody is in the group"):
        write(village, group, owner)
    ask(village, group, owner, yang)
    village.say(yang, f"1{code(village, yang)}")
    village.wait(hours=12)  # ten at night
    sent = write(village, group, owner)
    (row,) = village.all(Delivery, Delivery.campaign_id == sent.id)
    assert (row.due_at - village.now) > timedelta(hours=8)
    for _ in range(2):
        write(village, group, owner)
    with pytest.raises(Conflict, match="3 letters in 7 days"):
        write(village, group, owner)
    village.wait(days=7)
    write(village, group, owner)


def test_one_leaves_by_a_text_and_of_two_groups_the_one_that_is_named(sqlite_village: Village) -> None:
    village = sqlite_village
    owner, yang = village.person("沈育苗"), village.person()
    assert "不在任何群" in village.told(yang, "退群")
    groups = [keep(village, owner, name) for name in (GROUP, "梨农")]
    for group in groups:
        village.wait(days=15)
        ask(village, group, owner, yang)
        village.say(yang, f"1{code(village, yang)}")
    assert "退哪个群" in village.told(yang, "退群")
    assert "您已退出群“梨农”" in village.told(yang, "退群：梨农")
    assert "您已退出群“葡萄社”" in village.told(yang, "退群")
    with pytest.raises(Conflict):
        write(village, groups[0], owner)
    assert ask(village, groups[0], owner, yang) == 0


def test_growers_are_asked_by_staff_and_firms_alone_and_named_only_once_they_agree(
    sqlite_village: Village,
) -> None:
    village = sqlite_village
    with village.session() as session:
        contact = factories.make_staff(session, Role.CONTACT, factories.TOWN, "沈秋月")
        growers = [factories.make_account(session, name) for name in ("杨大山", "陈小梅")]
        elsewhere = factories.make_account(session, "孙长河", area_code=factories.SHUIXIANG)
        for one in (*growers, elsewhere):
            one.crops = [AccountCrop(account_id=one.id, concept="葡萄")]
        firm = factories.make_organisation(session, state=factories.AccountState.VERIFIED)
        buyer = factories.make_account(session, "陆文彬", area_code="310118102", organisation_id=firm.id)
    with village.session() as session:
        for who, places in ((contact, (factories.TOWN,)), (growers[0], ()), (buyer, ("310118102",))):
            account = session.get_one(Account, who.id)
            assert letter_groups.may_ask_growers(session, actor_of(session, account), account) == places
        found = letter_groups.growers(session, crop="葡萄", places=(factories.TOWN,))
        assert {one.name for one in found} == {"杨大山", "陈小梅"}
        assert letter_groups.growers(session, crop="葡萄", places=()) == []
    group = keep(village, contact)
    assert ask(village, group, contact, *growers) == 2
    with village.session() as session:
        seen = listed.view(session, session.get_one(Account, contact.id), group.id, now=village.now)
        assert (seen.people, seen.waiting) == ((), 2)


def test_nobody_is_asked_into_a_fourth_group_while_three_wait_and_silence_is_a_no(
    sqlite_village: Village,
) -> None:
    village, yang = sqlite_village, sqlite_village.person()
    kept = [(keep(village, owner), owner) for owner in (village.person(f"沈育{sign}") for sign in "甲乙丙丁")]
    assert [ask(village, *one, yang) for one in kept] == [1, 1, 1, 0]
    village.wait(days=15)
    assert ask(village, *kept[3], yang) == 1
    assert ask(village, *kept[0], yang) == 0


def test_an_owner_asks_nobody_twice_in_two_weeks_and_never_after_a_no(village: Village) -> None:
    owner, yang = village.person("沈育苗"), village.person()

    def anew(group: LetterGroup) -> LetterGroup:
        with village.session() as session:
            letter_groups.end(
                session,
                session.get_one(LetterGroup, group.id),
                owner=session.get_one(Account, owner.id),
                now=village.now,
            )
        return keep(village, owner)

    group = keep(village, owner)
    assert ask(village, group, owner, yang) == 1
    with village.session() as session:
        mine = session.get_one(LetterGroup, group.id)
        letter_groups.remove(
            session, mine, yang.id, owner=session.get_one(Account, owner.id), now=village.now
        )
    assert ask(village, group, owner, yang) == 0
    group = anew(group)
    assert ask(village, group, owner, yang) == 0
    village.wait(days=15)
    assert ask(village, group, owner, yang) == 1
    village.say(yang, f"2{code(village, yang)}")
    group = anew(group)
    village.wait(days=15)
    assert ask(village, group, owner, yang) == 0
    with pytest.raises(TooOften, match="2 people a day"), village.session() as session:
        whom = [factories.make_account(session, name) for name in ("陈小梅", "孙长河", "罗一")]
        letter_groups.ask(
            session, session.get_one(LetterGroup, group.id), owner=session.get_one(Account, owner.id), whom=whom,
            settings=village.settings, now=village.now, a_day=2,
        )  # fmt: skip


def test_whose_number_is_whose_cannot_be_found_out_by_asking(village: Village) -> None:
    owner, yang = village.person("沈育苗"), village.person()
    group = keep(village, owner)

    def known(phone: str) -> int:
        with village.session() as session:
            me, mine = session.get_one(Account, owner.id), session.get_one(LetterGroup, group.id)
            letter_groups.ask_known(
                session,
                mine,
                owner=me,
                name=yang.name,
                phone=phone,
                settings=village.settings,
                now=village.now,
            )
        with village.session() as session:
            return listed.view(session, session.get_one(Account, owner.id), group.id, now=village.now).waiting

    numbers = [f"1380000{n:04}" for n in range(group_limits.TRIES_A_DAY - 1)]
    assert {known(phone) for phone in (*numbers, str(yang.phone))} == {0}  # the last one hit
    for phone in (str(yang.phone), "13800009999"):
        with pytest.raises(TooOften, match="10 times a day"):
            known(phone)
    assert len(village.heard(yang)) == 1
    village.say(yang, f"1{code(village, yang)}")
    with village.session() as session:
        seen = listed.view(session, session.get_one(Account, owner.id), group.id, now=village.now)
    assert [one.name for one in seen.people] == [yang.name]
    village.wait(days=1)
    assert known("13800009999") == 0


def test_a_group_needs_a_short_name_without_numbers(sqlite_village: Village) -> None:
    owner = sqlite_village.person()
    for name in ("", "一", "加微信13900000001", "看a.com", "字" * 13):
        with pytest.raises(Invalid):
            keep(sqlite_village, owner, name)


def test_a_group_is_its_owners_alone_and_ends_when_they_are_erased(
    sqlite_village: Village, tmp_path: Path
) -> None:
    village = sqlite_village
    owner, yang = village.person("沈育苗"), village.person()
    group = keep(village, owner)
    ask(village, group, owner, yang)
    with village.session() as session:
        with pytest.raises(Absent):
            letter_groups.own(session, session.get_one(Account, yang.id), group.id)
        erasure.erase(
            session,
            session.get_one(Account, owner.id),
            by=None,
            reason="自己要求",
            home=tmp_path,
            now=village.now,
        )
    assert village.get(LetterGroup, group.id).ended_at is not None
    assert "过期" in village.told(yang, f"1{code(village, yang)}")


def test_a_letter_to_a_group_is_no_urgent_letter(sqlite_village: Village) -> None:
    village = sqlite_village
    with village.session() as session:
        admin = factories.make_staff(session, Role.ADMIN, name="高管理")
    yang = village.person()
    group = keep(village, admin)
    ask(village, group, admin, yang)
    village.say(yang, f"1{code(village, yang)}")
    sent = write(village, group, admin)
    assert village.count(Delivery, Delivery.purpose == Purpose.LETTER) == 2
    with village.session() as session:
        actor = actor_of(session, session.get_one(Account, admin.id), second_factor=True)
        assert urgent_letters.recent(session, actor=actor) == []
        with pytest.raises(Absent):
            urgent.campaign_of(session, actor=actor, campaign_id=sent.id)


def test_own_letters_are_found_by_all_words_and_by_name_the_newest_alone(
    sqlite_village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    village = sqlite_village
    yang, mei, third = village.person(), village.person("陈小梅"), village.person("孙长河")
    for sender, to, body in (
        (mei, yang, "夏黑(xiahei)的苗到了"), (yang, mei, "明天来拿苗"), (mei, third, "别人的夏黑信"),
    ):  # fmt: skip
        village.wait(minutes=1)
        with village.session() as session:
            mailbox.write(
                session, sender=session.get_one(Account, sender.id), to=session.get_one(Account, to.id), body=body,
                channel="web", now=village.now,
            )  # fmt: skip
    cases = {"夏黑": 1, "黑 夏": 1, "ＸＩＡＨＥＩ": 1, "陈小梅": 2, "没有的": 0, "": 0, "别人的": 0}
    with village.session() as session:
        me = session.get_one(Account, yang.id)
        for words, hits in cases.items():
            found = letter_search.search(session, me, words)
            assert (words, len(found.hits), found.looked, found.more) == (words, hits, 2, False)
        monkeypatch.setattr(letter_search, "NEWEST", 1)
        found = letter_search.search(session, me, "苗")
    assert ([one.said for one in found.hits], found.looked, found.more) == (["明天来拿苗"], 1, True)
