"""The outbox: asked for with the change, once, sealed until it goes, and nobody's mail in another's."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from portal.domain.people import Viewer
from portal.extensions import begin_write, db
from portal.models.outbox import OutboxEntry
from portal.models.users import Person
from portal.services import outbox
from tests.cast import Cast
from tests.conftest import Wall

WORDS = {"link": "http://127.0.0.1:8000/my/?a-secret-in-a-link"}


@pytest.fixture(autouse=True)
def _nothing_waits(cast: Cast) -> None:
    for mail in outbox.due():
        outbox.mark_sent(mail)


def put(viewer: Viewer, key: str) -> None:
    begin_write()
    person = db.session.scalars(select(Person).where(Person.id == viewer.person_id)).one()
    outbox.enqueue(person, "task", key, WORDS)
    db.session.commit()


def test_a_mail_that_is_due_comes_with_its_words_and_its_reader(cast: Cast, wall: Wall) -> None:
    put(cast.ana, "a")
    (mail,) = outbox.due()
    assert (mail.address, mail.message, mail.dedupe_key, mail.words) == ("ana@home.example", "task", "a", WORDS)
    assert mail.created_at == wall.now


def test_what_a_mail_holds_is_sealed_while_it_waits_and_gone_once_it_went(cast: Cast) -> None:
    put(cast.ana, "a")
    entry = db.session.scalars(select(OutboxEntry).where(OutboxEntry.dedupe_key == "a")).one()
    assert entry.payload
    assert b"a-secret-in-a-link" not in entry.payload
    (mail,) = outbox.due()
    outbox.mark_sent(mail)
    assert entry.payload is None
    assert outbox.due() == []


def test_the_same_mail_is_asked_for_once(cast: Cast) -> None:
    put(cast.ana, "a")
    with pytest.raises(IntegrityError):
        put(cast.ana, "a")
    db.session.rollback()
    assert len(outbox.due()) == 1


def test_a_change_that_is_taken_back_takes_its_mail_along(cast: Cast) -> None:
    begin_write()
    person = db.session.scalars(select(Person).where(Person.id == cast.ana.person_id)).one()
    outbox.enqueue(person, "task", "a", WORDS)
    db.session.rollback()
    assert outbox.due() == []


def test_mails_go_in_the_order_in_which_they_are_due(cast: Cast, wall: Wall) -> None:
    for key in ("first", "second", "third"):
        put(cast.ana, key)
        wall.forward(seconds=1)
    assert [mail.dedupe_key for mail in outbox.due()] == ["first", "second", "third"]


def test_a_failed_mail_waits_longer_each_time_and_four_hours_at_most(cast: Cast, wall: Wall) -> None:
    put(cast.ana, "a")
    waits = []
    while entries := outbox.due():
        outbox.mark_failed(entries[0])
        entry = db.session.scalars(select(OutboxEntry).where(OutboxEntry.dedupe_key == "a")).one()
        waits.append(entry.due_at - wall.now)
        wall.to(entry.due_at)
    assert waits[:4] == [timedelta(minutes=minutes) for minutes in (2, 4, 8, 16)]
    assert waits == sorted(waits)
    assert max(waits) == timedelta(hours=4)
    assert len(waits) == outbox.MOST_ATTEMPTS
