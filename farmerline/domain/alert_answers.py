"""Answers by 1 and 2 to an alert, and to being called out: by text, by page, or by key in a call that reads a text."""

from __future__ import annotations

from farmerline.domain import callouts, questions, reach
from farmerline.domain.talk import Talk
from farmerline.messages import Channel
from farmerline.models import Account, Alert, Callout, CalloutKind, Question, Settled

_HOW = {Channel.VOICE: Settled.KEY, Channel.WEB: Settled.PAGE}


def settle_alert(talk: Talk, question: Question) -> None:
    """1: understood, 2: not for me; anything else says neither, and is asked again."""
    alert = talk.session.get_one(Alert, question.data["alert"])
    key = talk.said.reply
    if key not in ("1", "2"):
        talk.tell("Alert No. {serial}: reply 1{code} if you understood it, 2{code} if it is not for you.",
                  serial=alert.serial, code=question.code)  # fmt: skip
        return
    questions.close(question, now=talk.now, answer=str(key or ""))
    how = Settled.NOT_MINE if key == "2" else _HOW.get(talk.inbound.channel, Settled.REPLY)
    reach.settle(talk.session, alert, account_ids=[question.account_id or ""], how=how, now=talk.now)
    if how is Settled.NOT_MINE:
        talk.tell("Noted: alert No. {serial} is not for you.", serial=alert.serial)
    else:
        talk.tell("Thank you. We know now that you have alert No. {serial}. Questions: ring {line}, press 0.",
                  serial=alert.serial, line=talk.settings.line_number)  # fmt: skip


def settle_callout(talk: Talk, question: Question) -> None:
    """1: I take it; anything else leaves it to the next on the roster."""
    callout = talk.session.get_one(Callout, question.data["callout"])
    questions.close(question, now=talk.now, answer=str(talk.said.reply or ""))
    if talk.said.reply != "1":
        talk.tell("Noted. The next on the roster is called.")
        return
    callouts.take_up(
        talk.session, callout, by=talk.session.get_one(Account, question.account_id), now=talk.now
    )
    if callout.kind is CalloutKind.SIGN:
        talk.tell("Noted: you sign it. If you have not in ten minutes, the next is called.")
    else:
        talk.tell("Noted: you have it.")
