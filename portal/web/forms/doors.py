"""Forms at the doors: signing in, asking for a reset, choosing a pass phrase, accepting an invitation."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, PasswordField, SelectField, StringField
from wtforms.validators import InputRequired, Length

from portal.domain.consent import LONGEST_SIGNATURE, Terms
from portal.services.settings_of_person import zones
from portal.services.staff_doors import ComingIn, StaffDoor
from portal.web.forms.account import zone_choices
from portal.web.forms.consent import GIVE_NAME as GIVE_SIGNATURE
from portal.web.forms.consent import SIGN_WITH, number_in
from portal.web.forms.lines import one_line

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
    signature = StringField(SIGN_WITH, [InputRequired(GIVE_SIGNATURE), Length(max=LONGEST_SIGNATURE)])
    agreed = BooleanField(
        _l("I have read the text and who sees what, and I take part of my own accord."),
        [InputRequired(_l("Tick this if you agree."))],
    )
    text_version = HiddenField()
    policy_version = HiddenField()

    def begin_with(self, terms: Terms) -> None:
        """Say what stands on the page that is made now."""
        self.text_version.data, self.policy_version.data = str(terms.text_version), str(terms.policy_version)

    @property
    def read(self) -> Terms | None:
        """What stood on the page; None where the form does not say."""
        if not self.text_version.data and not self.policy_version.data:
            return None
        return Terms(number_in(self.text_version), number_in(self.policy_version))


class AcceptStaffForm(FlaskForm):  # type: ignore[misc]
    """A colleague's door. The first of a practice is asked for its name and zone as well; for others the fields go."""

    practice_name = StringField(_l("What the practice is called"), [Length(max=100)], filters=[one_line])
    zone = SelectField(_l("Where it is"), choices=lambda: zone_choices(zones()), validate_choice=False)
    name = StringField(_l("The name that you go by"), [Length(max=100)], filters=[one_line])
    code = StringField(
        _l("Your six-digit code"), [InputRequired(_l("Give the code that you were told.")), Length(max=20)]
    )
    passphrase = PasswordField(_l("Pass phrase"), [InputRequired(_l("Choose a pass phrase.")), Length(max=1000)])

    def start_with(self, door: StaffDoor, *, is_typed: bool) -> None:
        """Let what is known stand in the fields, unless something was typed."""
        if not is_typed:
            self.name.data, self.practice_name.data, self.zone.data = door.name, door.practice_name, door.zone
        if not door.is_first:
            del self.practice_name, self.zone

    @property
    def said(self) -> ComingIn:
        is_first = self.zone is not None
        return ComingIn(
            self.name.data or "",
            self.passphrase.data,
            (self.practice_name.data or "") if is_first else "",
            (self.zone.data or "") if is_first else "",
        )


class RevealForm(FlaskForm):  # type: ignore[misc]
    passphrase = PasswordField(_l("Your pass phrase"), [InputRequired(_l("Give your pass phrase.")), Length(max=1000)])
