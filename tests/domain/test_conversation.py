"""What people write, what they are told, and what comes of it."""

from __future__ import annotations

from typing import Any

import pytest

from farmerline.domain import answers, consent
from farmerline.messages import Channel
from farmerline.models import (
    AccountState,
    Case,
    CaseKind,
    Consent,
    Delivery,
    Inbound,
    InboundState,
    Post,
    PostState,
    Purpose,
    Question,
    QuestionState,
)
from tests.domain.talking import SEEDLINGS, WANTED, Village, sms_parts

READ_BACK = "已记下:卖 葡萄苗 2000株 3元/株 杨高村。回1发布并给对上的人看电话,回3只登不给电话,回2改"


@pytest.mark.parametrize(
    ("answer", "state", "shares"),
    [
        ("1", PostState.OPEN, True), ("3", PostState.OPEN, False), ("Y", PostState.OPEN, True), ("好的", PostState.OPEN, True),
        ("１", PostState.OPEN, True), ("1。", PostState.OPEN, True), ("1A11", PostState.OPEN, True), ("A11 1", PostState.OPEN, True),
        ("a11 1", PostState.OPEN, True), ("Ａ１１ １", PostState.OPEN, True), ("2", PostState.PENDING, False), ("N", PostState.PENDING, False),
        ("1Z99", PostState.PENDING, False),
    ],
)  # fmt: skip
def test_a_read_back_is_published_by_1_or_3_and_not_by_2(
    sqlite_village: Village, answer: str, state: PostState, shares: bool
) -> None:
    """M13: nothing is public before its yes."""
    seller = sqlite_village.person()
    assert sqlite_village.told(seller, SEEDLINGS) == f"{READ_BACK}[A11]"
    sqlite_village.say(seller, answer)
    (post,) = sqlite_village.all(Post)
    assert (post.state, post.share_phone) == (state, shares)
    assert (post.number is not None) == (state is PostState.OPEN)


def test_a_read_back_and_a_match_notice_cost_one_or_two_parts(village: Village) -> None:
    seller, buyer = village.person(), village.person("陈小梅")
    assert sms_parts(village.told(seller, SEEDLINGS)) <= 2
    village.say(seller, "1")
    village.publish(buyer, WANTED)
    notices = [row.text for row in village.all(Delivery, Delivery.purpose == Purpose.MATCH)]
    assert notices
    assert all(sms_parts(text) == 1 for text in notices), notices


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        (("2", "3000株"), "卖 葡萄苗 3000株 3元/株 杨高村"),
        (("2", "2 3000株"), "卖 葡萄苗 3000株 3元/株 杨高村"),
        (("2", "2块5"), "卖 葡萄苗 2000株 2.5元/株 杨高村"),
        (("2", "水湘村"), "卖 葡萄苗 2000株 3元/株 水湘村"),
        (("2", "不是2000株是200株"), "卖 葡萄苗 200株 3元/株 杨高村"),
        (("2 3000株",), "卖 葡萄苗 3000株 3元/株 杨高村"),
        (("2，3000株",), "卖 葡萄苗 3000株 3元/株 杨高村"),
        (("改成3000株",), "卖 葡萄苗 3000株 3元/株 杨高村"),
        (("3000株",), "卖 葡萄苗 3000株 3元/株 杨高村"),
        (("2", "卖草莓苗500株1元一株"), "卖 草莓苗 500株 1元/株 杨高村"),
        (("2", "要葡萄苗500株"), "买 葡萄苗 500株 3元/株 杨高村"),
    ],
)  # fmt: skip
def test_a_draft_is_changed_by_a_word_and_read_back_again(
    sqlite_village: Village, words: tuple[str, ...], wanted: str | None
) -> None:
    seller = sqlite_village.person()
    sqlite_village.say(seller, SEEDLINGS)
    for text in words:
        told = sqlite_village.told(seller, text)
    if wanted is not None:
        assert told.startswith(f"已记下:{wanted}"), told
    assert sqlite_village.published() == 0
    assert sqlite_village.count(Question, Question.state == QuestionState.OPEN) == 1
    if wanted is not None:
        assert sqlite_village.told(seller, "1").startswith("已发布,编号1001")
        (post,) = sqlite_village.all(Post)
        assert post.kind == post.items[0].direction == ("demand" if wanted.startswith("买") else "supply")
        assert post.items[0].key.endswith(post.kind)


