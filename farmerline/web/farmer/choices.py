"""My data: what I receive and how, in which language, where I am signed in."""

from __future__ import annotations

from flask import redirect, render_template, request
from werkzeug.wrappers import Response

from farmerline.domain import Account, Purpose, Session, areas, consent, recordings, signin
from farmerline.errors import Absent, Invalid
from farmerline.identity import mask_phone
from farmerline.messages import Channel
from farmerline.queries import farmer
from farmerline.web import frame
from farmerline.web.doors import actor, allow, now, reading, settings, writing
from farmerline.web.farmer import copies
from farmerline.web.farmer.shown import kept_choices
from farmerline.web.sounds import send_recording
from farmerline.words import LANGUAGES

_PROOF = "page:data"
_PREFERRED = (Channel.SMS, Channel.VOICE, Channel.MAILBOX)


@allow("signed_in")
def show() -> str:
    who = actor()
    with reading() as rows:
        account = rows.get_one(Account, who.account_id)
        return render_template(
            "farmer/data.html",
            name=account.name,
            place=areas.path_name(rows, account.area_code),
            phone=mask_phone(account.phone) if account.phone else "",
            preferred=account.preferred.value,
            spoken=account.language,
            choices=kept_choices(farmer.choices(rows, account), settings()),
            sessions=farmer.sessions(rows, who.account_id, this=who.session_id, now=now()),
            own_session=not who.parent_session_id,
            copies=copies.shown(rows, account),
            recordings=farmer.recordings(rows, who.account_id),
            kept_days=settings().recording_days,
        )


@allow("signed_in")
def store() -> Response:
    """Write down each yes and no that has changed, and how this person is told things."""
    preferred, spoken = request.form.get("preferred", ""), request.form.get("spoken", "")
    if preferred not in _PREFERRED or spoken not in LANGUAGES:
        raise Invalid("no_choice", "Please choose one of the answers.")
    ticked = set(request.form.getlist("yes"))
    with writing() as rows:
        account = rows.get_one(Account, actor().account_id)
        account.preferred, account.language = Channel(preferred), spoken
        before = farmer.choices(rows, account)
        shown = {purpose for purpose, *_rest in kept_choices(before, settings())}
        for (purpose, channel), held in before.items():
            wanted = f"{purpose}:{channel}" in ticked
            if purpose in shown and wanted != held:
                _say(rows, account, Purpose(purpose), Channel(channel), wanted)
    frame.done("Kept. It holds from the next message on.")
    return redirect("/me/data", 303)


@allow("signed_in")
def play(recording_id: str) -> Response:
    """What one said oneself on the telephone."""
    with reading() as rows:
        found = recordings.own(rows, rows.get_one(Account, actor().account_id), recording_id)
    return send_recording(found)


@allow("signed_in")
def end_sessions() -> Response:
    """Sign out everywhere else."""
    who = actor()
    if who.parent_session_id:
        raise Absent
    with writing() as rows:
        signin.end_all(rows, who.account_id, by_id=who.account_id, now=now(), but=who.session_id)
    frame.done("You are signed out everywhere else.")
    return redirect("/me/data", 303)


def _say(rows: Session, account: Account, purpose: Purpose, channel: Channel, wanted: bool) -> None:
    if wanted:
        consent.grant(
            rows, account, purposes=[purpose], proof=_PROOF, now=now(), channel=channel, by_id=account.id
        )
    else:
        consent.stop(
            rows,
            accounts=[account],
            purposes=[purpose],
            proof=_PROOF,
            now=now(),
            channel=channel,
            by_id=account.id,
        )
