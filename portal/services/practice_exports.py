"""The practice's own data as a file for its owner: who, when and what was given, and nothing that anybody wrote.

A row says no more than an owner may know who reads nothing clinical: whether and when a form was answered is not in
it, no note, no reason, no place of a session, and an exercise goes by the library's title, for a coach may have
reworded it for one couple.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ScalarSelect, Select, select
from sqlalchemy.orm import aliased

from portal.domain.people import Label, Role, Viewer
from portal.domain.programme import Kind
from portal.domain.roles import check_owner
from portal.extensions import begin_write, db
from portal.models.assignments import Assignment
from portal.models.consents import Consent, PracticeText
from portal.models.couples import Couple, Partnership
from portal.models.erasures import Hold, RetentionRule
from portal.models.pathways import Pathway, PathwayStep
from portal.models.practices import Contact
from portal.models.programme import Step
from portal.models.questionnaires import Questionnaire, QuestionnaireVersion
from portal.models.resources import Resource
from portal.models.sessions import Session
from portal.models.users import Person
from portal.services import accounts, audit, own_measures, scope, scope_of_choices


@dataclass(frozen=True, slots=True)
class PracticeData:
    """Lists by name, each of rows in the order of its columns; settings, steps, library, texts by names of fields."""

    lists: Mapping[str, Sequence[Sequence[object]]]
    settings: Mapping[str, object]
    steps: Sequence[Mapping[str, object]]
    library: Sequence[Mapping[str, object]]
    texts: Sequence[Mapping[str, object]]


def practice_data(viewer: Viewer, passphrase: str) -> PracticeData:
    """What the owner may take along; that they did goes on record. Raises NotFound, and Invalid for a wrong phrase."""
    check_owner(viewer)
    accounts.check_own_passphrase(viewer, passphrase)
    begin_write()
    practice = viewer.practice_id
    found = PracticeData(
        {name: [tuple(row) for row in db.session.execute(rows(practice))] for name, rows in LISTS.items()},
        _settings(viewer),
        _named(
            select(Step.slug, Step.title, Step.position).where(Step.practice_id == practice).order_by(Step.position)
        ),
        _library_as_it_may_leave(practice),
        _named(_texts(practice)),
    )
    audit.record(viewer, "export:practice", practice)
    db.session.commit()
    return found


def _named(statement: Select[*tuple[Any, ...]]) -> list[Mapping[str, object]]:
    return [row._asdict() for row in db.session.execute(statement)]


def _settings(viewer: Viewer) -> Mapping[str, object]:
    practice = scope.own_practice(viewer)
    rule = _named(
        select(RetentionRule.runs_from, RetentionRule.months, RetentionRule.note, RetentionRule.set_at).where(
            RetentionRule.practice_id == viewer.practice_id
        )
    )
    return {
        "name": practice.name,
        "zone": practice.zone,
        "language": practice.locale,
        "policy": practice.policy,
        "policy_version": practice.policy_version,
        "working_days": practice.working_days,
        "works_from_minute": practice.works_from,
        "works_until_minute": practice.works_until,
        "read_within_working_hours": practice.read_within,
        "policy_since": practice.policy_since,
        "prints_strip_in_full": practice.prints_strip,
        "reading_hours": practice.reading_hours,
        "created_at": practice.created_at,
        "retention": rule[0] if rule else None,
    }


def _members(practice_id: UUID) -> Select[*tuple[Any, ...]]:
    columns = (Person.id, Person.display_name, Person.role, Person.state, Person.created_at)
    staff = select(*columns).where(Person.practice_id == practice_id, Person.role != Role.PARTNER)
    return staff.order_by(Person.created_at, Person.id)


def _couples(practice_id: UUID) -> Select[*tuple[Any, ...]]:
    partner = {label: aliased(Partnership) for label in Label}
    a, b = partner[Label.A], partner[Label.B]
    return (
        select(Couple.id, Couple.state, Couple.created_at, Person.display_name, a.person_id, b.person_id)
        .join(Person, Person.id == Couple.coach_id)
        .outerjoin(a, (a.couple_id == Couple.id) & (a.label == Label.A))
        .outerjoin(b, (b.couple_id == Couple.id) & (b.label == Label.B))
        .where(Couple.practice_id == practice_id)
        .order_by(Couple.created_at, Couple.id)
    )


def _sessions(practice_id: UUID) -> Select[*tuple[Any, ...]]:
    columns = (Session.id, Session.couple_id, Person.display_name, Session.kind, Session.state, Session.starts_at)
    return (
        select(*columns, Session.minutes)
        .join(Person, Person.id == Session.coach_id)
        .where(Session.practice_id == practice_id)
        .order_by(Session.starts_at, Session.id)
    )


def _assigned(practice_id: UUID) -> Select[*tuple[Any, ...]]:
    """What a coach has assigned; nothing that was picked, nor a step of a pathway, which goes out by what was sent."""
    step = select(PathwayStep.id).where(PathwayStep.assignment_id == Assignment.id).exists()
    columns = (Assignment.id, Assignment.couple_id, _title(), Assignment.given_to)
    dates = (Assignment.assigned_on, Assignment.due_on, Assignment.withdrawn_at)
    return (
        select(*columns, *dates, Person.display_name)
        .join(QuestionnaireVersion, QuestionnaireVersion.id == Assignment.version_id)
        .join(Person, Person.id == Assignment.assigned_by)
        .where(Assignment.practice_id == practice_id, ~step, ~scope_of_choices.was_picked())
        .order_by(Assignment.assigned_on, Assignment.created_at, Assignment.id)
    )


def _pathways(practice_id: UUID) -> Select[*tuple[Any, ...]]:
    """The steps of pathways as coaches have put them there, whether or not they have reached anybody."""
    columns = (PathwayStep.id, Pathway.couple_id, _title(), PathwayStep.given_to, PathwayStep.position)
    return (
        select(*columns, Pathway.begun_at, Pathway.ended_at, PathwayStep.skipped_at)
        .join(Pathway, Pathway.id == PathwayStep.pathway_id)
        .join(QuestionnaireVersion, QuestionnaireVersion.id == PathwayStep.version_id)
        .where(PathwayStep.practice_id == practice_id)
        .order_by(Pathway.couple_id, Pathway.id, PathwayStep.position)
    )


def _title() -> ScalarSelect[str]:
    """The title that the library has for what was given."""
    everybodys = aliased(QuestionnaireVersion)
    return (
        select(everybodys.title)
        .where(everybodys.questionnaire_id == QuestionnaireVersion.questionnaire_id, everybodys.couple_id.is_(None))
        .order_by(everybodys.number.desc())
        .limit(1)
        .correlate(QuestionnaireVersion)
        .scalar_subquery()
    )


def _consents(practice_id: UUID) -> Select[*tuple[Any, ...]]:
    signed = (Consent.text_version, Consent.policy, Consent.policy_version, Consent.language, Consent.withdrawn_at)
    return (
        select(Consent.person_id, Consent.given_at, *signed)
        .where(Consent.practice_id == practice_id)
        .order_by(Consent.given_at, Consent.id)
    )


def _contacts(practice_id: UUID) -> Select[*tuple[Any, ...]]:
    reached = (Contact.phone, Contact.sms, Contact.web, Contact.hours)
    more = (Contact.languages, Contact.region)
    checked = (Contact.checked_on, Person.display_name.label("checked_by"))
    return (
        select(Contact.country, Contact.audience, Contact.name, *reached, *more, *checked)
        .outerjoin(Person, Person.id == Contact.checked_by)
        .where(Contact.practice_id == practice_id)
        .order_by(Contact.country, Contact.audience, Contact.name, Contact.id)
    )


def _holds(practice_id: UUID) -> Select[*tuple[Any, ...]]:
    rows = select(Hold.person_id, Hold.placed_at, Hold.lifted_at).where(Hold.practice_id == practice_id)
    return rows.order_by(Hold.placed_at, Hold.id)


def _library(practice_id: UUID) -> Select[*tuple[Any, ...]]:
    """Every version for everybody; what was reworded for one couple is not the library's."""
    entry = (Questionnaire.slug, Questionnaire.kind, Questionnaire.step, Questionnaire.position)
    version = (QuestionnaireVersion.number, QuestionnaireVersion.title, QuestionnaireVersion.purpose)
    how = (QuestionnaireVersion.audience, QuestionnaireVersion.minutes, QuestionnaireVersion.frequency)
    return (
        select(*entry, Questionnaire.retired_at, *version, *how, QuestionnaireVersion.document)
        .join(Questionnaire, Questionnaire.id == QuestionnaireVersion.questionnaire_id)
        .where(Questionnaire.practice_id == practice_id, QuestionnaireVersion.couple_id.is_(None))
        .order_by(Questionnaire.kind, Questionnaire.step, Questionnaire.position, QuestionnaireVersion.number)
    )


