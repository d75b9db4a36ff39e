"""Who opened which of one's forms: behind the pass phrase each time, days and forms, and nothing that tells more."""

import re
from collections.abc import Callable
from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import select, text

from portal.domain.people import Role
from portal.domain.sessions import SessionKind
from portal.extensions import begin_write, db
from portal.models.responses import Response
from portal.models.sessions import Session
from portal.models.users import Person
from portal.services import audit, covers, readings, reviews, safety, session_prep, sessions, supervision
from portal.services.sessions import NewSession
from tests.cast import PASSPHRASE, Cast
from tests.conftest import Browser, Wall
from tests.given import OPEN, SECRET, assign, floor, send, task_of

Open = Callable[[str | None], Browser]
PAGE = "/my/account/readings"
TITLE = "One holds the floor"
NOBODY = "Nobody has opened anything yet."


def sent_by(cast: Cast, name: str, slug: str = "one-holds-the-floor", **more: str) -> UUID:
    """A form that somebody sent, by the id of the response."""
    viewer = cast.viewers[name]
    task_id = task_of(viewer, assign(cast, slug))
    send(viewer, task_id, floor(**more), key=f"{name} {slug}")
    return db.session.scalars(select(Response.id).where(Response.task_id == task_id)).one()


def shown(browser: Browser) -> str:
    reply = browser.post(PAGE, {"passphrase": PASSPHRASE})
    assert reply.status_code == 200
    return re.sub(r'nonce="[^"]+"|nonce-[\w-]+|value="[^"]+"', "", reply.text)


def test_it_names_form_reader_and_day_and_no_answer(browser: Open, cast: Cast, wall: Wall) -> None:
    response_id = sent_by(cast, "ana")
    wall.forward(days=1)
    reviews.read(cast.ines, response_id)
    page = shown(browser("ana"))
    assert re.search(rf"<strong>{TITLE}</strong>.*Sent on 23 November 2026.*Ines, on 24 November 2026", page, re.DOTALL)
    assert "<title>Portal: Account</title>" in page
    assert not re.search(f"{SECRET}|{OPEN}|19:00|20:00|Ben", page)


def test_nothing_is_shown_without_the_pass_phrase_and_it_is_asked_for_each_time(browser: Open, cast: Cast) -> None:
    reviews.read(cast.ines, sent_by(cast, "ana"))
    ana = browser("ana")
    for typed in ("", "not the right words"):
        reply = ana.post(PAGE, {"passphrase": typed})
        assert reply.status_code == 422
        assert TITLE not in reply.text
    assert TITLE in shown(ana)
    assert TITLE not in ana.get(PAGE).text


def test_a_pass_phrase_that_came_by_mail_opens_nothing(browser: Open, cast: Cast, wall: Wall) -> None:
    reviews.read(cast.ines, sent_by(cast, "ana"))
    begin_write()
    db.session.scalars(select(Person).where(Person.id == cast.ana.person_id)).one().reset_at = wall.now
    db.session.commit()
    reply = browser("ana").post(PAGE, {"passphrase": PASSPHRASE})
    assert reply.status_code == 422
    assert TITLE not in reply.text


def test_the_page_is_the_same_for_everybody_who_has_none(browser: Open, cast: Cast) -> None:
    sent_by(cast, "ana")
    pages = {shown(browser(name)) for name in ("ana", "ben")}
    assert len(pages) == 1
    assert NOBODY in pages.pop()


def test_the_others_forms_are_not_in_it(browser: Open, cast: Cast) -> None:
    before = shown(browser("ben"))
    reviews.read(cast.ines, sent_by(cast, "ana"))
    shown(browser("ana"))
    assert shown(browser("ben")) == before


def by_signals(cast: Cast, _response_id: UUID) -> None:
    safety.open_signals(cast.ines)
    safety.look_at_signals(cast.ines)


def by_brief(cast: Cast, _response_id: UUID) -> None:
    session_prep.screen(cast.ines, db.session.scalars(select(Session.id)).one())


