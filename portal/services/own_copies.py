"""One sent form as its author takes it along: what stands in it now and whom each answer is for, no locked one."""

from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from uuid import UUID

from portal.domain.answers import Answer
from portal.domain.disclosure import given_to_author
from portal.domain.errors import Invalid, NotFound
from portal.domain.items import Item
from portal.domain.people import Viewer
from portal.extensions import begin_write, db
from portal.services import accounts, audit, own_measures, responses, scope, sealed, versions
from portal.services.responses import OpenTask
from portal.services.versions import Version


@dataclass(frozen=True, slots=True)
class OwnCopy:
    """What its author is given of a sent form. `corrected_at`: when what is given here was corrected last, or None.

    From `sharing_ended_at` on nothing more of it opens, and `is_hidden` says that what had opened was taken away.
    """

    title: str
    sent_at: datetime
    corrected_at: datetime | None
    answers: tuple[tuple[Item, Answer], ...]
    sharing_ended_at: datetime | None
    is_hidden: bool
    entered_by: str | None = None  # who typed it in from paper

    @property
    def is_for_coach_alone(self) -> bool:
        """Whether nothing of it could ever open: the work with both had ended when it was sent."""
        return self.sharing_ended_at is not None and self.sharing_ended_at <= self.sent_at


def sent(viewer: Viewer, task_id: UUID) -> OpenTask:
    """One's own form that was sent, without its answers; raises NotFound for any other."""
    task = responses.open_for(viewer, task_id)
    if task.submitted_at is None:
        raise NotFound
    return task


def own_copy(viewer: Viewer, task_id: UUID, passphrase: str) -> OwnCopy:
    """What somebody may take along of one form of their own; that they did goes on record.

    Locked answers are never in it, and no private ones where one chose never to be shown them again. Raises NotFound,
    and Invalid for a wrong pass phrase, and for one that came by mail and that the coach has not vouched for.
    """
    task = sent(viewer, task_id)
    accounts.check_own_passphrase(viewer, passphrase)
    begin_write()
    seal = sealed.seal_or_none(viewer)
    if seal is not None:
        raise Invalid(seal)
    response = scope.own_response(viewer, task_id)
    never_private = scope.own_person(viewer).never_reveals
    said = [_given(version, never_private=never_private) for version in versions.versions_of([response])[response.id]]
    words = own_measures.words_that_may_leave(viewer.practice_id)
    items = {item.id: item for item in own_measures.as_it_may_leave(task.questionnaire, words).items}
    found = OwnCopy(
        task.questionnaire.title,
        response.submitted_at,
        max((after[0] for before, after in pairwise(said) if before[1] != after[1]), default=None),
        tuple((items[answer.item_id], answer) for answer in said[-1][1]),
        response.sharing_ended_at,
        response.hidden_at is not None,
        task.entered_by,
    )
    audit.record(viewer, "response:taken_along", response.id)
    db.session.commit()
    return found


def _given(version: Version, *, never_private: bool) -> tuple[datetime, tuple[Answer, ...]]:
    """When a version was written, and what its author may be given of it."""
    given = (one for one in version.answers if given_to_author(one.disclosure, never_private=never_private))
    return version.written_at, tuple(given)
