"""A couple's weeks in words: what the chart says of each, the rows of the table below it, and what goes into files."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from math import ceil

from flask_babel import format_date, gettext
from markupsafe import Markup

from portal.domain.scoring import whole
from portal.domain.trend_weeks import Happened, Period
from portal.output import charts, plot
from portal.output.charts import Series
from portal.output.marks import Words
from portal.output.plot import Size
from portal.output.trend_file import trend_file
from portal.services.overview import Line
from portal.services.trends import SavedWeeks, Show, Trends
from portal.web import filters
from portal.web.coach.charts import label_of

A_YEAR = 53
FEWEST_DATES = {plot.DESK: 7, plot.PHONE: 4}
SMALLEST_MARK = 1.8


@dataclass(frozen=True, slots=True)
class Row:
    """One week as a row of the table: its Monday, both values as they are written, and what else happened in it."""

    monday: date
    values: tuple[str, str]
    happened: str


@dataclass(frozen=True, slots=True)
class Weekly:
    """The chart in both its widths, its rows, and the steps that begin in it: number and title."""

    desk: Markup
    phone: Markup
    rows: tuple[Row, ...]
    begun: tuple[tuple[str, str], ...]


def weekly(found: Trends) -> Weekly:
    """What the page shows of the weeks."""
    rows = tuple(rows_of(found))
    hints = [_hint(found, row) for row in rows]
    words = title_of(found), gettext("Higher is easier. The numbers stand in the table below it.")
    drawn = [
        _draw(found, Words(f"trend-{name}", *words), hints, size)
        for name, size in (("desk", plot.DESK), ("phone", plot.PHONE))
    ]
    return Weekly(drawn[0], drawn[1], rows, tuple(_begun(found)))


def drawing(found: Trends) -> bytes:
    """The chart as a file of its own, with everything beside it that the page says around it."""
    rows = list(rows_of(found))
    lines = (found.weeks.a, found.weeks.b)
    told = "; ".join(f"{line.name}: {', '.join(row.values[n] for row in rows)}" for n, line in enumerate(lines))
    notes = [
        f"{kind_of(found)} {gettext('Gaps: not answered.')}",
        gettext("A filled circle is %(a)s, a hollow diamond %(b)s.", a=lines[0].name, b=lines[1].name),
    ]
    if any(line.usual for line in lines):
        notes.append(gettext("Bars at the right: each one’s usual ups and downs."))
    if any(happened.sessions for happened in found.happened):
        notes.append(gettext("A fine line with a square on top: a session of both."))
    if begun := list(_begun(found)):
        notes.append(f"{gettext('Triangles: a step begins.')} {'; '.join(f'{n} {title}' for n, title in begun)}.")
    notes.append(gettext("A practice measure without norms: it compares a person with their own earlier answers."))
    title = title_of(found)
    drawn = _draw(found, Words("weeks-in", title, told), [_hint(found, row) for row in rows], plot.DESK)
    return trend_file(Words("weeks", title, told), drawn, notes, plot.DESK)


def title_of(found: Trends) -> str:
    """Whose weeks, what of them, and how many: "Ana & Ben: Signs, 12 weeks"."""
    said: str = gettext(
        "%(names)s: %(what)s, %(count)s weeks",
        names=found.couple.names,
        what=what_of(found),
        count=len(found.weeks.mondays),
    )
    return said


def what_of(found: Trends) -> str:
    """What is looked at, in a word or two."""
    if found.question:
        return label_of(found.question)
    said: dict[Show, str] = {
        Show.SCORE: gettext("Score"),
        Show.SIGNS: gettext("Signs"),
        Show.BENEFITS: gettext("Benefits"),
        Show.STEPS: gettext("Steps"),
    }
    return said[Show(found.show)]


def kind_of(found: Trends) -> str:
    """How the numbers are to be read."""
    if found.question and found.question.is_sign:
        return str(gettext("0 to 10. A sign is turned round, so that higher is easier: 10 means nothing of it."))
    if found.question:
        return str(gettext("0 to 10, higher is easier."))
    said: dict[Show, str] = {
        Show.SCORE: gettext("Signs and benefits together, 0 to 100, higher is easier; the steps stay out of it."),
        Show.SIGNS: gettext("The four signs turned round, so that higher is easier."),
        Show.BENEFITS: gettext("Communication, closeness and teamwork, 0 to 100."),
        Show.STEPS: gettext("How often the five steps were taken. Most weeks ask one of them, so there are gaps."),
    }
    return said[Show(found.show)]


def period_of(found: Trends) -> str:
    """The heading over the weeks."""
    said: dict[Period, str] = {
        Period.TWELVE_WEEKS: gettext("Twelve weeks"),
        Period.HALF_A_YEAR: gettext("Half a year"),
        Period.ALL: gettext("All weeks"),
    }
    return said[found.period]


def rows_of(found: Trends) -> list[Row]:
    """A row for each week, the oldest first."""
    steps = _steps(found)
    return [
        Row(monday, (_value(found, a), _value(found, b)), said_of(happened, {s: t for s, (_, t) in steps.items()}))
        for monday, a, b, happened in zip(
            found.weeks.mondays, found.weeks.a.values, found.weeks.b.values, found.happened, strict=True
        )
    ]


def said_of(happened: Happened, steps: Mapping[str, str]) -> str:
    """What happened in a week besides, in a sentence for each kind."""
    said = [gettext("Session %(number)s.", number=number) for number in happened.sessions]
    said += [gettext("Step begins: %(title)s.", title=steps.get(step, step)) for step in happened.steps]
    if happened.homework:
        said.append(gettext("Homework begins: %(titles)s.", titles=", ".join(happened.homework)))
    return " ".join(said)


def table_of(saved: SavedWeeks) -> list[tuple[str, ...]]:
    """The rows of a file: a week and partner each, whole numbers, and nothing where nothing was answered."""
    scores = [
        (Show.SCORE, gettext("Score")),
        (Show.SIGNS, gettext("Signs")),
        (Show.BENEFITS, gettext("Benefits")),
        (Show.STEPS, gettext("Steps")),
    ]
    head = (
        gettext("Week of"), gettext("Partner"),
        *(gettext("%(score)s, 0 to 100, higher is easier", score=word) for _, word in scores),
        *(gettext("%(question)s, 0 to 10 as answered", question=label_of(one)) for one in saved.questions),
        gettext("In this week"),
    )  # fmt: skip
    return [
        head,
        *(
            (
                f"{row.monday:%Y-%m-%d}",
                row.name,
                *(_cell(None if (score := row.scores.get(show)) is None else whole(score)) for show, _ in scores),
                *(_cell(row.answers[question.item_id]) for question in saved.questions),
                said_of(row.happened, saved.steps),
            )
            for row in saved.rows
        ),
    ]


def _cell(value: int | None) -> str:
    return "" if value is None else str(value)


def _value(found: Trends, value: float | None) -> str:
    if value is None:
        return "–"
    return str(whole(value / 10 if found.question else value))


def _hint(found: Trends, row: Row) -> str:
    """One week in a sentence: what stands in its row."""
    missing = gettext("not answered")
    a, b = (missing if value == "–" else value for value in row.values)
    names = {"a": found.weeks.a.name, "b": found.weeks.b.name}
    week = gettext("Week of %(day)s.", day=filters.day(row.monday))
    both = gettext("%(a)s: %(of_a)s. %(b)s: %(of_b)s.", **names, of_a=a, of_b=b)
    return f"{week} {both} {row.happened}".strip()


def _steps(found: Trends) -> dict[str, tuple[str, str]]:
    """By slug, the number of each step in the practice's order and its title; a retired one has a sign for none."""
    listed = {step.slug: (str(number), step.title) for number, step in enumerate(found.couple.steps, 1)}
    begun = [slug for happened in found.happened for slug in happened.steps]
    return {slug: ("·", slug) for slug in begun} | listed


