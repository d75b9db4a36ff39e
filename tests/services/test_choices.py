"""A choice of small steps: offered to each alone, taken once, and never a sign of it to the other."""

from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

from portal.domain.assignments import For, TaskState
from portal.domain.errors import Invalid, NotFound, Refused
from portal.domain.parting import CoupleAct
from portal.domain.people import Viewer
from portal.extensions import begin_write, db
from portal.models.assignments import Assignment, Task
from portal.models.choices import OfferedChoice, OfferedStep
from portal.models.outbox import OutboxEntry
from portal.services import (
    assignments,
    choices,
    choosing,
    couple_states,
    erasing,
    exports,
    home,
    parting,
    programme,
    shared,
)
from portal.services.choices import NewChoice
from portal.services.choosing import ChoiceToMake
from tests.cast import LINK, PASSPHRASE, Cast
from tests.conftest import Wall
from tests.given import send

ALONE = ("my-listening-habits", "three-specifics")
DUE = date(2026, 11, 29)


def entries(cast: Cast, *slugs: str) -> tuple[UUID, ...]:
    known = {entry.slug: entry.id for entry in programme.library(cast.ines)}
    return tuple(known[slug] for slug in slugs)


def offer(cast: Cast, given_to: For = For.BOTH, slugs: tuple[str, ...] = ALONE, **more: object) -> None:
    new = NewChoice(entries(cast, *slugs), given_to, **({"due_on": DUE, "why": "For a quiet evening"} | more))  # type: ignore[arg-type]
    choices.offer(cast.ines, cast.couples["ana"], new, LINK)


def waiting(viewer: Viewer) -> ChoiceToMake:
    found = choosing.open_choice(viewer)
    assert found
    return found


def take(viewer: Viewer, place: int = 0) -> UUID:
    found = waiting(viewer)
    return choosing.pick(viewer, found.choice_id, found.steps[place].step_id)


def count(table: type) -> int:
    return db.session.scalar(select(func.count()).select_from(table)) or 0


def test_each_finds_a_choice_of_their_own_and_no_id_is_shared(cast: Cast) -> None:
    offer(cast)
    ana, ben = waiting(cast.ana), waiting(cast.ben)
    assert [step.title for step in ana.steps] == [step.title for step in ben.steps]
    assert len(ana.steps) == 2
    assert not {ana.choice_id, *(s.step_id for s in ana.steps)} & {ben.choice_id, *(s.step_id for s in ben.steps)}
    assert (ana.why, ana.due_on) == ("For a quiet evening", DUE)
    assert count(Task) == 0


def test_what_is_taken_becomes_a_task_of_that_one_alone(cast: Cast) -> None:
    offer(cast)
    task_id = take(cast.ana, 1)
    [line] = assignments.assignments_of_couple(cast.ines, cast.couples["ana"])
    assert (line.given_to, line.due_on, [copy.name for copy in line.copies]) == (For.A, DUE, ["Ana"])
    found = home.home(cast.ana).next
    assert found
    assert (found.task_id, found.why) == (task_id, "For a quiet evening")
    assert choosing.open_choice(cast.ana) is None


def test_nothing_of_the_others_changes_by_it(cast: Cast) -> None:
    offer(cast)
    before = waiting(cast.ben), home.home(cast.ben), shared.for_both(cast.ben)
    take(cast.ana)
    assert (waiting(cast.ben), home.home(cast.ben), shared.for_both(cast.ben)) == before


def test_taken_twice_it_is_one_task_whatever_was_pressed(cast: Cast) -> None:
    offer(cast)
    found = waiting(cast.ana)
    taken = [choosing.pick(cast.ana, found.choice_id, step.step_id) for step in (*found.steps, found.steps[0])]
    assert len(set(taken)) == 1
    assert count(Task) == 1


def test_only_whose_choice_it_is_can_make_it_and_only_with_a_step_of_it(cast: Cast) -> None:
    offer(cast)
    ana, ben = waiting(cast.ana), waiting(cast.ben)
    for viewer, choice_id, step_id in (
        (cast.ben, ana.choice_id, ana.steps[0].step_id),
        (cast.eva, ana.choice_id, ana.steps[0].step_id),
        (cast.ines, ana.choice_id, ana.steps[0].step_id),
        (cast.ana, ana.choice_id, ben.steps[0].step_id),
        (cast.ana, ana.choice_id, uuid4()),
        (cast.ana, uuid4(), ana.steps[0].step_id),
    ):
        with pytest.raises(NotFound):
            choosing.pick(viewer, choice_id, step_id)
        db.session.rollback()
    assert count(Task) == 0


