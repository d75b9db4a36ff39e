"""The brief as a tree of ready values and codes: no HTML and no sentences of the portal, these are the templates' part.

Whatever exists for both partners comes as a pair in the order of the day: odd sessions begin with A, even ones with B.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from portal.domain.consent import Policy
from portal.domain.disclosure import Disclosure
from portal.domain.joint_tasks import Telling
from portal.domain.measure_totals import MeasureTotal
from portal.domain.openers import SayLine, StepReason
from portal.domain.people import Label
from portal.domain.programme import Audience
from portal.domain.session_facts import Progress
from portal.domain.strip import OnPaper


@dataclass(frozen=True, slots=True)
class Side:
    """A partner as named on the page; the label decides the mark (A a filled circle, B a hollow diamond)."""

    label: Label
    name: str


@dataclass(frozen=True, slots=True)
class Said:
    """Somebody's own words, None where there are none; `cut` says that the end is left out for want of space.

    `source` is the form that they stand in, for the way there on the coach's screen; it is on no paper.
    """

    side: Side
    text: str | None
    cut: bool = False
    source: UUID | None = None


@dataclass(frozen=True, slots=True)
class Header:
    """Section 1. `attending` is None when both come; `unanswered` counts check-ins, in the order of `sides`.

    `cut_off` is until when answers count, and `is_open` says that it is not over yet.
    """

    sides: tuple[Side, Side]
    coach: str
    number: int
    attending: Side | None
    starts_at: datetime
    last_met: date | None
    step_number: int | None
    step_of: int | None
    step_title: str | None
    cut_off: datetime
    unanswered: tuple[int, int] = (0, 0)
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class LastTime:
    """Section 3: what was agreed (both read it); in the coach copy also agenda, threads and the coach's reminders."""

    agreed: tuple[str, ...]
    agenda: tuple[str, ...] = ()
    threads: tuple[str, ...] = ()
    reminders: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NextStep:
    """One small step and up to two others; the coach decides. Coach copy only."""

    title: str
    minutes: int
    audience: Audience
    reason: StepReason
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Number:
    """A number of a homework form, 0 to 10 or as the form asked."""

    label: str
    value: int


@dataclass(frozen=True, slots=True)
class Account:
    """One partner's cell of a homework row. `disclosure` belongs to the quote and is None in the joint copy.

    `source` is the form that it tells of, as for what was said.
    """

    side: Side
    asked: bool
    progress: Progress | None = None
    barrier: str | None = None
    quote: str | None = None
    cut: bool = False
    disclosure: Disclosure | None = None
    is_open: bool = False
    numbers: tuple[Number, ...] = ()
    source: UUID | None = None


@dataclass(frozen=True, slots=True)
class HomeworkRow:
    """Section 6: one piece of homework; `differing` marks accounts that differ ("worth a gentle look").

    `telling` is what the accounts of a joint task come to, in the coach copy alone; `apart` is the figure furthest
    apart, as each gave it, in the joint copy of what both have shared; empty where there is none.
    """

    title: str
    why: str
    assigned_on: date
    accounts: tuple[Account, Account]
    differing: bool = False
    telling: Telling | None = None
    apart: tuple[Number, ...] = ()
    source: UUID | None = None  # the assignment


class Direction(StrEnum):
    """Where somebody's line goes, against their own usual ups and downs."""

    UP = "up"
    DOWN = "down"
    NO_NOTABLE_CHANGE = "no_notable_change"
    TOO_EARLY = "too_early"
    VARIES_TOO_MUCH = "varies_too_much"
    NO_ANSWERS = "no_answers"


@dataclass(frozen=True, slots=True)
class Line:
    """One partner's line: whole numbers 0 to 100, None for a week without; `usual` is the range (low, high).

    `now` is the latest value, `start` the mean of the first three, `threshold` the points that are notable for this
    person; `couple_estimate` says that the threshold was pooled from both.
    """

    side: Side
    values: tuple[int | None, ...]
    direction: Direction
    confirmed: bool = False
    now: int | None = None
    start: int | None = None
    threshold: int | None = None
    usual: tuple[float, float] | None = None
    couple_estimate: bool = False

    @property
    def answered(self) -> int:
        """In how many of the weeks shown there is a value."""
        return sum(value is not None for value in self.values)