@pytest.mark.parametrize("way", [by_signals, by_brief, lambda cast, response_id: reviews.read(cast.ines, response_id)])
def test_by_whichever_page_it_was_read_the_list_is_the_same(
    browser: Open, cast: Cast, wall: Wall, way: Callable[[Cast, UUID], object]
) -> None:
    """So that it does not tell that a private question was answered, and looked at for that."""
    response_id = sent_by(cast, "ana", stopped_afraid="true")
    sessions.plan(cast.ines, cast.couples["ana"], NewSession(SessionKind.JOINT, wall.forward(days=1), 50))
    way(cast, response_id)
    found = readings.of_own_forms(cast.ana, PASSPHRASE)
    assert [(form.title, [(r.name, r.at) for r in form.readings]) for form in found.forms] == [
        (TITLE, [("Ines", wall.now)])
    ]


def test_later_looks_at_a_form_add_nothing(browser: Open, cast: Cast, wall: Wall) -> None:
    response_id = sent_by(cast, "ana", stopped_afraid="true")
    reviews.read(cast.ines, response_id)
    before = shown(browser("ana"))
    for _ in range(3):
        wall.forward(days=1)
        by_signals(cast, response_id)
        reviews.read(cast.ines, response_id)
    assert shown(browser("ana")) == before


def test_whoever_reads_nothing_by_their_role_is_the_practice_and_stands_there_once(
    browser: Open, cast: Cast, wall: Wall
) -> None:
    response_id = sent_by(cast, "ana")
    reviews.read(cast.ines, response_id)
    wall.forward(minutes=1)
    begin_write()
    for role, name in ((Role.ASSISTANT, "omar"), (Role.ASSISTANT, "cleo")):
        viewer = cast.viewers[name]
        db.session.scalars(select(Person).where(Person.id == viewer.person_id)).one().role = role
        audit.record(viewer, "response:read", response_id)
    audit.record_before_sign_in(cast.ines.practice_id, None, "response:read_by_operator", response_id)
    db.session.commit()
    (form,) = readings.of_own_forms(cast.ana, PASSPHRASE).forms
    assert [reading.name for reading in form.readings] == ["Ines", None]
    assert shown(browser("ana")).count("The practice, on") == 1


def test_who_reads_along_and_who_reads_on_days_away_stand_there_by_name(browser: Open, cast: Cast, wall: Wall) -> None:
    response_id, couple_id = sent_by(cast, "ana"), cast.couples["ana"]
    supervision.begin(cast.ines, couple_id, cast.noor.person_id, "http://x")
    covers.arrange(cast.ines, cast.ines.person_id, cast.omar.person_id, date(2026, 11, 24), date(2026, 11, 25))
    for name in ("noor", "omar"):
        wall.forward(days=1)
        reader = browser(name)
        assert reader.get(f"/coach/responses/{response_id}").status_code == 200
        assert reader.get(f"/coach/couples/{couple_id}").status_code == 200
    page = shown(browser("ana"))
    assert re.search(r"Noor, on 24 November 2026\s*<br>Omar, on 25 November 2026", page)
    assert re.search(r"Who else looked at these pages.*Noor, on 24 November 2026<br>Omar, on 25", page, re.DOTALL)
    assert re.search(r"Who else looked.*Noor, on 24 November 2026<br>Omar", shown(browser("ben")), re.DOTALL)
    assert "Who else looked" not in shown(browser("cleo"))


def test_a_coachs_own_look_at_a_page_is_not_listed_there(browser: Open, cast: Cast) -> None:
    for page in ("", "/trends", "/homework"):
        assert browser("ines").get(f"/coach/couples/{cast.couples['ana']}{page}").status_code == 200
    assert "Who else looked" not in shown(browser("ana"))


def test_ones_own_look_at_a_form_is_no_reading(browser: Open, cast: Cast) -> None:
    sent_by(cast, "ana")
    ana = browser("ana")
    task_id = db.session.scalars(select(Response.task_id)).one()
    ana.post(f"/my/tasks/{task_id}/reveal", {"passphrase": PASSPHRASE})
    ana.get(f"/my/tasks/{task_id}")
    assert NOBODY in shown(ana)


def test_the_list_is_found_by_its_index_and_not_by_going_through_the_whole_trail(cast: Cast) -> None:
    if db.engine.dialect.name != "sqlite":
        pytest.skip("the other planner decides by how much there is")
    statement = readings._readings(cast.ana).compile(db.engine, compile_kwargs={"literal_binds": True})
    plan = db.session.execute(text(f"EXPLAIN QUERY PLAN {statement}")).all()
    assert any("ix_audit_events_readings" in row[3] for row in plan), plan
