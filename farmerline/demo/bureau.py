"""The demo county's letters to the bureau: one in the guestbook, one over its time, one that came today."""

from __future__ import annotations

from datetime import timedelta

from farmerline.demo.articles import actor_of
from farmerline.demo.people import ADMIN, COUNTY, FRUIT_SELLER, OLD_YANG, PUBLISHER, TIPS_FARMER
from farmerline.demo.stage import find_account
from farmerline.domain import bureau_letters, units
from farmerline.runtime import Runtime

_LETTERS = (
    (FRUIT_SELLER, "help", 20, "村口的机耕路坏了半年，收葡萄的车进不来，什么时候修？", True),
    (TIPS_FARMER, "consult", 12, "种西兰花的保险怎么买，到哪里办？", False),
    (OLD_YANG, "suggestion", 0, "技术课能不能放在晚上？白天都在地里。", True),
)
_LISTED = "农业保险办公室"
"""A unit of the county's list; the other letter's is a name that an editor wrote."""
_ANSWER = "路政站下月开工，葡萄上市前修好。急着运货的，先走北面的新路。"


def write_letters(runtime: Runtime) -> None:
    """Write, pass on, answer and let out."""
    now = runtime.now()
    with runtime.database.write() as session:
        office, second = actor_of(session, PUBLISHER), actor_of(session, ADMIN)
        numbers = []
        for person, kind, days, body, board in _LETTERS:
            account = find_account(session, person)
            if account is None:
                raise LookupError(person.key)
            letter = bureau_letters.write(
                session,
                account=account,
                body=body,
                kind=kind,
                channel="web",
                board=board,
                now=now - timedelta(days=days),
            )
            numbers.append(letter.number)
        answered, late, _new = numbers
        units.add(session, name=_LISTED, kind="office", area_code=COUNTY, actor=second, now=now)
        for number, unit, kind in ((answered, "农村公路管理站", "help"), (late, _LISTED, "consult")):
            bureau_letters.pass_on(
                session,
                actor=office,
                number=number,
                unit=unit,
                handler_id="",
                kind=kind,
                now=now - timedelta(days=11),
            )
        bureau_letters.answer(
            session, actor=office, number=answered, words=_ANSWER, now=now - timedelta(days=18)
        )
        bureau_letters.show(
            session, actor=second, number=answered, text="村口机耕路坏了，收葡萄的车进不来，什么时候修？", reply=_ANSWER,
            now=now,
        )  # fmt: skip
