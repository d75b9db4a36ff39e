"""The form with which a coach offers a choice of small steps."""

from uuid import UUID

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import RadioField, SelectMultipleField, StringField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from portal.domain.assignments import For
from portal.domain.people import Label
from portal.services.choices import ChoicePage, NewChoice
from portal.services.programme import LibraryEntry
from portal.web.forms.fields import LastDayField
from portal.web.forms.lines import one_line
from portal.web.forms.refusals import RefusableForm


def _offered(_form: FlaskForm, field: SelectMultipleField | RadioField) -> None:
    known = {str(choice[0]) for choice in field.iter_choices()}
    typed = field.data if isinstance(field.data, list) else [field.data]
    if not set(typed) <= known:
        raise ValidationError(gettext("Choose from these."))


class ChoiceForm(RefusableForm):
    steps = SelectMultipleField(
        _l("Two or three, each done alone"),
        [_offered],
        choices=[],
        description=_l("What is done together is chosen in the session."),
        validate_choice=False,
    )
    given_to = RadioField(
        _l("For"), [InputRequired(_l("Choose for whom this is.")), _offered], choices=[], validate_choice=False
    )
    due_on = LastDayField(_l("Until"), [InputRequired(_l("Choose the last day."))])
    why = StringField(
        _l("They read this above the choice"),
        filters=[one_line],
        description=_l("With “each”, each reads the same line: say nothing in it about one of the two."),
    )

    @classmethod
    def of(cls, offer: ChoicePage, **more: object) -> "ChoiceForm":
        """The form for a couple; the steps of where they are come first."""
        form = cls(**more)
        form.steps.choices = [SelectChoice(str(one.id), _words(one)) for one in offer.alone]
        form.given_to.choices = [
            SelectChoice(For.BOTH.value, gettext("Each of them")),
            SelectChoice(For.A.value, offer.partners.get(Label.A, "A")),
            SelectChoice(For.B.value, offer.partners.get(Label.B, "B")),
        ]
        return form

    def start(self, offer: ChoicePage) -> "ChoiceForm":
        """Set what a fresh form offers first."""
        self.given_to.data, self.due_on.data = For.BOTH.value, offer.due_on
        return self

    @property
    def new(self) -> NewChoice:
        """What was asked for; only of a form that is valid."""
        steps = tuple(UUID(one) for one in self.steps.data or ())
        return NewChoice(steps, For(self.given_to.data), self.due_on.data, self.why.data or "")


def _words(one: LibraryEntry) -> str:
    return str(gettext("%(title)s (%(num)s min)", title=one.title, num=one.minutes))