@pytest.mark.parametrize("other", ["问 葡萄叶子发黄怎么办", "查 草莓苗", "报 葡萄 霜霉病", "帮助", "TD"])
def test_another_matter_does_not_change_the_draft_that_waits_for_words(
    sqlite_village: Village, other: str
) -> None:
    seller = sqlite_village.person()
    sqlite_village.say(seller, SEEDLINGS)
    sqlite_village.say(seller, "2")
    sqlite_village.say(seller, other)
    (post,) = sqlite_village.all(Post)
    assert (post.items[0].name, post.items[0].qty) == ("葡萄苗", 2000)


def test_the_new_words_stand_on_the_page_once_a_draft_was_written_anew(sqlite_village: Village) -> None:
    seller = sqlite_village.person()
    sqlite_village.say(seller, SEEDLINGS)
    sqlite_village.say(seller, "2")
    sqlite_village.say(seller, "卖葡萄苗800株2元一株")
    assert "2000" not in sqlite_village.all(Post)[0].text


def test_silence_hands_the_draft_to_the_contact_point(village: Village) -> None:
    seller = village.person()
    village.say(seller, SEEDLINGS)
    assert village.do(answers.park_unanswered) == 0
    village.wait(hours=25)
    assert village.do(answers.park_unanswered) == 1
    (case,) = village.cases()
    assert (case.kind, case.account_id, case.post_id) == (
        CaseKind.CALL_BACK,
        seller.id,
        village.all(Post)[0].id,
    )
    assert village.published() == 0
    assert village.do(answers.park_unanswered) == 0
    assert "没有等您回的事" in village.told(seller, "1")


def test_two_drafts_that_met_silence_are_two_cases(sqlite_village: Village) -> None:
    seller = sqlite_village.person()
    sqlite_village.say(seller, SEEDLINGS)
    sqlite_village.say(seller, "卖草莓苗500株1元一株")
    sqlite_village.wait(hours=25)
    sqlite_village.do(answers.park_unanswered)
    assert {case.post_id for case in sqlite_village.cases()} == {post.id for post in sqlite_village.all(Post)}


def test_a_code_is_asked_for_when_two_matters_are_open(village: Village) -> None:
    seller = village.person()
    first, second = village.say(seller, SEEDLINGS), village.say(seller, "卖草莓苗500株1元一株")
    assert first.question_code != second.question_code
    told = village.told(seller, "1")
    assert all(word in told for word in (first.question_code, second.question_code, "葡萄苗", "草莓苗", "1A"))
    assert village.published() == 0
    village.say(seller, f"1{second.question_code}")
    assert [post.state for post in village.all(Post)] == [PostState.PENDING, PostState.OPEN]
    assert village.told(seller, "1").startswith("已发布")


def test_an_answered_question_is_not_answered_again(village: Village) -> None:
    seller = village.person()
    code = village.say(seller, SEEDLINGS).question_code
    village.say(seller, "1")
    for text in ("1", f"1{code}", "3", "2"):
        assert "没有等您回的事" in village.told(seller, text)
    assert len(village.all(Post)) == 1
    assert len([event for event in village.all(Post)[0].history if event.state is PostState.OPEN]) == 1


def test_a_household_names_its_speaker_or_is_asked(village: Village) -> None:
    yang = village.person()
    mei = village.person("李小梅", phone=yang.phone)
    named = village.say(yang, SEEDLINGS + " 小梅")
    assert village.get(Post, named.post_id).account_id == mei.id
    assert "李小梅" in named.replies[0]
    asked = village.told(yang, "卖草莓苗500株1元一株")
    assert "1 杨大山 2 李小梅" in asked
    before = len(village.all(Post))
    village.say(yang, "2")
    drafts = village.all(Post)
    assert len(drafts) == before + 1
    assert drafts[-1].account_id == mei.id
    assert drafts[-1].state is PostState.PENDING


def test_a_members_question_decides_who_answers_it(sqlite_village: Village) -> None:
    yang = sqlite_village.person()
    mei = sqlite_village.person("李小梅", phone=yang.phone)
    sqlite_village.say(yang, SEEDLINGS + " 小梅")
    accepted = sqlite_village.say(yang, "1")
    assert sqlite_village.get(Inbound, accepted.inbound_id).account_id == mei.id
    assert sqlite_village.all(Post)[0].history[-1].actor_id == mei.id


def test_words_without_a_speaker_go_to_the_contact_point_when_nobody_answers(village: Village) -> None:
    yang = village.person()
    village.person("李小梅", phone=yang.phone)
    village.say(yang, SEEDLINGS)
    village.wait(hours=25)
    village.do(answers.park_unanswered)
    (case,) = village.cases()
    assert (case.kind, case.text, case.phone) == (CaseKind.UNCLEAR, SEEDLINGS, yang.phone)


