"""An early-rice alert for 506 people with a third of the phones dead: nobody is left uncounted; then it is cancelled."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from farmerline.demo.people import RICE_GROWERS, SIGNER, Person, person, rice_growers
from farmerline.demo.stage import Stage, find_account
from farmerline.demo.stories import alert_desk
from farmerline.demo.stories.alert_desk import by_number
from farmerline.models import Account, Delivery, DeliveryState, Reach, Settled

_REPLY, _RING_BACK, _PRESS = 120, 50, 60


def play(stage: Stage) -> None:
    growers = rice_growers()
    phones = {each.phone: each for each in growers}
    dead = list(phones.values())[::3]
    alive = [each for each in phones.values() if each not in dead]
    stage.switch_off(dead)

    desk = alert_desk.draft(stage, "orange")
    number = alert_desk.newest(stage)
    stage.expect(
        "it is for 506 named people",
        str(RICE_GROWERS) in desk.words or len(growers) == RICE_GROWERS,
        desk.words[:300],
    )
    _sign(stage, number)
    stage.expect("all 506 are on its list", alert_desk.count(stage, number).planned == RICE_GROWERS)
    stage.expect("a third of the phones is dead", abs(len(dead) * 3 - len(phones)) <= 3, len(dead))

    _answer(stage, number, alive)
    _count(stage, number)
    _cancel(stage, number, alive[0])
    stage.switch_on(dead)


def _sign(stage: Stage, number: str) -> None:
    texts = " ".join(stage.inbox(SIGNER))
    stage.expect("the signer is texted at once", f"/alerts/{number}/sign" in texts, texts[-200:])
    stage.expect("and rung", stage.rings_at(SIGNER))
    heard = " ".join(stage.pick_up(SIGNER, "1").heard)
    stage.expect("the call says what waits", "等您签" in heard, heard)
    stage.expect("nothing was sent before the second signature", not alert_desk.sent_to(stage, number))
    phone = alert_desk.sign(stage, number)
    stage.expect(
        "the second person signs on a phone", f"/alerts/{number}/run" in phone.address, phone.words[:300]
    )


def _answer(stage: Stage, number: str, alive: list[Person]) -> None:
    status = alert_desk.count(stage, number)
    stage.expect("every phone that lives has the text", status.delivered >= len(alive), status)
    stage.text_all(alive[:_REPLY], "1")
    silent = alive[_REPLY:]
    stage.later(minutes=28)
    stage.wait_for_ring(silent[0], minutes=4)
    pressed = stage.pick_up_all(silent[:_PRESS], "1")
    stage.expect("who has not answered is rung after thirty minutes", len(pressed) == _PRESS, len(pressed))
    stage.later(minutes=1)
    missed = silent[_PRESS : _PRESS + _RING_BACK]
    calls = stage.ring_all(missed, "1")
    first = [call.heard[0] for call in calls if call.heard]
    stage.expect(
        "fifty ring back and hear the alert before any menu",
        len(first) == _RING_BACK and all("稻飞虱" in each and "卖" not in each for each in first),
        first[:2],
    )
    before = stage.look(lambda session: _calls(session, number, missed))
    stage.later(minutes=15)
    after = stage.look(lambda session: _calls(session, number, missed))
    stage.expect("and are not rung again", before == after, (before, after))
    calls_of_silent = stage.look(lambda session: _most_calls(session, number))
    stage.expect("who never answers is rung four times", calls_of_silent == 4, calls_of_silent)


def _count(stage: Stage, number: str) -> None:
    contact = stage.browser(person("contact"))
    contact.open("/desk/alerts")
    listed = stage.look(lambda session: _listed(session, number))
    stage.expect(
        "the unreached stand on the contact points' lists, each with who goes",
        all(listed.values()),
        len(listed),
    )
    rows = [name for name in listed if name in contact.words]
    stage.expect("杨高's contact point sees its own by name", len(rows) > 0, contact.words[:300])
    alert_id = stage.look(lambda session: by_number(session, number).id)
    told = stage.look(lambda session: _first_listed(session, number, person("contact").place))
    contact.submit(f"/desk/alerts/{alert_id}", told=told)
    stage.runtime.settle()
    status = alert_desk.count(stage, number)
    stage.expect("told in person closes the line", status.told == 1, status)
    stage.expect(
        "nobody is left uncounted",
        status.planned == RICE_GROWERS == status.confirmed + status.told + status.unreached + status.excluded,
        status,
    )
    report = alert_desk.officer(stage).open(f"/alerts/{number}/report.pdf")
    stage.expect("one click gives the report", report.content[:5] == b"%PDF-", report.content[:40])


def _cancel(stage: Stage, number: str, asker: Person) -> None:
    reached = stage.look(lambda session: _reached(session, number))
    alert_desk.act(stage, alert_desk.officer(stage), number, "cancel")
    void = alert_desk.newest(stage)
    stage.later(minutes=2)
    told = alert_desk.people_of(stage, void)
    stage.expect(
        "the cancellation goes to exactly those who were reached", told == reached, (len(told), len(reached))
    )
    words = " ".join(stage.text(asker, f"查{number}"))
    stage.expect("查 says that it is void", "作废" in words, words)


def _calls(session: Session, number: str, people: list[Person]) -> int:
    ids = [account.id for each in people if (account := find_account(session, each)) is not None]
    campaign = by_number(session, number).campaign_id
    query = select(Delivery.id).where(
        Delivery.campaign_id == campaign, Delivery.channel == "voice", Delivery.account_id.in_(ids),
        Delivery.sent_at.is_not(None),
    )  # fmt: skip
    return len(session.scalars(query).all())


def _most_calls(session: Session, number: str) -> int:
    rows = select(Reach.rings).where(Reach.alert_id == by_number(session, number).id)
    return max(session.scalars(rows), default=0)


def _listed(session: Session, number: str) -> dict[str, bool]:
    query = (
        select(Account, Reach)
        .join(Reach, Reach.account_id == Account.id)
        .where(
            Reach.alert_id == by_number(session, number).id,
            Reach.settled == Settled.OPEN,
            Reach.excluded == "",
        )
    )
    return {account.name: row.going_id is not None for account, row in session.execute(query)}


def _first_listed(session: Session, number: str, village: str) -> str:
    query = select(Reach.account_id).where(
        Reach.alert_id == by_number(session, number).id,
        Reach.area_code == village,
        Reach.settled == Settled.OPEN,
        Reach.listed_at.is_not(None),
    )
    return session.scalars(query.order_by(Reach.account_id)).first() or ""


def _reached(session: Session, number: str) -> set[str]:
    """Whom a text, a letter or a call reached, or somebody in person; a household has its phone's."""
    alert = by_number(session, number)
    arrived = set(
        session.scalars(
            select(Delivery.account_id).where(
                Delivery.campaign_id == alert.campaign_id, Delivery.state == DeliveryState.DELIVERED
            )
        )
    )
    rows = session.scalars(select(Reach).where(Reach.alert_id == alert.id, Reach.excluded == ""))
    return {row.account_id for row in rows if row.lead_id in arrived or row.settled is not Settled.OPEN}
