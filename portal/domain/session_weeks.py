"""The weeks in a brief: two lines side by side, and where the last common week was alike and where not."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from uuid import UUID

from portal.domain import change, pairs, scoring
from portal.domain.brief import (
    Differences,
    Dimension,
    Direction,
    Line,
    Measure,
    Side,
    SideBySide,
    Tick,
    Together,
    Trend,
)
from portal.domain.brief_space import CHOICE, cut
from portal.domain.people import Label
from portal.domain.session_facts import Both, HomeworkStart

WEEKS_SHOWN = 12
WEEK = timedelta(days=7)
TURNED_ROUND = frozenset({"s1", "s2", "s3", "s4"})
DIMENSIONS = ("s1", "s2", "s3", "s4", "b1", "b2", "b3", "p1", "p2", "p3", "p4", "p5")
HIGHEST = 10
APART = 2  # scale points from which two answers are called apart
ROWS_EACH = 2


@dataclass(frozen=True, slots=True)
class Week:
    """What one check-in comes to: its day where it is read, its score (0 to 100), and its scale answers (0 to 10).

    `given` is the assignment that it answers, the same for both partners.
    """

    on: date
    score: float | None
    answers: Mapping[str, int]
    given: UUID | None = None

    @property
    def monday(self) -> date:
        return self.on - timedelta(days=self.on.weekday())


def day_of(instant: datetime, zone: tzinfo | None) -> date:
    """The day on the wall clock of `zone`."""
    return instant.astimezone(zone).date()


def common_weeks(weeks: Both[Sequence[Week]]) -> Both[Sequence[Week]]:
    """What both have opened, and nothing of a week, or of a question, that only one has: it is missing for both.

    Two answers to one assignment belong together whenever they were sent, and stand in the week of the earlier: by
    the week of sending alone a page for both would show that one of them was later.
    """
    met = _met(weeks, lambda week: week.given)
    left = Both(*([week for week in weeks.of(label) if week not in met.of(label)] for label in Label))
    rest = _met(left, lambda week: week.monday)
    found = sorted(zip((*met.a, *rest.a), (*met.b, *rest.b), strict=True), key=lambda pair: min(pair[0].on, pair[1].on))
    return Both([_narrowed(a, b) for a, b in found], [_narrowed(b, a) for a, b in found])


def _met(weeks: Both[Sequence[Week]], by: Callable[[Week], UUID | date | None]) -> Both[Sequence[Week]]:
    """The weeks of either that have the same key; of several with one key, the latest."""
    latest = Both({by(week): week for week in weeks.a}, {by(week): week for week in weeks.b})
    shared = [key for key in latest.a if key is not None and key in latest.b]
    return Both([latest.a[key] for key in shared], [latest.b[key] for key in shared])


def _narrowed(week: Week, other: Week) -> Week:
    answers = {item: value for item, value in week.answers.items() if item in other.answers}
    return Week(min(week.on, other.on), None if other.score is None else week.score, answers, week.given)


def trend(
    measure: Measure,
    sides: tuple[Side, Side],
    weeks: Both[Sequence[Week]],
    starts: Iterable[HomeworkStart],
    cut_off: date,
    *,
    for_coach: bool,
) -> Trend | None:
    """Section 8; None where there is no score at all. The couple estimate and what the two lines do are the coach's."""
    series = Both(_series(weeks.a), _series(weeks.b))
    mondays = _mondays([day for day, _score in (*series.a, *series.b)], cut_off)
    if not mondays:
        return None
    lines = tuple(
        _line(side, mondays, series.of(side.label), series.of(side.label.other) if for_coach else ()) for side in sides
    )
    return Trend(
        measure, mondays, (lines[0], lines[1]), _side_by_side(series, for_coach=for_coach), _ticks(starts, mondays)
    )


def _series(weeks: Sequence[Week]) -> list[tuple[date, float]]:
    return [(week.on, week.score) for week in weeks if week.score is not None]


