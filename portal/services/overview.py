"""One couple at a glance: weeks of check-ins side by side, each partner's direction, homework, wishes, own notes."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from portal import clock
from portal.domain import change
from portal.domain.beginnings import BEGINNING, HOPE
from portal.domain.change import Change
from portal.domain.people import CoupleState, Label, Viewer
from portal.domain.programme import Kind
from portal.domain.questionnaires import from_document
from portal.domain.session_facts import Progress
from portal.domain.sessions import Appointment, NoteKind, SessionKind, SessionState, joint_in_order, number_of
from portal.domain.trend_weeks import monday_of
from portal.extensions import db
from portal.models.notes import Note
from portal.services import assigned, caseload_lines, couples, glances, sent_forms, sessions, vault
from portal.services.assigned import AssignmentLine
from portal.services.couples import CoupleShown
from portal.services.sent_forms import SentForm
from portal.services.today import progress_of

WEEKS = 12
MOST_NOTES = 5
MOST_HOMEWORK = 6
Measure = Callable[[SentForm], float | None]


@dataclass(frozen=True, slots=True)
class NextSession:
    """The session that comes next; `number` counts joint ones and is None where one partner comes alone."""

    session_id: UUID
    starts_at: datetime
    number: int | None


@dataclass(frozen=True, slots=True)
class Line:
    """One partner's values by week, oldest first, None where there is none; `usual` is the range of ups and downs."""

    label: Label
    name: str
    values: tuple[float | None, ...]
    usual: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Weeks:
    """Check-ins side by side: `mondays` name the weeks, `starts` are (index of a week, title) of homework begun."""

    mondays: tuple[date, ...]
    a: Line
    b: Line
    starts: tuple[tuple[int, str], ...]

    @property
    def is_empty(self) -> bool:
        return all(value is None for line in (self.a, self.b) for value in line.values)


@dataclass(frozen=True, slots=True)
class Direction:
    """Where one partner stands against the own usual ups and downs, from the check-ins up to now."""

    label: Label
    name: str
    change: Change


@dataclass(frozen=True, slots=True)
class Homework:
    """One assignment, with how far each partner got in their own judgement."""

    line: AssignmentLine
    progress: dict[Label, Progress | None]


@dataclass(frozen=True, slots=True)
class Wish:
    """What one partner would like from the next session, or hopes for from the work, in their own words."""

    label: Label
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class OwnNote:
    """A line of the coach's own."""

    text: str
    written_at: datetime


@dataclass(frozen=True, slots=True)
class Overview:
    """One couple at a glance; `last_number` is the number of the last joint session, 0 before the first.

    `may_begin`: they are new, and were not given yet what the work begins with.
    """

    couple: CoupleShown
    next: NextSession | None
    last_number: int
    weeks: Weeks
    directions: tuple[Direction, ...]
    homework: tuple[Homework, ...]
    wishes: tuple[Wish, ...]
    notes: tuple[OwnNote, ...]
    hopes: tuple[Wish, ...]
    may_begin: bool


@dataclass(frozen=True, slots=True)
class AllHomework:
    """Everything that was given to a couple, and what came in: not read yet and check-ins, the newest first."""

    couple: CoupleShown
    homework: tuple[Homework, ...]
    unread: tuple[SentForm, ...]
    check_ins: tuple[SentForm, ...]


def all_homework(viewer: Viewer, couple_id: UUID, zone: str) -> AllHomework:
    """A couple's homework from its beginning on; what it shows of forms goes on record as read. Raises NotFound."""
    shown, lines = couples.couple(viewer, couple_id), assigned.assignments_of_couple(viewer, couple_id)
    forms = sent_forms.of_couple(viewer, couple_id)
    homework, newest = homework_of(lines, forms), forms[::-1]
    unread = tuple(form for form in newest if not form.is_reviewed)
    glances.note(viewer, forms_of(homework, forms), zone)
    return AllHomework(shown, homework, unread, tuple(check_ins(newest)))


def overview(viewer: Viewer, couple_id: UUID, zone: str) -> Overview:
    """One of the coach's own couples; weeks begin on Monday on the wall clock of `zone`. Raises NotFound.

    All that was sent goes on record as read: what stands in the list of homework, which has an end, follows from what
    was given to the other too.
    """
    shown, now = couples.couple(viewer, couple_id), clock.now()
    forms = sent_forms.of_couple(viewer, couple_id)
    lines = assigned.assignments_of_couple(viewer, couple_id)
    appointments = sessions.appointments_of([shown.couple_id])
    begun = [appointment for appointment in joint_in_order(appointments) if appointment.starts_at <= now]
    homework = homework_of(lines, forms)
    found = Overview(
        shown,
        _next(appointments, now),
        len(begun),
        weeks_of(shown, forms, lines, _total, zone),
        _directions(shown, forms, zone),
        homework[:MOST_HOMEWORK],
        _wishes(shown, forms, begun[-1].starts_at if begun else None),
        _own_notes(shown),
        _hopes(shown, forms),
        not begun and _is_new(shown, lines),
    )
    glances.note(viewer, (*check_ins(forms), *forms_of(homework, forms), *beginnings(forms)), zone)
    return found


def _next(appointments: Sequence[Appointment], now: datetime) -> NextSession | None:
    ahead = [a for a in appointments if a.state is SessionState.PLANNED and a.starts_at > now]
    if not ahead:
        return None
    first = min(ahead, key=lambda appointment: appointment.starts_at)
    return NextSession(
        first.id, first.starts_at, number_of(first, appointments) if first.kind is SessionKind.JOINT else None
    )


