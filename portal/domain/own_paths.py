"""One partner's own way along the couple's pathway: what is open for them, and where they are.

Every question is answered from `OwnPath` alone, which has no field for anything of the other partner: nothing can open
for one because the other did something.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from portal.domain.disclosure import OPENING_HOUR
from portal.domain.pathways import AfterOwn, AtOnce, ByCoach, OnDay, Pathway, Release
from portal.domain.people import Label
from portal.domain.wall import instant_of

ALWAYS = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Side:
    """What has reached one partner, what they have sent and when (aware), and the zone of the wall they live by.

    Sent is sent: "not this time" moves one on as well as "done" does.
    """

    given: frozenset[UUID] = frozenset()
    done: Mapping[UUID, datetime] = field(default_factory=dict)
    zone: str = "UTC"


@dataclass(frozen=True, slots=True)
class OwnStep:
    """A step as far as it concerns one partner: whom else it is for has no field here."""

    id: UUID
    entry: UUID
    release: Release
    is_confirmed: bool
    is_skipped: bool


@dataclass(frozen=True, slots=True)
class OwnPath:
    """One partner's own way: their steps in the coach's order, and their own side. Nothing of the other fits in."""

    steps: tuple[OwnStep, ...]
    side: Side

    def is_passed(self, step: OwnStep) -> bool:
        """Done, or skipped by the coach: nothing of it is left to do."""
        return step.id in self.side.done or step.is_skipped

    @property
    def first_left(self) -> OwnStep | None:
        """The first step that is not passed; None at the end."""
        return next((step for step in self.steps if not self.is_passed(step)), None)


class Stands(StrEnum):
    """How the step stands at which somebody is."""

    OPEN = "open"
    WAITS_FOR_DAY = "waits_for_day"
    WAITS_FOR_COACH = "waits_for_coach"
    AT_END = "at_end"


@dataclass(frozen=True, slots=True)
class Here:
    """“You are here”: the first step that is not passed; `opens_at` where a day is waited for, no step at the end."""

    stands: Stands
    step: UUID | None = None
    opens_at: datetime | None = None


def own_path(pathway: Pathway, label: Label, side: Side) -> OwnPath:
    """What of a pathway concerns one partner; `side` is that partner's own."""
    mine = (step for step in pathway.steps if label in step.given_to.labels)
    steps = (OwnStep(s.id, s.entry, s.release, label in s.confirmed, s.is_skipped) for s in mine)
    return OwnPath(tuple(steps), side)


def released(path: OwnPath, now: datetime) -> tuple[UUID, ...]:
    """The steps that are open or done for this partner at an instant (aware), in the coach's order.

    What has reached somebody stays with them, whatever becomes of its rule and of the order; skipping alone takes
    back what is not done yet.
    """
    return tuple(step.id for step in path.steps if _is_released(path, step, now))


def still_open(path: OwnPath, now: datetime) -> tuple[UUID, ...]:
    """What this partner can do now."""
    return tuple(step_id for step_id in released(path, now) if step_id not in path.side.done)


def to_give(path: OwnPath, now: datetime) -> tuple[UUID, ...]:
    """What has opened for this partner and has not reached them yet."""
    return tuple(step_id for step_id in still_open(path, now) if step_id not in path.side.given)


def here(path: OwnPath, now: datetime) -> Here:
    """Where this partner is. Each step waits for earlier ones alone, so it is open, or waits for a day or the coach."""
    step = path.first_left
    if step is None:
        return Here(Stands.AT_END)
    if _is_released(path, step, now):
        return Here(Stands.OPEN, step.id)
    opens_at = _opens_at(path, step)
    return Here(Stands.WAITS_FOR_COACH if opens_at is None else Stands.WAITS_FOR_DAY, step.id, opens_at)


def _is_released(path: OwnPath, step: OwnStep, now: datetime) -> bool:
    if step.id in path.side.done:
        return True
    if step.is_skipped:
        return False
    opens_at = _opens_at(path, step)
    return step.id in path.side.given or (opens_at is not None and opens_at <= now)


def _opens_at(path: OwnPath, step: OwnStep) -> datetime | None:
    """The instant from which a step is open by its rule; None as long as nobody can tell."""
    if step.is_confirmed:
        return ALWAYS
    match step.release:
        case AtOnce():
            return ALWAYS
        case OnDay(day):
            return instant_of(day, OPENING_HOUR, path.side.zone)
        case AfterOwn(other_id, days):
            return _later(_passed_at(path, other_id), days, path.side.zone)
        case ByCoach():
            return None


def _passed_at(path: OwnPath, step_id: UUID) -> datetime | None:
    """When a step was done; a skipped one counts as done when it would have opened, so that none waits for it."""
    if step_id in path.side.done:
        return path.side.done[step_id]
    step = next(step for step in path.steps if step.id == step_id)
    if not step.is_skipped:
        return None
    return ALWAYS if isinstance(step.release, ByCoach) else _opens_at(path, step)


def _later(instant: datetime | None, days: int, zone: str) -> datetime | None:
    if instant is None or instant == ALWAYS or not days:
        return instant
    day = instant.astimezone(ZoneInfo(zone)).date() + timedelta(days=days)
    return instant_of(day, OPENING_HOUR, zone)
