"""What the coach gives in a history, by services: to both, to one, by a rule, on a pathway, to choose from, to many."""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import select

from portal.domain.assignments import For
from portal.domain.brief_choices import Copy
from portal.domain.errors import NotFound, Refused
from portal.domain.pathways import ReleaseKind
from portal.domain.people import Label
from portal.domain.programme import Audience, Kind
from portal.domain.repeats import Again
from portal.domain.safety import ProtocolStep, SignalKind
from portal.domain.session_check_ins import Ahead
from portal.domain.sessions import Attendance, SessionKind
from portal.extensions import db
from portal.models.assignments import Assignment, Repetition
from portal.models.bulk import BulkRow
from portal.services import (
    assignments,
    brief_choices,
    bulk,
    bulk_giving,
    choices,
    closing,
    extending,
    measure_scores,
    pathway_changing,
    pathways,
    picked_homework,
    programme,
    protocol,
    repetitions,
    safety,
    safety_mails,
    session_check_ins,
    sessions,
    swapping,
)
from portal.services.assignments import NewAssignment
from portal.services.bulk import NewBulk
from portal.services.choices import NewChoice
from portal.services.closing import Closing
from portal.services.measure_scores import Entered
from portal.services.pathway_changing import ChangedStep
from portal.services.pathways import NewStep
from portal.services.picked_homework import NewPick
from portal.services.sessions import NewSession
from portal.services.swapping import Instead
from tests import measures
from tests.privacy.typed_forms import said

if TYPE_CHECKING:
    from tests.privacy.twin import House

FIRST = "one-holds-the-floor"
CHECK_IN = "weekly-check-in"
LATE = time(19, 10)  # where they live: between two acts of an evening


def give(house: "House", slug: str, given_to: For, why: str = "", *, again: Again | None = None) -> UUID:
    due_on = datetime.now(UTC).date() + timedelta(days=7)
    # whether joint work is held is the coach's to know: what is given to both is said to be cleared in either run
    new = NewAssignment(entry_of(house, slug), given_to, due_on, why, "", again, cleared=True)
    return assignments.assign(house.cast.ines, house.cast.couples["ana"], new, "http://127.0.0.1:8000/my/")


def entry_of(house: "House", slug: str) -> UUID:
    return next(entry.id for entry in programme.library(house.cast.ines) if entry.slug == slug)


def slug_of(house: "House", seed: int, *, alone: bool = False) -> str:
    """One of the library's exercises; for one alone, one that can be done alone."""
    entries = [entry for entry in programme.library(house.cast.ines) if entry.kind is Kind.EXERCISE]
    slugs = sorted(entry.slug for entry in entries if not alone or entry.audience == Audience.ALONE)
    return FIRST if seed == 0 and not alone else slugs[seed % len(slugs)]


def _assign_both(house: "House", seed: int, _private: int) -> None:
    house.for_both.append(give(house, slug_of(house, seed), For.BOTH, "For the evenings"))


def _assign_joint(house: "House", seed: int, private: int) -> None:
    """A joint task, whether or not it is held; then a step noted of what Ana raised, and the mails about what waits."""
    entries = [entry for entry in programme.library(house.cast.ines) if entry.slug != FIRST]
    slugs = sorted(entry.slug for entry in entries if entry.audience.is_joint)
    house.for_both.append(give(house, slugs[seed % len(slugs)], For.JOINT, "For the evenings"))
    for signal in safety.signals(house.cast.ines):
        if signal.kind is SignalKind.FLAG and signal.closed_at is None and signal.name == "Ana":
            protocol.note(house.cast.ines, signal.signal_id, ProtocolStep.HOLD_JOINT_WORK, said(private))
    safety_mails.remind("http://127.0.0.1:8000/sign-in", "http://127.0.0.1:8000/coach/practice/members")


def _assign_weekly(house: "House", _seed: int, _private: int) -> None:
    house.for_both.append(give(house, CHECK_IN, For.BOTH, again=Again()))


def _assign_ana(house: "House", seed: int, private: int) -> None:
    house.for_ana.append(give(house, slug_of(house, seed + 7, alone=True), For.A, said(private)))


def _assign_measure_ana(house: "House", seed: int, private: int) -> None:
    """Ines brings a measure in, guarded or not, gives it to Ana alone, and types in what she scored on paper."""
    ines, name = house.cast.ines, ("hits", "rdas", "phq9")[private % 3]
    measure_id = measures.active(ines, name)
    house.for_ana.append(give(house, measures.slug_of(measure_id), For.A, said(private)))
    totals = {"total": Decimal(9 + private % 10)}
    measure_scores.enter(ines, house.cast.couples["ana"], Entered(Label.A, measure_id, date(2026, 11, 20), totals))
    measure_scores.of_couple(ines, house.cast.couples["ana"])
    house.for_ana[:] = house.for_ana[-1:] if seed % 2 else house.for_ana


