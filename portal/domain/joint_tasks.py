"""A joint task as two accounts, each given alone: done when both say so, a talking point where they differ.

For the coach alone: a partner is told neither that the other has sent, nor that the two accounts differ. Of two
accounts none is the right one, and nothing is refused or asked again because they differ.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from portal.domain.people import Label
from portal.domain.session_facts import Both, CoachAccount, Figure, Progress

FAR_APART = 4  # scale points between two figures from which accounts are called differing


class Telling(StrEnum):
    """What two accounts of one task come to; `IN_PART` is whatever lies between done and not this time."""

    NO_ACCOUNT = "no_account"
    ONE_ACCOUNT = "one_account"
    DONE = "done"
    IN_PART = "in_part"
    NOT_THIS_TIME = "not_this_time"
    DIFFERING = "differing"


@dataclass(frozen=True, slots=True)
class FigureApart:
    """A figure that both gave and that lies far apart: its short label, and the values as they were given."""

    label: str
    values: Both[int]


@dataclass(frozen=True, slots=True)
class TwoAccounts:
    """What the coach is told: what the two come to, whose account has come in (A's first), and figures far apart.

    Both may have done it and yet tell differently of how it was.
    """

    telling: Telling
    told_by: tuple[Label, ...] = ()
    apart: tuple[FigureApart, ...] = ()

    @property
    def is_talking_point(self) -> bool:
        """Worth a gentle look in the session."""
        return self.telling is Telling.DIFFERING or bool(self.apart)

    @property
    def asks_for_a_look(self) -> bool:
        """Worth a look before the next thing that is done together: not done by both accounts, or a talking point."""
        return self.telling is not Telling.DONE or self.is_talking_point


def two_accounts(accounts: Both[CoachAccount | None]) -> TwoAccounts:
    """What two accounts come to; None, or one without progress, has not come in, for no given reason."""
    told = [(label, account) for label in Label if (account := accounts.of(label)) is not None and account.progress]
    told_by = tuple(label for label, _account in told)
    if len(told) < len(Label):
        return TwoAccounts(Telling.ONE_ACCOUNT if told else Telling.NO_ACCOUNT, told_by)
    (_a, one), (_b, other) = told
    return TwoAccounts(_telling({one.progress, other.progress}), told_by, figures_apart(one.figures, other.figures))


def differ(one: CoachAccount, other: CoachAccount) -> bool:
    """Two tell differently of the same task: one did it and the other not, or the same figure is far apart."""
    return _telling({one.progress, other.progress}) is Telling.DIFFERING or bool(
        figures_apart(one.figures, other.figures)
    )


def _telling(progress: set[Progress | None]) -> Telling:
    if progress == {Progress.DONE}:
        return Telling.DONE
    if progress == {Progress.NOT_THIS_TIME}:
        return Telling.NOT_THIS_TIME
    return Telling.DIFFERING if progress == {Progress.DONE, Progress.NOT_THIS_TIME} else Telling.IN_PART


def figures_apart(a: Iterable[Figure], b: Iterable[Figure]) -> tuple[FigureApart, ...]:
    """The figures that both gave and that lie far apart, in A's order."""
    theirs = {figure.label: figure.value for figure in b}
    both = ((figure.label, Both(figure.value, theirs[figure.label])) for figure in a if figure.label in theirs)
    found = (FigureApart(label, values) for label, values in both)
    return tuple(apart for apart in found if _distance(apart) >= FAR_APART)


def _distance(apart: FigureApart) -> int:
    return abs(apart.values.a - apart.values.b)


def furthest_of(apart: Iterable[FigureApart]) -> FigureApart | None:
    """The figure that lies furthest apart; of two alike the first."""
    return max(apart, key=_distance, default=None)
