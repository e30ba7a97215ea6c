"""Words by the web: written on a form, answered by buttons. They take the same way as a text message.

Each form carries a mark of its own (``once``), made when it is shown: a form that is sent twice, or again after the
line dropped, is the same message and gets the same answer.
"""

from __future__ import annotations

import re
from dataclasses import replace

from flask import redirect, render_template, request
from werkzeug.wrappers import Response

from farmerline.config import Module
from farmerline.domain import Account, advice, listings
from farmerline.domain.access import Actor
from farmerline.errors import Absent, Conflict, Invalid
from farmerline.ids import new_id
from farmerline.messages import Channel, Incoming
from farmerline.queries import board, farmer
from farmerline.web import forms
from farmerline.web.doors import actor, allow, inside, now, reading, settings, writing
from farmerline.web.farmer.shown import question
from farmerline.web.language import _, current_language

LONGEST = 800
_ONCE = re.compile(r"[0-9a-f]{32}")
_CODE = re.compile(r"[A-Z]\d\d")
_REPLIES = {"1": "1", "2": "2", "3": "3", "4": "4", "yes": "1", "no": "2"}
_USES = {
    "sell": ("sell", "卖"),
    "buy": ("buy", "求购"),
    "pest": ("pest_report", "报虫"),
    "ask": ("question", "问"),
}
"""Each use with the intent it leads to, and the word by which a text message says the same."""
_MODULES = {"pest": Module.ALERTS, "ask": Module.EXPERTS}


@allow("signed_in")
def show_form() -> str:
    """The form for one's own words. ``use`` is sell, buy, pest, ask, or the code of another kind of post."""
    text = ""
    with reading() as rows:
        if (again := forms.number("again")) and (post := board.find_post(rows, again)) is not None:
            text = post.text if post.account_id == actor().account_id else ""
        elif (
            (like := forms.number("like"))
            and (post := board.find_post(rows, like)) is not None
            and board.is_public(post)
        ):
            text = board.title(post)
    return _form(_use(request.args.get("use", "sell")), text, "", new_id())


@allow("signed_in")
def send() -> Response | tuple[str, int]:
    """Put the words on record and act on them."""
    use, once = _use(request.form.get("use", "sell")), _once()
    try:
        text = forms.words("text", most=LONGEST)
        photo = forms.photo() if use == "ask" else None
    except Invalid as refusal:
        return _form(use, request.form.get("text", ""), _(refusal.sentence, **refusal.values), once), 422
    if not text:
        return _form(use, "", _("Please write something: a few words will do."), once), 422
    incoming = _incoming(actor(), text, once)
    if use in _USES:
        accepted = inside().accept(replace(incoming, text=_with_wish(use, text)))
        if use == "ask" and accepted.case_id:
            with writing() as rows:
                advice.add_to(
                    rows, case_id=accepted.case_id, account_id=actor().account_id, board=forms.ticked("board"), photo=photo,
                    now=now(),
                )  # fmt: skip
    else:
        with writing() as rows:
            accepted = listings.draft_listing(
                rows,
                incoming=incoming,
                kind=use,
                understand=inside().understand,
                settings=settings(),
                now=now(),
            )
    return redirect(f"/me/said/{accepted.inbound_id}", 303)


@allow("signed_in")
def answer(code: str) -> Response:
    """Answer an open question by a button (1 to 4, yes, no), or by words where words were asked for."""
    if not _CODE.fullmatch(code):
        raise Absent
    said = forms.words("words", most=LONGEST)
    reply = _REPLIES.get(request.form.get("reply") or request.form.get("answer", ""), "")
    who, once = actor(), _once()
    with reading() as rows:
        state = farmer.state_of(rows, who.account_id, code, ref=_ref(who, once))
    if state is None:
        raise Absent
    if state == "closed":
        raise Conflict("answered", "You have answered this already. Thank you.")
    if not reply and not said:
        raise Invalid("no_answer", "Please choose one of the answers.")
    coded = bool(reply) or request.form.get("coded") == "1"
    text = f"{reply or said} {code}" if coded else said
    accepted = inside().accept(_incoming(who, text, once))
    return redirect(f"/me/said/{accepted.inbound_id}", 303)


@allow("signed_in")
def show_said(inbound_id: str) -> str:
    """What was said, what we answered, and what is asked now."""
    language = current_language()
    with reading() as rows:
        account = rows.get_one(Account, actor().account_id)
        said = farmer.said(rows, account, inbound_id)
        if said is None:
            raise Absent
        asked = (
            farmer.question_of(rows, account, said.question_id, language=language)
            if said.question_id
            else None
        )
        return render_template(
            "farmer/said.html",
            said=said,
            words=_plain(said.words, language),
            question=question(asked) if asked else None,
            post_id=said.post_id,
            rest=len(
                [
                    one
                    for one in farmer.waiting(rows, account, language=language)
                    if asked is None or one.id != asked.id
                ]
            ),
        )


def _use(use: str) -> str:
    """A use of the form that exists here; ``Absent`` for any other."""
    if use in _USES:
        if use in _MODULES and not settings().has(_MODULES[use]):
            raise Absent
        return use
    with reading() as rows:
        if any(kind.code == use and kind.text_only for kind in board.kinds(rows)):
            return use
    raise Absent


def _with_wish(use: str, text: str) -> str:
    """The words, led by the wish of the form where they do not say it themselves."""
    intent, word = _USES[use]
    return text if inside().understand(text).intent == intent else f"{word} {text}"


def _incoming(who: Actor, text: str, once: str) -> Incoming:
    return Incoming(
        channel=Channel.WEB,
        gateway="web",
        ref=_ref(who, once),
        sender="",
        account_id=who.account_id,
        text=text,
        raw=text,
        received_at=now(),
    )


def _ref(who: Actor, once: str) -> str:
    """The message's id: nobody's mark can meet somebody else's message."""
    return f"{who.account_id}:{once}"


def _once() -> str:
    given = request.form.get("once") or request.args.get("once", "")
    return given if _ONCE.fullmatch(given) else new_id()


def _form(use: str, text: str, error: str, once: str) -> str:
    language = current_language()
    with reading() as rows:
        kinds = board.kinds(rows)
        kind = next((one for one in kinds if one.code == use), None)
        return render_template(
            "farmer/write.html",
            use=use,
            kind=kind.name(language) if kind else "",
            text=text,
            error=error,
            once=once,
            kinds=[(one.code, one.name(language)) for one in kinds if one.text_only and one.code != use],
        )


def _plain(words: str, language: str) -> str:
    """A bare answer ("1 A12") says nothing to its reader later; other words stay as they were written."""
    pressed = re.fullmatch(r"([1-4]) [A-Z]\d\d", words)
    return _("Key {key}", key=pressed[1]) if pressed and language else words
