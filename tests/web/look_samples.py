"""Sample pages for the tests of the look: the people, numbers and prices are invented."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from types import SimpleNamespace as Values
from typing import Any

from flask import Flask, render_template
from jinja2 import ChoiceLoader, FileSystemLoader

from farmerline import web
from farmerline.clock import local
from farmerline.domain.seasons import farm_year
from farmerline.web import format as words_of_values
from farmerline.web import language
from farmerline.web.language import _

NOW = datetime(2026, 10, 12, 1, 46, tzinfo=UTC)
LINE = "0574-0000-2169"


def make_app() -> Flask:
    """Flask with the templates and nothing else: one address a sample page."""
    app = Flask("look", root_path=str(Path(web.__file__).parent))
    language.install(app)
    words_of_values.install(app)
    for name in (*PAGES, "evil"):
        app.add_url_rule(f"/{name}", name, partial(render, name))
    assert app.jinja_env.loader is not None
    app.jinja_env.loader = ChoiceLoader([app.jinja_env.loader, FileSystemLoader(Path(__file__).parent)])
    return app


def render(name: str) -> str:
    template, make = ("error.html", evil) if name == "evil" else PAGES[name]
    return render_template(template, **{**frame(), "now": NOW, **make()})


def frame() -> dict[str, Any]:
    return {
        "service_name": "农信通达·慈溪",
        "bureau_name": "慈溪市农业农村局",
        "line_number": LINE,
        "year": farm_year(local(NOW).date()),
        "nav": [("/board", "供求", True), ("/ask", "问专家", False), ("/signin", "登录", False)],
    }


def board() -> dict[str, Any]:
    def post(
        kind: str, title: str, price: str, km: int | None, place: str, age: float, **more: Any
    ) -> Values:
        said = {"kind": kind, "title": title, "price": price, "distance_km": km, "place": place}
        person = {"who": "岑**", "who_kind": "大户", "verified": True, "channel": "sms"}
        ends = {"published_at": NOW - timedelta(days=age), "expires_at": NOW + timedelta(days=60 - age)}
        return Values(**{"tile": "", "note": "", "href": "/post", **said, **person, **ends, **more})

    posts = [
        post("offer", "夏黑葡萄苗，一年生，2000株", "3.2元/株", 12, "横河镇龙南村", 0.05),
        post("want", "要好葡萄苗，1500到2000株", "4元/株以内", 0, "庵东镇杨高村", 1, channel="voice"),
        post("offer", "阳光玫瑰嫁接苗，800株", "9元/株", 18, "周巷镇路北村", 2, note="苗木生产许可已看"),
        post("job", "招摘橘子的，20人", "160元/天", None, "坎墩街道三洋村", 9, tile="工", channel="contact"),
        post("want", "收葡萄扦插枝条，越多越好", "面议", 24, "双河村", 6, expires_at=NOW + timedelta(days=4)),
    ]
    leaf = Values(name="葡萄苗", href="", count=6, current=True, children=[])
    other = Values(name="杨梅苗", href="?product=yangmei", count=11, current=False, children=[])
    seedlings = Values(name="种苗", href="?product=s", count=52, current=False, children=[leaf, other])
    return {
        "open_count": 428,
        "new_today": 31,
        "heading": "葡萄苗",
        "found": 6,
        "chips": [("葡萄苗", "?far=30"), (_("within {n} km", n=30), "?product=grape")],
        "exact_href": "?q=grape&exact=1",
        "reckoned": True,
        "posts": posts,
        "post_href": "/signin",
        "newer_href": None,
        "older_href": "?page=2",
        "loosened": [],
        "feed_href": "/feed?product=grape",
        "wall_href": "/wall?product=grape",
        "search": Values(words="老手艺", kept=[("product", "grape-seedling")]),
        "filters": Values(
            kinds=[
                ("supply", "offer", "有人卖", True),
                ("demand", "want", "有人买", True),
                ("job", "", "用工", False),
            ],
            kept=[("product", "grape-seedling")],
            tree=[Values(name=_("All posts"), href="?", count=428, current=False, children=[seedlings])],
            form="",
            forms=[],
            places=[("", [("", _("Everywhere"))]), (_("Our county"), [("330282", "慈溪市")])],
            place="330282",
            fars=[("", _("Only there")), ("30", _("within {n} km", n=30))],
            far="30",
            low="2",
            high="",
            units=[("株", "株"), ("斤", "斤")],
            unit="株",
            dayss=[("1", "今天"), ("10", "10天"), ("", "都看")],
            days="10",
            sorts=[("", _("The newest first")), ("nearest", _("The nearest first"))],
            sort="",
        ),
    }


def post(**more: Any) -> dict[str, Any]:
    shown = Values(
        kind="offer",
        tile="",
        number=2614,
        title="夏黑葡萄苗，一年生，2000株",
        price="3.2元/株",
        published_at=NOW - timedelta(hours=1),
        expires_at=NOW + timedelta(days=60),
        who="岑**",
        said="夏黑苗，一年的，根好，2000株，一株3块2，来地里看，开春前起苗。",
        said_note="原话，8:40用短信发来。发出前他回了1，同意这样写。",
        facts=[("品种", "夏黑，一年生扦插苗"), ("数量", "2000株，可以拆开卖"), ("在哪里", "横河镇龙南村")],
        over="",
    )
    match = Values(
        is_offer=False,
        wants="要好葡萄苗，1500到2000株",
        reasons=[
            ("", "都是葡萄苗", "不是葡萄，不是架子"),
            ("", "数量够", "他有2000，您要1500起"),
            ("", "价合适", "比您说的便宜0.8元"),
            ("near", "12公里", "隔一个镇"),
            ("", "新", "今天早上发的"),
        ],
        code="A12",
        action="/match",
        answered="",
        one_yes=False,
    )
    trail = [(_("Supply and demand"), "/board"), ("种苗", "/board"), ("葡萄苗", "/board")]
    advice = ["先看苗再付钱。有人保证高价回收、要您先交定金，打电话按0告诉我们。"]
    return {"trail": trail, "post": shown, "match": match, "advice": advice, **more}


def evil() -> dict[str, Any]:
    return {
        "kept": EVIL,
        "sign": EVIL,
        "refusal": EVIL,
        "line_number": EVIL,
        "me": Values(name=EVIL, desk=False),
    }


EVIL = "<script>alert(1)</script>{0}"
FARMER = Values(name="杨永根", place="杨高村", role="", desk=False)
DESK = Values(name="岑美芳", place="杨高村联络点", role="联络员", desk=True)
SELLER = Values(name="岑利民", number="13600003308")
SHARED = Values(name="杨永根", minutes=3, end_href="/shared/end")

PAGES: dict[str, tuple[str, Any]] = {
    "board": ("public/board.html", board),
    "board-none": ("public/board.html", lambda: {**board(), "posts": [], "found": 0}),
    "post": ("public/post.html", lambda: post(me=FARMER)),
    "post-stranger": ("public/post.html", lambda: post(match=None, sign_in_href="/signin")),
    "post-phone": ("public/post.html", lambda: post(phone=SELLER, shared=SHARED)),
    "signin": ("signin.html", lambda: {"phone": "", "errors": [], "next": "/me"}),
    "signin-wrong": (
        "signin.html",
        lambda: {
            "phone": "1380000552",
            "errors": [("phone", "少一位，请再看一遍"), ("", "再错3次要等一会儿")],
            "ask_code": True,
            "contact_href": "/contacts",
        },
    ),
    "error": (
        "error.html",
        lambda: {
            "status": 500,
            "kept": "西兰花，三千来斤，1块4一斤，杨高村，13号割",
            "kept_tile": "offer",
            "retry": Values(action="/post", fields={"text": "西兰花"}),
            "sign": "7K3",
        },
    ),
    "error-404": ("error.html", lambda: {"status": 404}),
    "empty": ("public/empty.html", lambda: {"me": FARMER, "post_href": "/new", "board_href": "/board"}),
    "about-data": ("public/about_data.html", dict),
    "desk": ("public/empty.html", lambda: {"me": DESK, "post_href": "/new", "board_href": "/board"}),
    "parts": ("look_parts.html", dict),
}
NAMES = tuple(PAGES)
