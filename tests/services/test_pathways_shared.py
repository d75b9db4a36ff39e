"""What both may read of steps that each gets in their own time: nothing of it tells when the other's copy went out."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, update

from portal.domain.pathways import ReleaseKind
from portal.extensions import begin_write, db
from portal.models.assignments import Assignment, Task
from portal.models.pathways import PathwayStep
from portal.models.users import Person
from portal.output.templates import Voice, render_brief
from portal.services import pathway_issuing, pathways, rotation, session_prep, shared, vault
from tests import factories
from tests.cast import Cast
from tests.conftest import START, Wall
from tests.ways import ALONE, add, entry_of, send_own

LINK = "http://127.0.0.1:8000/my/"
VOICE = Voice("en", lambda text: text, lambda one, many, count: one if count == 1 else many)
FIRST, SECOND = "My listening habits", "Small reaches"


@pytest.fixture
def steps(cast: Cast) -> tuple[UUID, UUID]:
    """One at once, and one after each one's own; both have the first."""
    first = add(cast, ALONE[0], why="Small, and for yourself")
    second = add(cast, ALONE[1], kind=ReleaseKind.AFTER_OWN, after=first)
    pathways.begin(cast.ines, cast.couples["ana"])
    pathway_issuing.issue_due(LINK)
    return first, second


def joint_copy(cast: Cast, session_id: UUID) -> str:
    return render_brief(session_prep.joint_brief(cast.ines, session_id), VOICE, site_name="Portal")


def coach_copy(cast: Cast, session_id: UUID) -> str:
    return render_brief(session_prep.coach_brief(cast.ines, session_id), VOICE, site_name="Portal")


def test_the_joint_copy_is_the_same_whoever_has_come_to_which_step(cast: Cast, steps: tuple[UUID, UUID]) -> None:
    session_id = factories.session(cast.couples["ana"], START + timedelta(days=1))
    before = joint_copy(cast, session_id)
    assert FIRST not in before
    send_own(cast.ana, steps[0], sharing=True)
    pathway_issuing.issue_due(LINK)
    send_own(cast.ana, steps[1], sharing=True)
    assert joint_copy(cast, session_id) == before
    assert FIRST in coach_copy(cast, session_id)


def test_once_something_of_it_is_open_to_both_it_stands_there_from_when_the_pathway_began(
    cast: Cast, steps: tuple[UUID, UUID], wall: Wall
) -> None:
    session_id = factories.session(cast.couples["ana"], START + timedelta(days=5))
    for person in (cast.ana, cast.ben):
        wall.forward(days=1)
        send_own(person, steps[0], sharing=True)
    wall.forward(days=1)
    copy = joint_copy(cast, session_id)
    assert FIRST in copy
    assert SECOND not in copy
    assert "Since 23 November." in copy


def test_of_a_step_that_has_not_reached_him_the_coachs_copy_does_not_say_that_he_was_asked(
    cast: Cast, steps: tuple[UUID, UUID]
) -> None:
    send_own(cast.ana, steps[0])
    pathway_issuing.issue_due(LINK)
    session_id = factories.session(cast.couples["ana"], START + timedelta(days=1))
    homework = {row.title: row for row in session_prep.coach_brief(cast.ines, session_id).homework}
    assert [account.asked for account in homework[FIRST].accounts] == [True, True]
    assert sorted(account.asked for account in homework[SECOND].accounts) == [False, True]


def test_each_reads_the_day_on_which_their_own_copy_came(cast: Cast, steps: tuple[UUID, UUID], wall: Wall) -> None:
    send_own(cast.ana, steps[0])
    pathway_issuing.issue_due(LINK)
    send_own(cast.ana, steps[1], sharing=True)
    wall.forward(days=3)
    send_own(cast.ben, steps[0])
    pathway_issuing.issue_due(LINK)
    send_own(cast.ben, steps[1], sharing=True)
    assert db.session.scalars(select(Assignment.assigned_on).where(Assignment.id == steps[1])).one() == date(
        2026, 11, 23
    )
    wall.forward(days=1)
    days = {viewer: _day(viewer, SECOND) for viewer in (cast.ana, cast.ben)}
    assert days == {cast.ana: date(2026, 11, 23), cast.ben: date(2026, 11, 26)}
    [form] = shared.before_both(cast.couples["ana"], wall.now)
    assert form.assigned_on == date(2026, 11, 23)


def _day(viewer, title: str) -> date:  # type: ignore[no-untyped-def]
    return next(form.assigned_on for form in shared.for_both(viewer) if form.title == title)


def test_who_lives_elsewhere_has_as_many_days_by_their_own_wall(cast: Cast) -> None:
    begin_write()
    db.session.execute(update(Person).where(Person.id == cast.ben.person_id).values(zone="Pacific/Auckland"))
    db.session.commit()
    step = add(cast, ALONE[0], days_open=3)
    pathways.begin(cast.ines, cast.couples["ana"])
    pathway_issuing.issue_due(LINK)
    due = dict(db.session.execute(select(Task.person_id, Task.due_at).where(Task.assignment_id == step)).all())
    assert due[cast.ana.person_id].isoformat() == "2026-11-26T23:00:00+00:00"
    assert due[cast.ben.person_id].isoformat() == "2026-11-27T11:00:00+00:00"  # it is the 24th there already


def test_the_coachs_words_open_under_a_new_key(cast: Cast, steps: tuple[UUID, UUID]) -> None:
    number = rotation.begin(cast.couples["ana"])
    while rotation.reseal_some(cast.couples["ana"], number):
        pass
    rotation.finish(cast.couples["ana"], number)
    row = db.session.scalars(select(PathwayStep).where(PathwayStep.id == steps[0])).one()
    assert vault.unseal(cast.couples["ana"], "pathway_steps.why", row.id, row.why) == "Small, and for yourself"
    assert entry_of(cast, ALONE[0]).title == FIRST