def _assign_ben(house: "House", seed: int, _private: int) -> None:
    give(house, slug_of(house, seed + 3, alone=True), For.B)


def _offer_choice(house: "House", seed: int, _private: int) -> None:
    """A choice of small steps to each, in the place of one that is still open; at times the coach takes it back."""
    steps = tuple(entry_of(house, slug_of(house, seed + place, alone=True)) for place in range(3))
    new = NewChoice(steps, For.BOTH, datetime.now(UTC).date() + timedelta(days=7), "For the evenings")
    ines, couple_id = house.cast.ines, house.cast.couples["ana"]
    choices.offer(ines, couple_id, new, "http://127.0.0.1:8000/my/")
    for one in choices.of_couple(ines, couple_id) if seed % 5 == 0 else ():
        choices.withdraw(ines, couple_id, one.choice_id)


def _swap(house: "House", seed: int, _private: int) -> None:
    """Something else in the place of what both were given: whoever has sent, what is open goes, the other comes."""
    given = house.for_both[seed % len(house.for_both)]
    entry = entry_of(house, slug_of(house, seed + 5, alone=True))
    instead = Instead(entry, datetime.now(UTC).date() + timedelta(days=7), "A smaller one", cleared=True)
    house.for_both.append(swapping.swap(house.cast.ines, given, instead, "http://127.0.0.1:8000/my/"))


def _hold_weekly(house: "House", seed: int, _private: int) -> None:
    """What comes again, and the pathway where one has begun, is held or goes on, or is left out: neither is told."""
    acts = (repetitions.hold, repetitions.go_on, repetitions.come_after_all)
    its = select(Repetition.id).where(Repetition.ended_at.is_(None)).order_by(Repetition.starts_on, Repetition.id)
    for repetition_id in db.session.scalars(its).all():
        if seed % 4 == 0:
            repetitions.skip_next(house.cast.ines, repetition_id, said(seed)[:300])
        else:
            acts[seed % 4 - 1](house.cast.ines, repetition_id)
    with suppress(Refused):
        (pathways.hold, pathways.go_on)[seed % 2](house.cast.ines, house.cast.couples["ana"])


def _pathway(house: "House", seed: int, _private: int) -> None:
    """Another pathway: a step at once, one for each after their own, one after that, and one together, confirmed.

    Ana sends the first alone, or shared with the others; what follows it is Ben's to send and hers to look at, for in
    the twin she may never come to it.
    """
    ines, couple_id = house.cast.ines, house.cast.couples["ana"]
    with suppress(NotFound):
        pathways.end(ines, couple_id)
    add = partial(pathways.add_step, ines, couple_id)
    kind, alone = ReleaseKind, [entry_of(house, slug_of(house, seed + place, alone=True)) for place in range(3)]
    first = add(NewStep(alone[0], For.BOTH, kind.AT_ONCE, why="For the evenings"))
    second = add(NewStep(alone[1], For.BOTH, kind.AFTER_OWN, after=first, days=seed % 2))
    add(NewStep(alone[2], For.BOTH, kind.AFTER_OWN, after=second, days=1))
    together = add(NewStep(entry_of(house, "ten-clear-minutes"), For.JOINT, kind.BY_COACH))
    pathways.begin(ines, couple_id)
    pathways.confirm(ines, together, cleared=True)
    house.for_both += [first, together]
    house.first_steps.append(first)
    house.later_steps.append(second)


def _change_step(house: "House", seed: int, _private: int) -> None:
    """The step after the first opens by another rule, for whom it has not reached: for Ben by his own doing."""
    kind = (ReleaseKind.AT_ONCE, ReleaseKind.BY_COACH, ReleaseKind.ON_DAY)[seed % 3]
    day = datetime.now(UTC).date() + timedelta(days=seed % 4)
    for step_id in house.later_steps[-1:]:
        with suppress(Refused):
            new = ChangedStep(kind, day=day, days_open=3 + seed % 9)
            pathway_changing.change(house.cast.ines, step_id, new)


def _extend(house: "House", seed: int, _private: int) -> None:
    """More time for something that both were given, whoever has sent it, or for a step that each comes to alone."""
    known = [*house.for_both, *house.later_steps]
    given = known[seed % len(known)]
    extending.extend(house.cast.ines, given, datetime.now(UTC).date() + timedelta(days=3 + seed % 9))


