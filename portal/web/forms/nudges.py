"""The form under one partner's copy: one sentence to that one alone."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import StringField

from portal.domain.people import Label


class NudgeForm(FlaskForm):  # type: ignore[misc]  # flask_wtf publishes no types
    """`label` says whose copy it is, and keeps the two forms of a page apart."""

    text = StringField(_l("One sentence of your own"))

    @classmethod
    def of(cls, label: Label, **how: object) -> "NudgeForm":
        return cls(prefix=label.value.lower(), **how)
