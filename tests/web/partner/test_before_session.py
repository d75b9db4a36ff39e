"""One's own side of the next brief: what of one's own the coach finds there, who reads it, and nothing of the other."""

import io
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from portal.domain.disclosure import Disclosure
from portal.domain.sessions import SessionKind, SessionState
from portal.extensions import begin_write, db
from portal.models.audit import AuditEvent
from portal.models.sessions import Session
from portal.output.render import NotRendered
from portal.services import session_prep
from portal.web.partner import before_session
from tests import factories
from tests.cast import PASSPHRASE, Cast
from tests.conftest import START, Browser, Wall
from tests.factories import Sent, week
from tests.web.partner.test_account import row_of

Open = Callable[[str | None], Browser]
PAGE = "/my/before-session"
WISH = "How to say that I am worried"
GLAD = "He took Friday’s bedtime"
HEARD = "That he was quiet before he answered"
KEPT = "I thought of the letter all the while"
LOCKED = "I was afraid on Sunday"


@pytest.fixture
def since_then(cast: Cast) -> None:
    """Both met ten days ago, and meet tomorrow; Ana has sent a check-in and homework in between."""
    couple_id = cast.couples["ana"]
    factories.session(couple_id, START - timedelta(days=10), state=SessionState.HELD)
    factories.session(couple_id, START + timedelta(days=1))
    factories.check_in(
        cast.viewers, couple_id, START - timedelta(days=15), ana=week(5, t1="Long ago", t2="Before that")
    )
    factories.check_in(cast.viewers, couple_id, START - timedelta(days=3), ana=week(6, t1=GLAD, t2=WISH, x4=LOCKED))
    homework = factories.given(couple_id, "one-holds-the-floor", START - timedelta(days=6))
    answers = Sent({"done": "partly", "barrier": "time", "felt_heard": 8, "understood": HEARD, "private_line": KEPT})
    factories.sent(cast.ana, homework, START - timedelta(days=2), answers)


def asked(browser: Browser, act: str = "show", passphrase: str = PASSPHRASE):  # type: ignore[no-untyped-def]
    return browser.post(PAGE, {"act": act, "passphrase": passphrase}, page=PAGE)


def shown(browser: Browser, act: str = "show") -> str:
    reply = asked(browser, act)
    assert reply.status_code == 200, reply.text
    if act == "show":
        return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", reply.text))
    pdf = PdfReader(io.BytesIO(reply.data))
    return re.sub(r"\s+", " ", "\n".join(page.extract_text() for page in pdf.pages).replace("\u200b", ""))


def test_home_leads_there_when_a_session_of_both_lies_ahead(browser: Open, cast: Cast, since_then: None) -> None:
    assert f'href="{PAGE}"' in browser("ana").get("/my/").text
    assert f'href="{PAGE}"' in browser("ben").get("/my/").text
    factories.session(cast.couples["cleo"], START + timedelta(days=1), kind=SessionKind.INDIVIDUAL_A)
    assert f'href="{PAGE}"' not in browser("cleo").get("/my/").text


def test_the_page_that_asks_says_that_a_file_stays_here_and_shows_nothing(browser: Open, since_then: None) -> None:
    page = browser("ana").get(PAGE).text
    assert "leaves a file on this device until you delete it" in page
    assert "Answers to the private questions are not in this file" in page
    for text in (WISH, GLAD, HEARD, KEPT):
        assert text not in page


@pytest.mark.parametrize("act", ["show", "file"])
def test_ones_own_side_is_what_the_coach_finds_with_who_reads_each_line(
    browser: Open, cast: Cast, since_then: None, act: str
) -> None:
    found = shown(browser("ana"), act)
    session = session_prep.coach_brief(cast.ines, _tomorrow(cast))
    ana = {said.side.name: said.text for said in session.wants}["Ana"]
    quote = next(a.quote for a in session.homework[0].accounts if a.side.name == "Ana")
    assert (ana, quote) == (WISH, HEARD)
    for text in (WISH, GLAD, HEARD, "No time", "8 of 10"):
        assert text in found
    assert re.search(f"{WISH} \\(?Only Ines", found)
    assert re.search(f"{HEARD} \\(?Ines and Ben", found)
    assert KEPT not in found  # one quote of a form stands in the brief, and this is not the one
    assert LOCKED not in found
    assert "Long ago" not in found
    assert "Before that" not in found


def _tomorrow(cast: Cast):  # type: ignore[no-untyped-def]
    return factories.session(cast.couples["ana"], START + timedelta(hours=12))


def test_the_line_for_the_coach_alone_stands_there_where_it_is_the_only_one(browser: Open, cast: Cast) -> None:
    homework = factories.given(cast.couples["ana"], "one-holds-the-floor", START - timedelta(days=6))
    factories.sent(cast.ana, homework, START - timedelta(days=2), Sent({"private_line": KEPT}))
    assert re.search(f"{KEPT} Only Ines", shown(browser("ana")))


