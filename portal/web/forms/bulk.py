"""The form with which a coach gives the same to many couples."""

from collections.abc import Iterable
from uuid import UUID

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, SelectField, SelectMultipleField, StringField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from portal.domain.bulk import Reason
from portal.services.bulk import NewBulk
from portal.services.programme import LibraryEntry
from portal.web.forms.fields import LastDayField
from portal.web.forms.lines import one_line
from portal.web.forms.refusals import RefusableForm

OTHERWISE = _l("it could not be given; their page may say why")  # a list is open as people walk in: it names no hold
REASONS = {
    Reason.RESTS: _l("the work with them rests"),
    Reason.ONE_GONE: OTHERWISE,
    Reason.HAS_IT: _l("they have it already"),
    Reason.CHECK_IN_NEAR: _l("they had a check-in within four days"),
    Reason.HELD: OTHERWISE,
    Reason.RETIRED: _l("it is no longer in your library"),
    Reason.DAY_OVER: _l("its last day was over by then"),
    Reason.MEASURE: _l("this measure cannot be given to them now"),
    Reason.NOT_YOURS: _l("they were no longer yours to give something to"),
    Reason.OTHERWISE: OTHERWISE,
}


def _ids(_form: FlaskForm, field: SelectMultipleField | SelectField) -> None:
    typed = field.data if isinstance(field.data, list) else [field.data]
    try:
        [UUID(one or "") for one in typed]
    except ValueError:
        raise ValidationError(gettext("Choose from these.")) from None


class BulkForm(RefusableForm):
    couples = SelectMultipleField(_l("To these couples"), [_ids], choices=[], validate_choice=False)
    exercise = SelectField(
        _l("What"),
        [InputRequired(_l("Choose an exercise, or the check-in.")), _ids],
        choices=[],
        description=_l("For both of each couple; what is done together is a joint task."),
        validate_choice=False,
    )
    due_on = LastDayField(_l("Until"), [InputRequired(_l("Choose the last day."))])
    why = StringField(
        _l("They read this above the task"),
        filters=[one_line],
        description=_l("The same line for everybody: say nothing in it about one couple."),
    )
    key = HiddenField()

    def offer(self, couples: Iterable[tuple[UUID, str]], library: Iterable[LibraryEntry]) -> "BulkForm":
        """Offer these couples and what is in the library now."""
        self.couples.choices = [SelectChoice(str(couple_id), names) for couple_id, names in couples]
        self.exercise.choices = [
            SelectChoice("", gettext("Choose an exercise")),
            *(SelectChoice(str(one.id), one.title) for one in library),
        ]
        return self

    @property
    def new(self) -> NewBulk:
        """What was asked for; only of a form that is valid."""
        couple_ids = tuple(UUID(one) for one in self.couples.data or ())
        return NewBulk(UUID(self.exercise.data), couple_ids, self.due_on.data, self.why.data or "")
