"""Forms around a session: planning and moving one, a note on it, and its close."""

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, IntegerField, RadioField, SelectField, StringField, TextAreaField, TimeField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from portal.domain.errors import Refused
from portal.domain.sessions import (
    MINUTES,
    MOST_IN_NOTE,
    MOST_IN_PLACE,
    TIMES,
    Attendance,
    NoteKind,
    Series,
    SessionKind,
    attendance_of,
    instant,
    instants,
)
from portal.services.sessions import NewSession, SessionLine, SessionShown
from portal.web.forms.fields import NO_NUMBER
from portal.web.forms.words import words_for

TOO_LONG = _l("This is longer than %(max)d characters. Please shorten it.")
USUAL_MINUTES = 60


NO_DAY = _l("Give the day as a date, such as 2026-11-20.")
NO_TIME = _l("Give the time as hours and minutes, such as 18:00.")


def _sensible(form: FlaskForm, field: IntegerField) -> None:
    low, high = MINUTES
    if field.data is not None and not low <= field.data <= high:
        raise ValidationError(gettext("Give a number from %(minimum)s to %(maximum)s.", minimum=low, maximum=high))


def _not_too_many(form: FlaskForm, field: IntegerField) -> None:
    low, high = TIMES
    if field.data is not None and not low <= field.data <= high:
        raise ValidationError(gettext("Give a number from %(minimum)s to %(maximum)s.", minimum=low, maximum=high))


def _whole(typed: object) -> int:
    """The number of weeks; what is none counts as a number that no series takes."""
    return int(str(typed)) if str(typed) in {"0", "1", "2", "3", "4"} else -1


class SessionForm(FlaskForm):  # type: ignore[misc]  # flask_wtf publishes no types
    """What every form around a session does with a refusal."""

    def refuse(self, error: Refused) -> None:
        """Put the sentence for a refusal beside the field that it is about, or over the form."""
        name = {"text": "agreed_1"}.get(str(error.params.get("field")), str(error.params.get("field")))
        name = name if name in self else f"next_{name}"
        if name in self:
            self[name].errors = [*self[name].errors, words_for(error)]
        else:
            self.form_errors.append(words_for(error))


class WhoForm(SessionForm):
    """With whom; it stands before the time, on the page and in the list of what is wrong."""

    couple = SelectField(_l("Couple"), [InputRequired(_l("Choose a couple."))], validate_choice=False, default="")
    kind = RadioField(_l("Who comes"), [InputRequired(_l("Say who comes."))], validate_choice=False)


class MoveForm(SessionForm):
    day = DateField(_l("Day"), [InputRequired(_l("Choose the day."))], invalid_value_message=NO_DAY)
    time = TimeField(_l("Time"), [InputRequired(_l("Choose the time."))], invalid_value_message=NO_TIME)
    minutes = IntegerField(
        _l("Minutes"),
        [InputRequired(_l("Say how many minutes it takes.")), _sensible],
        invalid_value_message=NO_NUMBER,
    )
    place = StringField(
        _l("Place"),
        [Length(max=MOST_IN_PLACE, message=TOO_LONG)],
        description=_l("They read it: a room, or “by video”."),
    )

    def start_with(self, line: SessionLine, zone: str) -> None:
        """What stands now, on the practice's clock."""
        on_the_wall = line.starts_at.astimezone(ZoneInfo(zone))
        self.day.data, self.time.data = on_the_wall.date(), on_the_wall.time()
        self.minutes.data, self.place.data = line.minutes, line.place

    def starts_at(self, zone: str) -> datetime:
        """The instant that was typed, on the practice's clock. Raises Invalid."""
        return instant(self.day.data, self.time.data, zone)


