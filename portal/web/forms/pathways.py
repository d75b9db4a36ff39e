"""The forms of a couple's pathway: a step put on it, changed, moved, confirmed or left out."""

from collections.abc import Iterable
from uuid import UUID

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, IntegerField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Optional

from portal.domain.assignments import For
from portal.domain.pathways import ReleaseKind
from portal.domain.people import Label
from portal.domain.programme import Kind
from portal.services.pathway_changing import ChangedStep, StepToChange
from portal.services.pathway_shown import PathwayShown
from portal.services.pathways import NewStep
from portal.services.programme import LibraryEntry
from portal.web.forms.fields import LastDayField, offered
from portal.web.forms.lines import one_line
from portal.web.forms.refusals import RefusableForm

NO_DAYS = _l("Give a number of days in digits.")
USUAL_DAYS = 7
NO_STEP = UUID(int=0)


class OpensForm(RefusableForm):
    """What opens a step, for how long, and the words above it."""

    kind = RadioField(
        _l("It opens"),
        [InputRequired(_l("Choose what opens it.")), offered],
        choices=[
            SelectChoice(ReleaseKind.AT_ONCE.value, _l("At once")),
            SelectChoice(ReleaseKind.ON_DAY.value, _l("On a day, at 08:00 where each of them is")),
            SelectChoice(
                ReleaseKind.AFTER_OWN.value, _l("For each once they have sent their own form of another step")
            ),
            SelectChoice(ReleaseKind.BY_COACH.value, _l("When you open it")),
        ],
        description=_l("What is done together opens when you open it, whatever you choose here."),
        validate_choice=False,
    )
    day = LastDayField(_l("On which day"), [Optional()])
    after = SelectField(_l("After which step"), choices=[], validate_choice=False)
    days = IntegerField(
        _l("How many days later"),
        [Optional()],
        description=_l("0 is as soon as they have sent; else at 08:00 where each of them is."),
        invalid_value_message=NO_DAYS,
    )
    days_open = IntegerField(_l("Open for how many days"), [InputRequired(NO_DAYS)], invalid_value_message=NO_DAYS)
    why = TextAreaField(_l("They read this above the task"))

    @property
    def waits_for(self) -> UUID | None:
        """The step that was chosen to wait for; None for what was not offered."""
        known = {str(choice.value) for choice in self.after.choices} - {""}
        return UUID(self.after.data) if self.after.data in known else None


class PathwayStepForm(OpensForm):
    exercise = SelectField(
        _l("What"), [InputRequired(_l("Choose an exercise.")), offered], choices=[], validate_choice=False
    )
    given_to = RadioField(
        _l("For"),
        [InputRequired(_l("Choose for whom this is.")), offered],
        choices=[],
        validate_choice=False,
    )

    def offer(self, library: Iterable[LibraryEntry], found: PathwayShown) -> "PathwayStepForm":
        """Offer what is in the library now, and what stands on the pathway already to wait for."""
        entries = [entry for entry in library if entry.kind is Kind.EXERCISE]
        self.exercise.choices = [
            SelectChoice("", gettext("Choose an exercise")),
            *(SelectChoice(str(one.id), _words(one)) for one in entries),
        ]
        self.given_to.choices = [
            SelectChoice(For.BOTH.value, gettext("Both")),
            SelectChoice(For.A.value, found.names.get(Label.A, "A")),
            SelectChoice(For.B.value, found.names.get(Label.B, "B")),
        ]
        left = [step for step in found.steps if not step.is_skipped]
        self.after.choices = [
            SelectChoice("", gettext("Choose a step")),
            *(SelectChoice(str(step.step_id), step.title) for step in left),
        ]
        return self

    def start(self) -> "PathwayStepForm":
        """Set what a fresh form offers first."""
        self.given_to.data, self.kind.data = For.BOTH.value, ReleaseKind.AT_ONCE.value
        self.days.data, self.days_open.data = 0, USUAL_DAYS
        return self

    @property
    def new(self) -> NewStep:
        """What was asked for; only of a form that is valid."""
        return NewStep(
            UUID(self.exercise.data),
            For(self.given_to.data),
            ReleaseKind(self.kind.data),
            self.day.data,
            self.waits_for,
            self.days.data or 0,
            self.days_open.data,
            self.why.data or "",
        )


class ChangeStepForm(OpensForm):
    newest = BooleanField(_l("In the words that your library has now"))

    def offer(self, step: StepToChange) -> "ChangeStepForm":
        """Offer the steps before it to wait for; what is done together is opened by the coach.

        Words are asked for as long as nobody has it, and the newest form where there is a newer one.
        """
        earlier = (SelectChoice(str(step_id), title) for step_id, title in step.earlier)
        self.after.choices = [SelectChoice("", gettext("Choose a step")), *earlier]
        if step.is_joint:
            del self.kind, self.day, self.after, self.days
        if step.newest is None:
            del self.newest
        if step.reached:
            del self.why
        return self

    def show(self, step: StepToChange) -> "ChangeStepForm":
        """Let what stands there now stand in the fields."""
        self.days_open.data = step.days_open
        if self.why:
            self.why.data = step.why
        if self.kind:
            self.kind.data, self.day.data, self.days.data = step.kind.value, step.day, step.days
            self.after.data = str(step.after) if step.after else ""
        return self

    @property
    def changed(self) -> ChangedStep:
        """What it becomes; only of a form that is valid."""
        days_open, is_newest = self.days_open.data, bool(self.newest and self.newest.data)
        why = (self.why.data or "") if self.why else None
        if not self.kind:
            return ChangedStep(ReleaseKind.BY_COACH, days_open=days_open, why=why, is_newest=is_newest)
        opens = (ReleaseKind(self.kind.data), self.day.data, self.waits_for, self.days.data or 0)
        return ChangedStep(*opens, days_open, why, is_newest)


class SkipForm(FlaskForm):  # type: ignore[misc]
    why = StringField(
        _l("Why, in one line"), filters=[one_line], description=_l("Neither of them reads this."), id="skip-why"
    )


class ConfirmForm(FlaskForm):  # type: ignore[misc]
    cleared = BooleanField(_l("A qualified clinician has cleared work with both"))


class OrderForm(FlaskForm):  # type: ignore[misc]
    """Two buttons at each step, of which one was pressed."""

    up = StringField()
    down = StringField()

    @property
    def is_up(self) -> bool:
        return bool(self.up.data)

    @property
    def step_id(self) -> UUID:
        """The step that is to move; what is no id is no step's."""
        try:
            return UUID(self.up.data or self.down.data or "")
        except ValueError:
            return NO_STEP


def _words(entry: LibraryEntry) -> str:
    if entry.audience.is_joint:
        return str(gettext("%(title)s (%(num)s min, together)", title=entry.title, num=entry.minutes))
    return str(gettext("%(title)s (%(num)s min, alone)", title=entry.title, num=entry.minutes))
