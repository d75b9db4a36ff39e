"""What the coach may read of a session's material: facts of the coach copy, and what stands on the screen alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from portal.domain import measured
from portal.domain.answers import Answer
from portal.domain.assignments import For
from portal.domain.brief_choices import Copy
from portal.domain.disclosure import Disclosure
from portal.domain.items import ItemType
from portal.domain.measure_totals import MeasureTotal, total_of
from portal.domain.openers import LibraryExercise, Opener
from portal.domain.people import Label, Viewer
from portal.domain.programme import Audience, Kind
from portal.domain.questionnaires import Questionnaire as Definition
from portal.domain.questionnaires import from_document
from portal.domain.safety import SignalKind
from portal.domain.scoring import Scores
from portal.domain.session_facts import (
    Both,
    CheckIn,
    CoachAccount,
    CoachFacts,
    CoachHomework,
    CoachPartner,
    Figure,
    OpenFlag,
    Progress,
    Quote,
    StripFacts,
)
from portal.domain.sessions import NoteKind
from portal.extensions import db
from portal.models.programme import Step
from portal.models.questionnaires import Questionnaire, QuestionnaireVersion
from portal.services import measure_answers, scope
from portal.services.coach_marks import Marks
from portal.services.joint_facts import AsOf, opened
from portal.services.sent_forms import SentForm
from portal.services.session_material import Given, Material

APPRECIATION, WISH, CONTACT, SAFE_WAY = "t1", "t2", "x3", "x4"
DECLINED = "please_do_not"
PROGRESS, BARRIER, PRIVATE_LINE = "done", "barrier", "private_line"


@dataclass(frozen=True, slots=True)
class Missing:
    """Check-ins of the period that were due: how many did not come by the cut-off, and how many came after it."""

    unanswered: int = 0
    late: int = 0


def read_in_brief(material: Material) -> tuple[UUID, ...]:
    """The responses that the coach copy opens: those of the period, and of homework that was still open in it.

    One that stands in it again because of the other is not among them (who sent late, was given more time, or came to
    a step later): its author reads when their forms were opened, and would learn of it.
    """
    homework = {
        given.assignment_id
        for given in material.given
        if given.own_time_since is None and material.was_given_past(given)
    }
    return tuple(
        form.response_id
        for form in material.forms
        if (material.is_new(form.submitted_at) and form.kind is not Kind.PASSAGE) or form.assignment_id in homework
    )


def coach_facts(
    viewer: Viewer, material: Material, marks: Marks, strip: StripFacts, openers: tuple[Opener, ...]
) -> CoachFacts:
    """The facts of the coach copy. Of the strip it takes one thing: under a hold no joint exercise is proposed."""
    own = material.notes.own
    missing = _missing(material, marks)
    return CoachFacts(
        frame=material.frame,
        kind=material.kind,
        partners=Both(*(_partner(material, label, missing.get(label, Missing())) for label in Label)),
        agreed=material.notes.agreed,
        agenda=tuple(note.text for note in own if note.kind is NoteKind.AGENDA),
        threads=tuple(note.text for note in own if note.kind is NoteKind.THREAD),
        reminders=tuple(
            note.text for note in own if note.kind is NoteKind.REMINDER and material.was_written_since(note.written_at)
        ),
        homework=tuple(_homework(material, given) for given in _of_the_period(material)),
        homework_starts=tuple(given.start for given in material.given if not given.is_withdrawn),
        library=_library(viewer, alone_only=strip.holds),
        done_slugs=_done_slugs(material),
        openers=openers,
        choices=material.choices[Copy.COACH],
    )


def _missing(material: Material, marks: Marks) -> Mapping[Label, Missing]:
    """By partner, the check-ins that were due in the period."""
    found: dict[Label, Missing] = {}
    for label, sent_at in marks.due:
        before = found.get(label, Missing())
        is_late = sent_at is not None and sent_at > material.cut_off
        is_missing = sent_at is None or is_late
        found[label] = Missing(before.unanswered + is_missing, before.late + is_late)
    return found


def _partner(material: Material, label: Label, missing: Missing) -> CoachPartner:
    check_ins = [form for form in material.forms if form.label is label and form.kind is Kind.CHECK_IN]
    recent = [form for form in check_ins if material.is_new(form.submitted_at)]
    return CoachPartner(
        check_ins=tuple(_check_in(form) for form in check_ins),
        wants=_latest_text(recent, WISH),
        glad_of=_latest_text(recent, APPRECIATION),
        unanswered=missing.unanswered,
        late=max(missing.late, sum(one.label is label for one in material.later)),
        glad_key=_latest_key(recent, APPRECIATION),
        wants_key=_latest_key(recent, WISH),
        measures=_measures(material, label),
    )


def _measures(material: Material, label: Label) -> tuple[MeasureTotal, ...]:
    """What came in since the session before, of each measure the latest. A guarded one, whose every answer is locked,
    plays no part: a paper may lie on the table.
    """
    found: dict[str, MeasureTotal] = {}
    for form in material.forms:
        is_theirs = form.kind is Kind.MEASURE and form.label is label and material.is_new(form.submitted_at)
        if is_theirs and (total := _total(form, material)):
            found.pop(form.slug, None)
            found[form.slug] = total
    return tuple(reversed(found.values()))


def _total(form: SentForm, material: Material) -> MeasureTotal | None:
    of = measured.from_section(form.document["measure"])
    if of.concern.is_guarded:
        return None
    on = form.submitted_at.astimezone(material.zone).date()
    return total_of(of.name, of.measure, measure_answers.score_of(of, form.answers), on, form.response_id)


def _check_in(form: SentForm) -> CheckIn:
    """Safety answers are locked, and stay out of everything that is counted or drawn."""
    answers = {
        answer.item_id: answer.value
        for answer in form.answers
        if answer.disclosure is not Disclosure.LOCKED and not isinstance(answer.value, bool)
    }
    return CheckIn(form.submitted_at, form.ordinal, answers, form.scores or Scores(), form.assignment_id)


def _latest_text(forms: Sequence[SentForm], item_id: str) -> str | None:
    return next((str(text) for form in reversed(forms) if (text := form.value(item_id))), None)


def _latest_key(forms: Sequence[SentForm], item_id: str) -> str:
    """What names the quote of `_latest_text`."""
    return next((str(form.response_id) for form in reversed(forms) if form.value(item_id)), "")


def _of_the_period(material: Material) -> list[Given]:
    """Homework that was open in the period, and what came in late from before; taken back only if it was answered."""
    recent = {form.assignment_id for form in material.forms if material.is_new(form.submitted_at)}
    answered = {form.assignment_id for form in material.forms}
    return [
        given
        for given in material.given
        if (material.was_open_since(given) or given.assignment_id in recent)
        and (not given.is_withdrawn or given.assignment_id in answered)
    ]


def _homework(material: Material, given: Given) -> CoachHomework:
    forms = {form.label: form for form in material.forms if form.assignment_id == given.assignment_id}
    accounts = Both(*(_account_of(label, forms, given, material.cut_off) for label in Label))
    is_joint = given.given_to is For.JOINT
    return CoachHomework(given.title, given.why, given.assigned_on, accounts, is_joint, given.assignment_id)


def _account_of(label: Label, forms: Mapping[Label, SentForm], given: Given, cut_off: datetime) -> CoachAccount | None:
    if label in forms:
        return account_of(forms[label], cut_off)
    return CoachAccount() if label in given.reached else None


def account_of(form: SentForm, cut_off: datetime) -> CoachAccount:
    """What one partner wrote about a piece of homework, as the coach may read it; locked answers play no part."""
    definition = from_document(form.document)
    answers = {answer.item_id: answer for answer in form.answers if answer.disclosure is not Disclosure.LOCKED}
    return CoachAccount(
        progress=_progress(form),
        barrier=_option_label(definition, BARRIER, form.value(BARRIER)),
        learning=_learning(definition, answers, _open_to_both(form, cut_off)),
        figures=tuple(
            Figure(item.label, value)
            for item in definition.items
            if item.type in (ItemType.SCALE, ItemType.NUMBER)
            and item.id in answers
            and isinstance(value := answers[item.id].value, int)
        ),
        key=str(form.response_id),
    )


def _progress(form: SentForm) -> Progress | None:
    value = form.value(PROGRESS)
    return Progress(value) if value in list(Progress) else None


def _option_label(definition: Definition, item_id: str, value: object) -> str | None:
    items = {item.id: item for item in definition.items}
    options = items[item_id].options if item_id in items else ()
    return next((option.label for option in options if option.value == value), None)


def _learning(definition: Definition, answers: Mapping[str, Answer], open_now: Sequence[Answer]) -> Quote | None:
    """The first of the exercise's own texts; the line for the coach alone where there is no other."""
    texts = [item.id for item in definition.items if item.type is ItemType.TEXT]
    ordered = sorted(texts, key=lambda item_id: item_id == PRIVATE_LINE)
    said = (answers[item_id] for item_id in ordered if item_id in answers and answers[item_id].value)
    return next((Quote(str(found.value), found.disclosure, found in open_now) for found in said), None)


