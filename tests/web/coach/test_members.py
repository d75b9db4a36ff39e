"""The members' page and a colleague's door, as people meet them; navigation shows what opens."""

import re
from collections.abc import Callable

import pytest

from portal.domain.people import Role
from portal.services import members
from portal.services.members import NewMember
from tests.cast import PASSPHRASE, Cast
from tests.conftest import Browser

Open = Callable[[str | None], Browser]
PAGE = "/coach/practice/members"
LINK = "http://127.0.0.1:8000/invitations/{token}"
RUT = NewMember("Rut", "rut@north.example", Role.SUPERVISOR)


def test_a_colleague_comes_in_by_the_same_door_as_everybody(browser: Open, cast: Cast) -> None:
    invited = members.invite(cast.ines, RUT, LINK)
    path = invited.link.removeprefix("http://127.0.0.1:8000")
    fresh = browser(None)
    page = fresh.get(path).text
    assert "Practice North invites you to work here as supervisor" in page
    assert fresh.post(path, {"code": "000", "passphrase": PASSPHRASE}, page=path).status_code == 422
    reply = fresh.post(path, {"code": invited.code, "passphrase": PASSPHRASE}, page=path)
    assert (reply.status_code, reply.location) == (303, "/sign-in?done=accepted")
    assert fresh.get(path).status_code == 410
    assert fresh.sign_in(RUT.address).get("/coach/").location == "/coach/couples/"


def test_who_is_let_go_meets_the_sign_in_page_at_the_next_click(browser: Open, cast: Cast) -> None:
    omar = browser("omar")
    assert omar.get("/coach/").status_code == 200
    assert browser("ines").post(f"{PAGE}/{cast.omar.person_id}/deactivate", page=PAGE).status_code == 303
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
    assert "Invite a colleague" in browser("ines").get(PAGE).text
    for name in ("omar", "mira", "noor"):
        page = browser(name).get(PAGE).text
        assert "Omar" in page
        assert "Invite a colleague" not in page
        assert "Let go" not in page
