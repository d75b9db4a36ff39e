"""The measures of a practice, as its coaches see them: what was brought in, what is still missing, what is in use."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from portal.domain.imported import Expression, ImportedItem, ImportedOption, ImportedQuestionnaire, ImportedType, walk
from portal.domain.measure_care import Concern, Lack, is_over
from portal.domain.measure_forms import Unasked, asked_items, scored_items, unasked
from portal.domain.people import Role, Viewer
from portal.domain.roles import runs_practice
from portal.extensions import db
from portal.models.users import Person
from portal.services import measure_gate, scope_of_measures
from portal.services.measure_gate import Held


@dataclass(frozen=True, slots=True)
class MeasureLine:
    """One measure in the list; `asks`: it can be filled in here. `lacks` is what still stands before its use."""

    questionnaire_id: UUID
    name: str
    concern: Concern
    asks: bool
    is_active: bool
    is_retired: bool
    expires_on: date | None
    is_licence_over: bool
    lacks: tuple[Lack, ...]


@dataclass(frozen=True, slots=True)
class LicenceShown:
    """The licence that counts, and who attested it when."""

    holder: str
    reference: str
    expires_on: date | None
    electronic: bool
    copyright_line: str
    unaltered: bool
    may_export: bool
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ProtocolShown:
    """The protocol that counts, who reads what is critical the same day, and who put it on record when."""

    training: str
    response: str
    referral: str
    readers: tuple[str, ...]
    reader_ids: tuple[UUID, ...]
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class PointsGroup:
    """Questions that offer the same answers, with their numbers on the form: one map of points serves them all."""

    link_ids: tuple[str, ...]
    numbers: tuple[int, ...]
    options: tuple[ImportedOption, ...]


@dataclass(frozen=True, slots=True)
class MeasureShown:
    """One measure with all that was settled about it. `computations` are texts of the file, never run."""

    line: MeasureLine
    title: str
    minutes: int
    questionnaire: ImportedQuestionnaire | None
    dropped: tuple[str, ...]
    unasked: Unasked
    computations: tuple[Expression, ...]
    scoring_name: str | None
    scoring: dict[str, Any] | None
    yes_no: tuple[str, str] | None
    licence: LicenceShown | None
    protocol: ProtocolShown | None
    brought_by: str
    brought_at: datetime
    was_activated: bool
    may_activate: bool

    @property
    def n_asked(self) -> int:
        return len(asked_items(self.questionnaire)) if self.questionnaire else 0

    @property
    def n_scored(self) -> int:
        return len(scored_items(self.questionnaire)) if self.questionnaire else 0

    @property
    def asks_yes_or_no(self) -> bool:
        form = self.questionnaire
        return form is not None and any(item.type is ImportedType.BOOLEAN for item in scored_items(form))

    @property
    def may_export(self) -> bool:
        """Whether its words may leave the practice."""
        return self.licence is not None and self.licence.may_export and self.questionnaire is not None


def lines(viewer: Viewer) -> tuple[MeasureLine, ...]:
    """Every measure of the practice, in use first, then by name. Raises NotFound for all but coaches."""
    scope_of_measures.check_coach(viewer)
    held = measure_gate.held(scope_of_measures.measures(viewer))
    today = measure_gate.today_of(viewer.practice_id)
    found = (_line(one, today) for one in held.values())
    return tuple(sorted(found, key=lambda line: (line.is_retired, not line.is_active, line.name.casefold())))


def _line(held: Held, today: date) -> MeasureLine:
    expires_on = held.licence.expires_on if held.licence else None
    return MeasureLine(
        held.row.questionnaire_id,
        held.row.name,
        Concern(held.row.concern),
        held.asks,
        held.is_active,
        held.entry.retired_at is not None,
        expires_on,
        is_over(expires_on, today),
        held.lacks(today),
    )


def measure(viewer: Viewer, questionnaire_id: UUID) -> MeasureShown:
    """One of them. Raises NotFound."""
    row = scope_of_measures.measure(viewer, questionnaire_id)
    held = measure_gate.held_one(row)
    form, names = held.questionnaire, _names(viewer)
    return MeasureShown(
        _line(held, measure_gate.today_of(viewer.practice_id)),
        row.title,
        row.minutes,
        form,
        tuple(row.dropped),
        unasked(form) if form else Unasked(),
        _computations(form) if form else (),
        row.scoring_name,
        row.scoring,
        (row.yes_no[0], row.yes_no[1]) if row.yes_no else None,
        _licence(held, names),
        _protocol(held, names),
        names.get(row.brought_by, ""),
        row.brought_at,
        row.activated_at is not None,
        runs_practice(viewer.role),
    )


def _names(viewer: Viewer) -> dict[UUID, str]:
    """By id, everybody who ever worked here."""
    rows = select(Person.id, Person.display_name).where(Person.practice_id == viewer.practice_id)
    return {row.id: row.display_name for row in db.session.execute(rows.where(Person.role != Role.PARTNER))}


def _computations(form: ImportedQuestionnaire) -> tuple[Expression, ...]:
    return (*form.expressions, *(one for item in walk(form.items) for one in item.expressions))


def _licence(held: Held, names: dict[UUID, str]) -> LicenceShown | None:
    one = held.licence
    if one is None:
        return None
    return LicenceShown(
        one.holder,
        one.reference,
        one.expires_on,
        one.electronic,
        one.copyright_line,
        one.unaltered,
        one.may_export,
        names.get(one.attested_by, ""),
        one.attested_at,
    )


def _protocol(held: Held, names: dict[UUID, str]) -> ProtocolShown | None:
    one = held.protocol
    if one is None:
        return None
    readers = tuple(map(UUID, one.readers))
    known = tuple(names[reader] for reader in readers if reader in names)
    by = names.get(one.documented_by, "")
    return ProtocolShown(one.training, one.response, one.referral, known, readers, by, one.documented_at)


def points_groups(questionnaire: ImportedQuestionnaire, *, each: bool) -> tuple[PointsGroup, ...]:
    """The questions that lack points, those with the same answers together, or (`each`) every one by itself.

    Answers that run the other way on some of the questions need a map for each.
    """
    found: dict[object, list[tuple[int, ImportedItem]]] = {}
    for number, item in enumerate(scored_items(questionnaire), start=1):
        if item.lacks_weights:
            found.setdefault(item.link_id if each else item.options, []).append((number, item))
    return tuple(_group(items) for items in found.values())


def _group(items: Iterable[tuple[int, ImportedItem]]) -> PointsGroup:
    listed = list(items)
    link_ids, numbers = tuple(item.link_id for _n, item in listed), tuple(number for number, _item in listed)
    return PointsGroup(link_ids, numbers, listed[0][1].options)
