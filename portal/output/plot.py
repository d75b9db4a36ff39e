"""The field that a chart is drawn in: the sizes there are, and where weeks and values stand in it."""

from collections.abc import Sequence
from dataclasses import dataclass

from portal.output.marks import Point


@dataclass(frozen=True, slots=True)
class Size:
    """Width and height in px, the size of letters and of marks, and every how many weeks a date is printed."""

    width: float
    height: float
    font: float
    mark: float
    every: int


DESK = Size(720, 300, 13, 4.6, 2)
PHONE = Size(360, 230, 12, 3.8, 4)
PAPER_TREND = Size(336, 138, 10.4, 3.1, 2)
PAPER_ROWS = Size(226, 17, 10.4, 3.3, 1)  # height: of one row
DESK_ROWS = Size(720, 26, 13, 5, 1)
PHONE_ROWS = Size(300, 24, 12.5, 4, 1)


@dataclass(frozen=True, slots=True)
class Plot:
    """The inner field of a trend: weeks from `left` to `right`, 0 at `foot` and 100 at `head`."""

    size: Size
    left: float
    right: float
    head: float
    foot: float
    weeks: int

    def x(self, week: int) -> float:
        inset = self.size.font * 0.7
        return self.left + inset + (self.right - self.left - 2 * inset) * week / max(self.weeks - 1, 1)

    @property
    def step(self) -> float:
        """From one week to the next."""
        return self.x(1) - self.x(0)

    def y(self, value: float) -> float:
        return self.foot - (self.foot - self.head) * min(max(value, 0), 100) / 100

    def points(self, values: Sequence[float | None]) -> list[Point | None]:
        return [None if value is None else (self.x(i), self.y(value)) for i, value in enumerate(values)]
