"""The forms by which a measure is brought in, its answers given points, scored, licensed and let be used."""

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from uuid import UUID

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import (
    BooleanField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    widgets,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Optional, ValidationError

from portal.domain.measure_care import Concern
from portal.domain.measure_scores import Coding
from portal.services.measure_import import OWN, Scoring, shipped_names
from portal.services.measure_licences import Licence, Protocol
from portal.services.measures import MeasureShown, PointsGroup
from portal.web.forms.fields import NO_NUMBER, LastDayField
from portal.web.forms.lines import one_line
from portal.web.forms.refusals import RefusableForm
from portal.web.forms.scorings import typed_scoring

FHIR, TABLE, PAPER = "fhir", "table", "paper"
MISSING = _l("Something is missing here.")


class BringForm(RefusableForm):
    kind = RadioField(_l("What you bring"), default=TABLE, validate_choice=True)
    file = FileField(_l("The file"))
    coding = RadioField(
        _l("Points in the table"),
        [Optional()],
        description=_l(
            "Are these points as printed on the form, or position numbers of its answers? Position numbers"
            " are turned round where the column “reverse” says so; printed points never are."
        ),
    )
    name = StringField(
        _l("Short name, for coaches"), [InputRequired(MISSING)], filters=[one_line], description=_l("Such as RDAS.")
    )
    title = StringField(
        _l("What stands over it on a partner’s page"),
        [InputRequired(MISSING)],
        filters=[one_line],
        description=_l("Say it so that it may be seen over a shoulder. A guarded one gets words that say nothing."),
    )
    minutes = IntegerField(
        _l("Minutes it takes"), [InputRequired(NO_NUMBER)], default=5, invalid_value_message=NO_NUMBER
    )

    def offer(self) -> "BringForm":
        self.kind.choices = [
            SelectChoice(TABLE, gettext("A table (CSV), as it is shown below")),
            SelectChoice(FHIR, gettext("A file that another program saved in the FHIR standard (R4, JSON)")),
            SelectChoice(PAPER, gettext("Nothing: scores from paper forms alone")),
        ]
        self.coding.choices = [
            SelectChoice(Coding.POINTS.value, gettext("Points as printed on the form")),
            SelectChoice(Coding.RAW.value, gettext("Position numbers")),
        ]
        return self


class ScoringForm(RefusableForm):
    scoring = SelectField(_l("How it is scored"))
    source = StringField(
        _l("Where its cut-off and bands were published"),
        filters=[one_line],
        description=_l("Author, year, page. Without it, neither is ever shown as a fact."),
    )
    concern = RadioField(
        _l("What it asks about"),
        default=Concern.NONE.value,
        description=_l("Violence and low mood: given to one of them at a time, and read by you alone, for ever."),
    )
    better = SelectField(_l("Which end is the better one"))
    method = SelectField(_l("How a scale is made"))
    scales = TextAreaField(_l("Scales"), description=_l("One a line, such as “total: 1-8” or “closeness: 2, 4, 6”."))
    items = StringField(_l("Number of items"), description=_l("For a measure from paper alone."))
    low = StringField(_l("Fewest points of an item"), description=_l("For a measure from paper alone."))
    high = StringField(_l("Most points of an item"), description=_l("For a measure from paper alone."))
    missing = StringField(_l("How many items of a scale may be missing"), description=_l("Nothing: none."))
    cut = StringField(_l("Published range of the total"), description=_l("Such as “< 13.5” or “>= 10”."))
    bands = TextAreaField(
        _l("Published bands"), description=_l("One a line, such as “mild: 5”; the first at the least.")
    )
    rci = StringField(_l("Reliable change, in points"))
    critical = StringField(
        _l("Critical item"), description=_l("Such as “9 >= 1”: looked at the same day, whatever the total is.")
    )

    def offer(self) -> "ScoringForm":
        self.scoring.choices = [
            SelectChoice("", gettext("Choose how it is scored")),
            *(SelectChoice(name, name.upper().replace("_", "-")) for name in shipped_names()),
            SelectChoice(OWN, gettext("Another one, typed below")),
        ]
        self.concern.choices = [
            SelectChoice(Concern.NONE.value, gettext("Neither of these")),
            SelectChoice(Concern.VIOLENCE.value, gettext("Violence by a partner")),
            SelectChoice(Concern.MOOD.value, gettext("Low mood, worry, or thoughts of harming oneself")),
        ]
        self.better.choices = [
            SelectChoice("high", gettext("A high score")),
            SelectChoice("low", gettext("A low score")),
        ]
        self.method.choices = [
            SelectChoice("sum", gettext("The sum of its items")),
            SelectChoice("mean", gettext("The mean of its items")),
            SelectChoice("count", gettext("How many were answered above the least")),
        ]
        return self

    def chosen(self, found: MeasureShown) -> Scoring:
        """What was chosen or typed. Raises Invalid with `field`."""
        typed = typed_scoring(self.data, found) if self.scoring.data == OWN else None
        return Scoring(self.scoring.data, typed, self.source.data or "")


class LicenceForm(RefusableForm):
    holder = StringField(_l("Who holds the rights"), [InputRequired(MISSING)], filters=[one_line])
    reference = StringField(
        _l("What your licence is"),
        [InputRequired(MISSING)],
        filters=[one_line],
        description=_l("A number, a letter with its date, or where it says that everybody may use it."),
    )
    expires_on = LastDayField(_l("Last day of it"), [Optional()], description=_l("Empty: it has none."))
    electronic = BooleanField(_l("It lets people fill it in on a screen"))
    copyright_line = StringField(_l("Copyright line to print under it"), filters=[one_line])
    unaltered = BooleanField(
        _l("The words are unaltered"),
        description=_l(
            "Otherwise its cut-off, bands, reliable change and LOINC codes are dropped: they are of other words."
        ),
    )
    may_export = BooleanField(_l("It may be saved as a file with its words"))
    attested = BooleanField(
        _l("I have the licence before me, and it says so"), [InputRequired(_l("Say that you have it."))]
    )

    @property
    def licence(self) -> Licence:
        return Licence(
            self.holder.data,
            self.reference.data,
            self.expires_on.data,
            bool(self.electronic.data),
            self.copyright_line.data or "",
            bool(self.unaltered.data),
            bool(self.may_export.data),
        )


class ProtocolForm(RefusableForm):
    training = TextAreaField(_l("Who is trained to ask this, and how"), [InputRequired(MISSING)])
    response = TextAreaField(_l("What is done when something comes up"), [InputRequired(MISSING)])
    referral = TextAreaField(
        _l("Whom you refer to"),
        [InputRequired(MISSING)],
        description=_l("A clinician, a doctor, a service for those who live with violence: named, and reachable."),
    )
    readers = SelectMultipleField(
        _l("Who reads it on the day on which it is sent"),
        description=_l("Only couples of a coach who undertakes this can be given it."),
        option_widget=widgets.CheckboxInput(),
    )
    scope = BooleanField(
        _l("I know that asking this may lie outside what a coach is there for"),
        [InputRequired(_l("Say that you know it."))],
    )

    def offer(self, coaches: Sequence[tuple[UUID, str]]) -> "ProtocolForm":
        self.readers.choices = [SelectChoice(str(person_id), name) for person_id, name in coaches]
        return self

    @property
    def protocol(self) -> Protocol:
        readers = tuple(UUID(reader) for reader in self.readers.data or ())
        return Protocol(self.training.data, self.response.data, self.referral.data, readers)


class PointsForm(RefusableForm):
    """What answers are worth: one number a field, `points-<group>-<answer>`, and two for yes and no."""

    yes = StringField(_l("A yes"))
    no = StringField(_l("A no"))

    def given(
        self, groups: Sequence[PointsGroup], posted: Mapping[str, str]
    ) -> list[tuple[tuple[str, ...], dict[str, Decimal]]]:
        """A map for each group; raises ValidationError for what is no number."""
        return [
            (
                group.link_ids,
                {option.code: number(posted.get(f"points-{place}-{n}", "")) for n, option in enumerate(group.options)},
            )
            for place, group in enumerate(groups)
        ]

    def yes_no(self) -> tuple[Decimal, Decimal]:
        return number(self.yes.data or ""), number(self.no.data or "")


def number(text: str) -> Decimal:
    """A number as people type it, a comma for a point too; raises ValidationError."""
    try:
        found = Decimal(text.strip().replace(",", ".")) if len(text) <= 20 else Decimal("NaN")
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite():
        raise ValidationError(gettext("Give a number for each answer."))
    return found
