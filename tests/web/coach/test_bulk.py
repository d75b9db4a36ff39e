"""The same for many couples in a browser: chosen, looked over, confirmed, and a page that shows how far it has come."""

import html
import re
from collections.abc import Callable
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from portal.extensions import db
from portal.models.assignments import Assignment
from portal.services import bulk_giving, programme
from tests.cast import LINK, Cast
from tests.conftest import Browser
from tests.given import assign

Open = Callable[[str | None], Browser]
NEW, GIVE = "/coach/couples/assign", "/coach/couples/assign/give"
KEY = re.compile(r'name="key" value="([^"]+)"')


def form_of(cast: Cast, **changes: object) -> dict[str, object]:
    entry = next(one.id for one in programme.library(cast.ines) if one.slug == "my-listening-habits")
    couples = [str(cast.couples[name]) for name in ("ana", "gil")]
    return {"couples": couples, "exercise": str(entry), "due_on": "2026-11-29", "why": "For the evenings"} | changes


def count() -> int:
    return db.session.scalar(select(func.count()).select_from(Assignment)) or 0


def test_chosen_looked_over_confirmed_and_reported_on(browser: Open, cast: Cast) -> None:
    assign(cast, "my-listening-habits", couple="gil")
    ines = browser("ines")
    page = ines.get(NEW).text
    assert page.count("checked") == 0
    looked = ines.post(NEW, form_of(cast), page=NEW).text
    assert "It goes to one couple." in looked
    assert "passed over: they have it already" in looked
    assert count() == 1
    key = KEY.search(looked)
    assert key
    reply = ines.post(GIVE, form_of(cast, key=key[1]), page=NEW)
    assert reply.status_code == 303
    waiting = ines.get(reply.location).text
    assert "Look again" in waiting
    assert "0 of 2" in waiting
    assert ines.post(GIVE, form_of(cast, key=key[1]), page=NEW).location == reply.location
    bulk_giving.carry_out(LINK)
    done = ines.get(reply.location).text
    assert "Look again" not in done
    assert "2 of 2: given to 1, passed over 1." in done
    assert "passed over: they have it already" in done
    assert "given to 1 of 2 couples" in ines.get("/coach/couples/assigned").text
    assert count() == 2


def test_the_list_is_narrowed_as_the_address_says_and_the_list_leads_there(browser: Open, cast: Cast) -> None:
    ines = browser("ines")
    assert "/coach/couples/assign?" in ines.get("/coach/couples/").text
    page = ines.get(f"{NEW}?q=gil").text
    assert "Gil &amp; Hana" in page
    assert "Ana &amp; Ben" not in page
    assert page.count("checked") == 1
    assert "Take away whom you do not mean." in page


def test_a_form_that_is_refused_still_stands_before_the_list_as_it_was_narrowed(browser: Open, cast: Cast) -> None:
    ines, narrowed = browser("ines"), f"{NEW}?q=gil"
    page = ines.get(narrowed).text
    action = re.search(rf'<form method="post" action="({NEW}[^"]*)"', page)
    assert action
    assert html.unescape(action[1]) == narrowed
    refused = ines.post(narrowed, form_of(cast, couples=[str(cast.couples["gil"])], due_on=""), page=narrowed)
    assert refused.status_code == 422
    assert "Gil &amp; Hana" in refused.text
    assert "Ana &amp; Ben" not in refused.text
    assert "Take away whom you do not mean." in refused.text


def test_an_exercise_leads_there_with_itself_chosen_and_nobody_ticked(browser: Open, cast: Cast) -> None:
    ines, entry = browser("ines"), form_of(cast)["exercise"]
    of_entry = ines.get(f"/coach/questionnaires/{entry}").text
    assert f'href="{NEW}?exercise={entry}"' in of_entry
    assert f'href="/coach/couples/{cast.couples["ana"]}/assign?exercise={entry}"' in of_entry
    page = ines.get(f"{NEW}?exercise={entry}").text
    assert f'<option value="{entry}" selected>' in page
    assert "checked" not in page
    assert re.search(r'<input[^>]*name="due_on"[^>]*value="2026-11-30"', page)
    assert "Tick whom you mean." in page
    assert ines.get(f"{NEW}?exercise=nothing").text.count(" selected") == 0


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"couples": []}, "couples", "Choose a couple, one at least."),
        ({"couples": ["x"]}, "couples", "Choose from these."),
        ({"exercise": ""}, "exercise", "Choose an exercise, or the check-in."),
        ({"due_on": "2026-11-22"}, "due_on", "This day is over."),
        ({"why": "x" * 301}, "why", "This is longer than 300 characters."),
    ],
)
@pytest.mark.parametrize("to", [NEW, GIVE])
def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_given(
    browser: Open, cast: Cast, to: str, changes: dict[str, object], field: str, sentence: str
) -> None:
    reply = browser("ines").post(to, form_of(cast, key="a list", **changes), page=NEW)
    assert reply.status_code == 422
    assert reply.text.count(sentence) == 2
    assert f'id="{field}"' in reply.text
    assert bulk_giving.carry_out(LINK) == 0


def test_a_couple_of_somebody_elses_is_not_found(browser: Open, cast: Cast) -> None:
    for couple in (cast.couples["cleo"], cast.couples["eva"], uuid4()):
        for to in (NEW, GIVE):
            filled = form_of(cast, couples=[str(cast.couples["ana"]), str(couple)], key="a list")
            assert browser("ines").post(to, filled, page=NEW).status_code == 404
    assert bulk_giving.carry_out(LINK) == 0
