"""The form under a response: a line of feedback, or none."""

from datetime import UTC, datetime

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, TextAreaField
from wtforms.validators import Length

from portal.services.reviews import MOST_CHARACTERS

NEVER = datetime(1970, 1, 1, tzinfo=UTC)


class ReviewForm(FlaskForm):  # type: ignore[misc]  # flask_wtf publishes no types
    feedback = TextAreaField(
        _l("A line for its author"),
        [Length(max=MOST_CHARACTERS, message=_l("This is longer than %(max)d characters. Please shorten it."))],
    )
    seen = HiddenField()

    @property
    def seen_at(self) -> datetime:
        """When the version was written that stood on the page; what is no instant is long ago."""
        try:
            found = datetime.fromisoformat(self.seen.data or "")
        except ValueError:
            found = NEVER
        return found if found.tzinfo else NEVER
