"""What one does alone decides nothing for the other: each evening is lived with Ana's act and without it."""

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

from portal.domain.assignments import For
from portal.domain.errors import Refused
from portal.domain.pathways import ReleaseKind
from portal.domain.repeats import Again
from portal.domain.sessions import SessionKind
from portal.extensions import db
from portal.models.assignments import Assignment, Task
from portal.services import (
    assignments,
    bulk,
    bulk_giving,
    choices,
    choosing,
    covers,
    extending,
    joint_facts,
    overview,
    pathway_issuing,
    pathways,
    practice_exports,
    readings,
    repeating,
    session_material,
    session_prep,
    sessions,
    shared,
    side_by_side,
)
from portal.services.assignments import NewAssignment, Rewording
from portal.services.bulk import NewBulk
from portal.services.choices import NewChoice
from portal.services.records import JointRecord
from portal.services.sessions import NewSession
from portal.web.coach import record_papers
from tests.cast import LINK, PASSPHRASE, Cast
from tests.conftest import Browser, Wall
from tests.given import assign, task_of
from tests.ways import ALONE, add, entry_of, send_own, slugs_of

X, Y = "my-listening-habits", "three-specifics"
DUE = date(2026, 11, 29)
either = pytest.mark.parametrize("acts", [False, True], ids=["without", "with"])


def of_ben(cast: Cast) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count(Task.id)).where(Task.person_id == cast.ben.person_id)) or 0


def tried(act: Callable[[], object]) -> None:
    """Whether the coach is refused something is hers to know."""
    with suppress(Refused):
        act()
    db.session.rollback()


def offer(cast: Cast) -> None:
    steps = (entry_of(cast, X).id, entry_of(cast, Y).id)
    choices.offer(cast.ines, cast.couples["ana"], NewChoice(steps, For.BOTH, DUE), LINK)


def pick(cast: Cast) -> None:
    found = choosing.open_choice(cast.ana)
    assert found
    choosing.pick(cast.ana, found.choice_id, found.steps[0].step_id)


def give_many(cast: Cast) -> None:
    bulk.ask(cast.ines, NewBulk(entry_of(cast, X).id, (cast.couples["ana"],), DUE), uuid4().hex)
    bulk_giving.carry_out(LINK)


def way(cast: Cast) -> tuple[UUID, UUID]:
    first = add(cast, Y)
    second = add(cast, X, kind=ReleaseKind.AFTER_OWN, after=first)
    pathways.begin(cast.ines, cast.couples["ana"])
    pathway_issuing.issue_due(LINK)
    return first, second


def go_on(cast: Cast, first: UUID, *, acts: bool) -> None:
    if acts:
        send_own(cast.ana, first)
    pathway_issuing.issue_due(LINK)


@either
def test_what_is_given_to_many_comes_to_him_whatever_she_picked(cast: Cast, acts: bool) -> None:
    offer(cast)
    if acts:
        pick(cast)
    give_many(cast)
    assert of_ben(cast) == 1


@either
def test_what_is_given_to_many_comes_to_him_whatever_she_was_given_alone(cast: Cast, acts: bool) -> None:
    if acts:
        assign(cast, X, given_to=For.A)
    give_many(cast)
    assert of_ben(cast) == 1


@either
def test_what_is_given_to_many_comes_to_him_whatever_she_has_come_to(cast: Cast, acts: bool) -> None:
    first, _second = way(cast)
    go_on(cast, first, acts=acts)
    give_many(cast)
    assert of_ben(cast) == 2


@either
def test_what_comes_again_comes_to_him_on_the_day_on_which_she_comes_to_it(cast: Cast, wall: Wall, acts: bool) -> None:
    assign(cast, X, again=Again(weekdays=(1, 2, 3, 4, 5, 6, 7)))
    first, _second = way(cast)
    wall.forward(hours=24)
    go_on(cast, first, acts=acts)
    repeating.issue_due(LINK)
    assert of_ben(cast) == 3


@either
def test_what_is_given_by_hand_comes_to_him_on_the_day_on_which_she_comes_to_it(cast: Cast, acts: bool) -> None:
    first, _second = way(cast)
    go_on(cast, first, acts=acts)
    tried(lambda: assign(cast, X, due_on=date(2026, 11, 30)))
    assert of_ben(cast) == 2


@either
def test_what_he_has_sent_comes_once_more_on_that_day_or_not_whatever_she_has_sent(cast: Cast, acts: bool) -> None:
    given = assign(cast, X)
    send_own(cast.ben, given)
    if acts:
        send_own(cast.ana, given)
    tried(lambda: assign(cast, X))
    assert of_ben(cast) == 1


@either
def test_he_is_given_more_time_for_a_step_whenever_she_comes_to_it(cast: Cast, wall: Wall, acts: bool) -> None:
    first, second = way(cast)
    send_own(cast.ben, first)
    pathway_issuing.issue_due(LINK)
    wall.forward(days=5)
    go_on(cast, first, acts=acts)
    due = select(Task.due_at).where(Task.id == task_of(cast.ben, second))
    before = db.session.scalars(due).one()
    tried(lambda: extending.extend(cast.ines, second, date(2026, 12, 3)))
    assert db.session.scalars(due).one() > before


