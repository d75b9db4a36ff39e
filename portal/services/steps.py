"""The steps of the programme as a practice keeps them: renamed, added, put in order, retired and brought back."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Select, false, func, select

from portal import clock, randomness
from portal.domain.errors import Invalid, NotFound
from portal.domain.lines import line
from portal.domain.people import ENDED, Viewer
from portal.extensions import begin_write, db
from portal.models.couples import Couple
from portal.models.programme import Step
from portal.models.questionnaires import Questionnaire
from portal.services import audit, ordering, scope
from portal.services.scope import found

LONGEST_TITLE = 60
MOST_STEPS = 12


@dataclass(frozen=True, slots=True)
class KeptStep:
    """One step in the practice's order; retired ones come last."""

    step_id: UUID
    slug: str
    title: str
    is_retired: bool


def kept(viewer: Viewer) -> tuple[KeptStep, ...]:
    """Every step of the viewer's practice, for its coaches."""
    rows = db.session.scalars(_own(viewer).order_by(Step.retired_at.is_not(None), Step.position, Step.id))
    return tuple(KeptStep(row.id, row.slug, row.title, row.retired_at is not None) for row in rows)


def _own(viewer: Viewer) -> Select[Step]:
    statement = select(Step).where(Step.practice_id == viewer.practice_id)
    return statement if viewer.role.is_coach else statement.where(false())


def _held(viewer: Viewer) -> list[Step]:
    """The steps in use in their order; of two who change them at once, one waits."""
    scope.own_practice(viewer, is_held=True)
    return list(db.session.scalars(_own(viewer).where(Step.retired_at.is_(None)).order_by(Step.position, Step.id)))


def _title(typed: str) -> str:
    return line(typed, field="title", most=LONGEST_TITLE, missing="name_missing")


def add(viewer: Viewer, typed: str) -> UUID:
    """Add a step at the end; gives its id. Raises NotFound, and Invalid with `field`."""
    title = _title(typed)
    if not viewer.role.is_coach:
        raise NotFound
    begin_write()
    steps = _held(viewer)
    if len(steps) >= MOST_STEPS:
        raise Invalid("too_many_programme_steps", maximum=MOST_STEPS, field="title")
    step_id = randomness.new_id()
    slug = f"own_{step_id.hex[:12]}"  # its title may change, and what hangs on a step knows it by this
    step = Step(id=step_id, practice_id=viewer.practice_id, slug=slug, title=title, position=len(steps) + 1)
    db.session.add(step)
    ordering.number([*steps, step])
    audit.record(viewer, "step:added", step_id)
    db.session.commit()
    return step_id


def rename(viewer: Viewer, step_id: UUID, typed: str) -> None:
    """Call a step something else, wherever it stands. Raises NotFound, and Invalid with `field`."""
    begin_write()
    step = found(_own(viewer).where(Step.id == step_id).with_for_update())
    step.title = _title(typed)
    audit.record(viewer, "step:renamed", step.id)
    db.session.commit()


def move(viewer: Viewer, step_id: UUID, *, up: bool) -> None:
    """Put a step a place up or down; at an end it stays. Raises NotFound."""
    begin_write()
    steps = _held(viewer)
    ordering.move(steps, steps[_place(steps, step_id)], up=up)
    audit.record(viewer, "step:reordered", step_id)
    db.session.commit()


def _place(steps: list[Step], step_id: UUID) -> int:
    place = next((at for at, step in enumerate(steps) if step.id == step_id), None)
    if place is None:
        raise NotFound
    return place


def retire(viewer: Viewer, step_id: UUID) -> None:
    """Take a step out of the programme. Raises NotFound, and Invalid where something still stands at it."""
    begin_write()
    steps = _held(viewer)
    step = steps.pop(_place(steps, step_id))
    in_use = (Questionnaire.practice_id == viewer.practice_id, Questionnaire.step == step.slug)
    at_it = (Couple.practice_id == viewer.practice_id, Couple.step == step.slug, Couple.state.not_in(ENDED))
    if db.session.scalar(select(func.count()).where(*in_use, Questionnaire.retired_at.is_(None))):
        raise Invalid("step_has_exercises")
    if db.session.scalar(select(func.count()).where(*at_it)):
        raise Invalid("couples_stand_at_step")
    if not steps:
        raise Invalid("last_step")
    step.retired_at = clock.now()
    ordering.number(steps)
    audit.record(viewer, "step:retired", step.id)
    db.session.commit()


def bring_back(viewer: Viewer, step_id: UUID) -> None:
    """Let a retired step stand at the end of the programme again. Raises NotFound."""
    begin_write()
    steps = _held(viewer)
    step = found(_own(viewer).where(Step.id == step_id, Step.retired_at.is_not(None)))
    step.retired_at = None
    ordering.number([*steps, step])
    audit.record(viewer, "step:brought_back", step.id)
    db.session.commit()
