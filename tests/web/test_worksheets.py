"""A worksheet: a blank page to fill in by hand, the same for both, with what is for both alone."""

from collections.abc import Callable
from pathlib import Path
from subprocess import check_output
from uuid import UUID

import pytest

from portal.services import programme
from tests.cast import Cast
from tests.conftest import Browser
from tests.given import SECRET, assign, floor, send, task_of
from tests.pages import says

Open = Callable[[str | None], Browser]


def words(content: bytes, folder: Path) -> str:
    """What stands on the page."""
    (folder / "page.pdf").write_bytes(content)
    text = check_output(["pdftotext", "-layout", str(folder / "page.pdf"), "-"], text=True)
    return " ".join(text.split())


@pytest.fixture
def given(cast: Cast) -> UUID:
    return assign(cast, "one-holds-the-floor")


def test_a_partner_takes_the_form_along_on_paper(browser: Open, cast: Cast, given: UUID, tmp_path: Path) -> None:
    ana, task_id = browser("ana"), task_of(cast.ana, given)
    assert says(ana.get(f"/my/tasks/{task_id}"), "As a page to fill in by hand")
    reply = ana.get(f"/my/tasks/{task_id}/worksheet.pdf")
    assert (reply.status_code, reply.mimetype) == (200, "application/pdf")
    assert reply.headers["Content-Disposition"] == 'inline; filename="worksheet.pdf"'
    assert reply.headers["Cache-Control"] == "no-store"
    page = words(reply.data, tmp_path)
    for line in ("One holds the floor", "How it goes", "How heard did I feel?", "0 1 2 3 4 5 6 7 8 9 10"):
        assert line in page


def test_no_private_question_and_nothing_that_was_written_stands_on_it(
    browser: Open, cast: Cast, given: UUID, tmp_path: Path
) -> None:
    task_id = task_of(cast.ana, given)
    path = f"/my/tasks/{task_id}/worksheet.pdf"
    before = browser("ana").get(path).data
    assert "afraid" not in words(before, tmp_path)
    assert "A line only for Ines" not in words(before, tmp_path)
    assert "How heated did it get" not in words(before, tmp_path)
    assert "What is private is asked in the portal alone" in words(before, tmp_path)
    send(cast.ana, task_id, floor())
    after = words(browser("ana").get(path).data, tmp_path)
    assert after == words(before, tmp_path)
    assert SECRET not in after


def test_both_take_the_same_page_along(browser: Open, cast: Cast, given: UUID) -> None:
    hers, his = (
        browser(name).get(f"/my/tasks/{task_of(viewer, given)}/worksheet.pdf").data
        for name, viewer in (("ana", cast.ana), ("ben", cast.ben))
    )
    assert hers == his


def test_the_coach_prints_an_exercise_of_the_library(browser: Open, cast: Cast, tmp_path: Path) -> None:
    entry = next(entry for entry in programme.library(cast.ines) if entry.slug == "one-holds-the-floor")
    page = f"/coach/programme/{entry.id}"
    assert f'href="{page}/worksheet.pdf"' in browser("ines").get(page).text
    printed = words(browser("ines").get(f"{page}/worksheet.pdf").data, tmp_path)
    assert "How heard did I feel?" in printed
    assert "afraid" not in printed


def test_a_check_in_is_no_worksheet(browser: Open, cast: Cast) -> None:
    entry = next(entry for entry in programme.library(cast.ines) if entry.slug == "weekly-check-in")
    assert browser("ines").get(f"/coach/programme/{entry.id}/worksheet.pdf").status_code == 404
    task_id = task_of(cast.ana, assign(cast, "weekly-check-in"))
    assert browser("ana").get(f"/my/tasks/{task_id}/worksheet.pdf").status_code == 404
    assert "As a page to fill in" not in browser("ana").get(f"/my/tasks/{task_id}").text
