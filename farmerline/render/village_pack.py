"""A village pack: one page that is read, filled in and printed without a line. Words in the reader's language in, HTML out.

Nothing is fetched: style and script stand in the page. Without the script it is read and printed, and its empty lines are
filled in by hand.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path

LARGEST = 200_000
"""Bytes of a page at most."""
_FILES = Path(__file__).parent
_BLANK_ROWS = 8
_FEWEST = 20
Choices = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the village: ``shown`` is name and masked number, ``why`` why they were not reached."""

    id: str
    shown: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class Warned:
    """An alert in force: what to say, all of it, and whom to tell."""

    id: str
    head: str
    spoken: str
    full: str
    people: Sequence[Person]


@dataclass(frozen=True, slots=True)
class Page:
    """``words`` are the labels by the names that ``LABELS`` lists; ``made`` says when, ``made_at`` for the file;
    ``address`` is where the file is brought; ``parts``, ``counts``, ``days`` and ``services`` are choices of the forms."""

    language: str
    village: str
    title: str
    made: str
    made_at: str
    address: str
    words: Mapping[str, str]
    alerts: Sequence[Warned]
    news: Sequence[tuple[str, str]]
    posts: Sequence[str]
    people: Sequence[Person]
    parts: Choices
    counts: Choices
    days: Choices
    services: Choices


LABELS = (
    "intro", "alerts", "no_alerts", "say", "to_tell", "all_told", "told", "news", "posts", "none", "write", "who", "who_hint",
    "what_post", "post", "post_hint", "sighting", "crop", "pest", "part", "in_ten", "days", "seen", "service", "keep", "kept",
    "take_out", "store", "clear", "store_hint", "bring", "no_script", "blank", "blank_post", "blank_sighting", "blank_visit",
    "missing",
)  # fmt: skip


def to_html(page: Page) -> bytes:
    """The page, never larger than ``LARGEST``: where a village is too big, its longest lists are cut."""
    while len(made := _write(page).encode()) > LARGEST:
        most = max(len(page.people), len(page.posts), *(len(one.people) for one in page.alerts), 0) // 2
        if most < _FEWEST:
            return _write(
                replace(
                    page,
                    people=(),
                    posts=(),
                    alerts=[replace(one, full="") for one in page.alerts[:1]],
                    news=(),
                )
            ).encode()
        page = replace(
            page, people=page.people[:most], posts=page.posts[:most],
            alerts=[replace(one, people=one.people[:most]) for one in page.alerts],
        )  # fmt: skip
    return made


def _write(page: Page) -> str:
    word = {name: escape(page.words[name]) for name in LABELS}
    script, style = (
        _FILES.joinpath(f"village_pack.{kind}").read_text(encoding="utf-8") for kind in ("js", "css")
    )
    parts = [
        f'<!doctype html>\n<html lang="{"zh-CN" if page.language == "zh" else "en"}"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width,initial-scale=1">',
        f"<title>{escape(page.title)}</title><style>{style}</style></head>\n",
        f'<body data-village="{escape(page.village)}" data-made="{escape(page.made_at)}"><h1>{escape(page.title)}</h1>',
        f"<p>{escape(page.made)}</p><p>{word['intro']}</p>",
        *_alerts(page, word),
        f"<h2>{word['news']}</h2>",
        *(f"<h3>{escape(title)}</h3>{_lines(text)}" for title, text in page.news),
        "" if page.news else f"<p>{word['none']}</p>",
        f"<h2>{word['posts']}</h2><ul>",
        *(f"<li>{escape(one)}</li>" for one in page.posts),
        f"</ul>{'' if page.posts else '<p>' + word['none'] + '</p>'}",
        *_forms(page, word),
        *_blanks(word),
        f"<script>{script}</script></body></html>\n",
    ]
    return "".join(parts)


