"""The page for a day without a line: made at night, taken along as a file, its entries brought up once."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select

from farmerline.domain import pack_entries, pack_file
from farmerline.models import (
    Account,
    AuditRow,
    Inbound,
    PackEntry,
    PackState,
    Role,
    ServiceEntry,
    Settled,
    Sighting,
    VillagePack,
)
from farmerline.render.village_pack import LARGEST, Page, Person, Warned, to_html
from jobs import packs
from tests import factories
from tests.service import Service
from tests.web.issued import issue, line

if TYPE_CHECKING:
    from playwright.sync_api import Page as Page_

Sent = list[dict[str, Any]]


def bring(service: Service, contact: Account, entries: Sent | str, village: str = factories.YANGGAO) -> Any:
    """Upload entries as the pack's file."""
    head = json.dumps({"pack": village, "made": "2026-11-20T01:30"})
    body = (
        entries
        if isinstance(entries, str)
        else "\n".join(json.dumps(one, ensure_ascii=False) for one in entries)
    )
    browser = service.client(contact)
    return service.post(browser, "/desk/pack", file=(io.BytesIO(f"{head}\n{body}\n".encode()), "pack.txt"))


def entry(kind: str, person: Account | None = None, key: str = "", **said: str) -> dict[str, str]:
    return {
        "key": key or f"k-{kind}-1",
        "kind": kind,
        **({"person": person.id, "name": person.name} if person else {}),
        "at": "2026-11-20T08:10+08:00",
        **said,
    }


def states(service: Service) -> dict[str, PackState]:
    with service.rows() as rows:
        return {row.key: row.state for row in rows.scalars(select(PackEntry))}


def test_a_village_has_one_small_page_that_needs_no_line(service: Service) -> None:
    contact = service.staff(Role.CONTACT, factories.YANGGAO, "杨联络")
    farmer = service.person("杨大山")
    alert = issue(service, [farmer])
    service.publish(service.person("杨永根"), "卖葡萄苗2000株 3元一株 杨高村")
    assert packs.make(service.runtime.context) == 1
    assert packs.make(service.runtime.context) == 0  # one a night
    page = service.client(contact).get(f"/desk/pack/{factories.YANGGAO}.html")
    assert page.status_code == 200 and "attachment" in page.headers["Content-Disposition"]
    assert len(page.data) <= LARGEST
    text = page.text
    for there in ("杨大山", "稻飞虱", "葡萄苗", alert.id, "<table>", "noscript"):
        assert there in text, there
    assert str(farmer.phone) not in text  # numbers are masked
    for fetched in ('src="', "@import", "url(", "<link"):
        assert fetched not in text, fetched
    with service.rows() as rows:
        sealed = rows.scalars(select(VillagePack.page_sealed)).one()
        assert "杨大山".encode() not in sealed


def test_a_village_of_thousands_still_fits(service: Service) -> None:
    people = [Person(f"{n:032x}", f"杨{n}" * 8, "关机了" * 20) for n in range(3000)]
    page = packs.compose(
        packs.Found(factories.YANGGAO, "杨高村", (), (), (), ()),
        settings=service.settings,
        language="zh",
        now=service.now,
    )
    big = Page(**{**{name: getattr(page, name) for name in Page.__slots__}, "people": people,
                  "alerts": [Warned("1" * 32, "头", "话", "字" * 4000, people)] * 4, "posts": ["卖葡萄" * 60] * 900,
                  "news": [("题", "文" * 4000)] * 6})  # fmt: skip
    assert len(to_html(big)) <= LARGEST


