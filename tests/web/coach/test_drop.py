"""A notable drop, from the answers that make it to the line that Today shows, and its end."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine

from portal.domain.people import Viewer
from portal.services import caseload
from tests import many, weeks
from tests.cast import Cast
from tests.conftest import Browser, Wall
from tests.privacy import twin

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


def test_the_usual_check_in_of_the_other_takes_no_drop_away(cast: Cast, wall: Wall, today: Callable[..., str]) -> None:
    """Ana's low week stays on Today when Ben's ordinary one comes in after it, and goes with her own next one."""
    calm_weeks(cast, wall, cast.ana, cast.ben)
    given = weeks.assign(cast.ines, cast.couples["ana"], weeks.CHECK_IN)
    weeks.send(cast.ana, given, LOW)
    assert LINE in today()
    weeks.send(cast.ben, given, weeks.A_WEEK)
    assert LINE in today()
    wall.forward(days=7)
    weeks.check_in(cast.ines, cast.couples["ana"], cast.ben, cast.ana)
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


def lists_after(last: dict[str, str], databases: Callable[[str], str], folder: Path) -> tuple[bool, list[bytes]]:
    """Whether Today says the line after six calm weeks and this check-in of Ana's; and Couples, sorted each way."""
    with twin.form_tokens_from_the_stream(), time_machine.travel(twin.EVENING, tick=False) as now:
        house = twin.House(databases("drop"), folder)
        couple_id = house.cast.couples["ana"]
        with house.inside(), twin.drawing("weeks"):
            for week in range(CALM_WEEKS):
                weeks.check_in(house.cast.ines, couple_id, house.cast.ana, house.cast.ben, b1=str(5 + week % 2))
                now.shift(timedelta(days=7))
            many.add_couples(house.cast.ines, 4)
            weeks.check_in(house.cast.ines, couple_id, house.cast.ana, **last)
        with twin.drawing("looks"):
            ines = house.browser("ines")
            pages = [ines.get(f"/coach/couples/?sort={way}{sort}") for sort in caseload.SORTS for way in ("", "-")]
            says = LINE in ines.get("/coach/").text
        house.close()
    assert {page.status_code for page in pages} == {200}
    return says, [page.data for page in pages]


def test_a_drop_stands_in_no_line_and_moves_nobody_in_the_list(databases: Callable[[str], str], tmp_path: Path) -> None:
    low, ordinary = (lists_after(last, databases, tmp_path) for last in (LOW, {}))
    assert (low[0], ordinary[0]) == (True, False)
    assert low[1] == ordinary[1]
