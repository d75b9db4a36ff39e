"""A couple's check-ins over the weeks, by what is asked, and what one noticed of what the other did."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from portal import clock
from portal.domain.people import Label, Viewer
from portal.domain.questionnaires import from_document
from portal.domain.session_facts import Both
from portal.domain.sessions import SessionKind, SessionState, joint_in_order
from portal.domain.trend_weeks import Given, Happened, Period, by_week
from portal.services import assigned, caseload_lines, couples, glances, noticed, scope, sent_forms, sessions
from portal.services.assigned import AssignmentLine
from portal.services.couples import CoupleShown
from portal.services.noticed import Noticing
from portal.services.overview import Weeks, begun_of, check_ins, names_of, weeks_of
from portal.services.sent_forms import SentForm

MOST_LINES = 1_000  # of assignments: the first of each step is looked for among all there ever were


class Show(StrEnum):
    """What may be picked."""

    SCORE = "score"
    SIGNS = "signs"
    BENEFITS = "benefits"
    STEPS = "steps"


@dataclass(frozen=True, slots=True)
class Question:
    """A question of the check-in that can be looked at by itself; a sign is turned round, so that higher is easier."""

    item_id: str
    label: str
    dimension: str
    is_sign: bool


@dataclass(frozen=True, slots=True)
class DimensionRow:
    """One question of the latest week, 0 to 10, right is easier: signs are turned round. None is not answered."""

    item_id: str
    label: str
    a: int | None
    b: int | None


@dataclass(frozen=True, slots=True)
class Alone:
    """A session with one of the two: for the coach, and in no chart, table or file."""

    on: date
    name: str


@dataclass(frozen=True, slots=True)
class Trends:
    """What one couple's trends page shows; `latest_on` is the Monday of the week that `rows` are of.

    That is the latest week that both answered; before there is one, the latest of either, and `unanswered_by` names
    the other. `show` is what is looked at: one of `Show`, or the id of a question. `happened` has an entry for each of
    the weeks. A question's values stand in `weeks` as points of 100, as everything that is drawn.
    """

    couple: CoupleShown
    show: str
    period: Period
    questions: tuple[Question, ...]
    weeks: Weeks
    happened: tuple[Happened, ...]
    alone: tuple[Alone, ...]
    latest_on: date | None
    rows: tuple[DimensionRow, ...]
    unanswered_by: str | None
    noticed: tuple[Noticing, Noticing]

    @property
    def question(self) -> Question | None:
        """The one question that is looked at, where it is one."""
        return next((question for question in self.questions if question.item_id == self.show), None)


@dataclass(frozen=True, slots=True)
class PersonsWeek:
    """One partner's week as a row of a file: scores of 0 to 100 by `Show`, and answers, 0 to 10, as given."""

    monday: date
    name: str
    scores: Mapping[str, float | None]
    answers: Mapping[str, int | None]
    happened: Happened


@dataclass(frozen=True, slots=True)
class SavedWeeks:
    """A couple's weeks for a file, a row a week and partner, A's before B's."""

    questions: tuple[Question, ...]
    steps: Mapping[str, str]  # titles by slug
    rows: tuple[PersonsWeek, ...]


def trends(viewer: Viewer, couple_id: UUID, show: str, zone: str, period: Period = Period.TWELVE_WEEKS) -> Trends:
    """One of the coach's own couples; the check-ins go on record as read. Raises NotFound."""
    found, forms = _gather(viewer, couple_id, show, zone, period)
    glances.note(viewer, _shown(forms), zone)
    return found


def saved(viewer: Viewer, couple_id: UUID, show: str, zone: str, period: Period) -> Trends:
    """The same for a drawing that is saved as a file: on record as read, and as saved. Raises NotFound."""
    found, forms = _gather(viewer, couple_id, show, zone, period)
    glances.note_saved(viewer, couple_id, _shown(forms), zone)
    return found


def saved_weeks(viewer: Viewer, couple_id: UUID, zone: str, period: Period) -> SavedWeeks:
    """All scores and answers of the weeks, on record as read and as saved. Raises NotFound."""
    found, forms = _gather(viewer, couple_id, Show.SCORE, zone, period)
    sent = {
        (caseload_lines.monday(form.submitted_at, zone), form.label): form for form in check_ins(forms)
    }  # of two in one week the later counts
    rows = tuple(
        _persons_week(monday, line.name, sent.get((monday, line.label)), found.questions, happened)
        for monday, happened in zip(found.weeks.mondays, found.happened, strict=True)
        for line in (found.weeks.a, found.weeks.b)
    )
    glances.note_saved(viewer, couple_id, _shown(forms), zone)
    return SavedWeeks(found.questions, {step.slug: step.title for step in found.couple.steps}, rows)


def _shown(forms: Sequence[SentForm]) -> tuple[SentForm, ...]:
    """All of them, whichever week is the latest of both: the weeks and the usual range are drawn from each."""
    return (*check_ins(forms), *noticed.drawn_upon(forms))


