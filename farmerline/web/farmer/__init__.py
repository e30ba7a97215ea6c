"""A farmer's own pages: what waits for an answer, writing a post, own posts, letters, what is received."""

from __future__ import annotations

from flask import Blueprint

from farmerline.web.farmer import choices, exchange, home, letters, posts


def blueprint() -> Blueprint:
    """The pages of this folder."""
    pages = Blueprint("farmer", __name__, url_prefix="/me")
    for address, name, view, methods in (
        ("", "home", home.show, ("GET",)),
        ("/write", "write", exchange.show_form, ("GET",)),
        ("/write", "send", exchange.send, ("POST",)),
        ("/answer/<code>", "answer", exchange.answer, ("POST",)),
        ("/said/<id:inbound_id>", "said", exchange.show_said, ("GET",)),
        ("/posts/<id:post_id>", "post", posts.show, ("GET",)),
        ("/posts/<id:post_id>/finish", "finish", posts.finish, ("POST",)),
        ("/posts/<id:post_id>/down", "take_down", posts.take_down, ("POST",)),
        ("/posts/<id:post_id>/keep", "keep", posts.keep, ("POST",)),
        ("/letters", "letters", letters.show_list, ("GET",)),
        ("/letters", "send_letter", letters.send, ("POST",)),
        ("/letters/new", "new_letter", letters.show_form, ("GET",)),
        ("/letters/<id:thread_id>", "thread", letters.show_thread, ("GET",)),
        ("/letters/<id:thread_id>", "reply", letters.reply, ("POST",)),
        ("/letters/<id:thread_id>/hide", "hide", letters.hide, ("POST",)),
        ("/data", "data", choices.show, ("GET",)),
        ("/data", "store_data", choices.store, ("POST",)),
        ("/data/sessions", "end_sessions", choices.end_sessions, ("POST",)),
    ):
        pages.add_url_rule(address, name, view, methods=list(methods))
    return pages
