"""The members' page and a colleague's door, as people meet them; navigation shows what opens."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from threading import Thread
from typing import Any

import pytest
from flask import Flask

from portal.domain.people import Role
from portal.domain.sessions import SessionKind
from portal.extensions import db
from portal.services import covers, members, practices, sessions
from portal.services.members import NewMember
from portal.services.practices import NewPractice
from portal.services.sessions import NewSession
from portal.web.coach import briefs as coach_briefs
from tests.cast import PASSPHRASE, Cast
from tests.conftest import Browser, Wall
from tests.pages import says

Open = Callable[[str | None], Browser]
PAGE = "/coach/practice/members"
SAID = {"name": "Rut", "passphrase": PASSPHRASE}
LINK = "http://127.0.0.1:8000/invitations/{token}"
RUT = NewMember("Rut", "rut@north.example", Role.SUPERVISOR)


def test_a_colleague_comes_in_by_the_same_door_as_everybody(browser: Open, cast: Cast) -> None:
    invited = members.invite(cast.ines, RUT, LINK)
    path = invited.link.removeprefix("http://127.0.0.1:8000")
    fresh = browser(None)
    page = fresh.get(path).text
    assert "Practice North invites you to work here as supervisor" in page
    for wrong in ({"code": "000"}, {"name": " "}, {"passphrase": "short"}):
        assert fresh.post(path, {**SAID, "code": invited.code} | wrong, page=path).status_code == 422
    reply = fresh.post(path, {**SAID, "code": invited.code}, page=path)
    assert (reply.status_code, reply.location) == (303, "/sign-in?done=accepted")
    assert fresh.get(path).status_code == 410
    assert fresh.give_passphrase(RUT.address).get("/coach/").location.startswith("/account/second-key/set-up")


def test_looking_at_an_invitation_uses_nothing_up(browser: Open, cast: Cast) -> None:
    path = members.invite(cast.ines, RUT, LINK).link.removeprefix("http://127.0.0.1:8000")
    for _ in range(3):  # as what scans a mailbox does
        browser(None).client.head(path)
        assert browser(None).get(path).status_code == 200


def test_an_address_that_opens_another_door_is_said_kindly_at_the_door(browser: Open, cast: Cast) -> None:
    invited = members.invite(cast.ines, replace(RUT, address="ana@home.example"), LINK)
    path = invited.link.removeprefix("http://127.0.0.1:8000")
    reply = browser(None).post(path, {**SAID, "code": invited.code}, page=path)
    assert reply.status_code == 422
    assert "This address opens another door here already." in reply.text


def test_an_owner_sets_up_a_practice_on_a_page_and_then_a_second_key(browser: Open) -> None:
    invited = practices.create_practice_for(NewPractice("Portal", "UTC"), "Owner", "wim@west.example", LINK)
    path = invited.link.removeprefix("http://127.0.0.1:8000")
    fresh = browser(None)
    assert "A practice of your own" in fresh.get(path).text
    typed = {"code": invited.code, "name": "Wim", "passphrase": PASSPHRASE}
    west = {"practice_name": "Practice West", "zone": "Europe/Lisbon"}
    for wrong in ({"practice_name": ""}, {"zone": "Mars/Olympus"}):
        reply = fresh.post(path, typed | west | wrong, page=path)
        assert reply.status_code == 422
        assert 'href="#' in reply.text
    assert fresh.post(path, typed | west, page=path).location == "/sign-in?done=accepted"
    assert fresh.give_passphrase("wim@west.example").get("/coach/").location.startswith("/account/second-key/set-up")


def let_go(browser: Open, cast: Cast) -> None:
    """Ines lets Omar go."""
    ines = browser("ines").step_up()
    reply = ines.post(f"{PAGE}/{cast.omar.person_id}/deactivate", page=PAGE)
    assert (reply.status_code, reply.location) == (303, PAGE)


def test_who_works_here_is_changed_behind_the_pass_phrase_alone(browser: Open, cast: Cast) -> None:
    ines, omar = browser("ines"), f"{PAGE}/{cast.omar.person_id}"
    page = ines.get(PAGE).text
    assert "your pass phrase is asked for once more" in page
    assert not re.search("Invite a colleague|Let go", page)
    for act in ("role", "invite", "deactivate", "reactivate"):
        reply = ines.post(f"{omar}/{act}", {"role": "assistant"}, page="/coach/account")
        assert (reply.status_code, reply.location) == (303, f"/account/step-up?next={PAGE}")
    reply = ines.post(PAGE, {"name": "Tim", "address": "tim@north.example", "role": "owner"}, page="/coach/account")
    assert reply.location == f"/account/step-up?next={PAGE}"
    assert [(one.name, one.role) for one in members.members(cast.ines)] == [
        ("Ines", Role.OWNER),
        ("Mira", Role.ASSISTANT),
        ("Noor", Role.SUPERVISOR),
        ("Omar", Role.COACH),
    ]


def test_the_owner_changes_members_of_their_own_practice_alone(browser: Open, cast: Cast) -> None:
    omar = f"{PAGE}/{cast.omar.person_id}"
    for act in ("role", "invite", "deactivate", "reactivate"):
        assert browser("sol").step_up().post(f"{omar}/{act}", page=PAGE).status_code == 404
        assert browser("ines").step_up().post(f"{PAGE}/{cast.ana.person_id}/{act}", page=PAGE).status_code == 404
    ines = browser("ines").step_up()
    assert ines.post(f"{PAGE}/{cast.ines.person_id}/deactivate", page=PAGE).status_code == 422  # the last owner
    assert ines.post(f"{omar}/role", {"role": "partner"}, page=PAGE).status_code == 422
    assert ines.post(f"{omar}/role", {"role": "assistant"}, page=PAGE).status_code == 303
    assert ines.post(PAGE, {}, page=PAGE).status_code == 422


@pytest.mark.parametrize("copy", ["coach", "joint"])
def test_who_is_let_go_while_a_download_is_made_does_not_get_it(
    browser: Open, app: Flask, cast: Cast, wall: Wall, monkeypatch: pytest.MonkeyPatch, copy: str
) -> None:
    new = NewSession(SessionKind.JOINT, wall.now + timedelta(days=1), 50)
    address = f"/coach/sessions/{sessions.plan(cast.omar, cast.couples['cleo'], new)}/brief.pdf?copy={copy}"
    omar = browser("omar")
    assert omar.get(address).mimetype == "application/pdf"
    made = coach_briefs.render_pdf

    def elsewhere() -> None:
        with app.app_context():
            members.deactivate(cast.ines, cast.omar.person_id, "http://x")
            db.session.remove()

    def and_meanwhile(*page: Any) -> Any:
        rendered = made(*page)
        thread = Thread(target=elsewhere)  # on a connection of its own, as another of the server's processes
        thread.start()
        thread.join()
        return rendered

    monkeypatch.setattr(coach_briefs, "render_pdf", and_meanwhile)
    reply = omar.get(address)
    assert reply.status_code == 404
    assert b"%PDF" not in reply.data


def test_who_is_let_go_meets_the_sign_in_page_at_the_next_click(browser: Open, cast: Cast) -> None:
    omar = browser("omar")
    assert omar.get("/coach/").status_code == 200
    let_go(browser, cast)
    assert omar.get("/coach/").location.startswith("/sign-in")
    page = browser("ines").get(PAGE).text
    assert "Needs a coach" in page
    assert "Cleo &amp; Dov" in page


@pytest.mark.parametrize(
    ("name", "places"),
    [
        ("omar", ["Today", "Couples", "Sessions", "Programme", "Questionnaires", "Practice"]),
        ("mira", ["Couples", "Sessions", "Practice"]),
        ("noor", ["Couples", "Sessions", "Practice"]),
    ],
)
def test_navigation_shows_what_opens_for_a_role(browser: Open, name: str, places: list[str]) -> None:
    reader = browser(name)
    page = reader.get("/coach/couples/").text
    nav = page.partition('class="nav"')[2].partition("</ul>")[0]
    found = re.findall(r'<li><a href="([^"]+)"[^>]*>([^<]+)</a></li>', nav)
    assert [words for _, words in found] == places
    assert [reader.get(address).status_code for address, _ in found] == [200] * len(places)


def test_the_owner_alone_has_buttons_on_the_members_page(browser: Open) -> None:
    assert "Invite a colleague" in browser("ines").step_up().get(PAGE).text
    for name in ("omar", "mira", "noor"):
        page = browser(name).get(PAGE).text
        assert "Omar" in page
        assert "Invite a colleague" not in page
        assert "Let go" not in page


def test_a_refusal_stands_where_refusals_stand_and_has_no_tick(browser: Open, cast: Cast) -> None:
    ines = browser("ines").step_up()
    for path in (f"{PAGE}/{cast.ines.person_id}/deactivate", f"{PAGE}/{cast.ines.person_id}/role"):
        reply = ines.post(path, {"role": "coach"}, page=PAGE)
        assert reply.status_code == 422
        assert 'role="alert"' in reply.text
        assert 'role="status"' not in reply.text
        assert says(reply, "A practice keeps an owner.")


def test_letting_go_asks_first_and_says_how_many_couples_wait_then(browser: Open, cast: Cast) -> None:
    ines = browser("ines").step_up()
    page = ines.get(PAGE).text
    asked = dict(
        re.findall(r'<details class="fold ask"><summary>Let go<span class="hidden"> (\w+)</span>(.*?)</details>', page)
    )
    assert set(asked) == {"Ines", "Mira", "Noor", "Omar"}
    assert "One couple needs another coach then." in asked["Omar"]
    assert "2 couples need another coach then." in asked["Ines"]
    assert "another coach" not in asked["Noor"]
    assert page.count("/deactivate") == len(asked)


def test_couples_wait_only_where_there_are_some(browser: Open, cast: Cast) -> None:
    ines = browser("ines").step_up()
    for member, waits in ((cast.noor, False), (cast.omar, True)):
        ines.post(f"{PAGE}/{member.person_id}/deactivate", page=PAGE)
        assert says(ines.get(PAGE), "Their couples wait here for another coach.") is waits


def test_who_reads_meanwhile_is_said_behind_the_pass_phrase(browser: Open, cast: Cast) -> None:
    """An owner who finds a colleague's screen, or a screen that was left, arranges nothing."""
    ines = browser("ines")
    away = {"coach": str(cast.omar.person_id), "colleague": str(cast.ines.person_id)}
    typed = away | {"first": "2026-11-24", "last": "2026-11-25"}
    assert says(ines.get(PAGE), "Who is away lets a colleague read")
    reply = ines.post("/coach/practice/covers", typed, page=PAGE)
    assert (reply.status_code, reply.location) == (303, f"/account/step-up?next={PAGE}")
    assert covers.covers(cast.ines) == ()
    assert ines.step_up().post("/coach/practice/covers", typed, page=PAGE).status_code == 303
    assert len(covers.covers(cast.ines)) == 1


