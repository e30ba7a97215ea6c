"""The vocabulary's pages: what waits comes first, a word is looked up, a change is tried, made, confirmed, undone."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from farmerline.models import Case, CaseKind, Post, PostItem, Role, UnknownWord, WordEdit, WordState
from jobs import reread
from tests.factories import COUNTY, TOWN, YANGGAO
from tests.service import Service, mark

START, WORD = "/publish/words", "/publish/words/word"


@pytest.fixture
def browser(service: Service) -> FlaskClient:
    service.runtime.reader.every = 0
    return service.client(service.staff(Role.PUBLISHER, COUNTY, "沈秋月"))


def hear(service: Service, word: str = "鸟饭果") -> UnknownWord:
    """Three people trade in a word that nobody knows."""
    for number, name in enumerate(("杨永根", "岑利民", "沈桂香"), start=1):
        service.text(service.person(name), f"卖{word}{number}00斤3元一斤")
    with service.rows() as rows:
        found: UnknownWord = rows.scalars(select(UnknownWord)).one()
        return found


def edits(service: Service) -> list[WordEdit]:
    with service.rows() as rows:
        return list(rows.scalars(select(WordEdit).order_by(WordEdit.serial)))


def test_what_waits_comes_first_with_its_sentences_and_three_ways(
    service: Service, browser: FlaskClient
) -> None:
    assert "没有新词等着定" in browser.get(START).text
    hear(service)
    page = browser.get(START).text
    assert "有1个词没人认得" in page and "听到3次" in page
    assert all(f"卖鸟饭果{number}00斤3元一斤" in page for number in (1, 2, 3))
    assert all(words in page for words in ("是别的叫法", "不是产品", "先放着"))
    assert "新词1个" in browser.get("/publish/tips").text


def test_a_proposed_word_becomes_another_name_after_it_was_tried(
    service: Service, browser: FlaskClient
) -> None:
    hear(service)
    page = browser.get(f"{WORD}?said=鸟饭果").text
    assert "还没人认得鸟饭果" in page and "卖鸟饭果300斤3元一斤" in page
    form = {"act": "add", "word": "鸟饭果", "product": "蓝莓", "sentence": "卖鸟饭果300斤3元一斤"}
    tried = service.post(browser, WORD, page=f"{WORD}?said=鸟饭果", **{"try": "1"}, **form)
    assert tried.status_code == 200 and "没读出产品" in tried.text and "<b>蓝莓</b>" in tried.text
    assert edits(service) == []
    saved = service.post(browser, WORD, page=f"{WORD}?said=鸟饭果", **form, note="山里人的叫法")
    assert saved.status_code == 303
    page = browser.get(START).text
    assert (
        "没有新词等着定" in page and "鸟饭果就是蓝莓" in page and "山里人的叫法" in page and "沈秋月" in page
    )
    assert "鸟饭果就是" in browser.get(f"{WORD}?said=鸟饭果").text
    asked = service.text(service.person("杨大山"), "卖鸟饭果300斤3元一斤")
    assert asked.question_code and "鸟饭果" in asked.replies[0]


def test_a_word_is_said_to_be_no_product_or_put_off_by_one_press(
    service: Service, browser: FlaskClient
) -> None:
    word = hear(service)
    assert service.post(browser, f"{START}/{word.id}/later", page=START).status_code == 303
    assert "没有新词等着定" in browser.get(START).text
    assert service.post(browser, f"{START}/{word.id}/later", page=START).status_code == 409
    answer = service.post(browser, WORD, page=f"{WORD}?said=鸟饭果", act="forbid", word="鸟饭果")
    assert answer.status_code == 303 and edits(service)[0].act == "forbid"
    assert "鸟饭果不是产品" in browser.get(f"{WORD}?said=鸟饭果").text
    with service.rows() as rows:
        assert rows.scalars(select(UnknownWord)).one().state is WordState.TAKEN


def test_what_means_something_else_already_is_said_and_confirmed(
    service: Service, browser: FlaskClient
) -> None:
    form = {"act": "add", "word": "洋芋", "product": "葡萄", "note": "试试"}
    doubted = service.post(browser, WORD, page=f"{WORD}?said=洋芋", **form)
    assert doubted.status_code == 409 and "洋芋现在指马铃薯，改了以后指葡萄" in doubted.text
    assert edits(service) == []
    assert service.post(browser, WORD, page=f"{WORD}?said=洋芋", **form, sure="1").status_code == 303
    assert [(row.word, row.concept, row.note) for row in edits(service)] == [("洋芋", "葡萄", "试试")]


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"word": "", "product": "桃"}, "请写上这个词"),
        ({"word": "9号", "product": "桃"}, "不带数字"),
        ({"word": "便宜", "product": "桃"}, "平常话"),
        ({"word": "鸟饭果", "product": ""}, "请写上是哪种产品"),
        ({"word": "鸟饭果", "product": "没有这种东西"}, "词库里没有叫没有这种东西的产品"),
        ({"word": "洋芋", "product": "马铃薯"}, "不用改"),
        ({"word": "鸟饭果", "product": "桃", "try": "1"}, "请写一句话来试"),
    ],
)
def test_what_will_not_do_is_said_at_its_field_and_kept(
    service: Service, browser: FlaskClient, form: dict[str, str], said: str
) -> None:
    answer = service.post(
        browser, WORD, page=f"{WORD}?said=鸟饭果", **{"act": "add", "note": "为什么", **form}
    )
    assert answer.status_code in (409, 422) and said in answer.text and "为什么" in answer.text
    assert edits(service) == []


def test_products_are_merged_from_the_products_own_page_and_parted_by_undoing(
    service: Service, browser: FlaskClient
) -> None:
    assert "两种并成一种" not in browser.get(f"{WORD}?said=洋芋").text
    assert "两种并成一种" in browser.get(f"{WORD}?said=黄皮").text
    form = {"act": "merge", "word": "黄皮", "product": "葡萄"}
    assert service.post(browser, WORD, page=f"{WORD}?said=黄皮&act=merge", **form).status_code == 303
    assert "黄皮就是葡萄" in browser.get(f"{WORD}?said=黄皮").text
    (edit,) = edits(service)
    undone = service.post(browser, f"{START}/{edit.id}/undo", page=START)
    assert undone.status_code == 303 and "沈秋月撤回了" in browser.get(START).text
    assert "黄皮是一种产品" in browser.get(f"{WORD}?said=黄皮").text
    assert service.post(browser, f"{START}/{edit.id}/undo", page=f"{WORD}?said=黄皮").status_code == 409


def test_an_open_post_is_read_again_and_the_contact_point_sees_why(
    service: Service, browser: FlaskClient
) -> None:
    seller, helper = service.person("杨永根", reviewed=True), service.staff(Role.CONTACT, YANGGAO, "岑美芳")
    post_id = service.publish(seller, "卖红灯笼葡萄50斤2元一斤")
    form = {"act": "add", "word": "红灯笼葡萄", "product": "辣椒"}
    page = browser.get(f"{WORD}?said=红灯笼葡萄").text
    assert "有1条带这个词" in page
    service.post(browser, WORD, page=f"{WORD}?said=红灯笼葡萄", **form)
    assert "正在重读" in browser.get(START).text
    assert reread.reread_posts(service.runtime.context) == 1
    assert "正在重读" not in browser.get(START).text
    with service.rows() as rows:
        assert rows.scalars(select(PostItem).where(PostItem.post_id == post_id)).one().concept == "辣椒"
        case = rows.scalars(select(Case).where(Case.kind == CaseKind.REVIEW)).one()
        number = rows.get_one(Post, post_id).number
    seen = service.client(helper).get(f"/desk/cases/{case.number}").text
    assert f"{number}号：词库改了，原来登的是葡萄，现在读成红灯笼葡萄" in seen
    assert "词库改了，重读过一遍" in service.client(seller).get(f"/posts/{number}").text


def test_only_the_countys_publishers_and_administrators_come_in(
    service: Service, browser: FlaskClient
) -> None:
    word = hear(service)
    (edit_id,) = [service.post(browser, WORD, page=START, act="forbid", word="洋芋") and edits(service)[0].id]
    admin = service.client(service.staff(Role.ADMIN, COUNTY, "罗一"))
    assert admin.get(START).status_code == 200
    for account in (
        service.staff(Role.PUBLISHER, TOWN, "岑美芳"),
        service.staff(Role.CONTACT, COUNTY, "马小青"),
        service.person("杨大山"),
    ):
        other = service.client(account)
        assert [other.get(page).status_code for page in (START, f"{WORD}?said=桃")] == [404, 404]
        token = mark(other, "/me/letters")
        for address in (WORD, f"{START}/{edit_id}/undo", f"{START}/{word.id}/later"):
            answer = other.post(address, data={"csrf_token": token, "act": "forbid", "word": "土豆"})
            assert answer.status_code == 404
    assert len(edits(service)) == 1 and edits(service)[0].undone_at is None
    town = service.client(service.staff(Role.PUBLISHER, TOWN, "沈桂香"))
    assert START not in town.get("/publish/tips").text


def test_older_changes_stand_on_further_pages(service: Service, browser: FlaskClient) -> None:
    token = mark(browser, f"{WORD}?said=桃")
    words = [f"奶{sign}草" for sign in "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥"]
    for word in words:
        browser.post(WORD, data={"csrf_token": token, "act": "add", "word": word, "product": "艾草"})
    page = browser.get(START).text
    assert words[-1] in page and words[0] not in page and "更早的改动" in page
    older = browser.get(f"{START}?before=3").text
    assert words[0] in older and words[-1] not in older and "更早的改动" not in older


def test_every_page_is_small(service: Service, browser: FlaskClient) -> None:
    for number in range(6):
        hear_many(service, f"鸟饭果{'甲乙丙丁戊己'[number]}")
    for address in (START, f"{WORD}?said=马铃薯", f"{WORD}?said=鸟饭果甲", f"{WORD}?said=果"):
        assert len(browser.get(address).data) < 50_000


def hear_many(service: Service, word: str) -> None:
    seller = service.person("杨大山")
    for number in range(1, 7):
        service.text(seller, f"卖{word}{number}00斤3元一斤，就在村口自提，来的人多就便宜点")
