"""A couple's check-ins over the weeks, by what is asked, and what one noticed of what the other did."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from portal import clock
from portal.domain.people import Label, Viewer
from portal.domain.questionnaires import from_document
from portal.domain.session_facts import Both
from portal.services import assigned, caseload_lines, couples, glances, noticed, scope, sent_forms
from portal.services.couples import CoupleShown
from portal.services.noticed import Noticing
from portal.services.overview import Weeks, check_ins, names_of, weeks_of
from portal.services.sent_forms import SentForm


class Show(StrEnum):
    """What may be picked."""

    SCORE = "score"
    SIGNS = "signs"
    BENEFITS = "benefits"
    STEPS = "steps"


@dataclass(frozen=True, slots=True)
class DimensionRow:
    """One question of the latest week, 0 to 10, right is easier: signs are turned round. None is not answered."""

    item_id: str
    label: str
    a: int | None
    b: int | None


@dataclass(frozen=True, slots=True)
class Trends:
    """What one couple's trends page shows; `latest_on` is the Monday of the week that `rows` are of.

    That is the latest week that both answered; before there is one, the latest of either, and `unanswered_by` names
    the other.
    """

    couple: CoupleShown
    show: Show
    weeks: Weeks
    latest_on: date | None
    rows: tuple[DimensionRow, ...]
    unanswered_by: str | None
    noticed: tuple[Noticing, Noticing]


def trends(viewer: Viewer, couple_id: UUID, show: Show, zone: str) -> Trends:
    """One of the coach's own couples; the check-ins go on record as read. Raises NotFound."""
    shown = couples.couple(viewer, couple_id)
    forms = sent_forms.of_couple(viewer, couple_id)
    lines = assigned.assignments_of_couple(viewer, couple_id)
    weeks = weeks_of(shown, forms, lines, lambda form: _measured(form, show), zone)
    latest = _latest_week(check_ins(forms), zone)
    coach_name = scope.coach_of(viewer, couple_id).display_name
    names = names_of(shown)
    found = Trends(
        shown,
        show,
        weeks,
        caseload_lines.monday(clock.now(), zone, latest[0]) if latest else None,
        _rows(latest[1], show, coach_name) if latest else (),
        next((name for label, name in names.items() if latest and label not in latest[1]), None),
        noticed.both_ways(Both(*(names.get(label, "") for label in Label)), forms, zone),
    )
    # all of them, whichever week is the latest of both: the weeks and the usual range are drawn from each
    glances.note(viewer, (*check_ins(forms), *noticed.drawn_upon(forms)), zone)
    return found


def _measured(form: SentForm, show: Show) -> float | None:
    if form.scores is None:
        return None
    return {
        Show.SCORE: form.scores.total,
        Show.SIGNS: form.scores.signs,
        Show.BENEFITS: form.scores.benefits,
        Show.STEPS: form.scores.steps,
    }[show]


def _latest_week(forms: Sequence[SentForm], zone: str) -> tuple[int, dict[Label, SentForm]] | None:
    """How many weeks ago both last sent a check-in (or either, before both have), and what came in that week."""
    now = clock.now()
    by_week: dict[int, dict[Label, SentForm]] = {}
    for form in forms:
        by_week.setdefault(caseload_lines.weeks_ago(form.submitted_at, now, zone), {})[form.label] = form
    ago = min((ago for ago, sent in by_week.items() if len(sent) == len(Label)), default=min(by_week, default=None))
    return None if ago is None else (ago, by_week[ago])


def _rows(latest: Mapping[Label, SentForm], show: Show, coach_name: str) -> tuple[DimensionRow, ...]:
    """The picked questions in the form's order; all signs and benefits where the score is picked."""
    wanted = ("signs", "benefits") if show is Show.SCORE else (show.value,)
    items = from_document(next(iter(latest.values())).document).spoken(coach_name).items
    rows = [
        DimensionRow(item.id, item.label, *(_eased(latest.get(label), item.id, item.reverse) for label in Label))
        for item in items
        if item.dimension in wanted
    ]
    return tuple(row for row in rows if row.a is not None or row.b is not None)


def _eased(form: SentForm | None, item_id: str, is_reversed: bool) -> int | None:
    value: Any = form.value(item_id) if form else None
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    return 10 - value if is_reversed else value
