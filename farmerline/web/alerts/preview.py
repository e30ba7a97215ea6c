"""What is about to leave, shown before anything does: the exact words, the people, the money, the time."""

from __future__ import annotations

from dataclasses import dataclass

from farmerline.domain import Alert, Colour, Role, Session, alert_reached, alerts, audience, costs, quiet
from farmerline.domain.alert_words import SHORT_ROOM
from farmerline.domain.audience import Overview
from farmerline.errors import Invalid
from farmerline.queries import alert_form, alert_preview
from farmerline.queries.alert_preview import Words
from farmerline.web.alerts.written import Written
from farmerline.web.doors import actor, now, settings
from farmerline.web.format import exact, money, span
from farmerline.web.language import _, current_language

ONE_PART = 70
"""Chinese signs that one message holds."""
_MANY = 12
_COLUMNS = {
    "sms": "Text",
    "voice": "Call",
    "mailbox": "Letter",
    "person": "Visit",
    "excluded": "Not",
    "total": "All",
}
_SILENT = {
    Colour.ORANGE: "silent for 30 minutes: a call, three times; then the contact point's list",
    Colour.RED: "called at once, again after 2, 5 and 10 minutes; contact point after 15, town after 60",
}


@dataclass(frozen=True, slots=True)
class Counted:
    """Signs of the text as the ruler under it shows them; ``room`` is what one message holds beside what is added."""

    used: int
    room: int
    parts: int
    overhead: int
    cost: str


@dataclass(frozen=True, slots=True)
class PeopleTable:
    """People by place and channel: ``heads`` names the columns that hold anybody, ``rows`` their figures, ``sums`` all."""

    by_town: bool
    heads: list[str]
    rows: list[tuple[str, list[int]]]
    sums: list[int]


@dataclass(frozen=True, slots=True)
class Preview:
    """``overview`` is None while nobody can be counted; ``refusal`` then says why, where there is a reason."""

    words: Words
    counted: Counted
    overview: Overview | None
    table: PeopleTable | None
    refusal: str
    facts: list[tuple[str, str]]


def preview_for(rows: Session, form: Written, *, alert: Alert | None, parent: Alert | None) -> Preview:
    """The preview of a form as it stands, right or wrong."""
    colour = _colour(form)
    words = words_for(rows, form, alert)
    overview, refusal = None, ""
    try:
        overview = _count(rows, form, words, colour, parent)
    except Invalid as found:
        refusal = _(found.sentence, **found.values) if form.areas else ""
    if parent is not None and overview is not None and not overview.people:
        overview, refusal = None, _("{number} has reached nobody yet.", number=parent.number)
    table = people_table(rows, overview) if overview else None
    facts = facts_of(overview, colour) + _held(form, colour) if overview else []
    return Preview(words, count_signs(form, words), overview, table, refusal, facts)


def people_table(rows: Session, overview: Overview) -> PeopleTable:
    """The people of an overview by village; by town where there are many villages."""
    by_town = len(overview.villages) > _MANY
    places = alert_form.by_town(rows, overview.villages) if by_town else overview.villages
    columns = [name for name in _COLUMNS if any(getattr(one, name) for one in places)]
    figures = [(one.name, [getattr(one, name) for name in columns]) for one in places]
    sums = [sum(line[column] for _name, line in figures) for column in range(len(columns))]
    return PeopleTable(by_town, [_(_COLUMNS[name]) for name in columns], figures, sums)


def words_for(rows: Session, form: Written, alert: Alert | None) -> Words:
    """The form's words as they would leave now."""
    return alert_preview.words(
        rows, colour=_colour(form), exercise=form.is_exercise, short_text=form.short_text, voice_text=form.voice_text,
        alert=alert, settings=settings(), now=now(), area_codes=form.areas,
    )  # fmt: skip


def _count(
    rows: Session, form: Written, words: Words, colour: Colour | None, parent: Alert | None
) -> Overview:
    seconds, shade = words.seconds or alerts.LONGEST_CALL, colour or Colour.ORANGE
    if parent is not None:
        reached = alert_reached.so_far(rows, parent)
        return audience.overview_of(
            rows, reached, text=words.unsigned, colour=shade, voice_seconds=seconds, settings=settings()
        )
    for code in form.areas:
        if not code.startswith(actor().areas(Role.OFFICER)):  # as if it were not there
            raise Invalid("area_unknown", "There is no area {area}.", field="areas", area=code)
    return audience.look(
        rows, areas=form.areas, crop=form.audience_crop, kind=form.audience_kind, exercise=form.is_exercise,
        text=words.unsigned, settings=settings(), colour=shade, voice_seconds=seconds, group=form.audience_group,
    )  # fmt: skip


def count_signs(form: Written, words: Words) -> Counted:
    """The signs of the text as they are billed."""
    cost = costs.texts(words.parts, settings())
    return Counted(
        used=len(form.short_text),
        room=max(1, min(SHORT_ROOM, ONE_PART - words.added)),
        parts=words.parts,
        overhead=words.added,
        cost=_("{money} a person", money=money(current_language(), cost)),
    )


def _colour(form: Written) -> Colour | None:
    return Colour(form.colour) if form.colour in set(Colour) else None


def facts_of(overview: Overview, colour: Colour | None) -> list[tuple[str, str]]:
    """What it costs, how soon it is done, what follows silence."""
    language = current_language()
    cost = _("{money}: messages {parts}, calls up to {calls}", money=money(language, round(overview.yuan, 2)),
             parts=overview.sms_parts, calls=overview.calls)  # fmt: skip
    texts = span(language, overview.sms_seconds)
    finish = _("texts within {time}", time=texts)
    if overview.calls:
        calls = span(language, overview.call_seconds)
        finish = _("texts within {time}, the first round of calls within {more}", time=texts, more=calls)
    found = [(_("It costs"), cost), (_("Sent within"), finish)]
    if colour in _SILENT:
        found.append((_("No answer"), _(_SILENT[colour])))
    return found


def _held(form: Written, colour: Colour | None) -> list[tuple[str, str]]:
    """That an alert of now would wait for the morning."""
    leaves_at = quiet.alert_time(now(), colour, settings()) if colour is not None else now()
    if form.send == "later" or leaves_at <= now():
        return []
    waits = _(
        "At night only red leaves: this waits until {when}",
        when=exact(current_language(), leaves_at, now()),
    )
    return [(_("Quiet hours"), waits)]
