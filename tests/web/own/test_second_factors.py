"""The second key over HTTP: asked of staff before anything else, offered to partners, and removed by no mail."""

import re
from collections.abc import Callable
from pathlib import Path

import pyotp
import pytest
from flask import Flask
from sqlalchemy import select, update

from portal import create_app
from portal.domain.people import Role
from portal.extensions import begin_write, db
from portal.models.practices import Practice
from portal.models.users import Person
from portal.services import accounts, practices
from portal.services.practices import NewCoach
from tests.cast import PASSPHRASE, Cast, address_of
from tests.conftest import Browser, Wall, settings_for
from tests.given import SECRET, assign, floor, send, task_of
from tests.keys import code_at_the_door
from tests.letters import letters, link
from tests.pages import says, still

Open = Callable[[str | None], Browser]
KEY = "/account/second-key"
SEED = re.compile(r'<code class="key">([A-Z2-7 ]{39})</code>')
SPARE = re.compile(r'<code class="key">([0-9a-z ]{19})</code>')
NELL = "nell@north.example"
FRESH = "orange ladder quiet harbour"


STILL = "It stays as it is for now"


class Owner:
    """Somebody who sets up an app with their own browser."""

    def __init__(self, browser: Browser, wall: Wall) -> None:
        self.browser, self.wall = browser, wall

    def begin(self) -> str:
        """Let the app read the key; gives the page."""
        assert self.browser.post(f"{KEY}/app/new", page=f"{KEY}/set-up").location == f"{KEY}/app"
        page = self.browser.get(f"{KEY}/app")
        found = SEED.search(page.text)
        assert found, page.text
        self.app = pyotp.TOTP(found[1].replace(" ", ""))
        return str(page.text)

    def confirm(self):  # type: ignore[no-untyped-def]
        return self.browser.post(f"{KEY}/app", {"code": self.app.at(self.wall.now)}, page=f"{KEY}/app")

    def set_up(self) -> list[str]:
        """Set up an app; gives the spare codes."""
        self.begin()
        reply = self.confirm()
        assert reply.status_code == 200
        return SPARE.findall(reply.text)

    def give(self, browser: Browser, code: str | None = None, at: str = KEY):  # type: ignore[no-untyped-def]
        return browser.post(at, {"code": code or self.app.at(self.wall.now)}, page=KEY)


@pytest.fixture
def ana(browser: Open, wall: Wall) -> Owner:
    """Ana, who has given her pass phrase once more and may set up what she likes."""
    return Owner(browser("ana").step_up(), wall)


@pytest.fixture
def nell(app: Flask, cast: Cast, browser: Open, wall: Wall) -> Owner:
    """A new coach, who has signed in for the first time."""
    practices.add_coach(cast.ines, NewCoach("Nell", NELL, PASSPHRASE))
    return Owner(browser(None).give_passphrase(NELL), wall)


def cookie(browser: Browser) -> str:
    kept = browser.client.get_cookie("id")
    assert kept
    return str(kept.value)


def opens(browser: Browser, value: str, home: str = "/my/") -> bool:
    """Whether somebody comes in who copied this cookie."""
    thief = Browser(browser.client.application.test_client())
    thief.client.set_cookie("id", value)
    return bool(thief.get(home).status_code == 200)


def test_a_new_coach_sets_one_up_before_anything_else_opens(nell: Owner) -> None:
    here = nell.browser
    assert here.get("/").location == f"{KEY}/set-up"
    assert here.get("/coach/couples/").location.startswith(f"{KEY}/set-up")
    recorded = cookie(here)
    page = nell.begin()
    assert "<svg" in page
    assert here.post(f"{KEY}/app", {"code": "000000"}, page=f"{KEY}/app").status_code == 422
    assert here.get("/coach/").status_code == 303
    reply = nell.confirm()
    assert len(SPARE.findall(reply.text)) == 10
    assert here.get("/coach/").status_code == 200
    assert not opens(here, recorded, "/coach/")
    assert SPARE.findall(here.get(f"{KEY}/set-up", follow_redirects=True).text) == []


