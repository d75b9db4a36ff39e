"""Done and noticed, on the trends page: words before numbers, a table for each chart, and never on a turned screen."""

import re
from collections.abc import Callable

import pytest

from tests import weeks
from tests.cast import Cast
from tests.conftest import Browser, Wall
from tests.services.test_noticed import a_fourth_week

Open = Callable[[str | None], Browser]
NEVER = ("convergence", "attunement", "noise", "perception", "adherence", "because", "%")


def trends_of(cast: Cast) -> str:
    return f"/coach/couples/{cast.couples['ana']}/trends"


def section(page: str) -> str:
    return page[page.index('id="noticed"') : page.index("</section>", page.index('id="noticed"'))]


def test_before_anything_it_is_too_early_to_tell(browser: Open, cast: Cast) -> None:
    shown = section(browser("ines").get(trends_of(cast)).text)
    assert shown.count("Too early to tell. There is nothing yet that both have answered.") == 2
    assert "<svg" not in shown


def test_after_one_the_week_stands_for_itself_and_after_six_it_is_said_in_plain_words(
    browser: Open, cast: Cast, wall: Wall
) -> None:
    a_fourth_week(cast, wall, "8", "3")
    first = section(browser("ines").get(trends_of(cast)).text)
    assert "Too early to tell: one check-in that both answered, and it takes six." in first
    assert "Last time: Ana 80, Ben 30, 50 apart." in first
    assert first.count("<svg") == 2 * 2 + first.count('viewBox="0 0 16 16"')  # twice for each, and the heads' marks
    for _ in range(5):
        a_fourth_week(cast, wall, "8", "3")
    page = section(browser("ines").get(trends_of(cast)).text)
    assert "Of late, Ana did more than Ben noticed." in page
    assert "The same distance over time." in page
    assert "Of late, about as much was noticed as was done." in page
    assert "50 apart. More than the usual ups and downs." in page
    rows = re.findall(r'<tr><th scope="row">[^<]+</th><td>(\d+)</td><td>(\d+)</td><td>(\d+)</td></tr>', page)
    assert rows == [("80", "30", "50")] * 6 + [("60", "50", "10")] * 6
    words = re.sub(r"<[^>]+>", " ", page).lower()
    assert not [word for word in NEVER if word in words]


def test_counts_of_an_exercise_stand_in_a_table_and_are_not_judged(browser: Open, cast: Cast) -> None:
    assignment_id = weeks.assign(cast.ines, cast.couples["ana"], "repair-log")
    weeks.send(cast.ana, assignment_id, {"done": "done", "mine": "5", "theirs_noticed": "2"})
    weeks.send(cast.ben, assignment_id, {"done": "done", "mine": "4", "theirs_noticed": "1"})
    page = section(browser("ines").get(trends_of(cast)).text)
    assert re.findall(r"Repair log<span.*?</th><td>(\d)</td><td>(\d)</td>", page) == [("5", "1"), ("4", "2")]
    assert "Of late" not in page


def test_each_table_has_a_name_of_its_own(browser: Open, cast: Cast, wall: Wall) -> None:
    a_fourth_week(cast, wall, "8", "3")
    assignment_id = weeks.assign(cast.ines, cast.couples["ana"], "repair-log")
    for partner in (cast.ana, cast.ben):
        weeks.send(partner, assignment_id, {"done": "done", "mine": "5", "theirs_noticed": "2"})
    names = re.findall(r'role="region" aria-label="([^"]+)"', browser("ines").get(trends_of(cast)).text)
    assert len(names) == len(set(names)) == 4


@pytest.mark.parametrize("reader", ["ana", "ben", "omar", "sol"])
def test_neither_partner_nor_another_coach_reads_it(browser: Open, cast: Cast, reader: str) -> None:
    assert browser(reader).get(trends_of(cast)).status_code == 404
