"""Forms of one's own account."""

from collections.abc import Iterable

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, PasswordField, RadioField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from portal.services.settings_of_person import zones
from portal.web.forms.consent import SignForm

TOO_LONG = _l("This is too long.")


def own_passphrase(label: str) -> PasswordField:
    """The field that asks for the pass phrase again."""
    return PasswordField(label, [InputRequired(_l("Give your pass phrase.")), Length(max=1000, message=TOO_LONG)])


class ZoneForm(FlaskForm):  # type: ignore[misc]  # flask_wtf publishes no types
    zone = SelectField(
        _l("Your time zone"),
        choices=lambda: zone_choices(zones()),
        validate_choice=False,  # the service knows the zones, and has the words
    )

    def keep(self, present: str) -> None:
        """Offer the present zone too, under whichever of its names it was chosen."""
        self.zone.choices = zone_choices(sorted({present, *zones()}))


def zone_choices(offered: Iterable[str]) -> list[SelectChoice]:
    """Zones by name, as a list offers them."""
    return [SelectChoice(zone, zone.replace("_", " ")) for zone in offered]


class RevealingForm(FlaskForm):  # type: ignore[misc]
    never = BooleanField(_l("Never show me my sent private answers again"))
    passphrase = own_passphrase(_l("Your pass phrase"))


class ChangePassphraseForm(FlaskForm):  # type: ignore[misc]
    old = own_passphrase(_l("Your present pass phrase"))
    new = PasswordField(
        _l("New pass phrase"), [InputRequired(_l("Choose a pass phrase.")), Length(max=1000, message=TOO_LONG)]
    )


class ExportForm(FlaskForm):  # type: ignore[misc]
    kind = RadioField(
        _l("As what kind of file"),
        [Optional()],
        choices=[
            SelectChoice("pdf", _l("Pages to read and to print (PDF)")),
            SelectChoice("csv", _l("A table for a spreadsheet (CSV)")),
            SelectChoice("json", _l("A file for another program (JSON)")),
            SelectChoice("fhir", _l("Published questionnaires alone, for another record system (FHIR)")),
        ],
    )
    passphrase = own_passphrase(_l("Your pass phrase"))


class CopyForm(FlaskForm):  # type: ignore[misc]
    passphrase = own_passphrase(_l("Your pass phrase"))


class BeforeSessionForm(FlaskForm):  # type: ignore[misc]
    act = RadioField(
        _l("How would you like it"),
        [InputRequired(_l("Choose how you would like it."))],
        choices=[
            SelectChoice("show", _l("Look at it here")),
            SelectChoice("file", _l("Save it as a PDF, which leaves a file on this device until you delete it")),
        ],
    )
    passphrase = own_passphrase(_l("Your pass phrase"))


class OwnDataForm(FlaskForm):  # type: ignore[misc]
    act = RadioField(
        _l("What would you like"),
        [InputRequired(_l("Choose what you would like to do."))],
        choices=[
            SelectChoice("show", _l("See what is asked for at present")),
            SelectChoice("erase", _l("Ask for everything of mine to be erased")),
            SelectChoice("keep", _l("Take back what I asked for, and keep everything")),
        ],
    )
    passphrase = own_passphrase(_l("Your pass phrase"))


class ReadingsForm(FlaskForm):  # type: ignore[misc]
    passphrase = own_passphrase(_l("Your pass phrase"))


class LeavingForm(FlaskForm):  # type: ignore[misc]
    act = RadioField(
        _l("What would you like"),
        [InputRequired(_l("Choose what you would like to do."))],
        choices=[
            SelectChoice("leave", _l("Stop taking part")),
            SelectChoice("keep", _l("Go on, and let nothing more open of what I have sent so far")),
            SelectChoice("show", _l("Change nothing, and see whether I take part")),
        ],
    )
    hides = BooleanField(_l("Also take away what can be read already"))
    passphrase = own_passphrase(_l("Your pass phrase"))


class AuthorisationForm(FlaskForm):  # type: ignore[misc]
    act = RadioField(
        _l("What would you like"),
        [InputRequired(_l("Choose what you would like to do."))],
        choices=[
            SelectChoice("show", _l("See whether something is asked")),
            SelectChoice("agree", _l("Agree to what is asked")),
            SelectChoice("decline", _l("Say no to what is asked")),
        ],
    )
    passphrase = own_passphrase(_l("Your pass phrase"))


class AgreeingForm(SignForm):
    passphrase = own_passphrase(_l("Your pass phrase"))
