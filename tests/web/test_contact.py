"""The contact desk: its list, spoken posts, IDs, first posts; and nothing of another village."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from farmerline.domain import cases
from farmerline.messages import Channel
from farmerline.models import (
    Account,
    AccountState,
    Case,
    CaseKind,
    CaseState,
    Delivery,
    Ear,
    Inbound,
    Post,
    PostState,
    Role,
)
from tests import factories
from tests.factories import SHUIXIANG, YANGGAO
from tests.service import Service
from tests.web.spoken import WAV, audited, spoken


@pytest.fixture
def helper(service: Service) -> Account:
    """The contact point of 杨高村."""
    return service.staff(Role.CONTACT, YANGGAO, "岑美芳")


def opened(service: Service, kind: CaseKind, account: Account | None = None, **values: Any) -> Case:
    with service.write() as rows:
        values = {"area_code": YANGGAO, "text": "听不清的话", **values}
        return cases.open_case(rows, kind=kind, now=service.now, account=account, **values)


def one(service: Service, kind: type[Any], *where: Any) -> Any:
    with service.rows() as rows:
        return rows.scalars(select(kind).where(*where)).one()


def test_the_list_shows_what_waits_the_most_urgent_first(service: Service, helper: Account) -> None:
    farmer = service.person("杨永根")
    late = opened(service, CaseKind.UNCLEAR, farmer, text="明天那个来不来")
    spoken(service, farmer)
    service.clock.advance(timedelta(hours=1, minutes=50))
    page = service.client(helper).get("/desk")
    assert page.status_code == 200
    assert "还有2件" in page.text
    assert page.text.index("语音要写下来的") < page.text.index("没听懂")
    assert "先办：去听写" in page.text and f"/desk/cases/{late.number}" in page.text
    assert "△" in page.text


def test_an_empty_list_says_what_will_stand_there(service: Service, helper: Account) -> None:
    page = service.client(helper).get("/desk")
    assert "没有等您办的事" in page.text


def test_a_spoken_post_is_written_down_and_read_back_to_the_farmer(service: Service, helper: Account) -> None:
    farmer = service.person("杨永根")
    case = spoken(service, farmer)
    browser, address = service.client(helper), f"/desk/cases/{case.number}"
    page = browser.get(address).text
    assert f'src="/desk/recordings/{case.recording_id}.wav"' in page and "杨永根" in page
    answer = service.post(
        browser,
        f"{address}/write-down",
        page=address,
        account_id=farmer.id,
        text="夏黑葡萄2000斤,1块8一斤",
        token="a1",
    )
    assert (answer.status_code, answer.location) == (303, address)
    post = one(service, Post, Post.account_id == farmer.id)
    assert (post.kind, post.state, post.operator_id, post.channel) == (
        "supply",
        PostState.PENDING,
        helper.id,
        Channel.VOICE,
    )
    told = one(service, Delivery, Delivery.account_id == farmer.id)
    assert told.text.startswith("已记下:卖 夏黑葡萄 2000斤") and told.channel is Channel.SMS
    closed = one(service, Case, Case.id == case.id)
    assert closed.state is CaseState.CLOSED and closed.closed_by == helper.id
    assert [row.for_id for row in audited(service, "words.write_down")] == [farmer.id]
    after = browser.get(address).text
    assert "已代杨永根写下" in after and "等他说对" in after


def test_the_same_writing_sent_twice_is_one_post(service: Service, helper: Account) -> None:
    farmer = service.person("杨永根")
    case = spoken(service, farmer)
    browser, address = service.client(helper), f"/desk/cases/{case.number}"
    other = opened(service, CaseKind.UNCLEAR, farmer)
    for _time in range(2):
        answer = service.post(
            browser,
            f"{address}/write-down",
            page=f"/desk/cases/{other.number}",
            account_id=farmer.id,
            text="葡萄2000斤 1.8元",
            token="a1",
        )
        assert answer.status_code == 303
    one(service, Post, Post.account_id == farmer.id)
    one(service, Inbound, Inbound.gateway == "desk")
    late = service.post(
        browser,
        f"{address}/write-down",
        page=f"/desk/cases/{other.number}",
        account_id=farmer.id,
        text="葡萄3000斤 1.8元",
        token="b2",
    )
    assert late.status_code == 409


@pytest.mark.parametrize(
    ("text", "sentence"),
    [("", "还没写"), ("   ", "还没写"), ("今天天气好", "看不出是什么东西"), ("葡" * 900, "最多800")],
)
def test_words_that_will_not_do_are_kept_and_the_case_stays_open(
    service: Service, helper: Account, text: str, sentence: str
) -> None:
    farmer = service.person("杨永根")
    case = spoken(service, farmer)
    address = f"/desk/cases/{case.number}"
    answer = service.post(
        service.client(helper), f"{address}/write-down", page=address, account_id=farmer.id, text=text
    )
    assert answer.status_code == 422
    assert sentence in answer.text and text.strip() in answer.text
    assert one(service, Case, Case.id == case.id).state is CaseState.OPEN


def test_what_the_farmer_will_get_can_be_seen_first(service: Service, helper: Account) -> None:
    farmer = service.person("杨永根")
    case = spoken(service, farmer)
    address = f"/desk/cases/{case.number}"
    page = service.post(
        service.client(helper),
        f"{address}/write-down",
        page=address,
        account_id=farmer.id,
        text="葡萄2000斤 1.8元一斤",
        look="1",
    )
    assert page.status_code == 200
    assert "他会收到" in page.text and "已记下:卖 葡萄 2000斤" in page.text
    assert one(service, Case, Case.id == case.id).state is CaseState.OPEN


def test_a_farmer_who_prefers_calls_is_rung(service: Service, helper: Account) -> None:
    farmer = service.person("杨永根", preferred=Channel.VOICE)
    case = spoken(service, farmer)
    address = f"/desk/cases/{case.number}"
    service.post(
        service.client(helper),
        f"{address}/write-down",
        page=address,
        account_id=farmer.id,
        text="葡萄2000斤 1.8元",
    )
    assert one(service, Delivery, Delivery.account_id == farmer.id).channel is Channel.VOICE


@pytest.mark.parametrize(("ear", "note"), [(Ear.ASIDE, "请对着录音核对"), (Ear.TOLD, "已问本人对不对")])
def test_what_a_recogniser_heard_is_a_proposal_in_the_form(
    service: Service, helper: Account, ear: Ear, note: str
) -> None:
    case = spoken(service, service.person("杨永根"))
    with service.write() as rows:
        row = rows.get_one(Case, case.id)
        row.heard, row.ear = "卖葡萄<b>两千斤", ear
    page = service.client(helper).get(f"/desk/cases/{case.number}").text
    assert page.count("卖葡萄&lt;b&gt;两千斤") == 2 and "<b>两" not in page and note in page


def test_a_recording_is_heard_only_in_its_village_and_that_is_on_record(
    service: Service, helper: Account
) -> None:
    case = spoken(service, service.person("杨永根"))
    browser = service.client(helper)
    for _time in range(2):
        heard = browser.get(f"/desk/recordings/{case.recording_id}.wav")
        assert heard.status_code == 200 and heard.data == WAV and heard.mimetype == "audio/wav"
    assert heard.headers["Cache-Control"] == "no-store"
    assert [row.actor_id for row in audited(service, "recording.hear")] == [helper.id]
    part = browser.get(f"/desk/recordings/{case.recording_id}.wav", headers={"Range": "bytes=0-9"})
    assert part.status_code == 206
    slow = browser.get(f"/desk/recordings/{case.recording_id}.wav?slow=1")
    assert (slow.status_code, len(slow.data)) == (200, len(WAV))
    stranger = service.staff(Role.CONTACT, SHUIXIANG, "陈国良")
    for query in ("", "?slow=1"):
        refused = service.client(stranger).get(f"/desk/recordings/{case.recording_id}.wav{query}")
        assert refused.status_code == 404
    assert len(audited(service, "recording.hear")) == 1


def test_one_hears_ones_own_recordings_among_ones_data(service: Service, helper: Account) -> None:
    farmer = service.person("杨永根")
    case = spoken(service, farmer)
    address = f"/me/recordings/{case.recording_id}.wav"
    browser = service.client(farmer)
    assert address in browser.get("/me/data").text and browser.get(address).data == WAV
    assert address not in service.client(helper).get("/me/data").text
    assert service.client(helper).get(address).status_code == 404
    assert service.client().get(address).status_code == 303


def test_who_registered_by_text_is_verified_and_their_words_go_on(service: Service, helper: Account) -> None:
    phone = factories.phone()
    stranger = Account(name="胡秀珍", phone=phone, area_code=YANGGAO)
    service.text(stranger, "卖葡萄2000斤1.8元一斤", ref="SM1")
    service.text(stranger, "注册 胡秀珍 杨高村", ref="SM2")
    case = one(service, Case, Case.kind == CaseKind.REGISTER)
    browser, address = service.client(helper), f"/desk/cases/{case.number}"
    page = browser.get(address).text
    assert "胡秀珍" in page and "杨高村" in page and "他发的1条话存着" in page
    assert "念给他听" in page and "checked" not in re.sub(r"<script.*?</script>", "", page)
    refused = service.post(browser, f"{address}/verify", page=address, resident_number="33028219580312001X")
    assert refused.status_code == 422 and "33028219580312001X" in refused.text
    assert (
        one(service, Account, Account.area_code == YANGGAO, Account.origin == "sms").state
        is AccountState.PENDING
    )
    answer = service.post(browser, f"{address}/verify", page=address, id_seen="yes", resident_number="")
    assert answer.status_code == 303
    person = one(service, Account, Account.origin == "sms")
    assert (person.state, person.verified_by, person.resident) == (AccountState.VERIFIED, helper.id, None)
    assert one(service, Post, Post.account_id == person.id).state is PostState.PENDING
    after = browser.get(address).text
    assert 'action="/shared/start"' in after and person.id in after and "已记下" in after
    opened_page = service.post(browser, "/shared/start", page=address, account_id=person.id, id_seen="yes")
    assert opened_page.location == "/me"


def test_a_wrong_resident_number_is_pointed_at(service: Service, helper: Account) -> None:
    pending = service.person("胡秀珍", state=AccountState.PENDING, origin="sms")
    case = opened(service, CaseKind.REGISTER, pending)
    address = f"/desk/cases/{case.number}"
    refused = service.post(
        service.client(helper),
        f"{address}/verify",
        page=address,
        id_seen="yes",
        resident_number="330282195803120011",
    )
    assert refused.status_code == 422 and "330282195803120011" in refused.text
    assert one(service, Account, Account.id == pending.id).state is AccountState.PENDING


def held_post(service: Service, words: str = "卖葡萄2000斤1.8元一斤") -> tuple[Account, str, Case]:
    farmer = service.person("沈桂香", origin="sms")
    post_id = service.publish(farmer, words)
    return farmer, post_id, one(service, Case, Case.kind == CaseKind.REVIEW, Case.post_id == post_id)


def test_a_held_first_post_is_let_out_and_meets_its_match(service: Service, helper: Account) -> None:
    buyer = service.person("岑利民", area_code=SHUIXIANG, reviewed=True)
    service.publish(buyer, "买葡萄2000斤2元一斤")
    farmer, post_id, case = held_post(service)
    assert one(service, Post, Post.id == post_id).state is PostState.HELD
    browser, address = service.client(helper), f"/desk/cases/{case.number}"
    page = browser.get(address).text
    assert "自己用手机登记，这是第一条" in page and "沈桂香" in page
    answer = service.post(browser, f"{address}/review", page=address, decision="publish")
    assert (answer.status_code, answer.location) == (303, "/desk")
    assert one(service, Post, Post.id == post_id).state in (PostState.OPEN, PostState.MATCHED)
    assert one(service, Account, Account.id == farmer.id).reviewed
    with service.rows() as rows:
        told = [row.text for row in rows.scalars(select(Delivery).where(Delivery.account_id == farmer.id))]
    assert any("已发布" in text for text in told) and any("葡萄" in text and "岑" in text for text in told)
    again = service.post(browser, f"{address}/review", page="/desk/people", decision="publish")
    assert again.status_code == 409


def test_a_post_is_taken_down_only_with_a_reason_that_the_owner_gets(
    service: Service, helper: Account
) -> None:
    farmer, post_id, case = held_post(service)
    browser, address = service.client(helper), f"/desk/cases/{case.number}"
    refused = service.post(browser, f"{address}/review", page=address, decision="withdraw", reason="")
    assert refused.status_code == 422 and "说明原因" in refused.text
    service.post(browser, f"{address}/review", page=address, decision="withdraw", reason="价钱写错了")
    assert one(service, Post, Post.id == post_id).state is PostState.WITHDRAWN
    with service.rows() as rows:
        told = [row.text for row in rows.scalars(select(Delivery).where(Delivery.account_id == farmer.id))]
    assert any("价钱写错了" in text for text in told)


def test_a_case_is_closed_with_what_was_done_and_the_person_may_be_told(
    service: Service, helper: Account
) -> None:
    farmer = service.person("杨永根")
    case = opened(service, CaseKind.QUESTION, farmer, text="葡萄叶子发黄")
    browser, address = service.client(helper), f"/desk/cases/{case.number}"
    empty = service.post(browser, f"{address}/close", page=address, outcome=" ")
    assert empty.status_code == 422
    done = service.post(browser, f"{address}/close", page=address, outcome="问过农技站，明天来看", tell="1")
    assert (done.status_code, done.location) == (303, "/desk")
    assert one(service, Case, Case.id == case.id).outcome == "问过农技站，明天来看"
    assert one(service, Delivery, Delivery.account_id == farmer.id).text == "问过农技站，明天来看"
    assert service.post(browser, f"{address}/close", page="/desk/people", outcome="再关").status_code == 409
    assert "done: 1" in browser.get("/desk?lang=en").text


def test_a_caller_nobody_knows_is_found_by_name_or_enrolled_first(service: Service, helper: Account) -> None:
    known = service.person("杨永根")
    case = spoken(service, None, phone="+8613700009042")
    browser, address = service.client(helper), f"/desk/cases/{case.number}"
    page = browser.get(address).text
    assert "137****9042" in page and "13700009042" not in page and f"/desk/enrol?case={case.number}" in page
    assert known.id in browser.get(f"{address}?said=yangyonggen").text
    assert "13700009042" in browser.get(f"/desk/enrol?case={case.number}").text
    shown = service.post(browser, f"{address}/phone", page=address)
    assert shown.status_code == 303 and "13700009042" in browser.get(address).text
    assert len(audited(service, "number.show")) == 1


def test_another_village_is_as_if_it_were_not_there(service: Service, helper: Account) -> None:
    farmer = service.person("陈国良", area_code=SHUIXIANG)
    case = spoken(service, farmer, area=SHUIXIANG)
    mine = spoken(service, service.person("杨永根"))
    browser, page = service.client(helper), f"/desk/cases/{mine.number}"
    addresses = [
        f"/desk/cases/{case.number}",
        f"/desk/people/{farmer.id}",
        f"/desk/people/{farmer.id}/post",
        "/desk/cases/999999",
    ]
    for address in addresses:
        assert browser.get(address).status_code == 404, address
    forms: list[tuple[str, dict[str, str]]] = [
        (f"/desk/cases/{case.number}/close", {"outcome": "x"}),
        (f"/desk/cases/{case.number}/phone", {}),
        (f"/desk/cases/{case.number}/write-down", {"account_id": farmer.id, "text": "卖葡萄2000斤1.8元"}),
        (f"/desk/cases/{mine.number}/write-down", {"account_id": farmer.id, "text": "卖葡萄2000斤1.8元"}),
        (f"/desk/people/{farmer.id}/phone", {}),
        (f"/desk/people/{farmer.id}/post", {"text": "卖葡萄2000斤1.8元"}),
        (f"/desk/people/{farmer.id}/pin", {"pin": "729154"}),
        (f"/desk/people/{farmer.id}/password", {}),
        (f"/desk/people/{farmer.id}/leave", {"sure": "yes"}),
        ("/shared/start", {"account_id": farmer.id, "id_seen": "yes"}),
    ]
    for address, fields in forms:
        assert service.post(browser, address, page=page, **fields).status_code == 404, address
    assert "陈国良" not in browser.get("/desk").text
    assert farmer.id not in browser.get("/desk/people?said=陈国良").text
    assert one(service, Case, Case.id == case.id).state is CaseState.OPEN


@pytest.mark.parametrize("address", ["/desk", "/desk/people", "/desk/enrol"])
def test_the_desk_is_closed_to_others(service: Service, address: str) -> None:
    assert service.client(service.person()).get(address).status_code == 404
    assert service.client(service.staff(Role.EXPERT)).get(address).status_code == 404
    assert service.client().get(address).status_code == 303
