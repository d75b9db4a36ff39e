"""The briefs of a day in a browser: asked for, looked at, and saved as a folder of files or as one for the printer."""

import io
from datetime import timedelta
from zipfile import ZipFile

import pytest
from pypdf import PdfReader

from portal.extensions import db
from portal.jobs.press import Press
from portal.output.render import Rendered
from portal.services import rendered_briefs
from tests import factories
from tests.conftest import START
from tests.factories import week

PAGE = "/coach/sessions/briefs"
NAMES = ("Ana", "Ben", "Gil", "Hana")


@pytest.fixture
def asked(browser, cast):
    """Ines has asked for a day with two sessions; gives her browser and the page of it."""
    for name, hours in (("ana", 14), ("gil", 16)):
        factories.session(cast.couples[name], START + timedelta(hours=hours))
    factories.check_in(cast.viewers, cast.couples["ana"], START - timedelta(days=2), ana=week(5), ben=week(6))
    ines = browser("ines")
    reply = ines.post(PAGE, {"day": "2026-11-24"})
    assert reply.status_code == 303
    return ines, reply.location


def print_all(render=None):
    Press("Portal", render).turn(looks_ahead=False)
    db.session.remove()


def test_the_page_says_how_far_it_has_come_also_after_a_reload(asked):
    ines, address = asked
    for _ in range(2):
        page = ines.get(address).text
        assert "0 of 2 briefs" in page
        assert 'value="0" max="2"' in page
        assert "Look again" in page
    assert ines.get(f"{address}/progress").json == {"past": 0, "all": 2, "is_over": False}
    assert "being made" in ines.get(PAGE).text
    print_all(lambda html: Rendered(html.encode(), fallback=False))
    assert ines.get(f"{address}/progress").json == {"past": 2, "all": 2, "is_over": True}
    assert "Look again" not in ines.get(address).text


def test_a_folder_of_valid_files_and_one_for_the_printer_that_says_it_is_not_tagged(asked):
    ines, address = asked
    print_all()
    assert "the one for the printer is not" in ines.get(address).text
    reply = ines.post(f"{address}/take", {"as": "files"}, page=address)
    assert reply.headers["Content-Disposition"] == "attachment; filename=briefs.zip"
    assert reply.headers["Cache-Control"] == "no-store"
    with ZipFile(io.BytesIO(reply.data)) as folder:
        assert folder.namelist() == ["01-1000.pdf", "02-1200.pdf"]
        papers = [PdfReader(io.BytesIO(folder.read(name))) for name in folder.namelist()]
        assert not any(name in "".join(folder.namelist()) for name in NAMES)
    assert all("/StructTreeRoot" in paper.trailer["/Root"] for paper in papers)
    reply = ines.post(f"{address}/take", {"as": "printer"}, page=address)
    assert reply.headers["Content-Disposition"] == "attachment; filename=briefs.pdf"
    whole = PdfReader(io.BytesIO(reply.data))
    assert "/StructTreeRoot" not in whole.trailer["/Root"]
    assert len(whole.pages) == sum(len(paper.pages) for paper in papers)
    assert "Ana" in whole.pages[0].extract_text()


def test_a_brief_that_changed_since_is_set_as_it_is_saved_and_many_are_made_once_more(asked, cast, monkeypatch):
    ines, address = asked
    print_all(lambda html: Rendered(html.encode(), fallback=False))
    given = factories.given(cast.couples["ana"], factories.CHECK_IN, START - timedelta(hours=1), days=3)
    factories.sent(cast.ben, given, START, week(1, t2="Something new"))
    reply = ines.post(f"{address}/take", {"as": "files"}, page=address)
    with ZipFile(io.BytesIO(reply.data)) as folder:
        assert "Something new" in PdfReader(io.BytesIO(folder.read("01-1000.pdf"))).pages[0].extract_text()
    monkeypatch.setattr("portal.web.coach.day_packs.AT_MOST_NOW", 0)
    reply = ines.post(f"{address}/take", {"as": "files"}, page=address)
    assert (reply.status_code, reply.location) == (303, address)
    page = ines.get(address).text
    assert "They are made once more." in page
    assert "1 of 2 briefs" in page


def test_who_let_go_of_everything_finds_no_file(asked, cast):
    ines, address = asked
    print_all(lambda html: Rendered(html.encode(), fallback=False))
    assert ines.post(f"{address}/cancel", page=address).status_code == 303  # over already: nothing changes
    assert ines.post(f"{address}/take", {"as": "nothing"}, page=address).status_code == 404
    for couple_id in cast.couples.values():
        rendered_briefs.drop(couple_id)
    db.session.commit()
    assert ines.post(f"{address}/take", {"as": "files"}, page=address).mimetype == "application/zip"


def test_a_pack_is_cancelled_and_a_day_without_sessions_is_refused_in_words(asked):
    ines, address = asked
    assert ines.post(f"{address}/cancel", page=address).location == PAGE
    assert "Cancelled" in ines.get(address).text
    assert "Save as a folder" not in ines.get(address).text
    reply = ines.post(PAGE, {"day": "2026-12-24"})
    assert reply.status_code == 422
    assert "On that day you have no session." in reply.text
    assert ines.post(PAGE, {"day": "soon"}).status_code == 422


def test_the_way_there_stands_on_the_page_of_sessions_and_is_the_coachs(browser, cast):
    assert PAGE in browser("ines").get("/coach/sessions/").text
    for name in ("mira", "noor"):
        assert PAGE not in browser(name).get("/coach/sessions/").text
        assert browser(name).get(PAGE).status_code == 404
