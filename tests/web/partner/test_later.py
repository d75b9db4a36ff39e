"""Being asked once more after the end, on a partner's own pages: chosen alone, and the same page for both."""

from collections.abc import Callable

from portal.domain.endings import Later
from portal.domain.parting import CoupleAct
from portal.services import couple_states, later_check_ins
from tests.cast import Cast
from tests.conftest import Browser

Open = Callable[[str | None], Browser]


def close(cast: Cast) -> None:
    couple_states.act(cast.ines, cast.couples["ana"], CoupleAct.CLOSE)


def test_it_is_found_from_home_once_the_work_has_ended(browser: Open, cast: Cast) -> None:
    ana = browser("ana")
    assert 'href="/my/later"' not in ana.get("/my/").text
    assert "There is nothing to choose at present." in ana.get("/my/later").text
    close(cast)
    for name in ("ana", "ben"):
        assert 'href="/my/later"' in browser(name).get("/my/").text


def test_it_is_kept_and_can_be_changed(browser: Open, cast: Cast) -> None:
    close(cast)
    ana = browser("ana")
    for when, chosen in (("both", Later.BOTH), ("none", None)):
        assert ana.post("/my/later", {"when": when}, page="/my/later").location == "/my/later"
        assert later_check_ins.own(cast.ana).chosen is chosen
        assert f'value="{when}" id="when' in ana.get("/my/later").text
    assert "Kept." in ana.get("/my/later").text or later_check_ins.own(cast.ana).chosen is None


def test_nothing_of_it_shows_at_the_others(browser: Open, cast: Cast) -> None:
    close(cast)
    ben = browser("ben")
    before = [ben.get(address).status_code for address in ("/my/", "/my/later")]
    shown = "checked" in ben.get("/my/later").text
    browser("ana").post("/my/later", {"when": "both"}, page="/my/later")
    assert [ben.get(address).status_code for address in ("/my/", "/my/later")] == before
    assert 'value="both" id="when-2" checked' not in ben.get("/my/later").text
    assert ("checked" in ben.get("/my/later").text) is shown


def test_what_is_not_offered_is_said_at_the_field(browser: Open, cast: Cast) -> None:
    close(cast)
    reply = browser("ana").post("/my/later", {"when": "each week"}, page="/my/later")
    assert reply.status_code == 422
    assert "Choose one of these." in reply.text
