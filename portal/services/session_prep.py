"""The brief of a session, as of its cut-off: the coach copy, the joint copy, and opening what both marked for it."""

from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from uuid import UUID

from sqlalchemy import Select, select, update

from portal import clock, content
from portal.domain.brief import Brief, JointBrief
from portal.domain.brief_choices import Copy
from portal.domain.disclosure import Disclosure
from portal.domain.errors import NotAllowed, NotFound
from portal.domain.items import speak
from portal.domain.joint_prep import build_joint
from portal.domain.openers import Opener, openers_from_document
from portal.domain.people import PersonState, Role, Viewer
from portal.domain.session_facts import JointFacts
from portal.domain.session_prep import build_coach
from portal.domain.session_strip import build_strip, on_paper
from portal.domain.sessions import SessionKind, SessionState, previous_joint
from portal.domain.strip import Strip
from portal.extensions import begin_write, db, work_for
from portal.models.assignments import Assignment, Task
from portal.models.couples import Couple
from portal.models.responses import Response
from portal.models.sessions import Session
from portal.models.users import Person
from portal.services import (
    audit,
    brief_choices,
    private_words,
    released,
    scope,
    sent_forms,
    sessions,
    taking_part,
    tenants,
)
from portal.services.brief_choices import Offered
from portal.services.coach_facts import coach_facts, read_in_brief, strip_facts
from portal.services.coach_marks import marks
from portal.services.joint_facts import joint_facts
from portal.services.sent_forms import SentForm
from portal.services.session_material import Material, gather


@dataclass(frozen=True, slots=True)
class CameLater:
    """A form that came in after the cut-off, or was corrected after it (`at`); what it says stands in no copy."""

    response_id: UUID
    name: str
    title: str
    at: datetime
    is_correction: bool


@dataclass(frozen=True, slots=True)
class Screen:
    """The coach copy on the coach's screen: with the strip in full, and what can be chosen.

    `cut_off_at` is since when it tells of nothing more, where that is before the hour begins; `came_later` what came in
    since, in the order in which it did.
    """

    brief: Brief
    strip: Strip
    offered: Offered
    couple_id: UUID
    cut_off_at: datetime | None
    came_later: tuple[CameLater, ...]


def coach_brief(viewer: Viewer, session_id: UUID) -> Brief:
    """The coach copy, for paper; the reading goes on record. Raises NotFound."""
    return screen(viewer, session_id).brief


def screen(viewer: Viewer, session_id: UUID) -> Screen:
    """The coach copy with the strip that stands on the screen alone; the reading goes on record. Raises NotFound."""
    material = gather(viewer, session_id)
    found = _screen(viewer, material)
    begin_write()
    audit.record(viewer, "brief:read", session_id)
    audit.record_each(viewer, "response:read_in_brief", read_in_brief(material))
    db.session.commit()
    return found


def _screen(viewer: Viewer, material: Material) -> Screen:
    found = marks(viewer, material)
    of_strip = strip_facts(material, found)
    facts = coach_facts(viewer, material, found, of_strip, openers())
    strip = build_strip(of_strip, facts)
    return Screen(
        build_coach(facts, on_paper(strip) if material.prints_strip else None),
        strip,
        brief_choices.offered(facts),
        material.couple_id,
        material.cut_off if material.is_cut_off else None,
        tuple(_came_later(form, material) for form in material.later),
    )


def _came_later(form: SentForm, material: Material) -> CameLater:
    names, coach = material.frame.names, material.frame.coach
    is_correction = form.submitted_at <= material.cut_off
    return CameLater(
        form.response_id,
        names.of(form.label),
        speak(form.title, coach),
        form.versions[-1].written_at,
        is_correction,
    )


def joint_brief(viewer: Viewer, session_id: UUID, *, lies_from: datetime | None = None) -> JointBrief:
    """The joint copy, from what both may read and nothing else. Raises NotFound, also for an individual session.

    `lies_from` is when it lies before both: when the session begins, unless told. Raises NotAllowed "not_for_both_now"
    once one of the two takes part no more, whatever the cut-off.
    """
    material = _of_both(viewer, session_id)
    taking_part.check_both(material.couple_id)
    return build_joint(_joint_facts(viewer, material, lies_from)[0])


@dataclass(frozen=True, slots=True)
class JointPage:
    """The joint copy on the coach's own screen, with what can be chosen for it, and whether something was left out
    because the same words stand in something private: the coach alone is told."""

    brief: JointBrief
    offered: Offered
    is_less: bool


def joint_page(viewer: Viewer, session_id: UUID) -> JointPage:
    """The joint copy as its coach looks at it. Raises as `joint_brief`."""
    material = _of_both(viewer, session_id)
    taking_part.check_both(material.couple_id)
    facts, is_less = _joint_facts(viewer, material)
    offered = replace(brief_choices.offered(facts), choices=material.choices[Copy.JOINT])
    return JointPage(build_joint(facts), offered, is_less)


def _joint_facts(viewer: Viewer, material: Material, lies_from: datetime | None = None) -> tuple[JointFacts, bool]:
    """The facts of every joint copy, looked at a second time; and whether something was left out then."""
    facts = joint_facts(material, openers(), lies_from=lies_from)
    return private_words.left_out(viewer, material, facts, lies_from)


def joint_screen(viewer: Viewer, session_id: UUID) -> JointBrief:
    """The same for a screen that both look at now: before the session, without what opens when it begins.

    It stays as it was where one of the two stops while it is turned round: the other, who looks at it, is not told.
    Raises NotAllowed "not_for_both_now" once the two have separated.
    """
    material = _of_both(viewer, session_id)
    taking_part.check_not_separated(material.couple_id)
    return build_joint(_joint_facts(viewer, material, clock.now())[0])


