"""A person's scores of a measure over time, for the coach: from forms that were sent, and typed in from paper."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from portal import clock, randomness
from portal.domain import measure_documents, measured
from portal.domain.errors import Invalid, NotFound
from portal.domain.measure_scores import Reliable, Score, clinically_significant, reliable_change
from portal.domain.measures import TOTAL, Measure
from portal.domain.people import Label, PersonState, Viewer
from portal.domain.programme import Kind
from portal.extensions import begin_write, db
from portal.models.couples import Couple, Partnership
from portal.models.measures import PaperScore
from portal.models.users import Person
from portal.services import (
    audit,
    couples,
    glances,
    measure_answers,
    measure_gate,
    measure_licences,
    scope,
    scope_of_measures,
    sent_forms,
    vault,
)
from portal.services.couples import CoupleShown
from portal.services.measure_gate import Held
from portal.services.own_measures import TOTALS
from portal.services.sent_forms import SentForm


@dataclass(frozen=True, slots=True)
class Scored:
    """One set of scores of one person. `reliable` and `significant` are against the first total of the same scoring.

    Both are None for that first one itself, where there is no total, and where nothing is published of it.
    `response_id` is the form that it is of; one from paper has a `score_id` instead.
    """

    taken_on: date
    score: Score
    measure: Measure
    response_id: UUID | None = None
    score_id: UUID | None = None
    reliable: Reliable | None = None
    significant: bool | None = None

    @property
    def total(self) -> Decimal | None:
        return self.score.totals.get(TOTAL)


@dataclass(frozen=True, slots=True)
class Course:
    """One person's scores of one measure, the oldest first; `slug` is the measure's."""

    slug: str
    name: str
    label: Label
    scored: tuple[Scored, ...]

    @property
    def scales(self) -> tuple[str, ...]:
        """The scales that any of them has, the total first."""
        found = {scale.name: None for one in self.scored for scale in one.measure.scales}
        return tuple(sorted(found, key=lambda name: name != TOTAL))


@dataclass(frozen=True, slots=True)
class Entered:
    """What is typed from a paper form: of whom, of which measure, filled in on which day, and its totals by scale."""

    label: Label
    questionnaire_id: UUID
    taken_on: date
    totals: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class Kept:
    """A measure that scores can be typed for, with the names of its scales, the total first."""

    questionnaire_id: UUID
    name: str
    scales: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ScoresOfCouple:
    """The page of a couple's scores: each partner's own, side by side nowhere; and what can be typed in."""

    couple: CoupleShown
    courses: tuple[Course, ...]
    kept: tuple[Kept, ...]

    def of(self, label: Label) -> tuple[Course, ...]:
        return tuple(course for course in self.courses if course.label is label)


def of_couple(viewer: Viewer, couple_id: UUID) -> ScoresOfCouple:
    """The scores of a couple within reach; the forms that they are of go on record as read. Raises NotFound."""
    shown, zone = couples.couple(viewer, couple_id), scope.own_practice(viewer).zone
    forms = [form for form in sent_forms.of_couple(viewer, couple_id) if form.kind is Kind.MEASURE]
    held = measure_gate.held(scope_of_measures.of_practice(viewer))
    found = ScoresOfCouple(shown, _courses(viewer, couple_id, forms, held, zone), _kept(viewer, held))
    glances.note(viewer, forms, zone)
    return found


def to_type_for(viewer: Viewer, couple_id: UUID) -> ScoresOfCouple:
    """The same without any scores, for who acts for the couple and types some in. Raises NotFound."""
    shown = couples.couple(viewer, couple_id, scope.couples_to_act_for)
    return ScoresOfCouple(shown, (), kept_measures(viewer))


def _courses(
    viewer: Viewer, couple_id: UUID, forms: Iterable[SentForm], held: Mapping[UUID, Held], zone: str
) -> tuple[Course, ...]:
    """By measure and person, all scores that stand."""
    found: dict[tuple[str, str, Label], list[Scored]] = {}
    for form in forms:
        scored = of_form(form, zone)
        found.setdefault((form.document["measure"]["name"], form.slug, form.label), []).append(scored)
    for name, slug, label, scored in _from_paper(viewer, couple_id, held):
        found.setdefault((name, slug, label), []).append(scored)
    ordered = sorted(found.items(), key=lambda entry: (entry[0][0].casefold(), *entry[0]))
    return tuple(Course(slug, name, label, _in_order(scored)) for (name, slug, label), scored in ordered)


def of_form(form: SentForm, zone: str) -> Scored:
    """The scores of a form of a measure that somebody has sent, as it stands now."""
    found = measured.from_section(form.document["measure"])
    taken_on = form.submitted_at.astimezone(ZoneInfo(zone)).date()
    return Scored(taken_on, measure_answers.score_of(found, form.answers), found.measure, form.response_id)


def _from_paper(viewer: Viewer, couple_id: UUID, held: Mapping[UUID, Held]) -> list[tuple[str, str, Label, Scored]]:
    """Scores that were typed in: name and slug of the measure, whose they are, and what they are."""
    own = (Partnership.couple_id == PaperScore.couple_id) & (Partnership.person_id == PaperScore.person_id)
    rows = db.session.execute(
        scope_of_measures.paper_scores(viewer)
        .where(PaperScore.couple_id == couple_id)
        .join(Partnership, own)
        .with_only_columns(PaperScore, Partnership.label)
        .order_by(PaperScore.entered_at, PaperScore.id)
    ).all()
    vault.load_keys(row.PaperScore.person_id for row in rows)
    found = []
    for row in rows:
        of, scored = held[row.PaperScore.questionnaire_id], _of_paper(row.PaperScore, held)
        if scored is not None:
            found.append((of.row.name, of.entry.slug, Label(row.label), scored))
    return found


def _of_paper(row: PaperScore, held: Mapping[UUID, Held]) -> Scored | None:
    """One of them; None of somebody who was erased."""
    typed = vault.unseal_document_or_none(row.person_id, TOTALS, row.id, row.totals)
    if typed is None:
        return None
    measure = _measure(held[row.questionnaire_id])
    totals = {name: Decimal(value) for name, value in typed.items()}
    return Scored(row.taken_on, measured.of_totals(measure, totals), measure, score_id=row.id)


def _measure(held: Held) -> Measure:
    """The scoring in force of an active measure."""
    return measure_documents.from_document(
        held.row.scoring_name or held.row.name, measure_licences.scoring_in_force(held) or {}
    )


def _in_order(scored: Sequence[Scored]) -> tuple[Scored, ...]:
    """The oldest first, each held against the first total that was scored in the same way."""
    ordered = sorted(scored, key=lambda one: one.taken_on)
    firsts: list[Scored] = []
    found = []
    for one in ordered:
        first = next((earlier for earlier in firsts if earlier.measure == one.measure), None)
        if one.total is None:
            found.append(one)
        elif first is None:
            firsts.append(one)
            found.append(one)
        else:
            both = (first.total or Decimal(0), one.total)
            reliable = reliable_change(one.measure, *both)
            found.append(replace(one, reliable=reliable, significant=clinically_significant(one.measure, *both)))
    return tuple(found)


def kept_measures(viewer: Viewer) -> tuple[Kept, ...]:
    """The active measures that a coach may type scores for; a licence that has run out keeps nobody from that."""
    return _kept(viewer, measure_gate.held(scope_of_measures.measures(viewer)))


def _kept(viewer: Viewer, held: Mapping[UUID, Held]) -> tuple[Kept, ...]:
    if not viewer.role.is_coach:
        return ()
    active = sorted((one for one in held.values() if one.is_active), key=lambda one: one.row.name.casefold())
    return tuple(Kept(one.row.questionnaire_id, one.row.name, _scale_names(_measure(one))) for one in active)


def _scale_names(measure: Measure) -> tuple[str, ...]:
    return tuple(sorted((scale.name for scale in measure.scales), key=lambda name: name != TOTAL))


def enter(viewer: Viewer, couple_id: UUID, new: Entered) -> UUID:
    """Type in the scores of a paper form; gives the id of what was kept.

    Raises NotFound, and Invalid with `field` (taken_on, measure, or the name of a scale).
    """
    begin_write()
    couple = scope.found(scope.couples_to_act_for(viewer).where(Couple.id == couple_id))
    held = measure_gate.held_one(scope_of_measures.measure(viewer, new.questionnaire_id))
    if not held.is_active:
        raise Invalid("measure_not_active", field="measure")
    if new.taken_on > measure_gate.today_of(viewer.practice_id):
        raise Invalid("day_not_yet", field="taken_on")
    if not new.totals:
        raise Invalid("score_missing", field=TOTAL)
    try:
        measured.of_totals(_measure(held), new.totals)
    except Invalid as refusal:
        raise Invalid(refusal.code, **refusal.params, field=refusal.params["scale"]) from None
    score_id, person_id = randomness.new_id(), _person(couple.id, new.label)
    db.session.add(
        PaperScore(
            id=score_id,
            practice_id=viewer.practice_id,
            questionnaire_id=new.questionnaire_id,
            couple_id=couple.id,
            person_id=person_id,
            taken_on=new.taken_on,
            totals=vault.seal_document(person_id, TOTALS, score_id, measured.totals_to_document(new.totals)),
            entered_by=viewer.person_id,
            entered_at=clock.now(),
        )
    )
    audit.record(viewer, "score:entered", couple.id)
    db.session.commit()
    return score_id


def _person(couple_id: UUID, label: Label) -> UUID:
    """The partner of that label; raises NotFound where there is none, or was erased."""
    found = db.session.scalars(
        select(Person.id)
        .join(Partnership, Partnership.person_id == Person.id)
        .where(Partnership.couple_id == couple_id, Partnership.label == label)
        .where(Person.state != PersonState.DEACTIVATED)
    ).one_or_none()
    if found is None:
        raise NotFound
    return found


def strike(viewer: Viewer, score_id: UUID) -> UUID:
    """Take out what was typed wrongly; gives the couple. It stays on record that it was. Raises NotFound."""
    begin_write()
    row = scope_of_measures.paper_score(viewer, score_id)
    couple_id: UUID = row.couple_id
    row.struck_at = clock.now()
    audit.record(viewer, "score:struck", couple_id)
    db.session.commit()
    return couple_id
