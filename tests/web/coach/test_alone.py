"""The page for the coach alone: what it shows, to whom, and how a signal is closed there."""

import re
from collections.abc import Callable
from uuid import uuid4

from portal.services import safety
from tests import weeks
from tests.cast import Cast
from tests.conftest import Browser

Open = Callable[[str | None], Browser]


def test_everybody_on_the_staff_has_the_page_and_nobody_else_does(browser: Open, cast: Cast) -> None:
    weeks.check_in(cast.ines, cast.couples["ana"], cast.ana, x1="yes")
    for name in ("omar", "sol"):
        page = browser(name).get("/coach/alone")
        assert page.status_code == 200
        assert "Nothing is open." in page.text
        assert "Ana" not in page.text
    for name in ("ana", "ben"):
        assert browser(name).get("/coach/alone").status_code == 404
    assert browser(None).get("/coach/alone").status_code == 303


def test_each_kind_has_a_queue_of_its_own_beside_the_protocol(browser: Open, cast: Cast) -> None:
    weeks.check_in(
        cast.ines, cast.couples["ana"], cast.ana, x1="yes", x2="rather_not", x3="soon", x4="Text me before noon"
    )
    page = browser("ines").get("/coach/alone").text
    titles = re.findall(r'<h2 id="queue-\w+">(.*?)</h2>', page)
    assert titles == ["To be read today", "Asked for a word alone", "Would rather not say"]
    assert "Text me before noon" in page
    protocol = page[page.index('id="protocol"') :]
    assert protocol[: protocol.index("</ol>")].count("<li>") == 7


def test_the_window_says_nothing_of_what_is_here(browser: Open, cast: Cast) -> None:
    weeks.check_in(cast.ines, cast.couples["ana"], cast.ana, x1="yes")
    page = browser("ines").get("/coach/alone").text
    assert "<title>Portal: For you alone</title>" in page


def test_a_signal_is_closed_with_a_reason_and_stays_to_be_read(browser: Open, cast: Cast) -> None:
    weeks.check_in(cast.ines, cast.couples["ana"], cast.ana, x1="yes")
    ines = browser("ines")
    (flag,) = safety.signals(cast.ines)
    reply = ines.post(f"/coach/alone/{flag.signal_id}/close", {"reason": "Spoke alone, referred"})
    assert reply.status_code == 303
    page = ines.get("/coach/alone").text
    assert "Nothing is open." in page
    assert "Spoke alone, referred" in page


def test_closing_without_a_reason_or_with_too_long_a_one_keeps_what_was_typed(browser: Open, cast: Cast) -> None:
    weeks.check_in(cast.ines, cast.couples["ana"], cast.ana, x1="yes", x3="soon")
    ines = browser("ines")
    flag = safety.signals(cast.ines)[0]
    for typed, words in (("", "Say why it is closed."), ("y" * 1001, "Use 1000 characters at most.")):
        reply = ines.post(f"/coach/alone/{flag.signal_id}/close", {"reason": typed})
        assert reply.status_code == 422
        assert re.search(rf'id="reason-{flag.signal_id}-error">.*?{words}', reply.text, re.S)
        assert f'href="#reason-{flag.signal_id}"' in reply.text
        assert reply.text.count(f">\n{typed}</textarea>") == (1 if typed else 2)
    assert all(signal.closed_at is None for signal in safety.signals(cast.ines))


def test_nobody_else_closes_it_with_or_without_a_reason(browser: Open, cast: Cast) -> None:
    weeks.check_in(cast.ines, cast.couples["ana"], cast.ana, x1="yes")
    (flag,) = safety.signals(cast.ines)
    for name in ("omar", "sol", "ana"):
        for reason in ("", "Mine"):
            assert browser(name).post(f"/coach/alone/{flag.signal_id}/close", {"reason": reason}).status_code == 404
    assert browser("ines").post(f"/coach/alone/{uuid4()}/close", {"reason": ""}).status_code == 404
