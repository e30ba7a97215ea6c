"""After an edit of the vocabulary the open posts it concerns are read again: changed in place, left, or shown to a person."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest
from sqlalchemy import delete, select

from farmerline.clock import FixedClock, local
from farmerline.domain import rereading, subscriptions
from farmerline.domain.subscriptions import Wanted
from farmerline.messages import Channel
from farmerline.models import (
    Account,
    Case,
    CaseKind,
    Delivery,
    Match,
    MatchState,
    Post,
    PostItem,
    PostState,
    Subscription,
    WatchCursor,
    WordEdit,
)  # fmt: skip
from jobs import reread
from jobs.context import Context
from tests.conftest import ROOT
from tests.domain.talking import Village
from tests.domain.wording import Editor
from tests.factories import YANGGAO

LANTERN = "卖红灯笼葡萄50斤2元一斤"


def context(editor: Editor) -> Context:
    village = editor.village
    return Context(village.database, FixedClock(village.now), (), village.settings, reader=editor.reader)


def run(editor: Editor) -> int:
    """The job, a minute later."""
    editor.village.wait(seconds=60)
    made = context(editor)
    done = reread.reread_posts(made)
    assert not reread.has_work(made)
    return done


def thing(village: Village, post: Post) -> tuple[str, str, str, str]:
    (item,) = village.get(Post, post.id).items
    return item.concept, item.form, item.variety, item.name


def notes(village: Village, post: Post) -> list[str]:
    return [event.note for event in village.get(Post, post.id).history if event.note]


def states(village: Village) -> list[str]:
    return sorted(row.state.value for row in village.all(Match))


def test_an_item_is_changed_in_place_and_only_what_fits_is_offered(village: Village) -> None:
    editor, seller = Editor(village), village.person("岑利民")
    post = village.publish(seller, LANTERN)
    village.publish(village.person("沈桂香"), "收葡萄100斤")
    pepper = village.publish(village.person("马小青"), "收辣椒100斤")
    assert thing(village, post) == ("葡萄", "fresh", "", "葡萄")
    assert states(village) == ["offered"]
    village.do(set_left, post_id=post.id)
    with village.database.write() as session:
        session.execute(delete(WatchCursor))
    editor.add("红灯笼葡萄", "辣椒")
    assert run(editor) == 1
    (item,) = village.get(Post, post.id).items
    assert (item.concept, item.name, item.key) == ("辣椒", "红灯笼葡萄", "辣椒·fresh·supply")
    assert (item.category, item.qty, item.qty_left, item.unit_price, item.live) == ("veg", 25, 10, 4, True)
    assert notes(village, post) == ["re-read"]
    assert states(village) == ["lapsed", "offered"]
    assert village.count(WatchCursor, WatchCursor.post_id == post.id) == 1  # subscribers hear of it
    (offered,) = village.all(Match, Match.state == MatchState.OFFERED)
    assert {offered.supply_post_id, offered.demand_post_id} == {post.id, pepper.id}
    assert run(editor) == 0 and notes(village, post) == ["re-read"]


def set_left(session: Any, *, post_id: str, now: Any) -> None:
    session.get_one(Post, post_id).items[0].qty_left = 10


def test_another_product_under_the_owners_number_is_looked_at_by_the_contact_point(village: Village) -> None:
    editor, seller = Editor(village), village.person("岑利民")
    post = village.publish(seller, LANTERN)
    before = len(village.all(Delivery))
    editor.add("红灯笼葡萄", "辣椒")
    run(editor)
    (case,) = village.cases(CaseKind.REVIEW)
    assert case.post_id == post.id and "葡萄" in case.text and str(post.number) in case.text
    assert len(village.all(Delivery)) == before  # the owner is not texted
    with village.database.write() as session:
        session.get_one(Case, case.id).closed_at = village.now
    editor.undo(editor.village.all(WordEdit)[0])
    assert run(editor) == 1
    assert thing(village, post)[0] == "葡萄"


def test_a_guess_put_right_keeps_the_owners_word_and_asks_nobody(sqlite_village: Village) -> None:
    editor = Editor(sqlite_village)
    first = editor.add("香香籽", "葡萄")
    post = publish(editor, "卖香香籽50斤2元一斤")
    assert thing(sqlite_village, post) == ("葡萄", "fresh", "", "香香籽")
    run(editor)
    editor.undo(first)
    editor.add("香香籽", "辣椒")
    assert run(editor) == 1
    assert thing(sqlite_village, post) == ("辣椒", "fresh", "", "香香籽")
    assert sqlite_village.cases(CaseKind.REVIEW) == []


def test_what_takes_a_licence_by_the_new_words_is_looked_at(sqlite_village: Village) -> None:
    editor = Editor(sqlite_village)
    edit = editor.add("香香籽", "葡萄")
    post = publish(editor, "卖香香籽50斤2元一斤")
    run(editor)
    editor.undo(edit)
    editor.add("香香籽", "多菌灵")
    assert run(editor) == 1
    assert thing(sqlite_village, post)[0] == "多菌灵"
    assert [case.post_id for case in sqlite_village.cases(CaseKind.REVIEW)] == [post.id]


def publish(editor: Editor, text: str) -> Post:
    """A post that was read with the editor's words."""
    village, seller = editor.village, editor.village.person("岑利民")
    village.understand = editor.reader.understand
    return village.publish(seller, text)


