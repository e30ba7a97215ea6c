"""What the contact point and a person see of a real alert: listed after the calls, told, cancelled, told once more."""

from __future__ import annotations

from farmerline.domain import access, alert_control, reach
from farmerline.domain.access import Actor
from farmerline.messages import ReceiptState
from farmerline.models import Account, Alert, DeliveryState, Reach, Role, Settled
from farmerline.queries import own_alerts, to_tell
from tests import factories
from tests.domain.alerting import Bureau
from tests.factories import SHUIXIANG, TOWN, YANGGAO


def pass_by(bureau: Bureau, alert: Alert, minutes: int, *, off: tuple[Account, ...] = ()) -> None:
    """Texts arrive, except at phones that are off; calls ring in vain."""
    for _minute in range(minutes):
        bureau.hand_over()
        bureau.arrive(alert, but=off)
        for call in bureau.messages(alert, channel="voice"):
            if call.state is DeliveryState.SENT:
                bureau.report(call, ReceiptState.FAILED, "no_answer")
        bureau.later(minutes=1)


def contact(bureau: Bureau, area_code: str = YANGGAO, name: str = "岑美芳") -> Actor:
    with bureau.county.database.write() as session:
        account = factories.make_staff(session, Role.CONTACT, area_code, name, now=bureau.now)
        return access.actor_of(session, account)


def seen(bureau: Bureau, actor: Actor) -> list[to_tell.Waiting]:
    with bureau.county.database.read() as session:
        found = to_tell.waiting(session, actor=actor, now=bureau.now)
        assert to_tell.count(session, actor=actor, now=bureau.now) == sum(one.open for one in found)
        return found


def names(found: list[to_tell.Waiting]) -> list[str]:
    return sorted(line.name for one in found for line in one.people)


def own(bureau: Bureau, account: Account) -> list[own_alerts.OwnAlert]:
    with bureau.county.database.read() as session:
        return own_alerts.waiting(session, session.get_one(Account, account.id), now=bureau.now)


def tell(bureau: Bureau, alert: Alert, account: Account, by: Actor) -> None:
    with bureau.county.database.write() as session:
        row = session.get_one(Reach, (alert.id, account.id))
        reach.tell_in_person(session, row, by=by, now=bureau.now)


def test_who_answers_no_call_is_listed_and_told_and_told_once_more_when_it_was_wrong(bureau: Bureau) -> None:
    helper, far = contact(bureau), contact(bureau, SHUIXIANG, "虞小梅")
    silent, answers = bureau.person("杨阿毛"), bureau.person("胡秀珍")
    alert = bureau.issue()
    assert names(seen(bureau, helper)) == []
    assert [one.number for one in own(bureau, silent)] == [alert.number]
    bureau.do(reach.settle, alert, account_ids=[answers.id], how=Settled.PAGE)
    assert own(bureau, answers) == []
    pass_by(bureau, alert, 48, off=(silent,))
    [listed] = seen(bureau, helper)
    assert "杨阿毛" in names([listed]) and "胡秀珍" not in names([listed])
    assert (listed.number, listed.colour, listed.exercise) == (alert.number, "orange", False)
    assert listed.words == alert.voice_text
    assert seen(bureau, far) == []
    tell(bureau, alert, silent, helper)
    assert "杨阿毛" not in names(seen(bureau, helper))
    assert "杨阿毛" in [one.name for one in seen(bureau, helper)[0].told]
    wrong = bureau.do(
        alert_control.cancel, alert, actor=bureau.actor(bureau.officer), settings=bureau.settings
    )
    bureau.later(minutes=2)
    found = seen(bureau, helper)
    assert [(one.kind, one.before) for one in found] == [("cancel", alert.number)]
    assert "杨阿毛" in names(found)
    assert wrong.number == found[0].number


def test_a_village_without_a_contact_point_is_its_towns_from_the_first_minute(bureau: Bureau) -> None:
    town = contact(bureau, TOWN, "虞小梅")
    bureau.person("杨阿毛")
    alert = bureau.issue()
    pass_by(bureau, alert, 48)
    assert "杨阿毛" in names(seen(bureau, town))
    contact(bureau)
    assert "杨阿毛" not in names(seen(bureau, town))
    pass_by(bureau, alert, 45)
    assert "杨阿毛" in names(seen(bureau, town))


def test_one_members_answer_takes_the_whole_phone_off_the_list(bureau: Bureau) -> None:
    helper = contact(bureau)
    man = bureau.person("杨阿毛")
    wife = bureau.person("胡秀珍", phone=man.phone)
    alert = bureau.issue()
    pass_by(bureau, alert, 48)
    assert {"杨阿毛", "胡秀珍"} <= set(names(seen(bureau, helper)))
    [mine] = own(bureau, wife)
    assert mine.household == ("杨阿毛",) and mine.asks
    bureau.do(reach.settle, alert, account_ids=[wife.id], how=Settled.PAGE)
    assert not {"杨阿毛", "胡秀珍"} & set(names(seen(bureau, helper)))
