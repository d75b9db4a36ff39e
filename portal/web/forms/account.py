"""Forms of one's own account."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, PasswordField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from portal.services.settings_of_person import zones


class SettingsForm(FlaskForm):  # type: ignore[misc]  # flask_wtf publishes no types
    zone = SelectField(_l("Your time zone"), choices=lambda: [SelectChoice(zone, zone) for zone in zones()])
    never_reveals = BooleanField(_l("Never show me my sent private answers again"))


class ChangePassphraseForm(FlaskForm):  # type: ignore[misc]
    old = PasswordField(
        _l("Your present pass phrase"), [InputRequired(_l("Give your present pass phrase.")), Length(max=1000)]
    )
    new = PasswordField(_l("New pass phrase"), [InputRequired(_l("Choose a pass phrase.")), Length(max=1000)])


class ExportForm(FlaskForm):  # type: ignore[misc]
    passphrase = PasswordField(_l("Your pass phrase"), [InputRequired(_l("Give your pass phrase.")), Length(max=1000)])
