"""A couple's pathway in the coach's hands: begun, a step added, put in order, confirmed, left out, held, ended."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import Select, func, select

from portal import clock, randomness
from portal.domain import pathways as rules
from portal.domain.assignments import For, fitting
from portal.domain.errors import Invalid, NotAllowed
from portal.domain.lines import line
from portal.domain.order import moved
from portal.domain.parting import check_given
from portal.domain.pathways import LONGEST_OPEN, ReleaseKind
from portal.domain.people import ENDED, CoupleState, Label, Viewer
from portal.domain.programme import Audience, Kind
from portal.extensions import begin_write, db
from portal.models.assignments import Assignment
from portal.models.couples import Couple
from portal.models.pathways import Pathway, PathwayStep
from portal.models.questionnaires import Questionnaire, QuestionnaireVersion
from portal.services import audit, issuing, programme, safety, scope, taking_part, vault
from portal.services import scope_of_pathways as own_scope
from portal.services.pathway_issuing import WHY
from portal.services.pathway_rows import Way, ways_of

MOST_CHARACTERS = 2_000
LONGEST_SKIPPED_WHY = 200
SKIPPED_WHY = "pathway_steps.skipped_why"
FIELDS = {  # which field of the form a rule of the domain is about
    "day_missing": "day",
    "day_out_of_range": "day",
    "step_missing": "after",
    "no_such_step": "after",
    "waits_for_what_is_not_theirs": "after",
    "waits_for_a_later_step": "after",
    "waits_in_a_circle": "after",
    "delay_out_of_range": "days",
    "together_needs_both": "given_to",
    "alone_is_no_joint_task": "given_to",
}


@dataclass(frozen=True, slots=True)
class NewStep:
    """What the coach puts on a pathway: which entry of the library, for whom, and what opens it.

    `day`, `after` and `days` belong to a kind each, and count for nothing with another. What is done together is opened
    by the coach, whatever was chosen. `days_open`: how long a copy is open once it has reached somebody.
    """

    questionnaire_id: UUID
    given_to: For
    kind: ReleaseKind
    day: date | None = None
    after: UUID | None = None
    days: int = 0
    days_open: int = 7
    why: str = ""


def add_step(viewer: Viewer, couple_id: UUID, new: NewStep) -> UUID:
    """Put a step at the end of a couple's pathway, which is there from its first step on; gives the step's id.

    Both get it in the version that the library has now. Raises NotFound, and Invalid with `field`.
    """
    check_values(new.why, new.days_open)
    begin_write()
    mine = scope.couples_to_act_for(viewer).where(Couple.id == couple_id)
    couple = scope.found(mine.with_for_update(of=Couple, key_share=True))  # as `taking_part.hold`
    if couple.state in ENDED:
        raise Invalid("couple_not_active", field="")
    version = _version(scope.library_entry(viewer, new.questionnaire_id))
    way = way_of(_pathway(couple))
    try:
        step = _step(new, version)
        rules.add(way.decided, step)
    except Invalid as refusal:
        raise Invalid(refusal.code, **(refusal.params | {"field": FIELDS.get(refusal.code, "")})) from None
    position = 1 + max((row.PathwayStep.position for row in way.steps), default=0)
    db.session.add(_row(way, step, version, (position, new.days_open, new.why)))
    audit.record(viewer, "pathway:step_added", couple.id)
    db.session.commit()
    return step.id


def check_values(why: str, days_open: int) -> None:
    """Raise Invalid with `field` for what no step of a pathway can have."""
    if len(why) > MOST_CHARACTERS:
        raise Invalid("too_long", maximum=MOST_CHARACTERS, field="why")
    if not 1 <= days_open <= LONGEST_OPEN:
        raise Invalid("out_of_range", minimum=1, maximum=LONGEST_OPEN, field="days_open")


def _version(entry: Questionnaire) -> QuestionnaireVersion:
    programme.check_in_use(entry, field="exercise")
    if entry.kind == Kind.CHECK_IN:
        raise Invalid("check_in_is_no_step", field="exercise")
    if entry.kind == Kind.MEASURE:  # given by hand alone: a licence may be over by the time a step opens
        raise Invalid("measure_is_no_step", field="exercise")
    return programme.newest_version(entry.id)


def _pathway(couple: Couple) -> Pathway:
    """The couple's pathway, held; a new one that is not begun where there is none."""
    running = select(Pathway).where(Pathway.couple_id == couple.id, Pathway.ended_at.is_(None)).with_for_update()
    found = db.session.scalars(running).one_or_none()
    if found is None:
        found = Pathway(id=randomness.new_id(), practice_id=couple.practice_id, couple_id=couple.id)
        db.session.add(found)
        db.session.flush()
    return found