def test_one_of_a_household_may_be_suspended_without_the_other(sqlite_village: Village) -> None:
    yang = sqlite_village.person(state=AccountState.SUSPENDED)
    assert "停用" in sqlite_village.told(yang, SEEDLINGS)
    assert sqlite_village.all(Post) == []
    assert "已停" in sqlite_village.told(yang, "TD")


def test_a_second_person_may_register_from_the_household_phone(sqlite_village: Village) -> None:
    yang = sqlite_village.person()
    assert "您已登记:杨大山" in sqlite_village.told(yang, "注册 杨大山 杨高村")
    assert "李小梅" in sqlite_village.told(yang, "注册 李小梅 杨高村")
    assert [case.kind for case in sqlite_village.cases()] == [CaseKind.REGISTER]
    sqlite_village.say(yang, "注册 李小梅 杨高村")
    assert len(sqlite_village.cases()) == 1


@pytest.mark.parametrize("words", ["哈哈", "，，，", "asdfgh", "🙂🙂", "今天天气好"])
def test_unclear_words_go_to_a_person_and_the_sender_is_told_who(sqlite_village: Village, words: str) -> None:
    seller = sqlite_village.person()
    sqlite_village.contact()
    first, second = sqlite_village.told(seller, words), sqlite_village.told(seller, words)
    (case,) = sqlite_village.cases(CaseKind.UNCLEAR)
    assert first == second
    assert "沈秋月" in first
    assert str(case.number) in first
    assert case.text.count(words) == 2


def test_a_question_becomes_a_case_with_a_number(village: Village) -> None:
    answer = village.told(village.person(), "问 包菜什么时候种好")
    (case,) = village.cases(CaseKind.QUESTION)
    assert "48小时" in answer
    assert str(case.number) in answer
    assert case.due_at > village.now


@pytest.mark.parametrize("words", ["问 包菜什么时候种好", "报 葡萄 霜霉病", "价 葡萄", "信 陈小梅 你好"])
def test_what_a_county_has_switched_off_still_reaches_a_person(
    tmp_path: Any, sqlite_url: str, words: str
) -> None:
    from tests.domain.talking import open_village

    with open_village(sqlite_url, tmp_path, modules="voice") as small:
        assert small.told(small.person(), words)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("查26-12", "没有发过26-12号"),
        ("查2026-Y9", "没有发过2026-Y9号"),
        ("这个情报是真的吗", "加编号"),
        ("我们这最近有虫情预警没有", "没有生效的情报"),
        ("帮助", "直接发"),
        ("?", "直接发"),
    ],
)
def test_alert_numbers_and_help_are_answered_to_anybody(
    sqlite_village: Village, words: str, told: str
) -> None:
    for who in (sqlite_village.person(), "+8613800001111"):
        assert told in sqlite_village.told(who, words)


@pytest.mark.parametrize("words", ["TD", "R", "退订", "别再给我发了"])
def test_a_stop_is_for_the_phone_with_its_proof_and_ends_only_what_nobody_asked_for(
    sqlite_village: Village, words: str
) -> None:
    """P-06: a no holds before the next send; M13: matches and letters go on."""
    yang = sqlite_village.person(tips=True)
    mei = sqlite_village.person("李小梅", phone=yang.phone, tips=True)
    accepted = sqlite_village.say(yang, words)
    assert "已停" in accepted.replies[0]
    with sqlite_village.session() as session:
        for one in (yang, mei):
            may = {
                purpose: consent.allows(session, account=one, purpose=purpose, channel=Channel.SMS)
                for purpose in Purpose
            }
            assert [purpose for purpose, yes in may.items() if not yes] == list(consent.STOPPED)
    proofs = sqlite_village.all(Consent, ~Consent.granted)
    assert {row.proof for row in proofs} == {f"inbound:{accepted.inbound_id}"}
    assert "已恢复" in sqlite_village.told(yang, "恢复")
    with sqlite_village.session() as session:
        assert consent.allows(session, account=mei, purpose=Purpose.TIPS)


def test_a_strangers_number_may_stop_and_resume(village: Village) -> None:
    assert "已停" in village.told("+8613800001111", "TD")
    assert "已恢复" in village.told("+8613800001111", "恢复")
    assert [row.granted for row in village.all(Consent)] == [False] * 3 + [True] * 3
    assert village.all(Case) == []


