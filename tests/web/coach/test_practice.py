"""The practice's page: its owner keeps hours and contacts, the others read."""

import re
from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, update

from portal.extensions import db
from portal.models.audit import AuditEvent
from portal.models.practices import Contact
from portal.services import contacts
from portal.services.contacts import Listed
from tests.cast import Cast
from tests.conftest import Browser, Wall

Open = Callable[[str | None], Browser]
HOURS: dict[str, object] = {"days": ["1"], "begins": "09:00", "ends": "17:00", "within": "8", "reading_hours": ""}
CONTACT = {
    "audience": "emergency", "country": "de", "name": "Emergency call", "phone": "112", "web": "", "hours": "always",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _nobody_is_listed_yet(cast: Cast) -> None:
    for owner in (cast.ines, cast.sol):
        for kept in contacts.kept_by_practice(owner):
            contacts.remove(owner, kept.contact_id)


def added(cast: Cast) -> UUID:
    contacts.add(cast.ines, Listed("DE", "ipv", "A house to go to", "", "https://house.example", "day and night"))
    return contacts.kept_by_practice(cast.ines)[0].contact_id


def test_the_staff_reads_and_partners_find_nothing(browser: Open) -> None:
    said = "from Monday to Friday, 09:00 to 17:00, within 8 working hours"
    for name, practice in (("ines", "Practice North"), ("omar", "Practice North"), ("sol", "Practice South")):
        page = browser(name).get("/coach/practice/").text
        assert practice in page
        assert (said in page) is (name == "omar")  # an owner has them in a form
        assert "Discretion" in page
    assert "Omar" in browser("ines").get("/coach/practice/members").text
    assert "Omar" not in browser("sol").get("/coach/practice/").text
    assert browser("ana").get("/coach/practice/").status_code == 404


def test_the_owner_alone_has_forms(browser: Open, cast: Cast) -> None:
    added(cast)
    main = {name: browser(name).get("/coach/practice/").text.split("<main")[1] for name in ("ines", "omar")}
    assert "<form" in main["ines"]
    assert "<form" not in main["omar"]
    assert "A house to go to" in main["omar"]


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("reading-hours", {**HOURS, "reading_hours": "at night"}),
        ("paper", {"strip": "full"}),
        ("contacts", CONTACT),
        ("contacts/{id}/check", {}),
        ("contacts/{id}/remove", {}),
    ],
)
def test_nobody_but_the_owner_changes_anything(browser: Open, cast: Cast, path: str, data: dict[str, str]) -> None:
    address = f"/coach/practice/{path.replace('{id}', str(added(cast)))}"
    before = main_of(browser("omar"))
    for name in ("omar", "ana"):
        assert browser(name).post(address, data).status_code == 404
    assert browser("sol").post(address, data).status_code == (404 if "{id}" in path else 303)
    assert main_of(browser("omar")) == before


def main_of(reader: Browser) -> str:
    """What stands on the practice's page, without the frame, whose scripts have a number of their own each time."""
    return reader.get("/coach/practice/").text.split("<main")[1].split("</main>")[0]


def test_hours_are_set_and_partners_read_these_very_hours(browser: Open) -> None:
    hours = {"days": ["1", "3", "4"], "begins": "08:00", "ends": "12:30", "within": "1", "reading_hours": "not in May"}
    assert browser("ines").post("/coach/practice/reading-hours", hours).status_code == 303
    said = "on Monday, Wednesday, and Thursday, 08:00 to 12:30, within 1 working hour"
    for name, page in (("omar", "/coach/practice/"), ("ana", "/my/"), ("ana", "/help-now"), ("ben", "/my/shared")):
        shown = " ".join(browser(name).get(page).text.split())
        assert said in shown
        assert "not in May" in shown
    form = browser("ines").get("/coach/practice/").text
    assert re.findall(r'name="days" value="(\d)"[^>]*checked', form) == ["1", "3", "4"]
    assert 'value="08:00"' in form
    assert 'value="12:30"' in form
    assert said not in browser("sol").get("/coach/practice/").text


