"""Forms of what a practice keeps: whom it is about, and for how long."""

from collections.abc import Iterable
from uuid import UUID

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import IntegerField, RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, ValidationError

from portal.domain.erasure import LONGEST_NOTE, MONTHS, RunsFrom

NO_NUMBER = _l("Give the number of months in digits.")


def _sensible(_form: FlaskForm, field: IntegerField) -> None:
    """What is no number has its line already."""
    least, most = MONTHS
    if field.data is not None and not least <= field.data <= most:
        raise ValidationError(
            str(_l("Give a number of months from %(least)s to %(most)s.")) % {"least": least, "most": most}
        )


class PersonForm(FlaskForm):  # type: ignore[misc]  # flask_wtf publishes no types
    person = SelectField(_l("Whom"), [InputRequired(_l("Choose whom it is about."))], validate_choice=False)

    def offer(self, people: Iterable[tuple[UUID, str]]) -> "PersonForm":
        self.person.choices = [
            SelectChoice("", _l("Choose somebody")),
            *(SelectChoice(str(person_id), name) for person_id, name in people),
        ]
        return self


class RetentionForm(FlaskForm):  # type: ignore[misc]
    runs_from = RadioField(
        _l("From when"),
        [InputRequired(_l("Choose from when the time runs."))],
        choices=[
            SelectChoice(RunsFrom.END_OF_WORK.value, _l("From the end of the work")),
            SelectChoice(RunsFrom.LAST_CONTACT.value, _l("From the last form or session")),
        ],
    )
    months = IntegerField(
        _l("How many months"),
        [
            InputRequired(NO_NUMBER),
            _sensible,
        ],
        invalid_value_message=NO_NUMBER,
    )
    note = StringField(
        _l("Why, in your own words"),
        [Length(max=LONGEST_NOTE, message=_l("The reason is too long."))],
        description=_l("The law or the rule that you follow. Check the one that holds where you are."),
    )
