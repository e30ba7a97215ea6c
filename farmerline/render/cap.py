"""Alerts in the Common Alerting Protocol 1.2 (OASIS, 2010): a message as XML, and XML as a message.

Written in the standard's order of elements; times carry the offset of China, never ``Z``. What is read may come from
anybody: entities and document types are refused, and only what the service uses is taken.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import NoReturn
from xml.etree import ElementTree

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from farmerline.clock import SHANGHAI

NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"
MEDIA_TYPE = "application/cap+xml"
STATUSES = frozenset("Actual Exercise System Test Draft".split())
KINDS = frozenset("Alert Update Cancel Ack Error".split())
SEVERITIES = ("Minor", "Moderate", "Severe", "Extreme")
"""Mildest first; a fifth, Unknown, is read as the mildest."""
LARGEST = 500_000
"""Bytes of a message at most."""
_NOT_IN_IDS = frozenset(" ,<&")


class BadCap(ValueError):
    """This is no message of the protocol that the service can use; the words say what is wrong, in English."""


@dataclass(frozen=True, slots=True)
class CapArea:
    """``codes`` are place codes of GB/T 2260 (6, 9 or 12 digits)."""

    name: str
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CapMessage:
    """One message with its first block of information. Times are aware; ``references`` names earlier messages as
    ``sender,identifier,sent``. ``status``, ``kind``, ``severity`` and the like are the standard's own words."""

    identifier: str
    sender: str
    sent: datetime
    status: str
    kind: str
    event: str
    severity: str
    headline: str
    description: str
    areas: tuple[CapArea, ...]
    references: tuple[str, ...] = ()
    category: str = "Env"
    response: str = "Execute"
    urgency: str = "Expected"
    certainty: str = "Observed"
    effective: datetime | None = None
    expires: datetime | None = None
    sender_name: str = ""
    instruction: str = ""
    web: str = ""
    contact: str = ""
    language: str = "zh-CN"

    @property
    def reference(self) -> str:
        """How later messages name this one."""
        return f"{self.sender},{self.identifier},{_time(self.sent)}"


def write(message: CapMessage) -> bytes:
    """The message as an XML document. Raises ``ValueError`` for an identifier or sender that the standard forbids."""
    for name in (message.identifier, message.sender):
        if not name or set(name) & _NOT_IN_IDS:
            raise ValueError(f"not an identifier: {name!r}")
    root = ElementTree.Element("alert", xmlns=NAMESPACE)
    _put(root, "identifier", message.identifier)
    _put(root, "sender", message.sender)
    _put(root, "sent", _time(message.sent))
    _put(root, "status", message.status)
    _put(root, "msgType", message.kind)
    _put(root, "scope", "Public")
    _put(root, "references", " ".join(message.references))
    info = ElementTree.SubElement(root, "info")
    for name, words in _information(message):
        _put(info, name, words)
    for place in message.areas:
        area = ElementTree.SubElement(info, "area")
        _put(area, "areaDesc", place.name)
        for code in place.codes:
            geocode = ElementTree.SubElement(area, "geocode")
            _put(geocode, "valueName", "GB/T 2260")
            _put(geocode, "value", code)
    written: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def _information(message: CapMessage) -> Iterator[tuple[str, str]]:
    yield "language", message.language
    yield "category", message.category
    yield "event", message.event
    yield "responseType", message.response
    yield "urgency", message.urgency
    yield "severity", message.severity
    yield "certainty", message.certainty
    yield "effective", _time(message.effective)
    yield "expires", _time(message.expires)
    yield "senderName", message.sender_name
    yield "headline", message.headline
    yield "description", message.description
    yield "instruction", message.instruction
    yield "web", message.web
    yield "contact", message.contact


def read(document: bytes) -> CapMessage:
    """The message of a document. Raises ``BadCap``."""
    if len(document) > LARGEST:
        raise BadCap("the file is too large")
    try:
        root = fromstring(document, forbid_dtd=True)
    except (ElementTree.ParseError, DefusedXmlException, ValueError) as error:
        raise BadCap("this is not XML that can be read") from error
    if root.tag != f"{{{NAMESPACE}}}alert":
        raise BadCap("this is not a message of CAP 1.2")
    info = root.find(f"{{{NAMESPACE}}}info")
    if info is None:
        raise BadCap("it has no information in it")
    status, kind = _one_of(root, "status", STATUSES), _one_of(root, "msgType", KINDS)
    areas = tuple(_area(area) for area in info.iterfind(f"{{{NAMESPACE}}}area"))
    severity = _text(info, "severity")
    return CapMessage(
        identifier=_needed(root, "identifier"),
        sender=_needed(root, "sender"),
        sent=_moment(root, "sent") or _lacks("sent"),
        status=status,
        kind=kind,
        event=_needed(info, "event"),
        severity=severity if severity in SEVERITIES else SEVERITIES[0],
        headline=_text(info, "headline") or _needed(info, "event"),
        description=_lines(info, "description"),
        areas=areas,
        references=tuple(_text(root, "references").split()),
        category=_text(info, "category"),
        urgency=_text(info, "urgency"),
        certainty=_text(info, "certainty"),
        effective=_moment(info, "effective"),
        expires=_moment(info, "expires"),
        sender_name=_text(info, "senderName"),
        instruction=_lines(info, "instruction"),
        web=_text(info, "web"),
        contact=_text(info, "contact"),
    )


def _area(area: ElementTree.Element) -> CapArea:
    codes = (_text(one, "value") for one in area.iterfind(f"{{{NAMESPACE}}}geocode"))
    return CapArea(
        _text(area, "areaDesc"),
        tuple(code for code in codes if code.isascii() and code.isdecimal() and len(code) in (6, 9, 12)),
    )


def _text(parent: ElementTree.Element, name: str) -> str:
    """The words of an element in one line."""
    return " ".join(_lines(parent, name).split())


def _lines(parent: ElementTree.Element, name: str) -> str:
    said = parent.findtext(f"{{{NAMESPACE}}}{name}") or ""
    return "".join(sign for sign in said if sign.isprintable() or sign == "\n").strip()


def _needed(parent: ElementTree.Element, name: str) -> str:
    return _text(parent, name) or _lacks(name)


def _lacks(name: str) -> NoReturn:
    raise BadCap(f"{name} is missing")


def _one_of(parent: ElementTree.Element, name: str, words: frozenset[str]) -> str:
    said = _needed(parent, name)
    if said not in words:
        raise BadCap(f"{name} is {said[:20]!r}")
    return said


def _moment(parent: ElementTree.Element, name: str) -> datetime | None:
    said = _text(parent, name)
    if not said:
        return None
    try:
        moment = datetime.fromisoformat(said)
    except ValueError as error:
        raise BadCap(f"{name} is no time") from error
    if moment.tzinfo is None:
        raise BadCap(f"{name} has no time zone")
    return moment


def _time(moment: datetime | None) -> str:
    return moment.astimezone(SHANGHAI).isoformat(timespec="seconds") if moment else ""


def _put(parent: ElementTree.Element, name: str, words: str) -> None:
    """An element with words; none for none."""
    if words:
        made = ElementTree.SubElement(parent, name)
        made.text = "".join(sign for sign in words if sign.isprintable() or sign == "\n")
