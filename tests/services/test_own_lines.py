"""What one asked about one's tasks, and was reminded of: in the own file and the own record, and in nobody else's."""

import io
from collections.abc import Callable
from uuid import UUID

import pytest
from pypdf import PdfReader

from portal.domain.people import Label
from portal.services import exports, nudges, own_lines, records, settings_of_person, task_questions
from tests.cast import PASSPHRASE, Cast
from tests.conftest import Browser
from tests.given import assign, task_of
from tests.pages import says

Open = Callable[[str | None], Browser]
ASKED, BACK = "May we do it in the car?", "If both of you like, yes."
REMINDED = "Ten minutes on the sofa are enough."


@pytest.fixture
def floors(cast: Cast) -> UUID:
    """Ana asked about a task and was answered, and was reminded of it; Ben was reminded otherwise."""
    given = assign(cast, "one-holds-the-floor")
    task_questions.ask(cast.ana, task_of(cast.ana, given), ASKED)
    [waiting] = task_questions.waiting(cast.ines)
    task_questions.answer(cast.ines, waiting.question_id, BACK, "http://127.0.0.1:8000/my/")
    for label, words in ((Label.A, REMINDED), (Label.B, "After supper, perhaps.")):
        nudges.nudge(cast.ines, given, label, words, "http://127.0.0.1:8000/my/")
    return given


def test_the_own_file_holds_them_in_all_its_kinds(browser: Open, cast: Cast, floors: UUID) -> None:
    asked = {kind: {"passphrase": PASSPHRASE, "kind": kind} for kind in ("json", "csv")}
    found = browser("ana").post("/my/export", asked["json"]).json
    assert [(one["question"], one["answer"]) for one in found["questions"]] == [(ASKED, BACK)]
    assert [(one["sentence"], one["by"]) for one in found["reminders"]] == [(REMINDED, "Ines")]
    table = browser("ana").post("/my/export", asked["csv"])
    assert says(table, "Reminded by Ines")
    assert says(table, REMINDED)
    his = browser("ben").post("/my/export", asked["json"]).json
    assert (his["questions"], [one["sentence"] for one in his["reminders"]]) == ([], ["After supper, perhaps."])


def test_the_record_that_a_coach_hands_out_holds_them_too(cast: Cast, floors: UUID) -> None:
    hers, his = (records.own_record(cast.ines, cast.couples["ana"], label, PASSPHRASE) for label in (Label.A, Label.B))
    assert [(one.text, one.answer) for one in hers.questions] == [(ASKED, BACK)]
    assert [(one.text, one.by) for one in hers.nudges] == [(REMINDED, "Ines")]
    assert (his.questions, [one.text for one in his.nudges]) == ((), ["After supper, perhaps."])


def test_it_is_of_that_couple_alone(cast: Cast, floors: UUID) -> None:
    elsewhere = cast.couples["gil"]
    assert (own_lines.questions(cast.ana, elsewhere), own_lines.nudges(cast.ana, elsewhere)) == ((), ())


def test_who_chose_never_to_be_shown_what_was_sent_finds_neither(cast: Cast, floors: UUID) -> None:
    settings_of_person.change_revealing(cast.ana, PASSPHRASE, never=True)
    found = exports.own_data(cast.ana, PASSPHRASE)
    assert (found.questions, found.nudges) == ((), ())


def test_the_paper_of_the_record_says_what_came_back(browser: Open, cast: Cast, floors: UUID) -> None:
    page = f"/coach/couples/{cast.couples['ana']}"
    form = {"whose": "A", "passphrase": PASSPHRASE}
    reply = browser("ines").post(f"{page}/record", form, page=f"{page}/standing")
    text = "\n".join(one.extract_text() for one in PdfReader(io.BytesIO(reply.data)).pages)
    words = " ".join(text.replace("\u200b", "").split())
    for line in (ASKED, BACK, REMINDED, "Ines reminded you of “One holds the floor”"):
        assert line in words
    assert "After supper" not in words
