"""Briefs that are kept: the weeks they are of, and how a tree of values is written down to be read and compared.

What is kept is renewed with `./portal.sh test --renew-golden tests/domain/test_golden.py tests/output/test_golden.py`;
look at what changed before it is committed. There is one file for each, so that two renewals seldom meet.
"""

from dataclasses import fields, is_dataclass, replace
from datetime import date, datetime, timedelta
from enum import Enum

from portal.domain.brief import Brief, JointBrief
from portal.domain.joint_prep import build_joint
from portal.domain.session_facts import (
    Both,
    CoachAccount,
    CoachFacts,
    CoachPartner,
    Frame,
    HomeworkStart,
    JointAccount,
    JointFacts,
    JointPartner,
)
from portal.domain.session_prep import build_coach
from tests import briefs

WEEKS = 104
TASKS = 30


def _late() -> CoachFacts:
    """Ben's check-in came after the cut-off."""
    whole = briefs.ordinary()
    ben = replace(whole.partners.b, wants=None, glad_of=None, wants_key="", glad_key="", unanswered=1, late=1)
    return replace(whole, partners=Both(whole.partners.a, ben))


def _late_joint() -> JointFacts:
    whole = briefs.ordinary_joint()
    return replace(whole, partners=Both(whole.partners.a, replace(whole.partners.b, glad_of=None)))


def _withdrawn() -> CoachFacts:
    """Ben takes part no more: what he sent before stays, nothing new is asked of him; there is no joint copy then."""
    whole = briefs.ordinary()
    ben = CoachPartner(whole.partners.b.check_ins[:4])
    first, second = whole.homework
    alone = (replace(first, accounts=Both(first.accounts.a, None)), second)
    return replace(whole, partners=Both(whole.partners.a, ben), homework=alone)


def _later(frame: Frame) -> Frame:
    by = timedelta(weeks=WEEKS - 12)
    return replace(
        frame,
        number=53,
        starts_at=frame.starts_at + by,
        cut_off=frame.cut_off + by,
        last_met=frame.last_met + by if frame.last_met else None,
    )


def _two_years() -> CoachFacts:
    """A check-in each week of each, up and down in their usual way, and homework begun every other week."""
    whole = briefs.ordinary()
    a = tuple(briefs.check_in(i, [3 + i % 3, 4, 5, 4 + i % 2], [5, 5 + i % 3, 6]) for i in range(WEEKS))
    b = tuple(briefs.check_in(i, [4, 3 + i % 4, 4, 4], [6 + i % 2, 6, 7]) for i in range(WEEKS))
    starts = tuple(
        HomeworkStart(briefs.FIRST_MONDAY + timedelta(weeks=i), f"step {i // 2 + 1}") for i in range(0, WEEKS, 2)
    )
    by = timedelta(weeks=WEEKS - 12)
    return replace(
        whole,
        frame=_later(whole.frame),
        partners=Both(replace(whole.partners.a, check_ins=a), replace(whole.partners.b, check_ins=b)),
        homework=tuple(replace(one, assigned_on=one.assigned_on + by) for one in whole.homework),
        homework_starts=starts,
    )


def _two_years_joint() -> JointFacts:
    whole = briefs.ordinary_joint()
    a = tuple(briefs.opened(i, [5, 5 + i % 3, 6]) for i in range(WEEKS))
    b = tuple(briefs.opened(i, [6 + i % 2, 6, 7]) for i in range(WEEKS))
    partners = Both(JointPartner(a, whole.partners.a.glad_of), JointPartner(b, whole.partners.b.glad_of))
    return replace(whole, frame=_later(whole.frame), partners=partners, homework_starts=_two_years().homework_starts)


def _flagged() -> CoachFacts:
    """Under a hold: exercises for one alone are left to propose, and nothing on paper says why."""
    whole = briefs.ordinary()
    return replace(whole, library=tuple(one for one in whole.library if one.audience == "alone"))


def _thirty() -> CoachFacts:
    whole = briefs.ordinary()
    silent = Both(CoachAccount(), CoachAccount())
    rest = tuple(
        replace(whole.homework[1], title=f"A small task, the {i}th", accounts=silent) for i in range(3, TASKS + 1)
    )
    return replace(whole, homework=(*whole.homework, *rest))


def _thirty_joint() -> JointFacts:
    whole = briefs.ordinary_joint()
    silent = Both(JointAccount(), JointAccount())
    rest = tuple(
        replace(whole.homework[1], title=f"A small task, the {i}th", accounts=silent) for i in range(3, TASKS + 1)
    )
    return replace(whole, homework=(*whole.homework, *rest))


KEPT: dict[str, Brief | JointBrief] = {
    "full-coach": build_coach(briefs.ordinary()),
    "full-joint": build_joint(briefs.ordinary_joint()),
    "empty-coach": build_coach(briefs.empty()),
    "empty-joint": build_joint(briefs.empty_joint()),
    "one-sided-coach": build_coach(briefs.one_sided()),
    "one-sided-joint": build_joint(briefs.one_sided_joint()),
    "late-coach": build_coach(_late()),
    "late-joint": build_joint(_late_joint()),
    "withdrawn-coach": build_coach(_withdrawn()),
    "two-years-coach": build_coach(_two_years()),
    "two-years-joint": build_joint(_two_years_joint()),
    "flags-coach": build_coach(_flagged()),
    "thirty-tasks-coach": build_coach(_thirty()),
    "thirty-tasks-joint": build_joint(_thirty_joint()),
}


def written(value: object, indent: str = "") -> str:
    """A tree of frozen values, a line for each, its names in the order in which they are declared."""
    deeper = f"{indent}  "
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, tuple):
        return "".join(f"\n{deeper}- {written(part, deeper)}" for part in value) or "()"
    if is_dataclass(value) and not isinstance(value, type):
        parts = ((field.name, getattr(value, field.name)) for field in fields(value))
        return type(value).__name__ + "".join(f"\n{deeper}{name}: {written(part, deeper)}" for name, part in parts)
    return repr(value)