def test_a_post_is_over_and_comes_back_by_its_number_or_product(village: Village) -> None:
    seller = village.person()
    one, two = village.publish(seller, SEEDLINGS), village.publish(seller, "卖草莓苗500株1元一株")
    asked = village.told(seller, "卖完了")
    assert "哪一条" in asked
    assert str(one.number) in asked
    assert f"{one.number}号撤下" in village.told(seller, "停 葡萄")
    assert f"{two.number}号撤下" in village.told(seller, f"停{two.number}")
    assert "没有挂着" in village.told(seller, "卖完了")
    assert f"{one.number}号再挂60天" in village.told(seller, f"续{one.number}")
    assert [post.state for post in village.all(Post)] == [PostState.OPEN, PostState.DONE]
    assert village.get(Post, one.id).items[0].live


def test_nobody_ends_somebody_elses_post(sqlite_village: Village) -> None:
    """Z-01."""
    post = sqlite_village.publish(sqlite_village.person(), SEEDLINGS)
    other = sqlite_village.person("陈小梅")
    for text in (f"停{post.number}", f"续{post.number}"):
        assert f"没有{post.number}号" in sqlite_village.told(other, text)
    assert sqlite_village.get(Post, post.id).state is PostState.OPEN


def test_a_held_post_that_is_to_be_renewed_is_answered(sqlite_village: Village) -> None:
    seller = sqlite_village.person(origin="sms", reviewed=False)
    post = sqlite_village.publish(seller, SEEDLINGS)
    assert post.state is PostState.HELD
    assert sqlite_village.told(seller, f"续{post.number}")


@pytest.mark.parametrize("words", ["葡萄苗500株", "葡萄苗"])
def test_a_thing_without_a_verb_is_asked_for_its_side_first(sqlite_village: Village, words: str) -> None:
    seller = sqlite_village.person()
    assert sqlite_village.told(seller, words) == f"您是要1卖{words[:3]} 2买{words[:3]} 3都不是?[A11]"
    assert sqlite_village.told(seller, "2").startswith(f"已记下:买 {words[:3]}")
    assert sqlite_village.count(Post) == 1


CONVERSATION = [
    SEEDLINGS, "2", "3000株", "1", "1", "查 葡萄苗", "价 葡萄", "哈哈", "TD", "恢复", "帮助", "卖完了", "续1001", "问 包菜什么时候种好",
    "报 葡萄 霜霉病", "信 陈小梅 你好", "信 王五五 你好", "注册", "查26-12", "这个情报是真的吗", "停9999", WANTED, "3", "1Z99",
]  # fmt: skip


def test_whoever_reads_english_is_told_no_chinese_sentence(sqlite_village: Village) -> None:
    person = sqlite_village.person(language="en")
    sqlite_village.person("陈小梅")
    for text in CONVERSATION:
        for told in sqlite_village.answers(sqlite_village.say(person, text).inbound_id):
            bare = told
            for known in (
                "葡萄苗",
                "杨高村",
                "龙山镇",
                "杨大山",
                "陈小梅",
                "王五五",
                "农信通达·慈溪",
                "霜霉病",
                "葡萄",
                "草莓苗",
                "报",
            ):
                bare = bare.replace(known, "")
            assert not [sign for sign in bare if "\u4e00" <= sign <= "\u9fff" and sign not in "株元斤查"], (
                told
            )


def test_every_word_in_and_out_is_on_record_with_who_and_when(village: Village) -> None:
    """M12: a full trail by person."""
    person = village.person()
    village.person("陈小梅")
    for text in CONVERSATION:
        accepted = village.say(person, text)
        row = village.get(Inbound, accepted.inbound_id)
        assert (row.body, row.account_id, row.channel, row.received_at) == (
            text,
            person.id,
            Channel.SMS,
            village.now,
        )
        assert row.state is InboundState.HANDLED
        sent = village.all(Delivery, Delivery.inbound_id == row.id)
        assert sent, text
        assert {(one.account_id, one.address, one.created_at) for one in sent} == {
            (person.id, person.phone, village.now)
        }


def test_what_a_contact_point_enters_is_read_back_to_the_persons_own_phone(village: Village) -> None:
    farmer, helper = village.person(), village.contact()
    accepted = village.say(
        farmer, SEEDLINGS, channel=Channel.CONTACT, gateway="web", account_id=farmer.id, operator_id=helper.id
    )
    (row,) = village.all(Delivery)
    assert (row.address, row.account_id) == (farmer.phone, farmer.id)
    assert village.get(Post, accepted.post_id).operator_id == helper.id
    assert village.published() == 0
    assert village.told(farmer, "1").startswith("已发布")
