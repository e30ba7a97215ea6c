"""The project's own files, as the rules read them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("farmerline", "channels", "matching", "jobs")
TOP = (*PACKAGES, "bench", "deploy", "tests")
_NOT_OURS = {".git", ".venv", "var", "build", "dist", "node_modules", "__pycache__"}


@dataclass(frozen=True)
class Module:
    """A Python file: its dotted name, its path within the project, its tree."""

    name: str
    path: Path
    is_package: bool

    @property
    def text(self) -> str:
        return (ROOT / self.path).read_text(encoding="utf-8")

    @property
    def tree(self) -> ast.Module:
        return parse(self.path)


@cache
def parse(path: Path) -> ast.Module:
    return ast.parse((ROOT / path).read_text(encoding="utf-8"), str(path))


@cache
def nodes_of(tree: ast.Module) -> tuple[ast.AST, ...]:
    """All nodes of a file, walked once for all rules."""
    return tuple(ast.walk(tree))


def files(*endings: str, under: tuple[str, ...] = ()) -> Iterator[Path]:
    """Paths within the project with one of the endings (all where none is given), in order."""
    for start in [ROOT / name for name in under] or [ROOT]:
        for path in sorted(start.rglob("*")):
            inside = path.relative_to(ROOT)
            skipped = any(part in _NOT_OURS or _is_tool_cache(part) for part in inside.parts)
            if path.is_file() and not skipped and (not endings or path.name.endswith(endings)):
                yield inside


def _is_tool_cache(part: str) -> bool:
    return part.endswith((".egg-info", "_cache")) or part == ".hypothesis"


@cache
def modules(*under: str) -> tuple[Module, ...]:
    """The Python modules of these top-level folders."""
    found = []
    for path in files(".py", under=under or TOP):
        parts = list(path.with_suffix("").parts)
        is_package = parts[-1] == "__init__"
        found.append(Module(".".join(parts[:-1] if is_package else parts), path, is_package))
    return tuple(found)
