"""The pathway of one couple: entries of the library in the coach's order, what opens each, and how a coach changes it.

What needs both partners is opened by the coach and by nothing else. What is open for one stands in `own_paths`, what
the coach is told about both in `pathway_proposals`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import ClassVar, TypeAlias
from uuid import UUID
from zoneinfo import ZoneInfo

from portal.domain.assignments import For, fitting
from portal.domain.disclosure import OPENING_HOUR
from portal.domain.errors import Invalid, NotAllowed
from portal.domain.people import Label
from portal.domain.programme import Audience
from portal.domain.repeats import FIRST_DAY, LAST_DAY
from portal.domain.wall import instant_of

MOST_STEPS = 60
LONGEST_DELAY = 60  # days
LONGEST_OPEN = 60  # days that a copy is open for


class ReleaseKind(StrEnum):
    """What opens a step, as it is kept and as it is chosen on a form."""

    AT_ONCE = "at_once"
    ON_DAY = "on_day"
    AFTER_OWN = "after_own"
    BY_COACH = "by_coach"


@dataclass(frozen=True, slots=True)
class AtOnce:
    """Open from the beginning."""

    kind: ClassVar = ReleaseKind.AT_ONCE


@dataclass(frozen=True, slots=True)
class OnDay:
    """Opens on a day at 08:00 on the partner's own wall."""

    kind: ClassVar = ReleaseKind.ON_DAY
    day: date


@dataclass(frozen=True, slots=True)
class AfterOwn:
    """Opens once this partner has sent their own form of another step; so many days later, at 08:00, where `days`."""

    kind: ClassVar = ReleaseKind.AFTER_OWN
    step: UUID
    days: int = 0


@dataclass(frozen=True, slots=True)
class ByCoach:
    """Opens when the coach confirms it, and at no other time."""

    kind: ClassVar = ReleaseKind.BY_COACH


Release: TypeAlias = AtOnce | OnDay | AfterOwn | ByCoach


def release(kind: ReleaseKind, day: date | None = None, step: UUID | None = None, days: int = 0) -> Release:
    """A rule from its parts, as they are kept or typed; parts of another kind count for nothing.

    Raises Invalid("day_missing") and ("step_missing"), with `field`.
    """
    if kind is ReleaseKind.ON_DAY:
        if day is None:
            raise Invalid("day_missing", field="day")
        return OnDay(day)
    if kind is ReleaseKind.AFTER_OWN:
        if step is None:
            raise Invalid("step_missing", field="step")
        return AfterOwn(step, days)
    return AtOnce() if kind is ReleaseKind.AT_ONCE else ByCoach()


@dataclass(frozen=True, slots=True)
class PathwayStep:
    """One entry of the library on a couple's pathway; `confirmed` says for whom the coach has opened it already.

    Given to both, each partner has it for themselves, and it opens for each by what they did themselves.
    """

    id: UUID
    entry: UUID
    audience: Audience
    given_to: For
    release: Release
    confirmed: frozenset[Label] = frozenset()
    is_skipped: bool = False


@dataclass(frozen=True, slots=True)
class Pathway:
    """The steps of one couple in the coach's order."""

    steps: tuple[PathwayStep, ...] = ()

    def step(self, step_id: UUID) -> PathwayStep:
        """Raises Invalid("no_such_step")."""
        found = next((step for step in self.steps if step.id == step_id), None)
        if found is None:
            raise Invalid("no_such_step", step=step_id)
        return found


def check(pathway: Pathway) -> None:
    """Raise Invalid, with `step`, for a pathway on which somebody would wait for ever, or that opens joint work itself.

    "joint_only_by_coach" for a joint step with any other rule; "waits_in_a_circle"; "waits_for_a_later_step", which
    another order mends; "waits_for_what_is_not_theirs" for what one of the two is never given.
    """
    if len(pathway.steps) > MOST_STEPS:
        raise Invalid("too_many_steps", maximum=MOST_STEPS)
    ids = [step.id for step in pathway.steps]
    for place, step in enumerate(pathway.steps):
        if step.id in ids[:place]:
            raise Invalid("step_twice", step=step.id)
        _check_audience(step)
        _check_day(step)
    for step in pathway.steps:
        if isinstance(step.release, AfterOwn):
            _check_waiting(pathway, step, step.release)


