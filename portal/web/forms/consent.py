"""Forms of consent: what partners sign with, what an owner publishes, and the policy that an owner chooses."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from portal.domain.consent import LONGEST_NOTE, LONGEST_SIGNATURE, Policy, PracticeRole, RoleDuties, Terms
from portal.domain.texts import tidy
from portal.web.forms.fields import whole_number_or_none
from portal.web.texts import POLICIES, ROLES

TOO_LONG = _l("Use %(max)d characters at most.")
SIGN_WITH = _l("Your name, as your signature")
GIVE_NAME = _l("Write your name: that is your signature.")


def number_in(field: HiddenField) -> int:
    """A version that came in a form; 0 for what is none, for versions begin with 1."""
    return whole_number_or_none(field.data or "") or 0


class SignForm(FlaskForm):  # type: ignore[misc]  # flask_wtf publishes no types
    signature = StringField(SIGN_WITH, [InputRequired(GIVE_NAME), Length(max=LONGEST_SIGNATURE, message=TOO_LONG)])
    agreed = BooleanField(
        _l("I have read this text, and I take part of my own accord."), [InputRequired(_l("Tick this if you agree."))]
    )
    text_version = HiddenField()
    policy_version = HiddenField()

    @property
    def read(self) -> Terms:
        """What stood on the page."""
        return Terms(number_in(self.text_version), number_in(self.policy_version))

    def begin_with(self, terms: Terms) -> None:
        """Say what stands on the page that is made now; what was agreed to on another is not agreed to here."""
        if self.is_submitted() and self.read != terms:
            self.agreed.data = False
        self.text_version.data, self.policy_version.data = str(terms.text_version), str(terms.policy_version)


class TextForm(FlaskForm):  # type: ignore[misc]
    body = TextAreaField(_l("The text"), filters=[lambda typed: tidy(typed or "")])
    version = HiddenField()

    @property
    def read(self) -> int:
        return number_in(self.version)

    @property
    def duties(self) -> RoleDuties | None:
        """Said with the consent text alone."""
        return None


class ConsentTextForm(TextForm):
    practice_role = RadioField(
        _l("As what you work"), choices=[SelectChoice(role.value, words) for role, words in ROLES.items()]
    )
    mandated_reporter = BooleanField(_l("The law obliges us to report harm to a child or to somebody in need of care"))
    duty_to_protect = BooleanField(_l("The law obliges us to act when somebody is in serious danger from another"))
    local_rule_note = StringField(
        _l("A rule of the place where you work"),
        [Length(max=LONGEST_NOTE, message=TOO_LONG)],
        description=_l("One or two sentences that partners read, if there is such a rule."),
    )

    def begin_with_duties(self, duties: RoleDuties) -> None:
        self.practice_role.data = duties.practice_role.value
        self.mandated_reporter.data, self.duty_to_protect.data = duties.mandated_reporter, duties.duty_to_protect
        self.local_rule_note.data = duties.local_rule_note

    @property
    def duties(self) -> RoleDuties | None:
        return RoleDuties(
            PracticeRole(self.practice_role.data),
            self.mandated_reporter.data,
            self.duty_to_protect.data,
            (self.local_rule_note.data or "").strip(),
        )


class PolicyForm(FlaskForm):  # type: ignore[misc]
    policy = RadioField(
        _l("The rule that holds from now on for whoever signs it"),
        [InputRequired(_l("Choose one of the three."))],
        choices=[SelectChoice(policy.value, words) for policy, words in POLICIES.items()],
    )
    version = HiddenField()

    @property
    def read(self) -> int:
        return number_in(self.version)

    @property
    def chosen(self) -> Policy:
        return Policy(self.policy.data)
