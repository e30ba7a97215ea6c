"""Ways to say no. Each has a stable code and a sentence a person can act on.

The sentence is an English message id (see ``farmerline.words``) with its values beside it, so that each
door can say it in the reader's language.
"""

from __future__ import annotations


class Refusal(Exception):
    """Something asked for cannot be done; nothing was changed.

    ``code`` is stable and meant for programs; ``sentence`` and ``values`` are for people.
    """

    status = 400

    def __init__(self, code: str, sentence: str, **values: object) -> None:
        super().__init__(code)
        self.code = code
        self.sentence = sentence
        self.values = values

    def __str__(self) -> str:
        return f"{self.code}: {self.sentence.format(**self.values)}"


class Invalid(Refusal):
    """The words given cannot be used as they are; the sentence says how to mend them."""

    status = 422

    def __init__(self, code: str, sentence: str, *, field: str = "", **values: object) -> None:
        super().__init__(code, sentence, **values)
        self.field = field


class Absent(Refusal):
    """It is not there, or not for this person: both look alike."""

    status = 404

    def __init__(
        self, code: str = "absent", sentence: str = "This page is not here.", **values: object
    ) -> None:
        super().__init__(code, sentence, **values)


class Conflict(Refusal):
    """Somebody or something was first, or the matter is no longer open."""

    status = 409


class TooOften(Refusal):
    """A limit was reached; the sentence says until when."""

    status = 429


class Misconfigured(Exception):
    """A setting is wrong or missing; the one line says what to do. Stops the start."""
