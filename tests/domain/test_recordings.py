"""What callers said: heard at the contact point, written down, read back; its sound kept for a while, and gone with the person."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from farmerline.clock import local
from farmerline.domain import (
    access,
    audit,
    dictation,
    erased_list,
    erasure,
    intake,
    recordings,
    sighting_forms,
)
from farmerline.domain.access import Actor
from farmerline.errors import Refusal
from farmerline.messages import Channel
from farmerline.models import (
    Account,
    AuditRow,
    Case,
    CaseState,
    Delivery,
    Inbound,
    Post,
    PostState,
    Recording,
    Role,
    Sighting,
)
from farmerline.queries import desk as desk_rows
from tests import factories
from tests.domain.talking import WAV, Village, read

OFFER = "葡萄苗2000株3元一株"


def left(village: Village, caller: Any, *, key: str = "1", sound: bytes = WAV) -> Case:
    """What a caller left, said right by key 1."""
    line = village.ring(caller)
    line.press(key)
    line.speak(sound)
    line.press("1")
    return village.cases()[-1]


def actor_of(village: Village, account: Account) -> Actor:
    with village.session() as session:
        return access.actor_of(session, account, second_factor=True)


def write_down(village: Village, helper: Account, case: Case, farmer: Account) -> None:
    values: dict[str, Any] = {
        "actor": actor_of(village, helper),
        "number": case.number,
        "account_id": farmer.id,
    }
    incoming = village.do(dictation.write_down, **values, text=OFFER, token="t", understand=read)
    with village.session() as session:
        intake.handle(
            session, inbound_id=intake.store(session, incoming)[0], understand=read, settings=village.settings,
            now=village.now,
        )  # fmt: skip


def acts(village: Village, act: str) -> list[AuditRow]:
    with village.session() as session:
        return list(session.scalars(select(AuditRow).where(AuditRow.act == act)))


def forget(village: Village) -> int:
    taken: int = village.do(recordings.forget_old, days=village.settings.recording_days)
    return taken


def test_a_spoken_post_is_heard_written_down_and_read_back_and_its_words_outlive_its_sound(
    village: Village,
) -> None:
    """M03: the whole way without a recogniser, within two working hours."""
    farmer, helper, stranger = (
        village.person(),
        village.contact(),
        village.contact(factories.SHUIXIANG, "陈国良"),
    )
    case = left(village, farmer)
    assert local(case.due_at) - local(case.opened_at) == timedelta(hours=2), "opened at 10 on a working day"
    with village.session() as session:
        today = desk_rows.today(session, actor=access.actor_of(session, helper), now=village.now)
    assert [line.number for line in dict(today.groups)["voice_post"]] == [case.number]
    hear = {"recording_id": case.recording_id}
    village.do(dictation.hear, actor=actor_of(village, helper), **hear)
    with pytest.raises(Refusal):
        village.do(dictation.hear, actor=actor_of(village, stranger), **hear)
    write_down(village, helper, case, farmer)
    texts = village.all(Delivery, Delivery.account_id == farmer.id, Delivery.channel == Channel.SMS)
    assert texts[-1].text.startswith("已记下:卖 葡萄苗 2000株")
    village.say(farmer, "1")
    (post,) = village.all(Post)
    assert post.state is PostState.OPEN
    assert village.get(Inbound, post.inbound_id).recording_id == case.recording_id
    village.wait(days=village.settings.recording_days - 1)
    assert forget(village) == 0
    village.wait(days=2)
    assert (forget(village), forget(village)) == (1, 0)
    (recording,) = village.all(Recording)
    assert (recording.sound, recording.seconds, village.get(Post, post.id).text) == (b"", 0, f"卖{OFFER}")
    (row,) = acts(village, "recording.forget")
    assert (row.actor_id, row.for_id) == ("system", farmer.id)
    with village.session() as session:
        assert audit.verify(session) is None


def test_the_sound_of_an_open_case_stays_until_it_is_settled(sqlite_village: Village) -> None:
    village = sqlite_village
    case = left(village, village.person())
    village.wait(days=400)
    assert forget(village) == 0
    with village.session() as session:
        session.get_one(Case, case.id).state = CaseState.CLOSED
    assert forget(village) == 1


def test_an_erased_person_leaves_no_voice_and_a_restore_brings_none_back(
    village: Village, tmp_path: Path
) -> None:
    mother = village.person("岑小梅")
    son = village.person("杨小山", phone=mother.phone)
    alone = village.person("杨大山")
    shared = left(village, mother)  # nobody said who of the two it was
    with village.session() as session:
        session.get_one(Case, shared.id).account_id = None
        session.get_one(Recording, shared.recording_id).account_id = None
    left(village, alone, sound=WAV + b"1")
    stranger = left(village, "+8613800000099", sound=WAV + b"2")

    def erase(who: Account, by: Any = erasure.erase) -> None:
        with village.session() as session:
            account = session.get_one(Account, who.id)
            by(session, account, by=None, reason="asked for it", home=tmp_path, now=village.now)

    def kept() -> set[str | None]:
        return {row.id for row in village.all(Recording, Recording.seconds > 0)}

    erase(mother)
    assert len(kept()) == 3, "it may be the son's"
    erased_list.put_down(
        erased_list.erased_file(tmp_path), alone.id, village.now
    )  # erased after the copy was made
    with village.session() as session:
        assert erasure.erase_again(session, home=tmp_path, now=village.now) == 1
    assert kept() == {shared.recording_id, stranger.recording_id}
    erase(son)
    assert kept() == {stranger.recording_id}


def test_one_hears_ones_own_words_and_nobody_elses(sqlite_village: Village) -> None:
    village = sqlite_village
    farmer, other = village.person(), village.person("陈小梅")
    case = left(village, farmer)
    with village.session() as session:
        assert (
            recordings.own(session, session.get_one(Account, farmer.id), case.recording_id or "")
            == case.recording_id
        )
        with pytest.raises(Refusal):
            recordings.own(session, session.get_one(Account, other.id), case.recording_id or "")


def test_an_officer_hears_a_spoken_sighting_of_the_own_area_on_record(sqlite_village: Village) -> None:
    village = sqlite_village
    farmer, helper = village.person(), village.contact()
    case = left(village, farmer, key="3")
    written = sighting_forms.Written(text="葡萄霜霉病")
    village.do(
        sighting_forms.write_down, actor=actor_of(village, helper), number=case.number, account_id=farmer.id, written=written,
        understand=read, settings=village.settings,
    )  # fmt: skip
    (sighting,) = village.all(Sighting)
    with village.session() as session:
        officer = factories.make_staff(session, Role.OFFICER, factories.COUNTY, "方植保")
        elsewhere = factories.make_staff(session, Role.OFFICER, factories.OTHER_TOWN, "胡植保")
    found = village.do(recordings.of_sighting, actor=actor_of(village, officer), sighting_id=sighting.id)
    assert found == case.recording_id and len(acts(village, "recording.hear")) == 1
    for who in (elsewhere, farmer):
        with pytest.raises(Refusal):
            village.do(recordings.of_sighting, actor=actor_of(village, who), sighting_id=sighting.id)
