"""Forms of the second key: a code at the door, the first code of an app, a passkey, and the pass phrase once more."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField
from wtforms.validators import InputRequired, Length

from portal.web.forms.account import TOO_LONG, own_passphrase
from portal.web.forms.lines import one_line

LONGEST_CODE = 60
LONGEST_CREDENTIAL = 20_000


def code_field(label: str) -> StringField:
    return StringField(label, [Length(max=LONGEST_CODE, message=TOO_LONG)], filters=[one_line])


class SecondKeyForm(FlaskForm):  # type: ignore[misc]  # flask_wtf publishes no types
    """One of two fields is posted: what the app shows, or a spare code."""

    code = code_field(_l("The six digits that your app shows"))
    spare = code_field(_l("One of your spare codes"))

    @property
    def typed(self) -> str:
        typed: str = self.spare.data or self.code.data or ""
        return typed

    def refuse(self, words: str) -> None:
        """Say beside the field that was typed into what is wrong."""
        field = self.spare if self.spare.data else self.code
        field.errors = [words]


class AppCodeForm(FlaskForm):  # type: ignore[misc]
    code = StringField(
        _l("The six digits that it shows now"),
        [InputRequired(_l("Type the six digits.")), Length(max=LONGEST_CODE, message=TOO_LONG)],
    )


class PasskeyForm(FlaskForm):  # type: ignore[misc]
    name = StringField(_l("What to call it"), filters=[one_line])
    credential = HiddenField(validators=[Length(max=LONGEST_CREDENTIAL, message=TOO_LONG)])


class CredentialForm(FlaskForm):  # type: ignore[misc]
    credential = HiddenField(validators=[InputRequired(), Length(max=LONGEST_CREDENTIAL, message=TOO_LONG)])


class StepUpForm(FlaskForm):  # type: ignore[misc]
    passphrase = own_passphrase(_l("Your pass phrase"))
