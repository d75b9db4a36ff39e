"""Forms of the practice: when what people send is read, and whom they can call instead."""

from datetime import time

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import IntegerField, SelectField, SelectMultipleField, StringField, TimeField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, Regexp

from portal.domain.working_hours import DAY, WorkingHours
from portal.services.contacts import Listed
from portal.web.forms.account import own_passphrase
from portal.web.forms.fields import NO_NUMBER
from portal.web.forms.lines import one_line

TOO_LONG = _l("Use %(max)d characters at most.")
NO_TIME = _l("Give the hour as a time, such as 09:00.")
DAYS = (
    _l("Monday"),
    _l("Tuesday"),
    _l("Wednesday"),
    _l("Thursday"),
    _l("Friday"),
    _l("Saturday"),
    _l("Sunday"),
)


def week_days() -> list[SelectChoice]:
    """The days of the week to choose from, by their number: Monday is 1."""
    return [SelectChoice(str(number), day) for number, day in enumerate(DAYS, 1)]


TYPED = ("name", "region", "phone", "sms", "web", "hours", "languages")  # of a contact, as free lines
AUDIENCES = [
    ("emergency", _l("Emergency")),
    ("ipv", _l("Fear or harm at home")),
    ("suicide", _l("Thoughts of suicide")),
    ("child", _l("Children and young people")),
    ("general", _l("Anything else")),
]


class ReadingHoursForm(FlaskForm):  # type: ignore[misc]  # flask_wtf publishes no types
    """The hours that partners read and by which mails go out, and a line of the practice's own beside them."""

    days = SelectMultipleField(
        _l("Days on which somebody reads"), coerce=int, choices=week_days(), validate_choice=False
    )
    begins = TimeField(_l("From"), [InputRequired(NO_TIME)], invalid_value_message=NO_TIME)
    ends = TimeField(_l("Until"), [InputRequired(NO_TIME)], invalid_value_message=NO_TIME)
    within = IntegerField(
        _l("Read within so many working hours"),
        [InputRequired(NO_NUMBER)],
        description=_l("Partners read this promise under every page, and the portal reminds you by it."),
        invalid_value_message=NO_NUMBER,
    )
    reading_hours = StringField(
        _l("A line of your own"),
        [Length(max=200, message=TOO_LONG)],
        filters=[one_line],
        description=_l("Such as “not on public holidays”. Partners read it beside the hours; it may stay empty."),
    )

    @property
    def hours(self) -> WorkingHours:
        """What was chosen; only of a form that is valid."""
        begins, ends = (field.data.hour * 60 + field.data.minute for field in (self.begins, self.ends))
        return WorkingHours(tuple(sorted(set(self.days.data or ()))), begins, ends or DAY, self.within.data)

    @classmethod
    def of(cls, hours: WorkingHours, line: str) -> "ReadingHoursForm":
        """The form as it stands for these hours; midnight at the end of a day is its first moment on the clock."""
        begins, ends = (time(minutes // 60 % 24, minutes % 60) for minutes in (hours.begins, hours.ends))
        days = list(hours.days)
        return cls(formdata=None, days=days, begins=begins, ends=ends, within=hours.within, reading_hours=line)

    def refuse(self, field: object, sentence: str) -> None:
        self[str(field)].errors = [sentence]


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
    region = StringField(
        _l("Region"),
        [Length(max=200, message=TOO_LONG)],
        filters=[one_line],
        description=_l("Where it answers for a part of the country alone."),
    )
    phone = StringField(_l("Telephone"), [Length(max=60, message=TOO_LONG)], filters=[one_line])
    sms = StringField(_l("Number for text messages"), [Length(max=60, message=TOO_LONG)], filters=[one_line])
    web = StringField(
        _l("Web address"),
        [Length(max=200, message=TOO_LONG), Regexp(r"\Z|https?://\S+\Z", message=_l("Begin with https://."))],
        filters=[one_line],
    )
    hours = StringField(_l("Hours"), [Length(max=200, message=TOO_LONG)], filters=[one_line])
    languages = StringField(
        _l("Languages"),
        [Length(max=200, message=TOO_LONG)],
        filters=[one_line],
        description=_l("Such as “German and English”."),
    )

    @property
    def listed(self) -> Listed:
        typed = {name: (self[name].data or "").strip() for name in TYPED}
        country = (self.country.data or "").strip().upper()
        return Listed(country=country, audience=self.audience.data, **typed)


class PracticeExportForm(FlaskForm):  # type: ignore[misc]
    passphrase = own_passphrase(_l("Your pass phrase"))
