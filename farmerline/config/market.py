"""Posts, matches, subscriptions, the day's seller."""

from __future__ import annotations

from pydantic import BaseModel, Field


class MarketSettings(BaseModel):
    """Posts, matches, subscriptions, the day's seller."""

    hold_hours: int = Field(
        2, ge=1, description="Working hours in which a contact point decides on a held post."
    )
    read_back_hours: int = Field(
        24, ge=1, description="Hours a read-back waits for its answer before it goes to the contact point."
    )
    follow_up_days: tuple[int, int] = Field(
        (3, 10), description="Days after a match when both sides are asked how it ended."
    )
    reveals_a_day: int = Field(30, ge=1, description="Phone numbers one person may be shown in a day.")
    pool_hours: int = Field(
        48, ge=1, description="Hours in which the members of a pooled offer, then its buyer, may answer."
    )
    matches_a_side: int = Field(3, ge=1, le=3, description="Matches offered to each side of a post.")
    quiet_from: int = Field(
        20, ge=0, le=24, description="Hour after which no tips or digests are sent (China time)."
    )
    quiet_to: int = Field(
        8, ge=0, le=24, description="Hour from which tips and digests are sent (China time)."
    )
    tips_in_7_days: int = Field(
        3, ge=0, description="Tips and digests that one person gets in seven days at most."
    )
    subscriptions_each: int = Field(
        20, ge=1, le=200, description="Products that one person may be subscribed to at a time."
    )
    notices_a_day: int = Field(
        3,
        ge=1,
        le=50,
        description="Messages about subscriptions that one person gets in a day at most; the rest is told next morning.",
    )
    notice_gather_seconds: int = Field(
        10,
        ge=0,
        le=3600,
        description="Seconds that a new post waits for others before its subscribers are told of all in one message.",
    )
    digest_at: str = Field(
        "08:40",
        pattern=r"^([01]\d|2[0-3]):[0-5]\d$",
        description="When 每日一助, the day's seller, is told to likely buyers (China time, `HH:MM`, outside the quiet hours).",
    )
    digest_seller_days: int = Field(
        30, ge=1, le=365, description="Days before the same seller may have the day again."
    )
    digest_readers: int = Field(
        500, ge=1, le=10_000, description="Likely buyers that one day's seller is told to at most."
    )
