"""The forms with which a coach assigns: what, for whom, until when and why; then later, again, or something else."""

from uuid import UUID

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    TimeField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Optional

from portal.domain.assignments import For
from portal.domain.people import Label
from portal.domain.repeats import USUAL_TIME, Again
from portal.services.assignments import NewAssignment, Rewording
from portal.services.offers import Choice, Offer
from portal.services.swapping import Instead
from portal.web.forms.fields import NO_NUMBER, LastDayField, offered
from portal.web.forms.lines import one_line
from portal.web.forms.practice import week_days
from portal.web.forms.refusals import RefusableForm


class ExtendForm(FlaskForm):  # type: ignore[misc]  # flask_wtf publishes no types
    due_on = LastDayField(_l("A later last day"), [InputRequired(_l("Choose the last day."))])


NO_TIME = _l("Give the time as hours and minutes, such as 08:00.")


class RepetitionForm(FlaskForm):  # type: ignore[misc]
    """Which of the buttons was pressed, and why one time is left out."""

    act = StringField()
    reason = StringField(_l("Why, for yourself"), filters=[one_line])


class InsteadForm(RefusableForm):
    """What is given in the place of something."""

    exercise = RadioField(_l("What"), [InputRequired(_l("Choose an exercise.")), offered], validate_choice=False)
    due_on = LastDayField(_l("Until"), [InputRequired(_l("Choose the last day."))])
    why = TextAreaField(_l("They read this above the task"))
    cleared = BooleanField(_l("A qualified clinician has cleared work with both"))

    @property
    def instead(self) -> Instead:
        """What was asked for; only of a form that is valid."""
        return Instead(UUID(self.exercise.data), self.due_on.data, self.why.data or "", bool(self.cleared.data))


class VariantForm(RefusableForm):
    """Another exercise, and whether it is an easier version of this one, a harder, or neither."""

    other = SelectField(_l("Another exercise"), [offered], validate_choice=False)
    way = RadioField(
        _l("It is"),
        [InputRequired(_l("Choose one of these.")), offered],
        choices=[
            SelectChoice("easier", _l("an easier version")),
            SelectChoice("harder", _l("a harder version")),
            SelectChoice("neither", _l("neither")),
        ],
        validate_choice=False,
    )


def _day(typed: object) -> int:
    """The day of the week, counted from 1; 0 for what is none, which no rule takes."""
    return int(str(typed)) if str(typed) in set("1234567") else 0


def _or(given: int | None, usual: int) -> int:
    return usual if given is None else given


class AssignForm(RefusableForm):
    step = SelectField(_l("Step"), validate_choice=False)
    exercise = RadioField(
        _l("What"), [InputRequired(_l("Choose an exercise, or the check-in.")), offered], validate_choice=False
    )
    again = RadioField(
        _l("How often"),
        [Optional(), offered],
        choices=[SelectChoice("once", _l("Once")), SelectChoice("again", _l("Again and again"))],
        description=_l(
            "Again and again: now, then each week on this weekday until you end it. What is done together comes once."
        ),
        validate_choice=False,
    )
    weekdays = SelectMultipleField(_l("On these days"), coerce=_day, choices=week_days(), validate_choice=False)
    at = TimeField(_l("At"), [Optional()], invalid_value_message=NO_TIME)
    every_weeks = IntegerField(_l("Every so many weeks"), [Optional()], invalid_value_message=NO_NUMBER)
    times = IntegerField(
        _l("So many times in all"),
        [Optional()],
        description=_l("This one counts. Empty: until you end it."),
        invalid_value_message=NO_NUMBER,
    )
    until = LastDayField(_l("Or up to this day"), [Optional()])
    given_to = RadioField(
        _l("For"),
        [InputRequired(_l("Choose for whom this is.")), offered],
        description=_l("What is done together is for both, as a joint task; what is done alone is never a joint task."),
        validate_choice=False,
    )
    due_on = LastDayField(_l("Until"), [InputRequired(_l("Choose the last day."))])
    why = TextAreaField(_l("They read this above the task"))
    obstacle = TextAreaField(
        _l("What could get in the way, and what then?"),
        description=_l("How a task is set up matters more than how it is checked."),
    )
    title = StringField(_l("Title"))
    purpose = TextAreaField(_l("What it is for"))
    cleared = BooleanField(_l("A qualified clinician has cleared work with both"))
    instructions = TextAreaField(_l("How to do it"), description=_l("One step a line, eight at most."))

    def fill(self, offer: Offer, step: str) -> None:
        """Set what can be chosen for this couple; `step` is the one whose exercises come first."""
        self.step.choices = [SelectChoice(found.slug, found.title) for found in offer.steps]
        self.exercise.choices = [
            SelectChoice(str(choice.entry.id), choice.definition.title) for choice in offer.choices
        ]
        self.given_to.choices = [
            SelectChoice(For.BOTH.value, gettext("Both")),
            SelectChoice(For.A.value, offer.partners.get(Label.A, "A")),
            SelectChoice(For.B.value, offer.partners.get(Label.B, "B")),
            SelectChoice(For.JOINT.value, gettext("Joint task")),
        ]
        self.step.data = self.step.data or step

    def start_with(self, offer: Offer, choice: Choice | None) -> None:
        """Set what a fresh form offers first."""
        self.exercise.data = str(choice.entry.id) if choice else None
        self.given_to.data = For.BOTH.value
        self.due_on.data = offer.due_on
        self.again.data = "once"

    @property
    def new(self) -> NewAssignment:
        """What was asked for; only of a form that is valid."""
        lines = tuple(line for line in (self.instructions.data or "").splitlines() if line.strip())
        return NewAssignment(
            UUID(self.exercise.data),
            For(self.given_to.data),
            self.due_on.data,
            self.why.data or "",
            self.obstacle.data or "",
            self._again(),
            Rewording(self.title.data or "", self.purpose.data or "", lines),
            bool(self.cleared.data),
        )

    def _again(self) -> Again | None:
        if self.again.data != "again":
            return None
        weekdays, at = tuple(sorted(set(self.weekdays.data or ()))), self.at.data or USUAL_TIME
        return Again(weekdays, at, _or(self.every_weeks.data, 1), self.times.data, self.until.data)

    @property
    def says_more_of_again(self) -> bool:
        """Whether more was said, or is wrong, about when it comes again than that it does."""
        more = (self.weekdays, self.at, self.every_weeks, self.times, self.until)
        return any(field.errors or any(field.raw_data or ()) for field in more)

    def take_instead(self, questionnaire_id: str) -> None:
        """Choose something that is done alone in place of what was chosen; everything that was typed stays."""
        self.exercise.data = questionnaire_id
        if self.given_to.data == For.JOINT.value:
            self.given_to.data = For.BOTH.value
