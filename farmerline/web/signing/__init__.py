"""Coming and going: sign-in, sign-out, password, second factor, and the farmer's session at a shared computer."""

from __future__ import annotations

from flask import Blueprint
from flask_limiter import Limiter

from farmerline.web import limits
from farmerline.web.signing import card, entrance, secrets, shared


def blueprint(limiter: Limiter) -> Blueprint:
    """The pages of this folder."""
    pages = Blueprint("signing", __name__)
    pages.add_url_rule("/signin", "sign_in", entrance.show)
    check = limiter.limit(limits.SIGN_IN, methods=["POST"])(entrance.check)
    pages.add_url_rule("/signin", "check", check, methods=["POST"])
    pages.add_url_rule("/signout", "sign_out", entrance.leave, methods=["POST"])
    pages.add_url_rule("/me/password", "change_password", secrets.show_password)
    pages.add_url_rule("/me/password", "store_password", secrets.store_password, methods=["POST"])
    pages.add_url_rule("/second-factor", "second_factor", secrets.show_factor)
    pages.add_url_rule("/second-factor", "store_factor", secrets.store_factor, methods=["POST"])
    pages.add_url_rule("/me/card", "code_card", card.show_card)
    pages.add_url_rule("/me/card", "make_card", card.make_card, methods=["POST"])
    pages.add_url_rule("/shared/start", "start_shared", shared.start, methods=["POST"])
    pages.add_url_rule("/shared/end", "end_shared", shared.end, methods=["POST"])
    pages.add_url_rule("/shared/over", "shared_over", shared.over)
    pages.add_url_rule("/shared/still", "shared_still", shared.still, methods=["POST"])
    return pages
