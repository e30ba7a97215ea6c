"""People and organisations, what they agreed to, and what they may do."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from farmerline.messages import Channel
from farmerline.models.base import Base, Sealed, state_type


class AccountState(StrEnum):
    PENDING = "pending"
    VERIFIED = "verified"
    SUSPENDED = "suspended"
    LEFT = "left"


class Role(StrEnum):
    FARMER = "farmer"
    CONTACT = "contact"
    EXPERT = "expert"
    PUBLISHER = "publisher"
    OFFICER = "officer"
    SIGNER = "signer"
    ADMIN = "admin"


STAFF = frozenset({Role.CONTACT, Role.EXPERT, Role.PUBLISHER, Role.OFFICER, Role.SIGNER, Role.ADMIN})
SECOND_FACTOR = frozenset({Role.OFFICER, Role.SIGNER, Role.ADMIN})


class Purpose(StrEnum):
    """What a message is for; consent is asked for each. Service answers need none."""

    SERVICE = "service"
    MATCH = "match"
    LETTER = "letter"
    ALERT = "alert"
    TIPS = "tips"
    DIGEST = "digest"
    WATCH = "watch"  # what a person subscribed to


class PersonKind(Base):
    """A kind of person (farmer, buyer, broker …): data, so that a new one needs no code."""

    __tablename__ = "person_kind"

    code: Mapped[str] = mapped_column(String(24), primary_key=True)
    name_zh: Mapped[str] = mapped_column(String(40))
    name_en: Mapped[str] = mapped_column(String(60))


class Organisation(Base):
    """A firm, market or co-op, of any county; verified by the bureau before it may post."""

    __tablename__ = "organisation"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    credit_code: Mapped[str] = mapped_column(String(18), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(ForeignKey("person_kind.code"))
    area_code: Mapped[str] = mapped_column(ForeignKey("area.code"), index=True)
    contact_sealed: Mapped[str]
    contact = Sealed()
    phone_sealed: Mapped[str]
    phone = Sealed()
    state: Mapped[AccountState] = mapped_column(state_type(AccountState, "state"))
    created_at: Mapped[datetime]
    verified_by: Mapped[str | None] = mapped_column(String(32))
    verified_at: Mapped[datetime | None]


class Account(Base):
    """One person, one real name. Several members may share a household phone.

    ``origin`` says how the account began (contact, sms, roster, web, init); ``reviewed`` turns true when a first
    post has been looked at, until then each new post is put on the contact point's list.
    """

    __tablename__ = "account"
    __table_args__ = (Index("ix_account_area_state", "area_code", "state"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    name_sealed: Mapped[str]
    name = Sealed()
    phone_sealed: Mapped[str | None]
    phone = Sealed()
    phone_index: Mapped[str | None] = mapped_column(String(64), index=True)
    resident_sealed: Mapped[str | None]
    resident = Sealed()
    resident_index: Mapped[str | None] = mapped_column(String(64), unique=True)
    area_code: Mapped[str] = mapped_column(ForeignKey("area.code"))
    organisation_id: Mapped[str | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    state: Mapped[AccountState] = mapped_column(state_type(AccountState, "state"))
    language: Mapped[str] = mapped_column(String(2), default="zh")
    preferred: Mapped[Channel] = mapped_column(
        state_type(Channel, "preferred", never=(Channel.EMAIL,)), default=Channel.SMS
    )
    origin: Mapped[str] = mapped_column(String(16))
    reviewed: Mapped[bool] = mapped_column(default=False)
    id_seen_by: Mapped[str | None] = mapped_column(String(32))
    id_seen_on: Mapped[date | None]
    verified_by: Mapped[str | None] = mapped_column(String(32))
    verified_at: Mapped[datetime | None]
    verified_where: Mapped[str | None] = mapped_column(String(12))
    created_at: Mapped[datetime]
    created_by: Mapped[str | None] = mapped_column(String(32))

    kinds: Mapped[list[AccountKind]] = relationship(cascade="all, delete-orphan", lazy="selectin")
    crops: Mapped[list[AccountCrop]] = relationship(cascade="all, delete-orphan", lazy="selectin")


class AccountKind(Base):
    __tablename__ = "account_kind"

    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(ForeignKey("person_kind.code"), primary_key=True)


class AccountCrop(Base):
    __tablename__ = "account_crop"

    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"), primary_key=True)
    concept: Mapped[str] = mapped_column(String(40), primary_key=True, index=True)


class RoleGrant(Base):
    """A role within an area: every place whose code begins with ``area_code``."""

    __tablename__ = "role_grant"
    __table_args__ = (Index("ix_role_grant_role_area", "role", "area_code"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"), index=True)
    role: Mapped[Role] = mapped_column(state_type(Role, "role"))
    area_code: Mapped[str] = mapped_column(ForeignKey("area.code"))
    granted_by: Mapped[str | None] = mapped_column(String(32))
    granted_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class Consent(Base):
    """A person's yes or no to one purpose by one channel ("" for every channel), with its proof. The latest row holds.

    A number without an account may say no as well: then only ``phone_index`` is set.
    """

    __tablename__ = "consent"
    __table_args__ = (Index("ix_consent_account_purpose", "account_id", "purpose"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    account_id: Mapped[str | None] = mapped_column(ForeignKey("account.id"))
    phone_index: Mapped[str | None] = mapped_column(String(64), index=True)
    purpose: Mapped[Purpose] = mapped_column(state_type(Purpose, "purpose"))
    channel: Mapped[str] = mapped_column(String(8), default="")
    granted: Mapped[bool]
    at: Mapped[datetime]
    proof: Mapped[str] = mapped_column(String(80))
    by_id: Mapped[str | None] = mapped_column(String(32))
