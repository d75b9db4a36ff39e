"""What a coach is told of a couple's pathway: where the two are, what waits to be confirmed, and what could come next.

For the coach alone: each of these values is made from what both did. None of them opens anything.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from portal.domain.own_paths import Here, OwnPath, Side, Stands, here, own_path, still_open
from portal.domain.pathways import ByCoach, Pathway, PathwayStep
from portal.domain.people import Label
from portal.domain.session_facts import Both


@dataclass(frozen=True, slots=True)
class ToConfirm:
    """A step that the coach alone can open, for whom it is closed, and which of them have passed all before it."""

    step: UUID
    labels: tuple[Label, ...]
    ready: tuple[Label, ...]

    @property
    def is_ready(self) -> bool:
        return self.ready == self.labels


class ProposalKind(StrEnum):
    """Why something is put before the coach."""

    BOTH_HAVE_DONE = "both_have_done"
    ONE_IS_AHEAD = "one_is_ahead"
    NOTHING_OPEN = "nothing_open"
    BOTH_AT_END = "both_at_end"


@dataclass(frozen=True, slots=True)
class Proposal:
    """One thing for the coach to decide.

    `BOTH_HAVE_DONE`: both have passed all that comes before `step`, which waits to be confirmed. `ONE_IS_AHEAD`:
    `label` has passed a `step` of both at which the other still is. `NOTHING_OPEN`: `label` has nothing to do,
    since `step` waits as `stands` says (`opens_at` for a day). `BOTH_AT_END`: nothing is left.
    """

    kind: ProposalKind
    step: UUID | None = None
    label: Label | None = None
    stands: Stands | None = None
    opens_at: datetime | None = None


def where_are_they(pathway: Pathway, sides: Both[Side], now: datetime) -> Both[Here]:
    """Where each of the two is at an instant (aware)."""
    paths = _paths(pathway, sides)
    return Both(here(paths.a, now), here(paths.b, now))


def to_confirm(pathway: Pathway, sides: Both[Side]) -> tuple[ToConfirm, ...]:
    """What waits for the coach, in the coach's order. Whether joint work is held is for the caller to ask."""
    paths = _paths(pathway, sides)
    found = (_waiting(paths, step) for step in pathway.steps)
    return tuple(waiting for waiting in found if waiting is not None)


def proposals(pathway: Pathway, sides: Both[Side], now: datetime) -> tuple[Proposal, ...]:
    """What could come next, by what both did: both have done it, one is ahead, and what keeps one from going on."""
    places = where_are_they(pathway, sides, now)
    if places.a.stands is places.b.stands is Stands.AT_END:
        return (Proposal(ProposalKind.BOTH_AT_END),)
    ready = [waiting.step for waiting in to_confirm(pathway, sides) if waiting.is_ready and len(waiting.labels) > 1]
    found = [Proposal(ProposalKind.BOTH_HAVE_DONE, step_id) for step_id in ready]
    ahead = _ahead_or_none(pathway, sides)
    blocked = _blocked(_paths(pathway, sides), places, now)
    return (*found, *([ahead] if ahead else []), *(one for one in blocked if one.step not in ready))


def _paths(pathway: Pathway, sides: Both[Side]) -> Both[OwnPath]:
    return Both(own_path(pathway, Label.A, sides.a), own_path(pathway, Label.B, sides.b))


def _waiting(paths: Both[OwnPath], step: PathwayStep) -> ToConfirm | None:
    if step.is_skipped or not isinstance(step.release, ByCoach):
        return None
    closed = tuple(label for label in step.given_to.labels if _is_closed(paths.of(label), step, label))
    ready = tuple(label for label in closed if _has_passed_all_before(paths.of(label), step.id))
    return ToConfirm(step.id, closed, ready) if closed else None


def _is_closed(path: OwnPath, step: PathwayStep, label: Label) -> bool:
    return label not in step.confirmed and step.id not in path.side.given and step.id not in path.side.done


def _has_passed_all_before(path: OwnPath, step_id: UUID) -> bool:
    return path.first_left is not None and path.first_left.id == step_id


def _ahead_or_none(pathway: Pathway, sides: Both[Side]) -> Proposal | None:
    """By the steps of both alone: what one has for themselves puts nobody ahead."""
    for step in pathway.steps:
        if step.is_skipped or len(step.given_to.labels) < len(Label):
            continue
        done = [label for label in Label if step.id in sides.of(label).done]
        if len(done) == 1:
            return Proposal(ProposalKind.ONE_IS_AHEAD, step.id, done[0])
        if not done:
            return None
    return None


def _blocked(paths: Both[OwnPath], places: Both[Here], now: datetime) -> list[Proposal]:
    waiting = [(label, places.of(label)) for label in Label if not still_open(paths.of(label), now)]
    return [
        Proposal(ProposalKind.NOTHING_OPEN, place.step, label, place.stands, place.opens_at)
        for label, place in waiting
        if place.stands is not Stands.AT_END
    ]
