"""The owner's record: who did what in plain words, narrowed, in pages and as a file; never what was written."""

import csv
import io
import re
from collections.abc import Callable
from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from portal.extensions import begin_write, db
from portal.models.audit import AuditEvent
from portal.models.responses import Response
from portal.models.users import Person
from portal.services import audit, covers, hand_overs, reviews, safety, supervision
from tests import many
from tests.cast import PASSPHRASE, Cast, address_of
from tests.conftest import Browser, Wall
from tests.given import OPEN, SECRET, assign, floor, send, task_of

Open = Callable[[str | None], Browser]
PAGE, FILE = "/coach/practice/audit", "/coach/practice/audit.csv"


@pytest.fixture
def response_id(cast: Cast) -> UUID:
    """A form that Ana sent, with a private sentence and a locked answer."""
    task_id = task_of(cast.ana, assign(cast, "one-holds-the-floor"))
    send(cast.ana, task_id, floor(stopped_afraid="true"))
    return db.session.scalars(select(Response.id).where(Response.task_id == task_id)).one()


def saved(browser: Browser, asked: str = "", passphrase: str = PASSPHRASE):  # type: ignore[no-untyped-def]
    return browser.post(f"{FILE}{asked}", {"passphrase": passphrase}, page=PAGE)


def lines(page: str) -> list[str]:
    return re.findall(r'<th scope="row">([^<]+)<', page)


