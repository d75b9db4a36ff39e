"""A coach's own account: zone, pass phrase, and the way there from the person's menu."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from portal.extensions import db
from portal.models.users import Person
from tests.cast import PASSPHRASE, Cast, address_of
from tests.conftest import Browser

Open = Callable[[str | None], Browser]
FRESH = "orange ladder quiet harbour"


def test_it_is_reached_from_the_menu_and_says_whose_it_is(browser: Open) -> None:
    here = browser("ines")
    assert 'href="/coach/account"' in here.get("/coach/").text
    text = here.get("/coach/account").text
    assert "Ines, Practice North" in text
    assert "It is set up: your pass phrase alone opens nothing here." in text


def test_ones_own_zone_is_ones_own(browser: Open, cast: Cast) -> None:
    assert browser("ines").post("/coach/account", {"zone": "Europe/Lisbon"}).status_code == 303
    db.session.rollback()
    zones = dict(db.session.execute(select(Person.display_name, Person.zone)).all())  # type: ignore[arg-type]
    assert (zones["Ines"], zones["Omar"]) == ("Europe/Lisbon", "Europe/Berlin")
    assert browser("ines").post("/coach/account", {"zone": "Mars/Olympus"}).status_code == 422


def test_a_new_pass_phrase_ends_other_sessions_and_asks_for_no_second_key_here(browser: Open) -> None:
    here, other = browser("ines"), browser("ines")
    reply = here.post("/coach/account/passphrase", {"old": PASSPHRASE, "new": FRESH})
    assert reply.location == "/coach/account"
    assert [one.get("/coach/").status_code for one in (here, other)] == [200, 303]
    browser(None).sign_in(address_of("ines"), FRESH)


@pytest.mark.parametrize(("old", "new", "field"), [("not the right words", FRESH, "old"), (PASSPHRASE, "short", "new")])
def test_a_pass_phrase_that_cannot_be_taken_changes_nothing(browser: Open, old: str, new: str, field: str) -> None:
    here, other = browser("ines"), browser("ines")
    reply = here.post("/coach/account/passphrase", {"old": old, "new": new})
    assert reply.status_code == 422
    assert f'id="{field}-error"' in reply.text
    assert other.get("/coach/").status_code == 200
