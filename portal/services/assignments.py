"""Assignments: given to a couple, reworded for it where the coach likes, withdrawn, and no longer repeated."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select

from portal import clock
from portal.domain.assignments import (
    CHECK_INS_APART,
    For,
    are_too_near,
    check_due_on,
    fitting,
    usual_due_on,
)
from portal.domain.documents import Document
from portal.domain.errors import Invalid, NotAllowed, named
from portal.domain.parting import check_given
from portal.domain.people import Viewer
from portal.domain.programme import Audience, Kind
from portal.domain.repeats import Again, Repeats, fewest_days_apart
from portal.domain.sessions import SessionKind, SessionState
from portal.extensions import begin_write, db
from portal.models.assignments import Assignment
from portal.models.couples import Couple
from portal.models.questionnaires import Questionnaire, QuestionnaireVersion
from portal.models.sessions import Session
from portal.services import (
    audit,
    caseload_row,
    issuing,
    measure_gate,
    programme,
    repeating,
    safety,
    scope,
    session_dues,
    taking_part,
)
from portal.services.assigned import AssignmentLine, AssignmentShown, PartnersCopy, assignment, assignments_of_couple
from portal.services.issuing import Given
from portal.services.pathway_rows import in_own_time
from portal.services.repeating import issue_due

__all__ = [
    "AssignmentLine",
    "AssignmentShown",
    "NewAssignment",
    "PartnersCopy",
    "Rewording",
    "assign",
    "assignment",
    "assignments_of_couple",
    "end_repetition",
    "issue_due",
    "offered_due_on",
    "withdraw",
]

MOST_CHARACTERS = 2_000
MOST_IN_TITLE = 200
MOST_INSTRUCTIONS = 8


@dataclass(frozen=True, slots=True)
class Rewording:
    """Other words for one couple; an empty part stays as the library has it, and so does the safety note."""

    title: str = ""
    purpose: str = ""
    instructions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NewAssignment:
    """What the coach gives: which entry of the library, whom to, until the end of which day, and why.

    `cleared`: the coach says that a qualified clinician has cleared work with both; asked for under a hold alone.
    `version_id` is a version that was written for this couple; where it is of another entry, it counts for nothing.
    """

    questionnaire_id: UUID
    given_to: For
    due_on: date
    why: str = ""
    obstacle: str = ""
    again: Again | None = None
    rewording: Rewording | None = None
    cleared: bool = False
    version_id: UUID | None = None


def assign(viewer: Viewer, couple_id: UUID, new: NewAssignment, link: str = "") -> UUID:
    """Give something to a couple, one task to each partner it is for; gives the assignment's id.

    `link` is the address that the mails name. Raises NotFound, Invalid with `field` where a value cannot be taken, and
    NotAllowed where joint work is held and was not said to be cleared: the partners' side knows of no hold.
    """
    begin_write()
    assignment_id = give(viewer, couple_id, new, link)
    db.session.commit()
    return assignment_id


def give(viewer: Viewer, couple_id: UUID, new: NewAssignment, link: str = "") -> UUID:
    """As `assign`, as a part of a command that has begun its write; the caller commits."""
    _check_words(new)
    mine = scope.couples_to_act_for(viewer).where(Couple.id == couple_id)
    couple = scope.found(mine.with_for_update(of=Couple, read=True))  # as `taking_part.hold`, shared
    caseload_row.follow(couple.id)  # of two who give at once one waits
    entry = scope.library_entry(viewer, new.questionnaire_id)
    zone = scope.own_practice(viewer).zone
    today = clock.today(zone)
    _check(couple, entry, new, today)
    rule = new.again.rule(today, zone) if new.again else None
    version = _version_for(couple, entry, new)
    given_to = named("given_to", fitting, new.given_to, Audience(version.audience))
    _check_rule(entry, given_to, rule)
    _refuse_twice(couple, version, given_to, (today, new.due_on))
    is_held = given_to is For.JOINT and safety.holds(viewer, couple.id)
    if is_held and not new.cleared:
        raise NotAllowed("joint_work_held")
    repetition = repeating.begin(viewer, couple, entry.id, given_to, rule) if rule else None
    repetition_id = repetition.id if repetition else None
    session_id = None if rule else session_dues.session_after(couple.id, new.due_on, zone)
    given = Given(given_to, today, new.due_on, new.why, new.obstacle, repetition_id, session_id, link)
    assignment_id = issuing.issue(couple, version, given, viewer.person_id).id
    audit.record(viewer, "assignment:given_as_cleared" if is_held else "assignment:given", assignment_id)
    return assignment_id


def _check_words(new: NewAssignment) -> None:
    """Raise Invalid for texts that are too long, before anything is held."""
    wording = new.rewording or Rewording()
    lengths = {
        "why": (new.why, MOST_CHARACTERS),
        "obstacle": (new.obstacle, MOST_CHARACTERS),
        "title": (wording.title, MOST_IN_TITLE),
        "purpose": (wording.purpose, MOST_CHARACTERS),
        "instructions": ("\n".join(wording.instructions), MOST_CHARACTERS),
    }
    for field, (text, maximum) in lengths.items():
        if len(text) > maximum:
            raise Invalid("too_long", maximum=maximum, field=field)
    if len(wording.instructions) > MOST_INSTRUCTIONS:
        raise Invalid("too_many_instructions", maximum=MOST_INSTRUCTIONS, field="instructions")


def _check(couple: Couple, entry: Questionnaire, new: NewAssignment, today: date) -> None:
    check_given(new.given_to.labels, taking_part.labels(couple))
    programme.check_in_use(entry, field="exercise")
    named("due_on", check_due_on, new.due_on, today)
    if entry.kind == Kind.MEASURE:
        measure_gate.check_given(couple, entry.id, new.given_to.labels)
        if new.rewording is not None and new.rewording != Rewording():
            raise Invalid("measure_keeps_its_words", field="title")
    given_on = repeating.last_given_on(couple.id, entry.id) if entry.kind == Kind.CHECK_IN else None
    if given_on is not None and are_too_near(given_on, today):
        raise Invalid("check_in_too_soon", field="exercise")


def _check_rule(entry: Questionnaire, given_to: For, rule: Repeats | None) -> None:
    """Nothing joint comes by a clock, and no two check-ins within four days; what is done alone may come each day."""
    if rule is None:
        return
    if given_to is For.JOINT:
        raise Invalid("joint_never_repeats", field="again")
    if entry.kind == Kind.CHECK_IN and fewest_days_apart(rule) < CHECK_INS_APART.days:
        raise Invalid("check_in_days_too_near", field="weekdays")


def _version_for(couple: Couple, entry: Questionnaire, new: NewAssignment) -> QuestionnaireVersion:
    """The library's newest version, or one of the couple's own in other words; the library is left as it is."""
    adapted = programme.adapted_or_none(new.version_id, couple.id)
    version = adapted if adapted and adapted.questionnaire_id == entry.id else programme.newest_version(entry.id)
    changed = _reworded(version.document, new.rewording or Rewording())
    if changed == version.document:
        return version
    return programme.add_version(entry, programme.next_number(entry), changed, couple.id)


def _reworded(document: Document, wording: Rewording) -> Document:
    lines = [line for line in map(_clean, wording.instructions) if line]
    parts: Document = {"title": _clean(wording.title), "purpose": _clean(wording.purpose), "instructions": lines}
    return document | {name: part for name, part in parts.items() if part}


def _clean(text: str) -> str:
    """The text without the one character that PostgreSQL keeps in no column, and without what stands around it."""
    return text.replace("\x00", "").strip()


def _refuse_twice(couple: Couple, version: QuestionnaireVersion, given_to: For, days: tuple[date, date]) -> None:
    """The same thing on the same day until the same day: a button that was pressed twice, whoever has sent since.

    Another version is another thing; what is reworded for a couple is a version of its own at each press, and is none.
    """
    is_same = QuestionnaireVersion.id == version.id
    if version.couple_id is not None:
        is_same |= QuestionnaireVersion.couple_id == couple.id
    same = (
        select(Assignment.id)
        .join(QuestionnaireVersion, QuestionnaireVersion.id == Assignment.version_id)
        .where(
            QuestionnaireVersion.questionnaire_id == version.questionnaire_id,
            is_same,
            Assignment.couple_id == couple.id,
            Assignment.assigned_on == days[0],
            Assignment.due_on == days[1],
            Assignment.given_to == given_to,
            Assignment.withdrawn_at.is_(None),
            in_own_time().is_(None),
        )
    )
    if db.session.scalars(same).first() is not None:
        raise Invalid("assigned_already", field="exercise")


def withdraw(viewer: Viewer, assignment_id: UUID) -> None:
    """Take back what has not been sent; what was sent stays. A second time changes nothing. Raises NotFound."""
    begin_write()
    found = scope.assignment(viewer, assignment_id, scope.couples_to_act_for)
    if issuing.take_back(found):
        audit.record(viewer, "assignment:withdrawn", found.id)
    db.session.commit()


def end_repetition(viewer: Viewer, repetition_id: UUID) -> None:
    """Let what comes again not come any more; those that were issued stay. Raises NotFound."""
    begin_write()
    found = scope.repetition(viewer, repetition_id)
    if found.ended_at is None:
        found.ended_at = clock.now()
        audit.record(viewer, "repetition:ended", found.id)
    db.session.commit()


def offered_due_on(viewer: Viewer, couple_id: UUID) -> date:
    """The last day that the page offers: the evening before the next joint session, else a week from today."""
    couple = scope.couple(viewer, couple_id, scope.couples_to_act_for)
    zone = scope.own_practice(viewer).zone
    ahead = scope.sessions(viewer, scope.couples_to_act_for).where(
        Session.couple_id == couple.id,
        Session.kind == SessionKind.JOINT,
        Session.state == SessionState.PLANNED,
        Session.starts_at > clock.now(),
    )
    starts = [session.starts_at for session in db.session.scalars(ahead.order_by(Session.starts_at).limit(5))]
    return usual_due_on(starts, clock.today(zone), zone)
