"""The second look at a joint copy: whether its words repeat something private of its couple, which is then left out."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from sqlalchemy import literal, select, union_all

from portal import clock, content
from portal.domain.disclosure import Reader, may_read
from portal.domain.errors import Invalid
from portal.domain.items import WITHOUT_WAITING
from portal.domain.people import Viewer
from portal.domain.private_words import PrivateText, repeats, strangers, without_private
from portal.domain.questionnaires import from_document
from portal.domain.session_facts import JointFacts
from portal.domain.session_notes import NoteOf
from portal.domain.sessions import NoteKind
from portal.extensions import db
from portal.models.notes import Addendum, Note, SessionNote
from portal.services import session_notes, vault
from portal.services.notes import PLACE
from portal.services.sent_forms import SentForm
from portal.services.session_material import Material

OF_ONE = (NoteOf.A, NoteOf.B)


def left_out(
    viewer: Viewer, material: Material, facts: JointFacts, lies_from: datetime | None = None
) -> tuple[JointFacts, bool]:
    """The facts of a joint copy without what repeats something private, and whether any of it did.

    What is private is read where there are words that stand in no shared text, and only then.
    """
    lines = (opener.text for opener in facts.openers)
    shared, private = _sorted(material, lines, lies_from or material.frame.starts_at)
    if not strangers(facts, shared):
        return facts, False
    return without_private(facts, (*private, *_notes(viewer, material)), shared)


def check_line(viewer: Viewer, material: Material, line: str) -> None:
    """Raise Invalid "line_repeats_private" for a coach's line that repeats something that is not open to both."""
    lines = (entry["text"] for entry in content.openers()["openers"])
    shared, private = _sorted(material, lines, material.frame.starts_at)
    texts = (one.text for one in (*private, *_notes(viewer, material)))
    if repeats(line, texts, shared):
        raise Invalid("line_repeats_private", field="line")


def _sorted(material: Material, lines: Iterable[str], lies_from: datetime) -> tuple[list[str], list[PrivateText]]:
    """What both may read of a couple, the practice's own words among it, and what of the forms they may not."""
    shared = [*material.notes.agreed, *lines]
    of_both = [given for given in material.given if given.is_for_both and given.own_time_since is None]
    shared += [text for given in of_both for text in (given.title, given.why)]
    private = [PrivateText(given.why) for given in material.given if given not in of_both]
    for form in material.sent:
        open_texts, closed = _of_form(form, (material.until, max(clock.now(), lies_from)))
        shared += open_texts
        private += closed
    return shared, private


def _of_form(form: SentForm, instants: Iterable[datetime]) -> tuple[list[str], list[PrivateText]]:
    """The texts of every version of a form that are open to both at one of these instants, and those that are not."""
    definition = from_document(form.document)
    looked_at = (*instants, *(at for at in (form.sent.exchanged_at,) if at is not None))
    open_texts, closed = [], []
    for version in form.versions:
        is_met = [at for at in looked_at if version is form.versions[0] or version.opens_at <= at]
        for answer in version.answers:
            if not isinstance(answer.value, str) or not answer.value:
                continue
            sent = form.sent.of_item(answer.item_id)
            waits = definition.item(answer.item_id).opens != WITHOUT_WAITING
            if any(may_read(answer.disclosure, Reader.PARTNER, sent, at, waits=waits) for at in is_met):
                open_texts.append(answer.value)
            else:
                closed.append(PrivateText(answer.value, version.written_at))
    return open_texts, closed


def _notes(viewer: Viewer, material: Material) -> Iterator[PrivateText]:
    """What coaches noted for themselves or of one alone, as far as this one may read it; one statement."""
    couple = Note.couple_id == material.couple_id
    lines = select(literal(PLACE).label("place"), Note.id, Note.couple_id.label("owner_id"), Note.text).where(
        couple, Note.kind != NoteKind.AGREED
    )
    is_theirs = SessionNote.note_of.in_(OF_ONE) | (
        (SessionNote.note_of == NoteOf.PRIVATE) & (SessionNote.author_id == viewer.person_id)
    )
    of_notes = (SessionNote.couple_id == material.couple_id, is_theirs)
    whole = select(literal(session_notes.TEXT), SessionNote.id, SessionNote.sealed_for, SessionNote.text)
    added = select(literal(session_notes.ADDED), Addendum.id, SessionNote.sealed_for, Addendum.text)
    added = added.join(SessionNote, SessionNote.id == Addendum.note_id)
    rows = db.session.execute(union_all(lines, whole.where(*of_notes), added.where(*of_notes))).all()
    vault.load_keys(row.owner_id for row in rows)
    for row in rows:
        text = vault.unseal_or_none(row.owner_id, row.place, row.id, row.text)
        if text:
            yield PrivateText(text)
