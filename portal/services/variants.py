"""Variants: which exercise is an easier version of which, and what can be given in the place of one."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete, or_, select

from portal import randomness
from portal.domain.errors import Invalid
from portal.domain.people import Viewer
from portal.domain.programme import Kind
from portal.extensions import begin_write, db
from portal.models.variants import Variant
from portal.services import audit, programme, scope
from portal.services.programme import LibraryEntry


@dataclass(frozen=True, slots=True)
class Versions:
    """An exercise with what was said to be easier and harder, and what of the same step is shorter and longer."""

    entry: LibraryEntry
    easier: tuple[LibraryEntry, ...]
    harder: tuple[LibraryEntry, ...]
    shorter: tuple[LibraryEntry, ...]
    longer: tuple[LibraryEntry, ...]
    others: tuple[LibraryEntry, ...]


def versions_of(viewer: Viewer, questionnaire_id: UUID) -> Versions:
    """What of the library can stand in an exercise's place, the nearest in minutes first. Raises NotFound."""
    listed = {one.id: one for one in programme.library(viewer)}
    entry = listed.get(questionnaire_id) or _out_of_use(viewer, questionnaire_id)
    library = {one.id: one for one in listed.values() if one.kind is Kind.EXERCISE and one.id != entry.id}
    links = db.session.execute(
        select(Variant.easier_id, Variant.harder_id).where(
            Variant.practice_id == viewer.practice_id,
            or_(Variant.easier_id == entry.id, Variant.harder_id == entry.id),
        )
    ).all()
    easier = {link.easier_id for link in links} - {entry.id}
    harder = {link.harder_id for link in links} - {entry.id}
    rest = [one for one in library.values() if one.id not in easier | harder]
    near = sorted((one for one in rest if one.step == entry.step), key=lambda one: abs(one.minutes - entry.minutes))
    return Versions(
        entry,
        _of(library.values(), easier),
        _of(library.values(), harder),
        tuple(one for one in near if one.minutes < entry.minutes),
        tuple(one for one in near if one.minutes >= entry.minutes),
        tuple(one for one in rest if one.step != entry.step),
    )


def _out_of_use(viewer: Viewer, questionnaire_id: UUID) -> LibraryEntry:
    row = scope.library_entry(viewer, questionnaire_id)
    return programme.entry_with(row, programme.newest_version(row.id))


def _of(library: Iterable[LibraryEntry], ids: set[UUID]) -> tuple[LibraryEntry, ...]:
    return tuple(one for one in library if one.id in ids)


def link(viewer: Viewer, questionnaire_id: UUID, other_id: UUID, *, is_easier: bool | None) -> None:
    """Say that another exercise is easier (or harder) than this one, or with None that it is neither.

    Of two, one is the easier: what was said before of them counts no more. Raises NotFound, and Invalid for itself.
    """
    begin_write()
    one = scope.library_entry(viewer, questionnaire_id)
    other = scope.library_entry(viewer, other_id)
    if one.id == other.id or {one.kind, other.kind} != {Kind.EXERCISE}:
        raise Invalid("variant_of_itself", field="other")
    pair = {one.id, other.id}
    db.session.execute(delete(Variant).where(Variant.easier_id.in_(pair), Variant.harder_id.in_(pair)))
    if is_easier is not None:
        easier, harder = (other, one) if is_easier else (one, other)
        made = Variant(id=randomness.new_id(), practice_id=one.practice_id, easier_id=easier.id, harder_id=harder.id)
        db.session.add(made)
    audit.record(viewer, "variant:removed" if is_easier is None else "variant:set", one.id)
    db.session.commit()
