"""Feeds of listed sources: RSS, Atom and CSV files become submissions with their source, never articles by themselves."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from farmerline.domain import table_file
from farmerline.domain.submissions import Found
from farmerline.domain.table_file import Columns, NoHeadings
from farmerline.errors import Invalid
from farmerline.models import Via

AT_MOST = 30
"""Entries of one feed at a time."""
LARGEST = 2 * 1024 * 1024
_ATOM = "{http://www.w3.org/2005/Atom}"
_COLUMNS = Columns(
    {"title": "标题 题目 title", "text": "内容 正文 text content", "link": "链接 网址 link url"},
    needed=(frozenset({"title"}), frozenset({"text"})),
)


@dataclass(frozen=True, slots=True)
class Source:
    """A listed source: its name as articles show it, and its address or folder."""

    name: str
    place: str

    @property
    def is_feed(self) -> bool:
        """Whether it is fetched, and not a folder."""
        return self.place.startswith(("http://", "https://"))


def sources(file: Path) -> list[Source]:
    """The listed sources: a line each, name and address (or folder) with a tab between. Raises ``OSError``."""
    lines = (line.split("\t") for line in file.read_text("utf-8").splitlines() if line[:1] not in ("", "#"))
    return [Source(cells[0].strip()[:60], cells[1].strip()) for cells in lines if len(cells) > 1]


def read_feed(content: bytes, source: Source) -> list[Found]:
    """The entries of an RSS or Atom feed, the newest as they stand there; raises ``Invalid`` for anything else."""
    try:
        root = fromstring(content)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise Invalid("feed_unread", "This is no feed.") from error
    entries = [*root.iter("item")] or [*root.iter(f"{_ATOM}entry")]
    if not entries and root.tag not in {"rss", f"{_ATOM}feed"}:
        raise Invalid("feed_unread", "This is no feed.")
    return [found for entry in entries[:AT_MOST] if (found := _entry(entry, source)) is not None]


def read_file(content: bytes, source: Source) -> list[Found]:
    """The rows of a CSV or XLSX with the columns 标题 and 内容; raises ``Invalid`` for anything else."""
    try:
        table = table_file.read_table(content, _COLUMNS)
    except NoHeadings as error:
        raise Invalid("feed_columns", "The list needs the columns 标题 and 内容.") from error
    return [
        _found(source, Via.FILE, line.fields["title"], line.fields["text"], line.fields.get("link", ""))
        for line in table.lines[: AT_MOST * 10]
        if line.fields["title"]
    ]


def _entry(entry: Element, source: Source) -> Found | None:
    def said(*names: str) -> str:
        found = (entry.findtext(name) for name in names)
        return next((words.strip() for words in found if words and words.strip()), "")

    atom = entry.find(f"{_ATOM}link")
    link = said("link") or (atom.get("href", "") if atom is not None else "")
    title = _plain(said("title", f"{_ATOM}title"))
    text = _plain(said("description", f"{_ATOM}summary", f"{_ATOM}content"))
    if not title:
        return None
    mark = said("guid", f"{_ATOM}id")
    link = link if link.startswith(("http://", "https://")) else ""
    return _found(source, Via.FEED, title, text or title, link, mark)


def _found(source: Source, via: Via, title: str, text: str, link: str, mark: str = "") -> Found:
    known = "\n".join((source.name, mark or link or f"{title}\n{text}"))
    ref = hashlib.sha256(known.encode()).hexdigest()
    return Found(source=source.name, ref=ref, title=title, text=text, link=link, via=via)


def _plain(words: str) -> str:
    """Words without their tags."""
    return " ".join(unescape(re.sub(r"<[^>]{0,2000}>", " ", unescape(words))).split())
