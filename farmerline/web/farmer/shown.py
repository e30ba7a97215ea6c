"""Own posts and open questions as the pages show them: tiles, stops on the line, buttons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import SimpleNamespace

from farmerline.config import Module, Settings
from farmerline.domain import keys
from farmerline.ids import new_id
from farmerline.queries.board import Kind
from farmerline.queries.farmer import Asked, OwnPost, Step
from farmerline.web.doors import now
from farmerline.web.format import exact
from farmerline.web.language import _, current_language

_LIVE = ("open", "matched")
_HELD = {
    "unverified": "Your contact point has to see your ID first.",
    "buy_back": "It promises to buy back: your contact point asks you about it first.",
    "licence": "Who sells this needs a licence: write its number, or show it to your contact point.",
    "forbidden": "This must not be sold or used any more: your contact point rings you.",
    "wildlife": "Such animals may only be traded with a permit: show it to your contact point.",
    "same_text": "Somebody else posted the same words: your contact point looks at it first.",
    "first_post": "It is your first post: your contact point looks at it first.",
}
_STATES = {
    "pending": "Written and read back",
    "held": "Waits for the contact point",
    "open": "Published",
    "matched": "Numbers shown",
    "done": "Done",
    "expired": "Its days ended",
    "withdrawn": "Taken down",
}
_NOTED = {
    "renewed": "Its days began anew",
    "re-read": "Read again with the vocabulary's new words",
    "appealed": "Appealed: somebody else looks at it",
    "appeal granted": "Published after the appeal",
    "same text": "Looked at once more by the contact point",
    "re-read: left as agreed": "The vocabulary was changed; this stays as agreed",
}
"""Steps that changed something else than the post's state, by their note."""
_TOLD = {"changed": "Changed; before: {told}", "sold": "Told as sold: {told}"}
"""The same, whose note says what after a colon."""
CHANNELS = {
    "sms": "by text message",
    "voice": "by phone",
    "web": "on the web",
    "contact": "at the contact point",
}
_BUTTONS: Mapping[str, tuple[str, ...]] = {
    "publish": ("Publish, and show my number to who fits", "Publish without my number", "Change it"),
    "side": ("I sell", "I buy"),
    "choice": (),
    "which": (),
    "edit": ("Change it so", "Leave it as it is"),
    "survey": (),
    "change": ("Leave it as it is and publish",),
    "match": ("Yes, ask for me", "Does not suit me"),
    "outcome_sells": ("All sold", "A part is sold", "Not sold"),
    "outcome_buys": ("Bought", "Bought a part", "Not bought"),
    "amount": (),
    "reason": ("The price", "The quality", "Nobody reached", "Sold or bought elsewhere"),
    "pool": ("Yes, mine too", "No, not mine"),
    "pooled": ("Take it", "Does not suit me"),
    "renew": ("Keep it", "Take it down"),
    "callout": ("I take it", "Leave it to the next"),
    "group": ("Yes, put me in", "No"),
    "heard": ("That is right", "No, it is wrong"),
    "useful": ("It helped", "It did not help"),
}
_KEYS = {0: "", 1: "1", 2: "12", 3: "132", 4: "1234"}
"""The keys of a question's buttons by how many there are: yes, in between, no. As in a text message."""
_KEY_PAGES = {
    "sell": "/me/write?use=sell",
    "buy": "/me/write?use=buy",
    "pest": "/me/sightings/new",
    "ask": "/me/write?use=ask",
}
"""Where the page goes for what a key of the telephone leads to."""
_TITLES = {
    "publish": "Is this right?",
    "side": "Do you sell or buy?",
    "choice": "What do you mean?",
    "which": "Which one do you mean?",
    "edit": "Shall your post be changed so?",
    "change": "What shall be different?",
    "match": "It fits. Do you want it?",
    "pool": "Shall yours go with the neighbours'?",
    "pooled": "Neighbours offer it together. Do you take it?",
    "outcome_sells": "Did you sell?",
    "outcome_buys": "Did you buy?",
    "amount": "How much was it?",
    "reason": "Why was there no deal? You need not say.",
    "renew": "It ends tomorrow. Keep it?",
    "callout": "You are called out. Do you take it?",
    "survey": "A question to you",
    "group": "Shall you be written to with this group?",
    "heard": "Is this what you said?",
    "useful": "Did the expert's answer help?",
}
_PURPOSES = {
    "match": "Matches for your posts",
    "watch": "What you subscribed to",
    "letter": "Letters",
    "alert": "Pest alerts",
    "tips": "Farm tips",
    "digest": "Daily news",
}


