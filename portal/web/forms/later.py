"""The form by which a partner chooses to be asked once more after the end, or not to be."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from portal.domain.endings import Later
from portal.services.later_check_ins import OwnLater
from portal.web.forms.fields import offered

NOTHING = "none"
WORDS = {
    Later.ONE: _l("After one month"),
    Later.THREE: _l("After three months"),
    Later.BOTH: _l("After one month and after three"),
}


class LaterForm(FlaskForm):  # type: ignore[misc]  # flask_wtf publishes no types
    when = RadioField(_l("A check-in once more"), [InputRequired(_l("Choose one of these.")), offered])

    def offer(self, own: OwnLater) -> "LaterForm":
        """Let what was chosen stand among what can be chosen still."""
        shown = [one for one in Later if one in own.offered or one is own.chosen]
        self.when.choices = [
            *(SelectChoice(one.value, WORDS[one]) for one in shown),
            SelectChoice(NOTHING, _l("Nothing more")),
        ]
        return self

    @property
    def chosen(self) -> Later | None:
        return None if self.when.data == NOTHING else Later(self.when.data)
