"""What people told us in confidence is read in no table: after texts, letters and calls every column is looked through."""

from __future__ import annotations

import json
from collections.abc import Iterator

from sqlalchemy import text

from farmerline.domain import mailbox, pins
from farmerline.models import Base, Call, Reveal
from tests.domain.talking import SEEDLINGS, WANTED, Village


def cells(village: Village) -> Iterator[tuple[str, str]]:
    """Each text of each table with its place; JSON as its words, not as escaped signs."""
    with village.database.read() as session:
        for table in Base.metadata.sorted_tables:
            rows = session.execute(text(f'SELECT * FROM "{table.name}"')).mappings()
            for row in rows:
                for column, value in row.items():
                    shown = value if isinstance(value, str) else json.dumps(value, default=str)
                    yield f"{table.name}.{column}", shown.encode().decode("unicode_escape", "ignore") + shown


def test_no_name_number_or_letter_lies_open_after_texts_letters_and_calls(village: Village) -> None:
    """P-01."""
    buyer, seller = village.person("岑利民"), village.person("虞小梅")
    with village.session() as session:
        pins.set_pin(session, session.merge(buyer), "738264", by_id=buyer.id, now=village.now)
        mailbox.send(
            session, sender=session.merge(seller), to=session.merge(buyer), body="苗到了，来拿", channel="web", now=village.now
        )  # fmt: skip
    village.publish(seller, SEEDLINGS, "1")
    village.publish(buyer, WANTED, "3")
    line = village.ring(buyer)
    line.press("6", "1")
    assert village.count(Reveal) == 1
    assert "苗到了" in line.press("6", "738264#")
    assert "苗到了" in line.press("9")
    open_words = {"虞小梅", "岑利民", "苗到了", "738264", *(who.phone[3:] for who in (buyer, seller))}
    open_words |= {" ".join(who.phone[3:]) for who in (buyer, seller)}
    for place, words in cells(village):
        assert not [word for word in open_words if word in words], place
    assert village.all(Call)[0].said