def _open_to_both(form: SentForm, cut_off: datetime) -> list[Answer]:
    """The answers that the other partner may read, by the same door as the joint copy; not yet what was corrected."""
    found = opened(form, AsOf.one(cut_off))
    return [answer for answer, _ in found.answers] if found else []


def _library(viewer: Viewer, *, alone_only: bool) -> tuple[LibraryExercise, ...]:
    """What may be proposed, in the programme's order, each in its latest words; one statement."""
    in_use = scope.library(viewer).with_only_columns(Questionnaire.id)
    statement = (
        select(
            Questionnaire.slug,
            Questionnaire.step,
            QuestionnaireVersion.title,
            QuestionnaireVersion.minutes,
            QuestionnaireVersion.audience,
        )
        .join(QuestionnaireVersion, QuestionnaireVersion.questionnaire_id == Questionnaire.id)
        .join(Step, (Step.practice_id == Questionnaire.practice_id) & (Step.slug == Questionnaire.step))
        .where(
            Questionnaire.id.in_(in_use),
            Questionnaire.kind == Kind.EXERCISE,
            Questionnaire.retired_at.is_(None),
            QuestionnaireVersion.couple_id.is_(None),
        )
        .order_by(Step.position, Questionnaire.position, QuestionnaireVersion.number)
    )
    latest = {
        row.slug: LibraryExercise(row.slug, str(row.step), row.title, row.minutes, row.audience)
        for row in db.session.execute(statement)
    }
    return tuple(one for one in latest.values() if not alone_only or one.audience == Audience.ALONE)


