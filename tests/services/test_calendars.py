"""Calendar feeds: times alone, each one's own, under an address that ends when its owner says so."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import update

from portal.domain.errors import NotFound
from portal.domain.people import PersonState
from portal.domain.sessions import SessionKind
from portal.extensions import db
from portal.models.users import Person
from portal.services import calendars, sessions
from portal.services.sessions import NewSession
from tests.cast import Cast
from tests.conftest import START


def plan(cast: Cast, days: int, kind: SessionKind = SessionKind.JOINT, couple: str = "ana") -> UUID:
    new = NewSession(kind, START + timedelta(days=days), 60, "Room 2")
    return sessions.plan(cast.ines, cast.couples[couple], new)


def days_in(secret: str) -> list[int]:
    return [(entry.starts_at - START).days for entry in calendars.fetch(secret).entries]


@pytest.fixture
def planned(cast: Cast) -> UUID:
    """One of both; then one of each alone, and one of another couple."""
    joint = plan(cast, 1)
    plan(cast, 2, SessionKind.INDIVIDUAL_A)
    plan(cast, 3, SessionKind.INDIVIDUAL_B)
    plan(cast, 4, couple="gil")
    return joint


@pytest.mark.usefixtures("planned")
def test_each_has_what_is_theirs_and_what_they_come_to_alone_only_where_they_asked_for_it(cast: Cast) -> None:
    assert days_in(calendars.make(cast.ana)) == [1]
    assert days_in(calendars.make(cast.ben)) == [1]
    assert days_in(calendars.make(cast.ana, shows_alone=True)) == [1, 2]
    assert days_in(calendars.make(cast.ben, shows_alone=True)) == [1, 3]
    assert days_in(calendars.make(cast.ines)) == [1, 2, 3, 4]
    assert days_in(calendars.make(cast.eva)) == []
    assert days_in(calendars.make(cast.omar)) == []


def test_no_appointment_has_the_same_name_in_two_feeds_and_each_keeps_its_own(cast: Cast, planned: UUID) -> None:
    secrets = [calendars.make(viewer) for viewer in (cast.ana, cast.ben, cast.ines)]
    before = [calendars.fetch(secret).entries[0] for secret in secrets]
    assert len({entry.uid for entry in before}) == 3
    assert planned not in {entry.uid for entry in before}
    assert [entry.session_id for entry in before] == [None, None, planned]
    sessions.move(cast.ines, planned, START + timedelta(days=5), 60, "Room 2")
    sessions.cancel(cast.ines, planned)
    for secret, entry in zip(secrets, before, strict=True):
        [after] = [one for one in calendars.fetch(secret).entries if one.uid == entry.uid]
        assert (after.changes, after.is_cancelled, (after.starts_at - START).days) == (2, True, 5)


@pytest.mark.usefixtures("planned")
def test_a_new_address_ends_the_one_before_and_an_ended_one_leads_nowhere(cast: Cast) -> None:
    first = calendars.make(cast.ana)
    second = calendars.make(cast.ana, shows_alone=True)
    with pytest.raises(NotFound):
        calendars.fetch(first)
    own = calendars.own_or_none(cast.ana)
    assert own is not None
    assert own.shows_alone
    for _ in range(2):
        calendars.end(cast.ana)
    with pytest.raises(NotFound):
        calendars.fetch(second)
    assert calendars.own_or_none(cast.ana) is None


def test_an_address_that_is_none_leads_nowhere(cast: Cast) -> None:
    for secret in ("", "unknown", "x" * 5000):
        with pytest.raises(NotFound):
            calendars.fetch(secret)


def test_whoever_has_no_appointments_of_their_own_makes_none(cast: Cast) -> None:
    for viewer in (cast.mira, cast.noor):
        for act in (calendars.make, calendars.end, calendars.own_or_none):
            with pytest.raises(NotFound):
                act(viewer)  # type: ignore[operator]


@pytest.mark.usefixtures("planned")
def test_whoever_may_come_in_no_more_has_no_calendar_either(cast: Cast) -> None:
    secret = calendars.make(cast.ines)
    db.session.execute(update(Person).where(Person.id == cast.ines.person_id).values(state=PersonState.DEACTIVATED))
    db.session.commit()
    with pytest.raises(NotFound):
        calendars.fetch(secret)


@pytest.mark.usefixtures("planned")
def test_what_was_over_long_ago_is_left_out(cast: Cast, wall: object) -> None:
    secret = calendars.make(cast.ana, shows_alone=True)
    wall.to(START + timedelta(days=61, minutes=1))  # type: ignore[attr-defined]
    assert days_in(secret) == [2]