def test_what_was_noted_goes_up_in_one_file_and_twice_does_no_harm(service: Service) -> None:
    contact = service.staff(Role.CONTACT, factories.YANGGAO, "杨联络")
    farmer = service.person("杨大山")
    alert = issue(service, [farmer])
    sent = [
        entry("post", farmer, text="卖葡萄苗2000株 3元一株"),
        entry("sighting", farmer, text="叶子上有虫", crop="水稻", in_ten="4", days="3"),
        entry("visit", farmer, alert=alert.id),
        entry("service", what="taught"),
    ]
    for _ in range(2):
        assert bring(service, contact, sent).status_code == 303
    assert set(states(service).values()) == {PackState.DONE}
    with service.rows() as rows:
        assert (
            rows.scalar(select(func.count()).select_from(Inbound).where(Inbound.operator_id == contact.id))
            == 2
        )
        assert rows.scalar(select(func.count()).select_from(Sighting)) == 1
        assert rows.scalars(select(ServiceEntry)).one().kind == "taught"
    told = line(service, alert, farmer)
    assert told.settled is Settled.TOLD and told.settled_by == contact.id
    page = service.client(contact).get("/desk/pack").text
    assert "他手机上会收到" in page and "当面告诉" in page


def test_an_upload_that_broke_off_is_finished_by_the_next(service: Service) -> None:
    contact, farmer = service.staff(Role.CONTACT, factories.YANGGAO, "杨联络"), service.person("杨大山")
    whole = json.dumps(entry("post", farmer, text="卖葡萄苗2000株"), ensure_ascii=False)
    second = json.dumps(entry("service", what="read", key="k-later"))
    bring(service, contact, f"{whole}\n{second[:30]}")  # cut off in the second line
    assert sorted(states(service).values()) == [PackState.DONE, PackState.MEND]
    bring(service, contact, f"{whole}\n{second}")
    assert states(service)["k-later"] is PackState.DONE


@pytest.mark.browser
@pytest.mark.long
def test_what_is_noted_in_a_browser_without_a_line_comes_up_as_a_file(
    service: Service, page: Page_, tmp_path: Path
) -> None:
    contact = service.staff(Role.CONTACT, factories.YANGGAO, "杨联络")
    farmer = service.person("杨大山")
    alert = issue(service, [farmer])
    packs.make(service.runtime.context)
    taken = tmp_path / "pack.html"
    taken.write_bytes(service.client(contact).get(f"/desk/pack/{factories.YANGGAO}.html").data)
    page.goto(f"file://{taken}")
    page.click("button[data-kind=visit]")
    page.click("button[data-what=taught]")
    form = page.locator("form[data-kind=post]")
    form.locator("[name=name]").fill(page.locator("#people option").first.get_attribute("value") or "")
    form.locator("[name=text]").fill("卖葡萄苗2000株")
    form.locator("button").click()
    page.reload()  # it is still there
    assert page.locator("#kept li").count() == 3
    with page.expect_download() as stored:
        page.click("#store")
    file = tmp_path / "entries.txt"
    stored.value.save_as(file)
    browser = service.client(contact)
    service.post(browser, "/desk/pack", file=(io.BytesIO(file.read_bytes()), "entries.txt"))
    assert set(states(service).values()) == {PackState.DONE} and len(states(service)) == 3
    assert line(service, alert, farmer).settled is Settled.TOLD
    page.click("#clear")
    page.evaluate(
        "localStorage.setItem('farmerline-pack-' + document.body.getAttribute('data-village'), JSON.stringify("
        "[{key: 'old', at: '2020-01-01T08:00+08:00'}, {key: 'new', at: new Date().toISOString()}]))"
    )
    assert page.locator("#kept li").count() == 0 and page.locator("#clear").is_hidden()
    page.reload()  # what is older than 60 days goes by itself
    assert page.locator("#kept li").count() == 1


def test_what_cannot_be_used_is_kept_and_shown_to_be_mended(service: Service) -> None:
    contact = service.staff(Role.CONTACT, factories.YANGGAO, "杨联络")
    service.person("杨大山")
    broken = {
        "请选是谁说的": entry("post", key="k-1-nobody", text="卖葡萄苗2000株", name="无此人"),
        "看不出": entry("post", key="k-2-nothing", text="今天天气好", name="杨大山"),
        "选一下做了什么": entry("service", key="k-3-kind", what="dance"),
        "不在名单上": entry("visit", key="k-4-alert", name="杨大山", alert="0" * 32),
        "这一行看不懂": {"key": "k-5", "kind": "poem", "text": "床前明月光"},
    }
    bring(service, contact, list(broken.values()))
    assert list(states(service).values()) == [PackState.MEND] * 5
    page = service.client(contact).get("/desk/pack").text
    assert [why for why in broken if why not in page] == []
    assert "要改一改的有5条" in service.client(contact).get("/desk").text


