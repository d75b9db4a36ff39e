"""What the other partner will see of a form: shown beforehand through what makes the page that they will read."""

import re
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest

from portal.domain.sessions import SessionKind
from portal.services import parting, previews, responses, sealed, session_prep, sessions, shared
from portal.services.drafts import Typed
from portal.services.sessions import NewSession
from tests.cast import PASSPHRASE, Cast
from tests.conftest import Browser, Wall
from tests.given import OPEN, SECRET, assign, floor, opened, send, task_of
from tests.pages import still

Open = Callable[[str | None], Browser]
FOLD = re.compile(r'<details class="card fold"><summary>What Ben will see</summary>(.*?)</details>', re.DOTALL)


def fold(page: str) -> str:
    found = FOLD.search(page)
    assert found, page
    return found[1]


@pytest.fixture
def given(cast: Cast) -> UUID:
    return assign(cast, "one-holds-the-floor")


@pytest.fixture
def task_id(cast: Cast, given: UUID) -> UUID:
    return task_of(cast.ana, given)


def review(browser: Open, cast: Cast, task_id: UUID, **typed: str) -> str:
    offered = {item.id: item.disclosure.value for item in responses.open_for(cast.ana, task_id).items}
    responses.save_draft(cast.ana, task_id, Typed(typed, offered), 0)
    return browser("ana").get(f"/my/tasks/{task_id}/review").text


def test_the_check_page_shows_what_opens_and_when(browser: Open, cast: Cast, task_id: UUID) -> None:
    seen = fold(review(browser, cast, task_id, understood=OPEN, felt_heard="7", private_line=SECRET, heat_peak="3"))
    assert "From Tuesday 24 November, 08:00 on, once you have both sent:" in seen
    assert "In the session, when Ines opens it:" in seen
    assert seen.index(OPEN) < seen.index("How heard did I feel?")
    assert SECRET not in seen
    assert "heated" not in seen


def test_where_nothing_opens_it_says_so(browser: Open, cast: Cast, task_id: UUID) -> None:
    assert "Nothing of this form." in fold(review(browser, cast, task_id, private_line=SECRET))


def test_what_is_kept_back_on_the_check_page_is_gone_from_it(browser: Open, cast: Cast, task_id: UUID) -> None:
    assert OPEN in fold(review(browser, cast, task_id, understood=OPEN))
    ana = browser("ana")
    ana.post(f"/my/tasks/{task_id}/review", {"version": "1", "narrow": "understood"})
    assert "Nothing of this form." in fold(ana.get(f"/my/tasks/{task_id}/review").text)


def test_it_is_the_same_whatever_the_other_did(browser: Open, cast: Cast, given: UUID, task_id: UUID) -> None:
    before = fold(review(browser, cast, task_id, understood=OPEN))
    send(cast.ben, task_of(cast.ben, given), floor())
    assert fold(browser("ana").get(f"/my/tasks/{task_id}/review").text) == before


def test_a_sent_form_shows_it_behind_the_pass_phrase_alone(browser: Open, cast: Cast, task_id: UUID) -> None:
    send(cast.ana, task_id, floor())
    ana = browser("ana")
    assert not FOLD.search(ana.get(f"/my/tasks/{task_id}").text)
    ana.post(f"/my/tasks/{task_id}/reveal", {"passphrase": PASSPHRASE})
    assert OPEN in fold(ana.get(f"/my/tasks/{task_id}").text)


@pytest.mark.parametrize("hides", [False, True])
def test_once_nothing_more_opens_it_promises_nothing(
    browser: Open, cast: Cast, wall: Wall, given: UUID, task_id: UUID, hides: bool
) -> None:
    """Whether the other could read it by then hangs on the other, and is not told; that nothing is to come is."""
    send(cast.ana, task_id, floor())
    wall.forward(minutes=5)
    parting.end_sharing(cast.ana, PASSPHRASE, hides=hides)
    ana, pages = browser("ana"), []
    for _ in range(2):
        ana.post(f"/my/tasks/{task_id}/reveal", {"passphrase": PASSPHRASE})
        page = ana.get(f"/my/tasks/{task_id}").text
        assert not FOLD.search(page)
        assert "once you have both sent" not in page
        pages.append(still(ana.get(f"/my/tasks/{task_id}")))
        if len(pages) == 1:
            send(cast.ben, task_of(cast.ben, given), floor())
    assert pages[0] == pages[1]


def test_what_is_shown_beforehand_is_what_opens(cast: Cast, wall: Wall, given: UUID, task_id: UUID) -> None:
    """Once both have sent, the morning has come and the session was held, it stands so on the other's page."""
    send(cast.ana, task_id, floor())
    send(cast.ben, task_of(cast.ben, given), {"done": "done"})
    task = responses.open_for(cast.ana, task_id)
    found = sealed.sent_task(cast.ana, task_id, opened(cast.ana, task_id)).preview
    starts_at = wall.now + timedelta(days=1)
    session_id = sessions.plan(cast.ines, cast.couples["ana"], NewSession(SessionKind.JOINT, starts_at, 50))
    wall.to(starts_at)
    session_prep.open_in_session(cast.ines, session_id)
    [form] = shared.for_both(cast.ben)
    assert {q.item.id: q.answers for part in found for q in part.questions} == {
        q.item.id: q.answers for q in form.questions
    }
    assert [part.in_session for part in found] == [False, True]
    assert previews.of_draft(cast.ana, task) == ()
