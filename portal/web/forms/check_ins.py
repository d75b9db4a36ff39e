"""The form that asks a couple for a check-in before each of its sessions."""

from uuid import UUID

from flask_babel import lazy_gettext as _l
from wtforms import IntegerField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from portal.domain.session_check_ins import Ahead
from portal.services.session_check_ins import BeforeSessions
from portal.web.forms.fields import NO_NUMBER, offered
from portal.web.forms.refusals import RefusableForm


class BeforeSessionsForm(RefusableForm):
    check_in = SelectField(_l("Which one"), [offered], validate_choice=False)
    opens = IntegerField(
        _l("It opens so many hours before"),
        [InputRequired(_l("Say how many hours before."))],
        description=_l("48: on the evening two days before a session in the evening. Each gets a short neutral mail."),
        invalid_value_message=NO_NUMBER,
    )
    ends = IntegerField(
        _l("The brief is cut off so many hours before"),
        [InputRequired(_l("Say how many hours before."))],
        description=_l(
            "From then on the brief stands. What comes later is taken, marked as late, and in the next one."
        ),
        invalid_value_message=NO_NUMBER,
    )

    def fill(self, found: BeforeSessions) -> None:
        """Set what can be chosen, and what is offered first."""
        self.check_in.choices = [SelectChoice(str(id_), title) for id_, title in found.check_ins]
        first = [str(id_) for id_, _ in found.check_ins[:1]]
        self.check_in.data = self.check_in.data or str(found.questionnaire_id or "".join(first))

    def start_with(self, ahead: Ahead) -> None:
        self.opens.data, self.ends.data = ahead.opens, ahead.ends

    @property
    def ahead(self) -> Ahead:
        """Only of a form that is valid."""
        return Ahead(self.opens.data or 0, self.ends.data or 0)

    @property
    def questionnaire_id(self) -> UUID:
        return UUID(self.check_in.data)
