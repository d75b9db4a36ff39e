"""Whatever page of the coach's shows something of a private answer, the reading of its form goes on record.

The pages are not listed here: each page that the route table knows is asked for in two worlds that differ in nothing
but what Ana answered in private, and a page that is another one shows something of it.
"""

import hashlib
import re
from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta
from itertools import count
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import func, select

from portal import clock, randomness
from portal.domain.audit import READINGS_OF_FORM
from portal.domain.people import Viewer
from portal.extensions import db
from portal.models.audit import AuditEvent
from portal.models.responses import Response
from portal.models.safety import Signal
from portal.services import covers, overview, readings, reviews, today, trends
from portal.services.trends import Show
from tests import given, many, weeks
from tests.cast import PASSPHRASE, ZONE, Cast
from tests.conftest import START, Browser, Wall
from tests.web import world as worlds
from tests.web.route_table import COUPLE, TABLE, Entry
from tests.web.test_routes import path_of
from tests.web.world import World

Open = Callable[[str | None], Browser]
CHECK_IN = {
    "quiet": weeks.A_WEEK | {"x1": "no", "t2": "An evening off the list"},
    "loud": weeks.A_WEEK | {"s1": "9", "s2": "8", "b1": "1", "x1": "yes", "t2": "Not to be asked about the flat"},
}
HOMEWORK = {
    "quiet": {"done": "done", "private_line": "It was easy"},
    "loud": {"done": "partly", "private_line": "I counted the minutes"},
}
STILL = re.compile(r'nonce="[^"]+"|name="csrf_token" value="[^"]+"')
A_WEEK_ON = START + timedelta(days=7)
READERS = ("ines", "noor", "omar")
PAGES = sorted(
    (entry for entry in TABLE if entry.method == "GET" and entry.rule.startswith("/coach/")),
    key=lambda entry: "/audit" not in entry.rule,  # before the other pages leave in it what was read on them
)
PAPER = "/coach/sessions/<uuid:session_id>/brief.pdf"  # is not compared: what is set in pages has other bytes each time


def stream(name: str) -> Callable[[int], bytes]:
    numbers = count()
    return lambda length: hashlib.shake_256(f"{name} {next(numbers)}".encode()).digest(length)


def lived(databases: Callable[[str], str], folder: Path, said: str, stack: ExitStack) -> World:
    """A world a week on: Ana has sent a check-in and homework besides, and Omar covers for Ines on the day."""
    with randomness.drawn_from(stream("a world")):
        world: World = stack.enter_context(worlds.standing(databases, folder, said))
    stack.enter_context(clock.reading(lambda: A_WEEK_ON))
    with world.app.app_context(), randomness.drawn_from(stream("a week")):
        ines, ana, couple_id = world.cast.ines, world.cast.ana, world.ids["couple_id"]
        assigned = [weeks.assign(ines, couple_id, slug) for slug in (weeks.CHECK_IN, "meet-good-news")]
        covers.arrange(ines, ines.person_id, world.cast.omar.person_id, A_WEEK_ON.date(), A_WEEK_ON.date())
        world.ids["session_id"] = weeks.meet(couple_id, A_WEEK_ON + timedelta(days=1))
        for assignment_id, answers in zip(assigned, (CHECK_IN[said], HOMEWORK[said]), strict=True):
            with randomness.drawn_from(stream(f"sent for {assigned.index(assignment_id)}")):
                task_id = weeks.send(ana, assignment_id, answers)
        sent = select(Response.id).where(Response.task_id == task_id)
        world.ids["response_id"] = db.session.scalars(sent).one()
        db.session.remove()
    return world


def answer(world: World, reader: str, entry: Entry) -> str:
    browser = world.browser(reader)
    with randomness.drawn_from(stream(f"{reader} {PAGES.index(entry)}")):
        reply = browser.get(path_of(entry, world.ids))
    return STILL.sub("", reply.text) if reply.status_code == 200 else ""


def on_record(world: World, reader: str) -> set[UUID]:
    """The forms of Ana's that this reader has read, by whatever is on record."""
    viewer: Viewer = getattr(world.cast, reader)
    with world.app.app_context():
        events = select(AuditEvent.subject_id).where(
            AuditEvent.event.in_(READINGS_OF_FORM), AuditEvent.actor_id == viewer.person_id
        )
        by_signal = select(Signal.response_id).where(Signal.id.in_(events))
        read = Response.id.in_(events) | Response.id.in_(by_signal)
        found = set(db.session.scalars(select(Response.id).where(read, Response.person_id == world.cast.ana.person_id)))
        db.session.remove()
    return found


def test_every_page_that_shows_something_of_a_private_answer_puts_the_reading_on_record(
    databases: Callable[[str], str], tmp_path: Path
) -> None:
    with ExitStack() as stack:
        quiet, loud = (lived(databases, tmp_path / said, said, stack) for said in CHECK_IN)
        telling = {
            (reader, entry.rule)
            for reader in READERS
            for entry in PAGES
            if not entry.rule.endswith(".pdf") and answer(quiet, reader, entry) != answer(loud, reader, entry)
        }
    assert telling >= {("ines", rule) for rule in ("/coach/", "/coach/alone", COUPLE, f"{COUPLE}/trends")}
    assert telling >= {(reader, f"{COUPLE}/homework") for reader in READERS}
    for number, (reader, rule) in enumerate(sorted(telling | {("ines", PAPER)})):
        with ExitStack() as stack:
            world = lived(databases, tmp_path / str(number), "loud", stack)
            entry = next(entry for entry in PAGES if entry.rule == rule)
            assert on_record(world, reader) == set()
            assert world.browser(reader).get(path_of(entry, world.ids)).status_code == 200
            assert on_record(world, reader), f"{reader} reads on {rule}, and nothing tells"