def held(mine: Select[Pathway]) -> Pathway:
    """A pathway within reach, held until the commit, and before it who takes part in its couple."""
    taking_part.hold(scope.found(mine).couple_id, is_shared=True)
    return scope.found(mine.with_for_update().execution_options(populate_existing=True))


def way_of(row: Pathway) -> Way:
    """One pathway as the domain's value, with its rows."""
    [way] = ways_of([row])
    return way


def _step(new: NewStep, version: QuestionnaireVersion) -> rules.PathwayStep:
    audience = Audience(version.audience)
    given_to = fitting(new.given_to, audience)
    kind = ReleaseKind.BY_COACH if given_to is For.JOINT else new.kind
    release = rules.release(kind, new.day, new.after, new.days)
    return rules.PathwayStep(randomness.new_id(), version.questionnaire_id, audience, given_to, release)


def _row(way: Way, step: rules.PathwayStep, version: QuestionnaireVersion, rest: tuple[int, int, str]) -> PathwayStep:
    """The row of a step; `rest` is its position, for how many days it is open, and the coach's words."""
    position, days_open, why = rest
    release = step.release
    sealed = vault.seal(way.row.couple_id, WHY, step.id, why.strip()) if why.strip() else None
    return PathwayStep(
        id=step.id,
        practice_id=way.row.practice_id,
        pathway_id=way.row.id,
        version_id=version.id,
        position=position,
        given_to=step.given_to,
        release=release.kind,
        release_on=release.day if isinstance(release, rules.OnDay) else None,
        release_after=release.step if isinstance(release, rules.AfterOwn) else None,
        release_days=release.days if isinstance(release, rules.AfterOwn) else 0,
        days_open=days_open,
        why=sealed,
    )


def begin(viewer: Viewer, couple_id: UUID) -> None:
    """Let a pathway run from now on; one that runs already goes on. The sweep issues what is open.

    Raises NotFound, Invalid "couple_not_active" and NotAllowed "pathway_empty".
    """
    begin_write()
    row = held(own_scope.pathway(viewer, couple_id))
    check_given((), _here(row))
    if db.session.scalar(select(func.count()).where(PathwayStep.pathway_id == row.id)) == 0:
        raise NotAllowed("pathway_empty")
    if row.begun_at is None:
        row.begun_at = clock.now()
        audit.record(viewer, "pathway:begun", couple_id)
    db.session.commit()


def end(viewer: Viewer, couple_id: UUID) -> None:
    """Let nothing more of a pathway be issued; what has reached somebody stays with them. Raises NotFound."""
    begin_write()
    held(own_scope.pathway(viewer, couple_id)).ended_at = clock.now()
    audit.record(viewer, "pathway:ended", couple_id)
    db.session.commit()


def hold(viewer: Viewer, couple_id: UUID) -> None:
    """Let nothing more of a pathway reach anybody until it goes on. A second time changes nothing.

    What they have stays as it is, and nothing on the partners' side tells of it. Raises NotFound, and NotAllowed
    "pathway_not_begun".
    """
    begin_write()
    row = held(own_scope.pathway(viewer, couple_id))
    if row.begun_at is None:
        raise NotAllowed("pathway_not_begun")
    if row.held_at is None:
        row.held_at = clock.now()
        audit.record(viewer, "pathway:held", couple_id)
    db.session.commit()


