"""A notable drop, from the answers that make it to the line that Today shows, and its end."""

from collections.abc import Callable

import pytest

from portal.domain.people import Viewer
from tests import weeks
from tests.cast import Cast
from tests.conftest import Browser, Wall

CALM_WEEKS = 6
LOW = {"s1": "9", "s2": "9", "s3": "9", "s4": "9", "b1": "1", "b2": "1", "b3": "1"}
LINE = "A check-in is lower than the usual ups and downs."


@pytest.fixture
def today(browser: Callable[[str | None], Browser]) -> Callable[[str], str]:
    """What Today says to a coach."""
    return lambda name="ines": browser(name).get("/coach/").text


def calm_weeks(cast: Cast, wall: Wall, *partners: Viewer) -> None:
    """Check-ins that go a little up and down, as they do."""
    for week in range(CALM_WEEKS):
        weeks.check_in(cast.ines, cast.couples["ana"], *partners, b1=str(5 + week % 2))
        wall.forward(days=7)


def test_a_low_check_in_after_calm_weeks_is_on_today_until_an_ordinary_one_comes(
    cast: Cast, wall: Wall, today: Callable[..., str]
) -> None:
    calm_weeks(cast, wall, cast.ana, cast.ben)
    assert LINE not in today()
    weeks.check_in(cast.ines, cast.couples["ana"], cast.ana, **LOW)
    assert today().count(LINE) == 1
    assert LINE not in today("omar")
    wall.forward(days=7)
    weeks.check_in(cast.ines, cast.couples["ana"], cast.ana)
    assert LINE not in today()


def test_an_exercise_that_is_sent_takes_no_drop_away(cast: Cast, wall: Wall, today: Callable[..., str]) -> None:
    calm_weeks(cast, wall, cast.ana)
    weeks.check_in(cast.ines, cast.couples["ana"], cast.ana, **LOW)
    weeks.send(cast.ana, weeks.assign(cast.ines, cast.couples["ana"]), {"done": "done"})
    assert LINE in today()


@pytest.mark.parametrize("few", [1, 3])
def test_a_low_check_in_of_somebody_who_has_sent_few_says_nothing_yet(
    cast: Cast, wall: Wall, today: Callable[..., str], few: int
) -> None:
    for _ in range(few):
        weeks.check_in(cast.ines, cast.couples["ana"], cast.ana)
        wall.forward(days=7)
    weeks.check_in(cast.ines, cast.couples["ana"], cast.ana, **LOW)
    assert LINE not in today()
