"""Appointments: their kinds and states, what counts as a session's number, and the notes around one."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class SessionKind(StrEnum):
    """Who sits with the coach."""

    JOINT = "joint"
    INDIVIDUAL_A = "individual_a"
    INDIVIDUAL_B = "individual_b"


class SessionState(StrEnum):
    """A session is planned until it was held or called off."""

    PLANNED = "planned"
    HELD = "held"
    CANCELLED = "cancelled"


class NoteKind(StrEnum):
    """`agreed` is read by both partners; `thread` and `reminder` are the coach's own."""

    AGREED = "agreed"
    THREAD = "thread"
    REMINDER = "reminder"


@dataclass(frozen=True, slots=True)
class Appointment:
    """What the order of sessions is derived from."""

    id: UUID
    kind: SessionKind
    state: SessionState
    starts_at: datetime


def joint_in_order(appointments: Iterable[Appointment]) -> list[Appointment]:
    """The joint sessions that were not called off, earliest first: they alone make number and period."""
    counted = (a for a in appointments if a.kind is SessionKind.JOINT and a.state is not SessionState.CANCELLED)
    return sorted(counted, key=lambda a: (a.starts_at, a.id))


def number_of(appointment: Appointment, appointments: Iterable[Appointment]) -> int:
    """The session's number, from 1; an individual session bears the number of the joint ones before it."""
    earlier = [a for a in joint_in_order(appointments) if a.starts_at < appointment.starts_at]
    return len(earlier) + (1 if appointment.kind is SessionKind.JOINT else 0)


def previous_joint(appointment: Appointment, appointments: Iterable[Appointment]) -> Appointment | None:
    """The joint session before this one; its time begins the period of a brief."""
    earlier = [a for a in joint_in_order(appointments) if a.starts_at < appointment.starts_at]
    return earlier[-1] if earlier else None
