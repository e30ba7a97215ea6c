"""One turn of one call: who rings, what they did, and in which language they are answered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from farmerline.config import Settings
from farmerline.domain import people
from farmerline.domain.talk import Understand
from farmerline.messages import Turn
from farmerline.models import Account, Call
from farmerline.words import say


@dataclass(slots=True)
class CallTalk:
    """One turn; nobody is asked their name before they are heard."""

    session: Session
    settings: Settings
    understand: Understand
    call: Call
    heard: Turn
    now: datetime
    _members: list[Account] | None = None

    @property
    def members(self) -> list[Account]:
        """All people of the caller's phone."""
        if self._members is None:
            self._members = (
                people.by_phone(self.session, self.call.caller, bare=True) if self.call.caller else []
            )
        return self._members

    @property
    def account(self) -> Account | None:
        """The caller, where the phone has one user or the service rang this person."""
        if self.call.account_id:
            return self.session.get(Account, self.call.account_id)
        return self.members[0] if len(self.members) == 1 else None

    @property
    def placed(self) -> bool:
        """Whether the service rang, with something to say; who is rung back after a missed call is heard as a caller."""
        return self.call.outbound and not self.call.data.get("rings_back")

    @property
    def machine(self) -> bool:
        """Whether an answering machine took the call that the service placed, and no key was pressed since."""
        return bool(self.call.data.get("machine"))

    @property
    def language(self) -> str:
        known = self._known
        return known.language if known else "zh"

    @property
    def area_code(self) -> str:
        """Whose contact point looks after this caller: the household's village, else the county."""
        known = self._known
        return known.area_code if known else self.settings.county

    @property
    def _known(self) -> Account | None:
        return self.account or next(iter(self.members), None)

    def say(self, sentence: str, /, **values: object) -> str:
        return say(self.language, sentence, **values)
