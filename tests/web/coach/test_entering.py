"""A sheet of paper is typed in on a page of the coach's, and its author meets it marked; the other meets nothing."""

import re
from collections.abc import Callable
from datetime import date
from uuid import UUID

import pytest

from portal.domain.assignments import For
from portal.services import assignments, questionnaire_drafts, responses
from portal.services.assignments import NewAssignment
from portal.services.drafts import Typed
from tests import drafts
from tests.cast import PASSPHRASE, Cast
from tests.conftest import Browser
from tests.given import OPEN, assign, floor, send, task_of
from tests.pages import says, still

Open = Callable[[str | None], Browser]
ON_SHEET: dict[str, object] = {"felt_heard": "6", "understood": OPEN}
NEVER = re.compile(r"done_on|private_line|stopped_afraid|barrier|heat_peak")


@pytest.fixture
def floors(cast: Cast) -> UUID:
    return assign(cast, "one-holds-the-floor")


def page_of(floors: UUID, whose: str = "a") -> str:
    return f"/coach/assignments/{floors}/paper/{whose}"


def type_in(ines: Browser, floors: UUID, whose: str = "a", **more: object):  # type: ignore[no-untyped-def]
    return ines.post(page_of(floors, whose), ON_SHEET | {"key": "one"} | more)


def test_the_page_asks_what_the_sheet_asks_and_nothing_private(browser: Open, cast: Cast, floors: UUID) -> None:
    ines = browser("ines")
    assert f'href="{page_of(floors)}"' in ines.get(f"/coach/assignments/{floors}").text
    page = ines.get(page_of(floors))
    assert says(page, "How heard did I feel?")
    assert says(page, "marked as typed in by you, and for the two of you alone")
    assert NEVER.search(page.text) is None


def test_it_is_typed_in_marked_and_read_like_any_other(browser: Open, cast: Cast, floors: UUID) -> None:
    ines = browser("ines")
    reply = type_in(ines, floors)
    assert reply.location.endswith(f"/coach/assignments/{floors}")
    page = ines.get(reply.location)
    assert says(page, "Typed in. Ana finds it among what was sent, and says whom else it is for.")
    assert says(page, "From paper, typed in by Ines")
    assert f'href="{page_of(floors)}"' not in page.text
    found = re.search(r"/coach/responses/[0-9a-f-]+", page.text)
    assert found
    assert says(ines.get(found[0]), "typed in from paper by Ines on")
    assert says(ines.get("/coach/responses/"), "(from paper)")
    assert type_in(ines, floors).location == reply.location  # pressed twice


def test_what_was_typed_stays_on_the_page_when_something_cannot_be_taken(
    browser: Open, cast: Cast, floors: UUID
) -> None:
    ines = browser("ines")
    refused = type_in(ines, floors, felt_heard="12")
    assert refused.status_code == 422
    assert says(refused, OPEN)
    assert says(refused, "How heard did I feel?: ")
    empty = ines.post(page_of(floors), {"key": "one"})
    assert empty.status_code == 422
    assert says(empty, "Nothing is typed in yet.")
    assert says(ines.get(f"/coach/assignments/{floors}"), "Type in a sheet")


def test_what_was_sent_meanwhile_stays_and_the_page_says_so(browser: Open, cast: Cast, floors: UUID) -> None:
    ines = browser("ines")
    assert ines.get(page_of(floors)).status_code == 200
    send(cast.ana, task_of(cast.ana, floors), floor())
    reply = type_in(ines, floors)
    assert says(ines.get(reply.location), "This was sent, and what was sent stays as it is.")
    assert ines.get(page_of(floors)).status_code == 303


def test_its_author_finds_it_marked_and_what_they_had_begun_behind_the_pass_phrase(
    browser: Open, cast: Cast, floors: UUID
) -> None:
    task_id = task_of(cast.ana, floors)
    responses.save_draft(cast.ana, task_id, Typed({"understood": "Half a thought"}, {}), 0)
    type_in(browser("ines"), floors)
    ana, address = browser("ana"), f"/my/tasks/{task_id}"
    closed = ana.get(address)
    assert says(closed, "From paper, typed in by Ines on")
    assert not says(closed, OPEN)
    assert not says(closed, "Half a thought")
    ana.post(f"{address}/reveal", {"passphrase": PASSPHRASE})
    shown = ana.get(address)
    assert says(shown, OPEN)
    assert says(shown, "What you had begun here")
    assert says(shown, "Half a thought")
    assert says(shown, "Let Ben read this")


def test_the_file_of_ones_own_says_who_typed_it_in(browser: Open, cast: Cast, floors: UUID) -> None:
    type_in(browser("ines"), floors)
    files = {
        kind: browser("ana").post("/my/export", {"passphrase": PASSPHRASE, "kind": kind}) for kind in ("json", "csv")
    }
    assert files["json"].json["forms"][0]["typed_in_from_paper_by"] == "Ines"
    assert says(files["csv"], '"From paper, typed in by"') or "From paper, typed in by,Ines" in files["csv"].text


@pytest.mark.parametrize("path", ["/my/", "/my/shared", "/my/account", "/my/tasks/{own}"])
def test_the_other_sees_no_byte_of_it(browser: Open, cast: Cast, floors: UUID, path: str) -> None:
    ben, address = browser("ben"), path.replace("{own}", str(task_of(cast.ben, floors)))
    before = still(ben.get(address))
    type_in(browser("ines"), floors)
    assert still(ben.get(address)) == before


def test_an_exercise_that_asks_nothing_for_both_offers_no_sheet(browser: Open, cast: Cast) -> None:
    published = drafts.publish(cast.ines, questionnaire_drafts.begin_exercise(cast.ines, drafts.HEADING))
    new = NewAssignment(published.questionnaire_id, For.BOTH, date(2026, 11, 30))
    walk = assignments.assign(cast.ines, cast.couples["ana"], new)
    page = browser("ines").get(f"/coach/assignments/{walk}")
    assert page.status_code == 200
    assert "Type in a sheet" not in page.text
    assert browser("ines").get(page_of(walk)).status_code == 404


def test_a_check_in_and_somebody_elses_sheet_are_not_there(browser: Open, cast: Cast, floors: UUID) -> None:
    check_in = assign(cast, "weekly-check-in")
    assert "Type in a sheet" not in browser("ines").get(f"/coach/assignments/{check_in}").text
    assert browser("ines").get(page_of(check_in)).status_code == 404
    for reader in ("omar", "sol", "ana", "ben"):
        assert browser(reader).get(page_of(floors)).status_code == 404