def test_who_is_at_the_door_is_led_on_to_where_they_wanted_to_go(ana: Owner, browser: Open, wall: Wall) -> None:
    ana.set_up()
    wall.forward(minutes=1)
    nobody = browser(None)
    door = nobody.get("/my/shared").location
    sent = {"email": address_of("ana"), "password": PASSPHRASE}
    first = nobody.post(door, sent, page="/sign-in")
    second = nobody.get(first.location)
    assert (second.status_code, second.location) == (303, f"{KEY}?next=/my/shared")
    assert ana.give(nobody, at=second.location).location == "/my/shared"


def test_a_key_opens_its_door_and_leads_to_no_other_site(ana: Owner, browser: Open, wall: Wall) -> None:
    ana.set_up()
    for wanted in ("https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example"):
        wall.forward(minutes=1)
        reply = ana.give(browser(None).give_passphrase(address_of("ana")), at=f"{KEY}?next={wanted}")
        assert reply.location == "/my/"


def test_a_partner_is_offered_one_and_asked_for_it_once_it_is_set_up(ana: Owner, browser: Open, wall: Wall) -> None:
    assert "Set it up" in ana.browser.get("/my/account").text
    assert browser("ben").get("/my/").status_code == 200  # nobody is pushed
    spare = ana.set_up()
    assert ana.browser.get("/my/").status_code == 200
    wall.forward(minutes=1)
    here = browser(None).give_passphrase(address_of("ana"))
    assert here.get("/my/").location.startswith(KEY)
    assert ana.give(here, "000000").status_code == 422
    assert ana.give(here).location == "/my/"
    assert here.get("/my/").status_code == 200
    other = browser(None).give_passphrase(address_of("ana"))
    assert ana.give(other).status_code == 422  # the same code again
    assert other.post(KEY, {"spare": spare[0]}, page=KEY).location == "/my/"
    assert "9 of them still work" in other.step_up().get(f"{KEY}/set-up").text


def test_the_id_of_the_session_is_new_behind_the_second_key(ana: Owner, browser: Open, wall: Wall) -> None:
    ana.set_up()
    wall.forward(minutes=1)
    here = browser(None).give_passphrase(address_of("ana"))
    before = cookie(here)
    ana.give(here)
    assert opens(here, cookie(here))
    assert not opens(here, before)
    thief = Browser(here.client.application.test_client())
    thief.client.set_cookie("id", before)
    assert thief.get("/my/").location.startswith("/sign-in")  # dead altogether, not only at the first door


def guess(browser: Browser, times: int) -> list[int]:
    """The statuses of wrong codes, one after the other, however long the door waits."""
    wrong = {"csrf_token": browser.token(KEY), "code": "000000"}
    return [browser.client.post(KEY, data=wrong).status_code for _ in range(times)]


def test_guesses_end_in_one_browser_and_lock_nobody_out(ana: Owner, browser: Open, wall: Wall) -> None:
    spare = ana.set_up()
    wall.forward(minutes=1)
    stranger = browser(None).give_passphrase(address_of("ana"))
    assert guess(stranger, 20) == [422] * 4 + [429] * 16
    assert stranger.post(KEY, {"spare": spare[0]}, page=KEY).status_code == 429
    other = browser(None).give_passphrase(address_of("ana"))
    assert other.post(KEY, {"spare": spare[0]}, page=KEY).location == "/my/"


def test_wrong_codes_from_many_addresses_make_the_next_ones_wait(ana: Owner, browser: Open, wall: Wall) -> None:
    """A new session costs whoever knows the pass phrase one sign-in, and a new address hardly more."""
    ana.set_up()
    told = []
    for number in range(30):
        wall.forward(minutes=1)
        elsewhere = Browser(browser(None).client.application.test_client())
        elsewhere.client.environ_base["REMOTE_ADDR"] = f"198.51.100.{number}"
        told += guess(elsewhere.give_passphrase(address_of("ana")), 19)
    assert told.count(422) < 15
    last = elsewhere.post(KEY, {"code": ana.app.at(wall.now)}, page=KEY)
    assert last.status_code == 429
    assert int(last.headers["Retry-After"]) > 30
    assert says(last, f"Try again in {last.headers['Retry-After']} seconds.")