def test_what_was_kept_back_at_the_answer_is_marked_so(browser: Open, cast: Cast) -> None:
    homework = factories.given(cast.couples["ana"], "one-holds-the-floor", START - timedelta(days=6))
    kept = Sent({"understood": HEARD}, {"understood": Disclosure.COACH})
    factories.sent(cast.ana, homework, START - timedelta(days=2), kept)
    assert re.search(f"{HEARD} Only Ines", shown(browser("ana")))


@pytest.mark.parametrize("act", ["show", "file"])
def test_nothing_of_the_others_stands_there_and_not_whether_they_answered(
    browser: Open, cast: Cast, since_then: None, act: str
) -> None:
    before = shown(browser("ana"), act)
    theirs = week(3, t1="She laughed", t2="The evenings")
    factories.check_in(cast.viewers, cast.couples["ana"], START - timedelta(days=1), ben=theirs)
    _sent_by_ben(cast)
    assert shown(browser("ana"), act) == before
    assert "The evenings" in shown(browser("ben"), act)


def _sent_by_ben(cast: Cast) -> None:
    """He sends his copy of the very homework that hers is a copy of."""
    given = session_prep.coach_brief(cast.ines, _tomorrow(cast)).homework[0].source
    assert given is not None
    factories.sent(cast.ben, given, START - timedelta(days=1), Sent({"understood": "That she waits", "felt_heard": 3}))


def test_what_came_too_late_for_the_last_brief_stands_in_this_one(browser: Open, cast: Cast) -> None:
    last = START - timedelta(days=10)
    session_id = factories.session(cast.couples["ana"], last, state=SessionState.HELD)
    row = db.session.scalars(select(Session).where(Session.id == session_id)).one()
    row.asks_at, row.cut_off_at = last - timedelta(hours=48), last - timedelta(hours=12)
    db.session.commit()
    for hours, wish in ((20, "Before that"), (5, WISH)):
        factories.check_in(cast.viewers, cast.couples["ana"], last - timedelta(hours=hours), ana=week(5, t2=wish))
    assert WISH in shown(browser("ana"))
    assert "Before that" not in shown(browser("ana"))


def test_without_anything_sent_the_page_says_so_for_either(browser: Open) -> None:
    for who in ("ana", "ben"):
        assert shown(browser(who)).count("Nothing of yours.") == 2


def test_it_is_asked_for_each_time_and_a_wrong_pass_phrase_shows_nothing(browser: Open, since_then: None) -> None:
    ana = browser("ana")
    asked(ana)
    for passphrase in ("", "not the right words"):
        reply = asked(ana, passphrase=passphrase)
        assert reply.status_code == 422
        assert WISH not in reply.text
    assert WISH not in ana.get(PAGE).text


def test_who_chose_never_to_be_shown_private_answers_finds_none_there(browser: Open, since_then: None) -> None:
    ana = browser("ana")
    ana.post("/my/account/revealing", {"never": "1", "passphrase": PASSPHRASE})
    found = shown(ana)
    assert WISH not in found
    assert HEARD in found
    assert "never to be shown again" in found


def test_a_pass_phrase_that_came_by_mail_shows_nothing_until_the_coach_vouches(
    browser: Open, cast: Cast, wall: Wall, since_then: None
) -> None:
    begin_write()
    row_of(cast).reset_at = wall.now
    db.session.commit()
    reply = asked(browser("ana"))
    assert reply.status_code == 422
    assert "until it is clear that it was you" in reply.text


def test_looking_and_taking_along_stand_on_record(browser: Open, since_then: None) -> None:
    asked(browser("ana"))
    asked(browser("ana"), "file")
    db.session.rollback()
    events = list(db.session.scalars(select(AuditEvent.event).order_by(AuditEvent.at)))
    assert [event for event in events if event.startswith("own_brief")] == ["own_brief:shown", "own_brief:taken_along"]


def test_the_file_is_a_page_whose_name_and_title_tell_nothing(browser: Open, since_then: None) -> None:
    reply = asked(browser("ana"), "file")
    assert reply.headers["Content-Disposition"] == 'attachment; filename="answers.pdf"'
    assert reply.headers["Cache-Control"] == "no-store"
    assert PdfReader(io.BytesIO(reply.data)).metadata.title == "Portal: Answers"


def test_what_cannot_be_set_in_pages_is_said_beside_the_choice(
    browser: Open, since_then: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_html: str) -> None:
        raise NotRendered

    monkeypatch.setattr(before_session, "render_pdf", refuse)
    reply = asked(browser("ana"), "file")
    assert reply.status_code == 422
    assert "more than can be set in pages" in reply.text
