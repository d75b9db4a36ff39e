"""The form of one's own calendar feed."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField


class CalendarForm(FlaskForm):  # type: ignore[misc]  # flask_wtf publishes no types
    alone = BooleanField(_l("Also what I come to alone"))
