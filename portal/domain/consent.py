"""What partners agree to: the no-secrets policy of a practice, and the version of the consent text."""

from enum import StrEnum

CONSENT_TEXT_VERSION = 1


class Policy(StrEnum):
    """The practice's rule on what may be done with what one partner tells it alone.

    No policy turns a private answer into a shared one by itself.
    """

    OPEN = "open"
    DISCRETION = "discretion"
    CONFIDENTIAL = "confidential"
