"""How much fits on the page: texts cut at a word, and what gives way, in which order, when space is short.

Heights are counted in lines of the page's own text and rounded up: a page holds about 62 of the coach copy's. What
everybody wants from the hour, what was agreed, and what to say never give way.
"""

from dataclasses import dataclass, replace
from math import ceil
from typing import TypeVar

from portal.domain.brief import Brief, HomeworkRow, JointBrief, LeftOut, Said

TITLE, WHY, QUOTE, WANTS, GLAD_OF, AGREED, THREAD, REMINDER, SAY = 90, 220, 260, 520, 340, 260, 180, 200, 240
AGREED_LINES, THREADS, REMINDERS, HOMEWORK_ROWS, FIGURES = 4, 4, 3, 5, 2
FEWEST_ROWS = 2
WIDE = 1.6  # a capital or a wide letter, in letters of the usual width

AnyBrief = TypeVar("AnyBrief", Brief, JointBrief)


@dataclass(frozen=True, slots=True)
class Paper:
    """Lines on two pages, with room for what may not be broken; and letters in a full, a half and a third width."""

    lines: int
    full: int
    half: int
    third: int


COACH_PAPER = Paper(lines=100, full=98, half=43, third=29)
JOINT_PAPER = Paper(lines=84, full=82, half=36, third=24)


def cut(text: str | None, longest: int) -> tuple[str | None, bool]:
    """At most `longest` letters, ended at a word with an ellipsis, and whether anything was left out."""
    joined = " ".join((text or "").split())
    if not joined:
        return None, False
    if len(joined) <= longest:
        return joined, False
    head = joined[:longest]
    return (head.rsplit(" ", 1)[0] if " " in head[longest // 2 :] else head).rstrip(" ,;.") + "…", True


def give_way(brief: AnyBrief, paper: Paper) -> tuple[AnyBrief, tuple[LeftOut, ...]]:
    """The brief on two pages at most, and what it lost: section 9, then 8, then second quotes, then older homework."""
    left_out: list[LeftOut] = []
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


def _height(brief: Brief | JointBrief, paper: Paper) -> int:
    last = brief.last_time
    lines = 9 + 6  # header and strip; footer
    lines += 1 + sum(_lines(line, paper.full) for line in (*last.agreed, *last.threads, *last.reminders))
    lines += 2 + sum(_lines(opener.text, paper.full - 8) + 1 for opener in brief.openers)
    lines += 3 + sum(_row_height(row, paper) for row in brief.homework)
    lines += 2 + _said(brief.glad_of, paper)
    if isinstance(brief, Brief):
        lines += 2 + _said(brief.wants, paper) + 5
    if brief.trend:
        lines += 22
    if brief.differences:
        lines += 8
    return lines


def _said(pair: tuple[Said, Said], paper: Paper) -> int:
    return 1 + max(_lines(said.text, paper.half) for said in pair)


def _row_height(row: HomeworkRow, paper: Paper) -> int:
    task = _lines(row.title, paper.third) + _lines(row.why, paper.third + 4) + 1
    cells = [
        2 + _lines(account.quote, paper.third) + _lines(" ".join(n.label for n in account.numbers), paper.third)
        for account in row.accounts
    ]
    return max(task, *cells) + 1


def _lines(text: str | None, letters: int) -> int:
    wide = sum(WIDE if letter.isupper() or letter in "mw—@%" else 1 for letter in text or "")
    return ceil(1.06 * wide / letters)
