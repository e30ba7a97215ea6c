"""A person's photo made fit to keep: upright, small, a JPEG, with nothing that the camera wrote into it."""

from __future__ import annotations

import struct
from io import BytesIO

from PIL import Image, ImageOps, WebPImagePlugin

from farmerline.errors import Invalid

LONGEST_SIDE = 1280
"""Pixels of a kept picture's longer side at most."""
_MOST_PIXELS = 80_000_000  # what the best telephones take; a small file may unfold to far more
_WEBP = WebPImagePlugin.WebPImageFile.format  # a format is known once its module is imported
_FORMATS = ("JPEG", "PNG", _WEBP, "GIF", "BMP")
_QUALITY = 80
_BROKEN = (OSError, ValueError, SyntaxError, EOFError, struct.error, OverflowError, IndexError, KeyError, TypeError)  # fmt: skip
"""What the decoders raise on files that are cut, forged or no pictures."""


def shrink(body: bytes) -> bytes:
    """The picture as a JPEG of at most ``LONGEST_SIDE`` pixels, turned as it was taken, without place, time and device.

    Raises ``Invalid`` (field ``photo``) for what is no picture, a broken one, or one with too many pixels.
    """
    try:
        with Image.open(BytesIO(body), formats=_FORMATS) as found:
            if found.width * found.height > _MOST_PIXELS or min(found.size) < 1:
                raise _too_large()
            found.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
            found.load()
            upright = ImageOps.exif_transpose(found)
            upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
            return _encode(upright)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_large() from error
    except _BROKEN as error:
        raise Invalid(
            "photo_unreadable",
            "This photo cannot be read. Take it again, or choose one that is a JPG or PNG.",
            field="photo",
        ) from error


def _encode(picture: Image.Image) -> bytes:
    """On a fresh white sheet, which carries none of the old one's notes."""
    sheet = Image.new("RGB", picture.size, "white")
    if picture.has_transparency_data:
        seen = picture.convert("RGBA")
        sheet.paste(seen, mask=seen.getchannel("A"))
    else:
        sheet.paste(picture.convert("RGB"))
    made = BytesIO()
    sheet.save(made, "JPEG", quality=_QUALITY, optimize=True)
    return made.getvalue()


def _too_large() -> Invalid:
    return Invalid(
        "photo_large",
        "This photo has too many pixels. Take it again with your telephone's camera.",
        field="photo",
    )
