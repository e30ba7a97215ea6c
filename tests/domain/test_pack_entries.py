"""Entries of a village pack: each is acted on once, in the name of who brought it, and its words go again."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy.orm import Session

from farmerline.domain import access, erasure, pack_entries, pack_file, pack_forgetting, village_packs
from farmerline.domain.access import Actor
from farmerline.models import Account, PackEntry, PackState, ServiceEntry, VillagePack
from tests.domain.talking import Village
from tests.factories import XINDONG, YANGGAO


def taught(key: str, **said: str) -> dict[str, str]:
    return {"key": key, "kind": "service", "what": "taught", **said}


def actor_of(village: Village, account: Account) -> Actor:
    with village.session() as session:
        return access.actor_of(session, account)


def keep(village: Village, actor: Actor, *entries: dict[str, str]) -> list[str]:
    lines = [json.dumps(one, ensure_ascii=False) for one in ({"pack": YANGGAO}, *entries)]
    with village.session() as session:
        return pack_entries.keep(
            session, pack_file.read("\n".join(lines).encode()), actor=actor, now=village.now
        )


def enter(session: Session, village: Village, row: PackEntry, actor: Actor) -> Any:
    return pack_entries.enter(
        session, row, actor=actor, understand=village.understand, settings=village.settings, now=village.now
    )


def test_an_entry_is_acted_on_once_in_the_name_of_who_brought_it(village: Village) -> None:
    first, second = (actor_of(village, village.contact(name=name)) for name in ("沈秋月", "岑美芳"))
    (mine,) = keep(village, first, taught("k-first"))
    (later,) = keep(village, second, taught("k-first"), taught("k-later"))  # the first line is another's
    late = Session(village.database.reader if village.database.is_sqlite else village.database.writer)
    behind = pack_entries.own(late, mine, first)  # two requests at once: this one read it first and acts last
    with village.session() as session:
        enter(session, village, pack_entries.own(session, mine, second, lock=True), second)
        row = pack_entries.own(session, mine, first, lock=True)
        assert row.state is PackState.WAITING
        enter(session, village, row, first)
    if not village.database.is_sqlite:  # SQLite lets no second transaction write from what it read before
        assert pack_entries.own(late, mine, first, lock=True).state is PackState.DONE
        enter(late, village, behind, first)
        late.commit()
    late.close()
    assert [row.account_id for row in village.all(ServiceEntry)] == [first.account_id]
    assert village.get(PackEntry, later).state is PackState.WAITING


def test_long_keys_that_begin_alike_are_two_services(sqlite_village: Village) -> None:
    actor = actor_of(sqlite_village, sqlite_village.contact())
    for entry_id in keep(sqlite_village, actor, taught("k" * 35 + "1"), taught("k" * 35 + "2")):
        with sqlite_village.session() as session:
            row = pack_entries.own(session, entry_id, actor, lock=True)
            enter(session, sqlite_village, row, actor)
    assert sqlite_village.count(ServiceEntry) == 2


def test_an_erased_persons_page_and_words_go_at_once_and_old_words_at_night(village: Village) -> None:
    actor, yang, mei = actor_of(village, village.contact()), village.person(), village.person("陈小梅")
    about = (
        {"key": "k-mark", "kind": "post", "person": yang.id, "text": "卖葡萄苗"},
        {"key": "k-name", "kind": "post", "name": "杨大山 138****0001", "text": "卖葡萄苗"},
        {"key": "k-unread", "kind": "", "name": "杨大山"},
        {"key": "k-other", "kind": "post", "person": mei.id, "text": "杨大山家的葡萄苗"},
    )
    keep(village, actor, *about)
    with village.session() as session:
        for place in (YANGGAO, XINDONG):
            village_packs.store(session, place, b"page", now=village.now)
    with village.session() as session:
        erasure.erase(
            session, session.get_one(Account, yang.id), by=None, reason="本人要求", home=village.settings.home,
            now=village.now,
        )  # fmt: skip
    assert [row.area_code for row in village.all(VillagePack)] == [XINDONG]
    bodies = {row.key: (row.state, row.body) for row in village.all(PackEntry)}
    other = bodies.pop("k-other")
    assert other[0] is PackState.WAITING and "葡萄苗" in other[1]
    assert list(bodies.values()) == [(PackState.DROPPED, "")] * 3
    village.do(pack_forgetting.forget)
    assert village.count(PackEntry, PackEntry.state == PackState.WAITING) == 1
    village.wait(days=61)
    assert village.do(pack_forgetting.forget) == 1 and village.do(pack_forgetting.forget) == 0
    assert {(row.state, row.body) for row in village.all(PackEntry)} == {(PackState.DROPPED, "")}
    with village.session() as session:
        pack_forgetting.keep_pages(session, [YANGGAO])
    assert village.all(VillagePack) == []