def test_where_one_was_signed_in_before_the_guesses_of_others_keep_nobody_waiting(
    ana: Owner, browser: Open, wall: Wall
) -> None:
    ana.set_up()
    wall.forward(minutes=1)
    ana.browser.post("/sign-out", page="/my/account")
    stranger = browser(None).give_passphrase(address_of("ana"))
    guess(stranger, 8)
    assert ana.give(stranger).status_code == 429
    assert ana.give(ana.browser.give_passphrase(address_of("ana"))).location == "/my/"


def test_a_wait_is_over_some_time_and_tells_a_right_code_from_a_wrong_one_by_nothing(
    ana: Owner, browser: Open, wall: Wall
) -> None:
    ana.set_up()
    wall.forward(minutes=1)
    stranger = browser(None).give_passphrase(address_of("ana"))
    guess(stranger, 4)
    right, wrong = ana.app.at(wall.now), "000000"
    assert still(ana.give(stranger, right), right) == still(ana.give(stranger, wrong), wrong)
    wall.forward(seconds=1)
    assert ana.give(stranger, right).location == "/my/"


def test_nobody_makes_another_wait_without_the_pass_phrase(ana: Owner, cast: Cast, browser: Open, wall: Wall) -> None:
    """Not by typing at the door what wrong codes are counted under."""
    ana.set_up()
    wall.forward(minutes=1)
    for name in (address_of("ana"), f"codes|{cast.ana.person_id}", str(cast.ana.person_id)):
        for _ in range(6):
            browser(None).post("/sign-in", {"email": name, "password": "not this one"}, page="/sign-in")
    wall.forward(minutes=1)
    assert ana.give(browser(None).give_passphrase(address_of("ana"))).location == "/my/"


def test_a_hundred_wrong_codes_from_one_address_are_enough(ana: Owner, browser: Open, wall: Wall) -> None:
    ana.set_up()
    wall.forward(minutes=1)
    for _ in range(5):
        guess(browser(None).give_passphrase(address_of("ana")), 20)
    wall.forward(minutes=15)
    refused = ana.give(browser(None).give_passphrase(address_of("ana")))
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "600")


def test_a_new_pass_phrase_by_mail_leaves_the_second_key_where_it_is(ana: Owner, browser: Open, wall: Wall) -> None:
    spare = ana.set_up()
    browser(None).post("/reset", {"email": address_of("ana")}, page="/reset")
    path = link(address_of("ana"), "reset")
    assert browser(None).post(path, {"passphrase": FRESH}, page="/sign-in").status_code == 303
    wall.forward(minutes=1)
    here = browser(None).give_passphrase(address_of("ana"), FRESH)
    assert here.get("/my/").location.startswith(KEY)
    assert here.get(f"{KEY}/set-up").location == KEY
    assert here.post(f"{KEY}/app/remove", page=KEY).location == KEY
    assert here.post(KEY, {"spare": spare[0]}, page=KEY).location == "/my/"


def reset_by_mail(browser: Open, name: str, passphrase: str = FRESH) -> Browser:
    """Whoever reads the mailbox sets a new pass phrase, goes in with it, and gives it once more."""
    browser(None).post("/reset", {"email": address_of(name)}, page="/reset")
    path = link(address_of(name), "reset")
    assert browser(None).post(path, {"passphrase": passphrase}, page="/sign-in").status_code == 303
    return browser(None).give_passphrase(address_of(name), passphrase)


def vouch(browser: Open, cast: Cast) -> None:
    couple = f"/coach/couples/{cast.couples['ana']}"
    assert browser("ines").post(f"{couple}/partners/{cast.ana.person_id}/vouch", page=couple).status_code == 303


