"""What came in is read one after the other, the oldest first; whoever covers meets it too."""

import re
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from portal.domain.errors import NotFound
from portal.extensions import db
from portal.models.responses import Response
from portal.services import covers, review_queue, reviews
from tests.cast import Cast
from tests.conftest import Browser, Wall
from tests.given import assign, correct, floor, send, task_of
from tests.many import counted

Open = Callable[[str | None], Browser]
QUEUE = "/coach/responses/"


@pytest.fixture
def sent(cast: Cast, wall: Wall) -> list[UUID]:
    """Three forms, an hour apart: Ana's, Ben's, and Ana's of another task."""
    first, second = (assign(cast, slug) for slug in ("one-holds-the-floor", "ten-clear-minutes"))
    found = []
    for viewer, given in ((cast.ana, first), (cast.ben, first), (cast.ana, second)):
        wall.forward(hours=1)
        task_id = task_of(viewer, given)
        send(viewer, task_id, floor() if given == first else {"done": "done"}, key=str(task_id))
        found.append(db.session.scalars(select(Response.id).where(Response.task_id == task_id)).one())
    return found


def path(response_id: UUID) -> str:
    return f"{QUEUE}{response_id}?queue=1"


def waiting(browser: Browser) -> list[str]:
    return re.findall(rf'<li><a href="{QUEUE}([0-9a-f-]+)\?queue=1">', browser.get(QUEUE).text)


def test_the_oldest_comes_first_and_no_answer_stands_there(browser: Open, sent: list[UUID]) -> None:
    ines = browser("ines")
    assert waiting(ines) == [str(one) for one in sent]
    page = ines.get(QUEUE).text
    assert "3 forms wait." in page
    assert f'<a class="button button-main" href="{path(sent[0])}">Begin with the oldest' in page
    assert "That he asks" not in page
    assert 'href="/coach/responses/">Read one after the other' in ines.get("/coach/").text


def test_reading_one_leads_on_to_the_next_and_in_the_end_to_a_page_that_says_so(
    browser: Open, sent: list[UUID]
) -> None:
    ines = browser("ines")
    for here, after in zip(sent, [*map(path, sent[1:]), QUEUE], strict=True):
        assert "Read, and on to the next" in ines.get(path(here)).text
        reply = ines.post(f"{QUEUE}{here}", {"feedback": "Well held", "queue": "1"})
        assert reply.location == after
    assert "Sent to Ana." in ines.get(QUEUE).text
    assert "All that came in is read." in ines.get(QUEUE).text
    assert "Read one after the other" not in ines.get("/coach/").text
    assert "Ines has read it" in browser("ana").get("/my/").text


def test_one_can_be_left_for_later_and_comes_up_again(browser: Open, sent: list[UUID]) -> None:
    ines = browser("ines")
    assert ines.get(f"{QUEUE}{sent[0]}/next").location == path(sent[1])
    assert ines.post(f"{QUEUE}{sent[1]}", {"queue": "1"}).location == path(sent[2])
    assert ines.get(f"{QUEUE}{sent[2]}/next").location == QUEUE
    assert waiting(ines) == [str(sent[0]), str(sent[2])]


def test_a_form_that_is_opened_by_itself_stays_where_it_is_once_it_is_read(browser: Open, sent: list[UUID]) -> None:
    ines = browser("ines")
    page = ines.get(f"{QUEUE}{sent[0]}").text
    assert "Mark as read and send the line" in page
    assert "Later: the next one" not in page
    assert ines.post(f"{QUEUE}{sent[0]}", {}).location == f"{QUEUE}{sent[0]}"


def test_what_was_corrected_meanwhile_is_to_be_read_before_the_next(
    browser: Open, cast: Cast, sent: list[UUID], wall: Wall
) -> None:
    ines = browser("ines")
    seen = re.findall(r'name="seen" value="([^"]+)"', ines.get(path(sent[0])).text)
    wall.forward(minutes=5)
    task_id = db.session.scalars(select(Response.task_id).where(Response.id == sent[0])).one()
    correct(cast.ana, task_id, "understood", {"understood": "That he waits"})
    reply = ines.post(f"{QUEUE}{sent[0]}", {"queue": "1", "seen": seen[0]})
    assert reply.location == path(sent[0])
    assert "still to be read" in ines.get(reply.location).text
    assert waiting(ines) == [str(one) for one in (sent[1], sent[2], sent[0])]  # by when it was written last


def test_a_line_that_is_too_long_keeps_its_place_in_the_queue(browser: Open, sent: list[UUID]) -> None:
    reply = browser("ines").post(f"{QUEUE}{sent[0]}", {"queue": "1", "feedback": "z" * 1001})
    assert reply.status_code == 422
    assert '<input type="hidden" name="queue" value="1">' in reply.text


def test_nobody_else_meets_it_there_but_who_covers(browser: Open, cast: Cast, sent: list[UUID], wall: Wall) -> None:
    omar = browser("omar")
    assert waiting(omar) == []
    with pytest.raises(NotFound):
        review_queue.next_or_none(cast.omar, sent[0])
    today = wall.now.date()
    covers.arrange(cast.ines, cast.ines.person_id, cast.omar.person_id, today, today + timedelta(days=1))
    assert waiting(browser("omar")) == [str(one) for one in sent]


def test_it_is_two_statements_however_much_waits(cast: Cast, sent: list[UUID]) -> None:
    with counted() as statements:
        found = review_queue.to_read(cast.ines)
    assert len([one for one in statements if "set_config" not in one]) == 2  # PostgreSQL is told for whom it works
    assert [form.response_id for form in found.forms] == sent
    assert [(form.name, form.title, form.couple_names) for form in found.forms][:2] == [
        ("Ana", "One holds the floor", "Ana & Ben"),
        ("Ben", "One holds the floor", "Ana & Ben"),
    ]
    reviews.review(cast.ines, sent[1], "")
    assert review_queue.to_read(cast.ines).total == 2
