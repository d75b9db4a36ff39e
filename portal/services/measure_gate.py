"""What stands before a measure may be given: its scoring, its licence, and for some a protocol and who reads it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, ScalarSelect, Select, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from portal import clock
from portal.domain import imported_documents
from portal.domain.errors import Invalid
from portal.domain.imported import ImportedQuestionnaire, ImportedType
from portal.domain.measure_care import Concern, Lack, Standing, is_over
from portal.domain.measure_forms import can_be_asked, scored_items
from portal.domain.people import Label
from portal.domain.programme import Kind
from portal.extensions import db
from portal.models.couples import Couple
from portal.models.measures import Measure, MeasureLicence, MeasureProtocol
from portal.models.practices import Practice
from portal.models.questionnaires import Questionnaire


@dataclass(frozen=True, slots=True)
class Held:
    """A measure with the licence and the protocol that count; None where there is none."""

    row: Measure
    entry: Questionnaire
    licence: MeasureLicence | None
    protocol: MeasureProtocol | None

    @property
    def questionnaire(self) -> ImportedQuestionnaire | None:
        return None if self.row.imported is None else imported_documents.from_document(self.row.imported)

    @property
    def is_active(self) -> bool:
        """Activated, and not retired since."""
        return self.row.activated_at is not None and self.entry.retired_at is None

    @property
    def asks(self) -> bool:
        """Whether it can be filled in here: the words are there, our form can ask them, and the licence lets it."""
        form = self.questionnaire
        return form is not None and can_be_asked(form) and self.licence is not None and self.licence.electronic

    def standing(self) -> Standing:
        """What was settled so far."""
        return Standing(
            concern=Concern(self.row.concern),
            has_scoring=self.row.scoring is not None,
            has_points=_has_points(self.questionnaire, self.row.yes_no),
            has_critical_item="critical" in (self.row.scoring or {}),
            has_licence=self.licence is not None,
            expires_on=self.licence.expires_on if self.licence else None,
            has_protocol=self.protocol is not None,
            has_reader=self.protocol is not None and bool(self.protocol.readers),
        )

    def lacks(self, today: date) -> tuple[Lack, ...]:
        """What is missing for it to be used; who reads is asked of a form that is filled in here alone."""
        return tuple(lack for lack in self.standing().lacks(today) if lack is not Lack.READER or self.asks)

    def may_be_given(self, today: date) -> bool:
        return self.is_active and self.asks and not self.lacks(today)


def _has_points(questionnaire: ImportedQuestionnaire | None, yes_no: list[str] | None) -> bool:
    items = scored_items(questionnaire) if questionnaire else ()
    asks_yes_no = any(item.type is ImportedType.BOOLEAN for item in items)
    return not any(item.lacks_weights for item in items) and (yes_no is not None or not asks_yes_no)


def held(rows: Select[Measure]) -> dict[UUID, Held]:
    """These measures by id, with what counts of each: one statement, however many they are."""
    licence = _newest(MeasureLicence, MeasureLicence.attested_at, Measure.questionnaire_id)
    protocol = _newest(MeasureProtocol, MeasureProtocol.documented_at, Measure.questionnaire_id)
    statement = (
        rows.join(Questionnaire, Questionnaire.id == Measure.questionnaire_id)
        .outerjoin(MeasureLicence, MeasureLicence.id == licence)
        .outerjoin(MeasureProtocol, MeasureProtocol.id == protocol)
        .add_columns(Questionnaire, MeasureLicence, MeasureProtocol)
    )
    return {row.questionnaire_id: Held(row, *rest) for row, *rest in db.session.execute(statement)}


def held_one(row: Measure) -> Held:
    """The same of one that was found already."""
    return held(select(Measure).where(Measure.questionnaire_id == row.questionnaire_id))[row.questionnaire_id]


def _newest(
    table: type[MeasureLicence | MeasureProtocol],
    at: InstrumentedAttribute[datetime],
    entry_id: InstrumentedAttribute[UUID],
) -> ScalarSelect[UUID]:
    """The id of the last of these rows, of the measure that `entry_id` of the statement around it names."""
    other = aliased(table)
    when = getattr(other, at.key)
    return (
        select(other.id)
        .where(other.questionnaire_id == entry_id)
        .order_by(when.desc(), other.id)
        .limit(1)
        .correlate(entry_id.class_)
        .scalar_subquery()
    )


def with_licences(entries: Select[Questionnaire]) -> Select[*tuple[Any, ...]]:
    """A select of entries of the library with what `is_open` asks of each: the licence that counts, and the zone."""
    newest = _newest(MeasureLicence, MeasureLicence.attested_at, Questionnaire.id)
    return (
        entries.join(Practice, Practice.id == Questionnaire.practice_id)
        .outerjoin(MeasureLicence, MeasureLicence.id == newest)
        .add_columns(MeasureLicence.electronic, MeasureLicence.expires_on, Practice.zone)
    )


def is_open(row: Row[*tuple[Any, ...]]) -> bool:
    """Whether an entry in use that has a version may be given today; of a measure that is the licence's to say.

    What else it asks for stood when it was activated, and none of that goes away.
    """
    if row.Questionnaire.kind != Kind.MEASURE:
        return True
    return bool(row.electronic) and not is_over(row.expires_on, clock.today(row.zone))


def today_of(practice_id: UUID) -> date:
    """The day that it is on the practice's wall."""
    return clock.today(db.session.scalars(select(Practice.zone).where(Practice.id == practice_id)).one())


def check_given(couple: Couple, questionnaire_id: UUID, labels: Collection[Label] = ()) -> None:
    """Raise Invalid where a measure may not be given to these of this couple today.

    One with a critical item needs the couple's own coach among those who undertook to read it the same day. A guarded
    one is given to one of them at a time: who finds it too knows by its day what the other is asked about.
    """
    [one] = held(select(Measure).where(Measure.questionnaire_id == questionnaire_id)).values()
    if len(labels) > 1 and one.standing().concern.is_guarded:
        raise Invalid("guarded_to_one_alone", field="given_to")
    today = today_of(couple.practice_id)
    if not one.may_be_given(today):
        is_over = one.is_active and Lack.LICENCE_OVER in one.lacks(today)
        raise Invalid("measure_licence_over" if is_over else "measure_not_active", field="exercise")
    readers = one.protocol.readers if one.protocol else []
    if one.standing().has_critical_item and couple.coach_id.hex not in readers:
        raise Invalid("measure_without_reader", field="exercise")


def lets_give(couple: Couple, questionnaire_id: UUID) -> bool:
    """The same as a question: what comes again by itself stays out once a licence is over or a measure is retired."""
    try:
        check_given(couple, questionnaire_id)
    except Invalid:
        return False
    return True
