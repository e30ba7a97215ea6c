"""A report on paper: every word on the page, heads repeated, pages numbered, nothing beyond the edges."""

from __future__ import annotations

import random
import re
from datetime import UTC, datetime
from time import process_time

import pytest

from farmerline.places import read_vendored
from farmerline.render.lines import CLOSING
from farmerline.render.paper import LEFT, WIDTH, Paper
from farmerline.render.report import Column, Facts, Figures, Note, Quote, Report, Section, Table, to_pdf
from tests.render.reading import Words, read_pages, read_text

MADE = datetime(2026, 7, 6, 1, 12, tzinfo=UTC)
COLUMNS = (Column("姓名", 1), Column("手机", 2), Column("为什么", 3), Column("次数", 1, figures=True))


def make(*sections: Section, fact: str = "506人里，还有37人没收到。") -> bytes:
    return to_pdf(
        Report(
            language="zh", issuer="慈溪市农业农村局", made="7月6日9:12打印", level="橙色", squares=3, title="2026-12号",
            subtitle="早稻 稻飞虱", fact=fact, figures=Figures((("506", "应收到"), ("37", "还没收到"))), sections=sections,
            foot="2026-12号的报告", page_words="第{page}页，共{pages}页", made_at=MADE,
        )
    )  # fmt: skip


def people(count: int) -> Table:
    rows = [(f"岑{place}", "138****5521", "两次没人接，短信也没有回执", "3") for place in range(count)]
    return Table(COLUMNS, rows, total=("合计", "", "", str(3 * count)))


def test_a_page_says_what_it_was_given() -> None:
    said = read_text(
        make(
            Section(
                "谁签的",
                (
                    Facts(
                        (("起草", "岑永年"), ("复核", ""), ("签发", "胡一刀")),
                    ),
                ),
            ),
            Section("说了什么", (Quote("短信", "早稻飞虱偏重，13至15日防治。"), Note("一字不差。"))),
            Section("还没收到的人", (people(2),)),
        )
    )
    for words in (
        "慈溪市农业农村局", "7月6日9:12打印", "橙色 ■■■□", "2026-12号", "506人里，还有37人没收到。", "506", "应收到", "谁签的", "岑永年",
        "签发", "早稻飞虱偏重，13至15日防治。", "一字不差。", "138****5521", "合计", "第1页，共1页", "2026-12号的报告",
    ):  # fmt: skip
        assert words in said.split("\n")
    assert "复核" not in said


@pytest.mark.parametrize("squares", [0, 1, 4])
def test_urgency_is_told_by_squares_and_a_word(squares: int) -> None:
    report = Report(
        "en", "Bureau", "", "Red", squares, "2026-1", "", "Nobody is left.", Figures((("0", "planned"),)), (), "", "", MADE
    )  # fmt: skip
    assert f"Red {'■' * squares}{'□' * (4 - squares)}" in read_text(to_pdf(report))


def test_a_long_table_has_its_head_on_every_page_and_the_pages_are_numbered() -> None:
    pages = read_pages(make(Section("还没收到的人", (people(150),))))
    assert len(pages) >= 4
    for place, page in enumerate(pages, 1):
        texts = [words.text for words in page]
        assert {"姓名", "手机", "为什么", f"第{place}页，共{len(pages)}页"} <= set(texts)
    named = [words.text for page in pages for words in page if re.fullmatch(r"岑\d+", words.text)]
    assert named == [f"岑{place}" for place in range(150)]


def test_a_village_is_not_left_without_its_people_at_a_pages_end() -> None:
    rows: list[tuple[str, ...]] = []
    for place in range(40):
        rows += [(f"第{place}村",), *[(f"岑{place}", "138", "没人接", "3")] * (place % 4 + 1)]
    for page in read_pages(make(Section("人", (Table(COLUMNS, rows),)))):
        texts = [words.text for words in page]
        heads = [at for at, text in enumerate(texts) if re.fullmatch(r"第\d+村", text)]
        assert all(texts[at + 1].startswith("岑") for at in heads)


def inside(pages: list[list[Words]]) -> bool:
    points = 72 / 25.4
    with Paper(title="", language="zh", made_at=MADE) as paper:
        return all(
            LEFT * points - 0.1 <= words.x
            and words.x + paper.measure(words.text, words.size) * points <= (WIDTH - LEFT) * points + 0.1
            and 15 < words.y < 810
            for page in pages
            for words in page
        )


def test_whatever_is_written_stays_on_the_paper() -> None:
    dice = random.Random(7)
    signs = "早稻飞虱农药，。、《》“”12.5% abcXY—龘𠮷喆\n\t(\\)😀"
    for _ in range(6):
        words = ["".join(dice.choices(signs, k=dice.choice((0, 3, 40, 400)))) for _ in range(12)]
        pages = read_pages(
            make(
                Section(words[0][:40], (Facts(((words[1], words[2]),)), Quote(words[3], words[4]), Note(words[5]))),
                Section("表", (Table(COLUMNS, [words[6:10], [words[10]]]),)),
                fact=words[11],
            )
        )  # fmt: skip
        assert inside(pages)


def test_lines_on_paper_begin_with_no_closing_sign() -> None:
    text = "早稻飞虱偏重，先看田，十丛里够一百头再打；没到的，不打。" * 12
    said = [words for page in read_pages(make(Section("全文", (Quote("全文", text),)))) for words in page]
    assert not [words.text for words in said if words.text[0] in CLOSING]


def test_a_sign_without_a_picture_is_a_box_and_breaks_nothing() -> None:
    assert "岑□山" in read_text(make(Section("人", (Facts((("姓名", "岑𠮷山"),)),))))
    assert "王喆" in read_text(make(Section("人", (Facts((("姓名", "王喆"),)),))))


def test_a_rare_sign_in_heavy_letters_is_written_in_plain_ones() -> None:
    assert {"王", "龊"} <= set(read_text(make(fact="王龊")).split("\n"))


def test_every_place_of_the_country_can_be_written() -> None:
    with Paper(title="", language="zh", made_at=MADE) as paper:
        for place in read_vendored():
            assert "□" not in "".join(paper.break_lines(place.name, 100)), place


def test_the_same_values_make_the_same_file() -> None:
    assert make(Section("人", (people(3),))) == make(Section("人", (people(3),)))


def test_ten_thousand_people_take_under_five_seconds_of_work() -> None:
    start = process_time()
    made = make(Section("还没收到的人", (people(10_000),)))
    assert process_time() - start < 5
    assert len(made) < 2_000_000
