"""An editor's changes laid over a vocabulary: another name, two products made one, a word that names no product."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import copy
from dataclasses import dataclass, replace

from matching.lexicon import Concept, Lexicon, Sense
from matching.normalize import clean


@dataclass(frozen=True, slots=True)
class Edit:
    """One change. `act` is "add" (`word` means `concept`, in `form` and `variety` where they are given), "merge" (the
    product `word` is another name of `concept`) or "forbid" (`word` names no product)."""

    act: str
    word: str
    concept: str = ""
    form: str = ""
    variety: str = ""


def plain_word(word: str) -> str:
    """A word as texts are read: one script, one width, lower case, without blanks."""
    return clean(word).replace(" ", "")


def edited(lexicon: Lexicon, edits: Iterable[Edit]) -> Lexicon:
    """The vocabulary with the edits made one after the other; the one given stays as it is. An edit that names a product
    which is not (or no longer) there changes nothing."""
    made = copy(lexicon)
    made.__dict__.pop("short_varieties", None)
    made.concepts, made.senses = dict(lexicon.concepts), dict(lexicon.senses)
    made.pests, made.forbidden = dict(lexicon.pests), lexicon.forbidden
    for edit in edits:
        word = plain_word(edit.word)
        if edit.act == "forbid":
            _drop(made, word)
            made.forbidden |= {word}
            continue
        known = made.resolve(edit.concept)
        if known is None or known.concept not in made.concepts:
            continue
        if edit.act == "add":
            _add(made, word, known.concept, edit)
        elif edit.act == "merge":
            _merge(made, word, known.concept, edit.form)
    return made


def _add(lexicon: Lexicon, word: str, name: str, edit: Edit) -> None:
    _drop(lexicon, word)
    concept = lexicon.concepts[name]
    if edit.variety:
        varieties = dict(concept.varieties or {})
        varieties[edit.variety] = _with(varieties.get(edit.variety, ()), word, edit.variety)
        concept = replace(concept, varieties=varieties)
    elif not edit.form:
        concept = replace(concept, synonyms=_with(concept.synonyms, word, name))
    lexicon.concepts[name] = concept
    lexicon.senses[word] = Sense(name, edit.form or None, edit.variety or None)
    lexicon.forbidden -= {word}


def _drop(lexicon: Lexicon, word: str) -> None:
    """The word means nothing any more; a product keeps its own name."""
    sense = lexicon.senses.pop(word, None)
    concept = lexicon.concepts.get(sense.concept) if sense else None
    if concept is None:
        return
    others = {variety: _without(names, word) for variety, names in (concept.varieties or {}).items()}
    lexicon.concepts[concept.name] = replace(
        concept,
        synonyms=_without(concept.synonyms, word),
        varieties={variety: names for variety, names in others.items() if variety.lower() != word} or None,
    )


def _merge(lexicon: Lexicon, word: str, name: str, form: str) -> None:
    """All words of one product lead to the other; what was traded in a form of its own keeps that form."""
    lost = lexicon.senses.get(word)
    gone = lexicon.concepts.get(lost.concept) if lost else None
    if gone is None or gone.name == name:
        return
    kept = lexicon.concepts[name]
    own = form or (gone.form if gone.form != kept.form else "")
    for each, sense in list(lexicon.senses.items()):
        if sense.concept == gone.name:
            lexicon.senses[each] = replace(sense, concept=name, form=sense.form or own or None)
    lexicon.concepts[name] = _joined(kept, gone)
    del lexicon.concepts[gone.name]
    for pest in list(lexicon.pests.values()):
        if gone.name in pest.crops:
            crops = tuple(dict.fromkeys(name if crop == gone.name else crop for crop in pest.crops))
            lexicon.pests[pest.name] = replace(pest, crops=crops)


def _joined(kept: Concept, gone: Concept) -> Concept:
    varieties: dict[str, tuple[str, ...]] = dict(gone.varieties or {})
    own: Mapping[str, tuple[str, ...]] = kept.varieties or {}
    for variety, others in own.items():
        varieties[variety] = tuple(dict.fromkeys((*others, *varieties.get(variety, ()))))
    synonyms = tuple(dict.fromkeys((*kept.synonyms, gone.name, *gone.synonyms)))
    return replace(kept, synonyms=synonyms, varieties=varieties or None)


def _with(words: tuple[str, ...], word: str, name: str) -> tuple[str, ...]:
    return words if word in words or word == name else (*words, word)


def _without(words: tuple[str, ...], word: str) -> tuple[str, ...]:
    return tuple(one for one in words if one.lower() != word)
