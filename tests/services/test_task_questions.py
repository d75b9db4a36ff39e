"""Questions about a task: one line each way, for author and coach alone, and closed like what was sent."""

from datetime import timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from portal.domain.errors import Conflict, Invalid, NotAllowed, NotFound
from portal.domain.lines import MOST_IN_LINE
from portal.domain.parting import CoupleAct
from portal.extensions import db
from portal.models.audit import AuditEvent
from portal.models.task_questions import TaskQuestion
from portal.services import (
    assignments,
    audit_trail,
    couple_states,
    covers,
    exports,
    outbox,
    parting,
    settings_of_person,
    task_questions,
)
from portal.services.task_questions import MOST_ASKED
from tests.cast import PASSPHRASE, Cast, address_of
from tests.conftest import Wall
from tests.given import assign, floor, send, task_of
from tests.letters import letters

HOME = "http://127.0.0.1:8000/my/"
ASKED = "May we do it in the car?"
BACK = "If both of you can stop, yes."


@pytest.fixture
def task_id(cast: Cast) -> UUID:
    return task_of(cast.ana, assign(cast, "one-holds-the-floor"))


def the_one(cast: Cast) -> UUID:
    [waiting] = task_questions.waiting(cast.ines)
    return waiting.question_id


def test_a_line_goes_to_the_coach_and_a_line_comes_back(cast: Cast, task_id: UUID) -> None:
    task_questions.ask(cast.ana, task_id, f"  {ASKED}\n")
    [waiting] = task_questions.waiting(cast.ines)
    assert (waiting.name, waiting.title) == ("Ana", "One holds the floor")
    assert task_questions.read(cast.ines, waiting.question_id).text == ASKED
    assert task_questions.show(cast.ana, task_id, PASSPHRASE)[0].answer is None
    assert task_questions.answer(cast.ines, waiting.question_id, BACK, HOME) == "Ana"
    assert task_questions.waiting(cast.ines) == ()
    [lines] = task_questions.show(cast.ana, task_id, PASSPHRASE)
    assert (lines.text, lines.answer, lines.answered_by) == (ASKED, BACK, "Ines")


def test_its_mail_goes_to_who_asked_and_says_nothing(cast: Cast, task_id: UUID) -> None:
    for mail in outbox.due():
        outbox.mark_sent(mail)
    task_questions.ask(cast.ana, task_id, ASKED)
    assert outbox.due() == []
    task_questions.answer(cast.ines, the_one(cast), BACK, HOME)
    [mail] = letters(address_of("ana"), "task")
    assert mail.words == {"link": HOME}
    assert letters(address_of("ben"), "task") == []


def test_neither_line_lies_in_the_clear(cast: Cast, task_id: UUID) -> None:
    task_questions.ask(cast.ana, task_id, ASKED)
    task_questions.answer(cast.ines, the_one(cast), BACK, HOME)
    row = db.session.scalars(select(TaskQuestion)).one()
    assert row.answer
    assert ASKED.encode() not in row.text
    assert BACK.encode() not in row.answer


@pytest.mark.parametrize(("typed", "code"), [(" \n ", "line_missing"), ("z" * (MOST_IN_LINE + 1), "too_long")])
def test_what_is_no_line_is_refused(cast: Cast, task_id: UUID, typed: str, code: str) -> None:
    with pytest.raises(Invalid, match=code):
        task_questions.ask(cast.ana, task_id, typed)
    task_questions.ask(cast.ana, task_id, ASKED)
    with pytest.raises(Invalid, match=code):
        task_questions.answer(cast.ines, the_one(cast), typed, HOME)


def test_it_is_no_conversation(cast: Cast, task_id: UUID) -> None:
    for number in range(MOST_ASKED):
        task_questions.ask(cast.ana, task_id, f"{ASKED} {number}")
    with pytest.raises(NotAllowed, match="questions_enough"):
        task_questions.ask(cast.ana, task_id, ASKED)
    first = task_questions.waiting(cast.ines)[0].question_id
    task_questions.answer(cast.ines, first, BACK, HOME)
    with pytest.raises(Conflict, match="answered_already"):
        task_questions.answer(cast.ines, first, "And besides", HOME)


def test_nothing_is_asked_about_what_was_sent_or_withdrawn(cast: Cast, task_id: UUID) -> None:
    send(cast.ana, task_id, floor())
    with pytest.raises(NotAllowed, match="question_too_late"):
        task_questions.ask(cast.ana, task_id, ASKED)
    other = assign(cast, "ten-clear-minutes")
    task_questions.ask(cast.ben, task_of(cast.ben, other), ASKED)
    assignments.withdraw(cast.ines, other)
    assert task_questions.waiting(cast.ines) == ()
    with pytest.raises(NotFound):
        task_questions.ask(cast.ben, task_of(cast.ben, other), ASKED)


