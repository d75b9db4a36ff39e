"""How the work stands, on the coach's side: who stopped, what is refused then, and what of the record leaves."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest

from portal import clock
from portal.domain.parting import CoupleAct
from portal.domain.sessions import NoteKind, SessionKind
from portal.output.render import NotRendered, Rendered
from portal.services import authorisations, couple_states, notes, parting, reviews, sent_forms, sessions
from portal.services.sessions import NewSession
from portal.web.coach import parting as parting_pages
from tests.cast import PASSPHRASE, Cast
from tests.conftest import Browser, Wall
from tests.given import OPEN, SECRET, assign, floor, send, task_of
from tests.web.partner.test_parting import LINK

Open = Callable[[str | None], Browser]
NOT_BOTH = "One of the two takes part no more, so there is nothing new for both of them."
BENS = "He wrote this alone and shared it"


@pytest.fixture
def page(cast: Cast) -> str:
    return f"/coach/couples/{cast.couples['ana']}"


@pytest.fixture
def session_id(cast: Cast) -> UUID:
    """A session of both, tomorrow, in which something was agreed, and one of Ana's alone."""
    couple_id = cast.couples["ana"]
    sessions.plan(cast.ines, couple_id, NewSession(SessionKind.INDIVIDUAL_A, clock.now() + timedelta(hours=2), 50))
    planned = sessions.plan(cast.ines, couple_id, NewSession(SessionKind.JOINT, clock.now() + timedelta(days=1), 50))
    notes.write(cast.ines, planned, NoteKind.AGREED, "A walk after supper")
    notes.write(cast.ines, planned, NoteKind.REMINDER, "Ask about the stairs")
    return planned


@pytest.fixture
def sent(cast: Cast) -> UUID:
    given = assign(cast, "one-holds-the-floor")
    send(cast.ana, task_of(cast.ana, given), floor())
    send(cast.ben, task_of(cast.ben, given), floor() | {"understood": BENS})
    return given


@pytest.fixture
def _as_html(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parting_pages, "render_pdf", lambda html: Rendered(html.encode(), fallback=False))


def test_the_couples_page_says_who_has_stopped_and_since_when(browser: Open, cast: Cast, page: str) -> None:
    parting.leave(cast.ana, PASSPHRASE, LINK, hides=False)
    ines = browser("ines")
    assert "Ana has stopped taking part on 23 November 2026." in ines.get(page).text
    shown = ines.get(f"{page}/standing").text
    assert "Has stopped taking part on 23 November 2026." in shown
    assert "Nothing new for both from now on" in shown


def test_what_is_for_both_is_refused_with_one_calm_sentence(
    browser: Open, cast: Cast, page: str, session_id: UUID, wall: Wall
) -> None:
    parting.leave(cast.ana, PASSPHRASE, LINK, hides=False)
    ines, session = browser("ines"), f"/coach/sessions/{session_id}"
    for path in (f"{session}/brief?copy=joint", f"{session}/brief.pdf?copy=joint"):
        assert NOT_BOTH in ines.get(path, follow_redirects=True).text
    opened = ines.post(f"{session}/open", page=session)
    assert NOT_BOTH in ines.get(opened.location).text
    wall.forward(days=1, hours=1)
    closed = browser("ines").post(f"{session}/close", {"agreed_1": "Another walk"}, page=f"{session}/close")
    assert closed.status_code == 422
    assert NOT_BOTH in closed.text
    assert browser("ines").get(f"{session}/brief").status_code == 200


def test_the_states_are_changed_on_a_page_of_their_own(browser: Open, page: str) -> None:
    ines, standing = browser("ines"), f"{page}/standing"
    for act, line in (
        ("pause", "It is paused"),
        ("resume", "It goes on with both"),
        ("separate", "They have separated"),
    ):
        assert ines.post(standing, {"act": act}, page=standing).status_code == 303
        assert line in ines.get(standing).text
    for said in ("with fresh consent", "know things of the other one", "talk it over with somebody you consult"):
        assert said in ines.get(standing).text
    refused = ines.post(standing, {"act": "reopen"}, page=standing)
    assert "It goes on with both once both have agreed anew." in ines.get(refused.location).text


@pytest.mark.usefixtures("_as_html", "session_id", "sent")
def test_ones_own_record_holds_nothing_of_the_other_and_no_private_question(
    browser: Open, cast: Cast, page: str, wall: Wall
) -> None:
    for response in reviewed(cast):
        reviews.review(cast.ines, response, "Well held, both times.")
    wall.forward(days=2)
    reply = browser("ines").post(f"{page}/record", {"whose": "A", "passphrase": PASSPHRASE}, page=f"{page}/standing")
    assert reply.status_code == 200
    for held in (OPEN, SECRET, "Well held, both times.", "Session of both", "Session alone", "24 November 2026"):
        assert held in reply.text
    for other in (BENS, "Ben", "Ask about the stairs", "A walk after supper"):
        assert other not in reply.text
    assert reply.headers["Content-Disposition"] == 'attachment; filename="record.pdf"'