def rows(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


def test_the_owner_reads_who_did_what_and_nothing_of_what_was_written(
    browser: Open, cast: Cast, response_id: UUID
) -> None:
    ines = browser("ines")
    ines.get(f"/coach/responses/{response_id}")
    page = ines.get(PAGE).text
    told = lines(page)
    assert told[0] == "Ines read a form of Ana"
    assert {"Ines signed in", "Ana sent a form", "Ines assigned something to Ana &amp; Ben"} <= set(told)
    assert SECRET not in page
    assert OPEN not in page


def test_what_a_private_question_raised_is_told_as_any_other_reading(
    browser: Open, cast: Cast, response_id: UUID
) -> None:
    safety.open_signals(cast.ines)
    safety.look_at_signals(cast.ines)
    page = browser("ines").get(PAGE).text
    assert "Ines read a form of Ana" in lines(page)
    assert not re.search("signal|flag|private question", page)


def test_nobody_but_the_owner_finds_it(browser: Open, cast: Cast) -> None:
    for name in ("omar", "ana"):
        assert browser(name).get(PAGE).status_code == 404
        assert browser(name).post(FILE, {"passphrase": PASSPHRASE}, page="/reset").status_code == 404
    assert "Ines" not in browser("sol").get(PAGE).text + saved(browser("sol")).text
    assert PAGE not in browser("omar").get("/coach/practice/").text
    assert PAGE in browser("ines").get("/coach/practice/").text


@pytest.mark.parametrize(
    ("asked", "is_there", "is_not"),
    [
        ("kind=reading", "Ines read a form of Ana", "Ines signed in"),
        ("kind=refusal", "A sign-in as Omar was refused", "Ines signed in"),
        ("person={ana}", "Ines read a form of Ana", "Ines signed in"),
        ("person={omar}", "A sign-in as Omar was refused", "Ines signed in"),
        ("since=2026-11-23", "Ines signed in", "Ines invited Ana &amp; Ben"),
        ("until=2026-11-22", "Ines invited Ana &amp; Ben", "Ines signed in"),
        ("since=&until=&person=&kind=", "Ines invited Ana &amp; Ben", "nothing of the kind"),
    ],
)
def test_it_is_narrowed_by_person_kind_and_day(
    browser: Open, cast: Cast, response_id: UUID, asked: str, is_there: str, is_not: str
) -> None:
    reviews.read(cast.ines, response_id)
    wrong = {"email": address_of("omar"), "password": "not the right words"}
    browser(None).post("/sign-in", wrong, page="/sign-in")
    ids = {name: viewer.person_id for name, viewer in cast.viewers.items()}
    told = lines(browser("ines").get(f"{PAGE}?{asked.format(**ids)}").text)
    assert is_there in told
    assert is_not not in told


@pytest.mark.parametrize(
    "asked", ["kind=nothing", "person=nobody", f"person={UUID(int=3)}", "page=-1", "page=٣", "page=0"]
)
def test_a_filter_that_there_is_not_breaks_nothing(browser: Open, asked: str) -> None:
    assert browser("ines").get(f"{PAGE}?{asked}").status_code == 200


@pytest.mark.parametrize("day", ["yesterday", "2026-02-30", "0001-01-01", "9999-12-31"])
def test_a_day_that_there_is_not_is_refused_beside_its_field(browser: Open, day: str) -> None:
    ines = browser("ines")
    for reply in (ines.get(f"{PAGE}?since={day}"), saved(ines, f"?since={day}")):
        assert reply.status_code == 422
        assert 'id="since-error"' in reply.text


def test_a_page_holds_fifty_and_the_next_goes_on(browser: Open, cast: Cast, wall: Wall) -> None:
    ines = browser("ines")
    begin_write()
    audit.record_each(cast.ines, "zone:changed", [cast.ines.person_id] * 70)
    db.session.commit()
    first, second = ines.get(f"{PAGE}?kind=setting").text, ines.get(f"{PAGE}?kind=setting&page=2").text
    assert len(lines(first)) == 50
    assert 'rel="next"' in first
    assert "kind=setting" in first
    assert len(lines(second)) > 20
    assert 'rel="next"' not in second


def test_it_costs_the_same_however_much_is_on_record(browser: Open, cast: Cast, response_id: UUID) -> None:
    ines = browser("ines")

    def cost() -> int:
        with many.counted() as sent:
            ines.get(PAGE)
        return len(sent)

    few = cost()
    for _ in range(30):
        reviews.read(cast.ines, response_id)
    assert cost() == few <= 5


def test_the_file_says_the_same_and_saving_it_goes_on_record(browser: Open, cast: Cast, response_id: UUID) -> None:
    reviews.read(cast.ines, response_id)
    ines = browser("ines")
    reply = saved(ines, "?kind=reading")
    assert reply.headers["Content-Disposition"] == 'attachment; filename="record.csv"'
    assert reply.mimetype == "text/csv"
    assert rows(reply.text) == [
        ["When", "What", "Who", "Whom", "Kind"],
        ["2026-11-23T19:00:00Z", "Ines read a form of Ana", "Ines", "Ana", "Readings"],
    ]
    assert lines(ines.get(f"{PAGE}?kind=export").text) == ["Ines saved this record as a file"]


@pytest.mark.parametrize("typed", ["", "not the right words"])
def test_the_file_asks_for_the_pass_phrase_each_time_and_says_why(
    browser: Open, cast: Cast, response_id: UUID, typed: str
) -> None:
    ines = browser("ines").step_up()
    assert saved(ines).status_code == 200
    assert ines.get(FILE).status_code == 405
    reply = saved(ines, "?kind=reading&since=2026-11-20", typed)
    assert reply.status_code == 422
    assert 'id="passphrase-error"' in reply.text
    assert "so your pass phrase is asked for each time" in reply.text
    assert f'action="{FILE}?kind=reading&amp;since=2026-11-20"' in reply.text  # the next try has the filters still
    assert recorded("audit:exported") == [cast.ines.person_id]
    assert recorded("passphrase:refused") == ([cast.ines.person_id] if typed else [])


def test_a_name_in_the_file_is_no_formula(browser: Open, cast: Cast, response_id: UUID) -> None:
    begin_write()
    db.session.scalars(select(Person).where(Person.id == cast.ana.person_id)).one().display_name = '=HYPERLINK("x")'
    db.session.commit()
    found = [cell for row in rows(saved(browser("ines")).text) for cell in row if "HYPERLINK" in cell]
    assert found
    assert not [cell for cell in found if cell.startswith(("=", "+", "-", "@"))]


def test_a_file_holds_a_quarter_and_no_more(browser: Open, cast: Cast, wall: Wall) -> None:
    ines = browser("ines")
    begin_write()
    audit.record(cast.ines, "zone:changed")
    db.session.commit()
    assert len(rows(saved(ines).text)) > 2
    refused = saved(ines, "?since=2026-01-01")
    assert refused.status_code == 422
    assert "92 days" in refused.text
    assert saved(ines, "?since=2026-08-24&until=2026-11-23").status_code == 200
    assert saved(ines, "?since=2026-08-23&until=2026-11-23").status_code == 422


# what goes on record by itself, as asked for over HTTP


def recorded(name: str) -> list[UUID | None]:
    db.session.rollback()
    return list(db.session.scalars(select(AuditEvent.actor_id).where(AuditEvent.event == name)))


def test_who_is_refused_inside_the_house_is_on_record_whether_it_was_there_or_not(
    browser: Open, cast: Cast, response_id: UUID
) -> None:
    omar, ben = browser("omar"), browser("ben")
    for path in (f"/coach/responses/{response_id}", f"/coach/responses/{UUID(int=1)}", "/my/"):
        assert omar.get(path).status_code == 404
    assert ben.get("/coach/practice/audit").status_code == 404
    assert omar.get("/no-such-page").status_code == 404
    assert recorded("door:refused") == [cast.omar.person_id] * 3 + [cast.ben.person_id]


def test_a_thousand_refusals_do_not_fill_the_record(browser: Open, cast: Cast) -> None:
    ben = browser("ben")
    assert {ben.get("/coach/").status_code for _ in range(40)} == {404}
    assert len(recorded("door:refused")) == 30


def test_a_wrong_pass_phrase_is_on_record(browser: Open, cast: Cast) -> None:
    ana = browser("ana")
    for wrong in ("not the right words", PASSPHRASE):
        ana.post("/my/export", {"passphrase": wrong})
    assert recorded("passphrase:refused") == [cast.ana.person_id]


def test_the_brief_is_on_record_with_every_form_that_it_shows(
    browser: Open, cast: Cast, response_id: UUID, wall: Wall
) -> None:
    from_now = wall.now + timedelta(days=1)
    day = {"couple": str(cast.couples["ana"]), "kind": "joint", "day": from_now.date().isoformat()}
    ines = browser("ines")
    made = ines.post("/coach/sessions/", {**day, "time": "18:00", "minutes": "50"}, page="/coach/sessions/")
    assert made.status_code == 303, made.text
    for path in ("brief", "brief?copy=joint"):
        ines.get(f"{made.headers['Location']}/{path}")
    assert recorded("brief:read") == [cast.ines.person_id]
    assert recorded("response:read_in_brief") == [cast.ines.person_id]


def test_the_record_names_the_colleague_who_is_the_third_in_it(browser: Open, cast: Cast) -> None:
    link, ana, gil, cleo = "http://x", cast.couples["ana"], cast.couples["gil"], cast.couples["cleo"]
    supervision.begin(cast.ines, ana, cast.noor.person_id, link)
    supervision.end(cast.ines, ana, cast.noor.person_id, link)
    hand_overs.offer(cast.ines, gil, cast.omar.person_id, link)
    hand_overs.take_back(cast.ines, gil)
    hand_overs.offer(cast.ines, cleo, cast.ines.person_id, link)
    covers.arrange(cast.ines, cast.ines.person_id, cast.omar.person_id, date(2026, 12, 1), date(2026, 12, 2))
    told = lines(browser("ines").get(PAGE).text)
    assert [line for line in told if "signed in" not in line and "second key" not in line][:6] == [
        "Ines let Omar read while Ines is away",
        "Ines took over Cleo &amp; Dov",
        "Ines took back that Gil &amp; Hana are offered to Omar",
        "Ines offered Gil &amp; Hana to Omar",
        "Ines let Noor read along with Ana &amp; Ben no more",
        "Ines let Noor read along with Ana &amp; Ben",
    ]


def test_a_last_day_before_the_first_is_refused_with_a_sentence(browser: Open) -> None:
    reply = browser("ines").get(f"{PAGE}?since=2026-11-20&until=2026-11-19")
    assert reply.status_code == 422
    assert "Give a last day that is not before the first." in reply.text
    assert browser("ines").get(f"{PAGE}?since=2026-11-20&until=2026-11-20").status_code == 200
