"""The page of how the work ends: two forms, each given with one tap, and where the end itself is."""

from collections.abc import Callable

import pytest

from portal.domain.parting import CoupleAct
from portal.services import couple_states, endings
from tests.cast import Cast
from tests.conftest import Browser
from tests.given import assign

Open = Callable[[str | None], Browser]


def page(cast: Cast) -> str:
    return f"/coach/couples/{cast.couples['ana']}/ending"


@pytest.mark.parametrize(
    ("what", "button", "title"),
    [
        ("closing", "Give the closing check-in", "Closing check-in"),
        ("keepsake", "Give “What we want to keep”", "What we want to keep"),
    ],
)
def test_one_tap_gives_each_of_it(browser: Open, cast: Cast, what: str, button: str, title: str) -> None:
    ines = browser("ines")
    assert button in ines.get(page(cast)).text
    assert ines.post(page(cast), {"what": what}, page=page(cast)).location == page(cast)
    shown = ines.get(page(cast)).text
    assert button not in shown
    assert "Given to each." in shown
    for name in ("ana", "ben"):
        assert title in browser(name).get("/my/").text


def test_a_check_in_of_yesterday_is_said_to_be_too_near(browser: Open, cast: Cast) -> None:
    assign(cast, "weekly-check-in")
    ines = browser("ines")
    ines.post(page(cast), {"what": "closing"}, page=page(cast))
    shown = ines.get(page(cast)).text
    assert "Give the closing check-in" in shown
    assert "four days" in shown
    assert endings.ending(cast.ines, cast.couples["ana"]).closing is None


def test_there_is_nothing_else_to_give(browser: Open, cast: Cast) -> None:
    assert browser("ines").post(page(cast), {"what": "a prize"}, page=page(cast)).status_code == 404


def test_after_the_end_nothing_is_offered(browser: Open, cast: Cast) -> None:
    couple_states.act(cast.ines, cast.couples["ana"], CoupleAct.CLOSE)
    shown = browser("ines").get(page(cast)).text
    assert "It was not given." in shown
    assert 'name="what"' not in shown
    assert f'href="/coach/couples/{cast.couples["ana"]}/standing"' in shown
