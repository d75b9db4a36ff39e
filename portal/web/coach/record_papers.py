"""Records as values for a paper: days in words, answers as they read; times on the coach's own clock."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from flask_babel import gettext

from portal import clock
from portal.domain.answers import Answer
from portal.domain.disclosure import Disclosure
from portal.domain.items import Item
from portal.output.papers import AnswersPaper, JointPaper, PaperAnswer, PaperForm, PaperNote
from portal.services.records import JointRecord, OwnRecord
from portal.services.session_notes import OfRecord
from portal.services.shared import SharedQuestion
from portal.web import filters, guards
from portal.web.about_tasks import about_tasks
from portal.web.forms.answers import in_words


def own(record: OwnRecord) -> AnswersPaper:
    """One partner's own record, for themselves: nothing of the other, and no name but their own and the coach's."""
    days = [(gettext("Session of both"), at) for at in record.together]
    days += [(gettext("Session alone"), at) for at in record.alone]
    facts = (
        (gettext("Name"), record.name),
        *((name, filters.day_year(at)) for name, at in sorted(days, key=lambda day: day[1])),
        *about_tasks(record.questions, record.nudges, gettext("From %(coach)s", coach=record.coach_name)),
    )
    forms = tuple(
        PaperForm(
            form.title,
            form.sent_at and _local(form.sent_at),
            tuple(PaperAnswer(i.label, _words(i, a), _readers(a, record.coach_name)) for i, a in form.answers),
            form.line or "",
            form.entered_by or "",
        )
        for form in record.forms
    )
    note = gettext("Answers to the private questions are not in this file.")
    notes = tuple(map(_note, record.notes))
    return AnswersPaper(_local(clock.now()), str(note), facts, forms, record.coach_name, notes)


def _note(note: OfRecord) -> PaperNote:
    addenda = tuple((filters.day_year(at), text) for at, text in note.addenda)
    return PaperNote(filters.day_year(note.met_at), note.text, addenda)


def _words(item: Item, answer: Answer) -> str:
    return in_words(item, answer) or str(gettext("Skipped"))


def _readers(answer: Answer, coach_name: str) -> str:
    """For whom it was written; the other is not named."""
    if answer.disclosure in (Disclosure.SESSION, Disclosure.SHARED):
        return str(gettext("meant for both"))
    return str(gettext("Only %(coach)s", coach=coach_name))


def joint(record: JointRecord) -> JointPaper:
    """The joint record."""
    forms = tuple(
        (form.title, _day_or_nothing(form.assigned_on), tuple(map(_question, form.questions))) for form in record.forms
    )
    return JointPaper(
        _local(clock.now()),
        record.names,
        record.coach_name,
        record.purpose,
        tuple(filters.day_year(at) for at in record.together),
        tuple((filters.day_year(at), text) for at, text in record.agreed),
        forms,
        tuple(map(_note, record.notes)),
    )


def _day_or_nothing(day: date | None) -> str:
    return filters.day_year(day) if day else ""


def _question(question: SharedQuestion) -> tuple[str, tuple[tuple[str, str], ...]]:
    said = tuple((one.name, _words(question.item, one.answer)) for one in question.answers)
    return question.item.label, said


def _local(value: datetime) -> datetime:
    return value.astimezone(ZoneInfo(guards.zone()))
