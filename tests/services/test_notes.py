"""Notes: sealed under the couple's key, agreed lines for both, everything else for the coach."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from portal.domain.errors import Invalid, NotFound
from portal.domain.sessions import NoteKind, SessionKind, SessionState
from portal.extensions import db
from portal.models.notes import Note
from portal.services import notes, sessions
from tests import factories
from tests.cast import Cast
from tests.conftest import START, Wall


@pytest.fixture
def couple_id(cast: Cast) -> UUID:
    return cast.couples["ana"]


@pytest.fixture
def held(couple_id: UUID) -> UUID:
    return factories.session(couple_id, START - timedelta(hours=1), state=SessionState.HELD)


def texts(found: tuple[notes.NoteShown, ...]) -> list[str]:
    return [note.text for note in found]


def test_a_note_is_sealed_where_it_stands(cast: Cast, held: UUID) -> None:
    notes.write(cast.ines, held, NoteKind.THREAD, "The holiday with her mother")
    row = db.session.scalars(select(Note)).one()
    assert b"holiday" not in row.text
    assert texts(notes.of_session(cast.ines, held)) == ["The holiday with her mother"]


def test_nobody_but_the_couples_coach_writes_reads_or_closes_a_note(cast: Cast, couple_id: UUID, held: UUID) -> None:
    note_id = notes.write(cast.ines, held, NoteKind.REMINDER, "Begin on time")
    for stranger in (cast.omar, cast.sol, cast.ana, cast.ben):
        with pytest.raises(NotFound):
            notes.write(stranger, held, NoteKind.THREAD, "x")
        with pytest.raises(NotFound):
            notes.of_session(stranger, held)
        with pytest.raises(NotFound):
            notes.close_thread(stranger, note_id)
        with pytest.raises(NotFound):
            notes.open_threads(stranger, couple_id)


def test_a_thread_stays_open_until_it_is_closed(cast: Cast, couple_id: UUID, held: UUID, wall: Wall) -> None:
    first = notes.write(cast.ines, held, NoteKind.THREAD, "The holiday")
    wall.forward(minutes=1)
    notes.write(cast.ines, held, NoteKind.REMINDER, "Begin on time")
    assert texts(notes.open_threads(cast.ines, couple_id)) == ["Begin on time", "The holiday"]
    assert texts(notes.reminders(cast.ines, couple_id)) == ["Begin on time"]
    assert notes.close_thread(cast.ines, first) == held
    notes.close_thread(cast.ines, first)
    assert texts(notes.open_threads(cast.ines, couple_id)) == ["Begin on time"]
    assert [note.is_open for note in notes.of_session(cast.ines, held)] == [False, True]


def test_both_partners_read_the_lines_of_the_latest_session_that_has_any(
    cast: Cast, couple_id: UUID, held: UUID
) -> None:
    earlier = factories.session(couple_id, START - timedelta(days=14), state=SessionState.HELD)
    factories.session(couple_id, START - timedelta(minutes=1), state=SessionState.HELD)
    notes.write(cast.ines, held, NoteKind.AGREED, "Ten minutes on Sunday\nA walk")
    notes.write(cast.ines, earlier, NoteKind.AGREED, "Something older")
    notes.write(cast.ines, held, NoteKind.THREAD, "For me alone")
    for partner in (cast.ana, cast.ben):
        assert notes.agreed_for_partner(partner) == ("Ten minutes on Sunday", "A walk")
    assert notes.agreed_for_partner(cast.cleo) == ()
    with pytest.raises(NotFound):
        notes.agreed_for_partner(cast.ines)


def test_what_was_agreed_in_a_session_that_was_called_off_is_told_to_nobody(cast: Cast, couple_id: UUID) -> None:
    planned = factories.session(couple_id, START + timedelta(days=1))
    notes.write(cast.ines, planned, NoteKind.AGREED, "Ten minutes")
    assert notes.agreed_for_partner(cast.ana) == ("Ten minutes",)
    sessions.cancel(cast.ines, planned)
    assert notes.agreed_for_partner(cast.ana) == ()


def test_an_individual_session_has_nothing_that_both_may_read(cast: Cast, couple_id: UUID) -> None:
    alone = factories.session(couple_id, START, SessionKind.INDIVIDUAL_A)
    with pytest.raises(Invalid, match="agreed_needs_both"):
        notes.write(cast.ines, alone, NoteKind.AGREED, "Ten minutes")
    notes.write(cast.ines, alone, NoteKind.THREAD, "For me alone")
    assert notes.agreed_for_partner(cast.ben) == ()


def test_a_text_that_was_moved_to_another_row_does_not_open(cast: Cast, held: UUID) -> None:
    one = notes.write(cast.ines, held, NoteKind.THREAD, "One")
    other = notes.write(cast.ines, held, NoteKind.THREAD, "Other")
    rows = {row.id: row for row in db.session.scalars(select(Note))}
    rows[one].text = rows[other].text
    db.session.commit()
    with pytest.raises(Exception, match="does not open here"):
        notes.of_session(cast.ines, held)
