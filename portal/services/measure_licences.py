"""What lets a measure be used: the licence that somebody attests, the protocol of a guarded one, and its activation."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select

from portal import clock, randomness
from portal.domain import measure_documents, measured
from portal.domain.errors import Invalid, NotAllowed
from portal.domain.lines import cleaned, line, line_or_empty
from portal.domain.measure_care import Concern, Lack
from portal.domain.measured import MeasureForm
from portal.domain.people import PersonState, Role, Viewer
from portal.domain.roles import check_owner, runs_practice
from portal.extensions import begin_write, db
from portal.models.measures import Measure, MeasureLicence, MeasureProtocol
from portal.models.questionnaires import QuestionnaireVersion
from portal.models.users import Person
from portal.services import audit, measure_gate, programme, scope_of_measures
from portal.services.measure_gate import Held
from portal.services.measure_import import yes_no_of

LONGEST_LINE = 200
LONGEST_TEXT = 5_000


@dataclass(frozen=True, slots=True)
class Licence:
    """What is attested; `expires_on` is its last day, None where it has none."""

    holder: str
    reference: str
    expires_on: date | None
    electronic: bool
    copyright_line: str
    unaltered: bool
    may_export: bool


@dataclass(frozen=True, slots=True)
class Protocol:
    """How the practice is ready: training, what is done when something comes up, whom it refers to.

    `readers` are the coaches who read it on the day on which it is sent; asked for where an item is critical.
    """

    training: str
    response: str
    referral: str
    readers: tuple[UUID, ...] = ()


def attest(viewer: Viewer, questionnaire_id: UUID, licence: Licence) -> None:
    """Put a licence on record in the viewer's name; what is active is changed by the owner alone, and at once.

    Raises NotFound, NotAllowed "owner_activates", and Invalid with `field`.
    """
    holder, reference = (
        line(typed, field=field, most=LONGEST_LINE, missing="text_missing")
        for field, typed in (("holder", licence.holder), ("reference", licence.reference))
    )
    copyright_line = line_or_empty(licence.copyright_line, field="copyright_line", most=LONGEST_LINE)
    begin_write()
    row = scope_of_measures.measure(viewer, questionnaire_id, is_held=True)
    if row.activated_at is not None and not runs_practice(viewer.role):
        raise NotAllowed("owner_activates")
    db.session.add(
        MeasureLicence(
            id=randomness.new_id(),
            practice_id=viewer.practice_id,
            questionnaire_id=questionnaire_id,
            holder=holder,
            reference=reference,
            expires_on=licence.expires_on,
            electronic=licence.electronic,
            copyright_line=copyright_line,
            unaltered=licence.unaltered,
            may_export=licence.may_export,
            attested_by=viewer.person_id,
            attested_at=clock.now(),
        )
    )
    db.session.flush()
    _publish(row)
    audit.record(viewer, "measure:licence_attested", questionnaire_id)
    db.session.commit()


def document_protocol(viewer: Viewer, questionnaire_id: UUID, protocol: Protocol) -> None:
    """Put on record how the practice is ready for a guarded measure, for its owner. Raises NotFound, and Invalid."""
    check_owner(viewer)
    texts = {
        "training": _written("training", protocol.training),
        "response": _written("response", protocol.response),
        "referral": _written("referral", protocol.referral),
    }
    begin_write()
    row = scope_of_measures.measure(viewer, questionnaire_id, is_held=True)
    readers = {person_id for person_id, _name in coaches(viewer)}
    if "critical" in (row.scoring or {}) and not protocol.readers:
        raise Invalid("measure_without_reader", field="readers")
    if not readers.issuperset(protocol.readers):
        raise Invalid("not_an_option", field="readers")
    db.session.add(
        MeasureProtocol(
            id=randomness.new_id(),
            practice_id=viewer.practice_id,
            questionnaire_id=questionnaire_id,
            **texts,
            readers=[person_id.hex for person_id in protocol.readers],
            documented_by=viewer.person_id,
            documented_at=clock.now(),
        )
    )
    audit.record(viewer, "measure:protocol_documented", questionnaire_id)
    db.session.commit()


def coaches(viewer: Viewer) -> tuple[tuple[UUID, str], ...]:
    """Who can undertake to read a form on the day on which it is sent: the practice's coaches, by name."""
    here = (Person.practice_id == viewer.practice_id, Person.state == PersonState.ACTIVE)
    rows = select(Person.id, Person.display_name).where(*here, Person.role.in_([Role.OWNER, Role.COACH]))
    return tuple(
        (row.id, row.display_name) for row in db.session.execute(rows.order_by(Person.display_name, Person.id))
    )


