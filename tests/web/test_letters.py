"""Letters on the web: between real names, on record, for the two of them alone."""

from __future__ import annotations

import re

import pytest

from channels.voice.sound import hum
from farmerline.domain import group_limits, mailbox
from farmerline.models import Account, Call, Letter, Recording
from tests import factories
from tests.service import Service


def send(service: Service, sender: Account, to: Account, body: str = "老杨，西兰花哪天割？"):
    browser = service.client(sender)
    return service.post(browser, "/me/letters", page=f"/me/letters/new?to={to.id}", to=to.id, body=body)


def thread_of(service: Service, account: Account) -> str:
    found = re.search(r"/me/letters/([0-9a-f]{32})", service.client(account).get("/me/letters").text)
    assert found is not None
    return found[1]


def test_a_letter_is_sent_read_answered_and_hidden(service: Service) -> None:
    one, other = service.person("杨阿毛"), service.person("杨永根")
    assert send(service, one, other).status_code == 303
    thread, reader = thread_of(service, other), service.client(other)
    assert "1封没看" in reader.get("/me").text
    assert "西兰花哪天割" in reader.get(f"/me/letters/{thread}").text
    assert "封没看" not in reader.get("/me").text
    service.post(reader, f"/me/letters/{thread}", body="后天割。")
    writer = service.client(one)
    assert "后天割" in writer.get(f"/me/letters/{thread}").text
    service.post(writer, f"/me/letters/{thread}/hide", page=f"/me/letters/{thread}")
    assert thread not in writer.get("/me/letters").text
    assert thread in reader.get("/me/letters").text
    with service.rows() as session:
        assert session.query(Letter).count() == 2


def test_a_thread_is_not_there_for_anybody_else(service: Service) -> None:
    one, other = service.person("杨阿毛"), service.person("杨永根")
    send(service, one, other)
    thread, stranger = thread_of(service, other), service.client(service.person("罗一"))
    assert stranger.get(f"/me/letters/{thread}").status_code == 404
    for act in ("", "/hide"):
        assert service.post(stranger, f"/me/letters/{thread}{act}", page="/me", body="x").status_code == 404


def test_a_letter_that_was_spoken_is_heard_by_its_two_people_alone(service: Service) -> None:
    writer, reader, stranger = (service.person(name) for name in ("陈小梅", "杨大山", "郑海生"))
    with service.write() as rows:
        call = Call(gateway="voice", ref="CA1", caller=writer.phone, data={}, started_at=service.now)
        rows.add(call)
        rows.flush()
        spoken = Recording(
            call_id=call.id, account_id=writer.id, use="letter", seconds=3, sound=hum(3), at=service.now
        )
        rows.add(spoken)
        rows.flush()
        mine, theirs = rows.merge(writer), rows.merge(reader)
        letter = mailbox.send(
            rows, sender=mine, to=theirs, body="(录音)", channel="voice", recording=spoken, now=service.now
        )
        address = f"/me/letters/spoken/{letter.id}.wav"
    browser = service.client(reader)
    assert address in browser.get(f"/me/letters/{thread_of(service, reader)}").text
    assert [service.client(one).get(address).status_code for one in (writer, reader, stranger)] == [
        200,
        200,
        404,
    ]


def test_the_same_letter_sent_twice_is_one(service: Service) -> None:
    one, other = service.person("杨阿毛"), service.person("杨永根")
    send(service, one, other)
    send(service, one, other)
    with service.rows() as session:
        assert session.query(Letter).count() == 1


@pytest.mark.parametrize("said", ["杨永根", "yangyonggen", "yyg"])
def test_people_of_the_own_town_are_found_by_name(service: Service, said: str) -> None:
    other = service.person("杨永根", area_code=factories.XINDONG)
    assert other.id in service.client(service.person("罗一")).get(f"/me/letters/new?name={said}").text


@pytest.mark.parametrize("said", ["13812345521", "5521", "老5521"])
def test_nobody_learns_whose_number_it_is_by_trying_digits(service: Service, said: str) -> None:
    other, reader = service.person("杨永根", phone="+8613812345521"), service.person("罗一")
    assert other.id not in service.client(reader).get(f"/me/letters/new?name={said}").text
    assert "杨永根" not in "".join(service.text(reader, f"信 {said} 您好").replies)


