"""Forms at the doors: signing in, asking for a reset, choosing a pass phrase, accepting an invitation."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, PasswordField, StringField
from wtforms.validators import InputRequired, Length

NAME = _l("E-mail or user name")
GIVE_NAME = _l("Give your e-mail address or user name.")


class SignInForm(FlaskForm):  # type: ignore[misc]  # flask_wtf publishes no types
    email = StringField(NAME, [InputRequired(GIVE_NAME), Length(max=254)])
    password = PasswordField(_l("Pass phrase"), [InputRequired(_l("Give your pass phrase.")), Length(max=1000)])


class AskResetForm(FlaskForm):  # type: ignore[misc]
    email = StringField(NAME, [InputRequired(GIVE_NAME), Length(max=254)])


class PassphraseForm(FlaskForm):  # type: ignore[misc]
    passphrase = PasswordField(_l("New pass phrase"), [InputRequired(_l("Choose a pass phrase.")), Length(max=1000)])


class AcceptForm(FlaskForm):  # type: ignore[misc]
    code = StringField(
        _l("Your six-digit code"), [InputRequired(_l("Give the code that you were told.")), Length(max=20)]
    )
    user_name = StringField(_l("Your user name here"), [Length(max=100)])
    passphrase = PasswordField(_l("Pass phrase"), [InputRequired(_l("Choose a pass phrase.")), Length(max=1000)])
    agreed = BooleanField(
        _l("I have read who sees what, and I take part of my own accord."),
        [InputRequired(_l("Tick this if you agree."))],
    )


class RevealForm(FlaskForm):  # type: ignore[misc]
    passphrase = PasswordField(_l("Your pass phrase"), [InputRequired(_l("Give your pass phrase.")), Length(max=1000)])
