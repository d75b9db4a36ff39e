"""The booklet on a partner's pages: the line that it leaves a file stands before the button; names are neutral."""

import re
from collections.abc import Callable
from io import BytesIO

from pypdf import PdfReader

from portal.domain.parting import CoupleAct
from portal.services import couple_states
from tests.cast import Cast
from tests.conftest import Browser, Wall
from tests.given import SECRET, assign, send, task_of

Open = Callable[[str | None], Browser]
TEA = "You made tea before I asked"
LEAVES_A_FILE = "it stays on this device until you delete it"


def shared_tea(cast: Cast, wall: Wall) -> None:
    given = assign(cast, "weekly-check-in")
    send(cast.ana, task_of(cast.ana, given), {"t1": TEA, "t3": SECRET})
    wall.forward(hours=13)


def test_an_empty_booklet_says_so_and_leaves_no_file(browser: Open, cast: Cast) -> None:
    shown = browser("ana").get("/my/booklet").text
    assert "Its pages are empty so far." in shown
    assert "Save the booklet" not in shown


def test_the_line_that_a_file_stays_here_stands_before_the_button(browser: Open, cast: Cast, wall: Wall) -> None:
    shared_tea(cast, wall)
    for name in ("ana", "ben"):
        shown = browser(name).get("/my/booklet").text
        assert 0 < shown.index(LEAVES_A_FILE) < shown.index("Save the booklet")


def test_the_file_holds_what_both_may_read_and_its_name_and_head_say_nothing(
    browser: Open, cast: Cast, wall: Wall
) -> None:
    shared_tea(cast, wall)
    reply = browser("ben").post("/my/booklet", {}, page="/my/booklet")
    assert reply.headers["Content-Disposition"] == 'attachment; filename="booklet.pdf"'
    assert "no-store" in reply.headers["Cache-Control"]
    pdf = PdfReader(BytesIO(reply.data))
    text = re.sub(r"\s+", " ", " ".join(one.extract_text() for one in pdf.pages))
    assert TEA in text
    assert "Ana & Ben" in text
    assert SECRET not in text
    head = repr(pdf.metadata)
    assert "Ana" not in head
    assert "Ben" not in head


def test_it_can_be_found_from_what_is_shared_and_after_the_end_from_home(browser: Open, cast: Cast) -> None:
    ana = browser("ana")
    assert 'href="/my/booklet"' in ana.get("/my/shared").text
    assert 'href="/my/booklet"' not in ana.get("/my/").text
    couple_states.act(cast.ines, cast.couples["ana"], CoupleAct.CLOSE)
    assert 'href="/my/booklet"' in ana.get("/my/").text
