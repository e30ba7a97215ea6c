"""The rosters as their page shows them."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from farmerline.domain import areas, duty
from farmerline.domain.access import Actor, authorise
from farmerline.models import Account, AreaLevel, Task
from farmerline.queries import village
from farmerline.queries.village import PersonLine


@dataclass(frozen=True, slots=True)
class Roster:
    """Who is called for a task in one area. ``kept``: the people on its list, each with whether they may do it still;
    ``called``: who is called now, in order; ``others``: who could be put on the list.
    """

    task: Task
    kept: tuple[tuple[PersonLine, bool], ...]
    called: tuple[PersonLine, ...]
    others: tuple[PersonLine, ...]


def rosters(session: Session, *, actor: Actor, area_code: str) -> list[Roster]:
    """The rosters of an area; ``Absent`` outside the actor's."""
    authorise(actor, duty.KEEPERS, area_code)
    return [_roster(session, task, area_code) for task in Task]


def places(session: Session, actor: Actor) -> list[tuple[str, str]]:
    """Where the actor may keep rosters: their areas, and the towns of a county."""
    found: list[tuple[str, str]] = []
    for code in actor.areas(*duty.KEEPERS):
        found.append((code, areas.path_name(session, code)))
        found += [
            (area.code, areas.path_name(session, area.code))
            for area in areas.children(session, code)
            if area.level is AreaLevel.TOWN
        ]
    return found


def lines(session: Session, found: list[Account]) -> tuple[PersonLine, ...]:
    """People as they are listed, their numbers masked."""
    return tuple(village.people_lines(session, found))


def _roster(session: Session, task: Task, area_code: str) -> Roster:
    entries = duty.entries(session, task, area_code)
    on = {account.id for account, _able in entries}
    fitting = [account for account in duty.fitting(session, task, area_code) if account.id not in on]
    kept = lines(session, [account for account, _able in entries])
    return Roster(
        task=task,
        kept=tuple(zip(kept, (able for _account, able in entries), strict=True)),
        called=lines(session, duty.roster(session, task, area_code)),
        others=lines(session, fitting),
    )
