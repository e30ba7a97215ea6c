"""What an expression can be, as far as it can be read where it is written: literals, tables of them, loops over these."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache

from tests.rules.source import PACKAGES, modules, nodes_of

Nodes = list[ast.expr]
_PLAIN = (ast.Constant, ast.Tuple, ast.List, ast.Set, ast.Dict)


@dataclass(frozen=True)
class Reader:
    """Reads expressions of one file, inside one of its functions."""

    tree: ast.Module
    function: ast.FunctionDef | None = None
    followed: frozenset[str] = frozenset()

    def texts(self, given: ast.expr) -> list[str] | None:
        """The texts an expression can be; None when they cannot be read."""
        nodes = self.values(given)
        if nodes is None or any(isinstance(node, ast.JoinedStr | ast.BinOp) for node in nodes):
            return None
        return [text for node in nodes for text in _flat(node)] or None

    def values(self, given: ast.expr) -> Nodes | None:
        """The literal nodes an expression can be."""
        match given:
            case ast.Constant() | ast.Tuple() | ast.List() | ast.Set() | ast.Dict():
                return [given]
            case ast.IfExp(body=yes, orelse=no):
                return self._all(yes, no)
            case ast.BoolOp(values=parts):
                return self._all(*parts)
            case ast.Subscript(value=table, slice=key):
                return self._entries(table, key)
            case ast.Call(func=ast.Attribute(value=table, attr="get"), args=[_, *rest]):
                return _joined([self._entries(table, None), *map(self.values, rest)])
            case ast.Call(
                func=ast.Name(id="MappingProxyType" | "frozenset" | "tuple" | "dict"), args=[inner]
            ):
                return self.values(inner)
            case ast.Name(id=name) if name not in self.followed:
                inner = replace(self, followed=self.followed | {name})  # a name may lead back to itself
                return inner._bound(name) or inner._looped(name) or inner._imported(name)
            case ast.Attribute(value=ast.Name(id=module), attr=name):
                return constants().get((module, name))
        return None

    def _all(self, *parts: ast.expr) -> Nodes | None:
        return _joined([self.values(part) for part in parts])

    def _entries(self, table: ast.expr, key: ast.expr | None) -> Nodes | None:
        """What stands in a table, under a key where that is written out."""
        found: Nodes = []
        for node in self.values(table) or []:
            if isinstance(node, ast.Dict):
                found += node.values
            elif isinstance(node, ast.Tuple | ast.List):
                at = key.value if isinstance(key, ast.Constant) and isinstance(key.value, int) else None
                found += node.elts if at is None or at >= len(node.elts) else [node.elts[at]]
        return _joined([self.values(node) for node in found]) if found else None

    def _bound(self, name: str) -> Nodes | None:
        return [
            node for value in _assigned(self.tree).get(name, []) for node in self.values(value) or []
        ] or None

    def _looped(self, name: str) -> Nodes | None:
        found: Nodes = []
        for node in ast.walk(self.function) if self.function else ():
            if isinstance(node, ast.For | ast.comprehension):
                for element in self._elements(node.iter):
                    found += _unpacked(name, node.target, element)
            elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Tuple):
                for value in self.values(node.value) or []:
                    found += _unpacked(name, node.targets[0], value)
        return _joined([self.values(node) for node in found]) if found else None

    def _elements(self, source: ast.expr) -> Iterator[ast.expr]:
        match source:
            case ast.Call(func=ast.Name(id="enumerate"), args=[inner, *_]):
                for element in self._elements(inner):
                    yield ast.Tuple([ast.Constant(0), element], ast.Load())
            case ast.Call(func=ast.Attribute(value=table, attr="items" | "values" as what), args=[]):
                for node in self.values(table) or []:
                    if isinstance(node, ast.Dict):
                        for key, value in zip(node.keys, node.values, strict=True):
                            yield (
                                value
                                if what == "values" or key is None
                                else ast.Tuple([key, value], ast.Load())
                            )
            case _:
                for node in self.values(source) or []:
                    if isinstance(node, ast.Tuple | ast.List | ast.Set):
                        yield from node.elts

    def _imported(self, name: str) -> Nodes | None:
        for node in nodes_of(self.tree):
            if isinstance(node, ast.ImportFrom) and node.module:
                for alias in node.names:
                    if (alias.asname or alias.name) == name:
                        return constants().get((node.module.split(".")[-1], alias.name))
        return None


def _unpacked(name: str, bound: ast.expr, element: ast.expr) -> Nodes:
    """What ``name`` becomes when ``element`` is unpacked into ``bound``."""
    if isinstance(bound, ast.Name):
        return [element] if bound.id == name else []
    if (
        isinstance(bound, ast.Tuple)
        and isinstance(element, ast.Tuple)
        and len(bound.elts) == len(element.elts)
    ):
        pairs = zip(bound.elts, element.elts, strict=True)
        return [node for part, value in pairs for node in _unpacked(name, part, value)]
    return []


def _joined(parts: list[Nodes | None]) -> Nodes | None:
    return None if any(part is None for part in parts) else [node for part in parts for node in part or []]


def _flat(node: ast.expr) -> list[str]:
    match node:
        case ast.Constant(value=str(text)):
            return [text]
        case ast.Dict(values=parts) | ast.Tuple(elts=parts) | ast.List(elts=parts) | ast.Set(elts=parts):
            return [text for part in parts for text in _flat(part)]
    return []


@cache
def _assigned(tree: ast.Module) -> dict[str, Nodes]:
    found: dict[str, Nodes] = {}
    for node in nodes_of(tree):
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            if isinstance(target, ast.Name):
                found.setdefault(target.id, []).append(node.value)
    return found


@cache
def constants() -> dict[tuple[str, str], Nodes]:
    """What a module keeps under a NAME for others, by the module's last name and that NAME."""
    found: dict[tuple[str, str], Nodes] = {}
    for module in modules(*PACKAGES):
        for name, values in _assigned(module.tree).items():
            if name.isupper():
                plain = [value for value in values if isinstance(value, _PLAIN)]
                found.setdefault((module.name.split(".")[-1], name), []).extend(plain)
    return found