def test_people_of_another_town_are_not_found_nor_written_to_without_a_post(service: Service) -> None:
    one, far = service.person("杨阿毛"), service.person("岑利民", area_code=factories.SHUIXIANG)
    browser = service.client(one)
    assert far.id not in browser.get("/me/letters/new?name=岑利民").text
    assert browser.get(f"/me/letters/new?to={far.id}").status_code == 404
    assert service.post(browser, "/me/letters", page="/me", to=far.id, body="您好").status_code == 404


def test_by_a_post_one_writes_further_and_the_name_is_masked_until_they_answer(service: Service) -> None:
    one, far = service.person("杨阿毛"), service.person("岑利民", area_code=factories.SHUIXIANG)
    service.publish(far, "卖 西兰花 3000斤 1.5元/斤")
    browser = service.client(one)
    page = browser.get("/me/letters/new?post=1001").text
    assert "岑**" in page
    assert "岑利民" not in page
    service.post(browser, "/me/letters", page="/me/letters/new?post=1001", post="1001", body="还有吗？")
    thread = thread_of(service, one)
    assert "岑利民" not in browser.get(f"/me/letters/{thread}").text
    service.post(service.client(far), f"/me/letters/{thread}", body="还有。")
    assert "岑利民" in browser.get(f"/me/letters/{thread}").text


def test_nobody_writes_to_themselves_or_to_a_post_that_is_over(service: Service) -> None:
    one, far = service.person("杨阿毛"), service.person("岑利民", area_code=factories.SHUIXIANG)
    post = service.publish(far, "卖 西兰花 3000斤 1.5元/斤")
    service.post(service.client(far), f"/me/posts/{post}/down", page="/me")
    browser = service.client(one)
    assert browser.get("/me/letters/new?post=1001").status_code == 404
    assert browser.get(f"/me/letters/new?to={one.id}").status_code == 404


def test_a_group_is_made_filled_written_to_followed_and_left_on_pages(service: Service) -> None:
    owner, one = service.person("沈育苗"), service.person("杨永根")
    keeper, member, stranger = (service.client(who) for who in (owner, one, service.person("罗一")))
    made = service.post(keeper, "/me/groups", name="葡萄社")
    group = made.headers["Location"]
    assert service.post(keeper, "/me/groups", name="葡萄社").status_code == 409
    assert one.id in keeper.get(f"{group}?name=yyg").text
    assert service.post(keeper, f"{group}/ask", page=group, to=one.id).status_code == 303
    for known, phone in (
        ("罗一", "13912345678"),
        ("罗二", one.phone),
    ):  # the same words, whoever is registered
        asked = service.post(keeper, f"{group}/ask", page=group, known=known, phone=phone)
        assert asked.status_code == 303
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(group_limits, "TRIES_A_DAY", 2)
        again = service.post(keeper, f"{group}/ask", page=group, known="罗一", phone="13912345678")
        assert again.status_code == 429 and "一天最多请2次" in again.text
    page = member.get("/me").text
    code = re.search(r"/me/answer/([A-Z]\d\d)", page)
    assert code is not None and "葡萄社" in page
    service.post(member, f"/me/answer/{code[1]}", page="/me", reply="1", once="1" * 32)
    assert service.post(keeper, f"{group}/letters", page=group, body="领苗", people="2").status_code == 409
    sent = service.post(keeper, f"{group}/letters", page=group, body="明天领苗", people="1", once="2" * 32)
    receipts = sent.headers["Location"]
    assert "还有1人没看" in keeper.get(receipts).text
    assert "发给群“葡萄社”" in member.get(f"/me/letters/{thread_of(service, one)}").text
    assert "都看过了" in keeper.get(receipts).text
    for address in (group, receipts):
        assert [stranger.get(address).status_code, member.get(address).status_code] == [404, 404]
    for act in ("ask", "letters", "remove", "end", "leave"):
        assert service.post(stranger, f"{group}/{act}", page="/me/groups").status_code == 404
    service.post(member, f"{group}/leave", page="/me/groups")
    assert service.post(keeper, f"{group}/letters", page=group, body="领苗", people="0").status_code == 409
    service.post(keeper, f"{group}/end", page=group)
    assert keeper.get(group).status_code == 404


def test_letters_are_looked_through_without_their_words_in_an_address(service: Service) -> None:
    one, other = service.person("杨阿毛"), service.person("杨永根")
    send(service, one, other)
    reader = service.client(other)
    found = service.post(reader, "/me/letters/search", words="西兰花")
    assert found.status_code == 200 and thread_of(service, other) in found.text
    assert "没有带“夏黑”的信" in service.post(reader, "/me/letters/search", words="夏黑").text
    assert "西兰花" not in reader.get("/me/letters/search?words=西兰花").text