def go_on(viewer: Viewer, couple_id: UUID) -> None:
    """Let a held pathway go on: the sweep issues what is open. A second time changes nothing. Raises NotFound."""
    begin_write()
    row = held(own_scope.pathway(viewer, couple_id))
    if row.held_at is not None:
        row.held_at = None
        audit.record(viewer, "pathway:went_on", couple_id)
    db.session.commit()


def move(viewer: Viewer, couple_id: UUID, step_id: UUID, *, up: bool) -> None:
    """Let a step change places with the one above it, or below. Raises NotFound, and Invalid as the domain does."""
    begin_write()
    way = way_of(held(own_scope.pathway(viewer, couple_id)))
    before = [row.PathwayStep.id for row in way.steps]
    order = moved(before, before.index(way.decided.step(step_id).id), up=up)
    if order != before:
        rules.reorder(way.decided, order)
        for row in way.steps:
            row.PathwayStep.position = order.index(row.PathwayStep.id) + 1
        audit.record(viewer, "pathway:reordered", couple_id)
    db.session.commit()


def confirm(viewer: Viewer, step_id: UUID, label: Label | None = None, *, cleared: bool = False) -> UUID:
    """Open a step for one partner or for all it is for, at the next 08:00 in the practice; gives the couple.

    `cleared`: the coach says that a qualified clinician has cleared work with both; asked for under a hold alone.
    Raises NotFound, Invalid, and NotAllowed where joint work is held and was not said to be cleared.
    """
    begin_write()
    row = held(own_scope.pathway_of_step(viewer, step_id))
    if row.begun_at is None:
        raise NotAllowed("pathway_not_begun")
    way = way_of(row)
    opened = rules.confirm(way.decided, step_id, label).step(step_id)
    labels = opened.given_to.labels if label is None else (label,)
    check_given(labels, _here(row))
    is_held = opened.audience.is_joint and safety.holds(viewer, row.couple_id)
    if is_held and not cleared:
        raise NotAllowed("joint_work_held")
    step: PathwayStep = way.step(step_id).PathwayStep
    now = clock.now()
    if Label.A in labels:
        step.confirmed_a_at = step.confirmed_a_at or now
    if Label.B in labels:
        step.confirmed_b_at = step.confirmed_b_at or now
    audit.record(viewer, "pathway:step_confirmed_as_cleared" if is_held else "pathway:step_confirmed", row.couple_id)
    db.session.commit()
    return row.couple_id


def couple_of(viewer: Viewer, step_id: UUID) -> UUID:
    """The couple on whose pathway a step stands, for who acts for it. Raises NotFound."""
    return scope.found(own_scope.pathway_of_step(viewer, step_id)).couple_id


def _here(row: Pathway) -> frozenset[Label]:
    """Who of the couple may be given something; after a separation a pathway, which is of both, leads nobody on."""
    couple = db.session.scalars(select(Couple).where(Couple.id == row.couple_id)).one()
    return frozenset() if couple.state == CoupleState.SEPARATED else taking_part.labels(couple)


def skip(viewer: Viewer, step_id: UUID, why: str) -> UUID:
    """Leave a step out for both, and take back what of it is not sent; gives the couple.

    `why` is one line for the coach alone. A second time changes nothing. Raises NotFound, and Invalid with `field`.
    """
    why = line(why, field="why", most=LONGEST_SKIPPED_WHY, missing="why_missing")
    begin_write()
    row = held(own_scope.pathway_of_step(viewer, step_id))
    step: PathwayStep = way_of(row).step(step_id).PathwayStep
    if step.skipped_at is None:
        step.skipped_at = clock.now()
        step.skipped_why = vault.seal(row.couple_id, SKIPPED_WHY, step.id, why)
        if step.assignment_id is not None:
            issuing.take_back(db.session.scalars(select(Assignment).where(Assignment.id == step.assignment_id)).one())
        audit.record(viewer, "pathway:step_skipped", row.couple_id)
    db.session.commit()
    return row.couple_id
