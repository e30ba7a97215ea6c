"""Open questions: told apart by a short code, answered once."""

from __future__ import annotations

from datetime import timedelta

from farmerline.domain import questions
from farmerline.models import Account, Question, QuestionKind, QuestionState
from tests.domain.talking import Village


def test_codes_of_one_phone_differ_and_go_round_without_lookalikes(village: Village) -> None:
    yang = village.person()
    mei = village.person("李小梅", phone=yang.phone)
    with village.session() as session:
        people = [session.get_one(Account, one.id) for one in (yang, mei)]
        asked = [
            questions.ask(
                session, kind=QuestionKind.MATCH, now=village.now + timedelta(seconds=place), hours=1, account=people[place % 2]
            )
            for place in range(100)
        ]  # fmt: skip
        codes = [question.code for question in asked]
        assert len(set(codes)) == 100
        assert not {"I", "O"} & {code[0] for code in codes}
        questions.close(asked[0], now=village.now)
        again = questions.ask(
            session, kind=QuestionKind.MATCH, now=village.now + timedelta(hours=1), hours=1, account=people[0]
        )
        assert again.code not in codes


def test_only_questions_whose_time_is_over_are_due(village: Village) -> None:
    person = village.person()
    with village.session() as session:
        account = session.get_one(Account, person.id)
        for hours in (1, 2, 3):
            questions.ask(session, kind=QuestionKind.MATCH, now=village.now, hours=hours, account=account)
        assert len(questions.due_unanswered(session, now=village.now + timedelta(hours=2))) == 2
        assert len(questions.open_questions(session, [account], None)) == 3


def test_an_answered_question_keeps_its_answer_and_hour(sqlite_village: Village) -> None:
    person = sqlite_village.person()
    sqlite_village.say(person, "卖草莓苗500株1元一株")
    sqlite_village.say(person, "3")
    (row,) = sqlite_village.all(Question)
    assert (row.state, row.answer, row.answered_at) == (
        QuestionState.ANSWERED,
        "list_only",
        sqlite_village.now,
    )