def _gather(
    viewer: Viewer, couple_id: UUID, show: str, zone: str, period: Period
) -> tuple[Trends, tuple[SentForm, ...]]:
    shown = couples.couple(viewer, couple_id)
    forms = sent_forms.of_couple(viewer, couple_id)
    lines = begun_of(assigned.assignments_of_couple(viewer, couple_id, MOST_LINES))
    coach_name = scope.coach_of(viewer, couple_id).display_name
    questions = _questions(forms, coach_name)
    picked = next((question for question in questions if question.item_id == show), None)
    looked_at = show if picked or show in list(Show) else Show.SCORE
    count = period.weeks(_weeks_since_first(forms, zone))
    weeks = weeks_of(shown, forms, (), lambda form: _measured(form, picked, looked_at), zone, count)
    if picked:  # the rule of the usual ups and downs is one for scores
        weeks = replace(weeks, a=replace(weeks.a, usual=None), b=replace(weeks.b, usual=None))
    happened, alone = _happened(shown, lines, weeks, zone)
    latest, names = _latest_week(check_ins(forms), zone), names_of(shown)
    found = Trends(
        shown,
        looked_at,
        period,
        questions,
        weeks,
        happened,
        alone,
        caseload_lines.monday(clock.now(), zone, latest[0]) if latest else None,
        _rows(latest[1], picked.dimension if picked else looked_at, questions) if latest else (),
        next((name for label, name in names.items() if latest and label not in latest[1]), None),
        noticed.both_ways(Both(*(names.get(label, "") for label in Label)), forms, zone),
    )
    return found, forms


def _questions(forms: Sequence[SentForm], coach_name: str) -> tuple[Question, ...]:
    """What check-ins asked about signs, benefits and steps, in the latest words; the private questions are none."""
    found: dict[str, Question] = {}
    met: set[str] = set()
    for form in reversed(check_ins(forms)):
        if all(answer.item_id in met for answer in form.answers):
            continue
        items = from_document(form.document).spoken(coach_name).items
        met.update(item.id for item in items)
        for item in items:
            if item.dimension in (Show.SIGNS, Show.BENEFITS, Show.STEPS):
                found.setdefault(item.id, Question(item.id, item.label, item.dimension or "", item.reverse))
    order = [Show.SIGNS, Show.BENEFITS, Show.STEPS]
    return tuple(sorted(found.values(), key=lambda question: order.index(Show(question.dimension))))


def _weeks_since_first(forms: Sequence[SentForm], zone: str) -> int:
    sent = [form.submitted_at for form in check_ins(forms)]
    return caseload_lines.weeks_ago(min(sent), clock.now(), zone) if sent else 0


def _happened(
    shown: CoupleShown, lines: Sequence[AssignmentLine], weeks: Weeks, zone: str
) -> tuple[tuple[Happened, ...], tuple[Alone, ...]]:
    """What happened in each of the weeks, and the sessions that one of the two came to alone."""
    appointments, wall, names = sessions.appointments_of([shown.couple_id]), ZoneInfo(zone), names_of(shown)
    met = [
        (one.starts_at.astimezone(wall).date(), number) for number, one in enumerate(joint_in_order(appointments), 1)
    ]
    homework = [Given(line.assigned_on, line.title, line.step) for line in lines]
    single = [
        Alone(one.starts_at.astimezone(wall).date(), names.get(one.kind.attending, ""))
        for one in sorted(appointments, key=lambda one: one.starts_at)
        if one.kind.attending and one.kind is not SessionKind.JOINT and one.state is not SessionState.CANCELLED
    ]
    first = weeks.mondays[0]
    return by_week(weeks.mondays, met, homework), tuple(one for one in single if one.on >= first)


def _measured(form: SentForm, picked: Question | None, show: str) -> float | None:
    if picked:
        value = _eased(form, picked)
        return None if value is None else 10.0 * value
    return _scores(form)[show]


def _scores(form: SentForm) -> Mapping[str, float | None]:
    found = form.scores
    return {
        Show.SCORE: found.total if found else None,
        Show.SIGNS: found.signs if found else None,
        Show.BENEFITS: found.benefits if found else None,
        Show.STEPS: found.steps if found else None,
    }


def _latest_week(forms: Sequence[SentForm], zone: str) -> tuple[int, dict[Label, SentForm]] | None:
    """How many weeks ago both last sent a check-in (or either, before both have), and what came in that week."""
    now = clock.now()
    by_week: dict[int, dict[Label, SentForm]] = {}
    for form in forms:
        by_week.setdefault(caseload_lines.weeks_ago(form.submitted_at, now, zone), {})[form.label] = form
    ago = min((ago for ago, sent in by_week.items() if len(sent) == len(Label)), default=min(by_week, default=None))
    return None if ago is None else (ago, by_week[ago])


def _rows(latest: Mapping[Label, SentForm], show: str, questions: Sequence[Question]) -> tuple[DimensionRow, ...]:
    """The picked questions in the form's order; all signs and benefits where the score is picked."""
    wanted = (Show.SIGNS, Show.BENEFITS) if show == Show.SCORE else (show,)
    rows = [
        DimensionRow(question.item_id, question.label, *(_eased(latest.get(label), question) for label in Label))
        for question in questions
        if question.dimension in wanted
    ]
    return tuple(row for row in rows if row.a is not None or row.b is not None)


def _eased(form: SentForm | None, question: Question) -> int | None:
    """The answer with a sign turned round: 10 is easiest."""
    value = _answered(form, question)
    return 10 - value if value is not None and question.is_sign else value


def _answered(form: SentForm | None, question: Question) -> int | None:
    value = form.value(question.item_id) if form else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _persons_week(
    monday: date, name: str, form: SentForm | None, questions: Sequence[Question], happened: Happened
) -> PersonsWeek:
    answers = {question.item_id: _answered(form, question) for question in questions}
    return PersonsWeek(monday, name, _scores(form) if form else {}, answers, happened)
