"""Who may import whom, for every file of ours; imports for types alone count too."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from tests.rules.rooms import ROOMS, Room, objection, room_of
from tests.rules.source import Module, modules, nodes_of

_IMPORTERS = {"import_module", "__import__", "importorskip"}
_NAMES = frozenset(module.name for module in modules())


def imports(module: Module) -> Iterator[tuple[int, str]]:
    """Each import of a file: its line and the full name of what is imported."""
    for node in nodes_of(module.tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = _absolute(module, node)
            for alias in node.names:
                full = f"{start}.{alias.name}"
                yield node.lineno, full if full in _NAMES else start
        elif (
            isinstance(node, ast.Call)
            and _called(node) in _IMPORTERS
            and isinstance(node.args[0], ast.Constant)
        ):
            yield node.lineno, str(node.args[0].value)


def _absolute(module: Module, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    up = module.name.split(".")
    kept = up[: len(up) - node.level + (1 if module.is_package else 0)]
    return ".".join([*kept, *([node.module] if node.module else [])])


def _called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.name)
def test_a_room_imports_only_what_the_table_allows(room: Room) -> None:
    wrong = [
        f"{module.path}:{line} imports {name}: {why}"
        for module in modules()
        if room_of(module.name) is room
        for line, name in imports(module)
        if (why := objection(module.name, name))
    ]
    assert not wrong, "\n" + "\n".join(wrong)


def test_every_module_stands_in_a_room() -> None:
    homeless = [str(module.path) for module in modules() if not room_of(module.name)]
    assert homeless == ["farmerline/__init__.py"]


@pytest.mark.parametrize(
    ("importer", "imported", "allowed"),
    [
        ("farmerline.domain.posts", "farmerline.models.post", True),
        ("farmerline.domain.posts", "matching", True),
        ("farmerline.domain.posts", "flask", False),
        ("farmerline.domain.posts", "channels.contract", False),
        ("farmerline.domain.posts", "farmerline.db", False),
        ("farmerline.queries.board", "twilio.rest", False),
        ("farmerline.web.public.board", "farmerline.queries.board", True),
        ("farmerline.web.public.board", "sqlalchemy", False),
        ("farmerline.web.public.board", "farmerline.models.post", False),
        ("farmerline.web.public.board", "farmerline.runtime", False),
        ("channels.sms.twilio", "twilio.rest", True),
        ("channels.sms.twilio", "farmerline.domain.intake", False),
        ("channels.voice.twiml", "farmerline.render.speech", True),
        ("channels.voice.twiml", "farmerline.render.chart", False),
        ("jobs.deliver", "channels.contract", True),
        ("jobs.deliver", "channels.sms.twilio", False),
        ("jobs.deliver", "apscheduler.schedulers.background", False),
        ("jobs.runner", "apscheduler.schedulers.background", True),
        ("matching.tokenizer", "jieba", True),
        ("matching.extract", "jieba", False),
        ("matching.extract", "farmerline.clock", False),
        ("farmerline.clock", "sqlalchemy", False),
        ("farmerline.models.post", "farmerline.domain.posts", False),
        ("farmerline.runtime", "channels.sms.twilio", True),
    ],
)
def test_the_table_says_what_was_meant(importer: str, imported: str, allowed: bool) -> None:
    assert (objection(importer, imported) == "") is allowed
