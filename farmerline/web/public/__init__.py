"""What everybody sees: the board, a post, what is kept of a person, and whether the service is well."""

from __future__ import annotations

from flask import Blueprint

from farmerline.web.public import (
    about,
    articles,
    board,
    daily,
    deals,
    feed,
    figures,
    health,
    letters,
    links,
    mail,
    post,
    prices,
    questions,
    wall,
)


def blueprint() -> Blueprint:
    """The pages of this folder."""
    pages = Blueprint("public", __name__)
    pages.add_url_rule("/", "board", board.show)
    pages.add_url_rule("/posts", "posts", board.show)
    pages.add_url_rule("/posts/<number:number>", "post", post.show)
    pages.add_url_rule("/articles", "articles", articles.show_list)
    pages.add_url_rule("/articles/<number:number>", "article", articles.show_one)
    pages.add_url_rule("/articles/<number:number>/photo.jpg", "article_photo", articles.show_photo)
    pages.add_url_rule("/prices", "prices", prices.show_list)
    pages.add_url_rule("/prices/<id:good_id>", "price", prices.show_one)
    pages.add_url_rule("/prices/<id:good_id>.csv", "price_file", prices.download)
    pages.add_url_rule("/links", "links", links.show)
    pages.add_url_rule("/questions", "questions", questions.show)
    pages.add_url_rule("/letters", "letters", letters.show)
    pages.add_url_rule("/feed", "feed", feed.show)
    pages.add_url_rule("/wall", "wall", wall.show)
    pages.add_url_rule("/daily", "daily", daily.show)
    pages.add_url_rule("/deals", "deals", deals.show)
    pages.add_url_rule("/figures", "figures", figures.show)
    pages.add_url_rule("/about-data", "about_data", about.show)
    pages.add_url_rule("/stop-mail/<id:delivery_id>/<id:key>", "stop_mail", mail.show)
    pages.add_url_rule("/stop-mail/<id:delivery_id>/<id:key>", "end_mail", mail.end, methods=["POST"])
    pages.add_url_rule("/healthz", "health", health.show)
    return pages
