"""Two copies of one assignment that are issued on different days: what is shared waits for who has none yet, too."""

from datetime import date
from uuid import UUID

from sqlalchemy import select

from portal.domain.assignments import For
from portal.domain.people import Label
from portal.extensions import begin_write, db
from portal.models.assignments import Assignment
from portal.models.couples import Couple
from portal.services import issuing, programme, shared
from portal.services.issuing import Copies, Given
from tests.cast import Cast
from tests.conftest import Wall
from tests.given import floor, send, task_of

DUE = date(2026, 11, 30)


def opened_for_both(cast: Cast, given_to: For = For.BOTH) -> UUID:
    """An assignment of which nobody has a copy."""
    begin_write()
    couple = db.session.scalars(select(Couple).where(Couple.id == cast.couples["ana"])).one()
    entry = next(one for one in programme.library(cast.ines) if one.slug == "one-holds-the-floor")
    given = Given(given_to, date(2026, 11, 23), DUE)
    made = issuing.open_assignment(couple, programme.newest_version(entry.id), given, cast.ines.person_id)
    db.session.commit()
    return made.id


def issue_to(cast: Cast, assignment_id: UUID, label: Label) -> None:
    begin_write()
    assignment = db.session.scalars(select(Assignment).where(Assignment.id == assignment_id)).one()
    couple = db.session.scalars(select(Couple).where(Couple.id == cast.couples["ana"])).one()
    entry = next(one for one in programme.library(cast.ines) if one.slug == "one-holds-the-floor")
    issuing.issue_copies(couple, assignment, Copies(entry.id, (label,), DUE))
    db.session.commit()


def test_what_she_shares_waits_for_him_also_before_his_copy_was_issued(cast: Cast, wall: Wall) -> None:
    given = opened_for_both(cast)
    issue_to(cast, given, Label.A)
    send(cast.ana, task_of(cast.ana, given), floor())
    wall.forward(days=1)
    assert shared.for_both(cast.ben) == ()
    issue_to(cast, given, Label.B)
    wall.forward(days=1)
    assert shared.for_both(cast.ben) == ()
    send(cast.ben, task_of(cast.ben, given), floor(), key="his")
    assert shared.for_both(cast.ben) == ()
    wall.forward(days=1)
    assert len(shared.for_both(cast.ben)) == 1


def test_what_one_alone_was_given_waits_for_nobody(cast: Cast, wall: Wall) -> None:
    given = opened_for_both(cast, For.A)
    issue_to(cast, given, Label.A)
    send(cast.ana, task_of(cast.ana, given), floor())
    wall.forward(days=1)
    assert len(shared.for_both(cast.ben)) == 1
