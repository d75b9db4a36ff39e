"""The form that asks for the briefs of a day."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField
from wtforms.validators import InputRequired

from portal.domain.errors import Invalid
from portal.web.forms.words import words_for


class DayPackForm(FlaskForm):  # type: ignore[misc]  # flask_wtf publishes no types
    day = DateField(_l("Which day"), [InputRequired(_l("Choose a day."))])

    def refuse(self, refusal: Invalid) -> None:
        self.day.errors = [words_for(refusal)]
