"""Giving the same to many couples: whom it reaches, and why not the others."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from portal.domain.assignments import are_too_near
from portal.domain.people import Label

MOST_COUPLES = 200


class Outcome(StrEnum):
    """What became of one couple's part."""

    WAITING = "waiting"
    GIVEN = "given"
    SKIPPED = "skipped"


class Reason(StrEnum):
    """Why a couple is passed over."""

    RESTS = "rests"
    ONE_GONE = "one_gone"
    HAS_IT = "has_it"
    CHECK_IN_NEAR = "check_in_near"
    HELD = "held"
    RETIRED = "retired"
    DAY_OVER = "day_over"
    MEASURE = "measure"
    NOT_YOURS = "not_yours"
    OTHERWISE = "otherwise"


# what a command refuses, by its code, for one couple of many
REFUSED = {
    "couple_not_active": Reason.RESTS,
    "not_for_both_now": Reason.ONE_GONE,
    "takes_part_no_more": Reason.ONE_GONE,
    "assigned_already": Reason.HAS_IT,
    "check_in_too_soon": Reason.CHECK_IN_NEAR,
    "joint_work_held": Reason.HELD,
    "exercise_retired": Reason.RETIRED,
    "due_in_the_past": Reason.DAY_OVER,
    "measure_licence_over": Reason.MEASURE,
    "measure_not_active": Reason.MEASURE,
    "measure_without_reader": Reason.MEASURE,
    "guarded_to_one_alone": Reason.MEASURE,
    "not_found": Reason.NOT_YOURS,
    **{reason.value: reason for reason in Reason},
}


@dataclass(frozen=True, slots=True)
class Facts:
    """What decides about one couple: who takes part, whether they have it, when they last had it, and a hold.

    They have what was given and not withdrawn until its last day is over, whoever has sent: by that it would be told.
    """

    taking_part: Collection[Label]
    has_it: bool
    last_given_on: date | None
    is_held: bool


def reason_or_none(facts: Facts, today: date, *, is_check_in: bool, is_joint: bool) -> Reason | None:
    """Why a couple is passed over, None where it is not."""
    if not facts.taking_part:
        return Reason.RESTS
    if set(facts.taking_part) != set(Label):
        return Reason.ONE_GONE
    if is_check_in and facts.last_given_on is not None and are_too_near(facts.last_given_on, today):
        return Reason.CHECK_IN_NEAR
    if facts.has_it:
        return Reason.HAS_IT
    return Reason.HELD if is_joint and facts.is_held else None