def _move_session(house: "House", seed: int, _private: int) -> None:
    """Both are given something until the eve of a session, which is moved then."""
    ines, couple_id = house.cast.ines, house.cast.couples["ana"]
    starts_at = datetime.combine(datetime.now(UTC).date() + timedelta(days=8), time(12 + seed % 5), UTC)
    session_id = sessions.plan(ines, couple_id, NewSession(SessionKind.JOINT, starts_at, 50, "Room 1"))
    with suppress(Refused):  # it stands there since this morning
        house.for_both.append(give(house, slug_of(house, seed), For.BOTH, "For the evenings"))
    sessions.move(ines, session_id, starts_at + timedelta(days=seed % 4 - 1, minutes=seed), 50, f"Room {seed}")


def _pick_together(house: "House", seed: int, _private: int) -> None:
    """Both pick something as a session is closed, and Ines gives it, whatever is held: she says that it is cleared."""
    ines, couple_id = house.cast.ines, house.cast.couples["ana"]
    new = NewSession(SessionKind.JOINT, datetime.now(UTC) - timedelta(minutes=1 + seed), 50, "Room 1")
    session_id = sessions.plan(ines, couple_id, new)
    exercise = entry_of(house, slug_of(house, seed))
    homework = NewPick(exercise, datetime.now(UTC).date() + timedelta(days=2), LATE, f"The phone, {seed} times")
    closing.close(ines, session_id, Closing((f"Ten minutes, {seed}",), homework=homework))
    sessions.put_down_attendance(ines, session_id, Attendance.BOTH if seed % 3 else Attendance.A)
    brief_choices.keep(ines, session_id, Copy.JOINT, f"Begin with {seed}", [], ["o20"])
    house.for_both.append(picked_homework.give(ines, session_id, "You picked it together", cleared=True))


def _check_in_before(house: "House", seed: int, _private: int) -> None:
    """Both are asked before their sessions, of which one is near: the form is cut off before it or long before."""
    ines, couple_id = house.cast.ines, house.cast.couples["ana"]
    session_check_ins.ask(ines, couple_id, entry_of(house, "weekly-check-in"), Ahead(168, (1, 12, 36)[seed % 3]))
    starts_at = datetime.now(UTC) + timedelta(days=2, minutes=seed)
    with suppress(Refused):  # one is planned at this very minute
        sessions.plan(ines, couple_id, NewSession(SessionKind.JOINT, starts_at, 50, "Room 1"))
    session_check_ins.issue_due("http://127.0.0.1:8000/my/")
    given = select(Assignment.id).where(Assignment.couple_id == couple_id, Assignment.ends_at.is_not(None))
    house.for_both += [one for one in db.session.scalars(given) if one not in house.for_both]


def _repeat(house: "House", seed: int, _private: int) -> None:
    """Something done alone that both are given each day, late in the evening: at times it stands on the pathway too."""
    again = Again(weekdays=(1, 2, 3, 4, 5, 6, 7), at=LATE)
    house.for_both.append(give(house, slug_of(house, seed, alone=True), For.BOTH, again=again))


def _give_many(house: "House", seed: int, _private: int) -> None:
    """The same to several couples, of which theirs is one: whatever one of the two has had alone."""
    entry, due_on = entry_of(house, slug_of(house, seed, alone=True)), datetime.now(UTC).date() + timedelta(days=7)
    new = NewBulk(entry, (house.cast.couples["ana"], house.cast.couples["gil"]), due_on, "For the evenings")
    bulk_id = bulk.ask(house.cast.ines, new, f"list {seed} {due_on}")
    bulk_giving.carry_out("http://127.0.0.1:8000/my/")
    rows = select(BulkRow.assignment_id).where(BulkRow.bulk_id == bulk_id, BulkRow.couple_id == new.couple_ids[0])
    house.for_both += [given for given in db.session.scalars(rows) if given and given not in house.for_both]


GIVING: dict[str, Callable[["House", int, int], object]] = {
    "assign_both": _assign_both,
    "assign_joint": _assign_joint,
    "assign_weekly": _assign_weekly,
    "assign_ana": _assign_ana,
    "assign_ben": _assign_ben,
    "assign_measure_ana": _assign_measure_ana,
    "pathway": _pathway,
    "change_step": _change_step,
    "offer_choice": _offer_choice,
    "swap": _swap,
    "hold_weekly": _hold_weekly,
    "extend": _extend,
    "move_session": _move_session,
    "pick_together": _pick_together,
    "check_in_before": _check_in_before,
    "repeat": _repeat,
    "give_many": _give_many,
}
