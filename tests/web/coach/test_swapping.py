"""Something else instead, one time left out, held quietly: the coach's buttons on the page of an assignment."""

from collections.abc import Callable
from datetime import date
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

from portal.extensions import db
from portal.models.assignments import Assignment, Repetition
from portal.models.variants import Variant
from portal.services import programme
from tests.cast import Cast
from tests.conftest import Browser
from tests.given import assign

Open = Callable[[str | None], Browser]


def entry(cast: Cast, slug: str) -> str:
    return next(str(one.id) for one in programme.library(cast.ines) if one.slug == slug)


def address(assignment_id: UUID, to: str = "") -> str:
    return f"/coach/assignments/{assignment_id}{to}"


def test_something_else_is_given_and_its_page_follows(browser: Open, cast: Cast) -> None:
    first, ines = assign(cast, "rewrite-the-opening"), browser("ines")
    assert "Give something else instead" in ines.get(address(first)).text
    page = ines.get(address(first, "/swap")).text
    assert page.index("Find the fair part") < page.index("Repair log")
    filled = {"exercise": entry(cast, "find-the-fair-part"), "due_on": "2026-11-29", "why": "A smaller one"}
    reply = ines.post(address(first, "/swap"), filled, page=address(first, "/swap"))
    assert reply.status_code == 303
    assert "A smaller one" in ines.get(reply.location).text
    assert ines.get(address(first)).text.count("<p>Withdrawn</p>") == 2


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"exercise": ""}, "exercise", "Choose an exercise."),
        ({"exercise": str(uuid4())}, "exercise", "Choose one of these."),
        ({"due_on": "2026-11-22"}, "due_on", "This day is over."),
        ({"due_on": "x"}, "due_on", "Give the day as a date"),
        ({"why": "x" * 2_001}, "why", "This is longer than 2000 characters."),
    ],
)
def test_what_is_wrong_is_said_and_they_keep_what_they_have(
    browser: Open, cast: Cast, changes: dict[str, object], field: str, sentence: str
) -> None:
    first = assign(cast, "rewrite-the-opening")
    filled: dict[str, object] = {"exercise": entry(cast, "find-the-fair-part"), "due_on": "2026-11-29"}
    reply = browser("ines").post(address(first, "/swap"), filled | changes, page=address(first, "/swap"))
    assert reply.status_code == 422
    assert f'href="#{field}"' in reply.text
    assert f'id="{field}"' in reply.text
    assert reply.text.count(sentence) == 2
    assert "<p>Withdrawn</p>" not in browser("ines").get(address(first)).text
    assert db.session.scalar(select(func.count()).select_from(Assignment)) == 1


def test_one_time_is_left_out_and_comes_after_all(browser: Open, cast: Cast) -> None:
    first, ines = assign(cast, "weekly-check-in", weekly=True), browser("ines")
    here = address(first)
    assert ines.post(f"{here}/repetition", {"act": "skip", "reason": ""}, page=here).status_code == 422
    assert ines.post(f"{here}/repetition", {"act": "skip", "reason": "They are away"}, page=here).status_code == 303
    page = ines.get(here).text
    assert "It does not come on Monday 30 November." in page
    assert "They are away" in page
    assert all("They are away" not in browser(who).get("/my/").text for who in ("ana", "ben"))
    ines.post(f"{here}/repetition", {"act": "come"}, page=here)
    assert "Next on Monday 30 November." in ines.get(here).text


def test_held_quietly_and_gone_on_with(browser: Open, cast: Cast) -> None:
    first, ines = assign(cast, "weekly-check-in", weekly=True), browser("ines")
    here = address(first)
    ines.post(f"{here}/repetition", {"act": "hold"}, page=here)
    assert "It is held for now." in ines.get(here).text
    assert "Hold it quietly" not in ines.get(here).text
    ines.post(f"{here}/repetition", {"act": "go_on"}, page=here)
    assert db.session.scalars(select(Repetition.held_at)).all() == [None]


def test_what_does_not_come_again_has_nothing_to_hold_and_no_other_word_does_anything(
    browser: Open, cast: Cast
) -> None:
    once, again = assign(cast, "rewrite-the-opening"), assign(cast, "weekly-check-in", weekly=True)
    ines = browser("ines")
    assert ines.post(address(once, "/repetition"), {"act": "hold"}, page=address(once)).status_code == 404
    assert ines.post(address(again, "/repetition"), {"act": "dance"}, page=address(again)).status_code == 404


def test_which_is_easier_is_said_on_the_page_of_an_exercise(browser: Open, cast: Cast) -> None:
    ines, here = browser("ines"), f"/coach/questionnaires/{entry(cast, 'rewrite-the-opening')}/variants"
    filled = {"other": entry(cast, "find-the-fair-part"), "way": "easier"}
    assert ines.post(here, filled, page=here).status_code == 303
    assert db.session.scalar(select(func.count()).select_from(Variant)) == 1
    first = assign(cast, "rewrite-the-opening", due_on=date(2026, 11, 29))
    page = ines.get(address(first, "/swap")).text
    assert page.index("Easier versions") < page.index("Find the fair part")
    assert ines.post(here, {"other": str(uuid4()), "way": "easier"}, page=here).status_code == 422
    ines.post(here, filled | {"way": "neither"}, page=here)
    assert db.session.scalar(select(func.count()).select_from(Variant)) == 0


def test_the_check_in_has_no_easier_version_and_its_page_says_so(browser: Open, cast: Cast) -> None:
    ines, here = browser("ines"), f"/coach/questionnaires/{entry(cast, 'weekly-check-in')}/variants"
    reply = ines.post(here, {"other": entry(cast, "find-the-fair-part"), "way": "easier"}, page=here)
    assert (reply.status_code, "Choose another exercise." in reply.text) == (422, True)
    assert db.session.scalar(select(func.count()).select_from(Variant)) == 0
