"""The program that speaks: reads one JSON request, writes WAV bytes. It runs as a process of its own.

espeak-ng is GPL software: it runs beside the service, which never loads it. Needs the standard library and
``espeakng-loader`` only. Request: ``text``, ``voice``, ``speed`` (words a minute). With ``texts``
in place of ``text`` nothing is spoken: the answer is a JSON list of their phonemes, a text's clauses divided by a space.
"""

from __future__ import annotations

import ctypes
import io
import json
import re
import sys
import wave
from array import array

_UTF8, _PHONEMES = 1, 0x100
_NOT_IN_ITS_LIST = {
    "S;j'ong55": "凶兄匈汹胸芎", "S;j'ong35": "熊雄", "tS;hj'ong35": "琼穷穹茕蛩跫邛銎",
    "tS;j'ong214": "炯窘迥", "tS;j'ong55": "扃冂",
    "f'o35": "佛", "tS;h'iE35": "茄", "l'iAu214": "蓼",
}  # fmt: skip
"""Signs that the voice would spell in English, or for whose sound it knows no other sign: given to it as phonemes."""
_PIECES = re.compile(r"(\[\[[^]]*\]\])")
_MARKED = str.maketrans({sign: f"[[{sound}]]" for sound, signs in _NOT_IN_ITS_LIST.items() for sign in signs})


def open_voice(name: str) -> tuple[ctypes.CDLL, int]:
    """The library with a voice chosen, and its samples a second. Raises ``RuntimeError``."""
    import espeakng_loader

    library = ctypes.CDLL(espeakng_loader.get_library_path())
    # AUDIO_OUTPUT_SYNCHRONOUS; espeakINITIALIZE_DONT_EXIT; it answers with the samples a second
    rate = library.espeak_Initialize(2, 0, str(espeakng_loader.get_data_path()).encode(), 0x8000)
    if rate <= 0 or library.espeak_SetVoiceByName(name.encode()) != 0:
        raise RuntimeError("no such voice")
    return library, rate


def synthesise(text: str, voice: str, speed: int) -> bytes:
    """The words as WAV bytes at the voice's own rate, made by the library in this process. Raises ``RuntimeError``."""
    library, rate = open_voice(voice)
    samples: array[int] = array("h")

    def hear(sound: int | None, count: int, _events: int | None) -> int:
        if sound and count > 0:
            samples.frombytes(ctypes.string_at(sound, count * 2))
        return 0

    callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)(hear)
    library.espeak_SetSynthCallback(callback)
    library.espeak_SetParameter(1, speed, 0)  # espeakRATE
    words = mark(text).encode() + b"\0"
    if library.espeak_Synth(words, len(words), 0, 1, 0, _UTF8 | _PHONEMES, None, None) != 0:  # by characters
        raise RuntimeError("nothing was spoken")
    library.espeak_Synchronize()
    return _wav(samples, rate)


def mark(text: str) -> str:
    """The text with phonemes in double brackets where the voice lacks a sign; people's own brackets are none."""
    return re.sub(r"\[(?=\[)", "[ ", text).translate(_MARKED)


def spell(texts: list[str], voice: str) -> list[str]:
    """The phonemes that the voice would speak."""
    library, _rate = open_voice(voice)
    library.espeak_TextToPhonemes.restype = ctypes.c_char_p
    return [" ".join(_clauses(library, text)) for text in texts]


def _clauses(library: ctypes.CDLL, text: str) -> list[str]:
    found = []
    for piece in _PIECES.split(mark(text)):
        if piece.startswith("[["):
            found.append(piece.strip("[]"))
            continue
        words = ctypes.create_string_buffer(piece.encode())
        place = ctypes.c_void_p(ctypes.addressof(words))
        while place.value:
            found.append((library.espeak_TextToPhonemes(ctypes.byref(place), _UTF8, 0) or b"").decode())
    return found


def _wav(samples: array[int], rate: int) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(rate)
        sound.writeframes(samples.tobytes())
    return file.getvalue()


if __name__ == "__main__":
    _asked = json.load(sys.stdin)
    if "texts" in _asked:
        sys.stdout.write(json.dumps(spell(_asked["texts"], _asked["voice"])))
    else:
        sys.stdout.buffer.write(synthesise(_asked["text"], _asked["voice"], _asked["speed"]))
