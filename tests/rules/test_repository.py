"""What is committed belongs to the project alone, and what it needs is pinned."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.rules.source import ROOT, files

_TEXT = (
    ".py", ".html", ".css", ".js", ".md", ".txt", ".toml", ".sh", ".po", ".ini", ".yml", ".yaml", ".json", ".env",
    ".conf", ".example", "run",
)  # fmt: skip
# Written so that this file does not hold what it forbids.
_FOREIGN = {
    "a path of somebody's machine": r"(?<![\w.}])/(?:w[o]rk|t[m]p|h[o]me|r[o]ot|U[s]ers|o[p]t)/\w+",
    "a package registry": (
        r"p[y]pi\.org|p[y]thonhosted\.org|npm[j]s\.(?:org|com)|npm[m]irror|tuna\.tsin[g]hua|mirrors\.ali[y]un|deb\.deb[i]an"
    ),
    "an index of packages": r"--(?:extra-)?ind[e]x-url|--find-l[i]nks",
    "a writer of code": r"\b(?:cl[a]ude|anthr[o]pic|chat[g]pt|open[a]i|cop[i]lot)\b",
}
HOME, INDEX, PI = "home", "index", "pi"  # in pieces, for the same reason
_PINNED = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*==[0-9][A-Za-z0-9.]*")


def foreign(text: str) -> list[str]:
    """What in a text belongs to somebody's machine or to a registry, not to the project."""
    return [
        f"{what}: {found.group(0)}"
        for what, pattern in _FOREIGN.items()
        for found in re.finditer(pattern, text, re.IGNORECASE)
    ]


def test_nothing_names_a_machine_a_registry_or_a_tool_that_wrote_it() -> None:
    wrong = [
        f"{path}: {what}"
        for path in files(*_TEXT)
        for what in foreign((ROOT / path).read_text(encoding="utf-8"))
    ]
    assert not wrong


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        (f"see /{HOME}/me/notes", True),
        (f"pip install --{INDEX}-url x", True),
        (f"https://py{PI}.org/simple", True),
        ("sqlite:////path/farmerline.db", False),
        ("/usr/lib/postgresql", False),
        ("https://example.org/home/page", False),
        ("../work/other", False),
    ],
)  # fmt: skip
def test_foreign_words_are_seen(text: str, seen: bool) -> None:
    assert bool(foreign(text)) is seen


_OTHERS = ("-r requirements.txt", "-r requirements-tv.txt")


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-tv.txt", "requirements-dev.txt"])
def test_requirements_are_exact_versions_without_addresses(name: str) -> None:
    lines = [line.strip() for line in (ROOT / name).read_text().splitlines()]
    wanted = [line for line in lines if line and not line.startswith("#")]
    wrong = [line for line in wanted if not _PINNED.fullmatch(line) and line not in _OTHERS]
    assert not wrong
    assert len({line.lower() for line in wanted}) == len(wanted)


def test_what_the_mission_fixes_is_required() -> None:
    names = {
        line.split("==")[0].lower()
        for name in ("requirements.txt", "requirements-dev.txt")
        for line in lines_of(name)
    }
    assert {"flask", "twilio", "sqlalchemy", "apscheduler", "jieba", "pytest"} <= names


def lines_of(name: str) -> list[str]:
    return [line for line in (ROOT / name).read_text().splitlines() if "==" in line]


def test_tests_cite_only_goals_that_the_documents_hold() -> None:
    known: set[str] = set()
    for name in ("systems.md", "reliability.md"):
        known |= goals((ROOT / "docs" / name).read_text(encoding="utf-8"))
    wrong = [
        f"{path}: {goal}"
        for path in files(".py", under=("tests", "bench"))
        if path != Path(__file__).resolve().relative_to(ROOT)
        for goal in sorted(goals((ROOT / path).read_text(encoding="utf-8")) - known)
    ]
    assert not wrong


def test_a_claimed_goal_is_proved_where_the_page_says() -> None:
    rows = re.findall(r"^\| ([A-Z]-\d\d) \|.*\| ([^|]*) \|$", read("docs/reliability.md"), re.MULTILINE)
    assert rows
    wrong = []
    for goal, proof in rows:
        places = re.findall(r"`((?:tests|bench)/[\w/.]*)`", proof)
        proofs = [path for place in places for path in sorted(_tests_at(ROOT / place))]
        if not proofs or not any(goal in goals(path.read_text(encoding="utf-8")) for path in proofs):
            wrong.append(f"{goal}: {proof}")
    assert not wrong


def test_a_system_that_works_is_cited_by_a_test() -> None:
    rows = re.findall(r"^\| (M\d\d) \|.*\| ([^|]*) \|$", read("docs/systems.md"), re.MULTILINE)
    cited = {goal for path in _tests_at(ROOT / "tests") for goal in goals(path.read_text(encoding="utf-8"))}
    assert [system for system, now in rows if not now.startswith("to come") and system not in cited] == []


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def _tests_at(place: Path) -> list[Path]:
    """The tests of a file or folder; the rules only look at what others prove."""
    found = [place] if place.is_file() else list(place.rglob("test_*.py"))
    return [path for path in found if path.parent.name != "rules"]


def goals(text: str) -> set[str]:
    """Ids of systems (M01) and of reliability goals (R-01) that a text names."""
    return set(re.findall(r"(?<![\w-])(?:M[0-2]\d|[ABCIPRTVZ]-\d\d)(?![\w-])", text))


def test_goals_are_found_in_words() -> None:
    assert goals("M01, R-07: M99 XR-08 R-100 (Z-12)") == {"M01", "R-07", "Z-12"}


def test_the_documents_a_newcomer_looks_for_are_here() -> None:
    wanted = "README.md README.zh-CN.md CONTRIBUTING.md CHANGELOG.md LICENSE docs/settings.md docs/decisions"
    assert not [name for name in wanted.split() if not (ROOT / name).exists()]
