"""What both have shared: opened to both at 08:00 on the morning after both have sent, and not a minute before."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from portal.domain.people import Viewer
from portal.services import responses
from tests.cast import PASSPHRASE, Cast
from tests.conftest import Browser, Wall
from tests.given import OPEN, SECRET, assign, floor, send, task_of
from tests.pages import still, title

Open = Callable[[str | None], Browser]
BENS = "That she asks again because she is worried"
MORNING = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)  # 08:00 in Berlin


@pytest.fixture
def given(cast: Cast) -> UUID:
    return assign(cast, "one-holds-the-floor")


def both_send(cast: Cast, given: UUID) -> None:
    send(cast.ana, task_of(cast.ana, given), floor())
    send(cast.ben, task_of(cast.ben, given), floor(understood=BENS))


def shared(browser: Open, name: str) -> str:
    return str(browser(name).get("/my/shared").text)


def test_it_opens_to_both_at_eight_and_not_before(browser: Open, cast: Cast, given: UUID, wall: Wall) -> None:
    both_send(cast, given)
    wall.to(MORNING - timedelta(seconds=1))
    for name in ("ana", "ben"):
        page = shared(browser, name)
        assert OPEN not in page
        assert BENS not in page
    wall.to(MORNING)
    for name in ("ana", "ben"):
        page = shared(browser, name)
        assert OPEN in page
        assert BENS in page
        assert SECRET not in page


def test_both_read_the_same(browser: Open, cast: Cast, given: UUID, wall: Wall) -> None:
    both_send(cast, given)
    wall.to(MORNING)
    bodies = [shared(browser, name).partition("<main")[2].partition("</main>")[0] for name in ("ana", "ben")]
    assert bodies[0] == bodies[1]
    assert "One holds the floor" in bodies[0]


def test_it_does_not_open_while_one_has_not_sent(browser: Open, cast: Cast, given: UUID, wall: Wall) -> None:
    before = still(browser("ben").get("/my/shared"))
    send(cast.ana, task_of(cast.ana, given), floor())
    wall.to(MORNING + timedelta(days=5))
    assert still(browser("ben").get("/my/shared")) == before


def test_who_sends_later_opens_it_the_morning_after(browser: Open, cast: Cast, given: UUID, wall: Wall) -> None:
    send(cast.ana, task_of(cast.ana, given), floor())
    wall.to(MORNING + timedelta(hours=1))
    send(cast.ben, task_of(cast.ben, given), floor(understood=BENS))
    wall.to(MORNING + timedelta(hours=23, minutes=59))
    assert OPEN not in shared(browser, "ben")
    wall.to(MORNING + timedelta(days=1))
    assert OPEN in shared(browser, "ben")


def kept_private(cast: Cast, viewer: Viewer, given: UUID) -> None:
    """Send the form with nothing for the other in it."""
    task_id = task_of(viewer, given)
    to_nobody = {item.id: "coach" for item in responses.open_for(viewer, task_id).items if item.disclosure != "locked"}
    send(viewer, task_id, floor(), **to_nobody)


def test_ones_own_line_does_not_tell_that_the_other_has_sent(
    browser: Open, cast: Cast, given: UUID, wall: Wall
) -> None:
    send(cast.ben, task_of(cast.ben, given), floor(understood=BENS))
    wall.to(MORNING)
    before = still(browser("ben").get("/my/shared"))
    kept_private(cast, cast.ana, given)
    wall.to(MORNING + timedelta(days=1))
    assert still(browser("ben").get("/my/shared")) == before
    assert BENS in shared(browser, "ana")  # she has sent, and so she reads what he shares


def test_ones_own_line_stands_beside_what_the_other_has_opened(
    browser: Open, cast: Cast, given: UUID, wall: Wall
) -> None:
    both_send(cast, given)
    wall.to(MORNING)
    assert (OPEN in shared(browser, "ben"), BENS in shared(browser, "ben")) == (True, True)


def test_what_was_kept_back_before_eight_stays_back(browser: Open, cast: Cast, given: UUID, wall: Wall) -> None:
    both_send(cast, given)
    address = f"/my/tasks/{task_of(cast.ana, given)}"
    ana = browser("ana")
    ana.post(f"{address}/reveal", {"passphrase": PASSPHRASE})
    assert ana.post(f"{address}/disclosures", {"narrow": "understood"}).status_code == 303
    wall.to(MORNING)
    assert OPEN not in shared(browser, "ben")
    assert BENS in shared(browser, "ana")


def test_after_eight_it_is_not_taken_back(browser: Open, cast: Cast, given: UUID, wall: Wall) -> None:
    both_send(cast, given)
    wall.to(MORNING)
    address = f"/my/tasks/{task_of(cast.ana, given)}"
    ana = browser("ana")
    ana.post(f"{address}/reveal", {"passphrase": PASSPHRASE})
    assert ana.post(f"{address}/disclosures", {"narrow": "understood"}).status_code == 409
    assert OPEN in shared(browser, "ben")


def test_an_author_may_open_it_at_once(browser: Open, cast: Cast, given: UUID) -> None:
    send(cast.ana, task_of(cast.ana, given), floor())
    address = f"/my/tasks/{task_of(cast.ana, given)}"
    ana = browser("ana")
    ana.post(f"{address}/reveal", {"passphrase": PASSPHRASE})
    assert ana.post(f"{address}/disclosures", {"open_now": "1"}).status_code == 303
    page = shared(browser, "ben")
    assert OPEN in page
    assert SECRET not in page


def test_eight_is_told_by_the_practices_wall_and_nobodys_own(
    browser: Open, cast: Cast, given: UUID, wall: Wall
) -> None:
    browser("ben").post("/my/account", {"zone": "Asia/Tokyo"}, page="/my/account")
    both_send(cast, given)
    wall.to(MORNING - timedelta(minutes=1))
    assert OPEN not in shared(browser, "ben")
    wall.to(MORNING)
    assert OPEN in shared(browser, "ben")


def test_another_couple_reads_none_of_it(browser: Open, cast: Cast, given: UUID, wall: Wall) -> None:
    before = still(browser("eva").get("/my/shared"))
    both_send(cast, given)
    wall.to(MORNING)
    assert still(browser("eva").get("/my/shared")) == before
    assert title(browser("eva").get("/my/shared")) == "Portal: Shared"


NOW = "Let Ben read it now"
CAN = "Ben can read this."


def reopened(ana: Browser, address: str) -> str:
    """Ana's own sent form, opened anew by her pass phrase."""
    ana.post(f"{address}/reveal", {"passphrase": PASSPHRASE})
    return str(ana.get(address).text)