def reviewed(cast: Cast) -> list[UUID]:
    from_ana = sent_forms.of_couple(cast.ines, cast.couples["ana"])
    return [form.response_id for form in from_ana if form.person_id == cast.ana.person_id]


@pytest.mark.usefixtures("_as_html", "session_id", "sent")
def test_the_joint_record_leaves_once_both_have_agreed_and_once_alone(
    browser: Open, cast: Cast, page: str, wall: Wall
) -> None:
    wall.forward(days=2)
    ines, file = browser("ines"), f"{page}/authorisation/file"
    asked = {"purpose": "Their new coach, as both wished"}
    assert ines.post(f"{page}/authorisation", asked, page=f"{page}/standing").status_code == 303
    again = ines.post(f"{page}/authorisation", asked, page=f"{page}/standing")
    assert "Something was asked already." in again.text
    authorisations.own(cast.ana, PASSPHRASE, agrees=True)
    for answer in (None, False):
        authorisations.own(cast.ben, PASSPHRASE, agrees=answer)
        refused = ines.post(file, {"passphrase": PASSPHRASE}, page=f"{page}/standing")
        assert refused.status_code == 422
        assert "The joint record leaves once both have agreed, each alone." in refused.text
    authorisations.own(cast.ben, PASSPHRASE, agrees=True)
    assert ines.post(file, {"passphrase": "not this"}, page=f"{page}/standing").status_code == 422
    made = ines.post(file, {"passphrase": PASSPHRASE}, page=f"{page}/standing")
    assert made.status_code == 200
    for held in (OPEN, BENS, "A walk after supper", "Their new coach, as both wished", "24 November 2026"):
        assert held in made.text
    for private in (SECRET, "Ask about the stairs", "23 November 2026, alone"):
        assert private not in made.text
    assert ines.post(file, {"passphrase": PASSPHRASE}, page=f"{page}/standing").status_code == 422
    assert authorisations.own(cast.ana, PASSPHRASE) is None


def test_a_file_that_cannot_be_made_uses_up_nothing(
    browser: Open, cast: Cast, page: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cannot(_html: str) -> None:
        raise NotRendered

    ines, file = browser("ines"), f"{page}/authorisation/file"
    authorisations.ask(cast.ines, cast.couples["ana"], "Their new coach", LINK)
    for viewer in (cast.ana, cast.ben):
        authorisations.own(viewer, PASSPHRASE, agrees=True)
    with monkeypatch.context() as broken:
        broken.setattr(parting_pages, "render_pdf", cannot)
        assert ines.post(file, {"passphrase": PASSPHRASE}, page=f"{page}/standing").status_code == 503
    assert authorisations.agreed(cast.ines, cast.couples["ana"]).is_agreed


def test_what_is_called_off_is_asked_of_nobody_any_more(browser: Open, cast: Cast, page: str) -> None:
    authorisations.ask(cast.ines, cast.couples["ana"], "Their new coach", LINK)
    browser("ines").post(f"{page}/authorisation/call-off", page=f"{page}/standing")
    assert authorisations.own(cast.ben, PASSPHRASE, agrees=True) is None


def test_who_stopped_gets_no_mail_of_it_and_finds_it_all_the_same(cast: Cast) -> None:
    parting.leave(cast.ana, PASSPHRASE, LINK, hides=False)
    authorisations.ask(cast.ines, cast.couples["ana"], "Their new coach", LINK)
    asked = authorisations.own(cast.ana, PASSPHRASE)
    assert asked is not None
    assert asked.purpose == "Their new coach"


def test_a_couple_is_found_among_the_ended_once_separated(browser: Open, cast: Cast, page: str) -> None:
    couple_states.act(cast.ines, cast.couples["ana"], CoupleAct.SEPARATE)
    assert "Ana &amp; Ben" not in browser("ines").get("/coach/couples/").text
    assert "Ana &amp; Ben" in browser("ines").get("/coach/couples/?state=separated").text


@pytest.mark.parametrize(
    ("hides", "line"),
    [
        (False, "Since 23 November nothing more of this opens to the other."),
        (True, "On 23 November Ana took this away"),
    ],
)
@pytest.mark.usefixtures("sent")
def test_the_coach_reads_on_a_form_that_nothing_more_of_it_opens(
    browser: Open, cast: Cast, hides: bool, line: str
) -> None:
    parting.end_sharing(cast.ana, PASSPHRASE, hides=hides)
    shown = browser("ines").get(f"/coach/responses/{reviewed(cast)[0]}").text
    assert line in shown
    assert "opens" not in shown.replace(line, "").partition("<main")[2].partition("Your answer")[0]
