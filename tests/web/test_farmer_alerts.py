"""Alerts on a person's own pages: what waits for an answer comes first, and a button answers it."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

import pytest

from farmerline.domain import questions
from farmerline.messages import Channel
from farmerline.models import (
    Account,
    Alert,
    AlertKind,
    AlertState,
    Colour,
    QuestionKind,
    Settled,
)
from tests.factories import SHUIXIANG, XINDONG
from tests.service import Service
from tests.web.issued import issue, line


@pytest.fixture
def farmer(service: Service) -> Account:
    return service.person("杨永根", phone="+8613900010417")


def press(service: Service, who: Account, alert: Alert, button: str = "understood", **fields: str) -> str:
    browser = service.client(who)
    answer = service.post(browser, f"/me/alerts/{alert.id}/{button}", page="/me/password", **fields)
    assert answer.status_code == 303, answer.status_code
    return browser.get(answer.location).text


def test_an_alert_that_waits_comes_before_everything_else(service: Service, farmer: Account) -> None:
    issue(service, [farmer], listed=False, look_step="先看叶背")
    service.text(farmer, "卖 西兰花 3000斤 1.5元/斤")
    page = service.client(farmer).get("/me").text
    order = [
        page.index(words)
        for words in (
            "橙色",
            "2026-12",
            "要您回一声",
            "13至15日打药",
            "先看叶背",
            "看懂了",
            "不是我的",
            "等您回话",
            "<kbd>1</kbd>",
        )
        if words in page
    ]
    assert len(order) >= 8 and order == sorted(order)


@pytest.mark.parametrize(
    ("button", "how", "words"),
    [("understood", Settled.PAGE, "记下您看懂了"), ("not-mine", Settled.NOT_MINE, "这条情报不是您的")],
)
def test_a_button_settles_it_and_a_second_press_changes_nothing(
    service: Service, farmer: Account, button: str, how: Settled, words: str
) -> None:
    alert = issue(service, [farmer], listed=False)
    assert words in press(service, farmer, alert, button)
    row = line(service, alert, farmer)
    assert (row.settled, row.settled_by, row.next_at) == (how, farmer.id, None)
    other = "not-mine" if button == "understood" else "understood"
    for again in (button, other):
        press(service, farmer, alert, again)
    assert line(service, alert, farmer).settled is how
    assert "要您回一声" not in service.client(farmer).get("/me").text


def test_one_member_answers_for_the_phone(service: Service, farmer: Account) -> None:
    wife = service.person("沈桂香", phone=farmer.phone)
    alert = issue(service, [farmer, wife], listed=False)
    assert "沈桂香也算看懂了" in service.client(farmer).get("/me").text
    press(service, farmer, alert)
    assert line(service, alert, wife).settled is Settled.PAGE
    assert "要您回一声" not in service.client(wife).get("/me").text


def test_what_holds_in_the_village_is_listed_with_its_number(service: Service, farmer: Account) -> None:
    other = service.person("胡秀珍")
    issue(service, [other], listed=False)
    issue(service, [other], serial=13, area=SHUIXIANG, listed=False)
    issue(service, [other], serial=14, exercise=True, listed=False)
    issue(service, [other], serial=15, state=AlertState.EXPIRED, listed=False)
    page = service.client(farmer).get("/me").text
    assert "您村里有效的情报：1条" in page and "2026-12" in page
    assert not [number for number in ("2026-13", "2026-Y14", "2026-15") if number in page]
    assert "看懂了</button>" not in page


def test_the_gravest_stands_first_and_practice_says_so(service: Service, farmer: Account) -> None:
    issue(service, [farmer], serial=1, colour=Colour.YELLOW, short_text="黄色的", listed=False)
    issue(service, [farmer], serial=2, colour=Colour.RED, short_text="红色的", listed=False)
    issue(service, [farmer], serial=3, colour=Colour.BLUE, short_text="演习的", exercise=True, listed=False)
    page = service.client(farmer).get("/me").text
    assert page.index("红色的") < page.index("黄色的") and page.count('class="drill"') == 1
    assert page.count("要您回一声") == 1  # blue and yellow ask for nothing


def test_the_mailbox_shows_what_came_as_a_letter_with_its_button(service: Service) -> None:
    reader = service.person("岑利民", preferred=Channel.MAILBOX)
    old = issue(service, [reader], serial=11, state=AlertState.CANCELLED, listed=False)
    alert = issue(service, [reader], listed=False, reach={"channel": "mailbox"})
    browser = service.client(reader)
    page = browser.get("/me/letters").text
    assert page.index("2026-12") < page.index(old.number) and "不再有效" in page
    after = press(service, reader, alert, back="letters")
    assert "● 您看懂了" in after and "记下您看懂了" in after


def test_a_cancellation_says_what_is_void(service: Service, farmer: Account) -> None:
    first = issue(service, [farmer], state=AlertState.CANCELLED, listed=False)
    issue(service, [farmer], serial=13, kind=AlertKind.CANCEL, parent_id=first.id, listed=False)
    page = service.client(farmer).get("/me").text
    assert "2026-12作废了。" in page


def test_what_no_longer_holds_takes_no_answer(service: Service, farmer: Account) -> None:
    alert = issue(service, [farmer], listed=False, state=AlertState.CANCELLED)
    press(service, farmer, alert)
    assert line(service, alert, farmer).settled is Settled.OPEN
    gone = issue(service, [farmer], serial=13, listed=False, valid_until=service.now - timedelta(minutes=1))
    press(service, farmer, gone)
    assert line(service, gone, farmer).settled is Settled.OPEN


def test_nobody_answers_for_another_phone(service: Service, farmer: Account) -> None:
    other = service.person("胡秀珍", area_code=XINDONG)
    alert = issue(service, [other], listed=False)
    browser = service.client(farmer)
    for button in ("understood", "not-mine"):
        answer = service.post(browser, f"/me/alerts/{alert.id}/{button}", page="/me/password")
        assert answer.status_code == 404
    assert line(service, alert, other).settled is Settled.OPEN


def test_the_question_of_an_alert_is_not_asked_twice_and_a_callout_has_buttons(
    service: Service, farmer: Account
) -> None:
    from farmerline.models import Callout, CalloutKind

    alert = issue(service, [farmer], listed=False)
    with service.write() as rows:
        callout = Callout(
            kind=CalloutKind.SIGN, subject="x", area_code=farmer.area_code, text="橙色情报等您签发", opened_at=service.now
        )  # fmt: skip
        rows.add(callout)
        rows.flush()
        for kind, data in (
            (QuestionKind.ALERT, {"alert": alert.id}),
            (QuestionKind.CALLOUT, {"callout": callout.id}),
        ):
            questions.ask(rows, kind=kind, now=service.now, hours=1, account=rows.merge(farmer), data=data)
    page = service.client(farmer).get("/me").text
    assert page.count("看懂了</button>") == 1
    assert "橙色情报等您签发" in page and "我来办" in page


@pytest.mark.parametrize(
    ("words", "settled"),
    [("1Z22", Settled.REPLY), ("2Z22", Settled.NOT_MINE), ("3Z22", Settled.OPEN), ("1Z23", Settled.OPEN)],
)
def test_a_text_answers_by_1_or_2_and_by_the_alerts_own_code(
    service: Service, farmer: Account, words: str, settled: Settled
) -> None:
    alert = issue(service, [farmer], listed=False)
    with service.write() as rows:
        until = service.now + timedelta(days=1)
        asked = SimpleNamespace(account_id=farmer.id, phone_index=farmer.phone_index)
        questions.ask_about_alert(rows, alert.id, "Z22", [asked], now=service.now, until=until)
    service.text(service.person("生人"), words)
    assert line(service, alert, farmer).settled is Settled.OPEN
    told = service.text(farmer, words).replies
    assert line(service, alert, farmer).settled is settled
    if settled is Settled.OPEN:
        service.text(farmer, "1Z22")
        assert line(service, alert, farmer).settled is Settled.REPLY, told
