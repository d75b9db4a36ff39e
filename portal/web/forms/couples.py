"""Forms around a couple: inviting one, saying at which step it is, and how its coach looks for it."""

from collections.abc import Iterable
from uuid import UUID

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length, ValidationError

from portal.domain.accounts import check_address
from portal.domain.errors import Invalid
from portal.services.couples import NewPartner
from portal.web.forms.lines import one_line
from portal.web.forms.words import words_for

LONGEST_NAME = 60


def _named(missing: str) -> list[object]:
    return [DataRequired(missing), Length(max=LONGEST_NAME, message=_l("Use %(max)d characters at most."))]


def _reachable(form: FlaskForm, field: StringField) -> None:
    try:
        check_address(field.data or "")
    except Invalid as error:
        raise ValidationError(words_for(error)) from None


def _addressed(missing: str) -> list[object]:
    return [DataRequired(missing), _reachable]


_USER_NAME = [Length(max=100, message=_l("Use %(max)d characters at most."))]


class InviteForm(FlaskForm):  # type: ignore[misc]  # flask_wtf publishes no types
    name_a = StringField(
        _l("First name"), _named(_l("One partner: give the name that this person goes by.")), filters=[one_line]
    )
    address_a = StringField(
        _l("E-mail"),
        _addressed(_l("One partner: give an e-mail address that this person alone reads.")),
        filters=[one_line],
    )
    name_b = StringField(
        _l("First name"), _named(_l("The other partner: give the name that this person goes by.")), filters=[one_line]
    )
    address_b = StringField(
        _l("E-mail"),
        _addressed(_l("The other partner: give an e-mail address that this person alone reads.")),
        filters=[one_line],
    )

    shares_mailbox = BooleanField(_l("Both read this mailbox and want it so"))
    user_name_a = StringField(_l("User name of the first"), _USER_NAME, filters=[one_line])
    user_name_b = StringField(_l("User name of the second"), _USER_NAME, filters=[one_line])
    coach = SelectField(_l("Whose couple they will be"))

    def offer(self, coaches: Iterable[tuple[UUID, str]]) -> None:
        """Let an assistant choose the coach; a coach invites for themselves, and the field goes."""
        self.coach.choices = [SelectChoice(str(person_id), name) for person_id, name in coaches]
        if not self.coach.choices:
            del self.coach

    def refuse(self, code: str, sentence: str) -> None:
        """Put the sentence for a refusal beside the field that it is about; what was typed stays everywhere."""
        if code == "contacts_missing":
            self.form_errors.append(sentence)
        else:
            field = self.user_name_b if "user_name" in code else self.address_b
            field.errors = [sentence]

    @property
    def partners(self) -> tuple[NewPartner, NewPartner]:
        return (
            NewPartner(self.name_a.data.strip(), self.address_a.data, self.user_name_a.data or ""),
            NewPartner(self.name_b.data.strip(), self.address_b.data, self.user_name_b.data or ""),
        )


class AddressForm(FlaskForm):  # type: ignore[misc]
    address = StringField(
        _l("E-mail"), _addressed(_l("Give an e-mail address that this person alone reads.")), filters=[one_line]
    )


class StepForm(FlaskForm):  # type: ignore[misc]
    step = SelectField(_l("Step of the programme"))
