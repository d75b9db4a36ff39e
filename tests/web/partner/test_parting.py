"""Stopping alone as each partner meets it: what changes is said before it is pressed, and the other sees no byte."""

import re
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest

from portal import clock
from portal.domain.parting import CoupleAct
from portal.domain.sessions import NoteKind, SessionKind
from portal.services import authorisations, couple_states, notes, parting, responses, sessions, shared
from portal.services.drafts import Typed
from portal.services.sessions import NewSession
from tests.cast import PASSPHRASE, Cast
from tests.conftest import Browser, Wall
from tests.given import assign, floor, send, task_of
from tests.pages import still, title

Open = Callable[[str | None], Browser]
LEAVING, AGREEING, AUTHORISATION = "/my/account/leaving", "/my/account/agreeing", "/my/account/authorisation"
HIS = ("/my/", "/my/shared", "/my/account", LEAVING, AGREEING, AUTHORISATION, "/my/account/data", "/help-now")
LINK = "http://127.0.0.1:8000/"


@pytest.fixture
def given(cast: Cast) -> UUID:
    """Something both have, which neither has sent; and something both have read."""
    read = assign(cast, "ten-clear-minutes")
    for viewer in (cast.ana, cast.ben):
        send(viewer, task_of(viewer, read), {"done": "done", "best_moment": "The stairs, late"})
    return assign(cast, "one-holds-the-floor")


def pages_of(browser: Browser, *more: str) -> list[str]:
    return [still(browser.get(path)) for path in (*HIS, *more)]


def test_what_changes_is_said_before_it_is_pressed(browser: Open, given: UUID) -> None:
    page = browser("ana").get(LEAVING).text
    for line in (
        "You may stop at any time, alone and at once.",
        "Whatever Ben cannot read yet stays closed to Ben",
        "Ben’s pages stay as they are, and nothing on them says that you stopped.",
        "Ben will notice that this is gone, and it cannot be unseen.",
    ):
        assert line in page


def test_whoever_holds_the_phone_of_who_stopped_is_not_told(browser: Open, cast: Cast) -> None:
    """It is said once, on the reply, and again behind the pass phrase; home is that of somebody with nothing to do."""
    starts_at = clock.now() + timedelta(days=1)
    planned = sessions.plan(cast.ines, cast.couples["ana"], NewSession(SessionKind.JOINT, starts_at, 50))
    notes.write(cast.ines, planned, NoteKind.AGREED, "A walk after supper")
    ana = browser("ana")
    pages = ("/my/", "/my/account", LEAVING, AGREEING, AUTHORISATION, "/my/account/consent", "/my/account/data")
    before = [still(ana.get(path)) for path in pages]
    assert "You have not stopped." in where(ana)
    ana.post(LEAVING, {"act": "leave", "passphrase": PASSPHRASE}, page=LEAVING)
    ana.get("/my/")
    assert [still(ana.get(path)) for path in pages] == before
    assert "You have stopped taking part, on 23 November 2026." in where(ana)
    assert ana.post(LEAVING, {"act": "show", "passphrase": "not this"}).status_code == 422


def where(browser: Browser) -> str:
    text: str = browser.post(LEAVING, {"act": "show", "passphrase": PASSPHRASE}, page=LEAVING).text
    return text


def test_who_stops_reads_it_on_the_reply_and_can_still_do_the_rest(browser: Open, given: UUID) -> None:
    ana = browser("ana")
    reply = ana.post(LEAVING, {"act": "leave", "passphrase": PASSPHRASE}, page=LEAVING)
    assert (reply.status_code, reply.location) == (303, "/my/")
    home = ana.get("/my/").text
    assert "You have stopped taking part. If you would like to go on one day, tell Ines." in home
    assert "One holds the floor" not in home
    for path in ("/my/export", "/my/account", "/my/account/readings", "/my/account/data", "/help-now", "/my/shared"):
        assert ana.get(path).status_code == 200
    assert ana.post("/my/account/readings", {"passphrase": PASSPHRASE}).status_code == 200
    assert ana.post("/my/export", {"passphrase": PASSPHRASE, "kind": "json"}).status_code == 200


def test_the_other_sees_no_byte_of_it(browser: Open, cast: Cast, given: UUID, wall: Wall) -> None:
    wall.forward(days=1)
    ana, ben = browser("ana"), browser("ben")
    task = f"/my/tasks/{task_of(cast.ben, given)}"
    responses.save_draft(cast.ana, task_of(cast.ana, given), Typed({"understood": "half a thou"}, {}), 0)
    before = pages_of(ben, task)
    ana.post(LEAVING, {"act": "leave", "passphrase": PASSPHRASE}, page=LEAVING)
    assert pages_of(ben, task) == before


def test_hiding_lists_by_name_and_date_what_that_is_and_takes_it_away(
    browser: Open, cast: Cast, given: UUID, wall: Wall
) -> None:
    wall.forward(days=1)
    ana, ben = browser("ana"), browser("ben")
    assert "Ten clear minutes, 23 November 2026" in ana.get(LEAVING).text
    assert ben.get("/my/shared").text.count("The stairs, late") == 2
    ana.post(LEAVING, {"act": "keep", "hides": "1", "passphrase": PASSPHRASE}, page=LEAVING)
    assert "The stairs, late" not in ben.get("/my/shared").text  # his own stood there beside hers, and goes along
    assert ana.get("/my/shared").text.count("The stairs, late") == 1
    assert "You have stopped" not in ana.get("/my/").text