@either
def test_more_time_names_nothing_in_the_next_joint_copy(cast: Cast, wall: Wall, acts: bool) -> None:
    """It is given while she has it open: that a thing is named once more would tell that she had not sent."""
    given, ines, couple_id = assign(cast, X, due_on=date(2026, 11, 30)), cast.ines, cast.couples["ana"]
    _met, later = (
        sessions.plan(ines, couple_id, NewSession(SessionKind.JOINT, datetime(2026, 12, day, 17, tzinfo=UTC), 50, ""))
        for day in (2, 9)
    )
    send_own(cast.ben, given)
    if acts:
        send_own(cast.ana, given)
    wall.to(datetime(2026, 11, 30, 17, tzinfo=UTC))
    tried(lambda: extending.extend(ines, given, date(2026, 12, 6)))
    wall.to(datetime(2026, 12, 9, 16, tzinfo=UTC))
    covers.arrange(ines, ines.person_id, cast.omar.person_id, wall.now.date(), wall.now.date())
    session_prep.coach_brief(cast.omar, later)
    assert not readings.of_own_forms(cast.ben, PASSPHRASE).forms
    material = session_material.gather(ines, later)
    assert not joint_facts.joint_facts(material, ()).homework
    assert [material.was_open_since(one) for one in material.given] == [not acts]


@either
def test_the_owners_file_does_not_tell_what_she_picked(cast: Cast, acts: bool) -> None:
    offer(cast)
    if acts:
        pick(cast)
    assert not practice_exports.practice_data(cast.ines, PASSPHRASE).lists["assigned"]
    assert bool(db.session.scalars(select(Assignment.id)).all()) is acts


@either
def test_who_opened_his_forms_does_not_hang_on_what_she_sent(cast: Cast, wall: Wall, acts: bool) -> None:
    """Of three versions two are for both and his to answer, the third is hers alone."""
    entry = entry_of(cast, X)

    def give(title: str, given_to: For) -> UUID:
        wall.forward(days=1)
        new = NewAssignment(entry.id, given_to, date(2026, 12, 20), rewording=Rewording(title=title) if title else None)
        return assignments.assign(cast.ines, cast.couples["ana"], new, LINK)

    for given in (give("", For.BOTH), give("In other words", For.BOTH)):
        send_own(cast.ben, given)
    hers = give("For Ana", For.A)
    if acts:
        send_own(cast.ana, hers)
    side_by_side.compare(cast.ines, cast.couples["ana"], entry.id, (), "Europe/Berlin")
    found = readings.of_own_forms(cast.ben, PASSPHRASE)
    assert sorted(form.title for form in found.forms) == sorted([entry.title, "In other words"])


@pytest.mark.parametrize("waits", [0, 2])
def test_when_she_took_what_she_shares_stands_on_no_page_of_his(
    browser: Callable[[str], Browser], cast: Cast, wall: Wall, waits: int
) -> None:
    offer(cast)
    wall.forward(days=waits)
    pick(cast)
    given = db.session.scalars(select(Task.assignment_id).where(Task.person_id == cast.ana.person_id)).one()
    wall.forward(days=3 - waits)
    send_own(cast.ana, given, sharing=True)
    wall.forward(days=1)
    [form] = shared.for_both(cast.ben)
    assert (form.title, form.assigned_on) == (entry_of(cast, X).title, None)
    page = browser("ben").get("/my/shared").text
    assert "From what one of you was given alone" in page
    assert not re.search(r"\d+ November", page)
    record = JointRecord("To their new coach", "Ana & Ben", "Ines", (form,), (), (), ())
    [(title, day, _)] = record_papers.joint(record).forms
    assert (title, day) == (form.title, "")


@either
def test_who_opened_his_forms_does_not_hang_on_when_she_comes_to_a_step(cast: Cast, wall: Wall, acts: bool) -> None:
    first, second = way(cast)
    ines, couple_id = cast.ines, cast.couples["ana"]
    _met, later = (
        sessions.plan(ines, couple_id, NewSession(SessionKind.JOINT, datetime(2026, 12, day, 17, tzinfo=UTC), 50, ""))
        for day in (2, 9)
    )
    send_own(cast.ben, first)
    pathway_issuing.issue_due(LINK)
    send_own(cast.ben, second)
    wall.to(datetime(2026, 12, 3, 17, tzinfo=UTC))
    go_on(cast, first, acts=acts)
    wall.to(datetime(2026, 12, 9, 16, tzinfo=UTC))
    covers.arrange(ines, ines.person_id, cast.omar.person_id, wall.now.date(), wall.now.date())
    session_prep.coach_brief(cast.omar, later)
    assert not readings.of_own_forms(cast.ben, PASSPHRASE).forms


@either
def test_a_look_at_the_couple_is_of_all_his_forms_whatever_she_picked(cast: Cast, wall: Wall, acts: bool) -> None:
    given = []
    for slug in (*ALONE, *slugs_of(cast, joint=True)[:2]):
        given.append(assign(cast, slug))
        wall.forward(hours=1)
    send_own(cast.ben, given[0])
    wall.forward(days=1)
    offer(cast)
    if acts:
        pick(cast)
    overview.overview(cast.ines, cast.couples["ana"], "Europe/Berlin")
    [form] = readings.of_own_forms(cast.ben, PASSPHRASE).forms
    assert [reading.name for reading in form.readings] == ["Ines"]