def test_who_came_by_the_mailbox_shuts_nobody_out_with_a_second_key(browser: Open, cast: Cast, wall: Wall) -> None:
    ben = reset_by_mail(browser, "ana").step_up(FRESH)
    page = ben.get(f"{KEY}/set-up")
    assert says(page, STILL)
    assert says(page, "Tell Ines, by voice or in person.")
    for path in ("app/new", "passkeys/challenge", "app", "passkeys", "app/remove", "spare-codes"):
        reply = ben.post(f"{KEY}/{path}", {"code": "000000"}, page=f"{KEY}/set-up")
        assert path.startswith("passkeys") or (reply.status_code == 409 and says(reply, STILL)), path
    assert ben.get(f"{KEY}/app").status_code == 409
    wall.forward(minutes=15)
    ana = reset_by_mail(browser, "ana", "seven lamps in the river")
    assert ana.get("/my/").status_code == 200
    vouch(browser, cast)
    assert len(Owner(ana.step_up("seven lamps in the river"), wall).set_up()) == 10


def test_what_was_begun_before_a_reset_is_not_confirmed_after_it(ana: Owner, browser: Open, cast: Cast) -> None:
    ana.begin()
    ana.browser = reset_by_mail(browser, "ana").step_up(FRESH)
    reply = ana.browser.post(f"{KEY}/app", {"code": ana.app.at(ana.wall.now)}, page=f"{KEY}/set-up")
    assert reply.status_code == 409
    assert reply.text.count("Set up an app") == 0
    vouch(browser, cast)
    assert ana.confirm().status_code == 200


def test_a_key_that_is_there_stays_as_it_is_until_the_coach_vouches(
    ana: Owner, browser: Open, cast: Cast, wall: Wall
) -> None:
    spare = ana.set_up()
    here = reset_by_mail(browser, "ana")
    assert here.post(KEY, {"spare": spare[0]}, page=KEY).location == "/my/"
    here.step_up(FRESH)
    assert says(here.get(f"{KEY}/set-up"), STILL)
    for path in ("app/remove", "spare-codes"):
        assert here.post(f"{KEY}/{path}", page=f"{KEY}/set-up").status_code == 409
    vouch(browser, cast)
    assert here.post(f"{KEY}/app/remove", page=f"{KEY}/set-up").location == f"{KEY}/set-up"


def test_staff_set_one_up_although_a_mail_reset_their_pass_phrase(nell: Owner, browser: Open) -> None:
    browser(None).post("/reset", {"email": NELL}, page="/reset")
    browser(None).post(link(NELL, "reset"), {"passphrase": FRESH}, page="/sign-in")
    nell.browser = browser(None).give_passphrase(NELL, FRESH)
    assert len(nell.set_up()) == 10
    assert nell.browser.get("/coach/").status_code == 200


def test_a_partner_gets_a_mail_that_tells_nothing_when_the_key_is_set_up_or_removed(ana: Owner, browser: Open) -> None:
    ana.set_up()
    assert [mail.words for mail in letters(address_of("ana"), "account_changed")] == [
        {"link": "http://127.0.0.1:8000/my/account"}
    ]
    ana.browser.post(f"{KEY}/app/remove", page=f"{KEY}/set-up")
    assert len(letters(address_of("ana"), "account_changed")) == 2
    omar = browser("omar").step_up()
    omar.post(f"{KEY}/app/remove", page="/coach/account")
    assert letters(address_of("omar"), "account_changed") == []


def test_a_second_key_lets_one_in_and_unseals_nothing(ana: Owner, cast: Cast, browser: Open, wall: Wall) -> None:
    task = task_of(cast.ana, assign(cast, "one-holds-the-floor"))
    send(cast.ana, task, floor())
    ana.set_up()
    wall.forward(minutes=1)
    here = browser(None).give_passphrase(address_of("ana"))
    ana.give(here)
    assert SECRET not in here.get(f"/my/tasks/{task}").text
    here.step_up()  # nor does the pass phrase that was given for something else
    assert SECRET not in here.get(f"/my/tasks/{task}").text
    here.post(f"/my/tasks/{task}/reveal", {"passphrase": PASSPHRASE})
    assert SECRET in here.get(f"/my/tasks/{task}").text


