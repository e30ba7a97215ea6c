"""The vocabulary that publishers edit: another name, two products made one, a word that names no product; and undoing it.

An edit is a row that counts until it is undone; nothing is deleted. The shipped vocabulary stays as it is: what is in force
is laid over it (``matching.editing``), in the order in which it was made.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from farmerline.domain import access, audit, guards
from farmerline.domain.access import Actor
from farmerline.domain.numbers import next_number
from farmerline.errors import Absent, Conflict, Invalid
from farmerline.models import Area, Role, UnknownWord, WordAct, WordEdit, WordState
from matching import Gazetteer, Lexicon, Sense
from matching.editing import Edit, edited, plain_word
from matching.unknown import is_everyday, is_place

LONGEST = 20
"""Signs of a word at most."""
_EDITORS = (Role.PUBLISHER, Role.ADMIN)
_LETTERS = re.compile(r"[^\W\d_]+")
_NUMBERED = re.compile(r"[^\W\d_][^\W_]*")
"""The name of a variety, which may bear a number (浙鲜9号): it is looked for beside its product only."""
Mark = tuple[int, int]
"""A state of the vocabulary: the newest edit's serial, and how many are undone."""


class Doubtful(Conflict):
    """It can be done, and changes more than may be meant: to be said once more, with ``sure``."""


@dataclass(frozen=True, slots=True)
class Change:
    """What an editor wants. ``product`` is any known name of it; ``form`` and ``variety`` are "" where none is meant."""

    act: WordAct
    word: str
    product: str = ""
    form: str = ""
    variety: str = ""
    note: str = ""


def change(
    act: str, word: str, product: str = "", form: str = "", variety: str = "", note: str = ""
) -> Change:
    """A change as a form tells it; ``Absent`` for an act that there is not."""
    if act not in {one.value for one in WordAct}:
        raise Absent
    return Change(WordAct(act), word, product, form, variety, note)


def may_edit(actor: Actor, county: str) -> bool:
    """Whether this person edits the county's vocabulary: its publishers and administrators, or of an area around it."""
    try:
        admit(actor, county)
    except Absent:
        return False
    return True


def admit(actor: Actor, county: str) -> None:
    """Let pass who edits the county's vocabulary; else ``Absent``."""
    access.authorise(actor, _EDITORS, county)


def mark(session: Session) -> Mark:
    """The state of the vocabulary now; another one means that it was changed."""
    newest, undone = session.execute(select(func.max(WordEdit.serial), func.count(WordEdit.undone_at))).one()
    return newest or 0, undone


def in_force(session: Session) -> tuple[Mark, list[Edit]]:
    """The edits that count, in their order, with the state they make."""
    rows = session.scalars(select(WordEdit).order_by(WordEdit.serial)).all()
    undone = sum(row.undone_at is not None for row in rows)
    return (rows[-1].serial if rows else 0, undone), [edit_of(row) for row in rows if row.undone_at is None]


def edit_of(row: WordEdit) -> Edit:
    """A row as the matcher takes it."""
    return Edit(row.act.value, row.word, row.concept, row.form, row.variety)


def lexicon(session: Session) -> Lexicon:
    """The shipped vocabulary with all edits that count."""
    return edited(Lexicon.default(), in_force(session)[1])


def make(
    session: Session, change: Change, *, actor: Actor, county: str, now: datetime, sure: bool = False
) -> WordEdit:
    """Put an edit in force, after every other that is.

    Raises ``Invalid`` for words that will not do, ``Conflict`` where it is so already, ``Doubtful`` where it must be said
    once more with ``sure``, ``Absent`` who does not edit here.
    """
    admit(actor, county)
    serial = next_number(session, "word_edit")  # held until the end: editors go one after the other
    edit, doubt = checked(session, lexicon(session), change, county)
    if doubt is not None and not sure:
        raise doubt
    row = WordEdit(
        serial=serial, act=WordAct(edit.act), word=edit.word, concept=edit.concept, form=edit.form, variety=edit.variety,
        note=" ".join(change.note.split())[:200], by_id=actor.account_id, at=now,
    )  # fmt: skip
    session.add(row)
    session.flush()
    _note(session, row, f"word.{edit.act}", actor, now)
    heard = session.scalar(select(UnknownWord).where(UnknownWord.word == row.word))
    if heard is not None:
        heard.state, heard.edit_id = WordState.TAKEN, row.id
    session.flush()
    return row


def undo(session: Session, edit_id: str, *, actor: Actor, county: str, now: datetime) -> WordEdit:
    """Let an edit count no more; the row stays. Raises ``Conflict`` where it is undone already."""
    admit(actor, county)
    row = session.scalar(select(WordEdit).where(WordEdit.id == edit_id).with_for_update())
    if row is None:
        raise Absent
    if row.undone_at is not None:
        raise Conflict("edit_undone", "This is undone already.")
    row.undone_at, row.undone_by = now, actor.account_id
    for heard in session.scalars(select(UnknownWord).where(UnknownWord.edit_id == row.id)):
        heard.state, heard.edit_id = WordState.HEARD, None
    session.flush()
    _note(session, row, "word.undo", actor, now)
    return row


