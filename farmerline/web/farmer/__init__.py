"""A farmer's own pages: what waits for an answer, alerts, writing a post, own posts, letters, what is received."""

from __future__ import annotations

from flask import Blueprint

from farmerline.web.farmer import (
    alerts,
    bureau,
    choices,
    copies,
    deals,
    exchange,
    groups,
    home,
    items,
    letters,
    posts,
    sightings,
    subscriptions,
    surveys,
)


def blueprint() -> Blueprint:
    """The pages of this folder."""
    pages = Blueprint("farmer", __name__, url_prefix="/me")
    for address, name, view, methods in (
        ("", "home", home.show, ("GET",)),
        ("/write", "write", exchange.show_form, ("GET",)),
        ("/write", "send", exchange.send, ("POST",)),
        ("/answer/<code>", "answer", exchange.answer, ("POST",)),
        ("/said/<id:inbound_id>", "said", exchange.show_said, ("GET",)),
        ("/alerts/<id:alert_id>/understood", "understand", alerts.understand, ("POST",)),
        ("/alerts/<id:alert_id>/not-mine", "refuse", alerts.refuse, ("POST",)),
        ("/posts/<id:post_id>", "post", posts.show, ("GET",)),
        ("/posts/<id:post_id>/finish", "finish", posts.finish, ("POST",)),
        ("/posts/<id:post_id>/down", "take_down", posts.take_down, ("POST",)),
        ("/posts/<id:post_id>/keep", "keep", posts.keep, ("POST",)),
        ("/posts/<id:post_id>/appeal", "appeal", posts.appeal, ("POST",)),
        ("/deals", "deals", deals.show_list, ("GET",)),
        ("/deals.csv", "deals_file", deals.download, ("GET",)),
        ("/deals/<number:deal_number>", "deal", deals.show_one, ("GET",)),
        ("/deals/<number:deal_number>", "correct_deal", deals.correct, ("POST",)),
        ("/deals/<number:deal_number>.pdf", "deal_slip", deals.print_slip, ("GET",)),
        ("/sightings/new", "new_sighting", sightings.show_form, ("GET",)),
        ("/sightings", "send_sighting", sightings.send, ("POST",)),
        ("/sightings/<number:number>", "sighting", sightings.show, ("GET",)),
        ("/photos/<id:photo_id>.jpg", "photo", sightings.show_photo, ("GET",)),
        ("/surveys/<id:question_id>", "change_answer", surveys.change, ("POST",)),
        ("/letters", "letters", letters.show_list, ("GET",)),
        ("/letters", "send_letter", letters.send, ("POST",)),
        ("/letters/new", "new_letter", letters.show_form, ("GET",)),
        ("/letters/search", "search_letters", letters.show_search, ("GET",)),
        ("/letters/search", "find_letters", letters.search, ("POST",)),
        ("/letters/spoken/<id:letter_id>.wav", "hear_letter", letters.play, ("GET",)),
        ("/letters/<id:thread_id>", "thread", letters.show_thread, ("GET",)),
        ("/letters/<id:thread_id>", "reply", letters.reply, ("POST",)),
        ("/letters/<id:thread_id>/hide", "hide", letters.hide, ("POST",)),
        ("/groups", "groups", groups.show_list, ("GET",)),
        ("/groups", "found_group", groups.found, ("POST",)),
        ("/groups/<id:group_id>", "group", groups.show_one, ("GET",)),
        ("/groups/<id:group_id>/ask", "ask_into_group", groups.ask, ("POST",)),
        ("/groups/<id:group_id>/letters", "write_to_group", groups.write, ("POST",)),
        ("/groups/<id:group_id>/letters/<id:campaign_id>", "group_letter", groups.show_letter, ("GET",)),
        ("/groups/<id:group_id>/remove", "remove_from_group", groups.remove, ("POST",)),
        ("/groups/<id:group_id>/leave", "leave_group", groups.leave, ("POST",)),
        ("/groups/<id:group_id>/end", "end_group", groups.end, ("POST",)),
        ("/bureau", "bureau", bureau.show, ("GET",)),
        ("/bureau", "send_to_bureau", bureau.send, ("POST",)),
        ("/subscriptions", "subscriptions", subscriptions.show, ("GET",)),
        ("/subscriptions", "subscribe", subscriptions.add, ("POST",)),
        ("/subscriptions/<id:subscription_id>/end", "unsubscribe", subscriptions.end, ("POST",)),
        ("/subscriptions/<id:subscription_id>/again", "resubscribe", subscriptions.take_back, ("POST",)),
        ("/items", "items", items.show, ("GET",)),
        ("/items", "send_item", items.send, ("POST",)),
        ("/items/still/<id:unit_id>", "still_liaison", items.confirm, ("POST",)),
        ("/recordings/<id:recording_id>.wav", "own_recording", choices.play, ("GET",)),
        ("/data", "data", choices.show, ("GET",)),
        ("/data", "store_data", choices.store, ("POST",)),
        ("/data/email", "ask_email", copies.ask, ("POST",)),
        ("/data/email/code", "confirm_email", copies.confirm, ("POST",)),
        ("/data/email/end", "end_email", copies.end, ("POST",)),
        ("/data/sessions", "end_sessions", choices.end_sessions, ("POST",)),
    ):
        pages.add_url_rule(address, name, view, methods=list(methods))
    return pages
