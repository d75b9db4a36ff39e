"""Assigning, rewording, withdrawing and the weekly check-in, on a real database."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from threading import Barrier
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select, update

from portal import clock
from portal.domain.assignments import For, TaskState
from portal.domain.errors import Invalid, NotFound
from portal.domain.people import ENDED, CoupleState, Label
from portal.domain.programme import Audience, Kind
from portal.domain.repeats import Again
from portal.domain.sessions import SessionKind, SessionState
from portal.extensions import begin_write, db
from portal.models.assignments import Assignment, Repetition, Task
from portal.models.audit import AuditEvent
from portal.models.couples import Caseload, Couple
from portal.models.outbox import OutboxEntry
from portal.models.questionnaires import QuestionnaireVersion
from portal.models.sessions import Session
from portal.models.users import Person
from portal.services import assignments, programme, vault
from portal.services.assignments import NewAssignment, Rewording

DUE = date(2026, 11, 29)
LINK = "http://127.0.0.1:8000/my/"


def entry_of(viewer, slug):
    return next(entry for entry in programme.library(viewer) if entry.slug == slug)


def new(viewer, slug="my-listening-habits", **changes):
    return replace(NewAssignment(entry_of(viewer, slug).id, For.BOTH, DUE), **changes)


def check_in(viewer, **changes):
    return new(viewer, programme.CHECK_IN_SLUG, **changes)


def give(viewer, couple_id, given):
    return assignments.assign(viewer, couple_id, given, LINK)


def tasks_of(assignment_id):
    return db.session.scalars(select(Task).where(Task.assignment_id == assignment_id)).all()


def set_in_database(statement):
    begin_write()
    db.session.execute(statement)
    db.session.commit()


def refused(code, act, *arguments):
    with pytest.raises(Invalid) as caught:
        act(*arguments)
    assert caught.value.code == code
    return caught.value.params


def test_each_partner_gets_a_copy_with_an_id_of_its_own(cast):
    tasks = tasks_of(give(cast.ines, cast.couples["ana"], new(cast.ines)))
    assert {task.person_id for task in tasks} == {cast.ana.person_id, cast.ben.person_id}
    assert len({task.id for task in tasks} | {task.assignment_id for task in tasks}) == 3
    assert all(task.id.version == 4 and task.state == TaskState.ASSIGNED for task in tasks)
    assert all((task.ordinal, task.step) == (1, "active_listening") for task in tasks)


def test_what_is_given_to_one_is_given_to_that_one_alone(cast):
    tasks = tasks_of(give(cast.ines, cast.couples["ana"], new(cast.ines, given_to=For.B)))
    assert [task.person_id for task in tasks] == [cast.ben.person_id]


def test_a_task_is_due_when_the_day_ends_where_its_partner_is(cast):
    set_in_database(update(Person).where(Person.id == cast.ben.person_id).values(zone="America/New_York"))
    tasks = tasks_of(give(cast.ines, cast.couples["ana"], new(cast.ines)))
    due = {task.person_id: task.due_at for task in tasks}
    assert due[cast.ana.person_id] == datetime(2026, 11, 29, 23, 0, tzinfo=UTC)
    assert due[cast.ben.person_id] == datetime(2026, 11, 30, 5, 0, tzinfo=UTC)


def test_what_is_done_together_is_a_joint_task_and_what_is_done_alone_is_none(cast):
    couple_id = cast.couples["ana"]
    together = new(cast.ines, "one-holds-the-floor")
    assert entry_of(cast.ines, "one-holds-the-floor").audience is Audience.TOGETHER
    line = assignments.assignment(cast.ines, give(cast.ines, couple_id, together)).line
    assert line.given_to is For.JOINT
    assert len(line.copies) == 2
    one = replace(together, given_to=For.A)
    assert refused("together_needs_both", give, cast.ines, couple_id, one)["field"] == "given_to"
    refused("alone_is_no_joint_task", give, cast.ines, couple_id, new(cast.ines, given_to=For.JOINT))


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"due_on": date(2026, 11, 22)}, "due_in_the_past", "due_on"),
        ({"due_on": date(2027, 11, 26)}, "due_too_far", "due_on"),
        ({"why": "x" * 2_001}, "too_long", "why"),
        ({"obstacle": "x" * 2_001}, "too_long", "obstacle"),
        ({"again": Again(times=1)}, "times_out_of_range", "times"),
        ({"rewording": Rewording(title="x" * 201)}, "too_long", "title"),
        ({"rewording": Rewording(instructions=("x",) * 9)}, "too_many_instructions", "instructions"),
    ],
)
def test_a_value_that_cannot_be_taken_names_its_field_and_leaves_nothing_behind(cast, changes, code, field):
    assert refused(code, give, cast.ines, cast.couples["ana"], new(cast.ines, **changes))["field"] == field
    assert db.session.scalar(select(func.count()).select_from(Assignment)) == 0


def test_today_is_the_practices_day_and_may_be_the_last(cast, wall):
    wall.to(datetime(2026, 11, 28, 23, 30, tzinfo=UTC))  # already the 29th in Berlin
    refused("due_in_the_past", give, cast.ines, cast.couples["ana"], new(cast.ines, due_on=date(2026, 11, 28)))
    assert give(cast.ines, cast.couples["ana"], new(cast.ines, due_on=date(2026, 11, 29)))


def test_strangers_to_a_couple_find_neither_couple_nor_assignment(cast):
    couple_id = cast.couples["ana"]
    assignment_id = give(cast.ines, couple_id, check_in(cast.ines, again=Again()))
    repetition_id = db.session.scalars(select(Repetition.id)).one()
    for stranger in (cast.omar, cast.sol, cast.ana):
        for act in (
            lambda who: give(who, couple_id, new(cast.ines)),
            lambda who: assignments.assignments_of_couple(who, couple_id),
            lambda who: assignments.assignment(who, assignment_id),
            lambda who: assignments.withdraw(who, assignment_id),
            lambda who: assignments.end_repetition(who, repetition_id),
            lambda who: assignments.offered_due_on(who, couple_id),
        ):
            with pytest.raises(NotFound):
                act(stranger)
    assert all(task.state == TaskState.ASSIGNED for task in tasks_of(assignment_id))


def test_an_entry_of_another_practices_library_is_not_found(cast):
    for entry_id in (entry_of(cast.sol, "my-listening-habits").id, uuid4()):
        with pytest.raises(NotFound):
            give(cast.ines, cast.couples["ana"], NewAssignment(entry_id, For.BOTH, DUE))


def test_the_coachs_words_are_sealed_in_the_database_and_read_by_the_coach(cast):
    given = new(cast.ines, why="  You each felt heard. ", obstacle="Late shifts: at breakfast.")
    shown = assignments.assignment(cast.ines, give(cast.ines, cast.couples["ana"], given))
    assert (shown.why, shown.obstacle) == ("You each felt heard.", "Late shifts: at breakfast.")
    row = db.session.scalars(select(Assignment)).one()
    assert b"heard" not in row.why
    assert b"breakfast" not in row.obstacle


def test_nothing_said_is_kept_as_nothing(cast):
    shown = assignments.assignment(cast.ines, give(cast.ines, cast.couples["ana"], new(cast.ines, why=" ")))
    assert shown.why is None
    assert shown.obstacle is None


def test_each_gets_one_mail_that_says_nothing(cast):
    before = db.session.scalar(select(func.count()).select_from(OutboxEntry))
    tasks = tasks_of(give(cast.ines, cast.couples["ana"], new(cast.ines, why="Because.")))
    mails = db.session.scalars(select(OutboxEntry).where(OutboxEntry.message == "task")).all()
    assert {mail.dedupe_key for mail in mails} == {f"task:{task.id}" for task in tasks}
    assert db.session.scalar(select(func.count()).select_from(OutboxEntry)) == before + 2
    for mail in mails:
        assert vault.unseal_document(mail.person_id, "outbox.payload", mail.id, mail.payload) == {"link": LINK}


def test_who_has_not_come_in_yet_gets_the_task_but_no_mail(cast):
    tasks = tasks_of(give(cast.ines, cast.couples["gil"], new(cast.ines)))
    assert {task.person_id for task in tasks} == {cast.gil.person_id, cast.hana.person_id}
    assert db.session.scalars(select(OutboxEntry).where(OutboxEntry.message == "task")).all() == []


@pytest.mark.parametrize("state", [CoupleState.PAUSED, CoupleState.SEPARATED, CoupleState.CLOSED])
def test_nothing_is_given_to_a_couple_whose_work_rests(cast, state):
    rests = {"state": state, "ended_at": clock.now() if state in ENDED else None}
    set_in_database(update(Couple).where(Couple.id == cast.couples["ana"]).values(rests))
    refused("couple_not_active", give, cast.ines, cast.couples["ana"], new(cast.ines))


def test_rewording_leaves_the_library_and_other_couples_untouched(cast):
    library = programme.library(cast.ines)
    wording = Rewording("Ten quiet minutes", "For the two of you.", ("Sit down.", " ", "Listen."))
    given = new(cast.ines, rewording=wording)
    mine = assignments.assignment(cast.ines, give(cast.ines, cast.couples["ana"], given))
    other = assignments.assignment(cast.ines, give(cast.ines, cast.couples["gil"], new(cast.ines)))
    entry = entry_of(cast.ines, "my-listening-habits")
    assert mine.line.is_reworded
    assert mine.questionnaire.title == "Ten quiet minutes"
    assert mine.questionnaire.instructions == ("Sit down.", "Listen.")
    assert mine.questionnaire.safety_note == other.questionnaire.safety_note
    assert [item.id for item in mine.questionnaire.items] == [item.id for item in other.questionnaire.items]
    assert (other.line.title, other.line.is_reworded) == (entry.title, False)
    assert programme.library(cast.ines) == library


def test_a_part_left_empty_stays_as_the_library_has_it(cast):
    entry = entry_of(cast.ines, "my-listening-habits")
    given = new(cast.ines, rewording=Rewording(title="Ten quiet minutes"))
    shown = assignments.assignment(cast.ines, give(cast.ines, cast.couples["ana"], given))
    assert shown.questionnaire.purpose == entry.purpose
    assert list(shown.questionnaire.instructions) == entry.document["instructions"]


def test_words_with_a_character_that_no_column_keeps_are_taken_without_it(cast):
    wording = Rewording("Ten\0 minutes", "\0", ("Sit\0 down.", "\0"))
    given = new(cast.ines, why="Be\0cause.", rewording=wording)
    shown = assignments.assignment(cast.ines, give(cast.ines, cast.couples["ana"], given))
    assert shown.line.title == "Ten minutes"
    assert shown.questionnaire.instructions == ("Sit down.",)


def test_the_same_words_make_no_version(cast):
    before = db.session.scalar(select(func.count()).select_from(QuestionnaireVersion))
    given = new(cast.ines, rewording=Rewording(title=entry_of(cast.ines, "my-listening-habits").title))
    shown = assignments.assignment(cast.ines, give(cast.ines, cast.couples["ana"], given))
    assert not shown.line.is_reworded
    assert db.session.scalar(select(func.count()).select_from(QuestionnaireVersion)) == before


def test_a_later_version_of_the_library_does_not_clash_with_a_reworded_one(cast):
    given = new(cast.ines, rewording=Rewording(title="Ten quiet minutes"))
    give(cast.ines, cast.couples["ana"], given)
    entry = entry_of(cast.ines, "my-listening-habits")
    begin_write()
    row = assignments.scope.library_entry(cast.ines, entry.id)
    programme.add_version(row, programme.next_number(row), entry.document | {"title": "A newer title"})
    db.session.commit()
    later = entry_of(cast.ines, "my-listening-habits")
    assert (later.title, later.version) == ("A newer title", 3)


def test_the_ordinal_counts_the_forms_of_one_questionnaire_issued_to_one_person(cast, wall):
    couple_id = cast.couples["ana"]
    first = give(cast.ines, couple_id, check_in(cast.ines, given_to=For.A))
    assignments.withdraw(cast.ines, first)
    wall.forward(days=4)
    give(cast.ines, couple_id, new(cast.ines))
    second = give(cast.ines, couple_id, check_in(cast.ines))
    ordinals = {task.person_id: task.ordinal for task in tasks_of(second)}
    assert ordinals == {cast.ana.person_id: 2, cast.ben.person_id: 1}


def test_a_button_pressed_twice_gives_once(cast):
    give(cast.ines, cast.couples["ana"], new(cast.ines))
    refused("assigned_already", give, cast.ines, cast.couples["ana"], new(cast.ines))
    assert give(cast.ines, cast.couples["ana"], new(cast.ines, due_on=DUE + timedelta(days=1)))


def test_the_caseload_knows_until_when_something_is_open(cast):
    couple_id = cast.couples["ana"]
    first = give(cast.ines, couple_id, new(cast.ines))
    give(cast.ines, couple_id, new(cast.ines, "one-holds-the-floor", due_on=DUE + timedelta(days=1)))
    line = select(Caseload.open_until).where(Caseload.couple_id == couple_id)
    assert db.session.scalar(line) == datetime(2026, 11, 29, 23, 0, tzinfo=UTC)
    assignments.withdraw(cast.ines, first)
    assert db.session.scalar(line) == datetime(2026, 11, 30, 23, 0, tzinfo=UTC)


def test_what_was_sent_stays_when_the_rest_is_withdrawn(cast, wall):
    assignment_id = give(cast.ines, cast.couples["ana"], new(cast.ines))
    sent = (Task.assignment_id == assignment_id, Task.person_id == cast.ana.person_id)
    set_in_database(update(Task).where(*sent).values(state=TaskState.SUBMITTED, submitted_at=wall.now))
    assignments.withdraw(cast.ines, assignment_id)
    assignments.withdraw(cast.ines, assignment_id)
    a, b = assignments.assignment(cast.ines, assignment_id).line.copies
    assert (a.label, a.name, a.state) == (Label.A, "Ana", TaskState.SUBMITTED)
    assert (b.label, b.name, b.state) == (Label.B, "Ben", TaskState.WITHDRAWN)
    events = select(AuditEvent.event).where(AuditEvent.subject_id == assignment_id)
    assert sorted(db.session.scalars(events)) == ["assignment:given", "assignment:withdrawn"]


def test_what_is_past_its_day_is_overdue_by_the_clock_alone(cast, wall):
    assignment_id = give(cast.ines, cast.couples["ana"], new(cast.ines))
    assert not any(copy.is_overdue for copy in assignments.assignment(cast.ines, assignment_id).line.copies)
    wall.to(datetime(2026, 11, 30, 0, 0, tzinfo=ZoneInfo("Europe/Berlin")))
    line = assignments.assignment(cast.ines, assignment_id).line
    assert all(copy.is_overdue and copy.state is TaskState.ASSIGNED for copy in line.copies)


def test_a_couples_assignments_come_newest_first(cast, wall):
    give(cast.ines, cast.couples["ana"], new(cast.ines))
    wall.forward(days=1)
    give(cast.ines, cast.couples["ana"], check_in(cast.ines))
    give(cast.ines, cast.couples["gil"], check_in(cast.ines))
    lines = assignments.assignments_of_couple(cast.ines, cast.couples["ana"])
    assert [line.kind for line in lines] == [Kind.CHECK_IN, Kind.EXERCISE]
    assert all([copy.name for copy in line.copies] == ["Ana", "Ben"] for line in lines)


def add_session(cast, starts_at, kind=SessionKind.JOINT):
    begin_write()
    db.session.add(
        Session(
            id=uuid4(),
            practice_id=cast.ines.practice_id,
            couple_id=cast.couples["ana"],
            coach_id=cast.ines.person_id,
            kind=kind,
            state=SessionState.PLANNED,
            starts_at=starts_at,
            minutes=60,
            place="",
            created_at=starts_at,
        )
    )
    db.session.commit()


def test_the_day_that_is_offered_is_the_evening_before_the_next_joint_session(cast):
    couple_id = cast.couples["ana"]
    assert assignments.offered_due_on(cast.ines, couple_id) == date(2026, 11, 30)
    add_session(cast, datetime(2026, 11, 23, 20, tzinfo=UTC))
    add_session(cast, datetime(2026, 11, 25, 17, tzinfo=UTC), SessionKind.INDIVIDUAL_A)
    add_session(cast, datetime(2026, 12, 1, 23, 30, tzinfo=UTC))  # half past midnight of the 2nd in Berlin
    assert assignments.offered_due_on(cast.ines, couple_id) == date(2026, 12, 1)


def given_days():
    return sorted(db.session.scalars(select(Assignment.assigned_on)))


def test_the_weekly_check_in_comes_again_on_its_weekday_once(cast, wall):
    first = check_in(cast.ines, again=Again(), due_on=date(2026, 11, 25), why="Stale soon.")
    give(cast.ines, cast.couples["ana"], first)
    assert assignments.issue_due() == 0
    wall.forward(days=6)
    assert assignments.issue_due() == 0
    wall.forward(days=1)
    assert assignments.issue_due(LINK) == 1
    assert assignments.issue_due(LINK) == 0
    assert given_days() == [date(2026, 11, 23), date(2026, 11, 30)]
    latest = assignments.assignments_of_couple(cast.ines, cast.couples["ana"])[0]
    assert latest.due_on == date(2026, 12, 2)
    assert assignments.assignment(cast.ines, latest.assignment_id).why is None
    assert {task.ordinal for task in tasks_of(latest.assignment_id)} == {2}


def test_two_machines_that_sweep_at_once_issue_once(app, cast, wall):
    for viewer, who in ((cast.ines, "ana"), (cast.ines, "gil"), (cast.omar, "cleo"), (cast.sol, "eva")):
        give(viewer, cast.couples[who], check_in(viewer, again=Again()))
    instant = wall.forward(days=7)
    db.session.remove()
    together = Barrier(2)

    def sweep(_):
        with clock.reading(lambda: instant), app.app_context():
            together.wait()
            issued = assignments.issue_due()
            db.session.remove()
            return issued

    with ThreadPoolExecutor(2) as machines:
        assert sum(machines.map(sweep, range(2))) == 4
    assert given_days() == [date(2026, 11, 23)] * 4 + [date(2026, 11, 30)] * 4


def test_weeks_that_were_slept_through_are_not_made_up_for(cast, wall):
    give(cast.ines, cast.couples["ana"], check_in(cast.ines, again=Again()))
    wall.forward(days=22)
    assert assignments.issue_due() == 1
    assert given_days() == [date(2026, 11, 23), date(2026, 12, 14)]
    latest = assignments.assignments_of_couple(cast.ines, cast.couples["ana"])[0]
    assert latest.due_on >= date(2026, 12, 15)


def test_a_check_in_given_for_a_session_stands_for_that_weeks(cast, wall):
    couple_id = cast.couples["ana"]
    give(cast.ines, couple_id, check_in(cast.ines, again=Again()))
    wall.forward(days=5)
    give(cast.ines, couple_id, check_in(cast.ines, due_on=date(2026, 11, 29)))
    wall.forward(days=2)
    assert assignments.issue_due() == 0
    wall.forward(days=7)
    assert assignments.issue_due() == 1
    assert given_days() == [date(2026, 11, 23), date(2026, 11, 28), date(2026, 12, 7)]


def test_never_two_check_ins_within_four_days(cast, wall):
    couple_id = cast.couples["ana"]
    give(cast.ines, couple_id, check_in(cast.ines))
    wall.forward(days=3)
    assert refused("check_in_too_soon", give, cast.ines, couple_id, check_in(cast.ines))["field"] == "exercise"
    wall.forward(days=1)
    assert give(cast.ines, couple_id, check_in(cast.ines))


def test_one_weekly_rule_at_a_time(cast, wall):
    couple_id = cast.couples["ana"]
    first = give(cast.ines, couple_id, check_in(cast.ines, again=Again()))
    wall.forward(days=4)
    refused("repeats_already", give, cast.ines, couple_id, check_in(cast.ines, again=Again()))
    shown = assignments.assignment(cast.ines, first)
    assert shown.rule.weekdays == (1,)
    assignments.end_repetition(cast.ines, shown.line.repetition_id)
    assert assignments.assignment(cast.ines, first).rule is None
    assert give(cast.ines, couple_id, check_in(cast.ines, again=Again()))


@pytest.mark.parametrize("why", ["ended", "paused"])
def test_a_weekly_form_that_was_ended_or_whose_couple_rests_does_not_come(cast, wall, why):
    shown = assignments.assignment(cast.ines, give(cast.ines, cast.couples["ana"], check_in(cast.ines, again=Again())))
    if why == "ended":
        assignments.end_repetition(cast.ines, shown.line.repetition_id)
    else:
        set_in_database(update(Couple).where(Couple.id == shown.couple_id).values(state=CoupleState.PAUSED))
    wall.forward(days=7)
    assert assignments.issue_due() == 0


def test_a_weekly_form_in_a_couples_own_words_keeps_them(cast, wall):
    wording = Rewording(title="Our week")
    give(cast.ines, cast.couples["ana"], check_in(cast.ines, again=Again(), rewording=wording))
    give(cast.sol, cast.couples["eva"], check_in(cast.sol, again=Again()))
    wall.forward(days=7)
    assert assignments.issue_due() == 2
    own = assignments.assignments_of_couple(cast.ines, cast.couples["ana"])
    assert [line.title for line in own] == ["Our week", "Our week"]
    others = assignments.assignments_of_couple(cast.sol, cast.couples["eva"])
    assert [line.title for line in others] == ["Weekly check-in", "Weekly check-in"]
