"""A couple's charts with the words around them: drawn once for the desk and once for the phone."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from flask_babel import format_date, gettext
from flask_babel import lazy_gettext as _l
from markupsafe import Markup

from portal.domain.people import Label
from portal.domain.scoring import whole
from portal.output import charts, plot
from portal.output.charts import Row, Series
from portal.output.marks import Words
from portal.services.caseload import CaseloadLine
from portal.services.noticed import Noticing
from portal.services.overview import Weeks
from portal.services.trends import DimensionRow, Question
from portal.web.phrases import say

SHORT = {
    "s1": _l("Holding back"),
    "s2": _l("Blaming, defending"),
    "s3": _l("Stepping around"),
    "s4": _l("Feeling alone"),
    "b1": _l("Communication"),
    "b2": _l("Closeness"),
    "b3": _l("Teamwork"),
    "p1": _l("Listening first"),
    "p2": _l("Appreciation"),
    "p3": _l("Asking first"),
    "p4": _l("Hard subjects"),
    "p5": _l("A step back"),
}
LONGEST_LABEL = 22
MOST_PAIRS = 12
LABEL_WIDTHS = {plot.DESK_ROWS: 170, plot.PHONE_ROWS: 136}


@dataclass(frozen=True, slots=True)
class Figure:
    """One chart in the two widths that it stands in, and the list that its numbered ticks stand for."""

    desk: Markup
    phone: Markup
    starts: tuple[tuple[int, str], ...] = ()


def trend(weeks: Weeks, title: str) -> Figure:
    """Two lines over twelve weeks, 0 to 100."""
    dates = [str(format_date(monday, gettext("d MMM"), rebase=False)) for monday in weeks.mondays]
    a, b = (Series(line.name, line.values, line.usual) for line in (weeks.a, weeks.b))
    ticks = [(index, number) for number, (index, _) in enumerate(weeks.starts, 1)]
    drawn = [
        charts.trend(_words(f"trend-{name}", title), a, b, dates, ticks=ticks, size=size)
        for name, size in (("desk", plot.DESK), ("phone", plot.PHONE))
    ]
    return Figure(drawn[0], drawn[1], tuple((number, name) for number, (_, name) in enumerate(weeks.starts, 1)))


def dumbbells(rows: Sequence[DimensionRow], title: str) -> Figure:
    """A row of dots for each question, 0 to 10."""
    listed = [Row(label_of(row), row.a, row.b) for row in rows]
    drawn = [
        charts.dumbbells(_words(f"dots-{name}", title), listed, label_width=LABEL_WIDTHS[size], size=size)
        for name, size in (("desk", plot.DESK_ROWS), ("phone", plot.PHONE_ROWS))
    ]
    return Figure(drawn[0], drawn[1])


@dataclass(frozen=True, slots=True)
class NoticedFigure:
    """One direction of what was done and noticed: its chart (none before there is a pair), and the rows below it."""

    figure: Figure | None
    rows: tuple[tuple[date, int, int, int], ...]  # day, done, noticed, points apart


def noticing(found: Noticing) -> NoticedFigure:
    """The latest pairs of one direction, 0 to 100, each partner in their own mark; a pair for each place, no gaps."""
    pairs = found.weeks.weeks[-MOST_PAIRS:]
    rows = tuple((pair.on, whole(pair.a), whole(pair.b), abs(whole(pair.a) - whole(pair.b))) for pair in pairs)
    if not pairs:
        return NoticedFigure(None, rows)
    did = Series(found.did_by, [pair.a for pair in pairs])
    noticed = Series(found.noticed_by, [pair.b for pair in pairs])
    a, b = (did, noticed) if found.doer is Label.A else (noticed, did)
    title = gettext("What %(did)s did, and what %(other)s noticed", did=found.did_by, other=found.noticed_by)
    dates = [str(format_date(pair.on, gettext("d MMM"), rebase=False)) for pair in pairs]
    description = gettext("Higher is more. The numbers stand in the table below it.")
    drawn = [
        charts.trend(Words(f"noticed-{found.doer.lower()}-{name}", title, description), a, b, dates, size=size)
        for name, size in (("desk", replace(plot.DESK, every=1)), ("phone", plot.PHONE))
    ]
    return NoticedFigure(Figure(drawn[0], drawn[1]), rows)


def label_of(row: DimensionRow | Question) -> str:
    """The short name of a question; a practice's own question stands with its first words."""
    if row.item_id in SHORT:
        return str(SHORT[row.item_id])
    return row.label if len(row.label) <= LONGEST_LABEL else row.label[: LONGEST_LABEL - 1].rstrip() + "…"


def strip(line: CaseloadLine) -> Markup:
    """Eight weeks of a couple: whose check-ins came in, and nothing of what they say. The list says how to read it."""
    came = [sum(week[place] for week in line.weeks) for place in (0, 1)]
    title = say(
        "Check-ins of the last %(count)s weeks: %(a)s %(from_a)s, %(b)s %(from_b)s",
        count=len(line.weeks), a=line.name_a, from_a=came[0], b=line.name_b, from_b=came[1],
    )  # fmt: skip
    return charts.weeks_strip(
        Words(f"weeks-{line.couple_id}", title), [a for a, _ in line.weeks], [b for _, b in line.weeks]
    )


def table(weeks: Weeks) -> list[tuple[str, list[str]]]:
    """The same numbers as rows of a table: whole numbers, a dash where there is none."""
    return [
        (line.name, ["–" if value is None else str(shown(value)) for value in line.values])
        for line in (weeks.a, weeks.b)
    ]


def shown(value: float | None) -> int | None:
    """A score as pages say it: a whole number."""
    return None if value is None else whole(value)


def _words(uid: str, title: str) -> Words:
    return Words(uid, title, gettext("Higher and further right is easier. The numbers stand in the table below it."))