def test_the_coach_sees_what_each_was_offered_and_took(cast: Cast) -> None:
    offer(cast)
    take(cast.ben, 1)
    a, b = choices.of_couple(cast.ines, cast.couples["ana"])
    assert (a.name, a.taken, a.is_open, a.why) == ("Ana", None, True, "For a quiet evening")
    assert (b.name, b.taken, b.is_open) == ("Ben", b.titles[1], False)
    assert b.assignment_id == db.session.scalars(select(Assignment.id)).one()


def test_a_stranger_to_the_couple_finds_none_of_it(cast: Cast) -> None:
    offer(cast)
    choice_id, couple_id = waiting(cast.ana).choice_id, cast.couples["ana"]
    new = NewChoice(entries(cast, *ALONE), For.A, DUE)
    for stranger in (cast.omar, cast.sol, cast.noor, cast.mira, cast.ben):
        for act in (
            lambda who: choices.page(who, couple_id),
            lambda who: choices.withdraw(who, couple_id, choice_id),
            lambda who: choices.offer(who, couple_id, new),
        ):
            with pytest.raises(NotFound):
                act(stranger)
            db.session.rollback()
        assert choices.of_couple(stranger, couple_id) == ()
    with pytest.raises(NotFound):
        choices.withdraw(cast.ines, cast.couples["gil"], choice_id)


def test_each_gets_one_neutral_mail_and_none_as_they_choose(cast: Cast) -> None:
    offer(cast)
    keys = {f"choice:{waiting(viewer).choice_id}" for viewer in (cast.ana, cast.ben)}
    take(cast.ana)
    mails = db.session.scalars(select(OutboxEntry).where(OutboxEntry.message == "task")).all()
    assert {mail.dedupe_key for mail in mails} == keys


def test_what_is_taken_back_is_there_no_more_and_what_was_taken_stays(cast: Cast) -> None:
    offer(cast)
    found, taken = waiting(cast.ana), take(cast.ben)
    for one in choices.of_couple(cast.ines, cast.couples["ana"]):
        choices.withdraw(cast.ines, cast.couples["ana"], one.choice_id)
    assert choosing.open_choice(cast.ana) is None
    with pytest.raises(NotFound):
        choosing.pick(cast.ana, found.choice_id, found.steps[0].step_id)
    db.session.rollback()
    assert db.session.scalars(select(Task.id).where(Task.state == TaskState.ASSIGNED)).all() == [taken]
    unsent = select(OutboxEntry.dedupe_key).where(OutboxEntry.failed_at.is_not(None))
    assert db.session.scalars(unsent).all() == [f"choice:{found.choice_id}"]


def test_a_further_offer_replaces_what_is_open_with_each_whatever_the_other_did(cast: Cast) -> None:
    offer(cast)
    take(cast.ana)
    first = waiting(cast.ben)
    offer(cast, slugs=("three-specifics", "small-reaches", "my-listening-habits"))
    assert [len(waiting(viewer).steps) for viewer in (cast.ana, cast.ben)] == [3, 3]
    assert waiting(cast.ben).choice_id != first.choice_id


def test_a_day_that_is_over_when_it_is_taken_becomes_today(cast: Cast, wall: Wall) -> None:
    offer(cast, For.A)
    wall.forward(days=10)
    take(cast.ana)
    [line] = assignments.assignments_of_couple(cast.ines, cast.couples["ana"])
    assert line.assigned_on == line.due_on == date(2026, 12, 3)


