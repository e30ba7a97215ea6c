"""Finds every sentence the code says to people, so that the catalogues can be held against them.

A *sayer* is a function that is given a sentence: ``say``, ``_`` and ``_html``, the refusals of
``farmerline.errors``, and whatever passes its own parameter named ``sentence`` on to one of these; so is a frozen
value that holds one in a field named ``sentence`` or ``about``. The sentence must be readable where it is written: a literal, a choice between literals, or an entry of a table of literals.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from string import Formatter

from jinja2 import Environment, nodes

from tests.rules.literals import Reader
from tests.rules.source import PACKAGES, ROOT, Module, files, modules, nodes_of

# Where the sentence stands among the arguments given.
_FIRST = {"_": 0, "_html": 0, "say": 1}
_TALK = "talk.say"
"""Of a talk, which knows its language: the sentence comes first."""
_HELD = ("sentence", "about")
_REFUSALS = {"Refusal": 1}


@dataclass
class Said:
    """The sentences found, each with the places that say it, and the calls whose sentence could not be read."""

    sentences: dict[str, list[str]] = field(default_factory=dict)
    unreadable: list[str] = field(default_factory=list)

    def add(self, sentence: str, place: str) -> None:
        self.sentences.setdefault(sentence, []).append(place)


@cache
def said() -> Said:
    """Every sentence of the packages and the templates."""
    found = Said()
    known = sayers()
    for module in modules(*PACKAGES):
        if not module.name.startswith("farmerline.demo"):  # a play, told in the words of its place
            read_code(module, known, found)
    for path in files(".html", ".txt", ".xml", under=PACKAGES):
        read_template(path, found)
    return found


@cache
def literals() -> frozenset[str]:
    """Every text that stands in the code or in a template's expressions: what a catalogue's key may come from."""
    found = {
        node.value
        for module in modules(*PACKAGES)
        for node in nodes_of(module.tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    for path in files(".html", ".txt", ".xml", under=PACKAGES):
        constants = parse_template(path).find_all(nodes.Const)
        found |= {node.value for node in constants if isinstance(node.value, str)}
    return frozenset(found)


@cache
def sayers() -> dict[str, int]:
    """Names of functions and refusals with the position of their sentence."""
    known = dict(_FIRST)
    for name in _subclasses("Refusal"):
        known[name] = _REFUSALS["Refusal"]
    for module in modules(*PACKAGES):
        for node in nodes_of(module.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name != "__init__":
                names = [argument.arg for argument in (*node.args.posonlyargs, *node.args.args)]
                if "sentence" in names and not _is_static(node):
                    position = names.index("sentence") - (names[0] in ("self", "cls"))
                    known.setdefault(node.name, position)
            elif isinstance(node, ast.ClassDef) and (place := _held(node)) is not None:
                known.setdefault(node.name, place)
    return known


def _held(node: ast.ClassDef) -> int | None:
    """Where a frozen value takes its sentence."""
    if not any("dataclass" in ast.unparse(mark) for mark in node.decorator_list):
        return None
    fields = [
        one.target.id
        for one in node.body
        if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name)
    ]
    return next((place for place, name in enumerate(fields) if name in _HELD), None)


def _takes_sentence(node: ast.FunctionDef) -> bool:
    return "sentence" in [
        argument.arg for argument in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)
    ]


def _is_static(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any(ast.unparse(mark) == "staticmethod" for mark in node.decorator_list)


@cache
def _subclasses(base: str) -> set[str]:
    found = {base}
    classes = [
        node
        for module in modules(*PACKAGES)
        for node in nodes_of(module.tree)
        if isinstance(node, ast.ClassDef)
    ]
    while True:
        more = {
            node.name
            for node in classes
            for parent in node.bases
            if ast.unparse(parent).split(".")[-1] in found
        }
        if more <= found:
            return found
        found |= more


def read_code(module: Module, known: dict[str, int], found: Said) -> None:
    """Add what a Python file says."""
    tree = module.tree
    imported = {
        alias.asname or alias.name
        for node in nodes_of(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    own = {
        node.name for node in nodes_of(tree) if isinstance(node, ast.FunctionDef) and _takes_sentence(node)
    }
    for function, node in _calls(tree):
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name not in known or _is_definition_of_sayer(function, name):
            continue
        is_bare = isinstance(node.func, ast.Name) and name not in _FIRST and name.islower()
        if is_bare and name not in imported | own:  # a local of the same name
            continue
        given = _argument(node, 0 if ast.unparse(node.func) == _TALK else known[name])
        if given is None:
            continue
        place = f"{module.path}:{node.lineno}"
        texts = Reader(tree, function).texts(given)
        if texts is None:
            if not _is_somebody_elses(node, given, imported):
                found.unreadable.append(f"{place} {ast.unparse(node)[:80]}")
            continue
        for text in filter(None, texts):
            found.add(text, place)


def _calls(tree: ast.Module) -> Iterator[tuple[ast.FunctionDef | None, ast.Call]]:
    def walk(
        node: ast.AST, function: ast.FunctionDef | None
    ) -> Iterator[tuple[ast.FunctionDef | None, ast.Call]]:
        for child in ast.iter_child_nodes(node):
            inside = child if isinstance(child, ast.FunctionDef) else function
            if isinstance(child, ast.Call):
                yield function, child
            yield from walk(child, inside)

    yield from walk(tree, None)


def _argument(node: ast.Call, position: int) -> ast.expr | None:
    for keyword in node.keywords:
        if keyword.arg in _HELD:
            return keyword.value
    return node.args[position] if len(node.args) > position else None


def _is_definition_of_sayer(function: ast.FunctionDef | None, name: str) -> bool:
    """Inside a sayer the sentence is its own parameter; whoever calls the sayer is read instead."""
    return function is not None and function.name == name


def _is_somebody_elses(node: ast.Call, given: ast.expr, imported: set[str]) -> bool:
    """A parameter called ``sentence``, handed on; or a module's function of the same name (``outbox.tell``)."""
    receiver = node.func.value if isinstance(node.func, ast.Attribute) else None
    is_module = isinstance(receiver, ast.Name) and receiver.id in imported
    name = getattr(node.func, "id", "")
    is_value = name[:1].isupper() and name not in _subclasses("Refusal")  # filled from elsewhere, read there
    return ast.unparse(given).split(".")[-1] in _HELD or is_module or is_value


