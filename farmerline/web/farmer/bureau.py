"""One's own letters to the bureau, and a new one."""

from __future__ import annotations

from flask import redirect, render_template
from werkzeug.wrappers import Response

from farmerline.domain import Account, bureau_letters
from farmerline.errors import Invalid
from farmerline.queries import bureau_letters as listed
from farmerline.web.doors import actor, allow, now, reading, writing
from farmerline.web.forms import errors_of, ticked, typed, words
from farmerline.web.frame import done
from farmerline.web.language import current_language


@allow("signed_in")
def show() -> str:
    return _render({})


@allow("signed_in")
def send() -> Response | tuple[str, int]:
    form = {"body": words("body"), "kind": typed("kind", most=24)}
    try:
        with writing() as rows:
            letter = bureau_letters.write(
                rows, account=rows.get_one(Account, actor().account_id), body=form["body"], kind=form["kind"], channel="web",
                board=ticked("board"), now=now(),
            )  # fmt: skip
            number = letter.number
            bureau_letters.tell_number(rows, letter, now())
    except Invalid as refusal:
        return _render(form, [refusal]), refusal.status
    done("Your letter has number {number}. The answer comes by text, and stands here.", number=number)
    return redirect("/me/bureau", 303)


def _render(form: dict[str, str], refusals: list[Invalid] | None = None) -> str:
    language = current_language()
    with reading() as rows:
        account = rows.get_one(Account, actor().account_id)
        return render_template(
            "farmer/bureau.html", letters=listed.own(rows, account=account, language=language), form=form,
            promises=listed.promises(rows, language=language, now=now()), kinds=listed.kind_names(rows, language),
            errors=errors_of(refusals or []),
        )  # fmt: skip
