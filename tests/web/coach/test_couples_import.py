"""Inviting from a table: looked over before anything is sent, every fault named, all or nobody, nothing in a cookie."""

import html
import io
import re
from collections.abc import Callable

import pytest
from flask import Response
from sqlalchemy import delete, func, select

from portal.extensions import db
from portal.models.couples import Couple
from portal.models.practices import Contact
from portal.services import outbox
from tests.cast import Cast
from tests.conftest import Browser

Open = Callable[[str | None], Browser]
PAGE = "/coach/couples/import"
HEAD = "name_a,address_a,name_b,address_b\n"
GOOD = f"{HEAD}Kim,kim@home.example,Lou,lou@home.example\nPia,pia@home.example,Quin,quin@home.example\n"


def read(browser: Browser, table: str | bytes, **more: str) -> Response:
    data = table if isinstance(table, bytes) else table.encode()
    found: Response = browser.post(
        PAGE, {"file": (io.BytesIO(data), "couples.csv"), **more}, page=PAGE, content_type="multipart/form-data"
    )
    return found


def carried(page: str) -> dict[str, str]:
    """What the page carries along to the second step."""
    found = {name: html.unescape(value) for name, value in re.findall(r'name="(key|coach)" value="([^"]*)"', page)}
    sheet = re.search(r'<textarea[^>]*name="sheet"[^>]*>\n(.*?)</textarea>', page, re.S)
    assert sheet
    return found | {"sheet": html.unescape(sheet[1])}


def couples() -> int:
    return db.session.scalar(select(func.count()).select_from(Couple)) or 0


def letters() -> int:
    return len([mail for mail in outbox.due() if mail.message == "invitation"])


def errors(page: str) -> str:
    found = re.search(r'<div class="errors".*?</ul>', page, re.S)
    return html.unescape(found[0]) if found else ""


def test_a_table_is_looked_over_and_then_sent(browser: Open, cast: Cast) -> None:
    before, sent, ines = couples(), letters(), browser("ines")
    shown = read(ines, GOOD)
    assert shown.status_code == 200
    assert "2 couples were read." in shown.text
    assert "Nothing has been sent yet." in shown.text
    assert (couples(), letters()) == (before, sent)
    done = ines.post(f"{PAGE}/send", carried(shown.text), page=PAGE)
    assert (done.status_code, done.location) == (303, "/coach/couples/?state=invited&sort=names")
    assert (couples() - before, letters() - sent) == (2, 4)
    assert "Kim &amp; Lou" in ines.get(done.location).text


def test_a_button_pressed_twice_invites_nobody_twice(browser: Open, cast: Cast) -> None:
    ines = browser("ines")
    kept = carried(read(ines, GOOD).text)
    ines.post(f"{PAGE}/send", kept, page=PAGE)
    after = couples()
    assert ines.post(f"{PAGE}/send", kept, page=PAGE).status_code == 303
    assert couples() == after


def test_no_address_stands_in_the_cookie_between_the_two_steps(browser: Open, cast: Cast) -> None:
    shown = read(browser("ines"), GOOD)
    assert "kim@home.example" in shown.text
    assert shown.headers["Cache-Control"] == "no-store"
    assert not any("kim" in value for value in shown.headers.getlist("Set-Cookie"))


def test_every_fault_is_named_by_its_row_and_cell_in_plain_words(browser: Open, cast: Cast) -> None:
    before = couples()
    page = read(
        browser("ines"),
        f"{HEAD},ana at home,Ben,ben@home.example\nKim,ben@home.example,Lou,lou@home.example\n",
    )
    assert page.status_code == 422
    assert "Row 2, name_a: nothing stands there. Give the name of the one partner." in errors(page.text)
    assert "Row 2, address_a: no mail can reach this address." in errors(page.text)
    assert "Row 3, address_a: this address stands in row 2 already." in errors(page.text)
    assert couples() == before


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        ("", "Nobody stands in this table."),
        ("name,mail\nKim,kim@home.example\n", "Row 1 has to name these columns"),
        (b"name_a,address_a,name_b,address_b\nZo\xeb,z@home.example,Lou,l@home.example\n", "Row 2 cannot be read."),
        ("name_a,address_a,name_b,address_b\n", "Nobody stands in this table."),
    ],
)
def test_what_is_no_such_table_is_refused_in_a_sentence(browser: Open, table: str | bytes, sentence: str) -> None:
    page = read(browser("ines"), table)
    assert page.status_code == 422
    assert sentence in errors(page.text)


def test_very_many_faults_are_told_by_the_first_and_their_number(browser: Open) -> None:
    page = read(browser("ines"), HEAD + "".join(f"Kim,x{n},Lou,y{n}\n" for n in range(40)))
    assert errors(page.text).count("<li>") == 31
    assert "And 50 more like these." in errors(page.text)


def test_what_the_page_carried_along_is_checked_once_more(browser: Open, cast: Cast) -> None:
    before, ines = couples(), browser("ines")
    kept = carried(read(ines, GOOD).text)
    spoilt = kept | {"sheet": kept["sheet"].replace("lou@home.example", "kim@home.example")}
    page = ines.post(f"{PAGE}/send", spoilt, page=PAGE)
    assert page.status_code == 422
    assert "it is the address of both" in errors(page.text)
    assert ines.post(f"{PAGE}/send", {"sheet": kept["sheet"]}, page=PAGE).status_code == 422
    assert couples() == before


def test_the_two_contacts_are_asked_for_first(browser: Open, cast: Cast) -> None:
    ines = browser("ines")
    kept = carried(read(ines, GOOD).text)
    db.session.execute(delete(Contact).where(Contact.audience == "ipv"))
    db.session.commit()
    before = couples()
    assert "Check the contacts in another window" in ines.get(PAGE).text
    for reply in (read(ines, GOOD), ines.post(f"{PAGE}/send", kept, page=PAGE)):
        assert reply.status_code == 422
        assert "Your practice has to check an emergency contact" in errors(reply.text)
    assert couples() == before


def test_an_assistant_chooses_whose_couples_they_will_be(browser: Open, cast: Cast) -> None:
    mira = browser("mira")
    assert "Whose couples they will be" in mira.get(PAGE).text
    assert "Whose couples they will be" not in browser("ines").get(PAGE).text
    shown = read(mira, GOOD, coach=str(cast.omar.person_id))
    assert "They will be with Omar." in shown.text
    mira.post(f"{PAGE}/send", carried(shown.text), page=PAGE)
    assert "Kim &amp; Lou" in browser("omar").get("/coach/couples/").text
    assert read(mira, GOOD, coach=str(cast.sol.person_id)).status_code == 422


def test_names_stand_on_the_page_as_they_were_written_and_do_nothing(browser: Open, cast: Cast) -> None:
    ines = browser("ines")
    shown = read(ines, GOOD.replace("Kim", "</textarea><script>x</script>"))
    assert "<script>x" not in shown.text
    ines.post(f"{PAGE}/send", carried(shown.text), page=PAGE)
    assert db.session.scalar(select(Couple.names).where(Couple.names.startswith("</textarea>")))


def test_the_way_there_stands_where_a_couple_is_invited(browser: Open) -> None:
    assert f'href="{PAGE}"' in browser("ines").get("/coach/couples/new").text


def test_a_form_without_a_file_asks_for_one(browser: Open) -> None:
    reply = browser("ines").post(PAGE, page=PAGE)
    assert reply.status_code == 422
    assert "Choose a file first." in errors(reply.text)
