"""Paper in: what stood on a sheet becomes its author's form, marked, for the coach and the author alone."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select

from portal.domain.assignments import TaskState
from portal.domain.disclosure import Disclosure
from portal.domain.errors import Conflict, Invalid, NotAllowed, NotFound
from portal.domain.people import Label, Viewer
from portal.extensions import db
from portal.models.audit import AuditEvent
from portal.models.outbox import OutboxEntry
from portal.models.responses import Draft, EarlierVersion, ParkedText, Response
from portal.services import (
    assigned,
    assignments,
    covers,
    entering,
    exports,
    parting,
    records,
    responses,
    review_queue,
    reviews,
    sealed,
    shared,
    supervision,
)
from portal.services.drafts import PARKED_PLACE, Typed, seal_typed
from tests import given, weeks
from tests.cast import PASSPHRASE, Cast
from tests.conftest import Wall
from tests.given import OPEN, SECRET, assign, floor, opened, send, task_of

ON_SHEET = {"felt_heard": "6", "understood": OPEN}
KEY = "one sheet"


@pytest.fixture
def floors(cast: Cast) -> UUID:
    return assign(cast, "one-holds-the-floor")


def enter(cast: Cast, floors: UUID, key: str = KEY, label: Label = Label.A, **raw: str) -> None:
    entering.enter(cast.ines, floors, label, raw or ON_SHEET, key)


def response_of(viewer: Viewer) -> Response:
    return db.session.scalars(select(Response).where(Response.person_id == viewer.person_id)).one()


def test_it_has_exactly_the_questions_of_the_sheet_and_is_for_the_two_alone(cast: Cast, floors: UUID) -> None:
    sheet = entering.sheet(cast.ines, floors, Label.A)
    assert (sheet.name, sheet.title, sheet.refusal) == ("Ana", "One holds the floor", None)
    enter(cast, floors)
    found = reviews.read(cast.ines, response_of(cast.ana).id)
    assert [answer.item_id for answer in found.form.answers] == [item.id for item in sheet.items]
    assert {answer.disclosure for answer in found.form.answers} == {Disclosure.COACH}
    assert (found.form.value("felt_heard"), found.form.value("understood")) == (6, OPEN)
    assert found.entered_by == "Ines"
    assert not response_of(cast.ana).may_open


def test_what_is_typed_into_other_questions_is_no_part_of_it(cast: Cast, floors: UUID) -> None:
    enter(cast, floors, done="done", private_line=SECRET, stopped_afraid="true", **ON_SHEET)
    found = reviews.read(cast.ines, response_of(cast.ana).id)
    assert not {answer.item_id for answer in found.form.answers} & {"done", "private_line", "stopped_afraid"}


def test_it_stands_among_what_came_in_and_is_marked_wherever_the_coach_meets_it(cast: Cast, floors: UUID) -> None:
    enter(cast, floors)
    [waiting] = review_queue.to_read(cast.ines).forms
    assert (waiting.name, waiting.is_from_paper) == ("Ana", True)
    copies = {copy.label: copy for copy in assigned.assignment(cast.ines, floors).line.copies}
    assert (copies[Label.A].state, copies[Label.A].entered_by) == (TaskState.SUBMITTED, "Ines")
    assert (copies[Label.B].state, copies[Label.B].entered_by) == (TaskState.ASSIGNED, None)
    events = db.session.scalars(select(AuditEvent.event).where(AuditEvent.subject_id == response_of(cast.ana).id))
    assert "response:entered_from_paper" in list(events)


def test_who_covers_is_named_as_the_one_who_typed(cast: Cast, floors: UUID, wall: Wall) -> None:
    covers.arrange(cast.ines, cast.ines.person_id, cast.omar.person_id, wall.now.date(), wall.now.date())
    entering.enter(cast.omar, floors, Label.A, ON_SHEET, KEY)
    assert responses.open_for(cast.ana, task_of(cast.ana, floors)).entered_by == "Omar"


def test_the_other_reads_it_only_once_its_author_says_so(cast: Cast, floors: UUID, wall: Wall) -> None:
    send(cast.ben, task_of(cast.ben, floors), floor(understood="That she is tired"))
    enter(cast, floors)
    wall.forward(days=2)
    assert [len(q.answers) for form in shared.for_both(cast.ben) for q in form.questions if q.answers] == []
    again = assign(cast, "one-holds-the-floor")
    send(cast.ben, task_of(cast.ben, again), floor(understood="That she is rested"))
    enter(cast, again)
    task_id = task_of(cast.ana, again)
    sealed.choose_reader(cast.ana, task_id, "understood", Disclosure.SHARED, opened(cast.ana, task_id))
    assert shared.for_both(cast.ben) == ()
    wall.forward(days=1)
    [form] = shared.for_both(cast.ben)
    assert OPEN in {answer.answer.value for question in form.questions for answer in question.answers}


def test_what_its_author_had_begun_stays_theirs_and_stands_beside_it(cast: Cast, floors: UUID) -> None:
    task_id = task_of(cast.ana, floors)
    begun = {"understood": "Half a thought", "private_line": SECRET, "stopped_afraid": "true"}
    responses.save_draft(cast.ana, task_id, Typed(begun, {}), 0)
    enter(cast, floors)
    task = responses.open_for(cast.ana, task_id)
    assert [(item.id, answer.value) for item, answer in entering.begun(task)] == [
        ("understood", "Half a thought"),
        ("private_line", SECRET),
    ]
    [sent, draft] = exports.own_data(cast.ana, PASSPHRASE).forms
    assert (sent.entered_by, sent.sent_at is not None, draft.entered_by, draft.sent_at) == ("Ines", True, None, None)
    assert {answer.value for _, answer in draft.answers} == {"Half a thought", SECRET}
    assert SECRET not in str(reviews.read(cast.ines, response_of(cast.ana).id))
    with pytest.raises(Conflict, match="already_sent"):
        responses.save_draft(cast.ana, task_id, Typed({"understood": "More"}, {}), 1)
    assert db.session.scalar(select(func.count()).select_from(Draft)) == 1


def test_its_author_corrects_it_and_may_answer_the_private_questions(cast: Cast, floors: UUID, wall: Wall) -> None:
    enter(cast, floors)
    wall.forward(hours=1)
    task_id = task_of(cast.ana, floors)
    given.correct(cast.ana, task_id, "understood", {"understood": OPEN})
    assert db.session.scalar(select(func.count()).select_from(EarlierVersion)) == 0
    given.correct(cast.ana, task_id, "understood", {"understood": "That he waits"})
    given.correct(cast.ana, task_id, "", {"stopped_afraid": "true"})
    form = reviews.read(cast.ines, response_of(cast.ana).id).form
    assert (form.value("understood"), form.value("stopped_afraid"), form.value("done")) == ("That he waits", True, None)
    assert len(form.versions) == 3


def test_neither_is_written_to_and_the_other_meets_nothing_new(cast: Cast, floors: UUID) -> None:
    before = db.session.scalar(select(func.count()).select_from(OutboxEntry))
    enter(cast, floors)
    assert db.session.scalar(select(func.count()).select_from(OutboxEntry)) == before


def test_the_same_sheet_is_typed_in_once_and_what_was_sent_stays_as_it_is(cast: Cast, floors: UUID) -> None:
    enter(cast, floors)
    enter(cast, floors, understood="Something else")
    assert reviews.read(cast.ines, response_of(cast.ana).id).form.value("understood") == OPEN
    with pytest.raises(Conflict, match="sent_by_author"):
        enter(cast, floors, key="another")
    send(cast.ben, task_of(cast.ben, floors), floor())
    with pytest.raises(Conflict, match="sent_by_author"):
        enter(cast, floors, key="another", label=Label.B)
    refusal = entering.sheet(cast.ines, floors, Label.B).refusal
    assert refusal is not None


def test_an_empty_sheet_and_a_figure_off_its_scale_are_refused_by_name(cast: Cast, floors: UUID) -> None:
    with pytest.raises(Invalid, match="nothing_typed"):
        enter(cast, floors, understood="  ")
    with pytest.raises(Invalid) as refused:
        enter(cast, floors, felt_heard="11", understood=OPEN)
    assert list(refused.value.params["refusals"]) == ["felt_heard"]  # type: ignore[call-overload]
    assert db.session.scalar(select(func.count()).select_from(Response)) == 0


def test_a_check_in_has_no_sheet(cast: Cast) -> None:
    check_in = assign(cast, "weekly-check-in")
    for look in (entering.sheet, lambda *of: entering.enter(*of, {"t1": "The tea"}, KEY)):
        with pytest.raises(NotFound):
            look(cast.ines, check_in, Label.A)


def test_nobody_types_in_what_is_withdrawn_or_of_somebody_who_has_left_or_not_come(cast: Cast, floors: UUID) -> None:
    for_gil = weeks.assign(cast.ines, cast.couples["gil"])
    with pytest.raises(NotAllowed, match="not_come_in"):
        entering.enter(cast.ines, for_gil, Label.A, ON_SHEET, KEY)
    again = assign(cast, "meet-good-news")
    assignments.withdraw(cast.ines, again)
    with pytest.raises(NotAllowed, match="no_sheet_open"):
        entering.enter(cast.ines, again, Label.A, {"what_i_asked": "How was it?"}, KEY)
    parting.leave(cast.ben, PASSPHRASE, "http://127.0.0.1:8000/coach/", hides=False)
    with pytest.raises(NotAllowed):
        enter(cast, floors, label=Label.B)


def test_only_who_acts_for_the_couple_types_in(cast: Cast, floors: UUID, wall: Wall) -> None:
    supervision.begin(cast.ines, cast.couples["ana"], cast.noor.person_id, "http://127.0.0.1:8000/my/account")
    wall.forward(minutes=1)
    for viewer in (cast.omar, cast.sol, cast.noor, cast.ana, cast.ben):
        with pytest.raises(NotFound):
            entering.sheet(viewer, floors, Label.A)
        with pytest.raises(NotFound):
            entering.enter(viewer, floors, Label.A, ON_SHEET, KEY)
    assert entering.sheet(cast.ines, floors, Label.B).name == "Ben"


def test_the_record_says_from_where_it_came(cast: Cast, floors: UUID, wall: Wall) -> None:
    enter(cast, floors)
    wall.forward(hours=1)
    given.correct(cast.ana, task_of(cast.ana, floors), "understood", {"understood": "That he waits"})
    forms = records.own_record(cast.ines, cast.couples["ana"], Label.A, PASSPHRASE).forms
    assert [form.entered_by for form in forms] == ["Ines", None]
    assert forms[1].sent_at == forms[0].sent_at + timedelta(hours=1)  # type: ignore[operator]


def test_what_was_being_typed_as_a_session_ran_out_stays_with_what_was_begun(
    cast: Cast, floors: UUID, wall: Wall
) -> None:
    task_id = task_of(cast.ana, floors)
    typed = Typed({"understood": "what I had typed"}, {})
    sealed_text = seal_typed(cast.ana.person_id, PARKED_PLACE, task_id, typed)
    who = {"practice_id": cast.ana.practice_id, "person_id": cast.ana.person_id}
    db.session.add(ParkedText(task_id=task_id, version=0, document=sealed_text, parked_at=wall.now, **who))
    db.session.commit()
    wall.forward(minutes=30)
    entering.enter(cast.ines, floors, Label.A, ON_SHEET, KEY)
    begun = entering.begun(responses.open_for(cast.ana, task_id))
    assert [answer.value for _item, answer in begun] == ["what I had typed"]
