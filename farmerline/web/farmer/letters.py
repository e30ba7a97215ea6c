"""Letters between real-name people: list, read, write, answer, hide."""

from __future__ import annotations

from flask import redirect, render_template, request
from werkzeug.wrappers import Response

from farmerline.config import Module
from farmerline.domain import Account, mailbox
from farmerline.errors import Absent, Invalid
from farmerline.queries import letter_search, letters, own_alerts
from farmerline.web import forms, frame
from farmerline.web.doors import actor, allow, now, reading, settings, writing
from farmerline.web.language import _
from farmerline.web.sounds import send_recording

LONGEST = mailbox.LONGEST


@allow("signed_in", module=Module.MAILBOX)
def show_list() -> str:
    with reading() as rows:
        account = rows.get_one(Account, actor().account_id)
        alerts = own_alerts.received(rows, account, now=now()) if settings().has(Module.ALERTS) else []
        return render_template(
            "farmer/letters.html", threads=letters.threads(rows, account), alerts=alerts,
            unread=mailbox.count_unread(rows, account),
        )  # fmt: skip


@allow("signed_in", module=Module.MAILBOX)
def show_search() -> str:
    return render_template("farmer/find_letters.html", said="", found=None, most=letter_search.NEWEST)


@allow("signed_in", module=Module.MAILBOX)
def search() -> str:
    """Look through one's own letters. The words are posted, so that no address, and no browser's history, holds them."""
    said = forms.typed("words", most=40)
    with reading() as rows:
        found = letter_search.search(rows, rows.get_one(Account, actor().account_id), said) if said else None
    return render_template("farmer/find_letters.html", said=said, found=found, most=letter_search.NEWEST)


@allow("signed_in", module=Module.MAILBOX)
def show_thread(thread_id: str) -> str:
    """Read a correspondence: from now on it counts as read."""
    with writing() as rows:
        account = rows.get_one(Account, actor().account_id)
        thread = letters.thread(rows, account, thread_id, now=now())
    return render_template("farmer/thread.html", thread=thread, body="", error="")


@allow("signed_in", module=Module.MAILBOX)
def play(letter_id: str) -> Response:
    """What was spoken in a letter, for its two people alone."""
    with reading() as rows:
        recording_id = letters.recording(rows, rows.get_one(Account, actor().account_id), letter_id)
    return send_recording(recording_id)


@allow("signed_in", module=Module.MAILBOX)
def reply(thread_id: str) -> Response | tuple[str, int]:
    """Answer the newest letter of a correspondence."""
    error = ""
    try:
        body = forms.words("body", most=LONGEST)
        with writing() as rows:
            account = rows.get_one(Account, actor().account_id)
            last = letters.last_letter(rows, account, thread_id)
            other = rows.get_one(Account, last.from_id if last.to_id == account.id else last.to_id)
            if not letters.is_repeat(rows, account, body, to=other, now=now()):
                mailbox.send(
                    rows, sender=account, to=other, body=body, channel="web", now=now(), reply_to=last
                )
    except Invalid as refusal:
        error = _(refusal.sentence, **refusal.values)
    if error:
        with reading() as rows:
            thread = letters.thread(rows, rows.get_one(Account, actor().account_id), thread_id, now=None)
        return render_template(
            "farmer/thread.html", thread=thread, body=request.form.get("body", ""), error=error
        ), 422
    frame.done("Your letter is sent.")
    return redirect(f"/me/letters/{thread_id}", 303)


@allow("signed_in", module=Module.MAILBOX)
def show_form() -> str:
    """Find somebody of one's own town, or write to whose post it is."""
    to_id, number = forms.typed("to", most=40), _number(request.args.get("post", ""))
    said = forms.typed("name", most=30)
    with reading() as rows:
        account = rows.get_one(Account, actor().account_id)
        if to_id or number:
            return _form(letters.reader(rows, account, to_id=to_id, number=number)[1], number)
        return render_template("farmer/find_reader.html", said=said, found=letters.find(rows, account, said))


@allow("signed_in", module=Module.MAILBOX)
def send() -> Response | tuple[str, int]:
    """Send a first letter."""
    to_id, number = forms.typed("to", most=40), _number(request.form.get("post", ""))
    try:
        body, subject = forms.words("body", most=LONGEST), forms.typed("subject", most=LONGEST)
        with writing() as rows:
            account = rows.get_one(Account, actor().account_id)
            other, _reader, post = letters.reader(rows, account, to_id=to_id, number=number)
            if not letters.is_repeat(rows, account, body, to=other, now=now()):
                mailbox.send(
                    rows,
                    sender=account,
                    to=other,
                    body=body,
                    subject=subject,
                    channel="web",
                    now=now(),
                    post=post,
                )
    except Invalid as refusal:
        with reading() as rows:
            shown = letters.reader(
                rows, rows.get_one(Account, actor().account_id), to_id=to_id, number=number
            )[1]
        return _form(shown, number, error=_(refusal.sentence, **refusal.values)), 422
    frame.done("Your letter is sent.")
    return redirect("/me/letters", 303)


@allow("signed_in", module=Module.MAILBOX)
def hide(thread_id: str) -> Response:
    """Take a correspondence off one's own list; the record stays."""
    with writing() as rows:
        mailbox.hide_thread(rows, rows.get_one(Account, actor().account_id), thread_id, now=now())
    frame.done("It is off your list. The record of it stays.")
    return redirect("/me/letters", 303)


def _form(reader: letters.Reader, number: int, error: str = "") -> str:
    return render_template(
        "farmer/new_letter.html",
        reader=reader,
        number=number,
        error=error,
        body=request.form.get("body", ""),
        subject=request.form.get("subject", ""),
    )


def _number(said: str) -> int:
    """A post's number; 0 where none is given, ``Absent`` for anything else."""
    if not said:
        return 0
    if not said.isdecimal() or len(said) > 9 or said == "0":
        raise Absent
    return int(said)
