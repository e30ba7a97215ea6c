"""The mailbox: letters between real-name people, told of, read, answered, hidden; the record stays."""

from __future__ import annotations

import pytest

from farmerline.domain import accounts, mailbox
from farmerline.errors import Absent, Invalid
from farmerline.messages import Channel
from farmerline.models import Account, AccountState, AuditRow, CaseKind, Delivery, Letter, Purpose
from tests.domain.talking import Village, sms_parts
from tests.factories import SHUIXIANG


def write(
    village: Village, sender: Account, to: Account, body: str = "苗到了，来拿", **values: object
) -> Letter:
    with village.session() as session:
        return mailbox.send(
            session, sender=session.get_one(Account, sender.id), to=session.get_one(Account, to.id), body=body, channel="web",
            now=village.now, **values,  # type: ignore[arg-type]
        )  # fmt: skip


def test_a_letter_is_told_by_text_answered_by_its_code_and_kept_for_both(village: Village) -> None:
    """M12, M18."""
    yang, mei = village.person(), village.person("陈小梅")
    letter = write(village, mei, yang)
    (notice,) = village.all(Delivery, Delivery.purpose == Purpose.LETTER)
    assert (notice.account_id, notice.channel, notice.letter_id) == (yang.id, Channel.SMS, letter.id)
    assert "陈小梅来信:苗到了，来拿" in notice.text
    assert sms_parts(notice.text) == 1
    code = notice.text.split("回信发")[1][:3]
    assert "给陈小梅的信寄出了" in village.told(yang, f"{code} 明天来拿")
    assert "给陈小梅的信寄出了" in village.told(yang, f"{code.lower()}：后天也行")
    bodies = [row.body for row in village.all(Letter)]
    assert bodies == ["苗到了，来拿", "明天来拿", "后天也行"]
    assert len({row.thread_id for row in village.all(Letter)}) == 1
    assert village.count(AuditRow, AuditRow.act == "letter.send") == 3
    with village.session() as session:
        (thread,) = mailbox.threads(session, session.get_one(Account, mei.id))
        assert (thread.other_id, thread.unread, thread.last.body) == (yang.id, 2, "后天也行")


def test_a_bare_yes_never_goes_to_a_letter(sqlite_village: Village) -> None:
    yang, mei = sqlite_village.person(), sqlite_village.person("陈小梅")
    write(sqlite_village, mei, yang)
    code = sqlite_village.heard(yang)[0].split("回信发")[1][:3]
    assert "没有等您回的事" in sqlite_village.told(yang, "1")
    for words in (f"1{code}", f"{code} 1"):
        assert f"请发{code}" in sqlite_village.told(yang, words)
    assert sqlite_village.count(Letter) == 1


def test_a_members_letter_is_answered_under_the_members_name(sqlite_village: Village) -> None:
    yang, mei = sqlite_village.person(), sqlite_village.person("陈小梅")
    son = sqlite_village.person("杨小山", phone=yang.phone)
    write(sqlite_village, mei, son)
    code = sqlite_village.heard(son)[0].split("回信发")[1][:3]
    sqlite_village.say(yang, f"{code}谢谢")
    assert sqlite_village.all(Letter)[-1].from_id == son.id


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("信 陈小梅 苗到了", "给陈小梅的信寄出了"), ("写信给陈小梅：苗到了", "给陈小梅的信寄出了"), ("信 张三丰 你好", "没有登记叫张三丰"),
        ("信 王大大 你好", "有几位王大大"), ("信 杨大山 你好", "没有登记叫杨大山"),
    ],
)  # fmt: skip
def test_a_letter_by_text_goes_to_somebody_of_the_own_town(
    sqlite_village: Village, words: str, told: str
) -> None:
    yang = sqlite_village.person()
    for name in ("陈小梅", "王大大", "王大大"):
        sqlite_village.person(name)
    sqlite_village.person("张三丰", area_code=SHUIXIANG)
    assert told in sqlite_village.told(yang, words)
    assert sqlite_village.count(Letter) == int("寄出" in told)


def test_a_letter_without_a_shape_goes_to_a_person(sqlite_village: Village) -> None:
    sqlite_village.told(sqlite_village.person(), "我想写信")
    assert len(sqlite_village.cases(CaseKind.UNCLEAR)) == 1


def test_hiding_takes_it_off_ones_own_list_only(village: Village) -> None:
    """M12: no deleting of the record."""
    yang, mei = village.person(), village.person("陈小梅")
    letter = write(village, mei, yang)
    with village.session() as session:
        reader, writer = session.get_one(Account, yang.id), session.get_one(Account, mei.id)
        mailbox.hide_thread(session, reader, letter.thread_id, now=village.now)
        assert mailbox.threads(session, reader) == []
        assert mailbox.count_unread(session, reader) == 0
        assert len(mailbox.threads(session, writer)) == 1
    assert village.count(Letter) == 1
    write(village, mei, yang, reply_to=letter)
    with village.session() as session:
        assert len(mailbox.threads(session, session.get_one(Account, yang.id))) == 1


def test_nobody_else_reads_or_hides_a_correspondence(sqlite_village: Village) -> None:
    """Z-01."""
    yang, mei, third = (
        sqlite_village.person(),
        sqlite_village.person("陈小梅"),
        sqlite_village.person("孙长河"),
    )
    letter = write(sqlite_village, mei, yang)
    with sqlite_village.session() as session:
        other = session.get_one(Account, third.id)
        with pytest.raises(Absent):
            mailbox.read_thread(session, other, letter.thread_id, channel="web", now=sqlite_village.now)
        with pytest.raises(Absent):
            mailbox.hide_thread(session, other, letter.thread_id, now=sqlite_village.now)
        assert mailbox.threads(session, other) == []


def test_reading_is_noted_once_with_its_channel_and_only_by_the_reader(sqlite_village: Village) -> None:
    yang, mei = sqlite_village.person(), sqlite_village.person("陈小梅")
    letter = write(sqlite_village, mei, yang)
    with sqlite_village.session() as session:
        for who, channel in ((mei, "sms"), (yang, "web"), (yang, "voice")):
            account = session.get_one(Account, who.id)
            mailbox.read_thread(session, account, letter.thread_id, channel=channel, now=sqlite_village.now)
        row = session.get_one(Letter, letter.id)
        assert (row.read_at, row.read_via) == (sqlite_village.now, "web")


@pytest.mark.parametrize("body", ["", "  \n", "\0\0", "字" * 1601])
def test_an_empty_or_overlong_letter_is_refused(sqlite_village: Village, body: str) -> None:
    with pytest.raises(Invalid):
        write(sqlite_village, sqlite_village.person(), sqlite_village.person("陈小梅"), body)


def test_only_verified_people_write_and_get_letters_and_nobody_to_themselves(sqlite_village: Village) -> None:
    """M12."""
    yang, helper = sqlite_village.person(), sqlite_village.contact()
    pending = sqlite_village.person("孙长河", state=AccountState.PENDING)
    for sender, to, error in ((yang, pending, Absent), (pending, yang, Absent), (yang, yang, Invalid)):
        with pytest.raises(error):
            write(sqlite_village, sender, to)
    with sqlite_village.session() as session:
        accounts.suspend(
            session, session.get_one(Account, yang.id), by=session.get_one(Account, helper.id), reason="x", now=sqlite_village.now
        )  # fmt: skip
    with pytest.raises(Absent):
        write(sqlite_village, helper, yang)