def names_of(shown: CoupleShown) -> dict[Label, str]:
    """The two names by label."""
    return {partner.label: partner.name for partner in shown.partners}


def check_ins(forms: Iterable[SentForm]) -> list[SentForm]:
    return [form for form in forms if form.kind is Kind.CHECK_IN]


def beginnings(forms: Iterable[SentForm]) -> list[SentForm]:
    return [form for form in forms if form.slug == BEGINNING]


def _is_new(shown: CoupleShown, lines: Iterable[AssignmentLine]) -> bool:
    is_given = any(line.slug == BEGINNING and not line.is_withdrawn for line in lines)
    return shown.state in (CoupleState.INVITED, CoupleState.ACTIVE) and not is_given


def _hopes(shown: CoupleShown, forms: Iterable[SentForm]) -> tuple[Wish, ...]:
    """What each hopes for, in the words of what they chose last."""
    latest = {form.label: form for form in beginnings(forms)}
    words = {label: _chosen(form, HOPE) for label, form in latest.items()}
    return tuple(Wish(label, name, words[label]) for label, name in names_of(shown).items() if words.get(label))


def _chosen(form: SentForm, item_id: str) -> str:
    """What was chosen of a question's options, in its words; '' for nothing."""
    options = next((item.options for item in from_document(form.document).items if item.id == item_id), ())
    return next((option.label for option in options if option.value == form.value(item_id)), "")


def _total(form: SentForm) -> float | None:
    return form.scores.total if form.scores else None


def _day(instant: datetime, zone: str) -> date:
    return instant.astimezone(ZoneInfo(zone)).date()


def weeks_of(
    shown: CoupleShown,
    forms: Sequence[SentForm],
    lines: Iterable[AssignmentLine],
    measure: Measure,
    zone: str,
    count: int = WEEKS,
) -> Weeks:
    """The last `count` weeks up to this one; of two check-ins in one week the later counts."""
    now, names = clock.now(), names_of(shown)
    mondays = tuple(caseload_lines.monday(now, zone, ago) for ago in range(count - 1, -1, -1))
    sides = [_line(label, names.get(label, ""), check_ins(forms), measure, zone, mondays) for label in Label]
    begun = sorted((line.assigned_on, line.title) for line in begun_of(lines))
    weeks = {monday: index for index, monday in enumerate(mondays)}
    starts = tuple((weeks[monday_of(on)], title) for on, title in begun if monday_of(on) in weeks)
    return Weeks(mondays, sides[0], sides[1], starts)


def begun_of(lines: Iterable[AssignmentLine]) -> list[AssignmentLine]:
    """The exercises of which somebody has a copy, and that were not taken back."""
    return [line for line in lines if line.kind is Kind.EXERCISE and line.copies and not line.is_withdrawn]


def _line(
    label: Label, name: str, forms: Sequence[SentForm], measure: Measure, zone: str, mondays: Sequence[date]
) -> Line:
    mine = [(_day(form.submitted_at, zone), measure(form)) for form in forms if form.label is label]
    by_week = {monday_of(day): value for day, value in mine}
    return Line(label, name, tuple(by_week.get(monday) for monday in mondays), change.judge(mine).usual_range)


def _directions(shown: CoupleShown, forms: Iterable[SentForm], zone: str) -> tuple[Direction, ...]:
    series = {
        label: [(_day(form.submitted_at, zone), _total(form)) for form in check_ins(forms) if form.label is label]
        for label in Label
    }
    return tuple(
        Direction(label, name, change.judge(series[label], series[label.other]))
        for label, name in names_of(shown).items()
    )


def homework_of(lines: Iterable[AssignmentLine], forms: Iterable[SentForm]) -> tuple[Homework, ...]:
    """Exercises, newest first, each with what its partners said of how far they got."""
    said = {(form.assignment_id, form.label): progress_of(form) for form in forms if form.kind is Kind.EXERCISE}
    return tuple(
        Homework(line, {label: said.get((line.assignment_id, label)) for label in Label})
        for line in lines
        if line.kind is Kind.EXERCISE and not line.is_withdrawn
    )


def forms_of(homework: Iterable[Homework], forms: Iterable[SentForm]) -> tuple[SentForm, ...]:
    """The forms in which partners said how far they got with these."""
    listed = {entry.line.assignment_id for entry in homework}
    return tuple(form for form in forms if form.kind is Kind.EXERCISE and form.assignment_id in listed)


def _wishes(shown: CoupleShown, forms: Sequence[SentForm], since: datetime | None) -> tuple[Wish, ...]:
    latest: dict[Label, str] = {}
    for form in check_ins(forms):
        text = form.value("t2")
        if isinstance(text, str) and text and (since is None or form.submitted_at > since):
            latest[form.label] = text
    return tuple(Wish(label, name, latest[label]) for label, name in names_of(shown).items() if label in latest)


def _own_notes(shown: CoupleShown) -> tuple[OwnNote, ...]:
    """The coach's own open threads and reminders, newest first."""
    couple_id = shown.couple_id
    rows = db.session.scalars(
        select(Note)
        .where(Note.couple_id == couple_id, Note.kind != NoteKind.AGREED, Note.closed_at.is_(None))
        .order_by(Note.written_at.desc(), Note.id)
        .limit(MOST_NOTES)
    )
    return tuple(
        OwnNote(text, note.written_at)
        for note in rows.all()
        if (text := vault.unseal_or_none(couple_id, "notes.text", note.id, note.text)) is not None
    )
