"""What partners agree to: the no-secrets policy of a practice, the version of its text, and in what role it works."""

from dataclasses import dataclass
from enum import StrEnum

from portal.domain.errors import Invalid

LONGEST_NOTE = 1_000
LONGEST_SIGNATURE = 200


class Policy(StrEnum):
    """The practice's rule on what may be done with what one partner tells it alone.

    No policy turns a private answer into a shared one by itself.
    """

    OPEN = "open"
    DISCRETION = "discretion"
    CONFIDENTIAL = "confidential"


class PracticeRole(StrEnum):
    """As what the people of a practice work; the software decides nothing by it."""

    COACH = "coach"
    LICENSED_CLINICIAN = "licensed_clinician"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class RoleDuties:
    """In what role a practice works, and which duties by law it has; printed with its consent text."""

    practice_role: PracticeRole = PracticeRole.COACH
    mandated_reporter: bool = False
    duty_to_protect: bool = False
    local_rule_note: str = ""


@dataclass(frozen=True, slots=True)
class Terms:
    """What is signed together: a version of the text, and a version of the policy."""

    text_version: int
    policy_version: int


def check_duties(said: RoleDuties) -> None:
    """Raise Invalid for a note on local rules that is too long."""
    if len(said.local_rule_note) > LONGEST_NOTE:
        raise Invalid("too_long", maximum=LONGEST_NOTE, field="local_rule_note")


def check_signature(typed: str) -> str:
    """The name as it is signed with; raises Invalid where none was typed, or one too long."""
    name = " ".join(typed.split())
    if not name:
        raise Invalid("signature_missing")
    if len(name) > LONGEST_SIGNATURE:
        raise Invalid("too_long", maximum=LONGEST_SIGNATURE)
    return name
