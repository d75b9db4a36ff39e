"""Erasing one person: the days in which it can be taken back, the two approvals, and when it is carried out.

Whoever the practice is, two people look at it: two members; where it has one alone, the same person on two days.
"""

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from portal.domain.errors import Invalid, NotAllowed
from portal.domain.people import Label

GRACE = timedelta(days=14)
APART = timedelta(days=7)  # between the two approvals of one and the same person
MONTHS = (1, 600)
LONGEST_NOTE = 200


class Cause(StrEnum):
    """Who wants it: the person, the practice, or the practice's rule on how long records are kept."""

    OWN = "own"
    PRACTICE = "practice"
    RETENTION = "retention"


class RunsFrom(StrEnum):
    """From when the time of a record runs."""

    END_OF_WORK = "end_of_work"
    LAST_CONTACT = "last_contact"


class Stage(StrEnum):
    """How far an erasure has come."""

    ASKED = "asked"
    LOOKED_AT = "looked_at"  # one approval
    APPROVED = "approved"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Approval:
    """Who said yes, and when; `was_alone`: there was nobody else then who could have."""

    by: UUID
    at: datetime
    was_alone: bool = False


def not_before(asked_at: datetime) -> datetime:
    """The first instant at which it may be carried out; until then it can be taken back."""
    return asked_at + GRACE


def begins_anew(first: Approval, second: Approval) -> bool:
    """Whether a second approval counts as the first one: by the same person, who was not alone then and is now.

    Otherwise somebody who lets the others go for a moment would be two in a practice that has more.
    """
    return first.by == second.by and second.was_alone and not first.was_alone


def check_second(first: Approval, second: Approval) -> None:
    """Check the second approval.

    Raises NotAllowed "needs_another_member" where there is somebody else to ask, and Invalid "approve_again_later"
    for the same person within seven days.
    """
    if first.by != second.by:
        return
    if not second.was_alone:
        raise NotAllowed("needs_another_member")
    if second.at < first.at + APART:
        raise Invalid("approve_again_later")


def stage(first_at: datetime | None, second_at: datetime | None, done_at: datetime | None) -> Stage:
    """How far it has come, by its instants."""
    if done_at is not None:
        return Stage.DONE
    if second_at is not None:
        return Stage.APPROVED
    return Stage.ASKED if first_at is None else Stage.LOOKED_AT


def neutral_names(names: Mapping[Label, str]) -> str:
    """What a couple is called, from the names shown of A and B."""
    return " & ".join(names[label] for label in sorted(names))


def months_after(day: date, months: int) -> date:
    """The same day of the month, so many months later; the last of the month where there is no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def check_rule(months: int, note: str) -> None:
    """Check a rule on how long records are kept. Raises Invalid with `field`."""
    if not MONTHS[0] <= months <= MONTHS[1]:
        raise Invalid("out_of_range", field="months", minimum=MONTHS[0], maximum=MONTHS[1])
    if len(note) > LONGEST_NOTE:
        raise Invalid("too_long", field="note", maximum=LONGEST_NOTE)
