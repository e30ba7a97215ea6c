"""Photos as telephones send them, and files that only say they are photos."""

from __future__ import annotations

import struct
import zlib
from contextlib import suppress
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import ExifTags, Image

from farmerline.errors import Invalid
from farmerline.render import pictures


def picture(size: tuple[int, int] = (64, 48), mode: str = "RGB", kind: str = "JPEG", **more: Any) -> bytes:
    """Its left half is red, its right half blue."""
    image = Image.new("RGB", size, "blue")
    image.paste("red", (0, 0, size[0] // 2, size[1]))
    made = BytesIO()
    image.convert(mode).save(made, kind, **more)
    return made.getvalue()


def png_that_says(width: int, height: int) -> bytes:
    """A few bytes that unfold to a huge picture."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = zlib.compress(b"\0" * 100_000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def opened(body: bytes) -> Image.Image:
    image = Image.open(BytesIO(body))
    image.load()
    return image


def pixel(image: Image.Image, across: int, down: int) -> tuple[int, ...]:
    found = image.getpixel((across, down))
    assert isinstance(found, tuple)
    return found


def taken_sideways() -> bytes:
    """A photo with its place, device and a turn by 90 degrees written into it."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    exif[ExifTags.Base.Model] = "SecretPhone 9"
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitude] = (30.0, 10.0, 12.0)
    return picture((2400, 1200), exif=exif.tobytes(), comment=b"my field behind the house", quality=95)


def test_a_photo_is_turned_upright_and_made_small_and_tells_nothing_of_its_place() -> None:
    raw = taken_sideways()
    assert b"SecretPhone" in raw
    made = pictures.shrink(raw)
    image = opened(made)
    assert (image.format, image.size, image.mode) == ("JPEG", (640, 1280), "RGB")
    red, blue = pixel(image, 320, 200), pixel(image, 320, 1100)
    assert red[0] > 200 > 60 > red[2] and blue[2] > 200 > 60 > blue[0]  # the left side is on top now
    assert dict(image.getexif()) == {}
    assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    assert b"SecretPhone" not in made and b"behind the house" not in made


@pytest.mark.parametrize(
    ("kind", "mode"),
    [("JPEG", "L"), ("JPEG", "CMYK"), ("PNG", "RGBA"), ("PNG", "P"), ("PNG", "1"), ("PNG", "LA"), ("WEBP", "RGB"), ("GIF", "P"), ("BMP", "RGB")],
)  # fmt: skip
def test_pictures_of_many_kinds_are_taken(kind: str, mode: str) -> None:
    image = opened(pictures.shrink(picture(mode=mode, kind=kind)))
    assert (image.format, image.size) == ("JPEG", (64, 48))


def test_what_is_see_through_becomes_white() -> None:
    made = BytesIO()
    Image.new("RGBA", (20, 20), (255, 0, 0, 0)).save(made, "PNG")
    assert min(pixel(opened(pictures.shrink(made.getvalue())), 5, 5)) > 240


@pytest.mark.parametrize(
    ("what", "body", "code"),
    [
        ("nothing", b"", "photo_unreadable"), ("words", "葡萄叶子".encode(), "photo_unreadable"), ("a page", b"<svg xmlns='x'/>", "photo_unreadable"),
        ("a cut photo", picture((900, 900))[:2000], "photo_unreadable"), ("a head alone", b"\xff\xd8\xff\xe0", "photo_unreadable"),
        ("a recording", b"RIFF\x24\0\0\0WAVEfmt ", "photo_unreadable"), ("a program", b"MZ" + bytes(500), "photo_unreadable"),
        ("a document", b"%PDF-1.7\n", "photo_unreadable"), ("a kind not taken", picture(kind="TIFF"), "photo_unreadable"),
        ("a bomb", png_that_says(9000, 9000), "photo_large"), ("a larger bomb", png_that_says(60000, 60000), "photo_large"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_what_is_no_photo_is_refused_in_one_clear_line(what: str, body: bytes, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        pictures.shrink(body)
    assert (refused.value.code, refused.value.field) == (code, "photo"), what


_WHOLE = [picture((40, 30), kind=kind) for kind in ("JPEG", "PNG", "WEBP", "GIF", "BMP")] + [
    taken_sideways()[:3000]
]


@pytest.mark.filterwarnings("ignore")  # what the decoder remarks on is no matter: it is read or refused
@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(_WHOLE),
    st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 255)), max_size=30),
    st.integers(0, 3000),
)
def test_a_damaged_file_is_read_or_refused(whole: bytes, blows: list[tuple[int, int]], kept: int) -> None:
    body = bytearray(whole)
    for at, value in blows:
        body[at % len(body)] = value
    for given_body in (bytes(body), bytes(body[:kept])):
        with suppress(Invalid):
            assert opened(pictures.shrink(given_body)).format == "JPEG"
