"""The list of couples as a page and as a file: who needs the coach and why, saved views, nothing of safety."""

import csv
import io
from collections.abc import Callable
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import delete, select

from portal.extensions import db
from portal.models.safety import Signal
from portal.services import audit_trail, caseload_views
from portal.services.audit_trail import TrailQuery
from portal.services.couples import NewPartner, invite_couple
from tests import many, weeks
from tests.cast import LINK, Cast
from tests.conftest import Browser, Wall
from tests.web.coach.test_drop import LOW, calm_weeks

Open = Callable[[str | None], Browser]
LIST = "/coach/couples/"
LOWER = "Lower than usual"


def rows(browser: Browser, query: str = "state=current") -> list[dict[str, str]]:
    reply = browser.post(f"/coach/couples/list.csv?{query}", page=LIST)
    assert (reply.status_code, reply.mimetype) == (200, "text/csv")
    assert reply.headers["Content-Disposition"] == 'attachment; filename="list.csv"'
    return list(csv.DictReader(io.StringIO(reply.data.decode("utf-8"), newline="")))


def table(page: str) -> str:
    return page.partition("<tbody>")[2].partition("</tbody>")[0]


def test_a_line_says_when_they_were_last_active_and_who_has_sent_the_task(
    browser: Open, cast: Cast, wall: Wall
) -> None:
    assignment_id = weeks.assign(cast.ines, cast.couples["ana"])
    weeks.send(cast.ana, assignment_id, {"done": "done"})
    page = table(browser("ines").get(LIST).text)
    assert "One holds the floor" in page
    assert "sent by Ana" in page
    assert ">Today</td>" in page


def test_silence_is_told_in_days_and_being_ahead_in_words(browser: Open, cast: Cast, wall: Wall) -> None:
    for _ in range(2):
        weeks.check_in(cast.ines, cast.couples["ana"], cast.ana)
        wall.forward(days=8)
    page = table(browser("ines").get(f"{LIST}?needs=any").text)
    assert "Nothing for 16 days" in page
    assert "Task ended" in page
    page = table(browser("ines").get(f"{LIST}?needs=ahead").text)
    assert "Ana &amp; Ben" in page
    assert "Gil" not in page


def test_a_low_check_in_is_told_where_needs_are_asked_for_and_in_the_plain_list_never(
    browser: Open, cast: Cast, wall: Wall
) -> None:
    calm_weeks(cast, wall, cast.ana, cast.ben)
    weeks.check_in(cast.ines, cast.couples["ana"], cast.ana, **LOW)
    ines = browser("ines")
    for plain in (LIST, f"{LIST}?sort=waiting", f"{LIST}?state=all"):
        assert LOWER not in table(ines.get(plain).text)
        assert LOWER not in str(rows(ines, plain.partition("?")[2]))
    for asked in ("needs=dropped", "needs=any"):
        assert "Ana &amp; Ben" in table(ines.get(f"{LIST}?{asked}").text)
    assert LOWER in table(ines.get(f"{LIST}?needs=dropped").text)
    assert rows(ines, "needs=dropped")[0]["Needs you"].endswith("A check-in lower than usual")
    assert "Ana" not in table(browser("omar").get(f"{LIST}?needs=dropped").text)


def test_a_private_answer_that_tells_of_danger_changes_no_list_and_no_file(browser: Open, cast: Cast) -> None:
    def looks() -> list[object]:
        ines = browser("ines")
        pages = [
            table(ines.get(f"{LIST}?needs={needs}&sort={sort}").text)
            for needs in ("", "any", "dropped")
            for sort in ("waiting", "active")
        ]
        return [*pages, rows(ines), rows(ines, "needs=any")]

    weeks.check_in(cast.ines, cast.couples["ana"], cast.ana, cast.ben, x1="yes")
    assert len(db.session.scalars(select(Signal.id)).all()) == 2
    flagged = looks()
    db.session.execute(delete(Signal))
    db.session.commit()
    assert looks() == flagged


