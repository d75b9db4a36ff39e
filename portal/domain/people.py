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


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who is asking: the first argument of every service."""

    person_id: UUID
    practice_id: UUID
    role: Role
