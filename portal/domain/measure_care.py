"""Which measures ask for more care than a licence, and what has to stand before one may be given to somebody."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

LOINC = "http://loinc.org"


class Concern(StrEnum):
    """What a measure asks about that must not be asked lightly."""

    NONE = "none"
    VIOLENCE = "violence"  # by a partner
    MOOD = "mood"  # low mood, worry, thoughts of harming oneself

    @property
    def is_guarded(self) -> bool:
        """Given to each alone, read by the coach alone for ever, and off until training and a protocol are on paper."""
        return self is not Concern.NONE


class Lack(StrEnum):
    """What still stands between a measure and its being used."""

    SCORING = "scoring"
    POINTS = "points"
    LICENCE = "licence"
    LICENCE_OVER = "licence_over"
    PROTOCOL = "protocol"
    READER = "reader"


CONCERNS = {
    "hits": Concern.VIOLENCE,
    "wast8": Concern.VIOLENCE,
    "hark": Concern.VIOLENCE,
    "phq9": Concern.MOOD,
    "gad7": Concern.MOOD,
}


@dataclass(frozen=True, slots=True)
class Standing:
    """What was settled about a measure so far; `expires_on` is the last day of its licence, None without an end."""

    concern: Concern
    has_scoring: bool
    has_points: bool
    has_critical_item: bool
    has_licence: bool
    expires_on: date | None
    has_protocol: bool
    has_reader: bool

    def lacks(self, today: date) -> tuple[Lack, ...]:
        """What is missing, in the order in which it is seen to."""
        asks = self.concern.is_guarded
        missing = {
            Lack.POINTS: not self.has_points,
            Lack.SCORING: not self.has_scoring,
            Lack.LICENCE: not self.has_licence,
            Lack.LICENCE_OVER: is_over(self.expires_on, today),
            Lack.PROTOCOL: asks and not self.has_protocol,
            Lack.READER: self.has_critical_item and not self.has_reader,
        }
        return tuple(lack for lack, is_missing in missing.items() if is_missing)


def is_over(expires_on: date | None, today: date) -> bool:
    """Whether a licence has run out: its last day is over."""
    return expires_on is not None and expires_on < today


def concern_of(scoring_name: str | None, marked: Concern, scoring: dict[str, Any] | None) -> Concern:
    """The concern of a measure: its own where it is a known one, never less; a critical item is always one."""
    known = CONCERNS.get(scoring_name or "", marked)
    if known is Concern.NONE and scoring is not None and "critical" in scoring:
        return Concern.MOOD
    return known