def _written(field: str, typed: str) -> str:
    text = cleaned(field, typed, LONGEST_TEXT)
    if not text:
        raise Invalid("text_missing", field=field)
    return text


def activate(viewer: Viewer, questionnaire_id: UUID) -> None:
    """Let a measure be used, for the owner; once more changes nothing. Raises NotFound, and NotAllowed with `lacks`."""
    check_owner(viewer)
    begin_write()
    row = scope_of_measures.measure(viewer, questionnaire_id, is_held=True)
    held = measure_gate.held_one(row)
    lacks = held.lacks(measure_gate.today_of(viewer.practice_id))
    if lacks:
        raise NotAllowed("measure_lacks", lacks=lacks)
    if not held.is_active:
        row.activated_at, row.activated_by = row.activated_at or clock.now(), row.activated_by or viewer.person_id
        held.entry.retired_at = None
        _publish(row)
        audit.record(viewer, "measure:activated", questionnaire_id)
    db.session.commit()


def retire(viewer: Viewer, questionnaire_id: UUID) -> None:
    """Give it to nobody any more, for the owner; forms that were given stay open, and scores stay. Raises NotFound."""
    check_owner(viewer)
    begin_write()
    row = scope_of_measures.measure(viewer, questionnaire_id, is_held=True)
    held = measure_gate.held_one(row)
    if held.is_active:
        held.entry.retired_at = clock.now()
        audit.record(viewer, "measure:retired", questionnaire_id)
    db.session.commit()


def _publish(row: Measure) -> None:
    """Make the version of an active measure that its latest licence lets be asked; the same words make none anew."""
    held = measure_gate.held_one(row)
    if row.activated_at is None or not held.asks:
        return
    document = _document(held)
    if document != _newest_or_none(row.questionnaire_id):
        programme.add_version(held.entry, programme.next_number(held.entry), document)


def _newest_or_none(questionnaire_id: UUID) -> dict[str, Any] | None:
    versions = select(QuestionnaireVersion.document).where(QuestionnaireVersion.questionnaire_id == questionnaire_id)
    return db.session.scalars(versions.order_by(QuestionnaireVersion.number.desc()).limit(1)).first()


def scoring_in_force(held: Held) -> dict[str, Any] | None:
    """How it is scored: of words that were altered, without what was published of others."""
    if held.row.scoring is None or held.licence is None or held.licence.unaltered:
        return held.row.scoring
    return measured.without_published(held.row.scoring)


def _document(held: Held) -> dict[str, Any]:
    row, licence, form = held.row, held.licence, held.questionnaire
    watched, scoring = row.scoring, scoring_in_force(held)
    if licence is None or form is None or watched is None or scoring is None:
        raise NotAllowed("measure_lacks", lacks=(Lack.LICENCE,))
    name = row.scoring_name or row.name
    whole = MeasureForm(
        row.name,
        measure_documents.from_document(name, scoring),
        measure_documents.from_document(name, watched),
        Concern(row.concern),
        form if licence.unaltered else measured.without_loinc(form),
        yes_no_of(row),
    )
    return measured.document(whole, scoring, watched, held.entry.slug, row.title, row.minutes, licence.copyright_line)