@pytest.mark.parametrize(
    ("changed", "field", "words"),
    [
        ({"days": []}, "days", "Choose a day on which somebody reads"),
        ({"days": ["8"]}, "days", "Choose a day on which somebody reads"),
        ({"begins": ""}, "begins", "Give the hour as a time"),
        ({"ends": "five"}, "ends", "Give the hour as a time"),
        ({"ends": "09:00"}, "ends", "Choose an hour that is later"),
        ({"within": "soon"}, "within", "Give a whole number in digits."),
        ({"within": "0"}, "within", "Give a number of hours from 1 to 80."),
        ({"reading_hours": "z" * 201}, "reading_hours", "Use 200 characters at most."),
    ],
)
def test_hours_that_cannot_be_taken_keep_what_was_typed(
    browser: Open, changed: dict[str, object], field: str, words: str
) -> None:
    ines = browser("ines")
    reply = ines.post("/coach/practice/reading-hours", {**HOURS, "reading_hours": "not in May"} | changed)
    assert reply.status_code == 422
    assert re.search(rf'id="{field}-error">.*?{words}', reply.text, re.S)
    assert f'value="{changed.get("reading_hours", "not in May")}"' in reply.text
    assert "not in May" not in ines.get("/coach/practice/").text


def test_a_day_may_end_at_midnight(browser: Open) -> None:
    ines = browser("ines")
    assert ines.post("/coach/practice/reading-hours", {**HOURS, "ends": "00:00"}).status_code == 303
    assert "09:00 to 24:00" in browser("omar").get("/coach/practice/").text
    assert 'name="ends" value="00:00"' in ines.get("/coach/practice/").text.replace('aria-describedby="ends-hint" ', "")


def test_a_stale_contact_nags_the_owner_on_the_first_page_and_nobody_else(
    browser: Open, cast: Cast, wall: Wall
) -> None:
    added(cast)
    nag = "One of the contacts on “Help now” was last checked more than half a year ago."
    assert nag not in browser("ines").get("/coach/").text
    wall.forward(days=181)
    assert nag in browser("ines").get("/coach/").text
    assert nag not in browser("omar").get("/coach/").text
    assert nag not in browser("sol").get("/coach/").text


def test_a_contact_is_added_and_stands_on_the_help_page(browser: Open, cast: Cast) -> None:
    ines = browser("ines")
    assert ines.post("/coach/practice/contacts", CONTACT).status_code == 303
    (kept,) = contacts.kept_by_practice(cast.ines)
    assert kept.listed == Listed("DE", "emergency", "Emergency call", "112", "", "always")
    assert contacts.of_practice(cast.sol) == ()


def test_a_contact_of_a_region_may_be_reached_by_text_message_alone(browser: Open, cast: Cast) -> None:
    more = {"region": "North coast", "phone": "", "sms": "0151 000", "languages": "German and English"}
    assert browser("ines").post("/coach/practice/contacts", CONTACT | more).status_code == 303
    (kept,) = contacts.kept_by_practice(cast.ines)
    assert kept.listed == Listed(
        "DE", "emergency", "Emergency call", "", "", "always", "North coast", "0151 000", "German and English"
    )
    page = browser("omar").get("/coach/practice/").text
    assert all(line in page for line in ("DE, North coast", "0151 000", "German and English"))


def test_who_checked_a_contact_last_stands_with_it(browser: Open, cast: Cast, wall: Wall) -> None:
    contact_id = added(cast)
    db.session.execute(update(Contact).values(checked_by=None))  # checked before that was kept
    db.session.commit()
    page = browser("ines").get("/coach/practice/").text
    assert "by Ines" not in page
    wall.forward(days=181)
    browser("ines").post(f"/coach/practice/contacts/{contact_id}/check")
    page = browser("ines").get("/coach/practice/").text
    assert re.search(r'23 May 2027<span class="sub">by Ines</span>', page)
    assert "Ines" not in browser(None).get("/help-now").text


