"""Numbers that say who somebody is: resident number, credit code of an organisation, phone; and how each is
masked.

Rules: GB 11643-1999 (resident number), GB 32100-2015 with GB 11714-1997 inside it (unified social credit
code), E.164 with the numbering plan of the ``phonenumbers`` library. Whoever types may use full-width digits,
spaces and dashes. Every refusal is ``errors.Invalid`` with a sentence that says how to mend it, and never
repeats the number.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container
from datetime import date

import phonenumbers

from farmerline.errors import Invalid
from farmerline.names import split_name

# Lines that farmers get words from or ring, and that no numbering plan takes for a subscriber.
SHORT_CODES = frozenset(
    {"12316", "12396", "12345", "12348", "96345", "110", "119", "120", "10086", "10010", "10000"}
)

_RESIDENT_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_RESIDENT_CHECKS = "10X98765432"
_OLDEST_YEARS = 130
_CREDIT_CHARACTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_BODY_CHARACTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_BODY_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


def check_resident_number(text: str, *, today: date) -> str:
    """The 18 characters of a resident number, upper case.

    Its length, date of birth (a real day, not after ``today``, within 130 years) and check digit are looked
    at; the county in it is not, since people keep the code of a county that has long been renamed.
    """
    number = _squeeze(text).upper()
    if not re.fullmatch(r"[1-9][0-9]{16}[0-9X]", number):
        raise Invalid(
            "resident_shape", "A resident number has 17 digits and then a digit or X.", field="resident"
        )
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError as error:
        raise Invalid(
            "resident_date", "The date of birth in the resident number does not exist.", field="resident"
        ) from error
    if born > today or today.year - born.year > _OLDEST_YEARS:
        raise Invalid(
            "resident_date", "The date of birth in the resident number cannot be right.", field="resident"
        )
    if number[17] != resident_check_digit(number[:17]):
        raise Invalid(
            "resident_check", "The resident number has a slip: its last digit does not fit.", field="resident"
        )
    return number


def resident_check_digit(first_seventeen: str) -> str:
    """The last character that belongs to the first seventeen digits (ISO 7064 MOD 11-2)."""
    total = sum(int(digit) * weight for digit, weight in zip(first_seventeen, _RESIDENT_WEIGHTS, strict=True))
    return _RESIDENT_CHECKS[total % 11]


def check_credit_code(text: str) -> str:
    """The 18 characters of a unified social credit code, upper case, both check digits right."""
    code = _squeeze(text).upper()
    if not re.fullmatch(rf"[{_CREDIT_CHARACTERS}]{{2}}[0-9]{{6}}[{_CREDIT_CHARACTERS}]{{10}}", code):
        raise Invalid(
            "credit_shape",
            "A credit code has 18 digits and capital letters, without I, O, S, V and Z.",
            field="credit_code",
        )
    if code[16] != body_check_digit(code[8:16]) or code[17] != credit_check_digit(code[:17]):
        raise Invalid(
            "credit_check", "The credit code has a slip: compare it with the licence.", field="credit_code"
        )
    return code


def body_check_digit(first_eight: str) -> str:
    """The ninth character of an organisation code (GB 11714)."""
    total = sum(
        _BODY_CHARACTERS.index(sign) * weight for sign, weight in zip(first_eight, _BODY_WEIGHTS, strict=True)
    )
    return "0123456789X"[-total % 11]


def credit_check_digit(first_seventeen: str) -> str:
    """The eighteenth character of a unified social credit code (GB 32100)."""
    total = sum(
        _CREDIT_CHARACTERS.index(sign) * pow(3, place, 31) for place, sign in enumerate(first_seventeen)
    )
    return _CREDIT_CHARACTERS[-total % 31]


def normalise_phone(text: str, *, short_codes: Container[str] = (), abroad: bool = False) -> str:
    """A phone number as E.164: ``138 0000 0001`` → ``+8613800000001``, ``(0574) 6380-0001`` →
    ``+8657463800001``.

    ``short_codes`` (for instance ``SHORT_CODES``) come back as they are: for who sent a text or is rung,
    never for a person's own phone. Numbers of other countries are taken only with ``abroad``, written with
    their ``+``.
    """
    said = unicodedata.normalize("NFKC", text).strip()
    digits = re.sub(r"[\s().\-\u2010-\u2015/]", "", said)
    if digits in short_codes:
        return digits
    if not re.fullmatch(r"\+?[0-9]{3,20}", digits, re.ASCII):
        raise Invalid(
            "phone_shape",
            "A phone number is digits only; write one number, without an extension.",
            field="phone",
        )
    try:
        number = phonenumbers.parse(re.sub(r"^00", "+", digits), "CN")
    except phonenumbers.NumberParseException as error:
        raise Invalid("phone_wrong", "This is not a phone number.", field="phone") from error
    chinese = number.country_code == 86
    if not chinese and not abroad:
        raise Invalid("phone_abroad", "Only phone numbers of the mainland can be used here.", field="phone")
    if not phonenumbers.is_valid_number(number):
        if chinese and re.fullmatch(r"[2-8][0-9]{6,7}", digits):
            raise Invalid(
                "phone_area", "Put the area code before the number, as in 0574-63800001.", field="phone"
            )
        if chinese and re.fullmatch(r"1[0-9]{4,}", digits) and len(digits) != 11:
            raise Invalid(
                "phone_length",
                "A mobile number has 11 digits; this one has {count}.",
                field="phone",
                count=len(digits),
            )
        raise Invalid("phone_wrong", "This is not a phone number.", field="phone")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def is_mobile(phone: str) -> bool:
    """True for an E.164 number that can receive a text: a landline is rung instead."""
    try:
        kind = phonenumbers.number_type(phonenumbers.parse(phone))
    except phonenumbers.NumberParseException:
        return False
    return kind in (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE)


def show_phone(phone: str) -> str:
    """An E.164 number as people write it: 13800000001, 0574-63800001, +1 415 555 2671."""
    try:
        number = phonenumbers.parse(phone)
    except phonenumbers.NumberParseException:
        return phone
    if number.country_code != 86:
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    digits = str(number.national_number)
    area = phonenumbers.length_of_geographical_area_code(number)
    if re.fullmatch(r"1[3-9][0-9]{9}", digits):
        return digits
    return f"0{digits[:area]}-{digits[area:]}" if area else digits


def mask_phone(phone: str) -> str:
    """Enough of a number to know it again, not to ring it: 138****5521, 0574****0001."""
    shown = re.sub(r"[\s-]", "", show_phone(phone))
    if len(shown) < 8:
        return "*" * max(len(shown) - 2, 0) + shown[-2:] if shown not in SHORT_CODES else shown
    lead = 4 if shown.startswith("0") and not shown.startswith(("010", "02")) else 3
    return f"{shown[:lead]}****{shown[-4:]}"


def mask_name(name: str) -> str:
    """The surname and a star for each further character, two at most: 岑大山 → 岑**."""
    surname, given = split_name(name.strip())
    if re.match(r"[\x20-\x7e]", name.strip()):
        return name.strip()[0] + "**"
    return surname + "*" * min(len(given), 2) if given else surname[:1] + "*" * min(len(surname) - 1, 2)


def mask_resident_number(number: str) -> str:
    """The first and the last character: 3****************X."""
    return number[0] + "*" * (len(number) - 2) + number[-1] if len(number) > 2 else "*" * len(number)


def _squeeze(text: str) -> str:
    """Full-width to plain, without spaces, dashes and invisible signs pasted along."""
    plain = unicodedata.normalize("NFKC", text)
    return "".join(sign for sign in plain if unicodedata.category(sign) not in ("Zs", "Cc", "Cf", "Pd"))