def _of_both(viewer: Viewer, session_id: UUID) -> Material:
    material = gather(viewer, session_id)
    if material.kind is not SessionKind.JOINT:
        raise NotFound
    return material


@cache
def openers() -> tuple[Opener, ...]:
    """The library of openers."""
    return openers_from_document(content.openers())


def open_in_session(viewer: Viewer, session_id: UUID) -> datetime | None:
    """Open to both what they marked for this session, in all they sent since the one before; it stays open.

    Gives the instant at which it opens, and None where nothing was marked.
    Raises NotFound, also for an individual session, and NotAllowed for one that was called off, and once one of the
    two takes part no more.
    """
    begin_write()
    marked = open_marked(viewer, session_id)
    db.session.commit()
    return marked


def open_marked(viewer: Viewer, session_id: UUID) -> datetime | None:
    """What `open_in_session` does, along with something else. The caller commits."""
    mine = scope.sessions(viewer, scope.couples_to_act_for).where(Session.id == session_id)
    session = scope.found(mine.with_for_update())  # it is not moved meanwhile: what is opened would stay behind
    if session.kind != SessionKind.JOINT:
        raise NotFound
    if session.state == SessionState.CANCELLED:
        raise NotAllowed("session_is_over")
    taking_part.check_both(session.couple_id)
    before = previous_joint(sessions.as_appointment(session), sessions.appointments_of([session.couple_id]))
    of_couple = select(Task.id).join(Assignment, Assignment.id == Task.assignment_id)
    sent = update(Response).where(
        Response.task_id.in_(of_couple.where(Assignment.couple_id == session.couple_id)),
        Response.submitted_at <= min(clock.now(), session.starts_at),
        Response.session_opened_at.is_(None),
    )
    if before is not None:
        sent = sent.where(Response.submitted_at > before.data_until)  # what came late for that one was in no copy
    opens_at = max(clock.now(), session.starts_at)  # a copy made earlier lies on the table then, and not before
    db.session.execute(sent.values(session_opened_at=opens_at))
    has_more = released.open_waiting(session.couple_id, min(clock.now(), session.starts_at), opens_at)
    audit.record(viewer, "session:opened", session.id)
    marked = _opened_by(viewer, session, before.data_until if before else None)
    return opens_at if has_more else marked


def _opened_by(viewer: Viewer, session: Session, since: datetime | None) -> datetime | None:
    """When the last of what was marked for a session opens; None where nothing was."""
    forms = sent_forms.of_couple(viewer, session.couple_id, since, session.starts_at)
    marked = ((f, a) for f in forms for a in f.answers if a.disclosure is Disclosure.SESSION)
    opened = (form.sent.of_item(answer.item_id).session_opened_at for form, answer in marked)
    return max((instant for instant in opened if instant is not None), default=None)


def unread(viewer: Viewer, session_id: UUID) -> tuple[Brief, tuple[UUID, ...]]:
    """The coach copy that nobody has read yet, and the forms that it shows: whoever hands it over puts both on record.

    Raises NotFound.
    """
    material = gather(viewer, session_id)
    return _screen(viewer, material).brief, read_in_brief(material)


def to_print(session_id: UUID, copy: Copy, reader: Viewer | None = None) -> tuple[Brief | JointBrief, str]:
    """A copy as the session's coach (or this reader) would have it now, and their language; nothing goes on record.

    The practice is being worked for. Raises NotFound, and NotAllowed as `joint_brief`.
    """
    wanted = _coach_of(session_id) if reader is None else select(Person).where(Person.id == reader.person_id)
    person = db.session.scalars(wanted).one_or_none()
    if person is None:
        raise NotFound
    viewer = _as_viewer(person)
    if copy is Copy.JOINT:
        return joint_brief(viewer, session_id), person.locale
    return unread(viewer, session_id)[0], person.locale


def for_operator(session_id: UUID, *, joint: bool) -> Brief | JointBrief:
    """A copy for the operator's command: read as the session's coach, on record as the operator. Raises NotFound.

    A practice that prints what stands before the door chose that for its own paper: the operator's has it never.
    """
    viewer = _its_coach(session_id)
    work_for(viewer.practice_id)
    material = gather(viewer, session_id)
    as_line = replace(material, prints_strip=False)
    brief = joint_brief(viewer, session_id) if joint else _screen(viewer, as_line).brief
    begin_write()
    audit.record_before_sign_in(viewer.practice_id, None, "brief:read_by_operator", session_id)
    for response_id in () if joint else read_in_brief(material):
        audit.record_before_sign_in(viewer.practice_id, None, "response:read_by_operator", response_id)
    db.session.commit()
    return brief


def _its_coach(session_id: UUID) -> Viewer:
    for practice_id in tenants.each(tenants.AT_HOME):
        for found in db.session.scalars(_coach_of(session_id).where(Person.practice_id == practice_id)):
            return _as_viewer(found)
    raise NotFound


def _coach_of(session_id: UUID) -> Select[Person]:
    its_couple = select(Session.couple_id).where(Session.id == session_id)
    its_coach = select(Person).join(Couple, Couple.coach_id == Person.id).where(Couple.id.in_(its_couple))
    return its_coach.where(Person.state == PersonState.ACTIVE)


def _as_viewer(coach: Person) -> Viewer:
    return Viewer(coach.id, coach.practice_id, Role(coach.role))
