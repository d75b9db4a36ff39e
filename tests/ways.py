"""Pathways of Ana and Ben for tests of the house: steps put on one, and one's own copy of a step sent."""

from uuid import UUID

from portal.domain.assignments import For
from portal.domain.pathways import ReleaseKind
from portal.domain.people import Viewer
from portal.services import pathways, programme, responses
from portal.services.pathways import NewStep
from portal.services.programme import LibraryEntry
from tests.cast import Cast
from tests.given import send, task_of

ALONE = ("my-listening-habits", "small-reaches", "before-i-speak", "three-specifics")
TOGETHER = ("ten-clear-minutes", "stress-from-outside")


def entry_of(cast: Cast, slug: str) -> LibraryEntry:
    return next(entry for entry in programme.library(cast.ines) if entry.slug == slug)


def slugs_of(cast: Cast, *, joint: bool) -> list[str]:
    """The library's exercises that are done together, or those done alone."""
    entries = [one for one in programme.library(cast.ines) if one.slug != programme.CHECK_IN_SLUG]
    return sorted(one.slug for one in entries if one.audience.is_joint == joint)


def add(cast: Cast, slug: object, **how: object) -> UUID:
    """Ines puts a step on the pathway of Ana and Ben: for both and at once, unless told."""
    new = {"given_to": For.BOTH, "kind": ReleaseKind.AT_ONCE} | how
    step = NewStep(entry_of(cast, str(slug)).id, **new)  # type: ignore[arg-type]
    return pathways.add_step(cast.ines, cast.couples["ana"], step)


def send_own(viewer: Viewer, step_id: UUID, *, sharing: bool = False) -> None:
    """Send one's own copy of a step with nothing but that it was done; where it is shared, with all that can be."""
    task_id = task_of(viewer, step_id)
    items = responses.open_for(viewer, task_id).items
    raw = {item.id: "done" for item in items if item.id == "done"}
    if sharing:
        raw |= {item.id: "A word" for item in items if item.type.value == "text"}
    send(viewer, task_id, raw, key=str(task_id))