NO_ADDRESSES = (
    "javascript:alert(1)",
    "JAVASCRIPT://x/%0Aalert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:x",
    "//elsewhere.example",
    "help.example",
    "x https://help.example",
    "javascript:alert(1)//https://help.example",
)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"country": "Germany"}, "country"),
        ({"name": ""}, "name"),
        ({"phone": ""}, "phone"),
        *(({"web": web}, "web") for web in NO_ADDRESSES),
        ({"audience": "friends"}, "audience"),
    ],
)
def test_a_contact_that_cannot_be_taken_keeps_what_was_typed(
    browser: Open, cast: Cast, changed: dict[str, str], field: str
) -> None:
    reply = browser("ines").post("/coach/practice/contacts", CONTACT | changed)
    assert reply.status_code == 422
    assert re.search(rf'id="{field}-error"', reply.text)
    assert 'value="always"' in reply.text
    assert contacts.of_practice(cast.ines) == ()


def test_an_entry_is_stale_after_180_days_until_it_is_checked_and_never_hidden(
    browser: Open, cast: Cast, wall: Wall
) -> None:
    contact_id = added(cast)
    wall.forward(days=180)
    assert "Check again" not in browser("ines").get("/coach/practice/").text
    wall.forward(days=1)
    ines = browser("ines")
    assert "Check again" in ines.get("/coach/practice/").text
    assert len(contacts.of_practice(cast.ana)) == 1
    assert ines.post(f"/coach/practice/contacts/{contact_id}/check").status_code == 303
    assert "Check again" not in ines.get("/coach/practice/").text


def test_an_entry_is_removed_and_one_that_is_not_there_is_not_found(browser: Open, cast: Cast) -> None:
    ines, contact_id = browser("ines"), added(cast)
    assert ines.post(f"/coach/practice/contacts/{contact_id}/remove").status_code == 303
    assert contacts.of_practice(cast.ines) == ()
    for gone in (contact_id, uuid4()):
        assert ines.post(f"/coach/practice/contacts/{gone}/check").status_code == 404


def test_an_owner_reads_what_comes_before_the_first_invitation_until_both_contacts_stand(
    browser: Open, cast: Cast
) -> None:
    said, ines = "Before the first invitation", browser("ines")
    assert said in ines.get("/coach/practice/").text
    assert said not in browser("omar").get("/coach/practice/").text
    for audience in ("emergency", "ipv"):
        contacts.add(cast.ines, Listed("DE", audience, "Somebody to call", "112", "", ""))
    assert said not in ines.get("/coach/practice/").text


def test_the_owner_lets_what_stands_before_the_door_be_printed_and_takes_it_back(browser: Open, cast: Cast) -> None:
    ines = browser("ines")
    page = " ".join(ines.get("/coach/practice/").text.split())
    assert "On paper every coach copy has the same one line there, flagged or not." in page
    assert "A flag on it can put somebody in danger." in page
    assert ines.post("/coach/practice/paper", {"strip": "full"}).status_code == 303
    assert ines.post("/coach/practice/paper", {"strip": "full"}).status_code == 303  # once more changes nothing
    for name in ("ines", "omar"):
        assert (
            "A coach copy on paper says in full what stands before the door"
            in browser(name).get("/coach/practice/").text
        )
    assert "On paper every coach copy has the same one line" in browser("sol").get("/coach/practice/").text
    ines.post("/coach/practice/paper", {"strip": "anything else"})
    assert "On paper every coach copy has the same one line" in ines.get("/coach/practice/").text
    told = select(AuditEvent.event).where(AuditEvent.event.startswith("practice:strip")).order_by(AuditEvent.at)
    assert sorted(db.session.scalars(told)) == [
        "practice:strip_printed_as_one_line",
        "practice:strip_printed_in_full",
    ]