SEEN: dict[str, Callable[[Cast], object]] = {
    "today": lambda cast: today.today(cast.ines, ZONE),
    "overview": lambda cast: overview.overview(cast.ines, cast.couples["ana"], ZONE),
    "trends": lambda cast: trends.trends(cast.ines, cast.couples["ana"], Show.SIGNS, ZONE),
}


@pytest.fixture
def response_id(cast: Cast, wall: Wall) -> UUID:
    """A check-in of Ana's, with a session ahead of it."""
    weeks.check_in(cast.ines, cast.couples["ana"], cast.ana)
    weeks.meet(cast.couples["ana"], wall.now + timedelta(days=1))
    return db.session.scalars(select(Response.id)).one()


def times_read(viewer: Viewer, response_id: UUID) -> int:
    where = (AuditEvent.event.in_(READINGS_OF_FORM), AuditEvent.subject_id == response_id)
    return db.session.scalars(
        select(func.count()).select_from(AuditEvent).where(AuditEvent.actor_id == viewer.person_id, *where)
    ).one()


@pytest.mark.parametrize("page", SEEN)
def test_its_author_finds_the_glance_among_who_opened_their_forms(
    cast: Cast, response_id: UUID, wall: Wall, page: str
) -> None:
    wall.forward(hours=2)
    SEEN[page](cast)
    [form] = readings.of_own_forms(cast.ana, PASSPHRASE).forms
    assert [(reading.name, reading.at) for reading in form.readings] == [("Ines", wall.now)]


def test_a_page_that_is_looked_at_all_day_is_on_record_once(cast: Cast, response_id: UUID, wall: Wall) -> None:
    for _ in range(3):
        for look in SEEN.values():
            look(cast)
        wall.forward(minutes=20)
    assert times_read(cast.ines, response_id) == 1
    wall.forward(hours=4)  # midnight is past where she is, and not yet in UTC
    today.today(cast.ines, ZONE)
    assert times_read(cast.ines, response_id) == 2


def test_a_later_look_on_the_same_day_asks_one_thing_more_and_writes_nothing(cast: Cast, response_id: UUID) -> None:
    today.today(cast.ines, ZONE)
    with many.counted() as sent:
        today.today(cast.ines, ZONE)
    assert [statement for statement in sent if not statement.startswith("SELECT")] == []
    assert sum("audit_events" in statement for statement in sent) == 1
    assert not any("audit_heads" in statement for statement in sent)


def test_an_opened_form_is_not_told_a_second_time_by_a_glance(cast: Cast, response_id: UUID) -> None:
    reviews.read(cast.ines, response_id)
    today.today(cast.ines, ZONE)
    assert times_read(cast.ines, response_id) == 1


def test_what_was_corrected_meanwhile_is_read_anew(cast: Cast, response_id: UUID, wall: Wall) -> None:
    today.today(cast.ines, ZONE)
    wall.forward(minutes=20)
    task_id = db.session.scalars(select(Response.task_id)).one()
    given.correct(cast.ana, task_id, "t2", {"t2": "Another evening"})
    wall.forward(minutes=20)
    today.today(cast.ines, ZONE)
    assert times_read(cast.ines, response_id) == 2


def test_a_form_of_long_ago_is_on_record_once_a_reader(cast: Cast, response_id: UUID, wall: Wall) -> None:
    wall.forward(weeks=13)
    for _ in range(3):
        trends.trends(cast.ines, cast.couples["ana"], Show.SIGNS, ZONE)
        wall.forward(days=1)
    assert times_read(cast.ines, response_id) == 1


def test_the_list_does_not_tell_whether_anything_was_answered(cast: Cast, wall: Wall) -> None:
    weeks.send(cast.ana, weeks.assign(cast.ines, cast.couples["ana"], weeks.CHECK_IN), {"t1": "The tea"})
    weeks.meet(cast.couples["ana"], wall.now + timedelta(days=1))
    today.today(cast.ines, ZONE)
    [form] = readings.of_own_forms(cast.ana, PASSPHRASE).forms
    assert [reading.name for reading in form.readings] == ["Ines"]


def test_what_the_other_sent_changes_nothing_in_the_list(cast: Cast, wall: Wall) -> None:
    """The trends show the latest week of both: which one that is follows from the other's sending too."""
    couple_id = cast.couples["ana"]
    for partners in ((cast.ana, cast.ben), (cast.ben,), (cast.ben,)):
        weeks.check_in(cast.ines, couple_id, *partners)
        wall.forward(weeks=1)
    trends.trends(cast.ines, couple_id, Show.SIGNS, ZONE)
    assert [len(form.readings) for form in readings.of_own_forms(cast.ben, PASSPHRASE).forms] == [1, 1, 1]


def test_who_covers_is_named_too(browser: Open, cast: Cast, response_id: UUID, wall: Wall) -> None:
    covers.arrange(cast.ines, cast.ines.person_id, cast.omar.person_id, wall.now.date(), wall.now.date())
    assert weeks.A_WEEK["t2"] in browser("omar").get("/coach/").text
    [form] = readings.of_own_forms(cast.ana, PASSPHRASE).forms
    assert [reading.name for reading in form.readings] == ["Omar"]
