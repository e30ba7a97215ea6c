"""A plain browser for the stories: it follows links and fills forms as they stand on the page, nothing else."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from flask import Flask
from werkzeug.test import Client, TestResponse

from farmerline.demo.county import PASSWORD, second_factor_code
from farmerline.demo.people import Person
from farmerline.runtime import Runtime


@dataclass
class Form:
    """A form of the page: where it posts, and what it already holds."""

    action: str
    method: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    buttons: list[tuple[str, str, str]] = field(default_factory=list)  # name, value, words


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._button: list[str] | None = None
        self._area = ""
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(values.get("action", ""), values.get("method", "get").lower()))
        elif not self.forms:
            return
        elif tag == "input" and values.get("name"):
            if values.get("type") not in ("checkbox", "radio", "submit", "file") or "checked" in values:
                self.forms[-1].fields.append((values["name"], values.get("value", "")))
        elif tag == "textarea" and values.get("name"):
            self._area = values["name"]
            self.forms[-1].fields.append((self._area, ""))
        elif tag == "select":
            self._select = values.get("name", "")
        elif tag == "option" and self._select and "selected" in values:
            self.forms[-1].fields.append((self._select, values.get("value", "")))
        elif tag == "button":
            self._button = [values.get("name", ""), values.get("value", ""), ""]

    def handle_data(self, data: str) -> None:
        if self._button is not None:
            self._button[2] += data
        elif self._area:
            name, value = self.forms[-1].fields[-1]
            self.forms[-1].fields[-1] = (name, value + data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "button" and self._button is not None and self.forms:
            name, value, words = self._button
            self.forms[-1].buttons.append((name, value, " ".join(words.split())))
            self._button = None
        elif tag == "textarea":
            self._area = ""
        elif tag == "select":
            self._select = ""


class Browser:
    """Keeps cookies, the page and its address. ``page`` is HTML, ``words`` what a reader sees of it."""

    def __init__(self, app: Flask) -> None:
        self._client = Client(app, TestResponse)
        self._base = app.extensions["farmerline"].settings.public_url
        self.status = 0
        self.page = ""
        self.address = ""
        self.content = b""

    @property
    def words(self) -> str:
        """The page without its tags."""
        body = re.sub(r"<(script|style|svg)[^>]*>.*?</\1>", " ", self.page, flags=re.S)
        return " ".join(re.sub(r"<[^>]+>", " ", body).split())

    def open(self, address: str) -> Browser:
        """Go to an address of the service."""
        return self._take(self._client.get(address, base_url=self._base, follow_redirects=True))

    def forms(self) -> list[Form]:
        parser = _Forms()
        parser.feed(self.page)
        return parser.forms

    def submit(self, action: str, /, button: str = "", **values: str) -> Browser:
        """Fill and send the form whose address ends in ``action`` (or holds the button of these words)."""
        form = self._form(action, button)
        chosen = [(name, value) for name, value, words in form.buttons if button and button in words and name]
        filled = (
            [(name, value) for name, value in form.fields if name not in values]
            + list(values.items())
            + chosen[:1]
        )
        data: dict[str, Any] = {}
        for name, value in filled:
            data.setdefault(name, []).append(value)
        send = self._client.post if form.method == "post" else self._client.get
        where = form.action or self.address
        sent: dict[str, Any] = {"data": data} if form.method == "post" else {"query_string": data}
        return self._take(send(where, base_url=self._base, follow_redirects=True, **sent))

    def sign_in(self, person: Person, runtime: Runtime) -> None:
        """Sign in with the demo's password and, where there is one, the second factor's code of this moment."""
        self.open("/signin")
        with runtime.database.read() as session:
            code = second_factor_code(session, person.phone, runtime.now())
        self.submit("/signin", phone=person.phone.removeprefix("+86"), password=PASSWORD, code=code)

    def _form(self, action: str, button: str) -> Form:
        for form in self.forms():
            if (form.action or self.address).split("?")[0].count(action) and (
                not button or any(button in words for _, _, words in form.buttons)
            ):
                return form
        raise LookupError(f"no form {action!r} {button!r} on {self.address}: {self.words[:200]}")

    def _take(self, response: TestResponse) -> Browser:
        self.status = response.status_code
        self.content = response.get_data()
        self.page = response.get_data(as_text=True) if (response.mimetype or "").startswith("text/") else ""
        self.address = response.request.path
        return self
