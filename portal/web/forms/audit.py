"""The filters of the audit trail, as they stand in an address, and what its file asks for besides.

Whom or what there is not, is not filtered by.
"""

from datetime import date
from uuid import UUID
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Optional, ValidationError

from portal.domain.audit import Kind
from portal.services.audit_trail import TrailQuery
from portal.web.forms.account import own_passphrase
from portal.web.forms.fields import whole_number_or_none

YEARS = range(1900, 9000)  # beyond these some midnights are no instants any more
NO_DAY = _l("Give the day as a date, such as 2026-11-20.")
KINDS = {
    Kind.DOOR: _l("Coming in"),
    Kind.REFUSAL: _l("Refused"),
    Kind.READING: _l("Readings"),
    Kind.FORM: _l("Forms"),
    Kind.RELEASE: _l("Releases"),
    Kind.WORK: _l("Work with couples"),
    Kind.EXPORT: _l("Files saved"),
    Kind.KEEPING: _l("Kept and erased"),
    Kind.SETTING: _l("Settings"),
}


def _within_reach(_form: FlaskForm, field: DateField) -> None:
    day: date | None = field.data
    if day is not None and day.year not in YEARS:
        raise ValidationError(NO_DAY)


class TrailForm(FlaskForm):  # type: ignore[misc]  # flask_wtf publishes no types
    class Meta:
        csrf = False  # an address is asked for, and nothing is changed

    person = SelectField(_l("Person"), validate_choice=False, default="")
    kind = SelectField(
        _l("What"),
        choices=[
            SelectChoice("", _l("Everything")),
            *(SelectChoice(kind.value, words) for kind, words in KINDS.items()),
        ],
        validate_choice=False,
        default="",
    )
    since = DateField(_l("From"), [Optional(), _within_reach], invalid_value_message=NO_DAY)
    until = DateField(_l("To"), [Optional(), _within_reach], invalid_value_message=NO_DAY)

    def validate_until(self, field: DateField) -> None:
        """No day lies between a first day and an earlier last one."""
        first: date | None = None if self.since.errors else self.since.data
        if first is not None and field.data is not None and field.data < first:
            raise ValidationError(str(_l("Give a last day that is not before the first.")))

    def query(self, zone: str, page: str) -> TrailQuery:
        """What is asked for, by a form that was validated."""
        kind = self.kind.data or ""
        return TrailQuery(
            ZoneInfo(zone),
            _id_or_none(self.person.data or ""),
            Kind(kind) if kind in set(Kind) else None,
            None if self.since.errors else self.since.data,
            None if self.until.errors else self.until.data,
            whole_number_or_none(page, most_digits=5) or 1,
        )


class TrailFileForm(FlaskForm):  # type: ignore[misc]
    passphrase = own_passphrase(_l("Your pass phrase"))


def _id_or_none(typed: str) -> UUID | None:
    try:
        return UUID(typed)
    except ValueError:
        return None
