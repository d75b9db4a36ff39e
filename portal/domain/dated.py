"""What is read of a coach's own calendar: times with a title, and which couple a title means."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from portal.domain.caseload import folded

LONGEST_AHEAD = timedelta(weeks=13)
MOST_ENTRIES = 1_000  # that lie ahead, and are shown
MOST_PARTS = 5_000  # of a file


@dataclass(frozen=True, slots=True)
class DatedEntry:
    """One entry of a calendar that lies ahead: when, for how many minutes, and what it is called there."""

    starts_at: datetime
    minutes: int
    title: str


def meant_by(title: str, couples: Iterable[tuple[UUID, str]]) -> UUID | None:
    """The couple both of whose names stand in a title as words; None where there is none, or more than one.

    `couples` are (id, names as in "Ana & Ben"). One name alone means nobody: it may be somebody else's.
    """
    words = set(_words(title))
    found = [id_ for id_, names in couples if names.strip() and set(_words(names)) <= words]
    return found[0] if len(found) == 1 else None


def _words(text: str) -> list[str]:
    kept = "".join(letter if letter.isalnum() else " " for letter in folded(text))
    return kept.split()


def by_names(couples: Mapping[UUID, str]) -> dict[str, UUID | None]:
    """Couples by their names; None for names that more than one couple bears."""
    found: dict[str, UUID | None] = {}
    for id_, names in couples.items():
        found[names] = None if names in found else id_
    return found
