"""What a session's brief is made from: plain values, in two families of types, for the coach copy and the joint copy.

Nothing of the coach's family fits into `JointFacts`: what one partner told the coach alone has no field to stand in.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Generic, TypeVar
from uuid import UUID

from portal.domain.consent import Policy
from portal.domain.disclosure import Disclosure
from portal.domain.measure_totals import MeasureTotal
from portal.domain.openers import LibraryExercise, Opener
from portal.domain.people import Label
from portal.domain.scoring import Scores
from portal.domain.sessions import SessionKind

T = TypeVar("T", covariant=True)

OPENABLE = frozenset({"b1", "b2", "b3", "p1", "p2", "p3", "p4", "p5"})


@dataclass(frozen=True, slots=True)
class Both(Generic[T]):
    """One value for each partner."""

    a: T
    b: T

    def of(self, label: Label) -> T:
        return self.a if label is Label.A else self.b


class Progress(StrEnum):
    """How far somebody got with a piece of homework, in their own judgement."""

    DONE = "done"
    PARTLY = "partly"
    NOT_THIS_TIME = "not_this_time"


@dataclass(frozen=True, slots=True)
class Figure:
    """A number of a homework form that is worth a line: its short label, and the value as it was given."""

    label: str
    value: int


@dataclass(frozen=True, slots=True)
class StepNow:
    """The step the couple is at: its slug in `programme.STEPS`, its number from 1, how many there are, its title."""

    slug: str
    number: int
    of: int
    title: str


@dataclass(frozen=True, slots=True)
class Choices:
    """What the coach chose for one copy: an own line, keys of quotes that stay out, ids of openers (none: by rule)."""

    line: str = ""
    hidden: frozenset[str] = frozenset()
    openers: tuple[str, ...] = ()
    chosen_at: datetime | None = field(default=None, compare=False)  # it is no part of what was chosen


@dataclass(frozen=True, slots=True)
class HomeworkStart:
    """When a piece of homework began: a tick under the trend."""

    on: date
    title: str


@dataclass(frozen=True, slots=True)
class Frame:
    """What every brief of a session says on its edges; nothing here is anybody's answer.

    `starts_at` and `cut_off` are aware and stand in the zone in which they are to be read. `number`, `last_met` and
    the period count joint sessions alone. `policy_since` is the day from which that version of the policy holds.
    `cut_off` is until when answers are in; `closes_at` until when they count, which is later while they still come in.
    """

    names: Both[str]
    coach: str
    number: int
    starts_at: datetime
    last_met: date | None
    step: StepNow | None
    cut_off: datetime
    policy: Policy
    policy_version: int
    policy_since: date | None = None
    closes_at: datetime | None = None

    @property
    def dated(self) -> datetime:
        """The instant by which a copy is dated: the session's own, so that a copy of unchanged data stays the same."""
        return self.closes_at or self.cut_off

    @property
    def is_open(self) -> bool:
        """Whether answers that come now still count."""
        return self.cut_off < self.dated


# --- what the coach may read ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CheckIn:
    """One check-in as the coach may read it: item id to answer; absent or None is skipped or "did not come up".

    `ordinal` is its number among those issued to this person, from 1; `scores` are those of these very answers
    (`scoring.score`), `given` is the assignment. Safety items (x1 to x4) never belong here.
    """

    submitted_at: datetime
    ordinal: int
    answers: Mapping[str, int | str | None]
    scores: Scores
    given: UUID | None = None


@dataclass(frozen=True, slots=True)
class CoachPartner:
    """One partner, as far as the coach's brief tells of them.

    `check_ins`: all up to the cut-off, oldest first. `wants` (t2) and `glad_of` (t1) are the latest since the last
    session, each `_key` names its form. `unanswered` counts check-ins of the period that were due by the cut-off and
    did not come, `late` those that came after it and are therefore not in here.
    """

    check_ins: tuple[CheckIn, ...] = ()
    wants: str | None = None
    glad_of: str | None = None
    unanswered: int = 0
    late: int = 0
    glad_key: str = ""
    wants_key: str = ""
    measures: tuple[MeasureTotal, ...] = ()  # answered since the last session, the latest first; none that is guarded


