"""Measures without words for tests: as many items as a shipped definition has, called "Item 1" and so on.

No wording of any published measure stands here or anywhere else in the house.
"""

import csv
import io
from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select

from portal import content
from portal.domain.imported import ImportedItem, ImportedOption, ImportedQuestionnaire, ImportedType
from portal.domain.measure_documents import measures_from_document
from portal.domain.measure_scores import Coding
from portal.domain.measures import Range
from portal.domain.people import Viewer
from portal.extensions import db
from portal.input.instrument_csv import COLUMNS, table
from portal.models.questionnaires import Questionnaire
from portal.services import measure_import, measure_licences
from portal.services.measure_import import Brought, Scoring
from portal.services.measure_licences import Licence, Protocol

SHIPPED = measures_from_document(content.instruments())
LICENCE = Licence("Ines, who invented it", "L-1", None, True, "© Ines", unaltered=True, may_export=True)
SOURCE = "invented for tests, page 1"


def options(possible: Range) -> tuple[ImportedOption, ...]:
    """An answer for each number of points."""
    points = range(int(possible.low), int(possible.high) + 1)
    return tuple(ImportedOption(f"c{n}", f"Answer {n}", "https://ines.example/codes", Decimal(n)) for n in points)


def wordless(name: str, *, is_weighted: bool = True) -> ImportedQuestionnaire:
    """A questionnaire for a shipped definition; one with decimals asks for numbers."""
    measure = SHIPPED[name]
    items = []
    for number, possible in enumerate(measure.ranges, start=1):
        link_id, text = f"/{name}/{number}", f"Item {number}"
        if measure.decimals:
            items.append(ImportedItem(link_id, ImportedType.DECIMAL, text))
        else:
            offered = options(possible)
            bare = tuple(ImportedOption(one.code, one.display, one.system) for one in offered)
            items.append(ImportedItem(link_id, ImportedType.CHOICE, text, options=offered if is_weighted else bare))
    return ImportedQuestionnaire(tuple(items), url=f"https://ines.example/{name}", version="1", status="active")


def positions(name: str, turned: Sequence[int] | None = None) -> bytes:
    """The same as a table of position numbers, on which these items (as the definition has it) run the other way."""
    measure = SHIPPED[name]
    reverse = measure.raw_reverse if turned is None else turned
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(COLUMNS)
    for number, possible in enumerate(measure.ranges, start=1):
        for n in range(int(possible.low), int(possible.high) + 1):
            is_turned = "yes" if number in (reverse or ()) else ""
            writer.writerow(
                [name, "1", f"{number}", number, f"Item {number}", f"c{n}", f"Answer {n}", n, "", is_turned, ""]
            )
    return written.getvalue().encode()


def bring(viewer: Viewer, name: str, form: ImportedQuestionnaire | None, **how: Any) -> UUID:
    """A measure brought in, with its shipped scoring and the source of its cut-off."""
    source = how.pop("source", SOURCE)
    measure_id = measure_import.bring_in(viewer, Brought(name.upper(), "How it goes", 3, questionnaire=form, **how))
    measure_import.choose_scoring(viewer, measure_id, Scoring(name, source=source))
    return measure_id


def bring_positions(viewer: Viewer, name: str, turned: Sequence[int] | None = None) -> UUID:
    """The same from a table of position numbers."""
    read = table(positions(name, turned), Coding.RAW)
    return bring(viewer, name, read.questionnaire, coding=Coding.RAW, turned=read.turned)


def active(viewer: Viewer, name: str, form: ImportedQuestionnaire | None = None, licence: Licence = LICENCE) -> UUID:
    """A measure that its owner has let be used; the owner reads what is critical the same day."""
    measure_id = bring(viewer, name, form or wordless(name))
    return activated(viewer, measure_id, name, licence)


def activated(viewer: Viewer, measure_id: UUID, name: str, licence: Licence = LICENCE) -> UUID:
    """One that was brought in, licensed and activated."""
    measure_licences.attest(viewer, measure_id, licence)
    if name in ("hits", "wast8", "hark", "phq9", "gad7"):
        measure_licences.document_protocol(viewer, measure_id, protocol(viewer))
    measure_licences.activate(viewer, measure_id)
    return measure_id


def protocol(*readers: Viewer) -> Protocol:
    ids = tuple(reader.person_id for reader in readers)
    return Protocol("Two days with a specialist", "Spoken with alone, the same day", "The clinic next door", ids)


def slug_of(measure_id: UUID) -> str:
    return db.session.scalars(select(Questionnaire.slug).where(Questionnaire.id == measure_id)).one()


def raw(name: str, answers: Sequence[int | None], *, numbered: bool = False) -> dict[str, str]:
    """What is typed into the form for these points (or positions), by the id of the field."""
    found = {}
    for number, (points, possible) in enumerate(zip(answers, SHIPPED[name].ranges, strict=True), start=1):
        item_id = f"q_{number}" if numbered else f"q_{name}_{number}"
        if points is not None:
            found[item_id] = f"o{points - int(possible.low) + 1}"
    return found
