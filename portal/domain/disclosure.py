"""Who may read an answer, and when: the four disclosures."""

from enum import StrEnum


class Disclosure(StrEnum):
    """What the author of an answer chose for it; private (`coach`) is the default, a missing value is private."""

    COACH = "coach"  # its author and the coach
    SESSION = "session"  # the partner too, once the coach opens it in the session
    SHARED = "shared"  # the partner too, from 08:00 the next morning
    LOCKED = "locked"  # the coach alone, for ever; never shown again on the client's side
