"""Reports as HTML: an environment of their own, sandboxed and escaping, for page and paper from the same templates."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import UUID

from babel.dates import format_date, format_time
from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from portal.domain.brief import Brief, Differences, JointBrief, Trend
from portal.domain.people import Label
from portal.domain.strip import Strip
from portal.output import charts, plot
from portal.output.charts import Row, Series
from portal.output.figures import figure_rows, figures_file
from portal.output.markdown import as_html
from portal.output.marks import Words
from portal.output.texts import Printer, each_text, tidy

FOLDER = Path(__file__).parent.parent.parent / "templates"
LABEL_WIDTH, SCREEN_LABEL_WIDTH = 100, 118
LANGUAGES = 8  # environments kept; a voice made anew for each request must not pile them up


@dataclass(frozen=True, slots=True)
class Voice:
    """The language a report is written in: its tag (`en`), and that language's gettext and ngettext."""

    language: str
    gettext: Callable[[str], str]
    ngettext: Callable[[str, str, int], str]


def render_brief(brief: Brief | JointBrief, voice: Voice, *, site_name: str) -> str:
    """The document to print: complete, fetching nothing, the same for the same brief.

    The strip of the screen has no way into it: what stands before the door is the constant line, but for a coach copy
    that brings it along as `OnPaper`.
    """
    printer = Printer()
    printable = each_text(brief, printer)
    templates = environment(voice)
    body = _body(templates, printable, voice, paper=True, unprintable=printer.unprintable)
    return templates.get_template("report/document.html").render(
        language=voice.language,
        paper_class="paper-coach" if isinstance(brief, Brief) else "paper-joint",
        site_name=site_name,
        header=brief.header,
        dated=brief.header.cut_off.isoformat(timespec="seconds"),
        body=body,
        attached=_attached(brief, voice) if isinstance(brief, Brief) else "",
    )


def _attached(brief: Brief, voice: Voice) -> str:
    """What goes into the coach copy as a file: the figures as they are, whatever the paper's fonts can print."""
    drawing, seen = _Drawing(voice, paper=True), each_text(brief, tidy)
    rows = figure_rows(seen, drawing.measures, drawing.dimension)
    return figures_file(seen, rows, voice.gettext) if rows else ""


@dataclass(frozen=True, slots=True)
class Sources:
    """Where the lines of a coach copy came from, as addresses: of a form, of an assignment, and of the trends."""

    form: Callable[[UUID], str]
    assignment: Callable[[UUID], str]
    trends: str


def preview_brief(
    brief: Brief | JointBrief, voice: Voice, *, strip: Strip | None = None, sources: Sources | None = None
) -> Markup:
    """The same copy as an article, for a page that links `report.css`.

    `strip` and the ways to where things came from (`sources`) stand on the coach's screen alone.
    """
    templates, seen = environment(voice), each_text(brief, tidy)
    return _body(templates, seen, voice, paper=False, strip=each_text(strip, tidy), sources=sources)


def _body(
    templates: ImmutableSandboxedEnvironment,
    brief: Brief | JointBrief,
    voice: Voice,
    *,
    paper: bool,
    strip: Strip | None = None,
    sources: Sources | None = None,
    unprintable: int = 0,
) -> Markup:
    drawing = _Drawing(voice, paper=paper)
    words: dict[str, Any] = {
        "brief": brief,
        "measures": drawing.measures,
        "dimension": drawing.dimension,
        "trend_chart": drawing.trend,
        "dumbbell_chart": drawing.dumbbells,
        "unprintable": unprintable,
        "sources": sources,
    }
    if isinstance(brief, Brief):
        words["strip"] = strip
        words["figures"] = figure_rows(brief, drawing.measures, drawing.dimension) if sources else ()
    name = "brief" if isinstance(brief, Brief) else "joint"
    return Markup(templates.get_template(f"report/{name}.html").render(words))  # noqa: S704 - the templates escape


def environment(voice: Voice) -> ImmutableSandboxedEnvironment:
    """Where the templates of every report are made into pages, in one language."""
    return _environment_for(voice.language, voice.gettext, voice.ngettext)


