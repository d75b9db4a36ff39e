"""The form under a response: a line of feedback, or none."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import TextAreaField
from wtforms.validators import Length

from portal.services.reviews import MOST_CHARACTERS


class ReviewForm(FlaskForm):  # type: ignore[misc]  # flask_wtf publishes no types
    feedback = TextAreaField(
        _l("A line for its author"),
        [Length(max=MOST_CHARACTERS, message=_l("This is longer than %(max)d characters. Please shorten it."))],
    )
