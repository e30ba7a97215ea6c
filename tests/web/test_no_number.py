"""No page that everybody may read shows anybody's number, whatever its owner wrote."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import urljoin, urlsplit

from farmerline.models import Account, Role
from tests.factories import YANGGAO
from tests.service import Service

_LINKS = re.compile(r"(?:href|src)=\"([^\"#]+)|<link>([^<]+)</link>")
_PHONE = re.compile(r"(?<![0-9A-Fa-f])1[3-9]\d{9}(?![0-9A-Fa-f])")
_CHINESE = str.maketrans("零〇一二三四五六七八九幺", "001234567891")
_FIRST = ["/", "/posts", "/feed", "/wall", "/daily", "/about-data", "/signin", "/?q=葡萄苗", "/feed?q=葡萄苗"]
_MOST = 120


def written(number: str) -> list[str]:
    """The ways in which people write their number where they should not."""
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in number)
    spoken = "".join("零一二三四五六七八九"[int(digit)] for digit in number)
    return [
        number,
        wide,
        spoken,
        " ".join(number),
        f"{number[:3]}-{number[3:7]}-{number[7:]}",
        f"微信{number}",
    ]


def pages(service: Service, who: Account | None) -> dict[str, str]:
    """Everything that can be reached by links from the public pages, as this reader sees it."""
    browser, waiting = service.client(who), list(_FIRST)
    found: dict[str, str] = {}
    while waiting and len(found) < _MOST:
        address = waiting.pop(0)
        if address in found:
            continue
        answer = browser.get(address)
        found[address] = (
            answer.get_data(as_text=True)
            if str(answer.mimetype).startswith(("text/", "application/"))
            else ""
        )
        for groups in _LINKS.findall(found[address]):
            target = urlsplit(
                urljoin(f"http://localhost{address}", (groups[0] or groups[1]).replace("&amp;", "&"))
            )
            inside = target.netloc in ("", "localhost") and target.path.startswith(
                ("/posts", "/feed", "/wall", "/daily", "/?", "/about")
            )
            if inside or target.path == "/":
                waiting.append(target.path + (f"?{target.query}" if target.query else ""))
    return found


def test_no_public_page_leaks_a_number(service: Service) -> None:
    service.staff(Role.CONTACT, YANGGAO, "岑美芳")
    buyer, passer_by = service.person("陈小梅", reviewed=True), service.person("马小青", reviewed=True)
    sellers = [
        service.person(name, reviewed=True) for name in ("杨永根", "岑利民", "沈桂香", "罗一", "王二", "李三")
    ]
    for place, seller in enumerate(sellers):
        number = str(seller.phone).removeprefix("+86")
        way = written(number)[place]
        service.publish(seller, f"卖 葡萄苗 {2000 + place}株 3元/株 电话{way}", share_phone=place % 2 == 0)
    asked = service.text(buyer, "求购 葡萄苗 500株 4元/株")
    service.text(buyer, f"1{asked.question_code}")
    people = [*sellers, buyer, passer_by]
    digits = [str(person.phone).removeprefix("+86") for person in people]
    for reader in (None, passer_by):
        shown = pages(service, reader)
        assert {"/", "/posts", "/feed", "/wall"} <= {urlsplit(one).path for one in shown}
        assert sum(one.startswith("/posts/") for one in shown) >= len(sellers)
        for address, text in shown.items():
            plain = unicodedata.normalize("NFKC", text).translate(_CHINESE)
            packed = re.sub(r"[\s\-.,_]", "", plain)
            assert not any(number in packed for number in digits), address
            assert not _PHONE.search(plain), (address, _PHONE.search(plain))
            assert "杨永根" not in text or address.startswith("/me"), address
