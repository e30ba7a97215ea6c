"""Every address says who may enter."""

from __future__ import annotations

from flask import Flask


def test_every_route_says_who_may_enter(app: Flask) -> None:
    silent = [
        f"{rule.rule} → {rule.endpoint}"
        for rule in app.url_map.iter_rules()
        if rule.endpoint.split(".")[-1] != "static"
        and not getattr(app.view_functions[rule.endpoint], "allowed", None)
    ]
    assert not silent


def test_no_address_is_answered_by_two_functions(app: Flask) -> None:
    seen: dict[tuple[str, str], str] = {}
    for rule in app.url_map.iter_rules():
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            first = seen.setdefault((method, rule.rule), rule.endpoint)
            assert first == rule.endpoint, f"{method} {rule.rule}: {first} and {rule.endpoint}"
