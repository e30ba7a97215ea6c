"""The demo county's experts: on duty by day, with a telephone that is picked up, questions that wait and one that is answered."""

from __future__ import annotations

from datetime import timedelta

from farmerline.demo.articles import actor_of
from farmerline.demo.people import COUNTY, EXPERT, OLD_YANG, SPEAKER, TIPS_FARMER
from farmerline.demo.stage import find_account
from farmerline.domain import advice, cases, shifts
from farmerline.models import CaseKind
from farmerline.runtime import Runtime

_QUESTIONS = (
    (
        OLD_YANG,
        30,
        "葡萄叶子从下面的老叶黄上来，当中还是绿的，要不要打药？",
        "葡萄老叶从下往上发黄，叶脉还绿，要打药吗？",
    ),
    (TIPS_FARMER, 45, "西兰花苗叶子背面有灰白色的霉，怎么治？", "西兰花苗叶背有灰白色的霉，怎么治？"),
    (SPEAKER, 3, "包菜心里有小青虫，快收了还能打药吗？", ""),
)
_SHORT = "像是缺镁，不用打药。叶面喷硫酸镁，百斤水放三两，隔10天再喷一次。"
_FULL = "从下部老叶先黄、叶脉还绿，是缺镁的样子。沙地、挂果多的园子常见。冬天施基肥时每亩补硫酸镁二十斤。"


def open_line(runtime: Runtime) -> None:
    """Hours, what the expert knows about, and three questions: one answered on the board, one open there, one private."""
    now = runtime.now()
    with runtime.database.write() as session:
        expert = actor_of(session, EXPERT)
        for weekday in range(7):
            shifts.add(
                session, actor=expert, area_code=COUNTY, account_id=expert.account_id, weekday=weekday, starts=8 * 60,
                ends=18 * 60, now=now,
            )  # fmt: skip
        shifts.describe(
            session, actor=expert, area_code=COUNTY, account_id=expert.account_id, field="果树、蔬菜", now=now
        )
        for place, (person, hours, text, shown) in enumerate(_QUESTIONS):
            account = find_account(session, person)
            if account is None:
                raise LookupError(person.key)
            asked_at = now - timedelta(hours=hours)
            case = cases.open_case(
                session,
                kind=CaseKind.QUESTION,
                area_code=account.area_code,
                text=text,
                now=asked_at,
                account=account,
            )
            if shown:
                advice.add_to(session, case_id=case.id, account_id=account.id, board=True, now=asked_at)
                advice.show_on_board(session, actor=expert, number=case.number, text=shown, now=asked_at)
            if place == 0:
                advice.answer(
                    session,
                    actor=expert,
                    number=case.number,
                    short=_SHORT,
                    full=_FULL,
                    settings=runtime.settings,
                    now=now,
                )
    if runtime.simulator is not None:
        runtime.simulator.carrier.set_faults(EXPERT.phone, {"picks_up"})
