"""The vocabulary: categories, products with their names and varieties, forms, pests; read from `data/*.tsv`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from importlib.resources import files

from matching.normalize import simplified


@dataclass(frozen=True, slots=True)
class Concept:
    """A product: the `form` it is traded in when nothing else is said, its other names and its varieties
    (name → other names)."""

    name: str
    category: str
    form: str
    synonyms: tuple[str, ...] = ()
    varieties: Mapping[str, tuple[str, ...]] | None = None


@dataclass(frozen=True, slots=True)
class Sense:
    """What one word of the vocabulary means."""

    concept: str
    form: str | None = None
    variety: str | None = None


@dataclass(frozen=True, slots=True)
class Pest:
    """A pest or disease, its other names and the crops or animals it is known on."""

    name: str
    kind: str
    synonyms: tuple[str, ...]
    crops: tuple[str, ...]


def read_rows(name: str) -> Iterator[list[str]]:
    """The rows of a shipped table, without its comment lines."""
    for line in (files("matching") / "data" / name).read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            yield line.split("\t")


def split_words(cell: str) -> tuple[str, ...]:
    """The words of a cell separated by slashes."""
    return tuple(word for word in cell.strip().split("/") if word)


class Lexicon:
    """All words the reader knows. Built once; `matching.editing.edited` gives a new one, so that an editor's change
    never touches a reading under way."""

    forbidden: frozenset[str] = frozenset()
    """Words that an editor said name no product."""

    def __init__(
        self,
        concepts: Iterable[Concept],
        words: Mapping[str, Sense],
        forms: Iterable[tuple[str, str, tuple[str, ...], str]],
        labels: Sequence[tuple[str, ...]],
        pests: Iterable[Pest] = (),
    ) -> None:
        self.concepts = {concept.name: concept for concept in concepts}
        self.senses: dict[str, Sense] = {}
        self.rivals: dict[str, list[Sense]] = {}
        for concept in self.concepts.values():
            for variety, aliases in (concept.varieties or {}).items():
                for word in (variety, *aliases):
                    sense = Sense(concept.name, None, variety)
                    first = self.senses.setdefault(word.lower(), sense)
                    if first.concept != concept.name:
                        self.rivals.setdefault(word.lower(), [first]).append(sense)
            for word in concept.synonyms:
                if self.senses.get(word.lower(), Sense("")).concept != concept.name:
                    self.senses[word.lower()] = Sense(concept.name)
        for concept in self.concepts.values():
            self.senses[concept.name.lower()] = Sense(concept.name)
        self.senses.update({word.lower(): sense for word, sense in words.items()})
        self._same = {(row[1], row[2]): row[3] for row in labels if row[0] == "same"}
        for word, sense in list(self.senses.items()):
            own = self._same.get((sense.concept, sense.form or ""))
            self.senses[word] = replace(sense, concept=own) if own else sense
            self.senses.setdefault(simplified(word), self.senses[word])
        self.pests = {pest.name: pest for pest in pests}
        self.pest_words = {
            word: pest.name for pest in self.pests.values() for word in (*pest.synonyms, pest.name)
        }
        self.forms = tuple(forms)
        self.suffixes = self._form_table("suffix")
        self.prefixes = self._form_table("prefix")
        self.loose = self._form_table("loose")
        self._labels = {
            (row[1], row[2]): (row[3].strip("-"), row[4].strip("-")) for row in labels if row[0] == "label"
        }
        self._pairs: dict[tuple[str, str], float] = {}
        for row in labels:
            if row[0] == "pair":
                self._pairs[row[1], row[2]] = self._pairs[row[2], row[1]] = float(row[3])

    def _form_table(self, position: str) -> dict[str, dict[str, str]]:
        table: dict[str, dict[str, str]] = {}
        for scope, where, words, form in self.forms:
            if where == position:
                for word in words:
                    for category in scope.split(","):
                        table.setdefault(word, {}).setdefault(category, form)
        return table

    @classmethod
    @lru_cache(maxsize=1)
    def default(cls) -> Lexicon:
        """The shipped vocabulary."""
        varieties: dict[str, dict[str, tuple[str, ...]]] = {}
        for concept, variety, aliases in read_rows("varieties.tsv"):
            varieties.setdefault(concept, {})[variety] = split_words(aliases)
        concepts = [
            Concept(name, category, form, split_words(synonyms), varieties.get(name))
            for name, category, form, synonyms in read_rows("products.tsv")
        ]
        words = {
            word: Sense(concept, form or None, variety or None)
            for surfaces, concept, form, variety in read_rows("words.tsv")
            for word in split_words(surfaces)
        }
        forms = [(row[0], row[1], split_words(row[2]), row[3]) for row in read_rows("forms.tsv")]
        labels = [tuple(row) for row in read_rows("labels.tsv")]
        pests = [
            Pest(row[0], row[1], split_words(row[2]), split_words(row[3])) for row in read_rows("pests.tsv")
        ]
        return cls(concepts, words, forms, labels, pests)

    def category(self, concept: str) -> str:
        """The category of a product; empty for an unknown one."""
        known = self.concepts.get(concept)
        return known.category if known else ""

    def default_form(self, concept: str) -> str:
        """The form a product is traded in when nothing else is said."""
        known = self.concepts.get(concept)
        return known.form if known else "fresh"

    def canonical(self, concept: str, form: str) -> str:
        """The product under which a form of another is traded by its own name: straw of 玉米 is 玉米秸秆."""
        return self._same.get((concept, form), concept)

    def resolve(self, name: str) -> Sense | None:
        """The meaning of a product's name, dialect name or variety; None where it is not known."""
        return self.senses.get(name.strip().lower())

    def form_by(self, table: Mapping[str, Mapping[str, str]], word: str, concept: str) -> str | None:
        """The form a word gives a product (a row for the product itself goes before one for its category)."""
        row = table.get(word)
        if not row:
            return None
        return row.get(concept) or row.get(self.category(concept)) or row.get("*")

    def forms_of(self, concept: str) -> frozenset[str]:
        """The forms in which a product is known: its usual one, and those that words give it or its category."""
        scopes = (concept, self.category(concept))
        return self._worded.get(concept, frozenset()).union(
            *(self._scoped.get(scope, ()) for scope in scopes), [self.default_form(concept)]
        )

    @cached_property
    def _scoped(self) -> dict[str, set[str]]:
        """The forms that form words give each product or category of their rows."""
        forms: dict[str, set[str]] = {}
        for scopes, _where, _words, form in self.forms:
            for scope in scopes.split(","):
                forms.setdefault(scope, set()).add(form)
        return forms

    @cached_property
    def _worded(self) -> dict[str, frozenset[str]]:
        """The forms that words of their own give each product."""
        forms: dict[str, set[str]] = {}
        for sense in self.senses.values():
            if sense.form:
                forms.setdefault(sense.concept, set()).add(sense.form)
        return {concept: frozenset(each) for concept, each in forms.items()}

    def label(self, concept: str, form: str, variety: str | None = None) -> str:
        """What people call it: 葡萄苗, 翠冠梨, 巨峰葡萄."""
        name = concept
        if variety:
            related = (concept, *(self.concepts[concept].synonyms if concept in self.concepts else ()))
            ends = tuple(word[-1] for word in related if word)
            name = variety if variety.endswith(ends) else variety + concept
        if form == self.default_form(concept):
            return name
        before, after = (
            self._labels.get((concept, form))
            or self._labels.get((self.category(concept), form))
            or self._labels.get(("*", form), ("", ""))
        )
        return (
            (before if not name.startswith(before) else "")
            + name
            + (after if not name.endswith(after) else "")
        )

    def nearness(self, one: str, other: str) -> float:
        """How near two forms of one product are: 1 the same, 0 something else."""
        return 1.0 if one == other else self._pairs.get((one, other), 0.0)

    def near_forms(self, form: str) -> tuple[str, ...]:
        """The form itself first, then those near enough to be shown."""
        return (form, *(other for (one, other) in self._pairs if one == form))

    @cached_property
    def short_varieties(self) -> dict[str, dict[str, str]]:
        """Per product: a variety's name without the product's own (牛心 for 牛心甘蓝) → the variety."""
        table: dict[str, dict[str, str]] = {}
        for concept in self.concepts.values():
            names = sorted((concept.name, *concept.synonyms), key=len, reverse=True)
            for variety, aliases in (concept.varieties or {}).items():
                for word in (variety, *aliases):
                    short = word
                    for name in names:
                        if word.endswith(name) and len(word) - len(name) >= 2:
                            short = word[: -len(name)]
                            break
                    else:
                        if word[-1:] in {name[-1:] for name in names} and len(word) > 2:
                            short = word[:-1]
                    table.setdefault(concept.name, {}).setdefault(short.lower(), variety)
                    table[concept.name].setdefault(word.lower(), variety)
        return table
