"""Looking at other machines' pages, here on loopback: links, feeds, redirections, and what must never be asked."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from farmerline.domain import access, feeds, links
from farmerline.domain.feeds import Source
from farmerline.errors import Invalid
from farmerline.models import Account, Link, Role, Submission
from jobs import feeds as feed_job
from jobs import fetching
from jobs import links as link_job
from jobs.context import Context
from tests.channels.loop import DRIP, open_service
from tests.factories import COUNTY, NOW, make_staff
from tests.jobs.carrier import County

RSS = (
    "<rss version='2.0'><channel><title>省厅</title><item><title>冬季果园怎么管</title><link>http://example.test/1</link>"
    "<guid>a1</guid><description>&lt;p&gt;清园、&lt;b&gt;剪枝&lt;/b&gt;。&lt;/p&gt;</description></item>"
    "<item><title>冷空气要来</title><guid>a2</guid><link>javascript:alert(1)</link></item></channel></rss>"
)
ATOM = (
    "<feed xmlns='http://www.w3.org/2005/Atom'><entry><id>b1</id><title>新品种</title><summary>甜。</summary>"
    "<link href='https://example.test/b1'/></entry></feed>"
)


@dataclass
class Elsewhere:
    """Another machine's web server: what it answers by path, and what it was asked with."""

    address: str
    answers: dict[str, tuple[int, str]] = field(default_factory=dict)
    agents: list[str] = field(default_factory=list)


@pytest.fixture
def elsewhere() -> Iterator[Elsewhere]:
    told = Elsewhere("")

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            told.agents.append(self.headers["User-Agent"])
            status, body = told.answers.get(self.path, (404, ""))
            self.send_response(status)
            if status == 302:
                self.send_header("Location", body)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    told.address = f"http://127.0.0.1:{server.server_port}"
    yield told
    server.shutdown()
    thread.join()
    server.server_close()


def anybody(_address: str) -> bool:
    return True


def add(county: County, address: str) -> Link:
    with county.database.write() as session:
        writer = session.query(Account).first() or make_staff(session, Role.PUBLISHER, COUNTY, "采编员")
        actor = access.actor_of(session, writer)
        return links.add(
            session,
            address=address,
            title="农业农村局",
            about="",
            heading="政府",
            county=COUNTY,
            actor=actor,
            now=county.clock.now(),
        )


def row(county: County, link: Link) -> Link:
    with county.database.read() as session:
        return session.get_one(Link, link.id)


def test_a_dead_link_is_found_within_the_week_marked_and_forgiven_when_it_is_back(
    county: County, elsewhere: Elsewhere
) -> None:
    """M10: curated links; a job finds dead ones."""
    elsewhere.answers = {"/good": (200, "好"), "/moved": (302, "/good"), "/shy": (403, "")}
    good, moved, shy, gone = (
        add(county, elsewhere.address + path) for path in ("/good", "/moved", "/shy", "/gone")
    )
    assert link_job.look(county.context, anybody) == 4
    assert link_job.look(county.context, anybody) == 0  # looked at already
    assert [bool(row(county, one).dead_at) for one in (good, moved, shy, gone)] == [False, False, False, True]
    assert row(county, gone).fault == "404"
    assert all(agent.startswith("farmerline/") and "+http" in agent for agent in elsewhere.agents)
    county.wait(days=6)
    assert link_job.look(county.context, anybody) == 0
    county.wait(days=2)
    elsewhere.answers["/gone"] = (200, "又好了")
    assert link_job.look(county.context, anybody) == 4
    assert row(county, gone).dead_at is None and row(county, gone).failures == 0


def test_a_server_out_of_order_is_asked_again_for_three_days_before_it_is_given_up(
    sqlite_county: County, elsewhere: Elsewhere
) -> None:
    elsewhere.answers = {"/ill": (503, "")}
    link = add(sqlite_county, elsewhere.address + "/ill")
    dead = []
    for _ in range(3):
        link_job.look(sqlite_county.context, anybody)
        dead.append(row(sqlite_county, link).dead_at is not None)
        sqlite_county.wait(days=1)
    assert dead == [False, False, True]


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:1/", "http://localhost/", "http://[::1]/", "http://0.0.0.0/"]
)
def test_our_own_network_is_never_asked(address: str) -> None:
    with pytest.raises(fetching.Unreached, match="private"):
        fetching.get(address, agent="farmerline", most=10)