def checked(session: Session, words: Lexicon, change: Change, county: str) -> tuple[Edit, Doubtful | None]:
    """The edit that this change makes of the vocabulary, and what speaks against it. Raises as ``make``."""
    word = _word(change.word, "word")
    if change.act is WordAct.FORBID:
        return Edit("forbid", word), _against_forbidding(words, word)
    named = change.product.strip()
    if not named:
        raise Invalid("product_missing", "Write which product it is.", field="product")
    product = words.resolve(plain_word(named))
    if product is None or product.concept not in words.concepts:
        raise Invalid("product_unknown", "No product is called {name} here.", field="product", name=named)
    if change.act is WordAct.MERGE:
        return Edit("merge", word, product.concept), _against_merging(words, word, product.concept)
    edit = _addition(words, word, product, change)
    return edit, _against_adding(session, words, edit, county)


def forms(words: Lexicon) -> list[str]:
    """The forms in which goods are traded, the commonest first."""
    found: dict[str, int] = {}
    for concept in words.concepts.values():
        found[concept.form] = found.get(concept.form, 0) + 1
    for _scope, _where, _words, form in words.forms:
        found.setdefault(form, 0)
    return sorted(found, key=lambda form: (-found[form], form))


def _word(said: str, field: str, signs: re.Pattern[str] = _LETTERS) -> str:
    word = plain_word(said)
    if not word:
        raise Invalid("word_empty", "Write the word.", field=field)
    if len(word) > LONGEST:
        raise Invalid("word_long", "A word has {most} signs at most.", field=field, most=LONGEST)
    if not signs.fullmatch(word):
        raise Invalid("word_signs", "Only characters and letters: no figures, no other signs.", field=field)
    return word


def _addition(words: Lexicon, word: str, product: Sense, change: Change) -> Edit:
    form = change.form or product.form or ""
    if form and form not in forms(words):
        raise Invalid("form_unknown", "Choose a form from the list.", field="form")
    if form == words.default_form(product.concept):
        form = ""
    named = change.variety.strip()
    variety = _word(named, "variety", _NUMBERED) if named else product.variety or ""
    known = words.resolve(word)
    if word == product.concept.lower() or known == Sense(product.concept, form or None, variety or None):
        raise Conflict("word_known", "{word} means {product} already.", word=word, product=product.concept)
    if any(word == name.lower() for name in words.concepts):
        raise Invalid(
            "word_product", "{word} is a product of its own. Make the two one instead.", field="word", word=word
        )  # fmt: skip
    if known is None and is_everyday(word):
        raise Invalid(
            "word_everyday", "{word} is an everyday word: as a product's name it would spoil other sentences.", field="word",
            word=word,
        )  # fmt: skip
    return Edit("add", word, product.concept, form, variety)


def _against_adding(session: Session, words: Lexicon, edit: Edit, county: str) -> Doubtful | None:
    known = words.resolve(edit.word)
    label = words.label(edit.concept, edit.form or words.default_form(edit.concept), edit.variety or None)
    if known is not None:
        now = words.label(known.concept, known.form or words.default_form(known.concept), known.variety)
        return Doubtful(
            "word_other", "{word} means {now} now. From then on it means {then}.", word=edit.word, now=now, then=label
        )  # fmt: skip
    if edit.word in words.forbidden:
        return Doubtful("word_forbidden", "An editor said that {word} names no product.", word=edit.word)
    if edit.word in words.pest_words:
        return Doubtful("word_pest", "{word} names a pest or a disease.", word=edit.word)
    if is_place(edit.word) or _is_ours(session, edit.word, county):
        return Doubtful("word_place", "{word} names a place.", word=edit.word)
    return None


def _against_merging(words: Lexicon, word: str, product: str) -> Doubtful | None:
    known = words.resolve(word)
    gone = words.concepts.get(known.concept) if known else None
    if gone is None:
        raise Invalid(
            "merge_unknown", "{word} is no product yet: say what it means.", field="word", word=word
        )
    if gone.name == product:
        raise Conflict("merge_same", "{word} and {product} are one product already.", word=word, product=product)  # fmt: skip
    if gone.name.lower() != word:
        raise Invalid(
            "merge_name", "{word} is only a name of {product}. Merge that product, or give the word another meaning.",
            field="word", word=word, product=gone.name,
        )  # fmt: skip
    guarded = {name for _group, _where, name in guards.goods()}
    if gone.name in guarded and product not in guarded:
        return Doubtful(
            "merge_guarded", "{word} takes a licence, or must not be traded: as {product} it is held no more.", word=word,
            product=product,
        )  # fmt: skip
    if gone.category != words.category(product):
        return Doubtful(
            "merge_kinds", "{word} and {product} are goods of different kinds.", word=word, product=product
        )
    return None


def _against_forbidding(words: Lexicon, word: str) -> Doubtful | None:
    known = words.resolve(word)
    if word in words.forbidden or (known is None and is_everyday(word)):
        raise Conflict("word_no_product", "{word} names no product already.", word=word)
    if known is not None and known.concept.lower() == word:
        return Doubtful("word_own", "{word} is the product's own name; its other names stay.", word=word)
    return None


def _is_ours(session: Session, word: str, county: str) -> bool:
    """Whether a town or village of the county is called so."""
    here = select(Area.code, Area.name).where(
        Area.code.startswith(county), Area.name.startswith(word, autoescape=True)
    )
    rows = [(code, name, "", "") for code, name in session.execute(here.limit(200)).tuples()]
    return word in Gazetteer(rows).words


def _note(session: Session, row: WordEdit, act: str, actor: Actor, now: datetime) -> None:
    audit.record(
        session, actor_id=actor.account_id, act=act, subject=f"word_edit:{row.id}", detail={"serial": row.serial}, now=now
    )  # fmt: skip