def test_what_time_alone_has_opened_is_not_offered_once_more(browser: Open, cast: Cast, wall: Wall) -> None:
    task_id = task_of(cast.ana, assign(cast, "weekly-check-in"))
    send(cast.ana, task_id, {"s1": "4", "b1": "6", "t1": "The tea", "x1": "no"})  # thanks wait for nobody
    before = reopened(browser("ana"), f"/my/tasks/{task_id}")
    wall.to(MORNING)
    after = reopened(browser("ana"), f"/my/tasks/{task_id}")
    assert (NOW in before, CAN in before) == (True, False)
    assert (NOW in after, CAN in after) == (False, True)


@pytest.mark.parametrize("has_ben_sent", [True, False])
def test_what_hangs_on_the_other_is_offered_whatever_the_other_did(
    browser: Open, cast: Cast, given: UUID, wall: Wall, has_ben_sent: bool
) -> None:
    send(cast.ana, task_of(cast.ana, given), floor())
    if has_ben_sent:
        send(cast.ben, task_of(cast.ben, given), floor(understood=BENS))
    wall.to(MORNING)
    ana, address = browser("ana"), f"/my/tasks/{task_of(cast.ana, given)}"
    page = reopened(ana, address)
    assert (NOW in page, CAN in page) == (True, False)
    ana.post(f"{address}/disclosures", {"open_now": "1"})
    page = reopened(ana, address)
    assert (NOW in page, CAN in page) == (False, True)