def test_the_file_holds_a_row_a_couple_in_the_order_of_the_list_with_safe_cells(browser: Open, cast: Cast) -> None:
    invite_couple(cast.ines, NewPartner("=SUM(A1)", "e@home.example"), NewPartner("Zoë", "z@home.example"), LINK)
    found = rows(browser("ines"), "sort=names")
    assert [row["Couple"] for row in found] == ["'=SUM(A1) & Zoë", "Ana & Ben", "Gil & Hana"]
    assert found[2] == {
        "Couple": "Gil & Hana", "State": "Invited", "Step": "Active listening", "Last active": "", "Next session": "",
        "Task now": "", "Last day of it": "", "Sent by": "", "Forms to read": "0", "Needs you": "Not come in yet",
    }  # fmt: skip


def test_the_file_follows_the_filters_of_the_list_and_has_no_pages(browser: Open, cast: Cast) -> None:
    many.add_couples(cast.ines, 45)
    assert len(rows(browser("ines"), "state=all&page=2")) == 47
    assert [row["Couple"] for row in rows(browser("ines"), "q=hana")] == ["Gil & Hana"]
    assert [row["Couple"] for row in rows(browser("omar"))] == ["Cleo & Dov"]


def test_that_the_list_was_taken_along_stands_on_record(browser: Open, cast: Cast) -> None:
    rows(browser("omar"))
    events = [line.words for line in audit_trail.trail(cast.ines, TrailQuery(ZoneInfo("UTC"))).lines]
    assert any("took the list of couples along" in words for words in events)


@pytest.mark.parametrize("name", ["mira", "noor", "ana"])
def test_nobody_but_coaches_takes_the_list_along(browser: Open, name: str) -> None:
    somebody = browser(name)
    page = "/account/step-up" if name == "ana" else LIST
    assert somebody.post("/coach/couples/list.csv", page=page).status_code == 404


def test_a_view_is_kept_shown_begun_with_and_removed(browser: Open, cast: Cast) -> None:
    ines = browser("ines")
    kept = ines.post("/coach/couples/views?needs=not_come_in&sort=names&q=gil", {"name": "At the door"}, page=LIST)
    assert (kept.status_code, kept.location) == (303, "/coach/couples/?q=gil&needs=not_come_in&sort=names")
    [view] = caseload_views.of_coach(cast.ines)
    page = ines.get(LIST).text
    assert 'href="/coach/couples/?needs=not_come_in&amp;sort=names"' in page
    assert "Ana &amp; Ben" in table(page)
    ines.post(f"/coach/couples/views/{view.view_id}/first", {"first": "1"}, page=LIST)
    assert "Ana &amp; Ben" not in table(ines.get(LIST).text)
    assert "Ana &amp; Ben" in table(ines.get(f"{LIST}?state=current").text)
    ines.post(f"/coach/couples/views/{view.view_id}/first", {"first": "0"}, page=LIST)
    assert "Ana &amp; Ben" in table(ines.get(LIST).text)
    ines.post(f"/coach/couples/views/{view.view_id}/remove", page=LIST)
    assert caseload_views.of_coach(cast.ines) == ()
    assert "At the door" not in ines.get(f"{LIST}?state=current").text


def test_a_view_without_a_name_is_refused_with_the_list_still_there(browser: Open, cast: Cast) -> None:
    reply = browser("ines").post("/coach/couples/views?needs=any", {"name": " "}, page=LIST)
    assert reply.status_code == 422
    assert "Give a name." in reply.text
    assert "Gil &amp; Hana" in table(reply.text)
    assert 'value="any" selected' in reply.text


def test_a_supervisor_reads_the_list_and_is_offered_neither_views_nor_the_file(browser: Open, cast: Cast) -> None:
    page = browser("noor").get(LIST).text
    assert "list.csv" not in page
    assert "/coach/couples/views" not in page


def test_nobody_who_needs_the_coach_is_said_to_be_fine(browser: Open) -> None:
    assert "Nobody needs you for this." in browser("ines").get(f"{LIST}?needs=ahead").text


@pytest.mark.parametrize("query", ["needs=flag", "needs=x1", "needs=%00", "needs=responses", "sort=-", "state=nowhere"])
def test_what_the_list_does_not_know_is_left_out(browser: Open, query: str) -> None:
    page = browser("ines").get(f"{LIST}?{query}")
    assert page.status_code == 200
    assert "Ana &amp; Ben" in table(page.text)