@dataclass(frozen=True, slots=True)
class Quote:
    """Somebody's own words, whom they are meant for, and whether they are open to both at the cut-off."""

    text: str
    disclosure: Disclosure
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class CoachAccount:
    """What one partner wrote about a piece of homework; `progress` None: nothing has come in, for no given reason.

    `barrier` is the label of the option they chose, as the form words it; `key` names the form.
    """

    progress: Progress | None = None
    barrier: str | None = None
    learning: Quote | None = None
    figures: tuple[Figure, ...] = ()
    key: str = ""


@dataclass(frozen=True, slots=True)
class CoachHomework:
    """Homework of the period; an account is None where that partner was not asked.

    `is_joint`: the two did it together, and each tells of it alone.
    """

    title: str
    why: str
    assigned_on: date
    accounts: Both[CoachAccount | None]
    is_joint: bool = False
    assignment_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class CoachFacts:
    """All that the coach copy may tell. Flags and holds have no field here: they are the screen strip's (`StripFacts`).

    `homework` is newest first. `library` holds what may be proposed, in the programme's order: under a hold the service
    passes exercises for one person alone, and nothing on paper says so. `openers` is the practice's whole library.
    """

    frame: Frame
    kind: SessionKind
    partners: Both[CoachPartner]
    agreed: tuple[str, ...] = ()
    agenda: tuple[str, ...] = ()
    threads: tuple[str, ...] = ()
    reminders: tuple[str, ...] = ()
    homework: tuple[CoachHomework, ...] = ()
    homework_starts: tuple[HomeworkStart, ...] = ()
    library: tuple[LibraryExercise, ...] = ()
    done_slugs: frozenset[str] = frozenset()
    openers: tuple[Opener, ...] = ()
    choices: Choices = Choices()


# --- what both may read --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OpenedCheckIn:
    """What of one check-in both partners may read: item id to a number of 0 to 10.

    `benefits` is the subscale of these very answers, all others counted as skipped (0 to 100, or None); `given` is
    the assignment.
    Raises ValueError for any item outside `OPENABLE`: nothing else can be opened to a partner as a number.
    """

    submitted_at: datetime
    answers: Mapping[str, int]
    benefits: float | None = None
    given: UUID | None = None

    def __post_init__(self) -> None:
        if closed := set(self.answers) - OPENABLE:
            raise ValueError(f"never opened to a partner: {sorted(closed)}")


@dataclass(frozen=True, slots=True)
class JointPartner:
    """One partner, as far as both may read: opened check-ins, oldest first, and what they were glad of, by its key."""

    check_ins: tuple[OpenedCheckIn, ...] = ()
    glad_of: str | None = None
    glad_key: str = ""


@dataclass(frozen=True, slots=True)
class JointAccount:
    """What one partner wrote about a piece of homework and both may read; `key` names the form."""

    learning: str | None = None
    figures: tuple[Figure, ...] = ()
    key: str = ""


@dataclass(frozen=True, slots=True)
class JointHomework:
    """Homework that both were given, with what of it is open to both."""

    title: str
    why: str
    assigned_on: date
    accounts: Both[JointAccount]


@dataclass(frozen=True, slots=True)
class JointFacts:
    """All that the joint copy may tell: shared facts, and nothing that depends on a private one.

    The joint copy exists for joint sessions alone. `homework` is newest first; homework of one partner alone is absent.
    """

    frame: Frame
    partners: Both[JointPartner]
    agreed: tuple[str, ...] = ()
    homework: tuple[JointHomework, ...] = ()
    homework_starts: tuple[HomeworkStart, ...] = ()
    openers: tuple[Opener, ...] = ()
    choices: Choices = Choices()


# --- what stands on the screen alone -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OpenFlag:
    """A flag that is open: who, when it came, the safe way they gave, in their own words, and whether they declined."""

    label: Label
    raised_on: date
    safe_way: str | None = None
    declines_contact: bool = False


@dataclass(frozen=True, slots=True)
class StripFacts:
    """For the coach's screen alone. It goes to the page beside the brief and never to the renderer of a PDF.

    `soft_flags` counts those that are unreviewed, `asked_for_a_word` is a queue of its own and no flag.
    """

    flags: tuple[OpenFlag, ...] = ()
    soft_flags: Both[int] = Both(0, 0)
    asked_for_a_word: Both[bool] = Both(False, False)
    holds: bool = False
