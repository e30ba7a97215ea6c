"""Who of a household speaks: asked by name, and only before something is published or private is told."""

from __future__ import annotations

from farmerline.domain.call_talk import CallTalk
from farmerline.messages import Ask, Say, SpokenStep
from farmerline.models import Account, AccountState

AT_MOST = 5
"""Names that are offered; who is not among them is looked after without a name."""


def unknown(talk: CallTalk) -> bool:
    """Whether several people may be speaking, and none of them has said who."""
    return talk.account is None and len(_offered(talk)) > 1


def ask(talk: CallTalk, then: str, *first: Say) -> list[SpokenStep]:
    """Ask who speaks; the answer goes on with the step ``then``."""
    names = (
        Say(talk.say("You are {name}: press {key}.", name=member.name, key=key), slow=True)
        for key, member in enumerate(_offered(talk), 1)
    )
    return [Ask(step=f"who:{then}", prompt=(*first, *names), seconds=8)]


def take(talk: CallTalk) -> Account | None:
    """Who pressed their key: from now on this call is theirs. None for silence and other keys."""
    key = talk.heard.digits[:1]
    known = dict(enumerate(_offered(talk), 1))
    member = known.get(int(key)) if key.isdecimal() else None
    if member is not None:
        talk.call.account_id = member.id
    return member


def _offered(talk: CallTalk) -> list[Account]:
    return [member for member in talk.members if member.state is AccountState.VERIFIED][:AT_MOST]
