"""A coach's saved views of the caseload: what it is narrowed to and its order, by a name; one may come first."""

from dataclasses import asdict, dataclass
from uuid import UUID

from sqlalchemy import select, update

from portal import randomness
from portal.domain.caseload import MOST_VIEWS, NEEDS, SORTS, STATES, ViewSettings, check_view_name, folded
from portal.domain.errors import Invalid, NotFound
from portal.domain.people import Viewer
from portal.extensions import begin_write, db
from portal.models.couples import CaseloadView
from portal.models.programme import Step
from portal.services import audit, scope, scope_of_lists


@dataclass(frozen=True, slots=True)
class SavedView:
    """One view by its name; `is_first`: the list begins with it."""

    view_id: UUID
    name: str
    settings: ViewSettings
    is_first: bool


def of_coach(viewer: Viewer) -> tuple[SavedView, ...]:
    """The viewer's own views by their names; one statement. Nobody but coaches has any."""
    rows = db.session.scalars(scope_of_lists.views(viewer)).all()
    return tuple(
        SavedView(row.id, row.name, ViewSettings(row.state, row.step, row.needs, row.sort), row.is_first)
        for row in sorted(rows, key=lambda row: folded(row.name))
    )


def save(viewer: Viewer, name: str, settings: ViewSettings, *, is_first: bool = False) -> UUID:
    """Keep a view by a name; one of the same name is written over. Gives its id.

    Raises NotFound for all but coaches, and Invalid for a name that is none, for one view too many, and for settings
    that the list does not know.
    """
    kept = check_view_name(name)
    if not viewer.role.is_coach:
        raise NotFound
    begin_write()
    scope.own_person(viewer, is_held=True)  # of two at once one waits, and counts what the other kept
    _check(viewer, settings)
    rows = {row.name.casefold(): row for row in db.session.scalars(scope_of_lists.views(viewer))}
    row = rows.get(kept.casefold())
    if row is None:
        if len(rows) >= MOST_VIEWS:
            raise Invalid("too_many_views", most=MOST_VIEWS)
        row = _new(viewer)
    row.name = kept
    row.state, row.step, row.needs, row.sort = asdict(settings).values()
    if is_first:
        _let_none_be_first(viewer)
    row.is_first = row.is_first or is_first
    db.session.add(row)
    audit.record(viewer, "caseload_view:saved", viewer.person_id)
    db.session.commit()
    return row.id


def _new(viewer: Viewer) -> CaseloadView:
    return CaseloadView(
        id=randomness.new_id(),
        practice_id=viewer.practice_id,
        person_id=viewer.person_id,
        is_first=False,
    )


def _check(viewer: Viewer, settings: ViewSettings) -> None:
    steps = select(Step.slug).where(Step.practice_id == viewer.practice_id, Step.slug == settings.step)
    known = (
        settings.state in STATES,
        settings.needs in ("", *NEEDS),
        settings.sort.removeprefix("-") in SORTS,
        not settings.step or db.session.scalar(steps) is not None,
    )
    if not all(known):
        raise Invalid("view_unknown")


def put_first(viewer: Viewer, view_id: UUID, *, is_first: bool) -> None:
    """Let the list begin with a view, or with everybody again. Raises NotFound."""
    begin_write()
    row = scope_of_lists.view(viewer, view_id)
    _let_none_be_first(viewer)
    row.is_first = is_first
    db.session.commit()


def _let_none_be_first(viewer: Viewer) -> None:
    mine = (CaseloadView.practice_id == viewer.practice_id, CaseloadView.person_id == viewer.person_id)
    db.session.execute(update(CaseloadView).where(*mine, CaseloadView.is_first).values(is_first=False))


def remove(viewer: Viewer, view_id: UUID) -> None:
    """Forget a view. Raises NotFound."""
    begin_write()
    db.session.delete(scope_of_lists.view(viewer, view_id))
    audit.record(viewer, "caseload_view:removed", viewer.person_id)
    db.session.commit()
