"""Help now: one page, the same for everybody of a practice, that is always there."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import update

from portal.extensions import begin_write, db
from portal.models.practices import Practice
from portal.services import contacts
from portal.services.contacts import Listed
from tests.cast import Cast
from tests.conftest import Browser, Wall
from tests.given import assign, send, task_of
from tests.pages import says, still

Open = Callable[[str | None], Browser]
EMERGENCY = Listed("Germany", "emergency", "Emergency number", "112", "", "always")
AT_HOME = Listed("Germany", "ipv", "Somebody to talk to", "000 1234", "help.example/now", "")


def listed(cast: Cast) -> None:
    for entry in (AT_HOME, EMERGENCY):
        contacts.add(cast.ines, entry)


@pytest.fixture(autouse=True)
def _nobody_is_listed_yet(cast: Cast) -> None:
    for owner in (cast.ines, cast.sol):
        for kept in contacts.kept_by_practice(owner):
            contacts.remove(owner, kept.contact_id)


def test_it_opens_for_nobody_and_for_everybody(browser: Open) -> None:
    for name in (None, "ana", "ines", "sol", "eva"):
        reply = browser(name).get("/help-now")
        assert reply.status_code == 200
        assert says(reply, "they are not for emergencies")


def test_emergencies_come_first_and_a_number_can_be_tapped(browser: Open, cast: Cast) -> None:
    listed(cast)
    page = browser("ana").get("/help-now").text
    assert page.index("112") < page.index("000 1234")
    assert 'href="tel:112"' in page
    assert 'href="tel:0001234"' in page
    assert 'href="https://help.example/now" rel="noreferrer"' in page
    assert "Calls may show on a bill" in page
    assert "from Monday to Friday, 09:00 to 17:00, within 8 working hours" in page


def test_region_text_message_and_languages_are_told_where_there_are_any(browser: Open, cast: Cast) -> None:
    listed(cast)
    plain = browser("ana").get("/help-now").text
    assert "sms:" not in plain
    assert "Languages" not in plain
    more = {"region": "North coast", "sms": "000 55", "languages": "German and English"}
    contacts.add(cast.ines, replace(EMERGENCY, name="Another number", phone="", **more))
    page = browser("ana").get("/help-now").text
    assert "Emergency, North coast, always" in page
    assert 'href="sms:00055"' in page
    assert "Languages: German and English" in page


def test_both_partners_read_the_same_page(browser: Open, cast: Cast) -> None:
    listed(cast)
    ana, ben = (still(browser(name).get("/help-now")) for name in ("ana", "ben"))
    assert ana == ben


def test_it_does_not_change_when_somebody_asked_for_help(browser: Open, cast: Cast) -> None:
    listed(cast)
    before = {name: still(browser(name).get("/help-now")) for name in ("ana", "ben")}
    send(cast.ana, task_of(cast.ana, assign(cast, "weekly-check-in", weekly=True)), {"s1": "4", "x1": "yes"})
    assert {name: still(browser(name).get("/help-now")) for name in ("ana", "ben")} == before


def test_a_stale_contact_is_never_hidden(browser: Open, cast: Cast, wall: Wall) -> None:
    listed(cast)
    before = still(browser("ana").get("/help-now"))
    wall.forward(days=400)
    assert still(browser("ana").get("/help-now")) == before


def test_another_practice_has_its_own_numbers(browser: Open, cast: Cast) -> None:
    listed(cast)
    assert "112" not in browser("eva").get("/help-now").text
    assert says(browser("eva").get("/help-now"), "Ask the person you work with whom to call where you live.")


def test_nobody_is_shown_a_practice_where_there_are_two(browser: Open, cast: Cast) -> None:
    listed(cast)
    page = browser(None).get("/help-now").text
    assert "112" not in page
    assert "North" not in page


def test_every_page_of_a_partner_leads_there(browser: Open) -> None:
    ana = browser("ana")
    for path in ("/my/", "/my/shared", "/my/account", "/my/export"):
        assert 'href="/help-now"' in ana.get(path).text, path


def test_the_one_practice_that_has_not_moved_out_tells_whom_to_call(browser: Open, cast: Cast, wall: Wall) -> None:
    listed(cast)
    assert "112" not in browser(None).get("/help-now").text
    begin_write()
    db.session.execute(update(Practice).where(Practice.id == cast.sol.practice_id).values(moved_out_at=wall.now))
    db.session.commit()
    assert "112" in browser(None).get("/help-now").text
