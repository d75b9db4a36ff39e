"""What the other partner will read of one's own form once it opens: through the functions that make their page.

It is told as if all that can open had opened, and tells nothing of whether the other has sent anything.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from portal import clock
from portal.domain.answers import Answer
from portal.domain.disclosure import Disclosure, Sent, opening_after
from portal.domain.items import WITHOUT_WAITING, Item
from portal.domain.people import Label, Viewer
from portal.domain.questionnaires import Questionnaire
from portal.extensions import db
from portal.models.couples import Partnership
from portal.models.practices import Practice
from portal.models.users import Person
from portal.services import responses, shared
from portal.services.responses import OpenTask
from portal.services.shared import SharedAnswer, SharedQuestion


@dataclass(frozen=True, slots=True)
class PreviewPart:
    """Questions that open together: `at_once` without waiting for the other's form, in a session where `in_session`."""

    in_session: bool
    at_once: bool
    opens_at: datetime
    questions: tuple[SharedQuestion, ...]


def of_draft(viewer: Viewer, task: OpenTask) -> tuple[PreviewPart, ...]:
    """What would open of a draft that was sent now."""
    answers, _ = responses.look_over(task, task.typed)
    zone = db.session.scalars(select(Practice.zone).where(Practice.id == viewer.practice_id)).one()
    return of_answers(viewer, task.questionnaire, answers, opening_after(clock.now(), zone))


def of_answers(
    viewer: Viewer, definition: Questionnaire, answers: Iterable[Answer], opens_at: datetime
) -> tuple[PreviewPart, ...]:
    """What opens of one's own answers; `opens_at` is the 08:00 after the own sending."""
    opened = Sent(viewer.person_id, opens_at, alone=False, other_opens_at=opens_at, session_opened_at=opens_at)
    label, name = _own_label(viewer)
    parts: dict[tuple[bool, bool], list[SharedQuestion]] = {}
    for item, answer in shared.open_answers(definition, answers, opened, opens_at):
        parts.setdefault(_when(item, answer), []).append(SharedQuestion(item, (SharedAnswer(label, name, answer),)))
    return tuple(PreviewPart(*when, opens_at, tuple(questions)) for when, questions in sorted(parts.items()))


def _when(item: Item, answer: Answer) -> tuple[bool, bool]:
    in_session = answer.disclosure is Disclosure.SESSION
    return in_session, not in_session and item.opens == WITHOUT_WAITING


def _own_label(viewer: Viewer) -> tuple[Label, str]:
    own = (Partnership.person_id == viewer.person_id, Partnership.practice_id == viewer.practice_id)
    rows = select(Partnership.label, Person.display_name).join(Person, Person.id == Partnership.person_id).where(*own)
    label, name = db.session.execute(rows.order_by(Partnership.joined_at.desc()).limit(1)).one()
    return Label(label), name
