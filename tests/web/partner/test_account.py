"""One's own account and one's own file: behind the pass phrase, told to nobody, and never more than one may see."""

import re
from collections.abc import Callable
from uuid import UUID

import pytest
from sqlalchemy import select

from portal.extensions import db
from portal.models.users import Person
from tests.cast import PASSPHRASE, Cast, address_of
from tests.conftest import Browser, Wall
from tests.given import OPEN, SECRET
from tests.letters import link
from tests.pages import reset_in, says

Open = Callable[[str | None], Browser]
FRESH = "orange ladder quiet harbour"


def row_of(cast: Cast, name: str = "ana") -> Person:
    db.session.rollback()
    return db.session.scalars(select(Person).where(Person.id == cast.viewers[name].person_id)).one()


def test_ones_own_zone_is_ones_own(browser: Open, cast: Cast) -> None:
    assert browser("ana").post("/my/account", {"zone": "America/New_York"}).status_code == 303
    assert [row_of(cast, name).zone for name in ("ana", "ben")] == ["America/New_York", "Europe/Berlin"]
    assert 'value="America/New_York" selected' in browser("ana").get("/my/account").text


def test_each_place_is_offered_by_one_name_and_the_present_one_by_whichever_was_chosen(
    browser: Open, cast: Cast
) -> None:
    page = browser("ana").get("/my/account").text
    assert '<option value="Europe/Kyiv"' in page
    for older in ("Europe/Kiev", "US/Eastern", "Asia/Calcutta"):
        assert older not in page
    assert browser("ana").post("/my/account", {"zone": "US/Eastern"}).status_code == 422
    row_of(cast).zone = "Europe/Kiev"
    db.session.commit()
    assert '<option value="Europe/Kiev" selected>' in browser("ana").get("/my/account").text
    assert browser("ana").post("/my/account", {"zone": "Europe/Kiev"}).status_code == 303


@pytest.mark.parametrize("zone", ["", "Mars/Olympus", "../../etc/passwd", "Europe/Berlin\0"])
def test_a_zone_that_there_is_not_is_refused_beside_the_field(browser: Open, cast: Cast, zone: str) -> None:
    reply = browser("ana").post("/my/account", {"zone": zone})
    assert reply.status_code == 422
    assert 'id="zone-error"' in reply.text
    assert row_of(cast).zone == "Europe/Berlin"


def test_what_is_shown_again_changes_behind_the_pass_phrase_alone(browser: Open, cast: Cast) -> None:
    ana = browser("ana")
    refused = ana.post("/my/account/revealing", {"never": "1", "passphrase": "not the right words"})
    assert refused.status_code == 422
    assert "This is not your pass phrase." in refused.text
    assert re.search(r'id="never"[^>]* checked', refused.text)
    assert row_of(cast).never_reveals is False
    assert ana.post("/my/account/revealing", {"never": "1", "passphrase": PASSPHRASE}).status_code == 303
    assert row_of(cast).never_reveals is True
    assert ana.post("/my/account/revealing", {"passphrase": PASSPHRASE}).status_code == 303
    assert row_of(cast).never_reveals is False


def test_what_is_never_shown_again_stays_so_after_a_reset_by_mail_until_the_coach_vouches(
    browser: Open, cast: Cast, wall: Wall
) -> None:
    on, off = {"never": "1", "passphrase": FRESH}, {"passphrase": FRESH}
    ana = by_mail(browser)
    assert ana.post("/my/account/revealing", on).status_code == 303  # stricter, at any time
    refused = ana.post("/my/account/revealing", off)
    assert (refused.status_code, row_of(cast).never_reveals) == (422, True)
    assert says(refused, "This waits, and what you sent before stays closed, until it is clear that it was you.")
    wall.forward(minutes=1)
    couple = f"/coach/couples/{cast.couples['ana']}"
    ines = browser("ines")
    about = {"reset": reset_in(ines.get(couple).text)}
    ines.post(f"{couple}/partners/{cast.ana.person_id}/vouch", about, page=couple)
    assert ana.post("/my/account/revealing", off).status_code == 303
    assert row_of(cast).never_reveals is False