def test_products_made_one_meet_and_part_again(village: Village) -> None:
    editor, buyer = Editor(village), village.person("沈桂香")
    post = village.publish(village.person("岑利民"), "卖黄皮果50斤2元一斤")
    village.publish(buyer, "收葡萄100斤")
    for name in ("黄皮", "葡萄"):
        village.do(subscribe, person_id=buyer.id, name=name, settings=village.settings)
    assert states(village) == []
    edit = editor.merge("黄皮", "葡萄")
    assert run(editor) == 1
    assert thing(village, post)[0] == "葡萄" and states(village) == ["offered"]
    assert village.cases(CaseKind.REVIEW) == []
    assert {row.key for row in village.all(Subscription)} == {"葡萄·supply"}
    editor.undo(edit)
    assert run(editor) == 1
    assert thing(village, post)[0] == "黄皮" and states(village) == ["lapsed"]
    assert {row.key for row in village.all(Subscription)} == {"葡萄·supply", "黄皮·supply"}


def subscribe(session: Any, *, person_id: str, name: str, settings: Any, now: Any) -> None:
    person = session.get_one(Account, person_id)
    subscriptions.subscribe(
        session, person, Wanted(name, name), channel="sms", proof="test", settings=settings, now=now
    )


def test_a_post_whose_number_was_shown_is_left_as_agreed(village: Village) -> None:
    editor, seller = Editor(village), village.person("岑利民")
    post = village.publish(seller, LANTERN)
    village.publish(village.person("沈桂香"), "收葡萄100斤")
    with village.database.write() as session:
        session.scalars(select(Match)).one().state = MatchState.AGREED
    editor.add("红灯笼葡萄", "辣椒")
    assert run(editor) == 1
    assert thing(village, post)[0] == "葡萄" and notes(village, post) == ["re-read: left as agreed"]
    assert states(village) == ["agreed"]


def test_where_other_lots_come_out_a_person_looks_and_nothing_is_changed(village: Village) -> None:
    editor, seller = Editor(village), village.person("岑利民")
    post = village.publish(seller, "卖洋芋50斤2元一斤")
    editor.forbid("洋芋")
    assert run(editor) == 1
    assert thing(village, post)[0] == "马铃薯" and notes(village, post) == ["re-read"]
    assert [case.post_id for case in village.cases(CaseKind.REVIEW)] == [post.id]


def test_what_the_owner_corrected_stays(sqlite_village: Village) -> None:
    editor, seller = Editor(sqlite_village), sqlite_village.person("岑利民")
    drafted = sqlite_village.say(seller, LANTERN)
    again = sqlite_village.say(seller, f"2{drafted.question_code}")
    changed = sqlite_village.say(seller, "不是葡萄，是桃子")
    sqlite_village.say(seller, f"1{changed.question_code}")
    post = sqlite_village.get(Post, again.post_id or drafted.post_id)
    assert post.state is PostState.OPEN and thing(sqlite_village, post)[0] == "桃"
    editor.add("红灯笼葡萄", "辣椒")
    run(editor)
    assert thing(sqlite_village, post)[0] == "桃" and sqlite_village.cases(CaseKind.REVIEW) == []


def test_drafts_and_ended_posts_are_not_read_again(sqlite_village: Village) -> None:
    editor, seller = Editor(sqlite_village), sqlite_village.person("岑利民")
    ended = sqlite_village.publish(seller, LANTERN)
    sqlite_village.say(seller, f"停{ended.number}")
    draft = sqlite_village.get(Post, sqlite_village.say(seller, "卖红灯笼葡萄70斤3元一斤").post_id)
    editor.add("红灯笼葡萄", "辣椒")
    assert run(editor) == 0
    assert {thing(sqlite_village, post)[0] for post in (ended, draft)} == {"葡萄"}


def fill(village: Village, count: int) -> None:
    """Open posts that all say the same, of as many people as one."""
    seller = village.person("岑利民")
    day = local(village.now).date()
    with village.database.write() as session:
        for number in range(count):
            item = PostItem(
                key="葡萄·fresh·supply", direction="supply", concept="葡萄", form="fresh", category="fruit", name="葡萄",
                qty=25, qty_left=25, unit="kg", unit_price=4, price_unit="kg", area_code=YANGGAO, province="33", city="3302",
                day=day, live=True,
            )  # fmt: skip
            session.add(
                Post(
                    number=5000 + number, kind="supply", account_id=seller.id, area_code=YANGGAO, channel=Channel.SMS,
                    text=LANTERN, state=PostState.OPEN, created_at=village.now, published_at=village.now,
                    expires_at=village.now + timedelta(days=9), items=[item],
                )
            )  # fmt: skip