def test_a_redirection_leads_no_further_than_five_pages_and_not_into_our_network(
    elsewhere: Elsewhere,
) -> None:
    elsewhere.answers = {"/round": (302, "/round")}
    with pytest.raises(fetching.Unreached, match="redirects"):
        fetching.get(elsewhere.address + "/round", agent="farmerline", most=10, may=anybody)


@pytest.mark.parametrize("target", ["http://[", "http://[x/", "//[::"])
def test_a_redirection_to_no_address_reaches_nobody_and_stops_nothing(
    elsewhere: Elsewhere, target: str
) -> None:
    elsewhere.answers = {"/moved": (302, target)}
    with pytest.raises(fetching.Unreached, match="name"):
        fetching.get(elsewhere.address + "/moved", agent="farmerline", most=10, may=anybody)


def test_chinese_in_an_address_is_asked_for_in_bytes(elsewhere: Elsewhere) -> None:
    elsewhere.answers = {"/%E5%86%9C%E4%B8%9A/?q=%E6%A3%89&a=1": (200, "在")}
    page = fetching.get(elsewhere.address + "/农业/?q=棉&a=1", agent="farmerline", most=10, may=anybody)
    assert page.body.decode() == "在"


def test_who_sends_a_byte_now_and_then_is_given_up(elsewhere: Elsewhere) -> None:
    with open_service(lambda _: DRIP) as slow, pytest.raises(fetching.Unreached, match="timeout"):
        fetching.get(slow.url + "/", agent="farmerline", most=1000, may=anybody, seconds=0.3)


@pytest.mark.parametrize(
    "address",
    [
        "ftp://example.test/",
        "/links",
        "http://",
        "http://[x",
        "https://a@example.test/",
        "javascript:alert(1)",
    ],
)
def test_what_is_no_address_is_refused(sqlite_county: County, address: str) -> None:
    with pytest.raises(Invalid, match="link_address"):
        add(sqlite_county, address)


def listening(county: County, tmp_path: Path, *places: str) -> Context:
    file = tmp_path / "sources.tsv"
    file.write_text(
        "".join(f"来源{number}\t{place}\n" for number, place in enumerate(places)), encoding="utf-8"
    )
    return replace(county.context, settings=county.context.settings.model_copy(update={"feeds": file}))


def test_listed_feeds_and_folders_bring_news_once_with_their_source(
    county: County, elsewhere: Elsewhere, tmp_path: Path
) -> None:
    """M01: from listed sources, never issued by itself."""
    elsewhere.answers = {"/rss": (200, RSS), "/atom": (200, ATOM)}
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.csv").write_text("标题,内容\n蜂农注意,冬天给蜂箱保暖。\n", encoding="utf-8")
    context = listening(
        county,
        tmp_path,
        f"{elsewhere.address}/rss",
        f"{elsewhere.address}/nothing",
        f"{elsewhere.address}/atom",
        str(folder),
    )
    assert feed_job.has_work(context)
    assert feed_job.read(context, anybody) == 4
    assert feed_job.read(context, anybody) == 0
    with county.database.read() as session:
        rows = {one.title: one for one in session.query(Submission)}
    assert (
        rows["冬季果园怎么管"].text == "清园、 剪枝 。"
        and rows["冬季果园怎么管"].link == "http://example.test/1"
    )
    assert (
        rows["冷空气要来"].link == "" and rows["新品种"].source == "来源2" and rows["蜂农注意"].via == "file"
    )
    assert {one.state for one in rows.values()} == {"waiting"}


@pytest.mark.parametrize(
    "content", [b"", b"<html></html>", b"not xml", b"<!DOCTYPE a [<!ENTITY b 'c'>]><rss>&b;</rss>"]
)
def test_what_is_no_feed_is_refused(content: bytes) -> None:
    with pytest.raises(Invalid, match="feed_unread"):
        feeds.read_feed(content, Source("省厅", "https://example.test/rss"))


def test_a_demo_county_looks_nowhere(sqlite_county: County) -> None:
    demo = replace(
        sqlite_county.context, settings=sqlite_county.context.settings.model_copy(update={"mode": "demo"})
    )
    add(sqlite_county, "https://example.test/")
    assert link_job.look(demo) == 0 and NOW is not None