class Together(StrEnum):
    """What the two lines do, seen side by side; it judges nobody, and closer-and-lower is no success."""

    CLOSER_AND_HIGHER = "closer_and_higher"
    CLOSER_AND_LOWER = "closer_and_lower"
    ONE_RISING = "one_rising"
    ONE_FALLING = "one_falling"
    APART = "apart"
    STEADY = "steady"


@dataclass(frozen=True, slots=True)
class SideBySide:
    """The distance of the two lines in the last week both answered, in points; notable from `notable_from` on."""

    gap: int
    notable_from: int | None
    notable: bool
    close: bool
    together: Together | None = None


class Measure(StrEnum):
    """Which score the trend shows."""

    TOTAL = "total"
    BENEFITS = "benefits"


@dataclass(frozen=True, slots=True)
class Tick:
    """Where in the weeks a piece of homework began."""

    week: int
    title: str


@dataclass(frozen=True, slots=True)
class Trend:
    """Section 8. `weeks` are Mondays, at most twelve, without a hole; `lines` have one value for each of them."""

    measure: Measure
    weeks: tuple[date, ...]
    lines: tuple[Line, Line]
    side_by_side: SideBySide | None
    homework: tuple[Tick, ...] = ()


@dataclass(frozen=True, slots=True)
class Dimension:
    """Section 9: one row of dots, 0 to 10 with right as easier; `item` is the check-in's item id."""

    item: str
    values: tuple[int, int]
    closest: bool


@dataclass(frozen=True, slots=True)
class Differences:
    """Where the two differ and agree most, in the check-in's own order; one agreement at least.

    `sides` names whose value is first in each row; `week` is the Monday of the week the answers are from.
    """

    sides: tuple[Side, Side]
    week: date
    rows: tuple[Dimension, ...]


class LeftOut(StrEnum):
    """What the coach copy does not show, said in its footer."""

    DIFFERENCES = "differences"
    TREND = "trend"
    SECOND_QUOTES = "second_quotes"
    EARLIER_HOMEWORK = "earlier_homework"
    ENDS_OF_LONG_TEXTS = "ends_of_long_texts"
    NOTES = "notes"
    LATE_ANSWERS = "late_answers"
    HIDDEN_QUOTES = "hidden_quotes"
    MEASURES = "measures"


@dataclass(frozen=True, slots=True)
class Footer:
    """Section 10: the agreement in force, and until when answers are in here. Never the clock."""

    coach: str
    policy: Policy
    policy_version: int
    policy_since: date | None
    cut_off: datetime


@dataclass(frozen=True, slots=True)
class Brief:
    """The coach copy: sections 1 and 3 to 10.

    Section 2 is one constant line on paper and `Strip` on the screen; `before_the_door` is there where the practice
    chose to have it on its own paper, and nowhere else.
    """

    header: Header
    last_time: LastTime
    wants: tuple[Said, Said]
    openers: tuple[SayLine, ...]
    next_step: NextStep | None
    homework: tuple[HomeworkRow, ...]
    glad_of: tuple[Said, Said]
    trend: Trend | None
    differences: Differences | None
    footer: Footer
    left_out: tuple[LeftOut, ...] = ()
    own_line: str = ""
    quoted_alone: Side | None = None  # the one whom all quotes are of, where there are two or more
    drawn: tuple[Trend | None, Differences | None] = (None, None)  # what 8 and 9 were before anything gave way
    before_the_door: OnPaper | None = None
    measures: tuple[tuple[MeasureTotal, ...], tuple[MeasureTotal, ...]] = ((), ())  # in the order of the day


@dataclass(frozen=True, slots=True)
class JointBrief:
    """The joint copy: built from `JointFacts` alone, without a field for what one partner told the coach."""

    header: Header
    last_time: LastTime
    homework: tuple[HomeworkRow, ...]
    glad_of: tuple[Said, Said]
    trend: Trend | None
    differences: Differences | None
    openers: tuple[SayLine, ...]
    footer: Footer
    own_line: str = ""