def test_more_than_one_part_is_read(sqlite_village: Village) -> None:
    fill(sqlite_village, reread.PART + 30)
    editor = Editor(sqlite_village)
    editor.add("红灯笼葡萄", "辣椒")
    assert run(editor) == reread.PART + 30
    assert {row.concept for row in sqlite_village.all(PostItem)} == {"辣椒"}


class Killed(Exception):
    """Stands for the end of the process."""


def test_killed_on_the_way_it_is_done_once_in_the_end(village: Village) -> None:
    fill(village, 20)
    editor = Editor(village)
    editor.add("红灯笼葡萄", "辣椒")
    made = context(editor)
    reads = village.database.write
    left = [7]

    class Mortal:
        """A database whose process dies in its eighth transaction, before the commit."""

        read = staticmethod(village.database.read)

        def write(self) -> Any:
            left[0] -= 1
            return dying(reads) if left[0] < 0 else reads()

    mortal = Context(Mortal(), made.clock, (), made.settings, reader=editor.reader)  # type: ignore[arg-type]
    with pytest.raises(Killed):
        reread.reread_posts(mortal)
    assert {row.concept for row in village.all(PostItem)} == {"葡萄", "辣椒"}
    assert reread.has_work(made)
    assert run(editor) == 13
    assert {row.concept for row in village.all(PostItem)} == {"辣椒"}
    assert all(notes(village, post) == ["re-read"] for post in village.all(Post))


def dying(write: Any) -> Any:
    @contextmanager
    def door() -> Iterator[Any]:
        with write() as session:
            yield session
            raise Killed

    return door()


def test_undone_before_all_was_read_everything_is_as_it_was(sqlite_village: Village) -> None:
    fill(sqlite_village, 4)
    editor = Editor(sqlite_village)
    edit = editor.add("红灯笼葡萄", "辣椒")
    made = context(editor)
    with sqlite_village.database.read() as session:
        work = rereading.plan(session, editor.reader)
        assert work is not None
        found = rereading.texts(session, work, after="", limit=2)
    for post_id, text in found:
        changed = rereading.compare(work, post_id, text)
        assert changed is not None
        with sqlite_village.database.write() as session:
            assert rereading.apply(session, work, changed, settings=made.settings, now=sqlite_village.now)
    editor.undo(edit)
    assert run(editor) == 2
    assert {row.concept for row in sqlite_village.all(PostItem)} == {"葡萄"}


def test_two_workers_at_once_change_each_post_once(village: Village) -> None:
    fill(village, 30)
    post = village.publish(village.person("岑利民"), "卖洋芋50斤2元一斤")
    editor = Editor(village)
    editor.add("红灯笼葡萄", "辣椒")
    editor.forbid("洋芋")
    village.wait(seconds=60)
    start, done = Barrier(2), []

    def work() -> None:
        made = context(editor)
        start.wait()
        done.append(reread.reread_posts(made))

    workers = [Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert sum(done) == 31 and len(done) == 2
    assert all(notes(village, one) == ["re-read"] for one in village.all(Post))
    assert len(village.cases(CaseKind.REVIEW)) == 31 and notes(village, post) == ["re-read"]
    assert not reread.has_work(context(editor))


@pytest.mark.long
def test_a_killed_process_loses_and_repeats_nothing(village: Village, tmp_path: Path) -> None:
    fill(village, 120)
    editor = Editor(village)
    editor.add("红灯笼葡萄", "辣椒")
    url = village.database.url.render_as_string(hide_password=False).replace("+psycopg", "")
    command = [sys.executable, "-m", "tests.jobs.mortal_reread", url, str(tmp_path)]

    def changed() -> int:
        return village.count(PostItem, PostItem.concept == "辣椒")

    for kill in range(2):
        before, worker = changed(), subprocess.Popen(command, cwd=ROOT)
        while changed() < before + 10 + 13 * kill:
            assert worker.poll() is None
            time.sleep(0.001)
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        assert changed() < 120 and rereading_is_due(village)
    assert subprocess.Popen(command, cwd=ROOT).wait(timeout=90) == 0
    assert changed() == 120 and not rereading_is_due(village)
    assert all(notes(village, post) == ["re-read"] for post in village.all(Post))
    assert len(village.cases(CaseKind.REVIEW)) == 120


def rereading_is_due(village: Village) -> bool:
    with village.database.read() as session:
        return rereading.is_due(session)