def opening_of_confirmation(confirmed_at: datetime, zone: str) -> datetime:
    """When what the coach has confirmed opens: the next 08:00 on the practice's wall, one instant for both.

    Never as the button is pressed: what the coach does in an evening would tell when one of the two has sent.
    """
    day = confirmed_at.astimezone(ZoneInfo(zone)).date()
    today = instant_of(day, OPENING_HOUR, zone)
    return today if confirmed_at < today else instant_of(day + timedelta(days=1), OPENING_HOUR, zone)


def confirm(pathway: Pathway, step_id: UUID, label: Label | None = None) -> Pathway:
    """Open a step now, for one partner or for all it is for; it opens whatever its rule says.

    Raises Invalid("together_needs_both") for a joint step and one partner, ("not_for_this_partner") where they have
    no part in it, and NotAllowed("step_skipped").
    """
    step = pathway.step(step_id)
    if step.is_skipped:
        raise NotAllowed("step_skipped", step=step_id)
    if label is not None and step.audience.is_joint:
        raise Invalid("together_needs_both", step=step_id)
    if label is not None and label not in step.given_to.labels:
        raise Invalid("not_for_this_partner", step=step_id)
    labels = step.given_to.labels if label is None else (label,)
    return _with(pathway, replace(step, confirmed=step.confirmed | set(labels)))


def change(pathway: Pathway, step_id: UUID, release: Release) -> Pathway:
    """Let a step open by another rule for whomever it has not reached: what has reached somebody stays with them.

    That holds whoever has it already, so that nothing opens or stays shut for one because the other has come to it.
    What was confirmed is so no more once the rule is another; what is done together is opened by the coach, whatever
    the rule. Raises Invalid as `check` does, and NotAllowed("step_skipped").
    """
    step = pathway.step(step_id)
    if step.is_skipped:
        raise NotAllowed("step_skipped", step=step_id)
    rule = ByCoach() if step.audience.is_joint else release
    confirmed = step.confirmed if rule == step.release else frozenset[Label]()
    other = _with(pathway, replace(step, release=rule, confirmed=confirmed))
    check(other)
    return other


def add(pathway: Pathway, step: PathwayStep) -> Pathway:
    """Put a step at the end; raises Invalid as `check` does."""
    longer = Pathway((*pathway.steps, step))
    check(longer)
    return longer


def reorder(pathway: Pathway, order: Sequence[UUID]) -> Pathway:
    """The same steps in another order; raises Invalid("not_the_same_steps"), and as `check` does."""
    if sorted(order) != sorted(step.id for step in pathway.steps):
        raise Invalid("not_the_same_steps")
    other = Pathway(tuple(pathway.step(step_id) for step_id in order))
    check(other)
    return other


def _with(pathway: Pathway, changed: PathwayStep) -> Pathway:
    return Pathway(tuple(changed if step.id == changed.id else step for step in pathway.steps))


def _check_audience(step: PathwayStep) -> None:
    if fitting(step.given_to, step.audience) is not step.given_to:
        raise Invalid("together_needs_both", step=step.id)
    if step.audience.is_joint and not isinstance(step.release, ByCoach):
        raise Invalid("joint_only_by_coach", step=step.id)


def _check_day(step: PathwayStep) -> None:
    if isinstance(step.release, OnDay) and not FIRST_DAY <= step.release.day <= LAST_DAY:
        raise Invalid("day_out_of_range", step=step.id)


def _check_waiting(pathway: Pathway, step: PathwayStep, release: AfterOwn) -> None:
    if not 0 <= release.days <= LONGEST_DELAY:
        raise Invalid("delay_out_of_range", step=step.id, maximum=LONGEST_DELAY)
    other = pathway.step(release.step)
    if _waits_in_a_circle(pathway, step):
        raise Invalid("waits_in_a_circle", step=step.id)
    if pathway.steps.index(other) > pathway.steps.index(step):
        raise Invalid("waits_for_a_later_step", step=step.id)
    if not set(step.given_to.labels) <= set(other.given_to.labels):
        raise Invalid("waits_for_what_is_not_theirs", step=step.id)


def _waits_in_a_circle(pathway: Pathway, step: PathwayStep) -> bool:
    """Whether whoever follows what it waits for comes by a step a second time."""
    met = set[UUID]()
    while isinstance(step.release, AfterOwn):
        if step.id in met:
            return True
        met.add(step.id)
        step = pathway.step(step.release.step)
    return False
