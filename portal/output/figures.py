"""The figures behind the drawings of a coach copy, a row each: the table on the screen, and the file in the PDF."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from portal.domain.brief import Brief
from portal.output.sheet import sheet
from portal.output.texts import BREAK


@dataclass(frozen=True, slots=True)
class FigureRow:
    """One figure of both in the order of the day, None where it was not answered; `most` is the end of its scale."""

    week: date
    what: str
    most: int
    values: tuple[int | None, int | None]
    begun: str = ""  # homework of that week


def figure_rows(brief: Brief, measures: Mapping[str, str], dimension: Callable[[str], str]) -> list[FigureRow]:
    """The weeks of the trend, then the questions that are set side by side, those too whose drawing gave way."""
    trend, differences = brief.drawn
    rows = []
    if trend:
        first, second = (line.values for line in trend.lines)
        for place, week in enumerate(trend.weeks):
            begun = "; ".join(tick.title for tick in trend.homework if tick.week == place)
            rows.append(FigureRow(week, measures[trend.measure], 100, (first[place], second[place]), begun))
    if differences:
        rows += [FigureRow(differences.week, dimension(row.item), 10, row.values) for row in differences.rows]
    return rows


def figures_file(brief: Brief, rows: Sequence[FigureRow], word: Callable[[str], str]) -> str:
    """The rows as CSV, whole numbers and nothing where nothing was answered; lines end as in a page, in a line feed."""
    names = (side.name for side in brief.header.sides)
    head = (word("Week of"), word("What"), word("Easiest is"), *names, word("Homework began"))
    cells = [(f"{row.week:%Y-%m-%d}", row.what, str(row.most), *map(_cell, row.values), row.begun) for row in rows]
    return sheet([head, *cells]).decode().replace(BREAK, "").replace("\r\n", "\n")


def _cell(value: int | None) -> str:
    return "" if value is None else str(value)
