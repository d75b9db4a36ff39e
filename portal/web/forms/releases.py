"""The form by which a coach would bring a private answer into a session."""

from collections.abc import Iterable

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, RadioField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from portal.domain.releases import Step, step_under
from portal.services.releases import Offer
from portal.services.reviews import ReadResponse


class RequestForm(FlaskForm):  # type: ignore[misc]  # flask_wtf publishes no types
    item = RadioField(
        _l("Which answer"), [InputRequired(_l("Choose one of the answers."))], choices=[], validate_choice=False
    )
    why = StringField(_l("Why, in one line"))
    told = BooleanField(_l("I have told them"))

    def offer(self, offers: Iterable[Offer], found: ReadResponse) -> None:
        """Offer these answers under their questions; one that hangs on a private question is not among them."""
        self.item.choices = [SelectChoice(one.item.id, _words(one)) for one in offers if one.hangs_on is None]
        self.told.label.text = gettext("I have told %(name)s", name=found.author_name)
        if step_under(found.policy) is Step.RELEASE:
            del self.why
        else:
            del self.told


def _words(offer: Offer) -> str:
    if not offer.along:
        return offer.item.label
    together = "; ".join(item.label for item in (offer.item, *offer.along))
    return str(gettext("Together: %(questions)s", questions=together))
