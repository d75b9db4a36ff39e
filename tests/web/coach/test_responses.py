"""The page of one response as its coach reads it: a private answer in its author's own words stands on it."""

from collections.abc import Callable

import pytest

from portal.services import sent_forms
from tests import given, weeks
from tests.cast import Cast
from tests.conftest import Browser

Open = Callable[[str | None], Browser]


@pytest.mark.parametrize("way", ["Signal", "Text me before noon"])
def test_a_safe_way_stands_on_the_page_in_one_word_or_in_many(browser: Open, cast: Cast, way: str) -> None:
    weeks.check_in(cast.ines, cast.couples["ana"], cast.ana, x3="soon", x4=way)
    (form,) = sent_forms.of_couple(cast.ines, cast.couples["ana"])
    assert way in browser("ines").get(f"/coach/responses/{form.response_id}").text


def test_a_line_is_said_to_be_sent_and_stands_in_the_box_again(browser: Open, cast: Cast) -> None:
    weeks.check_in(cast.ines, cast.couples["ana"], cast.ana)
    (form,) = sent_forms.of_couple(cast.ines, cast.couples["ana"])
    ines, path = browser("ines"), f"/coach/responses/{form.response_id}"
    assert "A line for Ana" in ines.get(path).text
    assert "Marked as read." in ines.get(ines.post(path, {"feedback": " "}).location).text
    page = ines.get(ines.post(path, {"feedback": "Well held"}).location).text
    assert "Sent to Ana." in page
    assert "Well held</textarea>" in page
    assert "Marked as read." in ines.get(ines.post(path, {"feedback": "Well held"}).location).text


def test_each_sheet_says_when_the_other_reads_it(browser: Open, cast: Cast) -> None:
    task = given.task_of(cast.ana, given.assign(cast, "one-holds-the-floor"))
    given.send(cast.ana, task, given.floor(felt_heard="7"), felt_heard="session")
    (form,) = sent_forms.of_couple(cast.ines, cast.couples["ana"])
    page = browser("ines").get(f"/coach/responses/{form.response_id}").text
    assert "Both, once you open it in the session" in page
    assert "Both, from the morning after both have sent" in page