def _library_as_it_may_leave(practice_id: UUID) -> list[Mapping[str, object]]:
    """The same; of a measure whose licence keeps its words here, that it is there and nothing that it says."""
    words, found = own_measures.words_that_may_leave(practice_id), _named(_library(practice_id))
    is_kept = [row["kind"] == Kind.MEASURE and row["slug"] not in words for row in found]
    return [{**row, "document": None} if kept else row for row, kept in zip(found, is_kept, strict=True)]


def _texts(practice_id: UUID) -> Select[*tuple[Any, ...]]:
    """Every version of every text that was published."""
    text = (PracticeText.kind, PracticeText.version, PracticeText.published_at, PracticeText.body)
    duties = (PracticeText.practice_role, PracticeText.mandated_reporter, PracticeText.duty_to_protect)
    rows = select(*text, *duties, PracticeText.local_rule_note).where(PracticeText.practice_id == practice_id)
    return rows.order_by(PracticeText.kind, PracticeText.version)


def _shelf(practice_id: UUID) -> Select[*tuple[Any, ...]]:
    columns = (Resource.step, Resource.position, Resource.kind, Resource.title, Resource.address, Resource.minutes)
    own = select(*columns, Resource.why, Resource.retired_at).where(Resource.practice_id == practice_id)
    return own.order_by(Resource.step, Resource.position, Resource.id)


LISTS: Mapping[str, Callable[[UUID], Select[*tuple[Any, ...]]]] = {
    "members": _members,
    "couples": _couples,
    "sessions": _sessions,
    "assigned": _assigned,
    "pathways": _pathways,
    "consents": _consents,
    "contacts": _contacts,
    "holds": _holds,
    "shelf": _shelf,
}