def test_taking_it_away_needs_the_pass_phrase_and_ends_other_sessions(ana: Owner, browser: Open, wall: Wall) -> None:
    ana.set_up()
    wall.forward(minutes=6)
    other = browser(None).give_passphrase(address_of("ana"))
    assert ana.give(other).status_code == 303
    remove = f"{KEY}/app/remove"
    assert ana.browser.post(remove, page="/my/").location == f"/account/step-up?next={KEY}/set-up"
    recorded = cookie(ana.browser)
    assert ana.browser.step_up().post(remove, page="/my/").location == f"{KEY}/set-up"
    assert [here.get("/my/").status_code for here in (ana.browser, other)] == [200, 303]
    assert not opens(ana.browser, recorded)
    assert browser(None).give_passphrase(address_of("ana")).get("/").location == "/my/"


def test_staff_who_take_their_only_one_away_stand_at_the_door_again(browser: Open) -> None:
    omar = browser("omar").step_up()
    omar.post(f"{KEY}/app/remove", page="/coach/account")
    assert omar.get("/coach/").location.startswith(f"{KEY}/set-up")


def make_demo() -> None:
    begin_write()
    db.session.execute(update(Practice).values(is_demo=True))
    db.session.execute(update(Person).where(Person.role != Role.PARTNER).values(has_second_factor=False))
    db.session.commit()


def test_a_demo_waives_it_and_says_so(app: Flask, browser: Open) -> None:
    assert "This is a demo" not in browser("omar").get("/coach/account").text
    make_demo()
    here = browser(None).give_passphrase(address_of("ines"))
    assert here.get("/coach/").status_code == 200
    assert "This is a demo: nobody is asked for a second key here." in here.get("/coach/account").text


def test_the_waiver_ends_where_others_can_reach_the_machine(
    databases: Callable[[str], str], wall: Wall, tmp_path: Path
) -> None:
    made = create_app(settings_for(databases("reachable"), tmp_path, base_url="http://portal.example"))
    with made.app_context():
        make_demo()
        here = Browser(made.test_client()).give_passphrase(address_of("ines"))
        assert here.get("/coach/").location.startswith(f"{KEY}/set-up")
        db.session.remove()
        db.engine.dispose()


def test_what_a_person_has_is_what_every_request_asks_for(ana: Owner, cast: Cast) -> None:
    def flag() -> bool:
        db.session.rollback()
        return bool(db.session.scalar(select(Person.has_second_factor).where(Person.id == cast.ana.person_id)))

    assert not flag()
    ana.set_up()
    assert flag()
    ana.browser.post(f"{KEY}/app/remove", page="/my/")
    assert not flag()


def test_pages_of_a_partner_keep_their_neutral_title_and_leave_stands_on_each(ana: Owner) -> None:
    ana.begin()
    for path in ("/my/account", "/account/step-up", f"{KEY}/set-up", f"{KEY}/app"):
        text = ana.browser.get(path).text
        assert "<title>Portal: Account</title>" in text
        assert 'action="/exit"' in text
        assert "/help-now" in text


def test_the_door_offers_help_and_the_ways_out(ana: Owner, browser: Open, wall: Wall) -> None:
    ana.set_up()
    here = browser(None).give_passphrase(address_of("ana"))
    text = here.get(KEY).text
    assert "<title>Portal</title>" in text
    assert all(way in text for way in ('action="/exit"', 'action="/sign-out"', 'href="/help-now"'))
    assert here.get("/help-now").status_code == 200


def test_the_code_of_a_coach_is_asked_each_time(app: Flask, browser: Open) -> None:
    here = browser(None).give_passphrase(address_of("ines"))
    assert here.get("/coach/").location.startswith(KEY)
    code = code_at_the_door(app, address_of("ines"))
    assert here.post(KEY, {"code": code}, page=KEY).location == "/coach/"
    assert accounts.sign_in(address_of("ines"), PASSPHRASE, None)
    again = browser(None).give_passphrase(address_of("ines"))
    assert again.post(KEY, {"code": code}, page=KEY).status_code == 422
