"""Forms of how the work with a couple begins: the day of a talk with one alone, and minutes alone in each session."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, IntegerField
from wtforms.validators import InputRequired, NumberRange, Optional

from portal.domain.beginnings import MOST_MINUTES
from portal.web.forms.fields import NO_NUMBER
from portal.web.forms.sessions import NO_DAY


class TalkForm(FlaskForm):  # type: ignore[misc]  # flask_wtf publishes no types
    """On which day one spoke with a partner alone; left empty, it is taken back."""

    spoken_on = DateField(_l("Day of the talk"), [Optional()], invalid_value_message=NO_DAY)


class MinutesForm(FlaskForm):  # type: ignore[misc]
    minutes = IntegerField(
        _l("Minutes with each alone"),
        [
            InputRequired(NO_NUMBER),
            NumberRange(0, MOST_MINUTES, _l("Give a number from %(min)s to %(max)s.")),
        ],
        description=_l("Of every session of both. 0 for none."),
        invalid_value_message=NO_NUMBER,
    )
