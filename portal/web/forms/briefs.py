"""The form with which a coach chooses what stands in a copy of a brief."""

from collections.abc import Mapping

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice

from portal.domain.brief_choices import MOST_IN_LINE, Quoted
from portal.domain.people import Label
from portal.domain.session_facts import Choices
from portal.services.brief_choices import Offered
from portal.web.forms.refusals import RefusableForm

SHOWN = 90  # letters of a quote by which it is known again


class ChoicesForm(RefusableForm):
    line = StringField(_l("A line of your own"))
    openers = SelectMultipleField(
        _l("What to say first"),
        description=_l("Three at most. With none ticked, the rule chooses."),
        choices=(),
        validate_choice=False,
    )
    hidden = SelectMultipleField(
        _l("Leave these words out"),
        description=_l("Of this copy alone; the answers stay as they are."),
        choices=(),
        validate_choice=False,
    )
    longest = MOST_IN_LINE

    def start_with(self, choices: Choices) -> None:
        """What was chosen before."""
        self.line.data = choices.line
        self.openers.data, self.hidden.data = list(choices.openers), sorted(choices.hidden)

    def offer(self, offered: Offered, names: Mapping[Label, str]) -> None:
        """Set what can be chosen."""
        self.openers.choices = [SelectChoice(opener.id, opener.text) for opener in offered.openers]
        self.hidden.choices = [SelectChoice(quote.key, _told(quote, names)) for quote in offered.quotes]


def _told(quote: Quoted, names: Mapping[Label, str]) -> str:
    """Whose words they are, what of, and how they begin."""
    words = quote.text if len(quote.text) <= SHOWN else quote.text[:SHOWN].rsplit(" ", 1)[0] + "…"
    of = quote.of or gettext("glad of")
    return str(gettext("%(name)s, %(of)s: “%(words)s”", name=names[quote.label], of=of, words=words))
