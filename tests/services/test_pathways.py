"""A couple's pathway on a real database: what the coach puts on it, and what reaches whom, by their own doing alone."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select, update

from portal.domain.assignments import For, TaskState
from portal.domain.errors import Invalid, NotAllowed, NotFound
from portal.domain.parting import CoupleAct
from portal.domain.pathways import ReleaseKind
from portal.domain.people import Label
from portal.extensions import begin_write, db
from portal.models.assignments import Assignment, Task
from portal.models.audit import AuditEvent
from portal.models.outbox import OutboxEntry
from portal.models.pathways import Pathway, PathwayStep
from portal.models.questionnaires import Questionnaire
from portal.models.questionnaires import QuestionnaireVersion as Version
from portal.models.users import Person
from portal.services import (
    assignments,
    couple_states,
    parting,
    pathway_changing,
    pathway_issuing,
    pathways,
    programme,
    safety,
    shared,
    vault,
)
from portal.services.pathway_changing import ChangedStep
from portal.services.pathways import NewStep
from tests.cast import PASSPHRASE, Cast
from tests.conftest import Wall
from tests.given import floor, send, task_of
from tests.ways import ALONE, TOGETHER, add, entry_of, send_own, slugs_of

LINK = "http://127.0.0.1:8000/my/"
BERLIN_8 = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)


def begun(cast: Cast, *kinds: dict[str, object]) -> list[UUID]:
    """A pathway of these steps, begun."""
    steps: list[UUID] = []
    for place, how in enumerate(kinds):
        wanted = dict(how)
        if "after" in wanted:
            wanted["after"] = steps[int(str(wanted["after"]))]
        steps.append(add(cast, wanted.pop("slug", ALONE[place]), **wanted))
    pathways.begin(cast.ines, cast.couples["ana"])
    return steps


def issue() -> int:
    return pathway_issuing.issue_due(LINK)


def has(person: Person, step_id: UUID) -> bool:
    db.session.rollback()
    mine = select(func.count(Task.id)).where(Task.assignment_id == step_id, Task.person_id == person.person_id)
    return bool(db.session.scalar(mine))


AFTER = {"kind": ReleaseKind.AFTER_OWN, "after": 0}
JOINT = {"slug": TOGETHER[0], "given_to": For.JOINT, "kind": ReleaseKind.BY_COACH}


def test_before_it_begins_nothing_goes_out_and_then_each_gets_their_copy_once(cast: Cast) -> None:
    step = add(cast, ALONE[0])
    assert issue() == 0
    pathways.begin(cast.ines, cast.couples["ana"])
    assert issue() == 2
    assert issue() == 0
    assert has(cast.ana, step)
    assert has(cast.ben, step)
    mails = db.session.scalars(select(OutboxEntry.person_id).where(OutboxEntry.message == "task")).all()
    assert Counter(mails) == Counter([cast.ana.person_id, cast.ben.person_id])


def test_what_follows_a_step_reaches_whoever_has_done_it_and_nobody_else(cast: Cast) -> None:
    first, second = begun(cast, {}, AFTER)
    issue()
    send_own(cast.ana, first)
    assert issue() == 1
    assert (has(cast.ana, second), has(cast.ben, second)) == (True, False)
    send_own(cast.ben, first)
    assert issue() == 1
    assert has(cast.ben, second)
    assert db.session.scalar(select(func.count(Assignment.id)).where(Assignment.id == second)) == 1


def test_a_delay_runs_from_the_own_sending_to_eight_on_the_own_wall(cast: Cast, wall: Wall) -> None:
    first, second = begun(cast, {}, AFTER | {"days": 2})
    issue()
    send_own(cast.ana, first)
    wall.to(BERLIN_8 + timedelta(days=1, minutes=-1))
    assert issue() == 0
    wall.to(BERLIN_8 + timedelta(days=1))
    assert issue() == 1
    assert (has(cast.ana, second), has(cast.ben, second)) == (True, False)


def test_a_step_on_a_day_waits_for_the_day(cast: Cast, wall: Wall) -> None:
    [step] = begun(cast, {"kind": ReleaseKind.ON_DAY, "day": date(2026, 11, 24)})
    assert issue() == 0
    wall.to(BERLIN_8)
    assert issue() == 2
    task = db.session.scalars(select(Task).where(Task.id == task_of(cast.ben, step))).one()
    assert task.due_at == datetime(2026, 12, 1, 23, tzinfo=UTC)  # seven days on, to the end of the day in Berlin


def test_a_joint_step_opens_at_eight_for_both_once_it_is_confirmed_and_by_nothing_else(cast: Cast, wall: Wall) -> None:
    first, joint = begun(cast, {}, JOINT)
    issue()
    for person in (cast.ana, cast.ben):
        send_own(person, first)
    wall.forward(days=30)
    assert issue() == 0
    pathways.confirm(cast.ines, joint)
    assert issue() == 0
    wall.to(BERLIN_8 + timedelta(days=30, minutes=-1))
    assert issue() == 0
    wall.to(BERLIN_8 + timedelta(days=30))
    assert issue() == 1
    issued = db.session.execute(select(Task.issued_at, Task.state).where(Task.assignment_id == joint)).all()
    assert issued == [(wall.now, TaskState.ASSIGNED)] * 2


def test_a_step_of_one_alone_reaches_the_other_never(cast: Cast) -> None:
    [step] = begun(cast, {"given_to": For.B})
    assert issue() == 1
    assert (has(cast.ana, step), has(cast.ben, step)) == (False, True)


def test_the_coach_opens_a_step_for_one_and_later_for_the_other(cast: Cast, wall: Wall) -> None:
    [step] = begun(cast, {"kind": ReleaseKind.BY_COACH})
    pathways.confirm(cast.ines, step, Label.B)
    wall.forward(days=1)
    assert issue() == 1
    assert (has(cast.ana, step), has(cast.ben, step)) == (False, True)
    pathways.confirm(cast.ines, step)
    wall.forward(days=1)
    assert issue() == 1
    assert has(cast.ana, step)


def test_joint_work_that_is_held_is_confirmed_with_a_word_that_it_was_cleared(cast: Cast) -> None:
    [joint] = begun(cast, JOINT)
    flag(cast)
    assert safety.holds(cast.ines, cast.couples["ana"])
    with pytest.raises(NotAllowed, match="joint_work_held"):
        pathways.confirm(cast.ines, joint)
    pathways.confirm(cast.ines, joint, cleared=True)
    told = select(func.count()).where(AuditEvent.event == "pathway:step_confirmed_as_cleared")
    assert db.session.scalar(told) == 1


def flag(cast: Cast) -> None:
    """Ana says in the check-in that she is afraid."""
    entry = entry_of(cast, "one-holds-the-floor")
    given = assignments.NewAssignment(entry.id, For.BOTH, date(2026, 11, 30), cleared=True)
    task = task_of(cast.ana, assignments.assign(cast.ines, cast.couples["ana"], given))
    send(cast.ana, task, floor(stopped_afraid="true"), key="flag")


def test_nothing_goes_out_to_who_has_left_and_the_other_goes_on_alike(cast: Cast, wall: Wall) -> None:
    first, second, joint = begun(cast, {}, AFTER, JOINT)
    issue()
    pathways.confirm(cast.ines, joint)
    send_own(cast.ben, first)
    parting.leave(cast.ana, PASSPHRASE, LINK, hides=False)
    wall.forward(days=1)
    assert issue() == 1
    assert (has(cast.ana, second), has(cast.ben, second)) == (False, True)
    assert not has(cast.ben, joint)
    with pytest.raises(Invalid, match="not_for_both_now"):
        pathways.confirm(cast.ines, joint)


def test_what_he_shares_after_she_has_left_still_waits_for_her(cast: Cast, wall: Wall) -> None:
    [step] = begun(cast, {})
    parting.leave(cast.ana, PASSPHRASE, LINK, hides=False)
    assert issue() == 1
    send_own(cast.ben, step, sharing=True)
    wall.forward(days=2)
    assert shared.before_both(cast.couples["ana"], wall.now) == ()


def test_a_pause_keeps_what_is_new_back_and_ends_with_it(cast: Cast) -> None:
    begun(cast, {})
    couple_states.act(cast.ines, cast.couples["ana"], CoupleAct.PAUSE)
    assert issue() == 0
    with pytest.raises(Invalid, match="couple_not_active"):
        pathways.begin(cast.ines, cast.couples["ana"])
    couple_states.act(cast.ines, cast.couples["ana"], CoupleAct.RESUME)
    assert issue() == 2


@pytest.mark.parametrize("act", [CoupleAct.SEPARATE, CoupleAct.CLOSE])
def test_with_the_work_of_both_the_pathway_ends(cast: Cast, act: CoupleAct) -> None:
    begun(cast, {})
    couple_states.act(cast.ines, cast.couples["ana"], act)
    assert issue() == 0
    assert db.session.scalars(select(Pathway.ended_at)).one() is not None
    with pytest.raises(Invalid, match="couple_not_active"):
        add(cast, ALONE[1])


def test_what_is_left_out_goes_from_both_pages_and_nobody_waits_for_it(cast: Cast) -> None:
    first, second = begun(cast, {}, AFTER)
    issue()
    send_own(cast.ana, first)
    for _ in range(2):
        pathways.skip(cast.ines, first, "Too much for now")
    states = db.session.execute(select(Task.person_id, Task.state).where(Task.assignment_id == first)).all()
    assert dict(states) == {cast.ana.person_id: TaskState.SUBMITTED, cast.ben.person_id: TaskState.WITHDRAWN}
    assert issue() == 2
    assert has(cast.ben, second)


def test_what_was_withdrawn_on_its_own_page_is_left_out_of_the_pathway(cast: Cast) -> None:
    first, second = begun(cast, {}, AFTER)
    issue()
    assignments.withdraw(cast.ines, first)
    assert issue() == 2
    assert has(cast.ana, second)


def test_while_it_is_held_nothing_new_goes_out_and_then_all_that_is_open(cast: Cast) -> None:
    couple_id = cast.couples["ana"]
    first, second = begun(cast, {}, AFTER)
    assert issue() == 2
    for _ in range(2):
        pathways.hold(cast.ines, couple_id)
    send_own(cast.ana, first)
    assert issue() == 0
    assert has(cast.ben, first)
    for _ in range(2):
        pathways.go_on(cast.ines, couple_id)
    assert issue() == 1
    assert has(cast.ana, second)
    told = Counter(db.session.scalars(select(AuditEvent.event).where(AuditEvent.event.startswith("pathway:"))))
    assert (told["pathway:held"], told["pathway:went_on"]) == (1, 1)


def test_what_has_not_begun_is_not_held(cast: Cast) -> None:
    add(cast, ALONE[0])
    with pytest.raises(NotAllowed, match="pathway_not_begun"):
        pathways.hold(cast.ines, cast.couples["ana"])


def test_once_it_is_ended_nothing_more_goes_out_and_another_can_begin(cast: Cast) -> None:
    first, _ = begun(cast, {}, AFTER)
    issue()
    send_own(cast.ana, first)
    pathways.end(cast.ines, cast.couples["ana"])
    assert issue() == 0
    begun(cast, {})
    assert issue() == 2


def test_both_get_the_words_that_the_library_had_when_the_step_was_added(cast: Cast) -> None:
    first, second = begun(cast, {}, AFTER)
    issue()
    send_own(cast.ana, first)
    issue()
    begin_write()
    entry = db.session.scalars(select(Questionnaire).where(Questionnaire.id == entry_of(cast, ALONE[1]).id)).one()
    newest = programme.newest_version(entry.id)
    programme.add_version(entry, programme.next_number(entry), newest.document | {"title": "In other words"})
    entry.retired_at = datetime(2026, 11, 23, tzinfo=UTC)
    db.session.commit()
    send_own(cast.ben, first)
    assert issue() == 1
    assert {row.title for row in _versions_of(second)} == {newest.title}
    with pytest.raises(Invalid, match="exercise_retired"):
        pathways.add_step(cast.ines, cast.couples["ana"], NewStep(entry.id, For.BOTH, ReleaseKind.AT_ONCE))


def _versions_of(step_id: UUID):  # type: ignore[no-untyped-def]
    joined = select(Version).join(Assignment, Assignment.version_id == Version.id).join(Task)
    return db.session.scalars(joined.where(Assignment.id == step_id)).all()


def test_the_coachs_words_are_sealed_and_come_along_with_each_copy(cast: Cast) -> None:
    [step] = begun(cast, {"why": "For the evenings"})
    issue()
    row = db.session.scalars(select(PathwayStep)).one()
    given = db.session.scalars(select(Assignment).where(Assignment.id == step)).one()
    assert b"evenings" not in row.why + given.why
    assert vault.unseal(cast.couples["ana"], "assignments.why", step, given.why) == "For the evenings"


def test_one_that_fails_keeps_no_other_back(cast: Cast) -> None:
    first, second = begun(cast, {"why": "For the evenings"}, {})
    begin_write()
    db.session.execute(update(PathwayStep).where(PathwayStep.id == first).values(why=b"no seal of ours"))
    db.session.commit()
    assert issue() == 2
    assert not has(cast.ana, first)
    assert has(cast.ben, second)


def test_steps_change_places_unless_one_would_come_before_what_it_waits_for(cast: Cast) -> None:
    first, second, third = begun(cast, {}, AFTER, {})
    couple_id = cast.couples["ana"]
    pathways.move(cast.ines, couple_id, third, up=True)
    assert _order() == [first, third, second]
    pathways.move(cast.ines, couple_id, first, up=True)  # it is the first already
    pathways.move(cast.ines, couple_id, first, up=False)
    with pytest.raises(Invalid, match="waits_for_a_later_step"):
        pathways.move(cast.ines, couple_id, second, up=True)
    with pytest.raises(Invalid, match="no_such_step"):
        pathways.move(cast.ines, couple_id, couple_id, up=True)


def _order() -> list[UUID]:
    return list(db.session.scalars(select(PathwayStep.id).order_by(PathwayStep.position)))


@pytest.mark.parametrize(
    ("how", "code", "field"),
    [
        ({"slug": "weekly-check-in"}, "check_in_is_no_step", "exercise"),
        ({"slug": TOGETHER[0], "given_to": For.A}, "together_needs_both", "given_to"),
        ({"given_to": For.JOINT}, "alone_is_no_joint_task", "given_to"),
        ({"kind": ReleaseKind.ON_DAY}, "day_missing", "day"),
        ({"kind": ReleaseKind.AFTER_OWN}, "step_missing", "after"),
        ({"kind": ReleaseKind.AFTER_OWN, "after": UUID(int=7)}, "no_such_step", "after"),
        ({"days_open": 0}, "out_of_range", "days_open"),
        ({"why": "a" * 2_001}, "too_long", "why"),
    ],
)
def test_what_cannot_stand_on_a_pathway_is_refused_with_its_field(
    cast: Cast, how: dict[str, object], code: str, field: str
) -> None:
    with pytest.raises(Invalid, match=code) as refusal:
        add(cast, how.pop("slug", ALONE[0]), **how)
    assert refusal.value.params["field"] == field
    assert db.session.scalar(select(func.count(PathwayStep.id))) == 0


def test_what_is_done_together_is_opened_by_the_coach_whatever_was_chosen(cast: Cast) -> None:
    add(cast, TOGETHER[0], kind=ReleaseKind.AT_ONCE)
    row = db.session.scalars(select(PathwayStep)).one()
    assert (row.given_to, row.release) == (For.JOINT, ReleaseKind.BY_COACH)


@pytest.mark.parametrize("who", ["omar", "mira", "noor", "sol", "ana", "ben"])
def test_nobody_but_who_acts_for_the_couple_reaches_its_pathway(cast: Cast, who: str) -> None:
    [step] = begun(cast, {})
    viewer, couple_id = cast.viewers[who], cast.couples["ana"]
    new = NewStep(entry_of(cast, ALONE[1]).id, For.BOTH, ReleaseKind.AT_ONCE)
    for act in (
        lambda: pathways.add_step(viewer, couple_id, new),
        lambda: pathways.begin(viewer, couple_id),
        lambda: pathways.end(viewer, couple_id),
        lambda: pathways.hold(viewer, couple_id),
        lambda: pathways.go_on(viewer, couple_id),
        lambda: pathways.move(viewer, couple_id, step, up=True),
        lambda: pathways.confirm(viewer, step),
        lambda: pathways.skip(viewer, step, "Too much"),
        lambda: pathway_changing.step_to_change(viewer, step),
        lambda: pathway_changing.change(viewer, step, ChangedStep(ReleaseKind.AT_ONCE)),
    ):
        with pytest.raises(NotFound):
            act()
        db.session.rollback()


def test_an_empty_pathway_does_not_begin_and_one_that_has_not_begun_opens_nothing(cast: Cast) -> None:
    with pytest.raises(NotFound):
        pathways.begin(cast.ines, cast.couples["ana"])
    step = add(cast, ALONE[0], kind=ReleaseKind.BY_COACH)
    with pytest.raises(NotAllowed, match="pathway_not_begun"):
        pathways.confirm(cast.ines, step)


def test_the_slugs_of_these_tests_are_what_they_say(cast: Cast) -> None:
    assert set(ALONE) <= set(slugs_of(cast, joint=False))
    assert set(TOGETHER) <= set(slugs_of(cast, joint=True))
