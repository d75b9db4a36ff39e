"""The form with which a coach puts a link on the shelf of a step."""

from collections.abc import Iterable

from flask_babel import lazy_gettext as _l
from wtforms import IntegerField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length, Optional

from portal.domain.resources import LONGEST_WHY, ResourceKind
from portal.services.programme import StepInProgramme
from portal.services.resources import Kept, NewResource
from portal.web.forms.fields import NO_NUMBER
from portal.web.forms.lines import one_line
from portal.web.forms.refusals import RefusableForm

KINDS = {
    ResourceKind.EPISODE: _l("Podcast episode"),
    ResourceKind.FILM: _l("Film"),
    ResourceKind.ARTICLE: _l("Article"),
    ResourceKind.BOOK: _l("Book"),
}


class ResourceForm(RefusableForm):
    step = SelectField(_l("Beside which step"), choices=[], validate_choice=False)  # the service knows the steps
    kind = SelectField(
        _l("What it is"),
        choices=[SelectChoice(kind.value, words) for kind, words in KINDS.items()],
        validate_choice=False,  # as the steps
    )
    title = StringField(_l("What it is called"), filters=[one_line])
    address = StringField(
        _l("Web address"), filters=[one_line], description=_l("It begins with https:// and opens without signing in.")
    )
    minutes = IntegerField(
        _l("How many minutes"),
        [Optional()],
        description=_l("It may stay empty, as for a book."),
        invalid_value_message=NO_NUMBER,
    )
    why = StringField(
        _l("Why it is worth their time"),
        [Length(max=LONGEST_WHY, message=_l("This is too long."))],
        filters=[one_line],
        description=_l("One line, which both read. Name nobody in it: every couple at this step finds it."),
    )

    def offer(self, steps: Iterable[StepInProgramme]) -> "ResourceForm":
        """Offer the steps that the practice has."""
        self.step.choices = [SelectChoice(step.slug, step.title) for step in steps]
        return self

    def show(self, kept: Kept) -> "ResourceForm":
        """Let what stands there now stand in the fields."""
        link = kept.link
        self.step.data, self.kind.data, self.why.data = link.step, link.kind.value, link.why
        self.title.data, self.address.data, self.minutes.data = link.media.title, link.media.address, link.media.minutes
        return self

    @property
    def new(self) -> NewResource:
        """What was typed; only of a form that is valid."""
        step, kind, title, address, why = (
            field.data or "" for field in (self.step, self.kind, self.title, self.address, self.why)
        )
        return NewResource(step, kind, title, address, self.minutes.data, why)
