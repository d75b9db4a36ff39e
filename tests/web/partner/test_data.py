"""Everything of one's own erased, as its person meets it: the same page for everybody, and the other learns nothing."""

from collections.abc import Callable

import pytest

from portal.services import erasures, holds
from tests.cast import PASSPHRASE, Cast
from tests.conftest import Browser
from tests.pages import still, title

Open = Callable[[str | None], Browser]
PAGE = "/my/account/data"


def said(browser: Browser, act: str) -> str:
    reply = browser.post(PAGE, {"act": act, "passphrase": PASSPHRASE}, page=PAGE)
    assert reply.status_code == 200, reply.text
    text: str = reply.text
    return text


def test_it_is_asked_for_looked_up_and_taken_back(browser: Open) -> None:
    ana = browser("ana")
    assert "Nothing is asked for." in said(ana, "show")
    asked = said(ana, "erase")
    assert "On 23 November 2026 you asked" in asked
    assert "on 7 December 2026 at the earliest" in asked
    assert "On 23 November 2026 you asked" in said(ana, "show")
    assert "Nothing is asked for." in said(ana, "keep")
    assert "Nothing is asked for." in said(ana, "show")


def test_the_page_itself_does_not_tell_whether_anything_is_asked_for(browser: Open) -> None:
    ana = browser("ana")
    before = {path: still(ana.get(path)) for path in (PAGE, "/my/", "/my/account", "/my/export")}
    said(ana, "erase")
    assert {path: still(ana.get(path)) for path in before} == before


@pytest.mark.parametrize("act", ["show", "erase", "keep"])
def test_nothing_is_done_or_shown_without_the_pass_phrase(browser: Open, cast: Cast, act: str) -> None:
    ana = browser("ana")
    for typed in ("", "not the right words"):
        reply = ana.post(PAGE, {"act": act, "passphrase": typed})
        assert reply.status_code == 422
        assert "asked for" not in reply.text.partition("</fieldset>")[2]
    assert erasures.own(cast.ana, PASSPHRASE) is None


def test_the_other_sees_no_byte_of_it(browser: Open) -> None:
    ana, ben = browser("ana"), browser("ben")
    looks = ("/my/", "/my/shared", "/my/account", PAGE, "/help-now")
    before = [still(ben.get(path)) for path in looks] + [said(ben, "show")]
    said(ana, "erase")
    after = [still(ben.get(path)) for path in looks] + [said(ben, "show")]
    assert after[:-1] == before[:-1]
    assert "Nothing is asked for." in after[-1]


def test_while_records_are_held_the_page_says_that_it_waits(browser: Open, cast: Cast) -> None:
    ana = browser("ana")
    said(ana, "erase")
    holds.place(cast.ines, cast.ana.person_id)
    assert "The practice has to keep its records for the time being" in said(ana, "show")


def test_what_the_practice_means_to_erase_is_told_to_its_person(browser: Open, cast: Cast) -> None:
    erasures.begin(cast.ines, cast.ana.person_id, "http://127.0.0.1:8000/")
    assert "The practice means to erase what is kept of yours" in said(browser("ana"), "show")


def test_title_and_address_tell_nothing(browser: Open) -> None:
    reply = browser("ana").get(PAGE)
    assert title(reply) == "Portal: Account"
    assert "eras" not in PAGE
