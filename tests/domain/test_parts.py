"""SMS parts: the carrier bills what these say."""

from __future__ import annotations

import pytest

from farmerline.parts import Count, Encoding, count, with_signature

GSM, UCS = Encoding.GSM7, Encoding.UCS2


@pytest.mark.parametrize(
    ("text", "signature", "wanted"),
    [
        ("", "", Count(0, GSM, 0, 160)),
        ("a" * 160, "", Count(160, GSM, 1, 0)),
        ("a" * 161, "", Count(161, GSM, 2, 145)),
        ("a" * 306, "", Count(306, GSM, 2, 0)),
        ("a" * 307, "", Count(307, GSM, 3, 152)),
        ("€" * 80, "", Count(80, GSM, 1, 0)),  # from the extension table: two septets each
        ("a" * 152 + "€" + "a" * 9, "", Count(162, GSM, 2, 142)),  # an escape pair is never torn apart
        ("a\x1bb", "", Count(3, UCS, 1, 67)),  # a bare escape would turn the sign after it into another
        ("好" * 70, "", Count(70, UCS, 1, 0)),
        ("好" * 71, "", Count(71, UCS, 2, 63)),
        ("好" * 134, "", Count(134, UCS, 2, 0)),
        ("好" * 135, "", Count(135, UCS, 3, 66)),
        ("a" * 69 + "好", "", Count(70, UCS, 1, 0)),  # one Chinese sign makes the whole text UCS-2
        ("🌾" * 35, "", Count(35, UCS, 1, 0)),  # outside the basic plane: two units each
        ("好" * 66 + "🌾" + "好" * 3, "", Count(70, UCS, 2, 62)),  # a pair is never torn apart
        ("好" * 64, "慈溪农业", Count(70, UCS, 1, 0)),
        ("好" * 65, "慈溪农业", Count(71, UCS, 2, 63)),
        ("hello", "慈溪农业", Count(11, UCS, 1, 59)),
    ],
)
def test_parts_are_counted_as_the_carrier_counts_them(text: str, signature: str, wanted: Count) -> None:
    assert count(text, signature) == wanted


@pytest.mark.parametrize(
    ("signature", "sent"), [("", "好"), ("慈溪农业", "【慈溪农业】好"), ("【慈溪农业】", "【慈溪农业】好")]
)
def test_a_signature_stands_before_the_text_once(signature: str, sent: str) -> None:
    assert with_signature("好", signature) == sent
