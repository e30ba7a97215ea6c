"""The comparison with search engines: its posts, its engines, and one small run from end to end."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from bench import __main__ as bench_main
from bench import corpus, cuts, match, peers, phrases
from bench.records import Post

FIGURES = {
    "name", "note", "p50_ms", "p99_ms", "cpu_p50_ms", "cpu_p99_ms", "queries", "queries_per_s", "answered", "cold_first_ms", "cold_p50_ms",
    "cold_p99_ms", "resident_mb", "extraction_p50_ms", "index_mb", "insert_p50_ms", "insert_with_commit_p50_ms", "build_s",
    "yardstick_ms",
}  # fmt: skip


@pytest.fixture(scope="module")
def posts() -> list[Post]:
    return list(corpus.posts(400, seed=7))


@pytest.mark.long
def test_a_small_run_tells_all_figures_and_skips_who_is_missing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = "--posts 300 --queries 20 --only fts5-bigrams,postgres-gin --no-install --json --cache".split()
    code = bench_main.main(["match", *asked, str(tmp_path)])
    told = capsys.readouterr()
    report: dict[str, Any] = json.loads(told.out)
    assert code == 0
    assert set(report["systems"]) == {"farmerline", "fts5-bigrams"}
    assert set(report["systems"]["farmerline"]) == FIGURES | {"insert_statement_p50_ms"}
    assert set(report["systems"]["fts5-bigrams"]) == FIGURES | {"product_words"}
    assert all(figures["p50_ms"] <= figures["p99_ms"] for figures in report["systems"].values())
    assert report["systems"]["farmerline"]["queries"] == 20
    assert "no server given" in report["skipped"]["postgres-gin"]
    assert "postgres-gin" in told.err
    assert report["best_peer_p50"] == "fts5-bigrams"
    assert report["ratio_vs_best_peer_p50"] > 0 and report["ratio_vs_best_peer_p99"] > 0
    assert report["machine"]["cores"] >= 1


def test_the_same_seed_makes_the_same_posts_and_another_makes_others(posts: list[Post]) -> None:
    assert list(corpus.posts(400, seed=7)) == posts
    assert list(corpus.posts(400, seed=8)) != posts
    asked = corpus.queries(50, seed=7)
    assert not {post.text for post in asked} & {post.text for post in posts}


def test_posts_are_of_many_products_forms_and_provinces(posts: list[Post]) -> None:
    assert len({post.concept for post in posts}) > 100
    assert len({post.form for post in posts}) > 8
    assert len({post.area[:2] for post in posts}) > 25
    assert {post.direction for post in posts} == {"supply", "demand"}
    assert len(phrases.SHAPES) == len(set(phrases.SHAPES)) == 200


def test_posts_read_as_they_were_meant(tmp_path: Path) -> None:
    path = corpus.stored(tmp_path, 400, 7, lambda _: None)
    read = corpus.agreement(path, 400)
    assert read["texts"] == 400
    assert min(read[part] for part in ("direction", "product_and_form", "amount", "price")) > 0.95


def test_a_text_is_cut_into_words_or_into_pairs_of_signs() -> None:
    assert cuts.cut("收购苹果的，3000斤。") == ["收购", "苹果", "3000", "斤"]
    assert cuts.bigrams("收苹果 3.5元") == ["收苹", "苹果", "3.5", "元"]


@pytest.mark.parametrize("name", ["fts5-jieba", "fts5-bigrams", "tantivy", "bm25s"])
def test_an_engine_finds_the_text_itself_first(name: str, posts: list[Post], tmp_path: Path) -> None:
    if name in {"tantivy", "bm25s"} and find_spec(name) is None:
        pytest.skip(f"{name} is not installed")
    engine = peers.PEERS[name](tmp_path)
    _finds_itself(engine, posts)


@pytest.mark.postgres
def test_postgresql_finds_the_text_itself_first(
    posts: list[Post], tmp_path: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FARMERLINE_BENCH_POSTGRES", postgres_url)
    _finds_itself(peers.Postgres(tmp_path), posts)
    assert int((tmp_path / "bytes").read_text()) > 0


def test_an_engine_that_is_not_installed_says_so() -> None:
    with pytest.raises(peers.Missing, match="not installed"):
        peers.needed("no_such_engine")


def test_the_best_of_the_others_is_compared_with() -> None:
    systems = {
        name: {"p50_ms": p50, "p99_ms": p99, "cpu_p50_ms": p50, "cpu_p99_ms": p99}
        for name, p50, p99 in (
            ("farmerline", 1, 2),
            ("tantivy", 4, 40),
            ("bm25s", 8, 20),
            ("postgres-gin", 2, 9),
        )
    }
    compared = match.compare(systems)
    assert (compared["best_peer_p50"], compared["ratio_vs_best_peer_p50"]) == ("postgres-gin", 0.5)
    assert (compared["best_peer_cpu_p99"], compared["ratio_vs_best_peer_cpu_p99"]) == ("bm25s", 0.1)
    assert match.compare({"farmerline": systems["farmerline"]})["ratio_vs_best_peer_p50"] is None


def _finds_itself(engine: peers.Peer, posts: list[Post]) -> None:
    """Build, ask, and put one more in where that is possible."""
    engine.build(posts[:-1], lambda _: None)
    engine.open()
    wanted = posts[17]
    assert _number(engine.search(wanted)[0]) in {
        post.number for post in posts if post.tokens == wanted.tokens
    }
    assert len(engine.search_product(wanted)) >= 1
    if engine.appends:
        engine.begin()
        engine.insert(posts[-1])
        engine.commit()
        assert posts[-1].number in map(_number, engine.search(posts[-1]))
        if engine.in_place:
            engine.forget(posts[-1:])
            assert posts[-1].number not in map(_number, engine.search(posts[-1]))
    engine.close()


def _number(found: Any) -> int:
    return int(found[0] if isinstance(found, tuple) else found)
