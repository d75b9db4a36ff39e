"""Forms around the work with a couple that rests, parts or ends, and around what of its record leaves the practice."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import RadioField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length

from portal.domain.parting import LONGEST_PURPOSE
from portal.domain.people import Label
from portal.services.couple_states import CoupleStands
from portal.web.forms.account import own_passphrase
from portal.web.forms.lines import one_line


class PurposeForm(FlaskForm):  # type: ignore[misc]  # flask_wtf publishes no types
    purpose = StringField(
        _l("To whom, and why"),
        [
            DataRequired(_l("Say to whom it goes, and why.")),
            Length(max=LONGEST_PURPOSE, message=_l("Use %(max)d characters at most.")),
        ],
        description=_l("One line. Both read it as it stands."),
        filters=[one_line],
    )


class OwnRecordForm(FlaskForm):  # type: ignore[misc]
    whose = RadioField(_l("Whose"), [InputRequired(_l("Choose whose record it is."))])
    passphrase = own_passphrase(_l("Your pass phrase"))

    def offer(self, found: CoupleStands) -> "OwnRecordForm":
        self.whose.choices = [SelectChoice(one.label.value, one.name) for one in found.partners if not one.is_erased]
        return self

    @property
    def label(self) -> Label:
        return Label(self.whose.data)


class JointRecordForm(FlaskForm):  # type: ignore[misc]
    passphrase = own_passphrase(_l("Your pass phrase"))
