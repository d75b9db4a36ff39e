"""The silent hold: joint work waits on the coach's side alone, is said calmly there, and can be said to be cleared."""

import re
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select

from portal import clock
from portal.domain.assignments import For
from portal.domain.errors import NotAllowed
from portal.domain.programme import Audience
from portal.extensions import db
from portal.models.assignments import Assignment
from portal.models.audit import AuditEvent
from portal.services import assignments, programme, safety
from portal.services.assignments import NewAssignment
from tests import weeks
from tests.cast import Cast
from tests.conftest import Browser

Open = Callable[[str | None], Browser]
HELD = "Nothing for both together, for now"


def entry_of(cast: Cast, audience: Audience) -> UUID:
    entries = programme.library(cast.ines)
    return next(entry.id for entry in entries if entry.audience is audience and entry.slug != weeks.CHECK_IN)


def afraid(cast: Cast) -> None:
    weeks.check_in(cast.ines, cast.couples["ana"], cast.ana, x1="yes")


def form_of(cast: Cast, audience: Audience = Audience.TOGETHER, given_to: str = "both") -> dict[str, object]:
    due_on = (clock.now() + timedelta(days=6)).date().isoformat()
    return {
        "exercise": str(entry_of(cast, audience)),
        "given_to": given_to,
        "due_on": due_on,
        "why": "After the long week",
        "step": "gratitude",
    }


def address_of(cast: Cast) -> str:
    return f"/coach/couples/{cast.couples['ana']}/assign"


def given() -> list[str]:
    return list(db.session.scalars(select(Assignment.given_to).order_by(Assignment.created_at)))


def events() -> list[str]:
    wanted = AuditEvent.event.startswith("assignment:given")
    return list(db.session.scalars(select(AuditEvent.event).where(wanted).order_by(AuditEvent.number)))


def test_joint_work_is_held_and_everything_typed_stays(browser: Open, cast: Cast) -> None:
    afraid(cast)
    reply = browser("ines").post(address_of(cast), form_of(cast))
    assert reply.status_code == 422
    assert HELD in reply.text
    assert "After the long week" in reply.text
    assert 'class="errors"' not in reply.text
    assert given() == ["both"]


def test_what_is_done_alone_is_offered_in_its_place_and_keeps_what_was_typed(browser: Open, cast: Cast) -> None:
    afraid(cast)
    ines = browser("ines")
    page = ines.post(address_of(cast), form_of(cast, given_to="joint")).text
    offered = re.findall(r'name="instead" value="([0-9a-f-]{36})"', page)
    alone = {str(entry.id) for entry in programme.library(cast.ines) if entry.audience is Audience.ALONE}
    assert len(offered) == 3
    assert set(offered) <= alone
    chosen = ines.post(address_of(cast), form_of(cast, given_to="joint") | {"instead": offered[0]})
    assert chosen.status_code == 200
    assert HELD not in chosen.text
    assert "After the long week" in chosen.text
    assert re.search(rf'value="{offered[0]}"[^>]* checked', chosen.text)
    assert re.search(r'name="given_to" value="both"[^>]* checked', chosen.text)
    assert ines.post(address_of(cast), form_of(cast) | {"exercise": offered[0]}).status_code == 303


def test_what_was_cleared_is_given_all_the_same_and_the_word_goes_on_record(browser: Open, cast: Cast) -> None:
    afraid(cast)
    reply = browser("ines").post(address_of(cast), form_of(cast) | {"cleared": "1"})
    assert reply.status_code == 303
    assert given() == ["both", "joint"]
    assert events() == ["assignment:given", "assignment:given_as_cleared"]


def test_a_tick_without_a_hold_says_nothing(browser: Open, cast: Cast) -> None:
    assert browser("ines").post(address_of(cast), form_of(cast) | {"cleared": "1"}).status_code == 303
    assert events() == ["assignment:given"]


def test_the_page_says_nothing_of_a_hold_until_something_joint_is_chosen(browser: Open, cast: Cast) -> None:
    ines = browser("ines")
    before = ines.get(address_of(cast)).text
    afraid(cast)
    for address in (address_of(cast), f"{address_of(cast)}?exercise={entry_of(cast, Audience.ALONE)}"):
        assert HELD not in ines.get(address).text
    assert HELD in ines.get(f"{address_of(cast)}?exercise={entry_of(cast, Audience.TOGETHER)}").text
    assert HELD in ines.post(address_of(cast), form_of(cast) | {"show": "1"}).text
    assert HELD not in before


def test_what_is_done_alone_is_given_as_ever(browser: Open, cast: Cast) -> None:
    afraid(cast)
    reply = browser("ines").post(address_of(cast), form_of(cast, Audience.ALONE))
    assert reply.status_code == 303
    assert events() == ["assignment:given", "assignment:given"]


@pytest.mark.parametrize("audience", [Audience.TOGETHER, Audience.ALONE_THEN_TOGETHER])
def test_whatever_needs_both_is_held(cast: Cast, audience: Audience) -> None:
    afraid(cast)
    new = NewAssignment(entry_of(cast, audience), For.BOTH, clock.now().date())
    with pytest.raises(NotAllowed):
        assignments.assign(cast.ines, cast.couples["ana"], new)
    db.session.rollback()
    assert db.session.scalar(select(func.count(Assignment.id))) == 1


def test_a_closed_flag_holds_nothing_and_another_couple_was_never_held(cast: Cast) -> None:
    afraid(cast)
    new = NewAssignment(entry_of(cast, Audience.TOGETHER), For.BOTH, clock.now().date())
    assignments.assign(cast.ines, cast.couples["gil"], new)
    for signal in safety.signals(cast.ines):
        safety.close(cast.ines, signal.signal_id, "Looked into")
    assignments.assign(cast.ines, cast.couples["ana"], new)
    assert len(given()) == 3  # the check-in that told of it, and what was given since to either couple


def test_what_stands_on_partners_pages_stays_as_it_was(browser: Open, cast: Cast) -> None:
    weeks.assign(cast.ines, cast.couples["ana"])
    home = browser("ben").get("/my/").text
    tasks = re.findall(r'href="(/my/tasks/[0-9a-f-]{36})"', home)
    afraid(cast)
    browser("ines").post(address_of(cast), form_of(cast))
    assert tasks
    assert set(tasks) <= set(re.findall(r'href="(/my/tasks/[0-9a-f-]{36})"', browser("ben").get("/my/").text))
