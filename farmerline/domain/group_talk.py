"""Groups in conversation: yes or no to an invitation, and leaving by a few words."""

from __future__ import annotations

import re

from sqlalchemy.orm import Session

from farmerline.domain import letter_groups, questions
from farmerline.domain.talk import Talk
from farmerline.models import GroupMember, LetterGroup, Question
from farmerline.words import say

_LEAVE = re.compile(r"^\s*(?:退群|leave group)[\s:：,，]*(?P<name>.*?)\s*$", re.IGNORECASE)


def topic(session: Session, question: Question, language: str) -> str:
    """What an invitation is about, in a few words."""
    return say(language, "the group “{name}”", name=_group(session, question).name)


def settle(talk: Talk, question: Question) -> None:
    """The answer of somebody who was asked into a group."""
    group = _group(talk.session, question)
    member = talk.session.get_one(GroupMember, (group.id, talk.person.id))
    yes = talk.said.intent != "deny"
    questions.close(question, now=talk.now, answer="yes" if yes else "no")
    letter_groups.answer(
        talk.session, group, member, yes=yes, by=talk.speaker, channel=talk.inbound.channel, now=talk.now
    )
    if yes:
        talk.tell("You are in “{name}”. To leave, write LEAVE GROUP and its name.", name=group.name)
    else:
        talk.tell("All right: you are not in it, and are not asked again.")


def take_leave(talk: Talk) -> bool:
    """``退群 葡萄社``: leave the group of that name, or the only one; whether the words were that."""
    said = _LEAVE.match(talk.inbound.body)
    if said is None or talk.account is None:
        return False
    mine = [group for group, _ in letter_groups.held(talk.session, talk.person, *letter_groups.HELD)]
    meant = [group for group in mine if group.name == said["name"]] if said["name"] else mine
    if len(meant) == 1:
        letter_groups.leave(
            talk.session, meant[0].id, talk.person, channel=talk.inbound.channel, now=talk.now
        )
        talk.tell("You are no longer in “{name}”.", name=meant[0].name)
    elif mine:
        names = "、".join(group.name for group in mine)
        talk.tell("Which group? Write LEAVE GROUP and the name: {names}", names=names)
    else:
        talk.tell("You are in no group.")
    return True


def _group(session: Session, question: Question) -> LetterGroup:
    return session.get_one(LetterGroup, question.data["group"])
