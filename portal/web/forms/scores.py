"""The form that takes scores from a paper form: whose, of what, filled in when, and the totals alone."""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from portal.domain.people import Label
from portal.services.measure_scores import Kept
from portal.web.forms.fields import LastDayField
from portal.web.forms.measures import number
from portal.web.forms.refusals import RefusableForm


class ScoresForm(RefusableForm):
    """The fields of the scales, `scale-<name>`, are the page's own: they follow the measures."""

    who = RadioField(_l("Whose"), [InputRequired(_l("Choose whose scores these are."))])
    measure = SelectField(_l("Of which measure"), [InputRequired(_l("Choose the measure."))])
    taken_on = LastDayField(_l("Filled in on"), [InputRequired(_l("Choose the day on which it was filled in."))])

    def offer(self, names: Mapping[Label, str], kept: Iterable[Kept]) -> "ScoresForm":
        self.who.choices = [SelectChoice(label.value, name) for label, name in names.items()]
        self.measure.choices = [SelectChoice(str(one.questionnaire_id), one.name) for one in kept]
        return self

    def totals(self, posted: Mapping[str, str]) -> dict[str, Decimal]:
        """By scale, what was typed; raises ValidationError for what is no number."""
        typed = {name.removeprefix("scale-"): text for name, text in posted.items() if name.startswith("scale-")}
        return {name: number(text) for name, text in typed.items() if text.strip()}