def _done_slugs(material: Material) -> frozenset[str]:
    """What was done, in part at least, by either, and what was given in the period."""
    tried = {form.slug for form in material.forms if _progress(form) in (Progress.DONE, Progress.PARTLY)}
    given = {given.slug for given in material.given if material.was_open_since(given) and not given.is_withdrawn}
    return frozenset(tried | given)


def strip_facts(material: Material, marks: Marks) -> StripFacts:
    """What stands before the door on the coach's screen: signals that are not closed."""
    flags = [(label, raised_at) for label, kind, raised_at in marks.signals if kind is SignalKind.FLAG]
    return StripFacts(
        flags=tuple(
            OpenFlag(label, raised_at.astimezone(material.zone).date(), *_reached(material.latest, label))
            for label, raised_at in flags
        ),
        soft_flags=Both(*(_count(marks, SignalKind.SOFT_FLAG, label) for label in Label)),
        asked_for_a_word=Both(*(_count(marks, SignalKind.WORD, label) > 0 for label in Label)),
        holds=bool(flags),
    )


def _count(marks: Marks, kind: SignalKind, label: Label) -> int:
    return sum(found_kind is kind and found_label is label for found_label, found_kind, _ in marks.signals)


def _reached(forms: Sequence[SentForm], label: Label) -> tuple[str | None, bool]:
    """The safe way somebody gave last, and whether they said last that they are not to be contacted."""
    own = [form for form in forms if form.label is label]
    return _latest_text(own, SAFE_WAY), _latest_text(own, CONTACT) == DECLINED
