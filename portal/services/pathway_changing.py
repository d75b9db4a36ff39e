"""A step of a pathway changed by the coach: what opens it for whomever it has not reached, how long, and its words."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from portal.domain import pathways as rules
from portal.domain.assignments import For
from portal.domain.errors import Invalid, NotAllowed
from portal.domain.pathways import ReleaseKind
from portal.domain.people import Viewer
from portal.domain.programme import Audience
from portal.extensions import begin_write, db
from portal.models.pathways import PathwayStep
from portal.models.questionnaires import QuestionnaireVersion
from portal.services import audit, pathways, programme, scope, vault
from portal.services import scope_of_pathways as own_scope
from portal.services.pathway_issuing import WHY
from portal.services.pathway_rows import Way


@dataclass(frozen=True, slots=True)
class StepToChange:
    """A step as it stands, and what it may be changed to.

    `reached` are the names of those who have it: it stays as it is for them, and its words for both. `newest` is the
    title of the version that the library has now, None where the step has that one; `earlier` are the steps before it
    that it could follow, by id and title.
    """

    couple_id: UUID
    couple_names: str
    step_id: UUID
    title: str
    is_joint: bool
    kind: ReleaseKind
    day: date | None
    after: UUID | None
    days: int
    days_open: int
    why: str
    reached: tuple[str, ...]
    newest: str | None
    earlier: tuple[tuple[UUID, str], ...]


@dataclass(frozen=True, slots=True)
class ChangedStep:
    """What a step becomes; `day`, `after` and `days` belong to a kind each, and count for nothing with another.

    The words stay where `why` is None. `is_newest`: both get the form that the library has now, in place of the one of
    the day on which it was put here.
    """

    kind: ReleaseKind
    day: date | None = None
    after: UUID | None = None
    days: int = 0
    days_open: int = 7
    why: str | None = None
    is_newest: bool = False


def step_to_change(viewer: Viewer, step_id: UUID) -> StepToChange:
    """A step of a couple that the viewer acts for. Raises NotFound, and NotAllowed as `change` does."""
    row = scope.found(own_scope.pathway_of_step(viewer, step_id))
    way = pathways.way_of(row)
    found = _changeable(way, step_id)
    kept: PathwayStep = found.PathwayStep
    newest = programme.newest_version(found.questionnaire_id)
    before = way.steps[: way.steps.index(found)]
    return StepToChange(
        row.couple_id,
        scope.couple(viewer, row.couple_id, scope.couples_to_act_for).names,
        step_id,
        found.title,
        Audience(found.audience).is_joint,
        ReleaseKind(kept.release),
        kept.release_on,
        kept.release_after,
        kept.release_days,
        kept.days_open,
        vault.unseal_or_none(row.couple_id, WHY, kept.id, kept.why) or "",
        tuple(way.names.of(label) for label in For(kept.given_to).labels if step_id in way.sides.of(label).given),
        newest.title if newest.id != kept.version_id and kept.assignment_id is None else None,
        tuple((one.PathwayStep.id, one.title) for one in before if one.PathwayStep.skipped_at is None),
    )


def change(viewer: Viewer, step_id: UUID, new: ChangedStep) -> UUID:
    """Change a step for whomever it has not reached; gives the couple. What was confirmed falls with another rule.

    Raises NotFound, Invalid with `field`, and NotAllowed "step_reached" where all have it, or "step_skipped". Its words
    and its form are the same for both, and stay once one of them has it: Invalid "words_reached".
    """
    pathways.check_values(new.why or "", new.days_open)
    begin_write()
    row = pathways.held(own_scope.pathway_of_step(viewer, step_id))
    way = pathways.way_of(row)
    found = _changeable(way, step_id)
    step: PathwayStep = found.PathwayStep
    changed = _changed(way, step_id, new)
    if new.is_newest:
        step.version_id = _newest(viewer, found).id
    if new.why is not None:
        _check_words(step, "why")
        step.why = vault.seal(row.couple_id, WHY, step.id, new.why.strip()) if new.why.strip() else None
    _write(step, changed, new.days_open)
    audit.record(viewer, "pathway:step_changed", row.couple_id)
    db.session.commit()
    return row.couple_id


def _changeable(way: Way, step_id: UUID) -> Row[Any]:
    """A step that was not left out, and that somebody has still before them."""
    found = way.step(step_id)
    if found.PathwayStep.skipped_at is not None:
        raise NotAllowed("step_skipped", step=step_id)
    if all(step_id in way.sides.of(label).given for label in For(found.PathwayStep.given_to).labels):
        raise NotAllowed("step_reached", step=step_id)
    return found


def _check_words(step: PathwayStep, field: str) -> None:
    if step.assignment_id is not None:
        raise Invalid("words_reached", field=field)


def _newest(viewer: Viewer, found: Row[Any]) -> QuestionnaireVersion:
    """The form as the library has it now. What is done otherwise by now is another step, and is put there as one."""
    _check_words(found.PathwayStep, "newest")
    entry = scope.library_entry(viewer, found.questionnaire_id)
    programme.check_in_use(entry, field="newest")
    newest = programme.newest_version(entry.id)
    if Audience(newest.audience).is_joint != Audience(found.audience).is_joint:
        raise Invalid("done_otherwise", field="newest")
    return newest


def _changed(way: Way, step_id: UUID, new: ChangedStep) -> rules.PathwayStep:
    """The step as the domain lets it be, with the field that a refusal is about."""
    is_joint = Audience(way.step(step_id).audience).is_joint
    try:
        release = rules.release(ReleaseKind.BY_COACH if is_joint else new.kind, new.day, new.after, new.days)
        return rules.change(way.decided, step_id, release).step(step_id)
    except Invalid as refusal:
        field = pathways.FIELDS.get(refusal.code, "")
        raise Invalid(refusal.code, **(refusal.params | {"field": field})) from None


def _write(step: PathwayStep, changed: rules.PathwayStep, days_open: int) -> None:
    release = changed.release
    step.release, step.days_open = release.kind, days_open
    step.release_on = release.day if isinstance(release, rules.OnDay) else None
    step.release_after = release.step if isinstance(release, rules.AfterOwn) else None
    step.release_days = release.days if isinstance(release, rules.AfterOwn) else 0
    if not changed.confirmed:
        step.confirmed_a_at = step.confirmed_b_at = None
