"""The briefs of twenty couples in one day: asked for, made while the page looks on, and saved as valid files."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from threading import Thread
from zipfile import ZipFile

import pytest
from playwright.sync_api import expect
from pypdf import PdfReader

from portal.domain.sessions import SessionKind
from portal.extensions import db
from portal.jobs.press import Press
from portal.services import couples, sessions
from portal.services.couples import NewPartner
from portal.services.sessions import NewSession
from tests import cast as gathered
from tests.browser.conftest import Person, Served
from tests.conftest import Wall
from tests.validator import validate

COUPLES = 20

pytestmark = pytest.mark.browser


def test_twenty_briefs_of_a_day_are_made_while_one_looks_on(
    served: Served, person: Callable[..., Person], wall: Wall, tmp_path: Path
) -> None:
    with served.app.app_context():
        ines = gathered.find().ines
        for number in range(COUPLES):
            a, b = (NewPartner(f"{name} {number + 1}", f"{name}{number}@day.example") for name in ("Kai", "Lou"))
            couple_id = couples.invite_couple(ines, a, b, gathered.LINK)
            starts_at = wall.now + timedelta(days=1, hours=12, minutes=20 * number)
            sessions.plan(ines, couple_id, NewSession(SessionKind.JOINT, starts_at, 20, "Room 2"))
    page = person(1280).sign_in("ines").go("/coach/sessions/")
    page.get_by_role("link", name="All briefs of a day").click()
    page.get_by_label("Which day").fill("2026-11-25")
    page.get_by_role("button", name="Make them").click()
    expect(page.get_by_text(f"0 of {COUPLES} briefs")).to_be_visible()
    page.reload()
    expect(page.get_by_role("progressbar")).to_have_attribute("max", str(COUPLES))
    press = Thread(target=_press, args=(served,))
    press.start()
    expect(page.get_by_role("heading", name="Ready")).to_be_visible(timeout=120_000)  # by itself
    press.join()
    with page.expect_download() as coming:
        page.get_by_role("button", name="Save as a folder of files").click()
    coming.value.save_as(tmp_path / coming.value.suggested_filename)
    with ZipFile(tmp_path / "briefs.zip") as folder:
        names = folder.namelist()
        folder.extractall(tmp_path / "files")
    assert len(names) == COUPLES
    titles = {PdfReader(tmp_path / "files" / name).pages[0].extract_text().split("\n")[0] for name in names}
    assert len(titles) == COUPLES
    files = [tmp_path / "files" / name for name in (names[0], names[-1])]
    assert validate(files, "ua1") == validate(files, "3a") == []


def _press(served: Served) -> None:
    """What the worker does every two seconds, beside the page that looks on."""
    with served.app.app_context():
        Press("Portal").turn(looks_ahead=False)
        db.session.remove()
