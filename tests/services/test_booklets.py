"""The booklet: what this partner may read of thanks, agreed lines and what both want to keep, and nothing else."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from portal.domain.parting import CoupleAct
from portal.domain.people import Viewer
from portal.domain.sessions import NoteKind, SessionKind
from portal.extensions import db
from portal.models.audit import AuditEvent
from portal.services import booklets, couple_states, endings, notes, parting, sessions
from portal.services.booklets import Booklet
from portal.services.endings import AtEnd
from portal.services.sessions import NewSession
from tests.cast import PASSPHRASE, Cast
from tests.conftest import Wall
from tests.given import SECRET, assign, floor, send, task_of

LINK = "http://127.0.0.1:8000/my/"
TEA, STATION = "You made tea before I asked", "You waited at the station"
KEPT = {"works_for_us": "Tea before the list", "when_it_gets_hard": "I go round the block", "thanks": "That you stayed"}


def glad(cast: Cast, viewer: Viewer, given: UUID, text: str, **disclosures: str) -> None:
    send(
        viewer,
        task_of(viewer, given),
        {"t1": text, "t2": SECRET},
        f"{given.hex[:20]} {viewer.person_id}",
        **disclosures,
    )


def texts(found: Booklet) -> list[str]:
    return [one.text for one in found.thanks]


def planned(cast: Cast, wall: Wall) -> UUID:
    new = NewSession(SessionKind.JOINT, wall.now + timedelta(minutes=5), 50)
    return sessions.plan(cast.ines, cast.couples["ana"], new)


def agree(cast: Cast, wall: Wall, text: str) -> None:
    session_id = planned(cast, wall)
    wall.forward(minutes=10)
    notes.write(cast.ines, session_id, NoteKind.AGREED, text)


def test_every_thank_you_that_is_open_to_both_stands_in_it_in_the_order_of_days(cast: Cast, wall: Wall) -> None:
    first = assign(cast, "weekly-check-in")
    glad(cast, cast.ana, first, TEA)
    wall.forward(hours=24 * 7)
    second = assign(cast, "weekly-check-in")
    glad(cast, cast.ben, second, STATION)
    wall.forward(hours=24)
    for viewer in (cast.ana, cast.ben):
        found = booklets.booklet(viewer)
        assert texts(found) == [TEA, STATION]
        assert [one.name for one in found.thanks] == ["Ana", "Ben"]


def test_exercises_about_gratitude_are_thanks_too_and_other_ones_are_not(cast: Cast, wall: Wall) -> None:
    specifics, talk = assign(cast, "three-specifics"), assign(cast, "one-holds-the-floor")
    for viewer in (cast.ana, cast.ben):
        send(
            viewer,
            task_of(viewer, specifics),
            {"done": "done", "favourite": TEA, "said_aloud": "3"},
            f"a{viewer.person_id}",
        )
        send(viewer, task_of(viewer, talk), floor(), f"b{viewer.person_id}")
    wall.forward(hours=24)
    assert texts(booklets.booklet(cast.ana)) == [TEA, TEA]


def test_what_is_private_or_not_open_yet_has_no_way_into_it(cast: Cast, wall: Wall) -> None:
    given = assign(cast, "weekly-check-in")
    glad(cast, cast.ana, given, TEA, t1="coach")
    glad(cast, cast.ben, given, STATION)
    assert booklets.booklet(cast.ana).is_empty
    wall.forward(hours=13)
    assert texts(booklets.booklet(cast.ana)) == texts(booklets.booklet(cast.ben)) == [STATION]
    assert SECRET not in repr(booklets.booklet(cast.ana))


def test_what_was_agreed_stands_in_it_and_what_was_replaced_does_not(cast: Cast, wall: Wall) -> None:
    agree(cast, wall, "A walk after supper\nPhones away at nine")
    agree(cast, wall, "A walk on Sunday")
    lines = [line for _, line in booklets.booklet(cast.ben).agreed]
    assert lines == ["A walk after supper", "Phones away at nine", "A walk on Sunday"]


def test_what_both_want_to_keep_stands_in_it(cast: Cast, wall: Wall) -> None:
    endings.give(cast.ines, cast.couples["ana"], AtEnd.KEEPSAKE, LINK)
    keepsake = endings.ending(cast.ines, cast.couples["ana"]).keepsake
    assert keepsake
    send(cast.ana, task_of(cast.ana, keepsake.assignment_id), KEPT)
    wall.forward(hours=13)
    found = booklets.booklet(cast.ben)
    assert [question.answers[0].answer.value for question in found.kept] == list(KEPT.values())
    assert found.thanks == ()


def test_it_stays_after_the_end(cast: Cast, wall: Wall) -> None:
    glad(cast, cast.ana, assign(cast, "weekly-check-in"), TEA)
    wall.forward(hours=13)
    couple_states.act(cast.ines, cast.couples["ana"], CoupleAct.CLOSE)
    wall.forward(hours=24 * 200)
    for viewer in (cast.ana, cast.ben):
        assert texts(booklets.booklet(viewer)) == [TEA]


def test_what_its_author_took_away_is_gone_from_the_others(cast: Cast, wall: Wall) -> None:
    given = assign(cast, "weekly-check-in")
    glad(cast, cast.ana, given, TEA)
    glad(cast, cast.ben, given, STATION)
    wall.forward(hours=13)
    parting.end_sharing(cast.ana, PASSPHRASE, hides=True)
    assert texts(booklets.booklet(cast.ben)) == [STATION]


def test_who_has_left_keeps_what_was_open_then(cast: Cast, wall: Wall) -> None:
    glad(cast, cast.ben, assign(cast, "weekly-check-in"), STATION)
    wall.forward(hours=13)
    session_id = planned(cast, wall)
    parting.leave(cast.ana, PASSPHRASE, LINK, hides=False)
    wall.forward(hours=1)
    notes.write(cast.ines, session_id, NoteKind.AGREED, "Something later")
    assert [line for _, line in booklets.booklet(cast.ben).agreed] == ["Something later"]
    found = booklets.booklet(cast.ana)
    assert texts(found) == [STATION]
    assert found.agreed == ()


def test_taking_it_along_goes_on_record(cast: Cast) -> None:
    booklets.take(cast.ana)
    db.session.rollback()
    taken = select(AuditEvent.actor_id).where(AuditEvent.event == "booklet:taken")
    assert db.session.scalars(taken).all() == [cast.ana.person_id]
