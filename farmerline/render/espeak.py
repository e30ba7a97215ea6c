"""The program that speaks: reads one JSON request, writes WAV bytes. It runs as a process of its own.

espeak-ng is GPL software: it runs beside the service, which never loads it. Needs the standard library and
``espeakng-loader`` only. Request: ``text``, ``voice``, ``speed`` (words a minute).
"""

from __future__ import annotations

import ctypes
import io
import json
import sys
import wave
from array import array
from itertools import accumulate, pairwise

RATE = 8000


def synthesise(text: str, voice: str, speed: int) -> bytes:
    """The words as WAV bytes, made by the library in this process. Raises ``RuntimeError``."""
    import espeakng_loader

    library = ctypes.CDLL(espeakng_loader.get_library_path())
    # AUDIO_OUTPUT_SYNCHRONOUS; espeakINITIALIZE_DONT_EXIT; it answers with the samples a second
    rate = library.espeak_Initialize(2, 0, str(espeakng_loader.get_data_path()).encode(), 0x8000)
    if rate <= 0 or library.espeak_SetVoiceByName(voice.encode()) != 0:
        raise RuntimeError("no such voice")
    samples: array[int] = array("h")

    def hear(sound: int | None, count: int, _events: int | None) -> int:
        if sound and count > 0:
            samples.frombytes(ctypes.string_at(sound, count * 2))
        return 0

    callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)(hear)
    library.espeak_SetSynthCallback(callback)
    library.espeak_SetParameter(1, speed, 0)  # espeakRATE
    words = text.encode() + b"\0"
    if library.espeak_Synth(words, len(words), 0, 1, 0, 1, None, None) != 0:  # by characters, UTF-8
        raise RuntimeError("nothing was spoken")
    library.espeak_Synchronize()
    return _wav(_slow_down(samples, rate))


def _slow_down(samples: array[int], rate: int) -> array[int]:
    """The same sound at 8,000 samples a second: each new sample is the mean of those it stands for."""
    sums = [0, *accumulate(samples)]
    step, length = rate / RATE, int(len(samples) * RATE / rate)
    edges = [int(index * step) for index in range(length + 1)]
    return array("h", ((sums[b] - sums[a]) // (b - a) for a, b in pairwise(edges)))


def _wav(samples: array[int]) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(RATE)
        sound.writeframes(samples.tobytes())
    return file.getvalue()


if __name__ == "__main__":
    _asked = json.load(sys.stdin)
    sys.stdout.buffer.write(synthesise(_asked["text"], _asked["voice"], _asked["speed"]))
