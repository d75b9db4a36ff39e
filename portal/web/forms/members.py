"""Forms of the members' page: a colleague to invite, another role, days away, and who takes a couple over."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length

from portal.domain.errors import Invalid
from portal.domain.people import Role
from portal.services.members import NewMember
from portal.web.forms.lines import one_line
from portal.web.forms.words import words_for

ROLES = [
    ("coach", _l("Coach")),
    ("assistant", _l("Assistant: dates and invitations, nothing that people write")),
    ("supervisor", _l("Supervisor: reads along where a coach allows it")),
    ("owner", _l("Owner and coach")),
]
NO_FIRST_DAY = _l("Give the first day away as a date, such as 2026-11-20.")
NO_LAST_DAY = _l("Give the last day away as a date, such as 2026-11-20.")


def refuse(form: FlaskForm, error: Invalid, field: str) -> None:
    """Put the words of a refusal under the field that they are about, or under `field`."""
    named = str(error.params.get("field", field))
    form[named if named in form else field].errors = [words_for(error)]


class InviteMemberForm(FlaskForm):  # type: ignore[misc]  # flask_wtf publishes no types
    name = StringField(
        _l("First name"),
        [DataRequired(_l("Give the name that this person goes by.")), Length(max=60)],
        filters=[one_line],
    )
    address = StringField(
        _l("E-mail"),
        [DataRequired(_l("Give an e-mail address that this person alone reads.")), Length(max=254)],
        filters=[one_line],
    )
    role = SelectField(_l("What they will be"), choices=[SelectChoice(value, words) for value, words in ROLES])

    @property
    def new(self) -> NewMember:
        return NewMember(self.name.data, self.address.data, Role(self.role.data))


class RoleForm(FlaskForm):  # type: ignore[misc]
    role = SelectField(_l("Role"), choices=[SelectChoice(value, words) for value, words in ROLES])


class PickForm(FlaskForm):  # type: ignore[misc]
    colleague = SelectField(_l("Colleague"))

    def offer(self, people: Iterable[tuple[UUID, str]]) -> None:
        """Let the people stand in the list."""
        self.colleague.choices = [SelectChoice(str(person_id), name) for person_id, name in people]


class CoverForm(FlaskForm):  # type: ignore[misc]
    coach = SelectField(_l("Who is away"))
    colleague = SelectField(
        _l("Who reads and acts meanwhile"), [InputRequired(_l("Choose who reads and acts meanwhile."))], default=""
    )
    first = DateField(_l("First day away"), [InputRequired(NO_FIRST_DAY)], invalid_value_message=NO_FIRST_DAY)
    last = DateField(_l("Last day away"), [InputRequired(NO_LAST_DAY)], invalid_value_message=NO_LAST_DAY)

    def offer(self, people: Iterable[tuple[UUID, str]], away: Iterable[tuple[UUID, str]]) -> None:
        """Let all coaches stand in for those who may be said to be away; nobody is chosen before somebody chooses."""
        coaches = (SelectChoice(str(person_id), name) for person_id, name in people)
        self.colleague.choices = [SelectChoice("", _l("Choose somebody")), *coaches]
        self.coach.choices = [SelectChoice(str(person_id), name) for person_id, name in away]

    @property
    def days(self) -> tuple[date, date]:
        return self.first.data, self.last.data
