"""Planted leaks of pathways, the shelf and sessions, beside the list of 25: one's own way tells of the other's."""

from collections.abc import Collection
from dataclasses import replace
from datetime import date, datetime
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Row, null

from portal.domain.assignments import For
from portal.domain.errors import NotAllowed
from portal.domain.own_paths import Side
from portal.domain.people import Label, Viewer
from portal.domain.resources import Resource
from portal.domain.session_facts import Both
from portal.services import (
    bulk,
    exchanges,
    issuing,
    pathway_changing,
    pathway_issuing,
    repeating,
    resources,
    scope,
    taking_part,
)
from portal.services.pathway_issuing import Due
from portal.services.pathway_rows import Way
from tests.privacy.acts import Act
from tests.privacy.faults.planted import fault

BOTH_COME_TO_IT = (
    *(Act("coach", "pathway", 0), Act("coach", "sweep")),
    *(Act("ben", "send", 2), Act("ana", "go_on", 0), Act("coach", "sweep")),
)


@fault(*BOTH_COME_TO_IT)
def released_when_both_have_done_it(patch: pytest.MonkeyPatch) -> None:
    """What follows a step goes out to either once both have done it."""
    due_of = pathway_issuing.due_of

    def of_both(way: Way, here: Collection[Label], now: datetime) -> tuple[Due, ...]:
        a, b = way.sides.a, way.sides.b
        done = {step: max(a.done[step], b.done[step]) for step in a.done.keys() & b.done.keys()}
        sides: Both[Side] = Both(replace(a, done=done), replace(b, done=done))
        return due_of(replace(way, sides=sides), here, now)

    patch.setattr(pathway_issuing, "due_of", of_both)


@fault(Act("coach", "pathway", 0), Act("coach", "sweep"), Act("ana", "go_on", 0), Act("coach", "sweep"))
def released_when_one_has_done_it(patch: pytest.MonkeyPatch) -> None:
    """What follows a step goes out to both as soon as one has done it, so that they go on together."""
    due_of = pathway_issuing.due_of

    def of_either(way: Way, here: Collection[Label], now: datetime) -> tuple[Due, ...]:
        done = {**way.sides.a.done, **way.sides.b.done}
        sides: Both[Side] = Both(replace(way.sides.a, done=done), replace(way.sides.b, done=done))
        return due_of(replace(way, sides=sides), here, now)

    patch.setattr(pathway_issuing, "due_of", of_either)


@fault(
    *(Act("coach", "pathway", 0), Act("coach", "sweep"), Act("ana", "go_on", 0), Act("coach", "sweep")),
    next_day=(Act("ben", "send", 2), Act("coach", "sweep")),
)
def due_with_the_first_copy(patch: pytest.MonkeyPatch) -> None:
    """Both copies of a step end on one day: that of the copy that went out first."""
    issue_copies = issuing.issue_copies
    first = dict[object, date]()

    def as_the_first(couple, assignment, copies):  # type: ignore[no-untyped-def]
        due_on = first.setdefault((id(couple.practice_id), assignment.id, assignment.created_at), copies.due_on)
        issue_copies(couple, assignment, replace(copies, due_on=due_on))

    patch.setattr(issuing, "issue_copies", as_the_first)


@fault(
    *(Act("coach", "pathway", 0), Act("coach", "sweep"), Act("ana", "go_on", 0), Act("coach", "sweep")),
    *(Act("coach", "change_step", 0), Act("coach", "sweep")),
)
def changed_while_nobody_has_it(patch: pytest.MonkeyPatch) -> None:
    """A step that one of them has is changed for neither: whether it is another for the other hangs on who has it."""
    changeable = pathway_changing._changeable

    def of_nobody(way: Way, step_id: UUID) -> Row[Any]:
        found = changeable(way, step_id)
        if found.PathwayStep.assignment_id is not None:
            raise NotAllowed("step_reached")
        return found

    patch.setattr(pathway_changing, "_changeable", of_nobody)


@fault(Act("coach", "go_on_to_step", 1), Act("ana", "leave", 1))
def shelf_while_both_take_part(patch: pytest.MonkeyPatch) -> None:
    """What is chosen for both is taken from either's pages once one of them has left."""
    for_partner = resources.for_partner

    def for_both(viewer: Viewer) -> tuple[Resource, ...]:
        return for_partner(viewer) if taking_part.are_both(scope.couple_id_of_partner(viewer)) else ()

    patch.setattr(resources, "for_partner", for_both)


@fault(Act("ben", "send", 2), Act("ana", "send_closed", 2), Act("coach", "open_in_session", 2), Act("ben", "reveal", 2))
def opened_where_one_shares_nothing(patch: pytest.MonkeyPatch) -> None:
    """In a session it opens as soon as both have sent, and each finds on their own form that it did."""
    patch.setattr(exchanges, "_shared_by_both", lambda forms: len(forms) == len(Label))


@fault(
    *(Act("coach", "repeat", 2), Act("coach", "pathway", 1), Act("coach", "sweep"), Act("ben", "look_around")),
    next_day=(Act("ana", "go_on", 0), Act("coach", "sweep"), Act("coach", "sweep"), Act("ben", "look_around")),
)
def repeated_unless_one_has_come_to_it(patch: pytest.MonkeyPatch) -> None:
    """What comes again stays out on a day on which one of the two came to the same thing on their own way."""
    patch.setattr(repeating, "in_own_time", null)


@fault(Act("coach", "offer_choice", 1), Act("ana", "pick", 0), *(Act("coach", "give_many", seed) for seed in (1, 2, 3)))
def given_to_many_unless_one_has_it_alone(patch: pytest.MonkeyPatch) -> None:
    """A couple is passed over where one of the two has the same thing alone, or took it of a choice."""
    patch.setattr(bulk, "For", SimpleNamespace(BOTH=For.BOTH, JOINT=For.A))
