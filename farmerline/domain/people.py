"""People as they are found: by phone, by what they are called in a village, as the contact point of a place; and described."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, lazyload

from farmerline import vault
from farmerline.domain import access, areas
from farmerline.errors import Invalid
from farmerline.messages import Channel
from farmerline.models import Account, AccountCrop, AccountKind, AccountState, PersonKind, Role, RoleGrant
from farmerline.names import fits
from matching.lexicon import Lexicon

MOST_MEMBERS = 8
_DIGITS_TOLD = (4, 11)
_HAN = r"[\u3400-\u9fff\U00020000-\U000323af]"
_NAME = re.compile(rf"{_HAN}{{1,12}}(?:·{_HAN}{{1,12}})*|[A-Za-z][A-Za-z .'-]{{1,39}}")


_OF_PHONE = (
    select(Account)
    .where(Account.phone_index == bindparam("phone"), Account.state != AccountState.LEFT)
    .order_by(Account.created_at, Account.id)
)
_BARE = _OF_PHONE.options(lazyload("*"))


def by_phone(session: Session, phone: str, *, bare: bool = False) -> list[Account]:
    """The people of a phone (E.164), in the order they joined: pending, verified and suspended ones, not those who left.

    ``bare``: what they grow and what they are is read only when it is asked for.
    """
    return list(session.scalars(_BARE if bare else _OF_PHONE, {"phone": vault.phone_index(phone)}))


def name_of(session: Session, account_id: str | None) -> str:
    """A person's name; "" for nobody."""
    return names_of(session, [account_id]).get(account_id or "", "")


def names_of(session: Session, account_ids: Iterable[str | None]) -> dict[str, str]:
    """The names of these people by their ids, as far as there is somebody."""
    wanted = {one for one in account_ids if one}
    if not wanted:
        return {}
    found = session.scalars(select(Account).where(Account.id.in_(wanted)))
    return {account.id: account.name for account in found}


def find_in_area(session: Session, area_code: str, said: str, *, by_number: bool = False) -> list[Account]:
    """The people of one village or town whom the words may mean: a name, 老杨, pinyin.

    ``by_number``: or the phone's last four digits, or all of it; for staff alone. Whoever may try digits and see
    whose they are learns people's numbers one digit after the other. Names are sealed, so each is opened in memory;
    raises ``Invalid`` for an area wider than a town.
    """
    if len(area_code) < 9:
        raise Invalid("area_wide", "Choose a village or a town to look for a person.", field="area")
    digits = re.sub(r"\D", "", unicodedata.normalize("NFKC", said))[-11:] if by_number else ""
    open_ = vault.current().open
    meant: dict[str, bool] = {}  # a name is looked at once, however many people bear it
    ids: list[str] = []
    here = areas.inside(Account.area_code, area_code)
    query = select(Account.id, Account.name_sealed, Account.phone_sealed).where(
        here, Account.state != AccountState.LEFT
    )
    for id_, name_sealed, phone_sealed in session.execute(query):
        name = open_(name_sealed, place=f"account.name:{id_}")
        if name not in meant:
            meant[name] = fits(said, name)
        if meant[name] or (
            len(digits) in _DIGITS_TOLD
            and phone_sealed
            and open_(phone_sealed, place=f"account.phone:{id_}").endswith(digits)
        ):
            ids.append(id_)
    found: list[Account] = []
    for start in range(0, len(ids), 500):
        found += session.scalars(select(Account).where(Account.id.in_(ids[start : start + 500])))
    return sorted(found, key=lambda account: (account.name != said, account.area_code, account.id))


def contact_of(session: Session, area_code: str) -> Account | None:
    """The contact point of a village, else of its town, else of its county; None where nobody is.

    Who lives in a county that is not ours (a firm's buyer) has our county's own contact point.
    """
    for code in areas.prefixes(served_area(session, area_code)):
        if len(code) >= 6 and (found := access.holders(session, Role.CONTACT, code)):
            return found[0]
    return None


def served_area(session: Session, area_code: str) -> str:
    """Where a matter of this place is looked after: the place itself, or our county for places of other counties."""
    grants = select(RoleGrant.area_code).where(RoleGrant.role == Role.CONTACT, RoleGrant.ended_at.is_(None))
    served = sorted(set(session.scalars(grants)), key=lambda code: (len(code), code))
    near = area_code[:6]
    if not served or any(code.startswith(near) or near.startswith(code) for code in served):
        return area_code
    return served[0]


def describe(
    session: Session,
    account: Account,
    *,
    kinds: Iterable[str] | None = None,
    crops: Iterable[str] | None = None,
    preferred: Channel | None = None,
    language: str | None = None,
) -> None:
    """Change what is known of a person; what is None stays. Raises ``Invalid`` for an unknown kind."""
    if kinds is not None:
        wanted = list(dict.fromkeys(kinds)) or ["farmer"]
        known = set(session.scalars(select(PersonKind.code).where(PersonKind.code.in_(wanted))))
        for kind in wanted:
            if kind not in known:
                raise Invalid(
                    "kind_unknown", "There is no kind of person called {kind}.", field="kinds", kind=kind
                )
        held = {row.kind: row for row in account.kinds}
        account.kinds = [held.get(kind) or AccountKind(account_id=account.id, kind=kind) for kind in wanted]
    if crops is not None:
        grown = list(dict.fromkeys(crop_of(crop) for crop in crops if crop.strip()))
        rows = {row.concept: row for row in account.crops}
        account.crops = [rows.get(crop) or AccountCrop(account_id=account.id, concept=crop) for crop in grown]
    account.preferred = preferred or account.preferred or Channel.SMS
    account.language = language or account.language or "zh"
    session.flush()


def crop_of(said: str) -> str:
    """The product that a crop's name means (番茄 and 西红柿 are one), else the word itself; at most 40 signs."""
    word = said.strip()
    sense = Lexicon.default().resolve(word)
    return (sense.concept if sense else word)[:40]


def check_name(text: str) -> str:
    """A person's real name as in the ID: 2 to 12 characters, a dot between the parts of a long one; or Latin letters."""
    name = re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text)).strip()
    name = re.sub(r"[・•‧∙⋅.](?=[\u3400-\u9fff])", "·", name)
    if re.search(r"[\u3400-\u9fff]", name):
        name = name.replace(" ", "")
    if len(name) < 2 or len(name) > 40 or not _NAME.fullmatch(name):
        raise Invalid("name_shape", "Write the real name as in the ID, 2 characters or more.", field="name")
    return name


def refuse_crowd(members: Sequence[Account]) -> None:
    """Raise ``Invalid`` when a phone has as many people as it may have."""
    if len(members) >= MOST_MEMBERS:
        raise Invalid(
            "phone_full",
            "Too many people are registered with this phone. Go to your contact point.",
            field="phone",
        )
