"""What a private answer raises is seen on the page for the coach alone: every other page is the same without it.

Two houses live one history under one clock and draw the same randomness; in one of them Ana says that she was afraid.
No byte is masked but the banner of Today, which is held against its own words; so marks are planted on each page.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
import time_machine
from flask import Response
from sqlalchemy import select, update

from portal import clock
from portal.domain.people import Viewer
from portal.domain.safety import SignalKind
from portal.extensions import db
from portal.models.couples import Couple
from portal.models.safety import Signal
from tests import weeks
from tests.conftest import Browser
from tests.privacy import twin

COUPLE = "/coach/couples/{couple}"
TODAY = "/coach/"
PAGES = (TODAY, "/coach/couples/", "/coach/couples/?sort=waiting", "/coach/couples/?sort=-waiting",
         "/coach/couples/?needs=any", "/coach/couples/?needs=dropped", COUPLE,
         f"{COUPLE}/trends", f"{COUPLE}/homework", f"{COUPLE}/assign", "/coach/sessions/",
         "/coach/assignments/{check_in}",
         "/coach/assignments/{exercise}", "/coach/sessions/{session}", "/coach/sessions/{session}/close",
         "/coach/sessions/{session}/brief?copy=joint", "/coach/programme/", "/coach/practice/")  # fmt: skip
BANNER = re.compile(r'<section class="card alone".*?</section>', re.S)
TAG = re.compile(r"<[^>]+>")
BANNER_SAYS = (
    "For you alone Something is waiting that you promised to read today. "
    "Open it when nobody else sees this screen. Open"
)
AFRAID = {"x1": "yes", "x3": "soon", "x4": "By phone at noon"}
Look = dict[str, tuple[int, str, str]]


@contextmanager
def house(databases: Callable[[str], str], folder: Path, name: str) -> Iterator[twin.House]:
    with twin.form_tokens_from_the_stream(), time_machine.travel(twin.EVENING, tick=False):
        made = twin.House(databases(name), folder)
        yield made
        made.close()


def lived(made: twin.House, **private: str) -> dict[str, UUID]:
    """Two weeks: a session, an exercise and check-ins of both, and what Ana answers in private beside hers."""
    cast, couple = made.cast, made.cast.couples["ana"]
    with made.inside():
        with twin.drawing("ines"):
            weeks.meet(couple, clock.now() - timedelta(days=7))
            session = weeks.meet(couple, clock.now() + timedelta(hours=2))
            exercise = weeks.assign(cast.ines, couple)
            check_in = weeks.assign(cast.ines, couple, weeks.CHECK_IN)
        sent: tuple[tuple[str, Viewer, UUID, dict[str, str]], ...] = (
            ("ana", cast.ana, check_in, weeks.A_WEEK | private),
            ("ben", cast.ben, check_in, weeks.A_WEEK),
            ("ana", cast.ana, exercise, {"done": "done"}),
        )
        for place, (name, partner, assignment_id, raw) in enumerate(sent):
            with twin.drawing(name, place):
                weeks.send(partner, assignment_id, raw)
    return {"couple": couple, "session": session, "exercise": exercise, "check_in": check_in}


def seen(made: twin.House, ids: dict[str, UUID], plant: Callable[[Response], Response] | None = None) -> Look:
    """Every page as Ines gets it: its status, its text, its headers."""
    if plant is not None:
        made.app.after_request_funcs.setdefault(None, []).append(plant)
    looks: Look = {}
    with twin.drawing("ines signs in"):
        browser: Browser = made.browser("ines")
    for page in PAGES:
        with twin.drawing("ines looks", page):
            reply = browser.get(page.format(**ids))
        heads = sorted((name, value) for name, value in reply.headers.items() if name != "Content-Length")
        looks[page] = (reply.status_code, reply.text, repr(heads))
    return looks


def banner_of(look: Look) -> str | None:
    found = BANNER.search(look[TODAY][1])
    return found and " ".join(TAG.sub(" ", found[0]).split())


def told_apart(one: Look, other: Look) -> list[str]:
    """The pages that differ in a byte, the banner of Today apart."""
    found = []
    for page in PAGES:
        (status, text, heads), without = one[page], other[page]
        if (status, BANNER.sub("", text, count=1) if page == TODAY else text, heads) != without:
            found.append(page)
    return found


@pytest.fixture(scope="module")
def without(databases: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory) -> Look:
    with house(databases, tmp_path_factory.mktemp("without"), "unseen_without") as made:
        look = seen(made, lived(made))
    assert banner_of(look) is None
    assert {status for status, _, _ in look.values()} == {200}
    return look


@pytest.fixture
def afraid(databases: Callable[[str], str], tmp_path: Path) -> Iterator[tuple[twin.House, dict[str, UUID]]]:
    with house(databases, tmp_path, "unseen_with") as made:
        yield made, lived(made, **AFRAID)


def test_a_signal_adds_one_banner_and_changes_nothing_else(
    afraid: tuple[twin.House, dict[str, UUID]], without: Look
) -> None:
    made, ids = afraid
    with made.inside():
        assert set(db.session.scalars(select(Signal.kind))) == {SignalKind.FLAG, SignalKind.WORD}
    look = seen(made, ids)
    assert told_apart(look, without) == []
    assert banner_of(look) == BANNER_SAYS


def has_signal() -> bool:
    return db.session.scalars(select(Signal.id)).first() is not None


def mark_in_the_text(reply: Response) -> Response:
    if has_signal():
        reply.set_data(reply.get_data(as_text=True).replace("</h1>", " </h1>", 1))
    return reply


def mark_like_the_banner(reply: Response) -> Response:
    if has_signal():
        mark = '<section class="card alone"></section>'
        reply.set_data(reply.get_data(as_text=True).replace("</main>", f"{mark}</main>", 1))
    return reply


def mark_in_the_headers(reply: Response) -> Response:
    if has_signal():
        reply.headers["X-Served-By"] = "another"
    return reply


@pytest.mark.parametrize("mark", [mark_in_the_text, mark_like_the_banner, mark_in_the_headers])
def test_a_mark_on_whatever_has_a_signal_is_found_on_every_page(
    afraid: tuple[twin.House, dict[str, UUID]], without: Look, mark: Callable[[Response], Response]
) -> None:
    assert told_apart(seen(*afraid, mark), without) == list(PAGES)


def test_a_mark_on_the_couple_itself_is_found_where_its_name_stands(
    afraid: tuple[twin.House, dict[str, UUID]], without: Look
) -> None:
    made, ids = afraid
    with made.inside():
        db.session.execute(update(Couple).where(Couple.id.in_(select(Signal.couple_id))).values(names="Ana & Ben."))
        db.session.commit()
    assert {TODAY, COUPLE, "/coach/couples/", f"{COUPLE}/trends"} <= set(told_apart(seen(made, ids), without))


def test_a_word_more_in_the_banner_is_found(afraid: tuple[twin.House, dict[str, UUID]], without: Look) -> None:
    def tell(reply: Response) -> Response:
        reply.set_data(reply.get_data(as_text=True).replace("Something is waiting", "Something of Ana is waiting"))
        return reply

    look = seen(*afraid, tell)
    assert told_apart(look, without) == []
    assert banner_of(look) != BANNER_SAYS
