"""What is kept how long: read from the settings, with the name of each, and what happens then."""

from __future__ import annotations

from flask import render_template

from farmerline.config import Settings
from farmerline.domain import Role
from farmerline.domain.deal_records import OPEN_FOR
from farmerline.queries import board
from farmerline.web.admin.start import blueprint
from farmerline.web.doors import allow, reading, settings
from farmerline.web.language import _, current_language


@blueprint.get("/admin/retention")
@allow(Role.ADMIN)
def show_retention() -> str:
    with reading() as rows:
        kinds = board.kinds(rows)
    posts = "、".join(_("{what} {n} days", what=kind.name(current_language()), n=kind.days) for kind in kinds)
    return render_template("admin/retention.html", lines=_lines(settings(), posts))


def _lines(config: Settings, posts: str) -> list[tuple[str, str, str, str]]:
    """What, how long, what happens then, and the setting ("" where it is fixed)."""
    shared = _("{n} minutes at a shared computer", n=config.shared_idle_minutes)
    quiet = _(
        "farmers {days} days, staff {minutes} minutes",
        days=config.farmer_idle_days,
        minutes=config.staff_idle_minutes,
    )
    return [
        (_("Letters, messages, calls, cases"), _("for good"), _("Sealed; a person may hide a letter from the own list."), ""),
        (
            _("Numbers in an erased person's messages"), _("{n} months", n=config.erased_months),
            _("Then they are taken off; name, phone and identity number went at once."), "FARMERLINE_ERASED_MONTHS",
        ),
        (
            _("Sound of what callers said"), _("{n} days", n=config.recording_days),
            _("Then it is taken away each night; words that were written down stay, and what an open case needs."),
            "FARMERLINE_RECORDING_DAYS",
        ),
        (_("Posts"), posts, _("Then they are off the board; the owner may put them up again."), ""),
        (
            _("Drafts read back"), _("{n} hours", n=config.read_back_hours), _("Then they go to the contact point."),
            "FARMERLINE_READ_BACK_HOURS",
        ),
        (_("Deals"), _("for good"), _("For {n} days their figures may be put right.", n=OPEN_FOR.days), ""),
        (
            _("Who is signed in"), f"{quiet}; {shared}", _("Then a quiet session ends."),
            "FARMERLINE_FARMER_IDLE_DAYS, FARMERLINE_STAFF_IDLE_MINUTES, FARMERLINE_SHARED_IDLE_MINUTES",
        ),
        (_("Runs of jobs"), _("{n} days", n=30), _("The last of each job stays."), ""),
        (
            _("Backups"), _("the last {n}", n=config.backups_kept), _("Erased people are erased again after a restore."),
            "FARMERLINE_BACKUPS_KEPT",
        ),
        (_("Audit"), _("for good"), _("Each row holds the digest of the one before; nobody deletes one unseen."), ""),
    ]  # fmt: skip
