"""Resident numbers, credit codes, phones and their masks."""

from __future__ import annotations

import contextlib
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from farmerline.errors import Invalid
from farmerline.identity import (
    SHORT_CODES,
    body_check_digit,
    check_credit_code,
    check_resident_number,
    credit_check_digit,
    is_mobile,
    mask_name,
    mask_phone,
    mask_resident_number,
    normalise_phone,
    resident_check_digit,
    show_phone,
)

TODAY = date(2026, 11, 21)
EXAMPLE = "11010519491231002X"  # the example in the standard's own text


@pytest.mark.parametrize(
    "text",
    [
        EXAMPLE,
        EXAMPLE.lower(),
        " 110105 19491231 002x ",
        "１１０１０５１９４９１２３１００２Ｘ",
        "110105-19491231-002X",
    ],
)
def test_a_right_resident_number_comes_back_plain(text: str) -> None:
    assert check_resident_number(text, today=TODAY) == EXAMPLE


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "resident_shape"),
        ("110105491231002", "resident_shape"),  # 15 digits, out of use since 2013
        ("11010519491231002", "resident_shape"),
        ("110105194912310X2X", "resident_shape"),
        ("010105194912310021", "resident_shape"),
        ("110105194912310021", "resident_check"),
        ("11010519490230002X", "resident_date"),
        ("11010519491331002X", "resident_date"),
        ("11010520271231002X", "resident_date"),
        ("11010517491231002X", "resident_date"),
        ("١١٠١٠٥١٩٤٩١٢٣١٠٠٢X", "resident_shape"),
    ],
)
def test_a_wrong_resident_number_is_refused_with_its_reason(text: str, code: str) -> None:
    with pytest.raises(Invalid) as refusal:
        check_resident_number(text, today=TODAY)
    assert refusal.value.code == code
    assert not text or text not in str(refusal.value)


def test_the_day_of_birth_may_be_today_but_not_tomorrow() -> None:
    for day, good in (("20261121", True), ("20261122", False)):
        number = f"330282{day}001"
        number += resident_check_digit(number)
        if good:
            assert check_resident_number(number, today=TODAY) == number
        else:
            with pytest.raises(Invalid):
                check_resident_number(number, today=TODAY)


residents = st.builds(
    lambda area, born, order: f"{area}{born:%Y%m%d}{order:03d}",
    st.integers(110000, 659999),
    st.dates(date(1900, 1, 1), TODAY),
    st.integers(0, 999),
).map(lambda body: body + resident_check_digit(body))


@settings(max_examples=60)
@given(residents, st.integers(0, 16), st.integers(1, 9))
def test_one_wrong_digit_never_passes(number: str, place: int, shift: int) -> None:
    assert check_resident_number(number, today=TODAY) == number
    values = [10 if sign == "X" else int(sign) for sign in number]
    assert (
        sum(value * 2 ** (17 - at) for at, value in enumerate(values)) % 11 == 1
    )  # ISO 7064 as it is defined
    wrong = number[:place] + str((int(number[place]) + shift) % 10) + number[place + 1 :]
    with pytest.raises(Invalid):
        check_resident_number(wrong, today=TODAY)


def test_the_check_digits_are_those_of_the_standards() -> None:
    assert body_check_digit("D2143569") == "X"  # the example of GB 11714
    assert resident_check_digit("44052418800101001") == "4"  # the second example of GB 11643
    assert credit_check_digit("91350100M000100Y4") == "3"  # the example of GB 32100


@pytest.mark.parametrize(
    "text",
    ["91350100M000100Y43", "91110000600037341l", " 9135 0100 M000 100Y 43", "９１３５０１００M000100Y43"],
)
def test_a_right_credit_code_comes_back_plain(text: str) -> None:
    assert check_credit_code(text) in ("91350100M000100Y43", "91110000600037341L")


@pytest.mark.parametrize(
    "text",
    ["", "91350100M000100Y4", "91350100M000100Y4O", "91350100M000100Y34", "913501O0M000100Y43", "一" * 18],
)
def test_a_wrong_credit_code_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        check_credit_code(text)


def test_both_check_digits_of_a_credit_code_count() -> None:
    wrong_body = "91350100M000100Y" + "5"
    with pytest.raises(Invalid, match="slip"):
        check_credit_code(wrong_body + credit_check_digit(wrong_body))


SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
bodies = st.text(st.sampled_from(SIGNS), min_size=8, max_size=8)


