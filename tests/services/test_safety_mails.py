"""Mails about what waits: at once, again until it is opened, then to who covers or owns; never a word of what it is."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select, update

from portal.domain.errors import NotFound
from portal.domain.people import Role, Viewer
from portal.domain.working_hours import WorkingHours
from portal.extensions import db
from portal.models.outbox import OutboxEntry
from portal.models.users import Person
from portal.output.mail_text import write
from portal.services import correcting, covers, outbox, protocol, safety, safety_mails, working_hours
from tests import given, weeks
from tests.cast import Cast
from tests.conftest import Wall

LINKS = ("http://127.0.0.1:8000/sign-in", "http://127.0.0.1:8000/coach/practice/members")
WAITING = ("waiting", "waiting_elsewhere")


@pytest.fixture(autouse=True)
def _on_a_monday_morning(wall: Wall) -> None:
    at(wall, 23, 9)


def at(wall: Wall, day: int, hour: int) -> None:
    """A time in November on the wall of Berlin."""
    wall.to(datetime(2026, 11, day, hour - 1, tzinfo=UTC))


def told() -> list[tuple[str, str]]:
    """To whom which mail about something that waits was written, in the order of writing."""
    rows = db.session.execute(
        select(Person.display_name, OutboxEntry.message)
        .join(Person, Person.id == OutboxEntry.person_id)
        .where(OutboxEntry.message.in_(WAITING))
        .order_by(OutboxEntry.created_at, Person.display_name)
    )
    return [tuple(row) for row in rows]


def afraid(cast: Cast, coach: Viewer | None = None, name: str = "ana") -> None:
    weeks.check_in(coach or cast.ines, cast.couples[name], cast.viewers[name], x1="yes", x2="yes")


def remind() -> int:
    return safety_mails.remind(*LINKS)


def test_a_flag_writes_one_mail_to_its_coach_at_once(cast: Cast) -> None:
    afraid(cast)
    assert told() == [("Ines", "waiting")]


@pytest.mark.parametrize("raw", [{"x1": "no"}, {"x1": "rather_not"}, {"x3": "soon"}])
def test_nothing_else_does(cast: Cast, wall: Wall, raw: dict[str, str]) -> None:
    weeks.check_in(cast.ines, cast.couples["ana"], cast.ana, **raw)
    at(wall, 30, 12)
    assert remind() == 0
    assert told() == []


def test_a_form_that_is_not_sent_writes_none(cast: Cast) -> None:
    assignment_id = weeks.assign(cast.ines, cast.couples["ana"], weeks.CHECK_IN)
    task_id = given.task_of(cast.ana, assignment_id)
    with pytest.raises(Exception):  # noqa: B017, PT011 - whatever it is, it is undone
        given.send(cast.ana, task_id, {"x1": "yes", "s1": "999"})
    assert told() == []


def test_a_correction_that_raises_a_flag_writes_at_once_as_well(cast: Cast, wall: Wall) -> None:
    task_id = weeks.send(cast.ana, weeks.assign(cast.ines, cast.couples["ana"], weeks.CHECK_IN), weeks.A_WEEK)
    at(wall, 23, 11)
    given.correct(cast.ana, task_id, correcting.PRIVATE, {"x1": "yes"})
    assert told() == [("Ines", "waiting")]


def test_the_coach_is_written_to_again_every_three_working_hours_until_it_is_opened(cast: Cast, wall: Wall) -> None:
    afraid(cast)
    for day, hour, written in ((23, 11, 0), (23, 12, 1), (23, 14, 0), (23, 15, 1), (24, 9, 0), (24, 10, 1)):
        at(wall, day, hour)
        assert remind() == written
        assert remind() == 0
    assert told() == [("Ines", "waiting")] * 4
    protocol.open_flag(cast.ines, safety.signals(cast.ines)[0].signal_id)
    safety.close(cast.ines, safety.signals(cast.ines)[-1].signal_id, "Spoke alone")
    at(wall, 30, 12)
    assert remind() == 0


def test_at_night_and_on_sundays_nobody_is_reminded(cast: Cast, wall: Wall) -> None:
    at(wall, 27, 16)
    afraid(cast)
    at(wall, 29, 23)
    assert remind() == 0
    at(wall, 30, 11)
    assert remind() == 1


def test_flags_of_two_people_make_one_mail_and_not_two(cast: Cast, wall: Wall) -> None:
    afraid(cast)
    alone = weeks.assign(cast.ines, cast.couples["ana"], "my-listening-habits")
    weeks.send(cast.ben, alone, {"stopped_afraid": "true"})
    assert len(told()) == 2
    at(wall, 23, 12)
    assert remind() == 1


def test_what_stays_unopened_is_told_to_who_covers_today_and_can_open_it(cast: Cast, wall: Wall) -> None:
    afraid(cast, cast.omar, "cleo")
    today = wall.now.date()
    covers.arrange(cast.omar, cast.omar.person_id, cast.ines.person_id, today, today)
    at(wall, 23, 16)
    remind()
    assert ("Ines", "waiting") not in told()
    at(wall, 23, 17)
    remind()
    assert ("Ines", "waiting") in told()
    assert ("Ines", "waiting_elsewhere") not in told()
    protocol.open_flag(cast.ines, safety.signals(cast.ines)[0].signal_id)


def test_where_nobody_covers_the_owner_is_told_to_see_who_can_open_it(cast: Cast, wall: Wall) -> None:
    afraid(cast, cast.omar, "cleo")
    assert safety_mails.kept_waiting_by(cast.ines) == ()
    at(wall, 23, 17)
    remind()
    assert [one for one in told() if one[0] != "Omar"] == [("Ines", "waiting_elsewhere")]
    assert safety_mails.kept_waiting_by(cast.ines) == ("Omar",)
    for other in (cast.omar, cast.mira, cast.noor, cast.sol, cast.cleo):
        assert safety_mails.kept_waiting_by(other) == ()
    assert not safety.waiting(cast.ines)
    at(wall, 24, 9)
    assert [remind(), remind()] == [0, 0]
    at(wall, 24, 17)  # and once more for each time that the promise is not kept
    remind()
    assert [one for one in told() if one[0] == "Ines"] == [("Ines", "waiting_elsewhere")] * 2


def test_an_owner_who_is_the_coach_is_told_as_the_coach_alone(cast: Cast, wall: Wall) -> None:
    afraid(cast)
    at(wall, 25, 12)
    remind()
    assert {one for one in told()} == {("Ines", "waiting")}
    assert safety_mails.kept_waiting_by(cast.ines) == ()


def test_the_hours_are_those_that_the_practice_says(cast: Cast, wall: Wall) -> None:
    working_hours.set_hours(cast.ines, WorkingHours((1,), 9 * 60, 11 * 60, within=2))
    afraid(cast, cast.omar, "cleo")
    at(wall, 23, 11)
    remind()
    assert [one for one in told() if one[0] == "Ines"] == [("Ines", "waiting_elsewhere")]
    at(wall, 29, 12)
    assert remind() == 0


def test_hours_are_the_owners_to_set(cast: Cast) -> None:
    for other in (cast.omar, cast.mira, cast.noor, cast.ana):
        with pytest.raises(NotFound):
            working_hours.set_hours(other, WorkingHours(within=3))


def test_what_is_to_be_opened_again_after_a_correction_waits_from_then_on(cast: Cast, wall: Wall) -> None:
    task_id = weeks.send(
        cast.cleo, weeks.assign(cast.omar, cast.couples["cleo"], weeks.CHECK_IN), weeks.A_WEEK | {"x1": "yes"}
    )
    at(wall, 23, 12)
    assert remind() == 1
    protocol.open_flag(cast.omar, safety.signals(cast.omar)[0].signal_id)
    at(wall, 26, 9)
    given.correct(cast.cleo, task_id, correcting.PRIVATE, {"x2": "rather_not"})
    at(wall, 26, 12)
    assert remind() == 1
    assert told()[-1] == ("Omar", "waiting")
    at(wall, 26, 16)
    remind()
    assert ("Ines", "waiting_elsewhere") not in told()


def test_who_was_let_go_is_not_reminded(cast: Cast, wall: Wall) -> None:
    afraid(cast, cast.omar, "cleo")
    db.session.execute(update(Person).where(Person.id == cast.omar.person_id).values(state="deactivated"))
    db.session.commit()
    at(wall, 23, 17)
    assert remind() == 1
    assert told()[-1] == ("Ines", "waiting_elsewhere")


@pytest.mark.parametrize("message", WAITING)
def test_neither_mail_says_who_or_what(message: str) -> None:
    subject, text = write(message, "en", {"site_name": "Portal", "link": LINKS[0]})
    assert "Portal" in subject
    assert LINKS[0] in text
    for word in ("flag", "afraid", "safety", "couple", "partner", "answer", "urgent", "danger", "private", "client"):
        assert word not in f"{subject} {text}".lower()


def test_a_partners_mail_goes_before_those_to_staff_whatever_was_first(cast: Cast, wall: Wall) -> None:
    afraid(cast)
    afraid(cast, cast.sol, "eva")
    wall.forward(minutes=1)
    weeks.assign(cast.ines, cast.couples["ana"], "my-listening-habits")
    weeks.assign(cast.sol, cast.couples["eva"], "my-listening-habits")
    staff = [mail.goes_to_staff for mail in outbox.due()]
    assert staff == sorted(staff)
    assert staff.count(True) == 2


def test_many_mails_to_staff_keep_none_to_a_partner_for_another_time(cast: Cast, wall: Wall) -> None:
    ines = db.session.scalars(select(Person).where(Person.id == cast.ines.person_id)).one()
    for number in range(outbox.BATCH):
        outbox.enqueue(ines, "waiting", f"waiting:{number}", {"link": ""})
    db.session.commit()
    wall.forward(minutes=1)
    weeks.assign(cast.ines, cast.couples["ana"])
    assert [mail.message for mail in outbox.due() if not mail.goes_to_staff].count("task") == 2


def test_roles_are_as_these_tests_take_them(cast: Cast) -> None:
    assert (cast.ines.role, cast.omar.role) == (Role.OWNER, Role.COACH)
