"""Lines of printed text: no ，or 。at a line's beginning, no 《 at its end, figures and words whole."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from farmerline.render.lines import CLOSING, OPENING, wrap


def signs(text: str) -> float:
    """A Chinese sign is two wide, a Latin one is one."""
    return sum(1 if sign < "\u0100" else 2 for sign in text)


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("", 10, [""]),
        ("早稻飞虱偏重", 6, ["早稻飞", "虱偏重"]),
        ("早稻飞，虱偏重", 6, ["早稻", "飞，虱", "偏重"]),  # the comma takes its sign along
        ("早稻飞虱。", 8, ["早稻飞", "虱。"]),
        ("看看《农药》", 6, ["看看", "《农", "药》"]),
        ("看《农药》标签", 8, ["看《农", "药》标签"]),
        ("他说：“打药。”", 12, ["他说：“打", "药。”"]),
        ("每亩用3.5公斤", 8, ["每亩用", "3.5公斤"]),
        ("八成12.5%的人", 8, ["八成", "12.5%的", "人"]),
        ("look at the field", 7, ["look at", "the", "field"]),
        ("supercalifragilistic", 8, ["supercal", "ifragili", "stic"]),
        ("第一行\n\n第三行", 20, ["第一行", "", "第三行"]),
        ("一行\r\n两行", 20, ["一行", "两行"]),
        ("。。。。。。", 4, ["。。", "。。", "。。"]),  # nothing else fits
        ("窗口\t7月1日", 4, ["窗口", "7月1", "日"]),
    ],
)  # fmt: skip
def test_lines_break_where_a_reader_expects_it(text: str, width: float, lines: list[str]) -> None:
    assert wrap(text, width, signs) == lines


TEXTS = st.text(alphabet="早稻飞虱农药，。、《》“”（）!?12.5% abcXY—…¥\n", max_size=120)


@given(TEXTS, st.integers(2, 40))
def test_nothing_is_lost_and_no_line_is_too_wide(text: str, width: int) -> None:
    lines = wrap(text, width, signs)
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(signs(line) <= width for line in lines)


@given(st.text(alphabet="早稻飞虱农药12ab", min_size=1, max_size=80), st.data())
def test_a_line_never_begins_with_a_closing_sign_nor_ends_with_an_opening_one(
    text: str, data: st.DataObject
) -> None:
    marks = data.draw(
        st.lists(st.sampled_from([*"，。、；：？！）》”", "（药）", "《稻》", "“虱”"]), max_size=20)
    )
    for mark in marks:
        at = data.draw(st.integers(1, len(text)))
        if text[at - 1] not in CLOSING + OPENING and text[at : at + 1] not in (*CLOSING, *OPENING):
            text = text[:at] + mark + text[at:]
    lines = wrap(text, 30, signs)
    assert not [line for line in lines[1:] if line[0] in CLOSING]
    assert not [line for line in lines[:-1] if line[-1] in OPENING]
