"""A person's own post: how far it is, whom it was matched with, and what they do with it."""

from __future__ import annotations

from flask import redirect, render_template
from werkzeug.wrappers import Response

from farmerline.domain import Account, own_posts
from farmerline.errors import Conflict
from farmerline.queries import board, farmer
from farmerline.web import frame
from farmerline.web.doors import actor, allow, now, reading, settings, writing
from farmerline.web.farmer.shown import life_steps, own_row, question
from farmerline.web.forms import words
from farmerline.web.language import current_language


@allow("signed_in")
def show(post_id: str) -> str:
    """One's own post; anybody else's is not here."""
    with reading() as rows:
        account = rows.get_one(Account, actor().account_id)
        post = own_posts.own(rows, account, post_id)
        asked = [
            one
            for one in farmer.waiting(rows, account, language=current_language())
            if one.post_id == post_id
        ]
        return render_template(
            "farmer/post.html",
            row=own_row(farmer.own_post(rows, account, post, now=now()), board.kinds(rows)),
            questions=[question(one) for one in asked],
            history=life_steps(farmer.history(rows, post)),
        )


@allow("signed_in")
def finish(post_id: str) -> Response:
    with writing() as rows:
        own_posts.finish(rows, rows.get_one(Account, actor().account_id), post_id, now=now())
    frame.done("It is done and no longer on the board. Thank you for telling us.")
    return redirect("/me", 303)


@allow("signed_in")
def take_down(post_id: str) -> Response:
    with writing() as rows:
        own_posts.take_down(rows, rows.get_one(Account, actor().account_id), post_id, now=now())
    frame.done("It is taken down. Nobody sees it any more.")
    return redirect("/me", 303)


@allow("signed_in")
def keep(post_id: str) -> Response:
    try:
        with writing() as rows:
            own_posts.keep(
                rows, rows.get_one(Account, actor().account_id), post_id, settings=settings(), now=now()
            )
    except Conflict as refusal:
        frame.wrong(refusal.sentence, **refusal.values)
        return redirect(f"/me/posts/{post_id}", 303)
    frame.done("It stays: its days begin anew.")
    return redirect(f"/me/posts/{post_id}", 303)


@allow("signed_in")
def appeal(post_id: str) -> Response:
    """One does not agree that a post is held or was taken down."""
    try:
        with writing() as rows:
            own_posts.appeal(
                rows,
                rows.get_one(Account, actor().account_id),
                post_id,
                words=words("words", most=200),
                now=now(),
            )
    except Conflict as refusal:
        frame.wrong(refusal.sentence, **refusal.values)
        return redirect(f"/me/posts/{post_id}", 303)
    frame.done("Your appeal is with the county office. You are told within two working days.")
    return redirect(f"/me/posts/{post_id}", 303)
