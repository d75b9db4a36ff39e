"""Who somebody is to a practice: roles, the neutral labels of two partners, and the viewer who is asking."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class Role(StrEnum):
    """What a person is in a practice; one person has one role there."""

    OWNER = "owner"
    COACH = "coach"
    ASSISTANT = "assistant"
    SUPERVISOR = "supervisor"
    PARTNER = "partner"

    @property
    def is_coach(self) -> bool:
        """May have couples of their own and read what these write to their coach."""
        return self in (Role.OWNER, Role.COACH)


class Label(StrEnum):
    """The neutral label of a partner within a couple; it ranks nobody."""

    A = "A"
    B = "B"

    @property
    def other(self) -> "Label":
        return Label.B if self is Label.A else Label.A


class PersonState(StrEnum):
    """Whether a person has come in through their own door yet, and may still."""

    INVITED = "invited"
    ACTIVE = "active"
    DEACTIVATED = "deactivated"


class CoupleState(StrEnum):
    """The states of an engagement; a couple is `active` from the first accepted invitation on."""

    INVITED = "invited"
    ACTIVE = "active"
    PAUSED = "paused"
    WITHDRAWN = "withdrawn"
    SEPARATED = "separated"
    CLOSED = "closed"


ENDED = (CoupleState.SEPARATED, CoupleState.CLOSED)  # of the work with a couple; it has an instant of its own


class SignInKind(StrEnum):
    """What somebody is known by at the door; a shared mailbox opens none, so its people go by user names."""

    ADDRESS = "address"
    USER_NAME = "user_name"


class TokenPurpose(StrEnum):
    """What a link in a mail is good for; one purpose each."""

    INVITATION = "invitation"
    RESET = "reset"


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who is asking: the first argument of every service."""

    person_id: UUID
    practice_id: UUID
    role: Role
