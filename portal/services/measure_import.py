"""Bringing a measure in: what was read of a file, the points of its answers, and how it is scored.

Nothing of it is anybody's to fill in before it is activated (see `measure_licences`), and from then on nothing of this
changes any more: whoever wants it otherwise brings it in once more.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from portal import clock, content, randomness
from portal.domain import imported_documents, measure_documents, measured
from portal.domain.errors import Invalid, NotAllowed
from portal.domain.imported import ImportedQuestionnaire, with_score_map
from portal.domain.lines import line
from portal.domain.measure_care import Concern, concern_of
from portal.domain.measure_scores import Coding
from portal.domain.measured import MeasureForm
from portal.domain.people import Viewer
from portal.domain.programme import Kind
from portal.extensions import begin_write, db
from portal.models.measures import Measure
from portal.models.questionnaires import Questionnaire
from portal.services import audit, scope_of_measures

OWN = "own"  # the name of a scoring that a practice has typed
LONGEST_NAME = 200
MOST_MINUTES = 120


@dataclass(frozen=True, slots=True)
class Brought:
    """What is brought in: what coaches call it, what stands over it on a partner's page, and the form itself.

    Without a `questionnaire` it is kept for scores from paper alone. `coding` is what the points of the file were said
    to be; position numbers are points by now. `turned` are the link ids of those that were turned round for it.
    """

    name: str
    title: str
    minutes: int
    concern: Concern = Concern.NONE
    coding: Coding = Coding.POINTS
    questionnaire: ImportedQuestionnaire | None = None
    turned: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Scoring:
    """How a measure is scored: by a shipped definition, or by a document like one of those (`name` is OWN then).

    `source` says where its cut-off and bands were published; without it neither is shown as a fact.
    """

    name: str
    document: Mapping[str, Any] | None = None
    source: str = ""


def shipped_names() -> tuple[str, ...]:
    """The definitions that the portal comes with: numbers, and no words of any measure."""
    return tuple(sorted(content.instruments()["instruments"]))


def bring_in(viewer: Viewer, new: Brought) -> UUID:
    """Keep what was read; gives the id of the entry. Raises NotFound for all but coaches, and Invalid with `field`."""
    name = line(new.name, field="name", most=LONGEST_NAME, missing="text_missing")
    title = line(new.title, field="title", most=LONGEST_NAME, missing="text_missing")
    if not 1 <= new.minutes <= MOST_MINUTES:
        raise Invalid("out_of_range", minimum=1, maximum=MOST_MINUTES, field="minutes")
    begin_write()
    scope_of_measures.check_coach(viewer)
    entry_id, form = randomness.new_id(), new.questionnaire
    db.session.add(
        Questionnaire(
            id=entry_id,
            practice_id=viewer.practice_id,
            kind=Kind.MEASURE,
            slug=f"measure-{entry_id.hex[:12]}",
            step=None,
            position=1,
        )
    )
    db.session.flush()
    db.session.add(
        Measure(
            questionnaire_id=entry_id,
            practice_id=viewer.practice_id,
            name=name,
            title=title,
            minutes=new.minutes,
            concern=new.concern,
            coding=new.coding,
            imported=None if form is None else imported_documents.to_document(form),
            dropped=[] if form is None else list(form.dropped),
            turned=list(new.turned),
            brought_by=viewer.person_id,
            brought_at=clock.now(),
        )
    )
    audit.record(viewer, "measure:brought_in", entry_id)
    db.session.commit()
    return entry_id


def give_points(
    viewer: Viewer,
    questionnaire_id: UUID,
    maps: Sequence[tuple[Sequence[str], Mapping[str, Decimal]]],
    yes_no: tuple[Decimal, Decimal] | None = None,
) -> None:
    """Say what the answers are worth, by answer code, for the items of each map; `yes_no` for a yes and for a no.

    Raises Invalid with `answer` for a code that an item does not have, or that is left out.
    """
    begin_write()
    row = _in_preparation(viewer, questionnaire_id)
    if not maps and yes_no is None:
        return
    form = imported_documents.from_document(row.imported or {"status": "unknown"})
    for link_ids, points in maps:
        form = with_score_map(form, points, link_ids)
    row.imported = imported_documents.to_document(form)
    if yes_no is not None:
        row.yes_no = [str(points) for points in yes_no]
    row.scoring, row.scoring_name = None, None  # it was checked against other points
    audit.record(viewer, "measure:points_given", questionnaire_id)
    db.session.commit()


def choose_scoring(viewer: Viewer, questionnaire_id: UUID, scoring: Scoring, marked: Concern = Concern.NONE) -> None:
    """Say how it is scored; `marked` is the concern that a coach sees in it, where it is not a known one.

    Raises Invalid: `measure_...` with `place` for a definition that is unclear, or with `item` where it does not fit
    the form.
    """
    begin_write()
    row = _in_preparation(viewer, questionnaire_id)
    document = _document(scoring)
    measure = measure_documents.from_document(scoring.name, document)
    concern = concern_of(scoring.name, marked, document)
    if row.imported is not None:
        form = MeasureForm(
            row.name, measure, measure, concern, imported_documents.from_document(row.imported), yes_no_of(row)
        )
        measured.check_fits(form)
        if row.coding == Coding.RAW:
            measured.check_turned(form, row.turned)
    row.scoring, row.scoring_name, row.concern = document, scoring.name, concern
    audit.record(viewer, "measure:scoring_chosen", questionnaire_id)
    db.session.commit()


def _document(scoring: Scoring) -> dict[str, Any]:
    """The definition, with the source of its cut-off in its place."""
    if scoring.document is None:
        shipped = content.instruments()["instruments"]
        if scoring.name not in shipped:
            raise Invalid("measure_scoring_unknown", field="scoring")
        document = dict(shipped[scoring.name])
    else:
        document = dict(scoring.document)
    if scoring.source.strip() and "cut" in document:
        document["cut"] = [*document["cut"][:2], scoring.source.strip()]
    return {name: _as_names(part) if name in ("min_at", "max_at") else part for name, part in document.items()}


def _as_names(part: Mapping[Any, Any]) -> dict[str, Any]:
    """The numbers of items as JSON has them where they name fields; they are read back as numbers."""
    return {str(item): value for item, value in part.items()}


def yes_no_of(row: Measure) -> tuple[Decimal, Decimal] | None:
    """The points of a yes and of a no, where somebody has said them."""
    return None if row.yes_no is None else (Decimal(row.yes_no[0]), Decimal(row.yes_no[1]))


def _in_preparation(viewer: Viewer, questionnaire_id: UUID) -> Measure:
    """A measure of the practice that was never activated, held; raises NotFound, and NotAllowed once it was."""
    row = scope_of_measures.measure(viewer, questionnaire_id, is_held=True)
    if row.activated_at is not None:
        raise NotAllowed("measure_was_activated")
    return row
