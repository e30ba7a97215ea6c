"""Reads templates as they are written and says what a page of ours must not hold.

No style or script inside the page (the content policy would drop them), a mark against forged posts in every posted
form, a label for every field, and no words but those that go through the catalogues.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser

_SPOKEN = {"aria-label", "title", "alt", "placeholder"}
_UNLABELLED = {"hidden", "submit", "button", "image", "reset"}
_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
_WORD = re.compile(r"[A-Za-z]{2,}|[\u3400-\u9fff]")
_ATTRIBUTES = re.compile(r'[a-z-]+="[^"]*"')  # put together by a macro
_EXPRESSION = re.compile(r"¤.*?¤", re.DOTALL)


def objections(template: str) -> list[str]:
    """What is wrong with a template, each with its line."""
    page = _Page()
    page.feed(_without_jinja(template))
    page.close()
    fields = [f"{line}: a field without a label" for line, name in page.fields if name not in page.labels]
    return page.wrong + fields


def _without_jinja(template: str) -> str:
    """The template with comments and statements gone and ``¤word¤`` for each expression; lines stay lines."""

    def lines(found: re.Match[str]) -> str:
        return "\n" * found.group(0).count("\n")

    def expression(found: re.Match[str]) -> str:
        words = found.group(1).strip("-+ \n")
        mark = "csrf" if re.match(r"(?:\w+\.)?csrf(?:_token)?\(\)", words) else re.sub(r"\W", "", words)
        return f"¤{mark}¤" + lines(found)

    template = re.sub(r"{#.*?#}", lines, template, flags=re.DOTALL)
    template = re.sub(r"{%-?\s*raw\s*-?%}.*?{%-?\s*endraw\s*-?%}", lines, template, flags=re.DOTALL)
    template = re.sub(r"{%.*?%}", lines, template, flags=re.DOTALL)
    return re.sub(r"{{(.*?)}}", expression, template, flags=re.DOTALL)


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.wrong: list[str] = []
        self.labels: set[str] = set()
        self.fields: list[tuple[int, str]] = []
        self._open: list[tuple[str, bool]] = []
        self._form: tuple[int, bool] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        line = self.getpos()[0]
        if "style" in given or tag == "style":
            self.wrong.append(f"{line}: style inside the page")
        if tag == "script" and "src" not in given:
            self.wrong.append(f"{line}: script inside the page")
        if scripted := [name for name in given if re.fullmatch(r"on[a-z]+", name)]:
            self.wrong.append(f"{line}: script in {scripted[0]}")
        if any(value.strip().lower().startswith("javascript:") for value in given.values()):
            self.wrong.append(f"{line}: script in an address")
        for name in _SPOKEN & given.keys():
            self._look_for_words(given[name], line, name)
        if tag == "form":
            self._form = (line, given.get("method", "get").lower() == "post")
        if tag == "label" and "for" in given:
            self.labels.add(given["for"])
        if tag in ("input", "select", "textarea") and given.get("type", "") not in _UNLABELLED:
            inside = any(name == "label" for name, _ in self._open)
            if not inside and not ({"aria-label", "aria-labelledby"} & given.keys()):
                self.fields.append((line, given.get("id", "")))
        if self._form and "csrf" in given.get("value", ""):
            self._form = (self._form[0], False)
        if tag not in _VOID:
            self._open.append((tag, "lang" in given))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        if tag == "form" and self._form:
            if self._form[1]:
                self.wrong.append(f"{self._form[0]}: a posted form without csrf()")
            self._form = None
        for place in range(len(self._open) - 1, -1, -1):
            if self._open[place][0] == tag:
                del self._open[place:]
                break

    def handle_data(self, data: str) -> None:
        if self._form and self._form[1] and "¤csrf¤" in data:
            self._form = (self._form[0], False)
        # a word with its language beside it is meant; base.html's <html lang> is for the whole page
        is_code = any(tag in ("script", "style") for tag, _ in self._open)
        if not is_code and not any(named for tag, named in self._open if tag != "html"):
            self._look_for_words(data, self.getpos()[0], "text")

    def _look_for_words(self, text: str, line: int, where: str) -> None:
        shown = _ATTRIBUTES.sub("", _EXPRESSION.sub("…", text))
        if found := _WORD.search(shown):
            words = shown[found.start() : found.start() + 30]
            self.wrong.append(f"{line}: words outside the catalogues, in {where}: {words!r}")