def by_mail(browser: Open) -> Browser:
    """Whoever reads Ana's mailbox, in her account with a new pass phrase."""
    browser(None).post("/reset", {"email": address_of("ana")}, page="/reset")
    browser(None).post(link(address_of("ana"), "reset"), {"passphrase": FRESH}, page="/sign-in")
    return browser(None).sign_in(address_of("ana"), FRESH)


def test_who_chose_never_to_be_shown_it_is_not_shown_it(browser: Open, task_id: UUID) -> None:
    ana = browser("ana")
    ana.post("/my/account/revealing", {"never": "1", "passphrase": PASSPHRASE})
    closed = ana.get(f"/my/tasks/{task_id}").text
    reply = ana.post(f"/my/tasks/{task_id}/reveal", {"passphrase": PASSPHRASE})
    assert reply.status_code == 303
    page = ana.get(f"/my/tasks/{task_id}").text
    assert SECRET not in closed + page
    assert OPEN not in closed + page


def test_a_new_pass_phrase_keeps_this_device_and_ends_the_others(browser: Open) -> None:
    ana, other = browser("ana"), browser("ana")
    reply = ana.post("/my/account/passphrase", {"old": PASSPHRASE, "new": FRESH})
    assert reply.status_code == 303
    assert ana.get("/my/").status_code == 200
    assert other.get("/my/").status_code == 303
    old = {"email": address_of("ana"), "password": PASSPHRASE}
    assert browser(None).post("/sign-in", old, page="/sign-in").status_code == 422
    browser(None).sign_in(address_of("ana"), FRESH)


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("not the right words", FRESH, "old"),
        ("", FRESH, "old"),
        (PASSPHRASE, "too short", "new"),
        (PASSPHRASE, "Practice North", "new"),
        (PASSPHRASE, "x" * 1001, "new"),
    ],
)
def test_a_pass_phrase_that_cannot_be_taken_changes_nothing(browser: Open, old: str, new: str, field: str) -> None:
    ana, other = browser("ana"), browser("ana")
    reply = ana.post("/my/account/passphrase", {"old": old, "new": new})
    assert reply.status_code == 422
    assert f'id="{field}-error"' in reply.text
    assert f'href="#{field}"' in reply.text
    assert new not in reply.text
    assert other.get("/my/").status_code == 200


def test_guesses_end_in_one_browser_and_do_not_lock_the_others(browser: Open) -> None:
    ana, other = browser("ana"), browser("ana")
    wrong = {"csrf_token": ana.token("/help-now"), "passphrase": "not the right words"}
    assert {ana.client.post("/my/export", data=wrong).status_code for _ in range(20)} == {422}
    assert ana.client.post("/my/export", data=wrong).status_code == 429
    assert ana.client.post("/my/export", data=wrong | {"passphrase": PASSPHRASE}).status_code == 429
    # a guess is a guess at whichever page
    assert ana.client.post("/my/account/readings", data=wrong).status_code == 429
    assert other.post("/my/export", {"passphrase": PASSPHRASE}).status_code == 200


def test_every_signed_in_device_is_listed_and_the_others_can_be_ended(browser: Open, wall: Wall) -> None:
    browser("ana")
    wall.forward(minutes=11)  # that one is idle by now
    ana, other, ben = browser("ana"), browser("ana"), browser("ben")
    page = ana.get("/my/account").text
    assert (page.count("This device"), page.count("Another device")) == (1, 1)
    assert ana.post("/account/devices").status_code == 303
    assert [here.get("/my/").status_code for here in (ana, other, ben)] == [200, 303, 200]


def test_titles_and_addresses_tell_nothing(browser: Open) -> None:
    ana = browser("ana")
    for path in ("/my/account", "/my/export"):
        assert "<title>Portal: Account</title>" in ana.get(path).text


def test_the_ways_to_what_is_ones_own_ask_for_no_pass_phrase_beside_them(browser: Open) -> None:
    page = browser("ana").get("/my/account").text
    card = page.partition('aria-labelledby="yours"')[2].partition("</section>")[0]
    assert card.count('href="/my/') == 7
    assert 'type="password"' not in card
