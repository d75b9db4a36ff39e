"""Notes of a session: drafted, locked, added to; of both, of one or one's own, and each leaves where it belongs."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from portal.domain.errors import Conflict, Invalid, NotAllowed, NotFound
from portal.domain.people import Label
from portal.domain.session_notes import NoteOf
from portal.domain.sessions import Attendance, SessionKind
from portal.extensions import db
from portal.models.audit import AuditEvent
from portal.models.notes import SessionNote
from portal.services import covers, records, session_notes, sessions, supervision, vault
from portal.services.sessions import NewSession
from tests.cast import PASSPHRASE, Cast
from tests.conftest import START, Wall

TEXT = "## Plan\n\nA walk each day."


@pytest.fixture
def session(cast: Cast) -> UUID:
    new = NewSession(SessionKind.JOINT, START + timedelta(days=1), 60)
    return sessions.plan(cast.ines, cast.couples["ana"], new)


def write(cast: Cast, session: UUID, note_of: NoteOf, text: str = TEXT, *, locks: bool = False) -> None:
    saved = session_notes.save(cast.ines, session, note_of, text, 0)
    if locks:
        session_notes.lock(cast.ines, session, note_of, text, saved.state.version)


def test_a_session_of_both_can_have_four_notes_and_one_of_one_two(cast: Cast, session: UUID) -> None:
    assert [head.note_of for head in session_notes.heads(cast.ines, session, SessionKind.JOINT)] == list(NoteOf)
    alone = NewSession(SessionKind.INDIVIDUAL_B, START + timedelta(days=2), 60)
    alone_id = sessions.plan(cast.ines, cast.couples["ana"], alone)
    assert [head.note_of for head in session_notes.heads(cast.ines, alone_id, SessionKind.INDIVIDUAL_B)] == [
        NoteOf.B,
        NoteOf.PRIVATE,
    ]
    for note_of in (NoteOf.JOINT, NoteOf.A):
        with pytest.raises(NotFound):
            session_notes.save(cast.ines, alone_id, note_of, TEXT, 0)
        db.session.rollback()


def test_a_draft_is_saved_over_the_version_that_was_on_the_page(cast: Cast, session: UUID) -> None:
    first = session_notes.save(cast.ines, session, NoteOf.JOINT, "One", 0)
    second = session_notes.save(cast.ines, session, NoteOf.JOINT, "Two", first.state.version)
    assert (second.text, second.state.version, second.author) == ("Two", 2, "Ines")
    with pytest.raises(Conflict) as refused:
        session_notes.save(cast.ines, session, NoteOf.JOINT, "Three", first.state.version)
    db.session.rollback()
    assert refused.value.params["note"].text == "Two"  # type: ignore[attr-defined]
    assert session_notes.save(cast.ines, session, NoteOf.JOINT, "Two", 0).state.version == 2  # the same again is none


def test_nothing_written_begins_no_note(cast: Cast, session: UUID) -> None:
    assert session_notes.save(cast.ines, session, NoteOf.JOINT, "", 0).saved_at is None
    assert db.session.scalars(select(SessionNote)).all() == []


def test_what_is_locked_is_changed_no_more_and_added_to_with_a_date(cast: Cast, session: UUID, wall: Wall) -> None:
    write(cast, session, NoteOf.JOINT)
    with pytest.raises(NotAllowed, match="note_open"):
        session_notes.add(cast.ines, session, NoteOf.JOINT, "More")
    db.session.rollback()
    for _ in range(2):
        session_notes.lock(cast.ines, session, NoteOf.JOINT, TEXT, 1)
    with pytest.raises(NotAllowed, match="note_locked"):
        session_notes.save(cast.ines, session, NoteOf.JOINT, "Other", 1)
    db.session.rollback()
    wall.forward(minutes=60 * 24)
    session_notes.add(cast.ines, session, NoteOf.JOINT, "They wrote")
    note = session_notes.note(cast.ines, session, NoteOf.JOINT)
    assert (note.text, [one.text for one in note.addenda]) == (TEXT, ["They wrote"])
    assert note.locked_at is not None
    assert note.addenda[0].added_at - note.locked_at == timedelta(days=1)
    events = db.session.scalars(select(AuditEvent.event).where(AuditEvent.event.like("session_note:%"))).all()
    assert sorted(events) == ["session_note:added_to", "session_note:begun", "session_note:locked"]


def test_what_is_locked_is_what_was_typed_over_the_version_on_the_page(cast: Cast, session: UUID) -> None:
    write(cast, session, NoteOf.JOINT)
    session_notes.save(cast.ines, session, NoteOf.JOINT, "Two", 1)
    with pytest.raises(Conflict, match="stale_note"):
        session_notes.lock(cast.ines, session, NoteOf.JOINT, "Other", 1)
    db.session.rollback()
    session_notes.lock(cast.ines, session, NoteOf.JOINT, "Three", 2)
    assert session_notes.note(cast.ines, session, NoteOf.JOINT).text == "Three"
    with pytest.raises(Invalid, match="note_empty"):
        session_notes.lock(cast.ines, session, NoteOf.PRIVATE, " ", 0)


@pytest.mark.parametrize(("text", "added"), [("x" * 20_001, "x" * 4_001), ("x" * 20_001, "   ")])
def test_what_is_too_long_or_says_nothing_is_refused(cast: Cast, session: UUID, text: str, added: str) -> None:
    with pytest.raises(Invalid):
        session_notes.save(cast.ines, session, NoteOf.JOINT, text, 0)
    write(cast, session, NoteOf.JOINT, locks=True)
    with pytest.raises(Invalid):
        session_notes.add(cast.ines, session, NoteOf.JOINT, added)


def test_a_private_note_is_found_by_its_writer_alone(cast: Cast, session: UUID) -> None:
    for note_of in (NoteOf.JOINT, NoteOf.PRIVATE):
        write(cast, session, note_of, f"Of {note_of}")
    today = START.date()
    covers.arrange(cast.ines, cast.ines.person_id, cast.omar.person_id, today, today)
    supervision.begin(cast.ines, cast.couples["ana"], cast.noor.person_id, "http://127.0.0.1/")
    assert session_notes.note(cast.omar, session, NoteOf.JOINT).text == "Of joint"
    assert session_notes.note(cast.omar, session, NoteOf.PRIVATE).text == ""  # his own, of which there is none
    assert [head.note_of for head in session_notes.heads(cast.noor, session, SessionKind.JOINT)] == [NoteOf.JOINT]
    with pytest.raises(NotFound):
        session_notes.note(cast.noor, session, NoteOf.PRIVATE)
    with pytest.raises(NotFound):
        session_notes.save(cast.noor, session, NoteOf.JOINT, "Mine", 1)
    db.session.rollback()
    session_notes.save(cast.omar, session, NoteOf.PRIVATE, "Omar's own", 0)
    assert session_notes.note(cast.ines, session, NoteOf.PRIVATE).text == "Of private"


def test_nobody_else_reads_or_writes_a_note(cast: Cast, session: UUID) -> None:
    write(cast, session, NoteOf.JOINT)
    for stranger in (cast.omar, cast.sol, cast.mira, cast.ana, cast.ben):
        for act in (
            lambda who=stranger: session_notes.note(who, session, NoteOf.JOINT),
            lambda who=stranger: session_notes.save(who, session, NoteOf.JOINT, "Mine", 1),
            lambda who=stranger: session_notes.lock(who, session, NoteOf.JOINT, TEXT, 1),
            lambda who=stranger: session_notes.add(who, session, NoteOf.JOINT, "Mine"),
        ):
            with pytest.raises(NotFound):
                act()
            db.session.rollback()


def test_nobody_else_is_told_that_there_is_one(cast: Cast, session: UUID) -> None:
    write(cast, session, NoteOf.JOINT)
    for stranger in (cast.omar, cast.sol, cast.mira, cast.ana, cast.ben):
        assert all(head.saved_at is None for head in session_notes.heads(stranger, session, SessionKind.JOINT))


def test_each_record_holds_the_locked_notes_that_belong_to_it_and_no_private_one(cast: Cast, session: UUID) -> None:
    for note_of in NoteOf:
        write(cast, session, note_of, f"Of {note_of}", locks=True)
    later = sessions.plan(cast.ines, cast.couples["ana"], NewSession(SessionKind.JOINT, START + timedelta(days=8), 60))
    write(cast, later, NoteOf.A, "A draft")
    session_notes.add(cast.ines, session, NoteOf.B, "And later")
    couple_id = cast.couples["ana"]
    of_ana = records.own_record(cast.ines, couple_id, Label.A, PASSPHRASE).notes
    of_ben = records.own_record(cast.ines, couple_id, Label.B, PASSPHRASE).notes
    assert [note.text for note in of_ana] == ["Of a"]
    assert [(note.text, [text for _, text in note.addenda]) for note in of_ben] == [("Of b", ["And later"])]
    assert [note.text for note in session_notes.of_record(couple_id, NoteOf.JOINT)] == ["Of joint"]
    with pytest.raises(NotFound):
        session_notes.of_record(couple_id, NoteOf.PRIVATE)


def test_a_note_of_one_goes_with_that_one(cast: Cast, session: UUID) -> None:
    for note_of in (NoteOf.A, NoteOf.JOINT):
        write(cast, session, note_of, f"Of {note_of}")
    vault.destroy_key(cast.ana.person_id)
    assert session_notes.note(cast.ines, session, NoteOf.A).text is None
    assert session_notes.note(cast.ines, session, NoteOf.JOINT).text == "Of joint"
    with pytest.raises(NotAllowed, match="note_of_somebody_erased"):
        session_notes.save(cast.ines, session, NoteOf.A, "Again", 1)


def test_ones_own_record_holds_no_hour_to_which_one_did_not_come(cast: Cast, session: UUID, wall: Wall) -> None:
    wall.to(START + timedelta(days=2))
    sessions.put_down_attendance(cast.ines, session, Attendance.A)
    couple_id = cast.couples["ana"]
    assert len(records.own_record(cast.ines, couple_id, Label.A, PASSPHRASE).together) == 1
    assert records.own_record(cast.ines, couple_id, Label.B, PASSPHRASE).together == ()