class PlanForm(MoveForm, WhoForm):
    """A new session, once or as a series."""

    every_weeks = SelectField(
        _l("How often"),
        [Optional()],
        choices=[
            SelectChoice("0", _l("Once")),
            SelectChoice("1", _l("Every week")),
            SelectChoice("2", _l("Every two weeks")),
            SelectChoice("3", _l("Every three weeks")),
            SelectChoice("4", _l("Every four weeks")),
        ],
        coerce=_whole,
        validate_choice=False,
        default="0",
    )
    times = IntegerField(
        _l("How many in all"),
        [Optional(), _not_too_many],
        description=_l("Each can be moved or called off by itself."),
        invalid_value_message=NO_NUMBER,
    )

    def fill(self, couples: tuple[tuple[UUID, str], ...], chosen: UUID | None) -> None:
        """Set what can be chosen; `chosen` is the couple that the page is about."""
        self.couple.choices = [
            SelectChoice("", gettext("Choose a couple")),
            *(SelectChoice(str(id_), text) for id_, text in couples),
        ]
        if chosen and not self.couple.data:
            self.couple.data = str(chosen)
        a, _, b = {str(id_): text for id_, text in couples}.get(self.couple.data or "", "").partition(" & ")
        self.kind.choices = [
            SelectChoice(SessionKind.JOINT.value, gettext("Both")),
            SelectChoice(SessionKind.INDIVIDUAL_A.value, self._alone(a) or gettext("The one named first, alone")),
            SelectChoice(SessionKind.INDIVIDUAL_B.value, self._alone(b) or gettext("The one named second, alone")),
        ]
        self.kind.data = self.kind.data or SessionKind.JOINT.value
        if not self.is_submitted():
            self.minutes.data = USUAL_MINUTES

    def _alone(self, name: str) -> str:
        return gettext("%(name)s alone", name=name) if name else ""

    def validate_couple(self, field: SelectField) -> None:
        if field.data not in {choice.value for choice in field.choices}:
            raise ValidationError(gettext("Choose a couple."))

    def validate_kind(self, field: RadioField) -> None:
        if field.data not in {choice.value for choice in field.choices}:
            raise ValidationError(gettext("Say who comes."))

    def validate_every_weeks(self, field: SelectField) -> None:
        if field.data not in {int(choice.value) for choice in field.choices}:
            raise ValidationError(gettext("Choose one of these."))

    def validate(self, extra_validators: object = None) -> bool:
        """Each field, and that it is said how many there are of what comes again."""
        is_valid: bool = super().validate(extra_validators)
        if self.every_weeks.data and self.times.data is None and not self.times.errors:
            self.times.errors = [gettext("Say how many there are in all.")]
            is_valid = False
        return is_valid

    def new(self, zone: str) -> NewSession:
        """What was asked for; only of a form that is valid. Raises Invalid."""
        return NewSession(SessionKind(self.kind.data), self.starts_at(zone), self.minutes.data, self.place.data or "")

    def later(self, zone: str) -> tuple[datetime, ...]:
        """When the same comes again; empty for what comes once. Raises Invalid."""
        if not self.every_weeks.data:
            return ()
        series = Series(self.every_weeks.data, self.times.data)
        return instants(self.day.data, self.time.data, zone, series)[1:]


class AttendanceForm(SessionForm):
    """Who was at a session."""

    attendance = RadioField(_l("Who was there"), [InputRequired(_l("Choose one of these."))], validate_choice=False)

    def fill(self, shown: SessionShown) -> None:
        """Set who can have been there, and what was put down."""
        both = gettext("%(a)s and %(b)s", a=shown.name_a, b=shown.name_b)
        words = {
            Attendance.BOTH: both,
            Attendance.A: shown.name_a if shown.line.attending else gettext("%(name)s alone", name=shown.name_a),
            Attendance.B: shown.name_b if shown.line.attending else gettext("%(name)s alone", name=shown.name_b),
            Attendance.NOBODY: gettext("Nobody came"),
        }
        possible = attendance_of(shown.line.kind)
        self.attendance.choices = [SelectChoice(one.value, words[one]) for one in possible]
        self.attendance.data = self.attendance.data or shown.line.attendance

    def validate_attendance(self, field: RadioField) -> None:
        if field.data not in {choice.value for choice in field.choices}:
            raise ValidationError(gettext("Choose one of these."))


class NoteForm(SessionForm):
    kind = RadioField(_l("What it is"), validate_choice=False)
    text = TextAreaField(
        _l("Your note"),
        [
            InputRequired(_l("Write something first.")),
            Length(max=MOST_IN_NOTE, message=TOO_LONG),
        ],
    )

    def fill(self, shown: SessionShown) -> None:
        """Set what can be written on this session: what both read belongs to sessions of both."""
        self.kind.choices = [
            SelectChoice(NoteKind.AGENDA.value, gettext("On the agenda next time: for you alone")),
            SelectChoice(NoteKind.THREAD.value, gettext("Still open: for you alone")),
            SelectChoice(NoteKind.REMINDER.value, gettext("A reminder for you alone")),
        ]
        if shown.line.is_joint:
            both = gettext("Agreed: %(a)s and %(b)s both read it", a=shown.name_a, b=shown.name_b)
            self.kind.choices.append(SelectChoice(NoteKind.AGREED.value, both))
        self.kind.data = self.kind.data or NoteKind.THREAD.value

    def validate_kind(self, field: RadioField) -> None:
        if field.data not in {choice.value for choice in field.choices}:
            raise ValidationError(gettext("Choose one of these."))

    def refuse(self, error: Refused) -> None:
        self.text.errors = [*self.text.errors, words_for(error)]
