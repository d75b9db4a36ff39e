"""How much fits on the page: texts cut at a word, and what gives way, in which order, when space is short.

Heights are counted in lines of the page's own text, as `report.css` sets it: a page holds 64 of the coach copy's and
55 of the joint copy's. What everybody wants from the hour, what was agreed, and what to say never give way.
"""

import re
from dataclasses import dataclass, replace
from math import ceil
from typing import TypeVar

from portal.domain.brief import Brief, HomeworkRow, JointBrief, LastTime, LeftOut, Said
from portal.domain.strip import OnPaper

NAME, FIGURE, CHOICE, TITLE, WHY, QUOTE, WANTS, GLAD_OF, SAY = 30, 27, 36, 70, 150, 210, 420, 260, 180
AGREED, AGENDA, THREAD, REMINDER = 160, 110, 110, 160
AGREED_LINES, AGENDA_ITEMS, THREADS, REMINDERS, HOMEWORK_ROWS, FIGURES = 3, 3, 4, 3, 5, 2
FEWEST_ROWS = 2
FLAGS, SAFE_WAY = 3, 200
MEASURES, MEASURE = 2, 40
EDGES, RULE, LARGE = 8, 0.8, 1.06  # header, strip and footer; the space between sections; a line of what was said
NEXT_STEP, TREND, DOTS = 2.4, 18, 9.5
LONG_RUN = re.compile(r"\S{20,}")
WIDEST = frozenset("mwMW@%&—ЖШЩЮжшщю")

AnyBrief = TypeVar("AnyBrief", Brief, JointBrief)


@dataclass(frozen=True, slots=True)
class Paper:
    """Lines on two pages, with room for what may not be broken; and letters in a full, a half and a third width."""

    lines: int
    full: int
    half: int
    third: int


COACH_PAPER = Paper(lines=112, full=98, half=43, third=29)
JOINT_PAPER = Paper(lines=102, full=82, half=36, third=24)


def width(text: str) -> float:
    """How much room a text takes, in letters of the usual width; runs that have to be broken leave lines half empty."""
    runs = sum(len(run.group()) for run in LONG_RUN.finditer(text))
    return sum(map(_letter_width, text)) * (1 + 0.8 * runs / max(len(text), 1))


def _letter_width(letter: str) -> float:
    if letter in WIDEST:
        return 1.9
    if letter.isupper():
        return 1.4
    return 1 if letter.isascii() else 1.25


def cut(text: str | None, longest: int) -> tuple[str | None, bool]:
    """At most the width of `longest` letters, ended at a word with an ellipsis, and whether anything was left out."""
    joined = " ".join((text or "").split())
    if not joined:
        return None, False
    if len(joined) <= longest and width(joined) <= longest:
        return joined, False
    head = joined[:longest]
    while width(head) > longest:
        head = head[: int(len(head) * min(0.95, longest / width(head)))]
    return (head.rsplit(" ", 1)[0] if " " in head[len(head) // 2 :] else head).rstrip(" ,;.") + "…", True


def give_way(brief: AnyBrief, paper: Paper) -> tuple[AnyBrief, tuple[LeftOut, ...]]:
    """The brief on two pages at most, and what it lost: measures, section 9, then 8, second quotes, older homework."""
    left_out: list[LeftOut] = []
    if isinstance(brief, Brief) and any(brief.measures) and _height(brief, paper) > paper.lines:
        brief = replace(brief, measures=((), ()))
        left_out.append(LeftOut.MEASURES)
    if _height(brief, paper) > paper.lines and brief.differences:
        brief = replace(brief, differences=None)
        left_out.append(LeftOut.DIFFERENCES)
    if _height(brief, paper) > paper.lines and brief.trend:
        brief = replace(brief, trend=None)
        left_out.append(LeftOut.TREND)
    if _height(brief, paper) > paper.lines and any(_has_quote(row) for row in brief.homework[1:]):
        brief = replace(brief, homework=(*brief.homework[:1], *map(_without_quotes, brief.homework[1:])))
        left_out.append(LeftOut.SECOND_QUOTES)
    if _height(brief, paper) > paper.lines and len(brief.homework) > FEWEST_ROWS:
        brief = replace(brief, homework=brief.homework[:FEWEST_ROWS])
        left_out.append(LeftOut.EARLIER_HOMEWORK)
    return brief, tuple(left_out)


def _has_quote(row: HomeworkRow) -> bool:
    return any(account.quote for account in row.accounts)


def _without_quotes(row: HomeworkRow) -> HomeworkRow:
    first, second = (replace(account, quote=None, cut=False, disclosure=None) for account in row.accounts)
    return replace(row, accounts=(first, second))


def _height(brief: Brief | JointBrief, paper: Paper) -> float:
    """Lines that a brief takes on an endless page: a line or two more than it really does, and never fewer."""
    lines = EDGES + RULE + LARGE * sum(_lines(opener.text, paper.full - 8) for opener in brief.openers)
    lines += LARGE * _lines(brief.own_line, paper.full - 8)
    lines += RULE + _last_time(brief.last_time, paper)
    lines += RULE + 1.5 + sum(_row_height(row, paper) for row in brief.homework)
    lines += RULE + _said(brief.glad_of, paper)
    if isinstance(brief, Brief):
        lines += RULE + max(_said(brief.wants, paper), 4) + NEXT_STEP
        lines += _strip(brief.before_the_door, paper) + _measures(brief)
    if brief.trend:
        lines += TREND  # the dots stand beside it
    elif brief.differences:
        lines += DOTS
    return lines


def _measures(brief: Brief) -> float:
    """Beside each other, two lines each."""
    most = max(len(totals) for totals in brief.measures)
    return RULE + 1 + 2 * most if most else 0


def _strip(printed: OnPaper | None, paper: Paper) -> float:
    """What a strip in full takes beside the one line that stands there for everybody."""
    if printed is None:
        return 0
    strip, wide = printed.strip, paper.full - 16
    lines = sum(2.2 + _lines(flag.safe_way, wide) for flag in strip.flags)
    lines += sum(_lines(line.text, wide) + 0.2 for line in strip.before_the_door)
    return lines + 1.2 * (len(strip.soft_flags) + len(strip.asked_for_a_word)) + 4


def _last_time(last: LastTime, paper: Paper) -> float:
    """Three columns in the coach copy, the agenda above what is open; the whole width where nothing stands beside."""
    if last.agenda or last.threads or last.reminders:
        open_still = (_column(last.agenda, paper) + 0.35 if last.agenda else 0) + _column(last.threads, paper)
        return max(_column(last.agreed, paper), open_still, _column(last.reminders, paper))
    return max(1, sum(_lines(text, paper.full - 8) + 0.15 for text in last.agreed))


def _column(texts: tuple[str, ...], paper: Paper) -> float:
    return 1 + sum(_lines(text, paper.third) + 0.15 for text in texts)


def _said(pair: tuple[Said, Said], paper: Paper) -> float:
    return 1 + LARGE * max(_lines(said.text, paper.half) for said in pair)


def _row_height(row: HomeworkRow, paper: Paper) -> float:
    task = _lines(row.title, paper.third) + _lines(row.why, paper.third + 4) + 1
    cells = [2 + LARGE * _lines(account.quote, paper.third) + len(account.numbers) / 2 for account in row.accounts]
    return max(task, *cells) + 0.5


def _lines(text: str | None, letters: int) -> int:
    return ceil(1.06 * width(text or "") / letters)
