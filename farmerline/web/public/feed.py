"""A list of the board as RSS 2.0, for whoever reads it with a program: at most fifty posts, the newest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from email.utils import format_datetime
from hashlib import sha256
from xml.etree import ElementTree

from flask import Response, request

from farmerline.queries import board
from farmerline.queries.board import BoardRow
from farmerline.queries.board_filters import Sort
from farmerline.web.doors import allow, now, reading, settings
from farmerline.web.language import current_language
from farmerline.web.public.board import ask, conditions_of, understood
from farmerline.words import DEFAULT_LANGUAGE, say

_MOST = 50
_FRESH_MINUTES = 30
_ATOM = "http://www.w3.org/2005/Atom"
ElementTree.register_namespace("atom", _ATOM)


@allow("public")
def show() -> Response:
    """The posts an address asks for, as the board does. An unchanged feed is answered 304."""
    language = current_language()
    with reading() as rows:
        kinds = board.kinds(rows)
        asked = understood(rows, ask(rows, kinds))
        found = board.newest(rows, replace(asked.wanted, sort=Sort.NEWEST), most=_MOST, now=now())
        conditions = [words for _names, words in conditions_of(rows, asked, kinds, (), language)]
    names = {kind.code: kind.name(language) for kind in kinds}
    feed = _Feed(settings().public_url, settings().service_name, language)
    itself = asked.address("/feed", lang=language if language != DEFAULT_LANGUAGE else "")
    body = feed.write(conditions, asked.address(), itself, found, names)
    answer = Response(body, mimetype="application/rss+xml")
    answer.set_etag(sha256(body).hexdigest()[:32])
    if found:
        answer.last_modified = max(row.published_at for row in found)
    answer.headers["Cache-Control"] = f"public, max-age={_FRESH_MINUTES * 60}"
    answer.make_conditional(request)
    return answer


class _Feed:
    """Writes a feed of a service at ``site``."""

    def __init__(self, site: str, service: str, language: str) -> None:
        self._site, self._service, self._language = site, service, language

    def write(
        self,
        conditions: Sequence[str],
        page: str,
        itself: str,
        rows: Sequence[BoardRow],
        kinds: dict[str, str],
    ) -> bytes:
        root = ElementTree.Element("rss", version="2.0")
        channel = ElementTree.SubElement(root, "channel")
        listed = " · ".join(conditions) or say(self._language, "All posts")
        _put(channel, "title", f"{listed} — {self._service}")
        _put(channel, "link", self._site + page)
        _put(channel, "description", say(self._language, "Open posts: {listed}", listed=listed))
        _put(channel, "language", "zh-cn" if self._language == "zh" else "en")
        _put(channel, "ttl", str(_FRESH_MINUTES))
        if rows:
            _put(channel, "lastBuildDate", format_datetime(max(row.published_at for row in rows)))
        ElementTree.SubElement(
            channel, f"{{{_ATOM}}}link", href=self._site + itself, rel="self", type="application/rss+xml"
        )
        for row in rows:
            self._item(ElementTree.SubElement(channel, "item"), row, kinds.get(row.kind, ""))
        written: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
        return written

    def _item(self, item: ElementTree.Element, row: BoardRow, kind: str) -> None:
        address = f"{self._site}/posts/{row.number}"
        who = (row.who_zh if self._language == "zh" else row.who_en) or say(self._language, "farmer")
        parts = [row.title, row.price, row.place, f"{row.who} {who}"]
        _put(item, "title", f"{kind} {row.title}".strip())
        _put(item, "link", address)
        _put(item, "guid", address, isPermaLink="true")
        _put(item, "pubDate", format_datetime(row.published_at))
        _put(item, "category", kind)
        _put(item, "description", " · ".join(part for part in parts if part))


def _put(parent: ElementTree.Element, name: str, words: str, **attributes: str) -> None:
    made = ElementTree.SubElement(parent, name, attributes)
    made.text = "".join(sign for sign in words if sign.isprintable())
