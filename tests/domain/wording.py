"""An editor of the vocabulary, and what he does with it."""

from __future__ import annotations

from typing import Any

from farmerline.domain import access, vocabulary
from farmerline.domain.access import Actor
from farmerline.domain.reader import Reader
from farmerline.domain.vocabulary import Change
from farmerline.models import Role, WordAct, WordEdit
from tests import factories
from tests.domain.talking import Village, matcher
from tests.factories import COUNTY


class Editor:
    """A publisher of the county, and the reader that each process has. ``says`` reads with it."""

    def __init__(self, village: Village, role: Role = Role.PUBLISHER, area_code: str = COUNTY) -> None:
        self.village = village
        with village.database.write() as session:
            account = factories.make_staff(session, role, area_code, "沈秋月")
            self.actor: Actor = access.actor_of(session, account, second_factor=True)
        self.reader = Reader(village.database.read, matcher, every=0)

    def make(
        self, act: WordAct, word: str, product: str = "", *, sure: bool = False, **more: Any
    ) -> WordEdit:
        row: WordEdit = self.village.do(
            vocabulary.make, change=Change(act, word, product, **more), actor=self.actor, county=COUNTY, sure=sure
        )  # fmt: skip
        return row

    def add(self, word: str, product: str, **more: Any) -> WordEdit:
        return self.make(WordAct.ADD, word, product, **more)

    def merge(self, word: str, product: str, **more: Any) -> WordEdit:
        return self.make(WordAct.MERGE, word, product, **more)

    def forbid(self, word: str, **more: Any) -> WordEdit:
        return self.make(WordAct.FORBID, word, **more)

    def undo(self, edit: WordEdit) -> WordEdit:
        row: WordEdit = self.village.do(vocabulary.undo, edit_id=edit.id, actor=self.actor, county=COUNTY)
        return row

    def things(self, text: str) -> list[tuple[str, str, str | None]]:
        """The products, forms and varieties that a text is read as."""
        return things(self.reader, text)


def things(reader: Reader, text: str) -> list[tuple[str, str, str | None]]:
    """The products, forms and varieties that a text is read as."""
    reading = reader.understand(text).reading
    assert reading is not None
    return [(item.concept, item.form, item.variety) for item in reading.items]


__all__ = ["Editor", "things"]