def test_days_away_begin_with_nobody_chosen_and_refusals_name_their_fields(browser: Open, cast: Cast) -> None:
    omar = browser("omar").step_up()
    assert '<option value="" selected>Choose somebody</option>' in omar.get(PAGE).text
    typed = {"coach": str(cast.omar.person_id), "colleague": "", "first": "", "last": "soon"}
    reply = omar.post("/coach/practice/covers", typed, page=PAGE)
    assert reply.status_code == 422
    summary = reply.text.partition('role="alert"')[2].partition("</ul>")[0]
    assert re.findall(r'<a href="#(\w+)">([^<]+)</a>', summary) == [
        ("colleague", "Choose who reads and acts meanwhile."),
        ("first", "Give the first day away as a date, such as 2026-11-20."),
        ("last", "Give the last day away as a date, such as 2026-11-20."),
    ]


@pytest.mark.parametrize(
    ("form", "page"),
    [
        ("covers", PAGE),
        ("reading-hours", "/coach/practice/"),
        ("contacts", "/coach/practice/"),
        ("holds", "/coach/practice/retention"),
    ],
)
def test_the_address_of_a_refused_form_leads_to_its_page(browser: Open, form: str, page: str) -> None:
    reply = browser("ines").get(f"/coach/practice/{form}")
    assert (reply.status_code, reply.location) == (303, page)


def test_what_an_owner_does_not_read_is_said_to_owners(browser: Open) -> None:
    told = {name: "An owner reads nothing" in browser(name).get(PAGE).text for name in ("ines", "omar", "mira")}
    assert told == {"ines": True, "omar": False, "mira": False}


def test_a_supervisor_with_no_couple_is_not_told_to_invite_one(browser: Open) -> None:
    page = browser("noor").get("/coach/couples/").text
    assert "No coach has let you read along yet." in page
    assert "Invite two people" not in page
