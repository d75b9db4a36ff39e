"""Forms of the practice: when what people send is read, and whom they can call instead."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length, Regexp

from portal.services.contacts import Listed
from portal.web.forms.account import own_passphrase
from portal.web.forms.lines import one_line

TOO_LONG = _l("Use %(max)d characters at most.")
AUDIENCES = [
    ("emergency", _l("Emergency")),
    ("ipv", _l("Fear or harm at home")),
    ("suicide", _l("Thoughts of suicide")),
    ("child", _l("Children and young people")),
    ("general", _l("Anything else")),
]


class ReadingHoursForm(FlaskForm):  # type: ignore[misc]  # flask_wtf publishes no types
    reading_hours = StringField(
        _l("When what people send is read"),
        [DataRequired(_l("Say when what people send is read.")), Length(max=200, message=TOO_LONG)],
        filters=[one_line],
        description=_l("Such as “on working days, 9 to 17”. Partners read these very words under every page."),
    )


class ContactForm(FlaskForm):  # type: ignore[misc]
    audience = SelectField(_l("For"), choices=[SelectChoice(value, words) for value, words in AUDIENCES])
    country = StringField(
        _l("Country"),
        [
            DataRequired(_l("Give the country.")),
            Regexp(r"\s*[A-Za-z]{2}\s*\Z", message=_l("Give two letters, such as DE.")),
        ],
        description=_l("Two letters, such as DE."),
    )
    name = StringField(
        _l("Name"), [DataRequired(_l("Give the name.")), Length(max=200, message=TOO_LONG)], filters=[one_line]
    )
    phone = StringField(_l("Telephone"), [Length(max=60, message=TOO_LONG)], filters=[one_line])
    web = StringField(
        _l("Web address"),
        [Length(max=200, message=TOO_LONG), Regexp(r"\Z|https?://\S+\Z", message=_l("Begin with https://."))],
        filters=[one_line],
    )
    hours = StringField(_l("Hours"), [Length(max=200, message=TOO_LONG)], filters=[one_line])

    @property
    def listed(self) -> Listed:
        fields = (self.name, self.phone, self.web, self.hours)
        country = (self.country.data or "").strip().upper()
        return Listed(country, self.audience.data, *((field.data or "").strip() for field in fields))


class PracticeExportForm(FlaskForm):  # type: ignore[misc]
    passphrase = own_passphrase(_l("Your pass phrase"))
