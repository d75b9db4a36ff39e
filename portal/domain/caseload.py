"""The caseload's rules: why a couple needs its coach and since when, and how a name is found. Nothing of safety."""

import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from portal.domain.errors import Invalid
from portal.domain.people import CoupleState

SILENT_AFTER = timedelta(days=14)
LET_GO_AFTER = timedelta(days=21)
AHEAD_BY = 2  # forms given to both that one has sent since the other last sent any
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
NOT_YET = datetime(9000, 1, 1, tzinfo=UTC)  # of what has no day: it sorts behind everything that has one
LONGEST_NAME = 40
LONGEST_FOLDED = 200
MOST_VIEWS = 6
SORTS = ("names", "active", "next", "waiting")
CURRENT, EVERYBODY = "current", "all"  # current: all but those whose work has ended
STATES = (CURRENT, *CoupleState, EVERYBODY)


class Waiting(StrEnum):
    """Why a couple waits for the coach, the most pressing first. Nothing that a private question raised is here."""

    RESPONSES = "responses"
    OVERDUE = "overdue"
    SILENT = "silent"
    AHEAD = "ahead"
    DROPPED = "dropped"
    NOT_COME_IN = "not_come_in"
    NOTHING_ASSIGNED = "nothing_assigned"


ANY = "any"  # whatever the reason
NEEDS = (ANY, *(reason for reason in Waiting if reason is not Waiting.RESPONSES))


@dataclass(frozen=True, slots=True)
class Stands:
    """Where the work with a couple stands, as its line of the caseload keeps it.

    `open_until` is the earliest last day of what is open, `overdue_from` that of what is not let go of; `silent_since`
    is of the more silent one, `heard_at` of either; `door_since`: since when somebody has not come in.
    """

    state: str
    open_until: datetime | None = None
    overdue_from: datetime | None = None
    silent_since: datetime | None = None
    heard_at: datetime = LONG_AGO
    ahead_since: datetime | None = None
    dropped_a_at: datetime | None = None
    dropped_b_at: datetime | None = None
    door_since: datetime | None = None
    next_at: datetime = NOT_YET
    unread: int = 0

    @property
    def has_dropped(self) -> bool:
        """Whether a check-in is notably lower than its author's own earlier ones."""
        return self.state == CoupleState.ACTIVE and (self.dropped_a_at or self.dropped_b_at) is not None


@dataclass(frozen=True, slots=True)
class ViewSettings:
    """What a list is narrowed to and how it is sorted; `sort` is one of SORTS, "-" turns it. Never a name."""

    state: str = CURRENT
    step: str = ""
    needs: str = ""
    sort: str = "next"


def check_view_name(name: str) -> str:
    """The name of a saved view, trimmed. Raises Invalid."""
    trimmed = " ".join(name.split())
    if not trimmed:
        raise Invalid("name_missing")
    if len(trimmed) > LONGEST_NAME:
        raise Invalid("too_long", maximum=LONGEST_NAME)
    return trimmed


def starts_of(stands: Stands) -> dict[Waiting, datetime]:
    """From when each reason to look at a couple holds, or will if nothing happens; unread forms and drops apart."""
    if stands.state == CoupleState.INVITED:
        return {Waiting.NOT_COME_IN: stands.door_since or LONG_AGO}
    if stands.state != CoupleState.ACTIVE:
        return {}
    silent = stands.silent_since + SILENT_AFTER + timedelta.resolution if stands.silent_since else None
    idle = stands.heard_at if stands.open_until is None and stands.door_since is None else None
    starts = {
        Waiting.OVERDUE: stands.overdue_from,
        Waiting.SILENT: silent,
        Waiting.AHEAD: stands.ahead_since,
        Waiting.NOT_COME_IN: stands.door_since,
        Waiting.NOTHING_ASSIGNED: idle,
    }
    return {reason: start for reason, start in starts.items() if start is not None}


def needs_from(stands: Stands) -> datetime:
    """From when a couple needs its coach, whatever for; NOT_YET if never. Unread forms and drops apart."""
    return min(starts_of(stands).values(), default=NOT_YET)


def turns_at(stands: Stands) -> datetime:
    """When what is kept of a couple is no longer true by the clock alone: a session begins, a task is let go of."""
    let_go = stands.overdue_from + LET_GO_AFTER if stands.overdue_from else NOT_YET
    return min(stands.next_at, let_go)


def waiting_of(stands: Stands, now: datetime) -> tuple[Waiting, ...]:
    """Why a couple waits for the coach at an instant, the most pressing first."""
    holding = {reason for reason, start in starts_of(stands).items() if start <= now}
    if stands.overdue_from and stands.overdue_from <= now - LET_GO_AFTER:
        holding.discard(Waiting.OVERDUE)
    if stands.has_dropped:
        holding.add(Waiting.DROPPED)
    if stands.unread and stands.state != CoupleState.INVITED:
        holding.add(Waiting.RESPONSES)
    return tuple(reason for reason in Waiting if reason in holding)


def folded(text: str) -> str:
    """Words as they are looked for: without accents and case, each behind a space, so that "ana" is no Hana."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(f" {word}" for word in _without_marks(plain).split())[:LONGEST_FOLDED]


def _without_marks(plain: str) -> str:
    return "".join(letter for letter in plain if not unicodedata.combining(letter))