def test_nobody_else_meets_it(cast: Cast, task_id: UUID, wall: Wall) -> None:
    task_questions.ask(cast.ana, task_id, ASKED)
    question_id = the_one(cast)
    for viewer in (cast.ben, cast.cleo, cast.ines):
        with pytest.raises(NotFound):
            task_questions.about(viewer, task_id)
    with pytest.raises(NotFound):
        task_questions.show(cast.ben, task_id, PASSPHRASE)
    for viewer in (cast.omar, cast.noor, cast.mira, cast.sol, cast.ana, cast.ben):
        with pytest.raises(NotFound):
            task_questions.read(viewer, question_id)
        with pytest.raises(NotFound):
            task_questions.answer(viewer, question_id, BACK, HOME)
    today = wall.now.date()
    covers.arrange(cast.ines, cast.ines.person_id, cast.omar.person_id, today, today + timedelta(days=1))
    assert task_questions.read(cast.omar, question_id).text == ASKED


def test_it_is_closed_without_the_pass_phrase_and_for_whom_chose_never_to_see(cast: Cast, task_id: UUID) -> None:
    task_questions.ask(cast.ana, task_id, ASKED)
    with pytest.raises(Invalid):
        task_questions.show(cast.ana, task_id, "not this")
    settings_of_person.change_revealing(cast.ana, PASSPHRASE, never=True)
    with pytest.raises(NotAllowed, match="never_shown"):
        task_questions.show(cast.ana, task_id, PASSPHRASE)
    assert exports.own_data(cast.ana, PASSPHRASE).questions == ()


def test_it_is_in_ones_own_data_and_in_nobody_elses(cast: Cast, task_id: UUID) -> None:
    task_questions.ask(cast.ana, task_id, ASKED)
    task_questions.answer(cast.ines, the_one(cast), BACK, HOME)
    [one] = exports.own_data(cast.ana, PASSPHRASE).questions
    assert (one.title, one.text, one.answer) == ("One holds the floor", ASKED, BACK)
    assert exports.own_data(cast.ben, PASSPHRASE).questions == ()


@pytest.mark.parametrize("is_sent", [True, False])
def test_nothing_goes_out_to_who_has_left(cast: Cast, task_id: UUID, is_sent: bool) -> None:
    task_questions.ask(cast.ana, task_id, ASKED)
    question_id = the_one(cast)
    if is_sent:
        send(cast.ana, task_id, floor())
    parting.leave(cast.ana, PASSPHRASE, "http://127.0.0.1:8000/", hides=False)
    assert task_questions.waiting(cast.ines) == ()
    before = len(outbox.due())
    with pytest.raises(NotAllowed, match="not_to_be_answered"):
        task_questions.answer(cast.ines, question_id, BACK, HOME)
    assert len(outbox.due()) == before
    assert [one.text for one in exports.own_data(cast.ana, PASSPHRASE).questions] == [ASKED]


@pytest.mark.parametrize("act", [CoupleAct.CLOSE, CoupleAct.SEPARATE])
def test_nothing_goes_out_once_the_work_has_ended_and_what_waits_is_not_sent(
    cast: Cast, task_id: UUID, act: CoupleAct
) -> None:
    for _ in range(2):
        task_questions.ask(cast.ana, task_id, ASKED)
    first, second = (one.question_id for one in task_questions.waiting(cast.ines))
    for mail in outbox.due():
        outbox.mark_sent(mail)
    send(cast.ana, task_id, floor())
    task_questions.answer(cast.ines, first, BACK, HOME)
    assert len(outbox.due()) == 1
    couple_states.act(cast.ines, cast.couples["ana"], act)
    assert outbox.due() == []
    with pytest.raises(NotAllowed, match="not_to_be_answered"):
        task_questions.answer(cast.ines, second, BACK, HOME)


def test_a_pause_keeps_no_answer_back(cast: Cast, task_id: UUID) -> None:
    task_questions.ask(cast.ana, task_id, ASKED)
    couple_states.act(cast.ines, cast.couples["ana"], CoupleAct.PAUSE)
    assert task_questions.answer(cast.ines, the_one(cast), BACK, HOME) == "Ana"


def test_each_look_and_line_goes_on_record(cast: Cast, task_id: UUID) -> None:
    task_questions.ask(cast.ana, task_id, ASKED)
    task_questions.read(cast.ines, the_one(cast))
    task_questions.answer(cast.ines, the_one(cast), BACK, HOME)
    task_questions.show(cast.ana, task_id, PASSPHRASE)
    events = select(AuditEvent.event, func.count()).where(AuditEvent.event.startswith("question:"))
    told = {event: number for event, number in db.session.execute(events.group_by(AuditEvent.event))}
    assert told == {f"question:{what}": 1 for what in ("asked", "read", "answered", "shown")}


def test_the_owner_reads_in_the_trail_whose_question_it_was(cast: Cast, task_id: UUID) -> None:
    task_questions.ask(cast.ana, task_id, ASKED)
    task_questions.read(cast.ines, the_one(cast))
    query = audit_trail.TrailQuery(ZoneInfo("Europe/Berlin"), person_id=cast.ana.person_id)
    lines = audit_trail.trail(cast.ines, query).lines
    assert ("Ines", "Ana") in [(line.who, line.whom) for line in lines if "read a question" in line.words]
