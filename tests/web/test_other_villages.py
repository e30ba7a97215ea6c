"""Each address that names a thing, asked for by everybody whom it does not concern: as if the thing were not there."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from farmerline.domain import access, alerts, articles, campaigns, cases, letter_groups, mailbox
from farmerline.models import (
    Account,
    Alert,
    Article,
    Base,
    Call,
    CaseKind,
    Colour,
    Deal,
    Delivery,
    Match,
    Photo,
    Post,
    Question,
    QuestionState,
    Recording,
    Role,
    ServiceEntry,
    Sighting,
    Subscription,
    Survey,
)
from farmerline.web.doors import Door
from tests.factories import OTHER_TOWN, SHUIXIANG, TOWN, YANGGAO
from tests.service import Service, mark

_UNKNOWN = (
    "good_id",
    "link_id",
    "market_id",
    "price_id",
    "programme_id",
    "submission_id",
    "unit_id",
    "letter_id",
)
_CONFIDED = ("13812345521", "虞小梅", "岑利民", "一封密信", "还没发的提示", "还没发的情报")


def things(service: Service) -> dict[str, Any]:
    """One of each kind in a far village, under the name by which addresses call it."""
    owner = service.person("虞小梅", area_code=SHUIXIANG, phone="+8613812345521")
    other = service.person("岑利民", area_code=SHUIXIANG)
    helper = service.staff(Role.CONTACT, SHUIXIANG, "陈国庆")
    publisher = service.staff(Role.PUBLISHER, OTHER_TOWN, "沈金花", home=SHUIXIANG)
    officer = service.staff(Role.OFFICER, OTHER_TOWN, "施植保", home=SHUIXIANG)
    post = service.publish(owner, "卖 西兰花 3000斤 1.5元/斤")
    service.publish(other, "求购 西兰花 3000斤 1.5元/斤", share_phone=False)
    said = service.post(
        service.client(owner), "/me/write", page="/me/write?use=sell", use="sell", text="卖 桃 50斤 2元/斤"
    )
    with service.write() as rows:
        letter = mailbox.send(
            rows,
            sender=rows.merge(owner),
            to=rows.merge(other),
            body="一封密信",
            channel="web",
            now=service.now,
        )
        call = Call(gateway="voice", ref="CA1", caller=owner.phone, data={}, started_at=service.now)
        rows.add(call)
        rows.flush()
        sound = Recording(call_id=call.id, use="sell", seconds=3, sound=b"RIFF" * 20, at=service.now)
        rows.add(sound)
        rows.flush()
        case = cases.open_case(
            rows, kind=CaseKind.VOICE_POST, area_code=SHUIXIANG, text="说话", now=service.now, account=rows.merge(owner),
            recording=sound,
        )  # fmt: skip
        photo = _sighting(rows, service)
        alert = _alert(rows, service, rows.merge(officer))
        sender = access.actor_of(rows, rows.merge(publisher))
        tip = campaigns.plan(rows, actor=sender, text="还没发的提示", area_code=OTHER_TOWN, now=service.now)
        question = rows.scalars(
            select(Question).where(Question.account_id == owner.id, Question.state == QuestionState.OPEN)
        ).all()[0]
        wish = Subscription(
            account_id=owner.id, key="葡萄·supply", concept="葡萄", direction="supply", name="葡萄", channel="web", created_at=service.now,
        )  # fmt: skip
        rows.add(wish)
        rows.flush()
        match = rows.scalars(select(Match)).all()[0]
        deal = Deal(
            match_id=match.id, outcome="sold", concept="西兰花", form="fresh", from_area=SHUIXIANG, to_area=SHUIXIANG,
            told_by=owner.id, told_via="web", at=service.now, number=31, seller_id=owner.id, buyer_id=other.id,
        )  # fmt: skip
        group = letter_groups.found(rows, owner=rows.merge(owner), name="西兰花社", now=service.now)
        served = ServiceEntry(
            account_id=helper.id, area_code=SHUIXIANG, kind="post", at=service.now, ref="s1"
        )
        survey = Survey(
            asker="植保站", area_code=OTHER_TOWN, questions=[["还有虫吗", ["有", "没有"]]], created_by=officer.id,
            created_at=service.now, until=service.now,
        )  # fmt: skip
        rows.add_all([deal, served, survey])
        rows.flush()
        article = _article(rows, service, rows.merge(publisher))
        sent = rows.scalars(select(Delivery).where(Delivery.account_id == owner.id)).all()[0]
        return {
            "article_id": article.id, "delivery_id": sent.id, "village": SHUIXIANG, "key": "0" * 32,
            "subscription_id": wish.id, "edit_id": "0" * 32, "word_id": "0" * 32,
            "account_id": owner.id, "post_id": post, "thread_id": letter.thread_id, "recording_id": sound.id,
            "number": case.number, "grant_id": access.roles_of(rows, helper.id)[0].id, "campaign_id": tip.id,
            "match_id": match.id, "deal_number": deal.number, "group_id": group.id, "entry_id": served.id, "survey_id": survey.id,
            "sighting_id": photo.id, "village_code": SHUIXIANG, "dialect": "x", "phrase": "x", "inbound_id": said.location.rsplit("/", 1)[1],
            "code": question.code, "question_id": question.id, "name": "sms", "organisation_id": "0" * 32,
            "alert_id": alert.id, "alert_number": alert.number, "photo_id": photo.id, "kind": "mp4", "what": "close",
            **dict.fromkeys(_UNKNOWN, "0" * 32),
        }  # fmt: skip


def _alert(rows: Session, service: Service, officer: Account) -> Alert:
    """An alert that is being written."""
    fields = alerts.Draft(
        colour=Colour.ORANGE, crop="水稻", pest="稻飞虱", degree=4, areas=(SHUIXIANG,), valid_until=date(2026, 12, 31),
        short_text="还没发的情报", voice_text="还没发的情报。", full_text="还没发的情报。",
    )  # fmt: skip
    actor = access.actor_of(rows, officer, second_factor=True)
    return alerts.draft(rows, actor=actor, fields=fields, settings=service.settings, now=service.now)


def _article(rows: Session, service: Service, publisher: Account) -> Article:
    """An article that is being written."""
    day = service.now.date()
    wording = articles.Wording(
        kind="work", area_code=SHUIXIANG, title="还没发的文章", full_text="还没发的情报。", short_text="还没发的情报",
        voice_text="还没发的情报。", source="站里", valid_from=day, valid_until=day,
    )  # fmt: skip
    return articles.write(rows, wording, actor=access.actor_of(rows, publisher), now=service.now)


def _sighting(rows: Session, service: Service) -> Photo:
    """A picture that somebody sent with what they saw."""
    photo = Photo(kind="image/jpeg", body=b"JPEG", at=service.now)
    rows.add(photo)
    rows.flush()
    rows.add(
        Sighting(
            number=9001,
            area_code=SHUIXIANG,
            text="菜上有虫",
            channel="web",
            photo_id=photo.id,
            reported_at=service.now,
        )
    )
    rows.flush()
    return photo


def state(service: Service) -> list[object]:
    """What there is, and how people, posts and roles stand."""
    with service.rows() as rows:
        counts: list[object] = [
            rows.scalar(select(func.count()).select_from(table)) for table in Base.metadata.sorted_tables
        ]
        people = rows.execute(
            select(Account.id, Account.state, Account.phone_index).order_by(Account.id)
        ).all()
        return [*counts, *people, *rows.execute(select(Post.id, Post.state).order_by(Post.id)).all()]


@pytest.mark.parametrize("role", list(Role))
def test_nobody_sees_or_changes_what_is_anothers(service: Service, role: Role) -> None:
    """Z-01."""
    named = things(service)
    who = (
        service.person("罗一", area_code=YANGGAO)
        if role is Role.FARMER
        else service.staff(role, TOWN, "罗一")
    )
    browser = service.client(who)
    form = {
        "csrf_token": mark(browser, "/me/password"), "text": "卖 葡萄 1斤", "outcome": "sold", "reply": "1", "reason": "x",
        "account_id": named["account_id"], "question_id": named["question_id"], "phone": "13700000001", "id_seen": "yes",
        "pin": "729154", "sure": "yes", "decision": "publish", "role": "contact", "area_code": SHUIXIANG, "minutes": "15",
        "body": "您好", "answer": "yes", "told": named["account_id"],
    }  # fmt: skip
    before, asked = state(service), 0
    for rule in service.app.url_map.iter_rules():
        if not rule.arguments or not isinstance(
            getattr(service.app.view_functions[rule.endpoint], "allowed", None), Door
        ):
            continue
        for method in sorted((rule.methods or set()) & {"GET", "POST"}):
            where = _address(service, rule, named)
            answer = browser.open(where, method=method, data=form if method == "POST" else None)
            assert answer.status_code == 404, f"{method} {where}"
            assert not [words for words in _CONFIDED if words in answer.text], where
            asked += 1
    assert asked > 30
    assert state(service) == before


def _address(service: Service, rule: Rule, named: dict[str, Any]) -> str:
    """The address of the thing there; ``/posts/…`` asks for a number that is a case's, never a post's."""
    with service.app.test_request_context():
        return rule.build({name: named[name] for name in rule.arguments})[1]  # type: ignore[index]