@lru_cache(maxsize=LANGUAGES)
def _environment_for(
    language: str, gettext: Callable[[str], str], ngettext: Callable[[str, str, int], str]
) -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]
    dates = _Dates(language, gettext)
    environment.filters.update(
        day=dates.day,
        day_year=dates.day_year,
        full_moment=dates.full_moment,
        lower_first=_lower_first,
        markdown=as_html,
    )
    return environment


def _lower_first(text: str) -> str:
    return text[:1].lower() + text[1:]


class _Dates:
    """Dates in words; instants are read on the clock they came with."""

    def __init__(self, language: str, gettext: Callable[[str], str]) -> None:
        self._language, self._gettext = language.replace("-", "_"), gettext

    def _format(self, value: date, pattern: str) -> str:
        return format_date(value, self._gettext(pattern), locale=self._language)

    def day(self, value: date) -> str:
        """23 November"""
        return self._format(value, "d MMMM")

    def day_short(self, value: date) -> str:
        """23 Nov"""
        return self._format(value, "d MMM")

    def day_year(self, value: date) -> str:
        """23 November 2026"""
        return self._format(value, "d MMMM y")

    def full_moment(self, value: datetime) -> str:
        """Tuesday 24 November 2026, 18:00"""
        return f"{self._format(value.date(), 'EEEE d MMMM y')}, {format_time(value, 'HH:mm', locale=self._language)}"


class _Drawing:
    """The charts of a brief, with their words, drawn for the width in which they stand."""

    def __init__(self, voice: Voice, *, paper: bool) -> None:
        self._word = voice.gettext
        self._dates = _Dates(voice.language, voice.gettext)
        self._trend = plot.PAPER_TREND if paper else plot.PHONE
        self._rows = plot.PAPER_ROWS if paper else plot.PHONE_ROWS
        self._label_width = LABEL_WIDTH if paper else SCREEN_LABEL_WIDTH
        word = voice.gettext
        self.measures = {
            "total": word("Emotional safety score"),
            "benefits": word("Communication, closeness, teamwork"),
        }
        self._dimensions = {
            "s1": word("Holding back"),
            "s2": word("Blame or defence"),
            "s3": word("Avoiding topics"),
            "s4": word("Feeling alone"),
            "b1": word("Communication"),
            "b2": word("Closeness"),
            "b3": word("Teamwork"),
            "p1": word("Listening"),
            "p2": word("Gratitude"),
            "p3": word("Asking first"),
            "p4": word("Hard subjects"),
            "p5": word("Finding back"),
        }

    def dimension(self, item: str) -> str:
        return self._dimensions[item]

    def trend(self, trend: Trend, title: str) -> Markup:
        """`title` says what the chart shows in words: a PDF takes its alternative text from it alone."""
        lines = {line.side.label: line for line in trend.lines}
        told = "; ".join(
            f"{line.side.name}: {', '.join('–' if v is None else str(v) for v in line.values)}" for line in trend.lines
        )
        a, b = (Series(lines[label].side.name, lines[label].values, lines[label].usual) for label in Label)
        ticks = [(tick.week, number) for number, tick in enumerate(trend.homework, 1)]
        weeks = [self._dates.day_short(week) for week in trend.weeks]
        return charts.trend(Words("trend", title, told), a, b, weeks, ticks=ticks, size=self._trend)

    def dumbbells(self, differences: Differences) -> Markup:
        first_is_a = differences.sides[0].label is Label.A
        rows = [
            Row(self.dimension(row.item), *(row.values if first_is_a else row.values[::-1])) for row in differences.rows
        ]
        names = {side.label: side.name for side in differences.sides}
        told = "; ".join(f"{row.label}: {names[Label.A]} {row.a}, {names[Label.B]} {row.b}" for row in rows)
        # a PDF takes its alternative text from the title alone
        words = Words("dots", f"{self._word('Where the two differ and agree most')}. {told}.", told)
        return charts.dumbbells(words, rows, label_width=self._label_width, size=self._rows)