@pytest.mark.parametrize("act", ["leave", "keep"])
def test_nothing_is_done_without_the_pass_phrase(browser: Open, cast: Cast, given: UUID, act: str) -> None:
    ana = browser("ana")
    for typed in ("", "not the right words"):
        assert ana.post(LEAVING, {"act": act, "passphrase": typed}).status_code == 422
    assert "One holds the floor" in ana.get("/my/").text


def test_agreeing_anew_stands_on_the_home_of_whom_the_coach_asked(browser: Open, cast: Cast, given: UUID) -> None:
    ana, ben = browser("ana"), browser("ben")
    parting.leave(cast.ana, PASSPHRASE, LINK, hides=False)
    before = pages_of(ben)
    assert "Nothing is asked of you" in ana.get(AGREEING).text
    couple_states.ask_anew(cast.ines, cast.couples["ana"], cast.ana.person_id, LINK)
    assert "asks you to read once more" in ana.get("/my/").text
    assert "What you tell Ines alone stays private." in ana.get(AGREEING).text
    assert ana.post(AGREEING, {"passphrase": PASSPHRASE}).status_code == 422
    versions = {"text_version": "1", "policy_version": "1"}
    signed = {"agreed": "1", "signature": "Ana", "passphrase": PASSPHRASE, **versions}
    assert ana.post(AGREEING, signed | {"text_version": "7"}).status_code == 422
    assert ana.post(AGREEING, signed | {"passphrase": "not this"}).status_code == 422
    assert ana.post(AGREEING, signed).status_code == 303
    assert "You have stopped" not in ana.get("/my/").text
    assert pages_of(ben) == before


@pytest.mark.parametrize(
    ("act", "line"), [(CoupleAct.PAUSE, "has paused this for now"), (CoupleAct.CLOSE, "This has come to its end")]
)
def test_a_pause_and_an_end_are_said_to_both_in_the_same_words(
    browser: Open, cast: Cast, act: CoupleAct, line: str
) -> None:
    couple_states.act(cast.ines, cast.couples["ana"], act)
    for name in ("ana", "ben"):
        assert line in browser(name).get("/my/").text


def test_after_a_separation_no_page_names_the_other_but_for_what_was_shared(
    browser: Open, cast: Cast, given: UUID, wall: Wall
) -> None:
    send(cast.ben, task_of(cast.ben, given), floor())
    wall.forward(days=1)
    couple_states.act(cast.ines, cast.couples["ana"], CoupleAct.SEPARATE)
    ben = browser("ben")
    for path in ("/my/", "/my/account", LEAVING, AGREEING, AUTHORISATION, "/my/account/data", "/my/export"):
        page = ben.get(path).text
        assert not re.search(r"\bAna\b", page)
        assert "separat" not in page
    assert "Ana" in ben.get("/my/shared").text
    assert {a.name for form in shared.for_both(cast.ben) for q in form.questions for a in q.answers} == {"Ana", "Ben"}


# the joint record


def said(browser: Browser, act: str) -> str:
    reply = browser.post(AUTHORISATION, {"act": act, "passphrase": PASSPHRASE}, page=AUTHORISATION)
    assert reply.status_code == 200, reply.text
    text: str = reply.text
    return text


def test_the_question_is_found_behind_the_pass_phrase_and_answered_alone(browser: Open, cast: Cast) -> None:
    ana, ben = browser("ana"), browser("ben")
    before = pages_of(ben)
    assert "At present nothing is asked." in said(ana, "show")
    authorisations.ask(cast.ines, cast.couples["ana"], "Their new coach, as both wished", LINK)
    assert pages_of(ben) == before
    assert "Their new coach, as both wished" in said(ana, "show")
    assert "You have agreed." in said(ana, "agree")
    assert "You have not answered." in said(ben, "show")
    assert "You have said no." in said(ana, "decline")
    assert "You have not answered." in said(ben, "show")
    assert pages_of(ben) == before


def test_nothing_is_shown_without_the_pass_phrase(browser: Open, cast: Cast) -> None:
    authorisations.ask(cast.ines, cast.couples["ana"], "Their new coach", LINK)
    for typed in ("", "not the right words"):
        reply = browser("ana").post(AUTHORISATION, {"act": "agree", "passphrase": typed})
        assert reply.status_code == 422
        assert "Their new coach" not in reply.text
    standing = authorisations.requested_or_none(cast.ines, cast.couples["ana"])
    assert standing is not None
    assert [answer.agrees for answer in standing.answers] == [None, None]


@pytest.mark.parametrize("path", [LEAVING, AGREEING, AUTHORISATION])
def test_titles_tell_nothing(browser: Open, path: str) -> None:
    assert title(browser("ana").get(path)) == "Portal: Account"
