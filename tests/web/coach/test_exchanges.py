"""Opening to both in a session, on the coach's page; on a screen that is turned round there is no button for it."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest

from portal.domain.sessions import SessionKind
from portal.services import sessions
from portal.services.sessions import NewSession
from tests.cast import PASSPHRASE, Cast
from tests.conftest import Browser, Wall
from tests.given import OPEN, assign, floor, send, task_of
from tests.pages import says, still

Open = Callable[[str | None], Browser]
HIS = "That she is tired"


@pytest.fixture
def floors(cast: Cast) -> UUID:
    return assign(cast, "one-holds-the-floor")


@pytest.fixture
def page(cast: Cast, wall: Wall) -> str:
    """The page of a session of both that begins in ten minutes."""
    new = NewSession(SessionKind.JOINT, wall.now + timedelta(minutes=10), 50, "Room 2")
    return f"/coach/sessions/{sessions.plan(cast.ines, cast.couples['ana'], new)}"


def hers(cast: Cast, floors: UUID) -> None:
    send(cast.ana, task_of(cast.ana, floors), floor())


def his(cast: Cast, floors: UUID) -> None:
    send(cast.ben, task_of(cast.ben, floors), floor(understood=HIS))


def test_in_the_hour_it_is_opened_to_both_with_one_button(
    browser: Open, cast: Cast, floors: UUID, page: str, wall: Wall
) -> None:
    hers(cast, floors)
    his(cast, floors)
    ines = browser("ines")
    assert not says(ines.get(page), "Shared, and not open yet")
    wall.forward(minutes=20)
    assert says(ines.get(page), "Open it to both now")
    reply = ines.post(f"{page}/exchange/{floors}", page=page)
    assert reply.location.endswith(page)
    shown = ines.get(page)
    assert says(shown, "Open to both: “One holds the floor”. Each finds it on their own page.")
    assert not says(shown, "Shared, and not open yet")
    for name in ("ana", "ben"):
        both = browser(name).get("/my/shared")
        assert says(both, OPEN)
        assert says(both, HIS)


def test_not_yet_both_is_told_to_the_coach_alone_and_opens_nothing(
    browser: Open, cast: Cast, floors: UUID, page: str, wall: Wall
) -> None:
    hers(cast, floors)
    wall.forward(minutes=20)
    ines, seen = browser("ines"), {name: browser(name) for name in ("ana", "ben")}
    before = {name: still(one.get("/my/shared")) for name, one in seen.items()}
    shown = ines.get(page)
    assert says(shown, "Not yet both: Ana alone has sent it.")
    assert not says(shown, "Open it to both now")
    assert says(
        ines.get(ines.post(f"{page}/exchange/{floors}", page=page).location), "Not yet both: nothing was opened"
    )
    assert {name: still(one.get("/my/shared")) for name, one in seen.items()} == before


def test_a_turned_screen_has_no_button_and_no_word_of_it_and_shows_what_was_opened(
    browser: Open, cast: Cast, floors: UUID, page: str, wall: Wall
) -> None:
    wall.forward(minutes=20)
    turned = browser("ines")
    assert turned.post(f"{page}/turn", page="/coach/account").location == "/coach/together"
    nothing = still(turned.get("/coach/together"))
    hers(cast, floors)
    assert still(turned.get("/coach/together")) == nothing
    assert turned.post(f"{page}/exchange/{floors}", page="/coach/together/leave").location == "/coach/together"
    assert still(turned.get("/coach/together")) == nothing
    his(cast, floors)
    assert still(turned.get("/coach/together")) == nothing
    assert turned.post(f"{page}/exchange/{floors}", page="/coach/together/leave").location == "/coach/together"
    assert still(turned.get("/coach/together")) == nothing  # nothing is done from there


def test_what_was_opened_in_the_hour_stands_on_the_turned_screen(
    browser: Open, cast: Cast, floors: UUID, page: str, wall: Wall
) -> None:
    hers(cast, floors)
    his(cast, floors)
    wall.forward(minutes=20)
    ines = browser("ines")
    ines.post(f"{page}/exchange/{floors}", page=page)
    ines.post(f"{page}/turn", page="/coach/account")
    both = ines.get("/coach/together")
    assert says(both, OPEN)
    assert says(both, HIS)
    assert not says(both, "Shared, and not open yet")
    assert not says(both, "Open to both")


def test_each_finds_on_their_own_form_that_the_other_reads_it(
    browser: Open, cast: Cast, floors: UUID, page: str, wall: Wall
) -> None:
    hers(cast, floors)
    his(cast, floors)
    wall.forward(minutes=20)
    browser("ines").post(f"{page}/exchange/{floors}", page=page)
    ana, address = browser("ana"), f"/my/tasks/{task_of(cast.ana, floors)}"
    ana.post(f"{address}/reveal", {"passphrase": PASSPHRASE})
    shown = ana.get(address)
    assert says(shown, "Ben can read this.")
    assert not says(shown, "Let Ben read it now")
