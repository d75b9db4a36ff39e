"""The booklet that each partner may take along: thanks, what was agreed, what both want to keep.

It is made of what this partner may read now, as *Shared* shows it, and of nothing else.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from portal.domain.endings import KEEPSAKE, is_thanks
from portal.domain.people import Label, Viewer
from portal.extensions import begin_write, db
from portal.services import audit, notes, shared, taking_part
from portal.services.shared import SharedForm, SharedQuestion


@dataclass(frozen=True, slots=True)
class Thanks:
    """Something that somebody was glad of: who, and on which day (None where the day is theirs alone).

    `question` is what an exercise asked; '' where the words say by themselves what they are.
    """

    label: Label
    name: str
    day: date | None
    question: str
    text: str


@dataclass(frozen=True, slots=True)
class Booklet:
    """What stands in it: thanks, the first one first; lines that were agreed, with their session; what they keep."""

    thanks: tuple[Thanks, ...]
    agreed: tuple[tuple[datetime, str], ...]
    kept: tuple[SharedQuestion, ...]

    @property
    def is_empty(self) -> bool:
        return not (self.thanks or self.agreed or self.kept)


def booklet(viewer: Viewer) -> Booklet:
    """What a partner's booklet would hold now. Raises NotFound."""
    forms = shared.for_both(viewer)
    couple_id, at = taking_part.couple_and_moment(viewer)
    latest_keepsake = next((form for form in forms if form.slug == KEEPSAKE), None)
    return Booklet(
        tuple(_thanks(form for form in forms if form.slug != KEEPSAKE)),
        notes.agreed_by(couple_id, at),
        latest_keepsake.questions if latest_keepsake else (),
    )


def take(viewer: Viewer) -> Booklet:
    """The same, to be taken along as a file, which goes on record. Raises NotFound."""
    found = booklet(viewer)
    begin_write()
    audit.record(viewer, "booklet:taken", viewer.person_id)
    db.session.commit()
    return found


def _thanks(forms: Iterable[SharedForm]) -> Iterator[Thanks]:
    """What has a day in the order of days; what has none comes last."""
    for form in sorted(forms, key=lambda form: (form.assigned_on is None, form.assigned_on or date.min)):
        for question in form.questions:
            if is_thanks(form.step, question.item):
                asked = "" if question.item.opens_at_once else question.item.label
                for one in question.answers:
                    yield Thanks(one.label, one.name, form.assigned_on, asked, str(one.answer.value))
