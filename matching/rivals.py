"""What the first thing of a text would rather be, by a second opinion on its form: another that is named, or the same in
another form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from matching.lexicon import Lexicon
from matching.opinion import Opinion
from matching.values import Item

_UNLIKELY, _LIKELY = 0.1, 0.6
"""Of unseen texts whose form was held for less likely than the first, and another for likelier than the second, 20 of 25 had
been read wrongly by the rules."""


_AGREED = 0.5
"""What a form that is likelier than any other is held for at least."""


@dataclass(frozen=True, slots=True)
class Look:
    """How likely the form of the first thing is held; a likelier ``rival``, where there is one, and how likely it is (0 where
    the word is the form's own). Where the word itself is the name of a form that is not the usual one
    (猪崽, 种兔) nothing is asked."""

    share: float
    rival: Item | None = None
    likelier: float = 0.0


def look(
    said: str, items: Sequence[Item], beside: Sequence[Item], lexicon: Lexicon, opinion: Opinion
) -> Look:
    """A second look at the first thing of a text; ``beside`` are things that are named and not traded."""
    first, usual = items[0], lexicon.default_form(items[0].concept)
    open_yet = not _says_form(first, lexicon)
    word = lexicon.resolve(first.text)
    if word is not None and word.form == first.form != usual:
        return Look(1.0)
    shares = opinion.forms(said, first, usual)
    share = shares.get(first.form, 0.0)
    other = max((*items[1:], *beside), key=lambda item: shares.get(item.form, 0.0), default=None)
    if other and shares.get(other.form, 0.0) > share:
        return Look(share, _with_amounts(other, first), shares[other.form] * open_yet)
    form = max(shares, key=shares.__getitem__)
    if form == first.form:
        return Look(max(share, _AGREED))
    if form not in lexicon.forms_of(first.concept):
        return Look(share)
    return Look(share, _in_form(first, form, lexicon), shares[form] * open_yet)


def turn(items: Sequence[Item], seen: Look) -> tuple[list[Item], Look]:
    """The things, the rival first where the second opinion is plainly against what was read; that is the rival then."""
    if seen.rival is None or seen.share >= _UNLIKELY or seen.likelier <= _LIKELY:
        return list(items), seen
    rest = [item for item in items[1:] if (item.concept, item.form) != (seen.rival.concept, seen.rival.form)]
    return [seen.rival, *rest], Look(0.0, items[0])


def _says_form(item: Item, lexicon: Lexicon) -> bool:
    """Whether the word for a thing says its form, by itself (猪崽) or by its end (玉米种子)."""
    word = lexicon.resolve(item.text)
    if word is not None and word.form == item.form:
        return True
    ends = (item.text[-length:] for length in (1, 2, 3))
    return any(lexicon.form_by(lexicon.suffixes, end, item.concept) == item.form for end in ends)


def _with_amounts(item: Item, first: Item) -> Item:
    if item.qty is not None or item.unit_price is not None:
        return item
    return replace(
        item, qty=first.qty, unit=first.unit, qty_said=first.qty_said,
        unit_price=first.unit_price, price_unit=first.price_unit, price_said=first.price_said,
    )  # fmt: skip


def _in_form(item: Item, form: str, lexicon: Lexicon) -> Item:
    concept = lexicon.canonical(item.concept, form)
    name = lexicon.label(concept, form, item.variety)
    return replace(item, concept=concept, form=form, category=lexicon.category(concept), name=name)
