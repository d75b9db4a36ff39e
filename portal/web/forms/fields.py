"""What fields of several forms have in common: a day, one of what was offered, a whole number."""

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, RadioField, SelectField, ValidationError

NO_NUMBER = _l("Give a whole number in digits.")


class LastDayField(DateField):  # type: ignore[misc]  # wtforms publishes no types
    """A day; what is none is said in our words, and stays in the field."""

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(gettext("Give the day as a date, such as 2026-11-20.")) from None


def offered(_form: FlaskForm, field: RadioField | SelectField) -> None:
    """Hold a field to what it offers, in our words."""
    if field.data not in {str(choice[0]) for choice in field.iter_choices()}:
        raise ValidationError(gettext("Choose one of these."))


def whole_number_or_none(raw: str, *, most_digits: int = 9) -> int | None:
    """A whole number typed in digits, in an address or a hidden field; None for what is none, or is longer."""
    return int(raw) if raw.isascii() and raw.isdecimal() and len(raw) <= most_digits else None
