"""One post: for everybody without names and numbers; for the two sides of a match, yes or no; its life for who may see it."""

from __future__ import annotations

from types import SimpleNamespace
from urllib.parse import urlencode

from flask import render_template

from farmerline.config import Module
from farmerline.domain import Role
from farmerline.domain.access import Actor
from farmerline.errors import Absent
from farmerline.ids import new_id
from farmerline.queries import board
from farmerline.queries.board import Kind
from farmerline.queries.post_page import Fit, PostPage, post_page
from farmerline.web.doors import allow, authorise, maybe_actor, reading, settings
from farmerline.web.farmer.shown import life_steps, tile
from farmerline.web.language import _, current_language

_LOOKERS = (Role.CONTACT, Role.ADMIN)
_OVER = {
    "done": "It is sold or bought: this post is over.",
    "expired": "Its days are over.",
    "withdrawn": "It was taken down.",
    "held": "The contact point looks at it first: only you see it.",
    "pending": "Not published yet: only you see it.",
}
_HOW = {
    "sms": "Sent by text message. Before it was published it was read back and confirmed.",
    "voice": "Told by phone and written down. Before it was published it was read back and confirmed.",
    "web": "Written on the web. Before it was published it was read back and confirmed.",
    "contact": "Written at the contact point. Before it was published it was read back and confirmed.",
}
_CARE = "Look first, then pay. Somebody wants a deposit, or promises to buy everything back at a high price? Call us and press 0."


@allow("public")
def show(number: int) -> str:
    """The post; one that is not public is not here for others."""
    language, who = current_language(), maybe_actor()
    with reading() as rows:
        page = post_page(rows, number, reader_id=who.account_id if who else None, language=language)
        kinds = board.kinds(rows)
    if page is None:
        raise Absent
    mine = who is not None and page.owner_id == who.account_id
    looks_after = _looks_after(who, page)
    if not page.public and not looks_after:
        raise Absent
    side, sign = tile(page.row.kind, kinds)
    row = page.row
    said = SimpleNamespace(
        kind=side,
        tile=sign,
        number=row.number,
        title=row.title,
        price=row.price or (_("price to agree") if side else ""),
        published_at=row.published_at,
        expires_at=row.expires_at,
        who=row.who,
        said=page.text,
        said_note=_(_HOW[row.channel]) if row.channel in _HOW else "",
        facts=_facts(page, language),
        over="" if page.live else _(_OVER.get(page.state, "Its days are over.")),
    )
    return render_template(
        "public/post.html",
        trail=_trail(page, side, sign, kinds, language),
        post=said,
        match=_match(page.fit) if page.fit and not page.partner and not mine else None,
        phone=SimpleNamespace(name=page.partner.name, number=page.partner.phone) if page.partner else None,
        mine=mine,
        my_href=f"/me/posts/{page.id}",
        sign_in_href="/signin?" + urlencode({"next": f"/posts/{number}"}) if who is None else None,
        want_href=_want(page, side) if who is not None and not mine and page.live and not page.fit else None,
        letter_href=f"/me/letters/new?post={number}" if _may_write(who, page) else None,
        steps=life_steps(page.steps) if looks_after else [],
        advice=[_(_CARE)] if side == "offer" else [],
    )


def _looks_after(who: Actor | None, page: PostPage) -> bool:
    try:
        authorise(who, _LOOKERS, page.owner_area, owner_id=page.owner_id)
    except Absent:
        return False
    return True


def _match(fit: Fit) -> SimpleNamespace | None:
    """The question to the reader; none once the match came to nothing."""
    if fit.over or (fit.said_yes is None and not fit.code):
        return None
    answered = ""
    if fit.said_yes:
        answered = _("You said yes. The other side is asked; when they say yes too you get the number.")
    return SimpleNamespace(
        is_offer=fit.sells,
        wants=fit.own_words,
        reasons=[("", part.strip()) for part in _reasons(fit.reason)],
        code=fit.code,
        action=f"/me/answer/{fit.code}?once={new_id()}",
        answered=answered,
        one_yes=fit.one_yes,
    )


def _reasons(line: str) -> list[str]:
    """The one-line reason in its parts: between commas in English, between spaces in Chinese."""
    return line.split(", ") if ", " in line else line.split()


def _facts(page: PostPage, language: str) -> list[tuple[str, str]]:
    """At most five: what, how much, where, who."""
    found = [(_("Variety"), thing.variety) for thing in page.things[:2] if thing.variety not in thing.name]
    quantities = [
        thing.qty if len(page.things) == 1 else f"{thing.name} {thing.qty}"
        for thing in page.things
        if thing.qty
    ]
    if quantities:
        found.append((_("Quantity"), "、".join(quantities)))
    found.append((_("Place"), page.row.place))
    kind = page.row.who_zh if language == "zh" else page.row.who_en
    checked = _("real name checked") if page.row.verified else ""
    found.append((_("Person"), _(", ").join(part for part in (page.row.who, kind, checked) if part)))
    return found[-5:]


def _trail(page: PostPage, side: str, sign: str, kinds: list[Kind], language: str) -> list[tuple[str, str]]:
    trail = [(_("Supply and demand"), "/")]
    kind = next((one for one in kinds if one.code == page.row.kind), None)
    if kind is not None:
        trail.append((kind.name(language), "/?" + urlencode({"kind": kind.code})))
    if page.things:
        trail.append((page.things[0].name, "/?" + urlencode({"product": page.things[0].value})))
    return trail


def _want(page: PostPage, side: str) -> str:
    """Where the reader says that they want it: their own post of the other side, with the thing already named."""
    if not side:
        return ""
    return "/me/write?" + urlencode(
        {"use": "buy" if side == "offer" else "sell", "like": str(page.row.number)}
    )


def _may_write(who: Actor | None, page: PostPage) -> bool:
    return (
        who is not None and page.live and page.owner_id != who.account_id and settings().has(Module.MAILBOX)
    )