def _alerts(page: Page, word: Mapping[str, str]) -> list[str]:
    made = [f"<h2>{word['alerts']}</h2>"]
    if not page.alerts:
        made.append(f"<p>{word['no_alerts']}</p>")
    for one in page.alerts:
        made.append(
            f"<section><h3>{escape(one.head)}</h3><p>{word['say']}</p><p class=said>{escape(one.spoken)}</p>{_lines(one.full)}"
        )
        if one.people:
            made.append(f"<p><b>{word['to_tell']}</b></p><ul class=tick>")
            made += [
                f"<li><span class=box></span> <b>{escape(who.shown)}</b> <small>{escape(who.why)}</small> "
                f'<button type=button class=js data-kind=visit data-alert="{one.id}" data-person="{who.id}" '
                f'data-name="{escape(who.shown)}">{word["told"]}</button></li>'
                for who in one.people
            ]
            made.append("</ul>")
        else:
            made.append(f"<p>● {word['all_told']}</p>")
        made.append("</section>")
    return made


def _forms(page: Page, word: Mapping[str, str]) -> list[str]:
    people = "".join(f'<option value="{escape(one.shown)}" data-id="{one.id}">' for one in page.people)
    named = "<input name=name list=people autocomplete=off required>"
    who = f"<p><label>{word['who']}<small>{word['who_hint']}</small>{named}</label></p>"
    keep = f"<p><button>{word['keep']}</button></p></form>"

    def line(name: str, words: str) -> str:
        return f"<p><label>{word[words]}<input name={name} maxlength=20></label></p>"

    def choose(name: str, options: Choices) -> str:
        offered = "".join(
            f'<option value="{escape(value)}">{escape(shown)}</option>' for value, shown in options
        )
        return f"<p><label>{word[name]}<select name={name}>{offered}</select></label></p>"

    services = "".join(
        f'<button type=button data-kind=service data-what="{escape(value)}">{escape(shown)}</button> '
        for value, shown in page.services
    )
    return [
        f"<h2>{word['write']}</h2><noscript><p class=note>{word['no_script']}</p></noscript><div class=js>",
        f"<datalist id=people>{people}</datalist>",
        f"<form data-kind=post><h3>{word['post']}</h3>{who}<p><label>{word['what_post']}<small>{word['post_hint']}</small>",
        f"<textarea name=text rows=2 maxlength=300 required></textarea></label></p>{keep}",
        f"<form data-kind=sighting><h3>{word['sighting']}</h3>{who}",
        line("crop", "crop")
        + line("pest", "pest")
        + choose("part", page.parts)
        + choose("in_ten", page.counts)
        + choose("days", page.days),
        f"<p><label>{word['seen']}<textarea name=text rows=2 maxlength=300></textarea></label></p>{keep}",
        f"<h3>{word['service']}</h3><p>{services}</p>",
        f'<h2>{word["kept"]} <span id=count>0</span></h2><ol id=kept data-out="{word["take_out"]}"></ol>',
        f"<p id=missing class=note hidden>{word['missing']}</p>",
        f"<p><button type=button id=store class=go>{word['store']}</button> ",
        f"<button type=button id=clear hidden>{word['clear']}</button></p><p>{word['store_hint']}</p>",
        "<textarea id=file rows=3 readonly hidden></textarea>",
        f'<p>{word["bring"]} <a href="{escape(page.address)}">{escape(page.address)}</a></p></div>',
    ]


def _blanks(word: Mapping[str, str]) -> list[str]:
    made = [f"<h2>{word['blank']}</h2>"]
    for name in ("blank_post", "blank_sighting", "blank_visit"):
        title, *heads = word[name].split("|")
        cells = "".join(f"<th>{head}</th>" for head in heads)
        row = "<tr>" + "<td></td>" * len(heads) + "</tr>"
        made.append(f"<h3>{title}</h3><table><tr>{cells}</tr>{row * _BLANK_ROWS}</table>")
    return made


def _lines(text: str) -> str:
    return "".join(f"<p>{escape(line)}</p>" for line in text.splitlines() if line.strip())
