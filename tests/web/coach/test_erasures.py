"""Erasing and keeping, as the practice's members meet them: behind the pass phrase, two of them, and a certificate."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from portal.extensions import db
from portal.models.erasures import Erasure, Hold
from portal.services import approvals, erasing, erasures
from tests.cast import PASSPHRASE, Cast
from tests.conftest import Browser, Wall

Open = Callable[[str | None], Browser]
PAGE, RULE, HOLDS = "/coach/practice/erasures", "/coach/practice/retention", "/coach/practice/holds"


@pytest.fixture
def asked(cast: Cast) -> str:
    """The address of what Ana has asked for."""
    erasures.ask(cast.ana, PASSPHRASE, "http://127.0.0.1:8000/")
    return f"{PAGE}/{db.session.scalars(select(Erasure.id)).one()}"


def follow(browser: Browser, path: str, **data: object) -> str:
    reply = browser.post(path, data, follow_redirects=True)
    assert reply.status_code == 200, reply.text
    text: str = reply.text
    return text


def test_two_members_approve_and_the_certificate_follows(browser: Open, asked: str, wall: Wall) -> None:
    ines, omar = browser("ines").step_up(), browser("omar").step_up()
    assert "Nobody has approved it yet" in ines.get(PAGE).text
    assert "Approved once, by Ines" in follow(ines, f"{asked}/approve")
    assert "Another member has to look at it too" in follow(ines, f"{asked}/approve")
    assert "Approved twice" in follow(omar, f"{asked}/approve")
    assert ines.get(asked).status_code == 404
    wall.forward(days=14)
    assert erasing.carry_out_due() == 1
    ines = browser("ines")
    page = ines.get(asked)
    assert "Approved by Ines on 23 November 2026." in page.text
    assert "Approved by Omar on 23 November 2026." in page.text
    assert "Ana" not in page.text
    pdf = ines.get(f"{asked}/certificate.pdf")
    assert (pdf.data[:5], pdf.headers["Content-Disposition"]) == (b"%PDF-", 'attachment; filename="certificate.pdf"')


@pytest.mark.parametrize("path", ["/approve", "/stop"])
def test_it_asks_for_the_pass_phrase_before_anything_is_decided(browser: Open, asked: str, path: str) -> None:
    reply = browser("ines").post(f"{asked}{path}")
    assert (reply.status_code, reply.location) == (303, f"/account/step-up?next={PAGE}")
    assert db.session.scalars(select(Erasure.first_at)).one() is None


def test_the_practice_begins_and_stops(browser: Open, cast: Cast) -> None:
    ines = browser("ines").step_up()
    assert "The practice decided on it." in follow(ines, PAGE, person=str(cast.cleo.person_id))
    erasure_id = db.session.scalars(select(Erasure.id)).one()
    assert "Nothing is to be erased." in follow(ines, f"{PAGE}/{erasure_id}/stop")


def test_a_coach_is_offered_the_own_partners_and_the_owner_everybodys(browser: Open, cast: Cast) -> None:
    assert "<option" in browser("omar").get(PAGE).text
    for name, offered in (("omar", (False, True)), ("ines", (True, True)), ("sol", (False, False))):
        page = browser(name).get(PAGE).text
        assert (str(cast.ana.person_id) in page, str(cast.cleo.person_id) in page) == offered
    omar = browser("omar").step_up()
    assert omar.post(PAGE, {"person": str(cast.ana.person_id)}).status_code == 404


def test_what_a_person_asked_for_is_not_the_practices_to_stop(browser: Open, asked: str) -> None:
    ines = browser("ines").step_up()
    assert "Stop it" not in ines.get(PAGE).text
    assert "This cannot be stopped here" in follow(ines, f"{asked}/stop")


def test_a_hold_is_the_owners_and_shows_beside_what_waits(browser: Open, cast: Cast, asked: str) -> None:
    ines, omar = browser("ines").step_up(), browser("omar").step_up()
    assert omar.post(HOLDS, {"person": str(cast.cleo.person_id)}).status_code == 404
    assert "put them on hold first and ask an adviser" in ines.get(RULE).text
    assert "On hold. Nothing of theirs is erased" in follow(ines, HOLDS, person=str(cast.ana.person_id))
    assert "On hold: the records must be kept for now." in ines.get(PAGE).text
    assert "These records are on hold." in follow(ines, f"{asked}/approve")
    assert "Put on hold" not in omar.get(RULE).text
    hold_id = db.session.scalars(select(Hold.id)).one()
    assert "Lifted." in follow(ines, f"{HOLDS}/{hold_id}/lift")
    assert "Approved once" in follow(ines, f"{asked}/approve")


def test_how_long_records_are_kept_is_set_by_the_owner_and_read_by_coaches(browser: Open) -> None:
    ines, omar = browser("ines").step_up(), browser("omar").step_up()
    rule = {"months": "84", "runs_from": "last_contact", "note": "Seven years, as our body says"}
    assert "No time is set yet." in omar.get(RULE).text
    assert omar.post(RULE, rule).status_code == 404
    assert "Saved. Nothing is erased by itself" in follow(ines, RULE, **rule)
    page = omar.get(RULE).text
    assert "84 months, from the last form or session." in page
    assert "Seven years, as our body says" in page


@pytest.mark.parametrize(
    "wrong", [{"months": "0"}, {"months": "601"}, {"months": "many"}, {"runs_from": "ever"}, {"note": "x" * 201}]
)
def test_a_rule_that_cannot_be_taken_is_refused_beside_its_field(browser: Open, wrong: dict[str, str]) -> None:
    rule = {"months": "84", "runs_from": "last_contact", "note": ""} | wrong
    reply = browser("ines").step_up().post(RULE, dict(rule))
    assert reply.status_code == 422
    assert "Please look at this" in reply.text


def test_a_refused_rule_names_what_is_missing_in_its_summary(browser: Open) -> None:
    ines, page = browser("ines").step_up(), "/coach/practice/retention"
    reply = ines.post(page, {"months": "some", "note": "z" * 5000}, page=page)
    assert reply.status_code == 422
    summary = reply.text.partition('role="alert"')[2].partition("</ul>")[0]
    for line in ("Choose from when the time runs.", "Give the number of months in digits.", "The reason is too long."):
        assert line in summary
    assert "Choose whom it is about." in ines.post("/coach/practice/holds", {}, page=page).text


def test_the_words_of_a_practice_of_one_are_for_a_practice_of_one(browser: Open, cast: Cast) -> None:
    for coach, of_one in (("ines", False), ("sol", True)):
        partner = cast.ana if coach == "ines" else cast.eva
        erasures.begin(cast.viewers[coach], partner.person_id, "http://x")
        (shown,) = approvals.shown(cast.viewers[coach])
        approvals.approve(cast.viewers[coach], shown.erasure_id)
        page = browser(coach).get("/coach/practice/erasures").text
        assert ("Somebody else of the practice is next" in page) is not of_one
        assert ("The same person approves once more" in page) is of_one