def question(asked: Asked) -> SimpleNamespace:
    """A question with its buttons; ``once`` marks the form, so that sending it twice is sending it once."""
    kind = asked.kind
    if kind == "outcome":
        kind = "outcome_sells" if asked.sells else "outcome_buys"
    keys = "1234" if asked.choices else _KEYS[len(_BUTTONS[kind])]
    words = asked.choices or tuple(_(each) for each in _BUTTONS[kind])
    return SimpleNamespace(
        kind=asked.kind,
        code=asked.code,
        once=new_id(),
        title=_(_TITLES[kind]),
        about=asked.about,
        other=asked.other,
        reason=asked.reason,
        other_number=asked.other_number,
        post_id=asked.post_id,
        asked_at=asked.asked_at,
        buttons=[
            (keys[place], each, "" if place or kind == "change" else "yes")
            for place, each in enumerate(words)
        ],
    )


def tile(kind_code: str, kinds: Sequence[Kind]) -> tuple[str, str]:
    """The tile of a kind: its side, and its sign where it has no side."""
    kind = next((one for one in kinds if one.code == kind_code), None)
    if kind is None:
        return "", "?"
    if kind.side:
        return kind.side, ""
    return "", kind.tile if current_language() == "zh" else kind.name_en[:12]


def own_row(post: OwnPost, kinds: Sequence[Kind]) -> SimpleNamespace:
    """An own post as a row, with its life as stops on the line."""
    side, sign = tile(post.kind, kinds)
    return SimpleNamespace(
        post=post,
        side=side,
        tile=sign,
        stops=life(post, bool(side)),
        state=state(post),
        live=post.state in _LIVE,
    )


def life(post: OwnPost, is_matched: bool) -> list[tuple[str, str]]:
    """How far a post has come: published, matched, numbers shown, done. The first step that is not behind it is "now"."""
    steps = [_("Published"), *([_("Matched"), _("On the phone")] if is_matched else []), _("Done")]
    if post.state == "done":
        reached = len(steps)
    elif post.state in ("pending", "held") or (post.state == "withdrawn" and post.published_at is None):
        reached = 0
    elif not is_matched:
        reached = 1
    else:
        reached = 3 if post.partners else 2 if post.matched else 1
    return [
        ("" if place < reached else "now" if place == reached else "later", words)
        for place, words in enumerate(steps)
    ]


def life_steps(steps: Sequence[Step]) -> list[tuple[str, str, str]]:
    """The life of a post for ``stops``: what became of it, and when, by whom, by which channel."""
    shown = []
    for step in steps:
        act, _colon, told = step.note.partition(": ")
        if told and act in _TOLD:
            words = _(_TOLD[act], told=told)
        else:
            words = _(_NOTED.get(step.note) or _STATES.get(step.state, "Changed"))
        at = exact(current_language(), step.at, now())
        how = _(CHANNELS[step.channel]) if step.channel in CHANNELS else ""
        shown.append(("", words, " · ".join(part for part in (at, step.who, how) if part)))
    return shown


def state(post: OwnPost) -> str:
    """One sentence where something is to be said about a post; "" while it simply runs."""
    if post.appealed and post.state in ("held", "withdrawn"):
        return _("You appealed: the county office looks at it or has decided.")
    if post.refused:
        return _("Your contact point took it down: {reason}", reason=post.refused)
    if post.state == "held":
        return _(_HELD.get(post.held_reason, "Your contact point looks at it first."))
    if post.state == "pending":
        return _("Not published yet.")
    if post.state == "done":
        return _("It is done.")
    if post.state == "expired":
        return _("Its days are over.")
    return ""


def key_entries(settings: Settings) -> list[tuple[str, str]]:
    """The four keys of the telephone, without those whose part is switched off."""
    return [
        (key, _KEY_PAGES[leads])
        for key, (leads, module) in keys.MAIN.items()
        if leads in _KEY_PAGES and (module is None or settings.has(module))
    ]


def kept_choices(
    choices: Mapping[tuple[str, str], bool], settings: Settings
) -> list[tuple[str, str, bool, bool]]:
    """(purpose, its name, by text, by call) for each part that is switched on."""
    shown = []
    for purpose in _PURPOSES:
        if purpose == "letter" and not settings.has(Module.MAILBOX):
            continue
        if purpose == "alert" and not settings.has(Module.ALERTS):
            continue
        shown.append((purpose, _(_PURPOSES[purpose]), choices[purpose, "sms"], choices[purpose, "voice"]))
    return shown
