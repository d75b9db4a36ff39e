"""What the demo's coaches have laid ready: whom people can call, a shelf beside the steps, and a couple's pathway."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from portal import randomness
from portal.domain.assignments import For
from portal.domain.pathways import ReleaseKind
from portal.domain.people import Viewer
from portal.extensions import begin_write, db
from portal.models.practices import Contact
from portal.services import pathway_issuing, pathways, resources
from portal.services.pathways import NewStep
from portal.services.resources import NewResource


def list_contacts(owner: Viewer, contacts: Iterable[Mapping[str, str]], checked_on: date) -> None:
    """Whom people can call, as the owner has checked them on a day."""
    begin_write()
    for contact in contacts:
        ids = {"id": randomness.new_id(), "practice_id": owner.practice_id}
        db.session.add(Contact(**ids, checked_on=checked_on, checked_by=owner.person_id, **contact))
    db.session.commit()


def fill_shelf(owner: Viewer, links: Iterable[Mapping[str, Any]]) -> None:
    """Something to hear or to read beside a step of the programme."""
    for link in links:
        resources.add(owner, NewResource(**{"minutes": None} | dict(link)))


def lay_pathway(
    coach: Viewer, couple_id: UUID, steps: Iterable[Mapping[str, Any]], library: Mapping[str, UUID], link: str
) -> None:
    """A pathway, begun: each step at once, after another of it (by its place), or opened by the coach; what is open
    goes out. `link` goes into the mails.
    """
    laid: list[UUID] = []
    for step in steps:
        kind, more = ReleaseKind.AT_ONCE, {}
        if step.get("together"):
            kind = ReleaseKind.BY_COACH
        elif "after" in step:
            kind, more = ReleaseKind.AFTER_OWN, {"after": laid[step["after"] - 1], "days": step.get("days", 0)}
        new = NewStep(library[step["exercise"]], For.BOTH, kind, days_open=6, why=step["why"], **more)
        laid.append(pathways.add_step(coach, couple_id, new))
    pathways.begin(coach, couple_id)
    pathway_issuing.issue_due(link)