def _begun(found: Trends) -> list[tuple[str, str]]:
    steps = _steps(found)
    return [steps[slug] for happened in found.happened for slug in happened.steps]


def _draw(found: Trends, words: Words, hints: Sequence[str], size: Size) -> Markup:
    steps = _steps(found)
    ticks = [
        (week, "+".join(steps[slug][0] for slug in happened.steps))
        for week, happened in enumerate(found.happened)
        if happened.steps
    ]
    count = len(found.weeks.mondays)
    pattern = gettext("MMM y") if count > A_YEAR else gettext("d MMM")
    return charts.trend(
        words,
        _series(found.weeks.a),
        _series(found.weeks.b),
        [str(format_date(monday, pattern, rebase=False)) for monday in found.weeks.mondays],
        ticks=ticks,
        sessions=[week for week, happened in enumerate(found.happened) if happened.sessions],
        hints=hints,
        most=10 if found.question else 100,
        size=_size(size, count),
    )


def _series(line: Line) -> Series:
    return Series(line.name, line.values, line.usual)


def _size(size: Size, count: int) -> Size:
    """The same size with marks and dates that so many weeks have room for."""
    mark = min(size.mark, max(SMALLEST_MARK, 0.36 * size.width / count))
    return replace(size, mark=mark, every=max(size.every, ceil(count / FEWEST_DATES[size])))
