"""What a role may do with a couple, by what ties somebody to it: one table, which the scope reads."""

from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from portal.domain.errors import Invalid, NotFound
from portal.domain.people import Role, Viewer

LONGEST_COVER = timedelta(days=120)
STAFF = (Role.OWNER, Role.COACH, Role.ASSISTANT, Role.SUPERVISOR)


class Tie(StrEnum):
    """What ties a member of the staff to a couple of the same practice; `none` holds of every couple."""

    OWN = "own"
    COVERED = "covered"
    SUPERVISED = "supervised"
    NONE = "none"


class Power(StrEnum):
    """What can be done with a couple: read what is clinical, act for it, arrange dates and doors, hand it over."""

    READ = "read"
    ACT = "act"
    ARRANGE = "arrange"
    HAND_OVER = "hand_over"


_COACHING = frozenset({Power.READ, Power.ACT, Power.ARRANGE})
_OF_A_COACH = {Tie.OWN: _COACHING | {Power.HAND_OVER}, Tie.COVERED: _COACHING}
MAY: dict[Role, dict[Tie, frozenset[Power]]] = {
    Role.OWNER: _OF_A_COACH | {Tie.NONE: frozenset({Power.HAND_OVER})},
    Role.COACH: _OF_A_COACH,
    Role.ASSISTANT: {Tie.NONE: frozenset({Power.ARRANGE})},
    Role.SUPERVISOR: {Tie.SUPERVISED: frozenset({Power.READ})},
    Role.PARTNER: {},
}


def ties_for(role: Role, power: Power) -> frozenset[Tie]:
    """The ties by which somebody of this role has this power; none at all for a partner."""
    return frozenset(tie for tie, powers in MAY[role].items() if power in powers)


def ties_of(role: Role) -> frozenset[Tie]:
    """The ties that somebody of this role can have to a couple at all."""
    return frozenset(MAY[role])


def runs_practice(role: Role) -> bool:
    """Whether a role decides about members, texts and settings of the practice: the owner's alone."""
    return role is Role.OWNER


def check_owner(viewer: Viewer) -> None:
    """Raise NotFound for everybody but the owner."""
    if not runs_practice(viewer.role):
        raise NotFound


def is_last_owner(person_role: Role, active_owners: int) -> bool:
    """Whether taking this person's role away would leave the practice without an owner."""
    return person_role is Role.OWNER and active_owners <= 1


def days_away(first: date, last: date, zone: str, today: date) -> tuple[datetime, datetime]:
    """The instants at which days away begin and are over, on the wall of the practice. Raises Invalid with `field`."""
    if last < first:
        raise Invalid("last_before_first", field="last")
    if last < today:
        raise Invalid("due_in_the_past", field="last")
    if last - first > LONGEST_COVER:
        raise Invalid("away_too_long", field="last")
    wall = ZoneInfo(zone)
    return datetime.combine(first, time(), wall), datetime.combine(last + timedelta(days=1), time(), wall)


def first_and_last_day(starts_at: datetime, ends_at: datetime, zone: str) -> tuple[date, date]:
    """The days away that these instants stand for: what was given to `days_away`.

    The last minute is found before the wall is looked at: a midnight that is leapt over shows as one o'clock there.
    """
    wall = ZoneInfo(zone)
    last = ends_at.astimezone(UTC) - timedelta(minutes=1)
    return starts_at.astimezone(wall).date(), last.astimezone(wall).date()
