"""An urgent letter to named people: chosen, looked at with what it costs, sent, and followed by name.

The form works without script: each button posts all of it, and only the last one, on the page that showed the count, the
words and the cost, sends.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from flask import redirect, render_template, request
from werkzeug.wrappers import Response

from farmerline.config import Module
from farmerline.domain import Account, Role, Session, areas, urgent
from farmerline.domain import people as people_of
from farmerline.errors import Conflict, Invalid
from farmerline.ids import new_id
from farmerline.queries import urgent_letters, village
from farmerline.web.alerts.desk import blueprint
from farmerline.web.alerts.refusals import deciding
from farmerline.web.doors import actor, allow, now, reading, settings
from farmerline.web.forms import errors_of, typed, words
from farmerline.web.frame import done
from farmerline.web.language import _

_OPEN = (Role.OFFICER, Role.SIGNER, Role.ADMIN)
_ROLES = {
    Role.CONTACT: "Contact points",
    Role.EXPERT: "Experts",
    Role.PUBLISHER: "Publishers",
    Role.OFFICER: "Plant-protection officers",
    Role.SIGNER: "Signing officers",
    Role.ADMIN: "Administrators",
}
_FOUND = 20


@dataclass(frozen=True, slots=True)
class Written:
    """The form as it was typed."""

    subject: str = ""
    body: str = ""
    said: str = ""
    role: str = ""
    area: str = ""
    people: tuple[str, ...] = ()
    groups: tuple[str, ...] = field(default=())

    @property
    def meant(self) -> list[urgent.Group]:
        """The groups that are chosen."""
        pairs = (group.partition(":") for group in self.groups)
        return [urgent.Group(Role(role), code) for role, _colon, code in pairs if role in set(_ROLES)]


@blueprint.get("/alerts/letters")
@allow(*_OPEN, module=Module.MAILBOX)
def list_letters() -> str:
    with reading() as rows:
        return render_template("alerts/letters.html", letters=urgent_letters.recent(rows, actor=actor()))


@blueprint.get("/alerts/letters/new")
@allow(*_OPEN, module=Module.MAILBOX)
def write_letter() -> str:
    return _render(Written())


@blueprint.get("/alerts/letters/<id:campaign_id>")
@allow(*_OPEN, module=Module.MAILBOX)
def show_letter(campaign_id: str) -> str:
    with reading() as rows:
        letter = urgent_letters.outcome(rows, actor=actor(), campaign_id=campaign_id)
    return render_template("alerts/letter.html", letter=letter)


@blueprint.post("/alerts/letters")
@allow(*_OPEN, module=Module.MAILBOX)
def act_on_letter() -> str | Response | tuple[str, int]:
    """Find people, add a group, look at it, or send it: by the button that was pressed."""
    written, step = Written(), typed("step", most=10)
    try:
        written = _read()
        if step == "send":
            return _send(written)
        if step == "group" and written.role in set(_ROLES) and written.area:
            added = dict.fromkeys((*written.groups, f"{written.role}:{written.area}"))
            written = _with(written, groups=tuple(added))
        return _render(written, look=step == "look", find=step == "find")
    except (Invalid, Conflict) as refusal:
        shown = _render(written, look=isinstance(refusal, Conflict), refusals=[refusal])
        return shown, refusal.status


def _send(written: Written) -> Response:
    once = typed("once", most=32)
    with deciding("letter.urgent") as rows:
        people = _people(rows, written)
        if typed("mark", most=16) != _mark(written, people):
            raise Conflict("letter_changed", "This is not what you looked at. Look at it again, then send.")
        row = urgent.send(
            rows, people, actor=actor(), subject=written.subject, body=written.body, seen=len(people),
            once=once if len(once) == 32 else new_id(), now=now(),
        )  # fmt: skip
    done("The letter is on its way, people: {n}.", n=row.people)
    return redirect(f"/alerts/letters/{row.id}", 303)


def _render(
    written: Written,
    *,
    look: bool = False,
    find: bool = False,
    refusals: Sequence[Invalid | Conflict] = (),
) -> str:
    with reading() as rows:
        chosen = urgent.gather(rows, actor=actor(), account_ids=written.people, groups=())
        people = _people(rows, written)
        overview = None
        if look:
            try:
                overview = urgent.look(
                    rows, people, sender=rows.get_one(Account, actor().account_id), subject=written.subject,
                    body=written.body, rates=settings(),
                )  # fmt: skip
            except Invalid as refusal:
                refusals = [*refusals, refusal]
        found = [one for one in _find(rows, written) if one not in chosen] if find else []
        return render_template(
            "alerts/letter_new.html", written=written, places=_places(rows),
            roles=[(role.value, _(_ROLES[role])) for role in _ROLES],
            chosen=village.people_lines(rows, chosen), found=village.people_lines(rows, found), groups=_groups(rows, written),
            overview=overview, names=[one.name for one in people], mark=_mark(written, people), once=new_id(), searched=find,
            errors=errors_of(refusals),
        )  # fmt: skip


def _people(rows: Session, written: Written) -> list[Account]:
    return urgent.gather(rows, actor=actor(), account_ids=written.people, groups=written.meant)


def _find(rows: Session, written: Written) -> list[Account]:
    """Staff of one's own areas by name; with a town chosen, everybody of the town."""
    if not written.said:
        return []
    found = urgent.find_staff(rows, actor=actor(), said=written.said)
    if len(written.area) >= 9 and written.area.startswith(actor().areas(*_OPEN)):
        found += people_of.find_in_area(rows, written.area, written.said, by_number=True)
    unique = {one.id: one for one in found if one.id != actor().account_id}
    return list(unique.values())[:_FOUND]


def _places(rows: Session) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for code in actor().areas(*_OPEN):
        found.append((code, areas.path_name(rows, code)))
        found += [(area.code, areas.path_name(rows, area.code)) for area in areas.children(rows, code)]
    return found


def _groups(rows: Session, written: Written) -> list[tuple[str, str]]:
    """The chosen groups: as the form sends them, and in words."""
    named = []
    for group in written.meant:
        place = areas.path_name(rows, group.area_code)
        named.append(
            (f"{group.role}:{group.area_code}", _("{who} of {place}", who=_(_ROLES[group.role]), place=place))
        )
    return named


def _mark(written: Written, people: Sequence[Account]) -> str:
    """What was looked at, in short: who, and the words."""
    said = "\0".join([written.subject, written.body, *sorted(one.id for one in people)])
    return sha256(said.encode()).hexdigest()[:16]


def _read() -> Written:
    people = dict.fromkeys(one for one in request.form.getlist("person") if len(one) == 32)
    groups = dict.fromkeys(one[:30] for one in request.form.getlist("group"))
    return Written(
        subject=typed("subject"), body=words("body", most=urgent.LONGEST * 2), said=typed("said", most=40),
        role=typed("role", most=20), area=typed("area", most=12), people=tuple(people)[: urgent.MOST],
        groups=tuple(groups)[:20],
    )  # fmt: skip


def _with(written: Written, *, groups: tuple[str, ...]) -> Written:
    return Written(
        written.subject, written.body, written.said, written.role, written.area, written.people, groups
    )
