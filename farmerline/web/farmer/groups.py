"""Groups of the mailbox: made, filled with people who agree, written to, left, ended."""

from __future__ import annotations

from collections.abc import Sequence

from flask import redirect, render_template, request
from werkzeug.wrappers import Response

from farmerline.config import Module
from farmerline.domain import Account, Session, areas, group_letters, group_limits, letter_groups, mailbox
from farmerline.errors import Conflict, Invalid, Refusal, TooOften
from farmerline.ids import new_id
from farmerline.queries import letter_groups as listed
from farmerline.queries import letters
from farmerline.web.doors import actor, allow, now, reading, settings, writing
from farmerline.web.farmer.letters import LONGEST
from farmerline.web.forms import errors_of, typed, words
from farmerline.web.frame import done


@allow("signed_in", module=Module.MAILBOX)
def show_list() -> str:
    return _list()


@allow("signed_in", module=Module.MAILBOX)
def found() -> Response | tuple[str, int]:
    """Make a group."""
    try:
        with writing() as rows:
            made = letter_groups.found(rows, owner=_me(rows), name=typed("name", most=40), now=now()).id
    except (Invalid, Conflict) as refusal:
        return _list([refusal]), refusal.status
    return redirect(f"/me/groups/{made}", 303)


@allow("signed_in", module=Module.MAILBOX)
def show_one(group_id: str) -> str:
    """A group of one's own; ``name`` looks for people of the own town, ``crop`` counts its growers."""
    return _page(group_id)


@allow("signed_in", module=Module.MAILBOX)
def ask(group_id: str) -> Response | tuple[str, int]:
    """Ask somebody of the own town, somebody known by name and number, or all growers of a crop."""
    try:
        with writing() as rows:
            _ask(rows, group_id)
    except (Invalid, Conflict, TooOften) as refusal:
        return _page(group_id, [refusal]), refusal.status
    done("Asked. Who says yes is in the group.")
    return redirect(f"/me/groups/{group_id}", 303)


@allow("signed_in", module=Module.MAILBOX)
def write(group_id: str) -> Response | tuple[str, int]:
    """Write to the group: to as many people as the form said."""
    try:
        body, once = words("body", most=LONGEST), typed("once", most=32)
        with writing() as rows:
            me = _me(rows)
            group = letter_groups.own(rows, me, group_id)
            if typed("people", most=4) != str(len(letter_groups.readers(rows, group))):
                raise Conflict(
                    "list_changed", "The list of people has changed since you saw it. Look at it again."
                )
            sent = group_letters.write(
                rows, group, owner=me, body=body, subject=typed("subject", most=60), settings=settings(), now=now(),
                once=once if len(once) == 32 else new_id(),
            ).id  # fmt: skip
    except (Invalid, Conflict) as refusal:
        return _page(group_id, [refusal]), refusal.status
    done("Your letter is sent.")
    return redirect(f"/me/groups/{group_id}/letters/{sent}", 303)


@allow("signed_in", module=Module.MAILBOX)
def show_letter(group_id: str, campaign_id: str) -> str:
    """A letter to the group: who has read it, when and how."""
    with reading() as rows:
        sent = listed.receipts(rows, _me(rows), group_id, campaign_id)
    return render_template("farmer/group_letter.html", sent=sent, group_id=group_id)


@allow("signed_in", module=Module.MAILBOX)
def remove(group_id: str) -> Response:
    with writing() as rows:
        group = letter_groups.own(rows, _me(rows), group_id)
        letter_groups.remove(rows, group, typed("account", most=32), owner=_me(rows), now=now())
    done("Taken out of the group.")
    return redirect(f"/me/groups/{group_id}", 303)


@allow("signed_in", module=Module.MAILBOX)
def leave(group_id: str) -> Response:
    with writing() as rows:
        letter_groups.leave(rows, group_id, _me(rows), channel="web", now=now())
    done("You are no longer in it, and are not asked again.")
    return redirect("/me/groups", 303)


@allow("signed_in", module=Module.MAILBOX)
def end(group_id: str) -> Response:
    with writing() as rows:
        me = _me(rows)
        letter_groups.end(rows, letter_groups.own(rows, me, group_id), owner=me, now=now())
    done("The group is ended. Its letters stay.")
    return redirect("/me/groups", 303)


def _me(rows: Session) -> Account:
    return rows.get_one(Account, actor().account_id)


def _ask(rows: Session, group_id: str) -> None:
    """Whom the form says. Who may ask all growers of a place may fill a group in a day."""
    me = _me(rows)
    group = letter_groups.own(rows, me, group_id)
    places = letter_groups.may_ask_growers(rows, actor(), me)
    a_day = letter_groups.MOST if places else group_limits.ASKED_A_DAY
    to_id, crop = typed("to", most=32), typed("crop", most=20)
    if to_id or crop:
        whom = (
            [letters.reader(rows, me, to_id=to_id)[0]]
            if to_id
            else letter_groups.growers(rows, crop=crop, places=places)
        )
        letter_groups.ask(rows, group, owner=me, whom=whom, settings=settings(), now=now(), a_day=a_day)
    else:
        letter_groups.ask_known(
            rows, group, owner=me, name=typed("known", most=30), phone=typed("phone", most=30), settings=settings(),
            now=now(), a_day=a_day,
        )  # fmt: skip


def _list(refusals: Sequence[Refusal] = ()) -> str:
    with reading() as rows:
        me = _me(rows)
        return render_template(
            "farmer/groups.html", owned=listed.owned(rows, me, now=now()), joined=listed.joined(rows, me),
            name=request.form.get("name", ""), most=letter_groups.GROUPS, errors=errors_of(refusals),
        )  # fmt: skip


def _page(group_id: str, refusals: Sequence[Refusal] = ()) -> str:
    asked = request.method == "GET"
    said, crop = (typed("name", most=30), typed("crop", most=20)) if asked else ("", "")
    with reading() as rows:
        me = _me(rows)
        places = letter_groups.may_ask_growers(rows, actor(), me)
        growers = letter_groups.growers(rows, crop=crop, places=places) if crop else []
        return render_template(
            "farmer/group.html", group=listed.view(rows, me, group_id, now=now()), said=said,
            found=letters.find(rows, me, said), crop=crop, growers=len(growers),
            places=[areas.path_name(rows, place) for place in places], in_town=len(me.area_code) > 6, once=new_id(),
            longest=mailbox.LONGEST, letters=group_letters.LETTERS, days=group_letters.DAYS, most=letter_groups.MOST,
            apart=group_limits.APART_DAYS, errors=errors_of(refusals), form=request.form,
        )  # fmt: skip