@pytest.mark.parametrize(
    ("slugs", "more", "code", "field"),
    [
        (ALONE[:1], {}, "two_or_three_steps", "steps"),
        ((ALONE[0], ALONE[0]), {}, "two_or_three_steps", "steps"),
        ((*ALONE, "rewrite-the-opening", "find-the-fair-part"), {}, "two_or_three_steps", "steps"),
        ((ALONE[0], "one-holds-the-floor"), {}, "only_alone_to_choose", "steps"),
        ((ALONE[0], "weekly-check-in"), {}, "only_alone_to_choose", "steps"),
        (ALONE, {"due_on": date(2026, 11, 22)}, "due_in_the_past", "due_on"),
        (ALONE, {"why": "x" * 301}, "too_long", "why"),
    ],
)
def test_what_cannot_be_offered_is_refused_with_its_field(
    cast: Cast, slugs: tuple[str, ...], more: dict[str, object], code: str, field: str
) -> None:
    with pytest.raises(Invalid, match=code) as refusal:
        offer(cast, slugs=slugs, **more)
    db.session.rollback()
    assert refusal.value.params["field"] == field
    assert count(OfferedChoice) == 0


def test_what_is_retired_cannot_be_offered_but_what_was_offered_can_be_taken(cast: Cast, wall: Wall) -> None:
    offer(cast, For.A)
    new = NewChoice(entries(cast, *ALONE), For.BOTH, DUE)
    begin_write()
    assignments.scope.library_entry(cast.ines, entries(cast, ALONE[0])[0]).retired_at = wall.now
    db.session.commit()
    with pytest.raises(Invalid, match="exercise_retired"):
        choices.offer(cast.ines, cast.couples["ana"], new, LINK)
    db.session.rollback()
    assert take(cast.ana, 0)


def test_who_stops_taking_part_has_nothing_to_choose_and_the_other_still_has(cast: Cast) -> None:
    offer(cast)
    found, before = waiting(cast.ana), waiting(cast.ben)
    parting.leave(cast.ana, PASSPHRASE, LINK, hides=False)
    assert choosing.open_choice(cast.ana) is None
    with pytest.raises(NotFound):
        choosing.pick(cast.ana, found.choice_id, found.steps[0].step_id)
    db.session.rollback()
    assert waiting(cast.ben) == before
    with pytest.raises(Refused):
        offer(cast)
    db.session.rollback()


@pytest.mark.parametrize("act", [CoupleAct.SEPARATE, CoupleAct.CLOSE])
def test_the_end_of_the_work_takes_open_choices_from_both(cast: Cast, act: CoupleAct) -> None:
    offer(cast)
    couple_states.act(cast.ines, cast.couples["ana"], act)
    assert choosing.open_choice(cast.ana) is choosing.open_choice(cast.ben) is None


def test_in_a_pause_nothing_new_is_offered_and_what_is_open_can_be_taken(cast: Cast) -> None:
    offer(cast)
    couple_states.act(cast.ines, cast.couples["ana"], CoupleAct.PAUSE)
    with pytest.raises(Invalid, match="couple_not_active"):
        offer(cast)
    db.session.rollback()
    assert take(cast.ana)


def test_erased_with_the_person_and_left_with_the_other(cast: Cast) -> None:
    offer(cast)
    take(cast.ana)
    erasing.erase_here(cast.ana.person_id)
    assert db.session.scalars(select(OfferedChoice.person_id)).all() == [cast.ben.person_id]
    assert count(OfferedStep) == 2


def test_ones_own_choices_are_in_ones_own_file_and_in_nobody_elses(cast: Cast) -> None:
    offer(cast, For.A)
    take(cast.ana)
    [mine] = exports.own_data(cast.ana, PASSPHRASE).choices
    assert (mine.why, mine.taken, len(mine.titles)) == ("For a quiet evening", mine.titles[0], 2)
    assert exports.own_data(cast.ben, PASSPHRASE).choices == ()


def test_what_she_shares_of_what_she_took_opens_on_the_morning_after_and_nothing_before(cast: Cast, wall: Wall) -> None:
    offer(cast)
    send(cast.ana, take(cast.ana), {"done": "done", "watch_next": "Looking at my phone"})
    wall.forward(hours=11)  # 07:00 where the practice is
    assert shared.for_both(cast.ben) == ()
    wall.forward(hours=1)
    assert [form.title for form in shared.for_both(cast.ben)] == ["My listening habits"]


def test_what_she_took_and_keeps_for_the_coach_is_never_told(cast: Cast, wall: Wall) -> None:
    offer(cast)
    send(cast.ana, take(cast.ana), {"done": "done", "watch_next": "My phone"}, watch_next="coach")
    wall.to(wall.now + timedelta(days=3))
    assert shared.for_both(cast.ben) == ()
