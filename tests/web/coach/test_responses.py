"""The page of one response as its coach reads it: a private answer in its author's own words stands on it."""

from collections.abc import Callable

import pytest

from portal.services import sent_forms
from tests import weeks
from tests.cast import Cast
from tests.conftest import Browser

Open = Callable[[str | None], Browser]


@pytest.mark.parametrize("way", ["Signal", "Text me before noon"])
def test_a_safe_way_stands_on_the_page_in_one_word_or_in_many(browser: Open, cast: Cast, way: str) -> None:
    weeks.check_in(cast.ines, cast.couples["ana"], cast.ana, x3="soon", x4=way)
    (form,) = sent_forms.of_couple(cast.ines, cast.couples["ana"])
    assert way in browser("ines").get(f"/coach/responses/{form.response_id}").text
