"""The vocabulary that publishers edit: what they may do, what it changes, how it is undone, who reads with it."""

from __future__ import annotations

import gc
import threading
import weakref
from typing import Any

import pytest
from sqlalchemy import select

from farmerline.domain import vocabulary
from farmerline.domain.reader import Reader
from farmerline.domain.vocabulary import Doubtful
from farmerline.errors import Absent, Conflict, Invalid, Refusal
from farmerline.models import AuditRow, Role, WordAct, WordEdit
from tests.domain.talking import Village, matcher
from tests.domain.wording import Editor, things
from tests.factories import COUNTY, TOWN, YANGGAO

HERB = "卖奶奶草一百斤"


def test_a_word_that_an_editor_adds_is_read_and_undone_it_is_not(village: Village) -> None:
    editor = Editor(village)
    assert editor.things(HERB) == []
    edit = editor.add("奶奶草", "艾草", note="龙山人这么叫")
    assert (edit.serial, edit.word, edit.concept, edit.by_id) == (
        1,
        "奶奶草",
        "艾草",
        editor.actor.account_id,
    )
    assert [concept for concept, _form, _variety in editor.things(HERB)] == ["艾草"]
    editor.undo(edit)
    assert editor.things(HERB) == []
    kept = village.get(WordEdit, edit.id)
    assert kept.undone_at is not None and kept.undone_by == editor.actor.account_id
    acts = [row.act for row in audit(village) if row.subject == f"word_edit:{edit.id}"]
    assert acts == ["word.add", "word.undo"]


def audit(village: Village) -> list[AuditRow]:
    with village.database.read() as session:
        return list(session.scalars(select(AuditRow).order_by(AuditRow.number)))


def test_a_word_means_what_the_last_edit_that_counts_says(village: Village) -> None:
    editor = Editor(village)
    editor.add("奶奶草", "艾草")
    second = editor.add("奶奶草", "薄荷", sure=True)
    assert editor.things(HERB)[0][0] == "薄荷"
    third = editor.forbid("奶奶草")
    assert editor.things(HERB) == []
    assert [row.serial for row in village.all(WordEdit)] == [1, 2, 3]
    editor.undo(third)
    editor.undo(second)
    assert editor.things(HERB)[0][0] == "艾草"


def test_a_word_may_be_a_variety_or_a_form_of_a_product(sqlite_village: Village) -> None:
    editor = Editor(sqlite_village)
    editor.add("慈香", "葡萄", variety="慈香")
    assert editor.things("要慈香苗500株") == [("葡萄", "seedling", "慈香")]
    editor.add("慈新", "葡萄", variety="慈新9号")
    assert editor.things("要慈新苗500株") == [("葡萄", "seedling", "慈新9号")]
    editor.add("香香", "夏黑")
    assert editor.things("要香香苗500株") == [("葡萄", "seedling", "夏黑")]
    editor.add("瓜子苗片", "西瓜", form="seed")
    assert editor.things("收瓜子苗片三百斤") == [("西瓜", "seed", None)]


def test_two_products_made_one_are_found_by_each_others_words(village: Village) -> None:
    editor = Editor(village)
    editor.merge("黄皮", "葡萄")
    assert {editor.things(f"卖{word}五百斤")[0][0] for word in ("黄皮", "葡萄")} == {"葡萄"}
    with pytest.raises(Conflict) as refused:
        editor.merge("葡萄", "黄皮", sure=True)
    assert refused.value.code == "merge_same"  # no circle: they are one
    editor.merge("葡萄", "桃")
    assert {editor.things(f"卖{word}五百斤")[0][0] for word in ("黄皮", "葡萄", "桃")} == {"桃"}


WRONG: list[tuple[str, dict[str, Any], type[Refusal], str]] = [
    ("add", {"word": "", "product": "桃"}, Invalid, "word_empty"),
    ("add", {"word": "字" * 21, "product": "桃"}, Invalid, "word_long"),
    ("add", {"word": "9号桃", "product": "桃"}, Invalid, "word_signs"),
    ("add", {"word": "桃。", "product": "桃"}, Invalid, "word_signs"),
    ("add", {"word": "奶奶草", "product": ""}, Invalid, "product_missing"),
    ("add", {"word": "奶奶草", "product": "没有这种东西"}, Invalid, "product_unknown"),
    ("add", {"word": "奶奶草", "product": "艾草", "form": "nonsense"}, Invalid, "form_unknown"),
    ("add", {"word": "奶奶草", "product": "艾草", "variety": "9号"}, Invalid, "word_signs"),
    ("add", {"word": "便宜", "product": "艾草"}, Invalid, "word_everyday"),
    ("add", {"word": "收购", "product": "艾草", "sure": True}, Invalid, "word_everyday"),
    ("add", {"word": "桃", "product": "葡萄", "sure": True}, Invalid, "word_product"),
    ("add", {"word": "洋芋", "product": "马铃薯"}, Conflict, "word_known"),
    ("add", {"word": "马铃薯", "product": "洋芋"}, Conflict, "word_known"),
    ("add", {"word": "洋芋", "product": "葡萄"}, Doubtful, "word_other"),
    ("add", {"word": "慈溪", "product": "葡萄"}, Doubtful, "word_place"),
    ("add", {"word": "杨高村", "product": "葡萄"}, Doubtful, "word_place"),
    ("add", {"word": "龙山", "product": "葡萄"}, Doubtful, "word_place"),
    ("add", {"word": "霜霉病", "product": "葡萄"}, Doubtful, "word_pest"),
    ("merge", {"word": "奶奶草", "product": "桃"}, Invalid, "merge_unknown"),
    ("merge", {"word": "洋芋", "product": "桃"}, Invalid, "merge_name"),
    ("merge", {"word": "葡萄", "product": "葡萄"}, Conflict, "merge_same"),
    ("merge", {"word": "葡萄", "product": "马铃薯"}, Doubtful, "merge_kinds"),
    ("merge", {"word": "竹鼠", "product": "兔"}, Doubtful, "merge_guarded"),
    ("forbid", {"word": "便宜"}, Conflict, "word_no_product"),
    ("forbid", {"word": "马铃薯"}, Doubtful, "word_own"),
]