def _mondays(days: Sequence[date], cut_off: date) -> tuple[date, ...]:
    """At most twelve weeks without a hole, up to the week of the cut-off, or the one before if this one is empty."""
    this_week = cut_off - timedelta(days=cut_off.weekday())
    with_score = {day - timedelta(days=day.weekday()) for day in days}
    last = this_week if this_week in with_score else this_week - WEEK
    first = last - (WEEKS_SHOWN - 1) * WEEK
    shown = [monday for monday in with_score if first <= monday <= last]
    if not shown:
        return ()
    return tuple(min(shown) + i * WEEK for i in range((last - min(shown)).days // 7 + 1))


def _line(
    side: Side, mondays: Sequence[date], series: list[tuple[date, float]], partner: Sequence[tuple[date, float]]
) -> Line:
    by_week = {day - timedelta(days=day.weekday()): score for day, score in series}
    values = tuple(scoring.whole(by_week[monday]) if monday in by_week else None for monday in mondays)
    judged = change.judge(series, partner)
    return Line(
        side=side,
        values=values,
        direction=Direction(judged.label.value) if judged.n_answered else Direction.NO_ANSWERS,
        confirmed=judged.confirmed,
        now=_whole(judged.latest),
        start=_whole(judged.baseline),
        threshold=_whole(judged.threshold),
        usual=judged.usual_range,
        couple_estimate=judged.couple_estimate,
    )


def _side_by_side(series: Both[list[tuple[date, float]]], *, for_coach: bool) -> SideBySide | None:
    found = pairs.pairs(series.a, series.b)
    if not found:
        return None
    gap = pairs.gap(found[-1], change.own_noise(series.a), change.own_noise(series.b))
    moved = pairs.convergence(found) if for_coach else None
    return SideBySide(
        gap=abs(scoring.whole(found[-1].a) - scoring.whole(found[-1].b)),
        notable_from=_whole(gap.notable_from),
        notable=gap.notable,
        close=pairs.is_close(found[-1]),
        together=Together(moved.kind.value) if moved else None,
    )


def _whole(value: float | None) -> int | None:
    return None if value is None else scoring.whole(value)


def _on(start: HomeworkStart) -> date:
    return start.on


def _ticks(starts: Iterable[HomeworkStart], mondays: Sequence[date]) -> tuple[Tick, ...]:
    """One tick a week: where two began in one, the later stands."""
    at = {
        start.on - timedelta(days=start.on.weekday()): cut(start.title, CHOICE)[0] or ""
        for start in sorted(starts, key=_on)
    }
    return tuple(Tick(i, at[monday]) for i, monday in enumerate(mondays) if monday in at)


def differences(sides: tuple[Side, Side], weeks: Both[Sequence[Week]]) -> Differences | None:
    """Section 9, from the last week that both answered: up to two rows furthest apart, up to two closest, one at least.

    Signs are turned round, so that right is easier in every row.
    """
    common = common_weeks(weeks)
    week = next((i for i in reversed(range(len(common.a))) if common.a[i].answers), None)
    if week is None:
        return None
    answers = Both(common.a[week].answers, common.b[week].answers)
    rows = []
    for item in DIMENSIONS:
        if item in answers.a and item in answers.b:
            first, second = (_easier(item, answers.of(side.label)[item]) for side in sides)
            rows.append(Dimension(item, (first, second), closest=False))
    return Differences(sides, common.a[week].monday, tuple(_chosen(rows))) if rows else None


def _easier(item: str, value: int) -> int:
    return HIGHEST - value if item in TURNED_ROUND else value


def _chosen(rows: Sequence[Dimension]) -> list[Dimension]:
    by_gap = sorted(rows, key=lambda row: (-_gap(row), DIMENSIONS.index(row.item)))
    apart = [row.item for row in by_gap if _gap(row) >= APART][: min(ROWS_EACH, len(rows) - 1)]
    rest = sorted((row for row in rows if row.item not in apart), key=lambda row: (_gap(row), -min(row.values)))
    close = [row.item for row in rest][: ROWS_EACH if len(rows) > 2 * ROWS_EACH else None]
    return [Dimension(row.item, row.values, closest=row.item in close) for row in rows if row.item in (*apart, *close)]


def _gap(row: Dimension) -> int:
    return abs(row.values[0] - row.values[1])