@settings(max_examples=60)
@given(st.integers(100000, 999999), bodies, st.integers(0, 17), st.sampled_from(SIGNS))
def test_one_wrong_sign_in_a_credit_code_never_passes(area: int, body: str, place: int, sign: str) -> None:
    code = f"91{area}{body}{body_check_digit(body)}"
    code += credit_check_digit(code)
    assert check_credit_code(code) == code
    wrong = code[:place] + sign + code[place + 1 :]
    if wrong != code:
        with pytest.raises(Invalid):
            check_credit_code(wrong)


@pytest.mark.parametrize(
    ("text", "phone"),
    [
        ("138 0000 0001", "+8613800000001"),
        ("13800000001", "+8613800000001"),
        ("+86 138-0000-0001", "+8613800000001"),
        ("0086 13800000001", "+8613800000001"),
        ("8613800000001", "+8613800000001"),
        ("０１３８００００００１", None),
        ("１３８００００００01", "+8613800000001"),
        ("＋８６１３８０００００００１", "+8613800000001"),
        ("0574-63800001", "+8657463800001"),
        ("(0574) 6380 0001", "+8657463800001"),
        ("010—12345678", "+861012345678"),
        ("19900000001", "+8619900000001"),
        ("013800000001", "+8613800000001"),
        ("400-800-1234", "+864008001234"),
    ],
)
def test_phones_become_e164(text: str, phone: str | None) -> None:
    if phone is None:
        with pytest.raises(Invalid):
            normalise_phone(text)
    else:
        assert normalise_phone(text) == phone
        assert normalise_phone(phone) == phone
        assert normalise_phone(show_phone(phone)) == phone


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "phone_shape"),
        ("电话", "phone_shape"),
        ("63800001", "phone_area"),
        ("1380000001", "phone_length"),
        ("138000000012", "phone_length"),
        ("13800000001/13800000002", "phone_shape"),
        ("13800000001转8", "phone_shape"),
        ("1-800-FLOWERS", "phone_shape"),
        ("12316", "phone_length"),
        ("+14155552671", "phone_abroad"),
        ("١٣٨٠٠٠٠٠٠٠١", "phone_shape"),
        ("00", "phone_shape"),
        ("9" * 4000, "phone_shape"),
        ("13800000001\0", "phone_shape"),
        ("10000000000", "phone_wrong"),
    ],
)
def test_what_is_no_phone_is_refused_with_its_reason(text: str, code: str) -> None:
    with pytest.raises(Invalid) as refusal:
        normalise_phone(text)
    assert refusal.value.code == code


def test_short_codes_and_numbers_abroad_only_where_asked_for() -> None:
    assert normalise_phone("12316", short_codes=SHORT_CODES) == "12316"
    assert normalise_phone("+1 415 555 2671", abroad=True) == "+14155552671"
    assert show_phone("+14155552671").startswith("+1 ")


def test_a_landline_receives_no_texts() -> None:
    assert [is_mobile(phone) for phone in ("+8613800000001", "+8657463800001", "12316")] == [
        True,
        False,
        False,
    ]


@settings(max_examples=100)
@given(st.text(max_size=30))
def test_no_text_breaks_the_phone_reader(text: str) -> None:
    with contextlib.suppress(Invalid):
        assert normalise_phone(text).startswith("+86")


@pytest.mark.parametrize(
    ("phone", "masked"),
    [
        ("+8613812345521", "138****5521"),
        ("+8657463800001", "0574****0001"),
        ("+861012345678", "010****5678"),
        ("+14155552671", "+14****2671"),
        ("12316", "12316"),
        ("", ""),
        ("+861234", "**34"),
    ],
)
def test_a_masked_phone_can_be_known_again_but_not_rung(phone: str, masked: str) -> None:
    assert mask_phone(phone) == masked


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("岑大山", "岑**"),
        ("杨高", "杨*"),
        ("欧阳小梅", "欧阳**"),
        ("杨", "杨"),
        ("", ""),
        ("John Smith", "J**"),
        ("买买提·阿明", "买买提**"),
    ],
)
def test_a_masked_name_keeps_the_surname(name: str, masked: str) -> None:
    assert mask_name(name) == masked


def test_a_masked_resident_number_keeps_its_ends() -> None:
    assert mask_resident_number(EXAMPLE) == "1****************X"
    assert mask_resident_number("12") == "**"