@pytest.mark.parametrize(("act", "said", "kind", "code"), WRONG, ids=[f"{one[0]}-{one[3]}" for one in WRONG])
def test_what_would_spoil_the_vocabulary_is_refused_or_asked_about(
    sqlite_village: Village, act: str, said: dict[str, Any], kind: type[Refusal], code: str
) -> None:
    editor = Editor(sqlite_village)
    with pytest.raises(kind) as refused:
        editor.make(WordAct(act), **said)
    assert refused.value.code == code and type(refused.value) is kind
    assert sqlite_village.count(WordEdit) == 0
    if kind is Doubtful:
        assert editor.make(WordAct(act), **said, sure=True).serial == 1


def test_a_word_is_kept_as_texts_are_read(sqlite_village: Village) -> None:
    editor = Editor(sqlite_village)
    assert editor.add(" 奶奶 草 ", "艾草").word == "奶奶草"
    assert editor.add("阿嬤蘿蔔", "萝卜").word == "阿嬷萝卜"


def test_an_edit_is_undone_once(sqlite_village: Village) -> None:
    editor = Editor(sqlite_village)
    edit = editor.forbid("洋芋")
    editor.undo(edit)
    with pytest.raises(Conflict):
        editor.undo(edit)
    with pytest.raises(Absent):
        sqlite_village.do(vocabulary.undo, edit_id="0" * 32, actor=editor.actor, county=COUNTY)


@pytest.mark.parametrize(
    ("role", "area", "may"),
    [
        (Role.PUBLISHER, COUNTY, True), (Role.PUBLISHER, "33", True), (Role.ADMIN, COUNTY, True),
        (Role.PUBLISHER, TOWN, False), (Role.PUBLISHER, YANGGAO, False), (Role.CONTACT, COUNTY, False), (Role.ADMIN, TOWN, False),
    ],
)  # fmt: skip
def test_the_countys_publishers_and_administrators_edit(
    sqlite_village: Village, role: Role, area: str, may: bool
) -> None:
    editor = Editor(sqlite_village, role, area)
    assert vocabulary.may_edit(editor.actor, COUNTY) is may
    if may:
        editor.undo(editor.forbid("洋芋"))
        return
    with pytest.raises(Absent):
        editor.forbid("洋芋")
    with pytest.raises(Absent):
        sqlite_village.do(vocabulary.undo, edit_id="0" * 32, actor=editor.actor, county=COUNTY)


def test_every_process_reads_with_the_new_words_without_a_restart(village: Village) -> None:
    editor, other = Editor(village), Reader(village.database.read, matcher, every=0)
    before = other.matcher
    assert before is matcher()  # nothing is built where nothing was edited
    edit = editor.add("奶奶草", "艾草")
    assert [concept for concept, _form, _variety in things(other, HERB)] == ["艾草"]
    made = weakref.ref(other.matcher)
    assert other.matcher is made()  # not built anew while nothing changes
    editor.undo(edit)
    assert other.matcher is matcher()
    gc.collect()
    assert made() is None  # let go


def test_between_two_looks_the_vocabulary_known_is_used(sqlite_village: Village) -> None:
    editor = Editor(sqlite_village)
    slow = Reader(sqlite_village.database.read, matcher, every=1000)
    assert not things(slow, HERB)
    editor.add("奶奶草", "艾草")
    assert not things(slow, HERB)
    slow.freshen(at_once=True)
    assert things(slow, HERB)


def test_who_reads_while_the_new_matcher_is_made_does_not_wait(sqlite_village: Village) -> None:
    editor = Editor(sqlite_village)
    made, go_on = threading.Event(), threading.Event()
    held: list[bool] = []

    def shipped() -> Any:
        if held:
            made.set()
            assert go_on.wait(10)
        return matcher()

    reader = Reader(sqlite_village.database.read, shipped, every=0)
    assert not things(reader, HERB)
    editor.add("奶奶草", "艾草")
    held.append(True)
    maker = threading.Thread(target=reader.freshen)
    maker.start()
    assert made.wait(10)
    assert not things(reader, HERB)  # the one before, at once
    go_on.set()
    maker.join(10)
    held.clear()
    assert things(reader, HERB)


def test_a_database_that_is_away_leaves_the_vocabulary_as_it_is(sqlite_village: Village) -> None:
    editor = Editor(sqlite_village)
    editor.add("奶奶草", "艾草")
    assert editor.things(HERB)
    with sqlite_village.database.writer.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE word_edit RENAME TO away")
    assert editor.things(HERB)
    fresh = Reader(sqlite_village.database.read, matcher, every=0)
    assert things(fresh, "卖桃子五百斤")


def test_two_editors_at_once_go_one_after_the_other(village: Village) -> None:
    editor, start = Editor(village), threading.Barrier(2)

    def work(signs: str) -> None:
        start.wait()
        for sign in signs:
            editor.add(f"奶{sign}草", "艾草")

    workers = [threading.Thread(target=work, args=(signs,)) for signs in ("甲乙丙丁", "戊己庚辛")]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert sorted(row.serial for row in village.all(WordEdit)) == list(range(1, 9))
