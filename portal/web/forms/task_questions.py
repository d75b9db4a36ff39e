"""Forms about a task: one line to the coach, one line back, and the pass phrase before either is shown."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import StringField

from portal.web.forms.account import own_passphrase


class AskForm(FlaskForm):  # type: ignore[misc]  # flask_wtf publishes no types
    text = StringField(_l("In one line"))


class ShowForm(FlaskForm):  # type: ignore[misc]
    passphrase = own_passphrase(_l("Your pass phrase"))


class AnswerForm(FlaskForm):  # type: ignore[misc]
    answer = StringField(_l("Your answer, in one line"))