def test_an_entry_is_mended_on_the_page_or_put_away(service: Service) -> None:
    contact, farmer = service.staff(Role.CONTACT, factories.YANGGAO, "杨联络"), service.person("杨大山")
    bring(service, contact, [entry("post", farmer, text="今天天气好"), entry("service", what="dance")])
    browser = service.client(contact)
    with service.rows() as rows:
        ids = {row.kind: row.id for row in rows.scalars(select(PackEntry))}
    said = {
        "kind": "post",
        "name": farmer.name,
        "was": farmer.name,
        "person": farmer.id,
        "text": "卖葡萄苗2000株",
    }
    service.post(browser, f"/desk/pack/{ids['post']}", page="/desk/pack", **said)
    service.post(browser, f"/desk/pack/{ids['service']}", page="/desk/pack", act="drop", kind="service")
    assert states(service) == {"k-post-1": PackState.DONE, "k-service-1": PackState.DROPPED}
    again = service.post(browser, f"/desk/pack/{ids['post']}", page="/desk/pack", **said)
    assert again.status_code == 409  # done is done
    with service.rows() as rows:
        acts = rows.scalars(select(AuditRow.act).where(AuditRow.act.in_(("pack.mend", "pack.drop"))))
        assert list(acts) == ["pack.mend", "pack.drop"]


def test_a_pack_of_another_village_is_refused_both_ways(service: Service) -> None:
    contact = service.staff(Role.CONTACT, factories.YANGGAO, "杨联络")
    stranger = service.person("沈阿大", area_code=factories.XINDONG)
    service.staff(Role.CONTACT, factories.XINDONG, "沈联络")
    packs.make(service.runtime.context)
    browser = service.client(contact)
    assert browser.get(f"/desk/pack/{factories.XINDONG}.html").status_code == 404
    refused = bring(service, contact, [entry("service", what="taught")], factories.XINDONG)
    assert refused.status_code == 422 and "别的村" in refused.text
    assert states(service) == {}
    bring(
        service, contact, [entry("post", stranger, text="卖葡萄苗2000株")]
    )  # our file, another village's person
    assert states(service) == {"k-post-1": PackState.MEND}
    with service.rows() as rows:
        entry_id = rows.scalars(select(PackEntry.id)).one()
    other = service.client(service.staff(Role.CONTACT, factories.SHUIXIANG, "水联络"))
    assert service.post(other, f"/desk/pack/{entry_id}", page="/desk/pack", act="drop").status_code == 404


def test_no_line_holds_up_the_others_and_a_village_that_is_none_is_refused(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    contact = service.staff(Role.CONTACT, factories.TOWN, "杨联络")
    for day in ("0001-01-01", "9999-12-31T23:59-23:00"):
        bring(service, contact, [entry("service", what="taught", key=f"k-{day[:4]}", at=day)])
    assert set(states(service).values()) == {PackState.DONE}
    with monkeypatch.context() as broken:
        broken.setitem(pack_entries._ENTER, "service", lambda _do: 1 / 0)
        bring(
            service, contact, [entry("service", key="k-broken"), entry("post", key="k-next", name="无此人")]
        )
    assert states(service).items() >= {"k-broken": PackState.MEND, "k-next": PackState.MEND}.items()
    assert "系统出了错" in service.client(contact).get("/desk/pack").text
    nowhere = bring(service, contact, [entry("service", what="taught")], factories.TOWN + "999")
    assert nowhere.status_code == 422 and "别的村" in nowhere.text


@pytest.mark.parametrize(
    "sent", [b"", b"\xff\xfe\x00", b"[]", b'{"pack":"x"}', b'{"pack":12}\n{}', b"9" * 400_000]
)
def test_what_is_no_pack_is_refused_with_a_sentence(sent: bytes) -> None:
    with pytest.raises(pack_file.Invalid):
        pack_file.read(sent)
