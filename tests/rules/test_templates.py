"""Templates hold no style, script or words of their own, and forms can be used and not forged."""

from __future__ import annotations

import pytest

from tests.rules.markup import objections
from tests.rules.source import PACKAGES, ROOT, files


def test_every_template_keeps_the_rules() -> None:
    wrong = [
        f"{path}:{what}"
        for path in files(".html", under=PACKAGES)
        for what in objections((ROOT / path).read_text(encoding="utf-8"))
    ]
    assert not wrong, "\n" + "\n".join(wrong)


@pytest.mark.parametrize(
    ("template", "wrong"),
    [
        ('<p style="color:red">', "1: style inside the page"),
        ("<style>p{}</style>", "1: style inside the page"),
        ("<script>let x</script>", "1: script inside the page"),
        ('<script src="/static/a.js"></script>', ""),
        ('<a onclick="go()">', "1: script in onclick"),
        ('<a href="javascript:go()">', "1: script in an address"),
        ('<form method="post"><button>{{ _("Go") }}</button></form>', "1: a posted form without csrf()"),
        ('<form method="post">{{ csrf() }}</form>', ""),
        ('<form method="post">{{ forms.csrf() }}</form>', ""),
        ('<form method="get"></form>', ""),
        ('<input name="a">', "1: a field without a label"),
        ('<label for="a">{{ _("A") }}</label><input id="a">', ""),
        ('<label for="{{ name }}">{{ label }}</label><select id="{{ name }}">', ""),
        (
            '<label for="{{ name }}">{{ label }}</label><select id="{{ other }}">',
            "1: a field without a label",
        ),
        ('<label><input type="checkbox"> {{ words }}</label>', ""),
        ('<input type="hidden" name="a">', ""),
        ("\n<p>Hello {{ name }}</p>", "2: words outside the catalogues, in text: 'Hello …'"),
        ("<p>卖</p>", "1: words outside the catalogues, in text: '卖'"),
        ('<img alt="A map">', "1: words outside the catalogues, in alt: 'map'"),
        ('<a lang="en">English</a>', ""),
        ("{# a remark #}<p>{{ _('Sell') }} · {% if x %}3{% endif %}</p>", ""),
    ],
)
def test_what_a_page_must_not_hold_is_seen(template: str, wrong: str) -> None:
    assert objections(template) == ([wrong] if wrong else [])