@cache
def parse_template(path: Path) -> nodes.Template:
    return Environment().parse((ROOT / path).read_text(encoding="utf-8"))  # noqa: S701 - nothing is rendered


def read_template(path: Path, found: Said) -> None:
    """Add what a template says; a sentence that is a value is the business of who gave it."""
    for call in parse_template(path).find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name in ("_", "_html") and call.args:
            for one in _template_texts(call.args[0]):
                found.add(one, f"{path}:{call.lineno}")


def _template_texts(node: nodes.Node) -> list[str]:
    if isinstance(node, nodes.Const):
        return [node.value] if isinstance(node.value, str) else []
    if isinstance(node, nodes.CondExpr):
        return _template_texts(node.expr1) + (_template_texts(node.expr2) if node.expr2 else [])
    if isinstance(node, nodes.Getitem):
        return _template_texts(node.node)
    if isinstance(node, nodes.Dict):
        return [text for pair in node.items for text in _template_texts(pair.value)]
    return []


def is_english(sentence: str) -> bool:
    """Whether a key is English; a Chinese word that people must write, or a village as an example, may stand in it."""
    letters = re.findall(r"[A-Za-z]", re.sub(r"\{\w*\}", "", sentence))
    return 3 * len(re.findall(r"[\u3400-\u9fff]", sentence)) <= len(letters)


def values_in(sentence: str) -> set[str]:
    """The names of the values that a sentence takes in; raises ``ValueError`` when its braces are wrong."""
    return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}


if __name__ == "__main__":  # what has no Chinese yet, as entries of a catalogue
    from farmerline.words import sentences

    for sentence, places in said().sentences.items():
        if sentence not in sentences():
            quoted = sentence.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
            print(f'#: {places[0]}\nmsgid "{quoted}"\nmsgstr ""\n')
