"""Forms of the page for the coach alone: closing an entry, noting a step, and the day to look again."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, HiddenField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length

NO_DAY = _l("Give the day as a date, such as 2026-11-20.")
TOO_LONG = _l("Use %(max)d characters at most.")


class CloseSignalForm(FlaskForm):  # type: ignore[misc]  # flask_wtf publishes no types
    reason = TextAreaField(
        _l("Why it is closed"),
        [DataRequired(_l("Say why it is closed.")), Length(max=1000, message=TOO_LONG)],
        description=_l("Their words, what was offered, what was decided, and when it will be looked at again."),
    )


class SettleWordForm(CloseSignalForm):
    reason = TextAreaField(
        _l("How it was settled"),
        [DataRequired(_l("Say how it was settled.")), Length(max=1000, message=TOO_LONG)],
        description=_l("A few words, such as “called on Tuesday at noon”."),
    )


class StepForm(FlaskForm):  # type: ignore[misc]
    step = HiddenField()
    line = TextAreaField(
        _l("A line of facts, if you like"),
        [Length(max=1000, message=TOO_LONG)],
        description=_l("It stays as it is; a later line adds to it."),
    )


class ReviewForm(FlaskForm):  # type: ignore[misc]
    on = DateField(_l("Look at it again on"), [InputRequired(_l("Choose the day."))], invalid_value_message=NO_DAY)
