"""The turned screen: one browser shows what both may see, every address leads there, and a pass phrase leads out."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from portal import create_app
from portal.domain.disclosure import Disclosure
from portal.domain.parting import CoupleAct
from portal.domain.sessions import NoteKind, SessionKind, SessionState
from portal.extensions import db
from portal.models.audit import AuditEvent
from portal.models.responses import Response
from portal.models.sessions import Session
from portal.services import couple_states, covers, notes, parting, picked_homework, programme, sessions
from tests import cast as gathered
from tests import factories
from tests.authenticator import PRESENT, Authenticator
from tests.cast import PASSPHRASE, Cast, address_of
from tests.conftest import START, Browser, Wall, settings_for
from tests.factories import Sent, week
from tests.pages import still
from tests.web.own.test_passkeys import ORIGIN, add, asked, options_to_make

Open = Callable[[str | None], Browser]
TOGETHER = "/coach/together"
LEAVE = f"{TOGETHER}/leave"
SECRET = "I am thinking of leaving"
THANKS = "For the tea at night"
SHARED = Disclosure.SHARED
STARTS = START + timedelta(hours=1)
STAYS_OPEN = {"auth.healthz", "auth.readyz", "auth.help_now", "auth.sign_out", "auth.exit"}


@pytest.fixture
def session_id(cast: Cast) -> UUID:
    """A session of fifty minutes in an hour; both have sent a check-in, Ana with a secret."""
    shared = {"t1": SHARED}
    factories.check_in(
        cast.viewers,
        cast.couples["ana"],
        START - timedelta(days=3),
        ana=Sent({**week(6).values, "t1": THANKS, "w1": SECRET}, shared),
        ben=Sent({**week(5).values, "t1": "For the walk"}, shared),
    )
    return factories.session(cast.couples["ana"], STARTS)


@pytest.fixture
def ines(browser: Open, session_id: UUID) -> Browser:
    """Ines's browser, with the screen turned round."""
    return turn(browser("ines"), session_id)


def turn(somebody: Browser, session_id: UUID) -> Browser:
    reply = somebody.post(f"/coach/sessions/{session_id}/turn")
    assert (reply.status_code, reply.location) == (303, TOGETHER)
    return somebody


def leave(somebody: Browser, passphrase: str = PASSPHRASE):  # type: ignore[no-untyped-def]
    return somebody.post(LEAVE, {"passphrase": passphrase}, page=LEAVE)


def events() -> list[str]:
    return list(db.session.scalars(select(AuditEvent.event).order_by(AuditEvent.number)))


def test_the_buttons_say_that_it_opens_what_both_marked(browser: Open, session_id: UUID) -> None:
    ines = browser("ines")
    action = f'action="/coach/sessions/{session_id}/turn"'
    for path in ("", "/brief", "/brief?copy=joint"):
        page = ines.get(f"/coach/sessions/{session_id}{path}").text
        assert action in page
        assert "Turn the screen round: this opens" in page
    assert action not in browser("noor").get(f"/coach/sessions/{session_id}").text


def test_both_look_at_what_is_shared_and_at_nothing_of_the_coachs(ines: Browser, cast: Cast, session_id: UUID) -> None:
    notes.write(cast.ines, session_id, NoteKind.THREAD, "Ask her alone")
    page = ines.get(TOGETHER).text
    assert THANKS in page
    assert "Ana &amp; Ben" in page
    for hidden in (SECRET, "Ask her alone", "For you alone", "Couples", "Find a couple", "Coach copy"):
        assert hidden not in page


def test_there_is_none_for_a_session_of_one_or_one_that_was_called_off(browser: Open, cast: Cast) -> None:
    alone = factories.session(cast.couples["ana"], STARTS, SessionKind.INDIVIDUAL_A)
    off = factories.session(cast.couples["ana"], STARTS, state=SessionState.CANCELLED)
    ines = browser("ines")
    assert ines.post(f"/coach/sessions/{alone}/turn").status_code == 404
    assert ines.post(f"/coach/sessions/{off}/turn").status_code == 409
    for session_id in (alone, off):
        assert f"{session_id}/turn" not in ines.get(f"/coach/sessions/{session_id}").text
    assert f"{alone}/turn" not in ines.get(f"/coach/sessions/{alone}/brief").text
    assert ines.get("/").location == "/coach/"


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "OPTIONS"])
def test_every_other_address_leads_to_where_both_are(ines: Browser, app: Flask, session_id: UUID, method: str) -> None:
    token = ines.token(LEAVE)
    asked_for = 0
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        if method not in (rule.methods or ()) or rule.endpoint in ("static", "fonts"):
            continue
        path = rule.rule.replace("<token>", "x").split("<")[0] + str(session_id) * ("<uuid:" in rule.rule)
        path += rule.rule.partition(">")[2].split("<")[0] if "<uuid:" in rule.rule else ""
        if getattr(view, "open_to_both", False):
            continue
        reply = ines.client.open(path, method=method, data={"csrf_token": token} if method == "POST" else None)
        assert (path, reply.status_code, reply.location) == (path, 303, TOGETHER)
        asked_for += 1
    assert asked_for > 40
    assert ines.get("/nothing-here").location == TOGETHER
    assert ines.get("/").location == TOGETHER


def test_what_stays_open_is_named_here(app: Flask) -> None:
    found = {name for name, view in app.view_functions.items() if getattr(view, "open_to_both", False)}
    assert {name for name in found if not name.startswith("coach.together")} == STAYS_OPEN
    assert {name for name in app.view_functions if name.startswith("coach.together")} <= found


def test_a_form_from_before_does_nothing(ines: Browser, cast: Cast, session_id: UUID) -> None:
    before = events()
    reply = ines.post(f"/coach/sessions/{session_id}/notes", {"kind": "reminder", "text": SECRET}, page=LEAVE)
    assert (reply.status_code, reply.location) == (303, TOGETHER)
    again = ines.post("/sign-in", {"email": address_of("ines"), "password": PASSPHRASE}, page=LEAVE)
    assert again.location == TOGETHER
    assert events() == before


def test_help_signing_out_and_leaving_the_house_stay(browser: Open, session_id: UUID) -> None:
    ines = turn(browser("ines"), session_id)
    assert ines.get("/help-now").status_code == 200
    assert [ines.get(path).status_code for path in ("/healthz", "/readyz", "/static/portal.css")] == [200] * 3
    assert ines.post("/sign-out", page=LEAVE).location == "/sign-in"
    assert ines.get(TOGETHER).location.startswith("/sign-in")
    assert turn(browser("ines"), session_id).client.post("/exit").status_code == 303


def test_what_was_still_to_be_said_to_the_coach_is_not_said_there(browser: Open, session_id: UUID) -> None:
    ines = browser("ines")
    ines.post(f"/coach/sessions/{session_id}/open")
    ines.post(f"/coach/sessions/{session_id}/notes", {"kind": "reminder", "text": SECRET})
    page = turn(ines, session_id).get(TOGETHER).text
    assert "Nothing was marked" not in page
    assert "Kept." not in page
    assert 'class="banner' not in page


def test_another_browser_of_the_same_coach_goes_on(browser: Open, session_id: UUID) -> None:
    phone, desk = browser("ines"), turn(browser("ines"), session_id)
    assert phone.get("/coach/").status_code == 200
    assert phone.get(TOGETHER).location == "/"
    assert desk.get("/coach/").location == TOGETHER


def test_turning_it_opens_what_was_marked_when_the_session_begins(
    browser: Open, cast: Cast, wall: Wall, session_id: UUID
) -> None:
    marked = Sent({"t1": "What I marked"}, {"t1": Disclosure.SESSION})
    factories.check_in(cast.viewers, cast.couples["ana"], START - timedelta(days=1), ana=marked, ben=None)
    ines = turn(browser("ines"), session_id)
    wall.forward(minutes=30)
    assert "What I marked" not in ines.get(TOGETHER).text  # Ben could not read it yet either
    wall.to(STARTS)
    assert "What I marked" in ines.get(TOGETHER).text
    opened = db.session.scalars(select(Response.session_opened_at).where(Response.session_opened_at.is_not(None)))
    assert set(opened) == {STARTS}


def test_to_look_is_put_on_no_record(ines: Browser) -> None:
    before = events()
    for path in ("", "/brief.pdf", "/close", "/leave"):
        ines.get(f"{TOGETHER}{path}")
    assert events() == before


def test_it_is_on_record_who_turned_the_screen_and_when(ines: Browser) -> None:
    assert events()[-2:] == ["session:opened", "joint_mode:entered"]
    leave(ines)
    assert events()[-1] == "joint_mode:left"


# --- leaving -------------------------------------------------------------------------------------------------------


def test_it_is_left_with_the_pass_phrase_to_a_page_that_shows_nothing_yet(
    ines: Browser, cast: Cast, session_id: UUID
) -> None:
    page = ines.get(LEAVE).text
    assert 'autocomplete="new-password"' in page  # else a browser would fill it in for whoever sits there
    reply = leave(ines)
    assert (reply.status_code, reply.location) == (303, f"/coach/sessions/{session_id}/own-line")
    notes.write(cast.ines, session_id, NoteKind.THREAD, "Ask her alone")
    page = ines.get(reply.location).text
    assert "Your own line" in page
    assert "Ask her alone" not in page
    kept = ines.post(reply.location, {"text": "They laughed"})
    assert kept.location == f"/coach/sessions/{session_id}"
    assert "They laughed" in ines.get(kept.location).text
    assert ines.get("/").location == "/coach/"


@pytest.mark.parametrize(("text", "words"), [("", "Write something first"), ("x" * 1_001, "Please shorten it")])
def test_an_own_line_that_cannot_be_kept_is_said_beside_it(
    browser: Open, session_id: UUID, text: str, words: str
) -> None:
    reply = browser("ines").post(f"/coach/sessions/{session_id}/own-line", {"text": text})
    assert reply.status_code == 422
    assert words in reply.text


def test_a_wrong_pass_phrase_leads_nowhere_goes_on_record_and_is_bounded(ines: Browser) -> None:
    token = ines.token(LEAVE)
    wrong = {"csrf_token": token, "passphrase": "not the right words"}
    replies = [ines.client.post(LEAVE, data=wrong) for _ in range(20)]
    assert {reply.status_code for reply in replies} == {422}
    assert "This is not your pass phrase." in replies[0].text
    assert ines.client.post(LEAVE, data=wrong | {"passphrase": PASSPHRASE}).status_code == 429
    assert ines.get("/coach/").location == TOGETHER
    assert events().count("passphrase:refused") == 20


def test_the_token_is_another_in_the_mode_and_after_it(browser: Open, session_id: UUID) -> None:
    ines = browser("ines")
    before = ines.client.get_cookie("id")
    turn(ines, session_id)
    within = ines.client.get_cookie("id")
    leave(ines)
    assert before
    assert within
    for old in (before, within):
        thief = Browser(ines.client.application.test_client())
        thief.client.set_cookie("id", old.value)
        assert thief.get("/").location == "/sign-in"


def test_what_the_pass_phrase_had_opened_falls_shut(browser: Open, session_id: UUID) -> None:
    ines = browser("ines").step_up()
    leave(turn(ines, session_id))
    assert ines.get("/account/second-key/set-up").location.startswith("/account/step-up")


def test_the_pages_of_the_turned_screen_are_nowhere_else(browser: Open, session_id: UUID) -> None:
    ines = browser("ines")
    for path in ("", "/brief.pdf", "/close", "/leave"):
        assert ines.get(f"{TOGETHER}{path}").location == "/"
    assert ines.post(LEAVE, {"passphrase": PASSPHRASE}).location == "/"


def test_whose_couple_it_is_no_more_can_only_turn_it_back(
    browser: Open, cast: Cast, wall: Wall, session_id: UUID
) -> None:
    today = wall.now.date()
    cover = covers.arrange(cast.ines, cast.ines.person_id, cast.omar.person_id, today, today)
    omar = turn(browser("omar"), session_id)
    covers.call_off(cast.ines, cover)
    assert omar.get(TOGETHER).location == LEAVE
    assert omar.get(f"{TOGETHER}/close").status_code == 404
    assert leave(omar).status_code == 303
    assert omar.get("/coach/").status_code == 200


@pytest.fixture
def named(databases: Callable[[str], str], wall: Wall, tmp_path: Path) -> Iterator[Flask]:
    """The portal at an address with a name: browsers give no passkeys to a number."""
    made = create_app(settings_for(databases("named_turned"), tmp_path, base_url=ORIGIN))
    with made.app_context():
        yield made
        db.session.remove()
        db.engine.dispose()


class Unasking(Authenticator):
    """A key that opens for whoever touches it."""

    def _about(self, host: str, flags: int) -> bytes:
        return super()._about(host, PRESENT)


@pytest.mark.parametrize(("kind", "status"), [(Authenticator, 303), (Unasking, 422)])
def test_a_passkey_leads_out_that_asks_who_holds_it(
    named: Flask, session_id_of_named: UUID, kind: type[Authenticator], status: int
) -> None:
    ines, key = Browser(named.test_client()).sign_in(address_of("ines")).step_up(), Authenticator()
    assert add(ines, key.make(options_to_make(ines), ORIGIN)).status_code == 303
    turn(ines, session_id_of_named)
    assert "Use your passkey" in ines.get(LEAVE).text
    options = asked(ines, f"{LEAVE}/passkey/challenge", LEAVE)
    assert options["userVerification"] == "required"
    key.__class__ = kind
    given = {"credential": key.use(options, ORIGIN)}
    reply = ines.post(f"{LEAVE}/passkey", given, page=LEAVE)
    assert reply.status_code == status
    assert (ines.get("/").location == "/coach/") == (status == 303)


@pytest.fixture
def session_id_of_named(named: Flask) -> UUID:
    return factories.session(gathered.find().couples["ana"], STARTS)


# --- staying awake -------------------------------------------------------------------------------------------------


def test_it_stays_awake_while_the_session_runs_and_half_an_hour_more(ines: Browser, wall: Wall) -> None:
    wall.to(STARTS - timedelta(minutes=30))
    assert ines.get(TOGETHER).status_code == 200  # the last that anybody touched it
    wall.to(STARTS + timedelta(minutes=50 + 30))
    assert ines.get(TOGETHER).status_code == 200
    wall.forward(minutes=30)
    assert ines.get(TOGETHER).status_code == 200  # and from then on it is as any other
    wall.forward(minutes=30, seconds=1)
    assert ines.get(TOGETHER).location.startswith("/sign-in")


def test_it_falls_asleep_before_the_session_as_any_other_and_stays_so(ines: Browser, wall: Wall) -> None:
    wall.forward(minutes=30, seconds=1)
    assert ines.get(TOGETHER).location.startswith("/sign-in")
    ines.get("/sign-in")
    wall.to(STARTS + timedelta(minutes=5))
    assert ines.get(TOGETHER).location.startswith("/sign-in")


def test_twelve_hours_are_the_most_for_it_too(browser: Open, cast: Cast, wall: Wall) -> None:
    session_id = factories.session(cast.couples["ana"], START + timedelta(hours=11, minutes=45))
    ines = turn(browser("ines"), session_id)
    for _ in range(24):
        wall.forward(minutes=30)
        assert ines.get(TOGETHER).status_code == 200
    wall.forward(seconds=1)
    assert ines.get(TOGETHER).location.startswith("/sign-in")


def test_a_session_that_is_called_off_keeps_nothing_awake(
    ines: Browser, cast: Cast, wall: Wall, session_id: UUID
) -> None:
    sessions.cancel(cast.ines, session_id)
    wall.to(STARTS + timedelta(minutes=20))
    assert ines.get(TOGETHER).location.startswith("/sign-in")


def test_a_browser_that_stays_awake_stands_on_the_list_of_ones_own(ines: Browser, browser: Open, wall: Wall) -> None:
    wall.to(STARTS - timedelta(minutes=30))
    ines.get(TOGETHER)
    wall.to(STARTS + timedelta(minutes=45))
    assert browser("ines").get("/coach/account").text.count("/account/devices/") == 1


# --- closing the hour together -------------------------------------------------------------------------------------


@pytest.fixture
def begun(ines: Browser, wall: Wall) -> Browser:
    """The same, with the session begun."""
    wall.to(STARTS - timedelta(minutes=30))
    ines.get(TOGETHER)
    wall.to(STARTS + timedelta(minutes=45))
    return ines


def test_before_it_has_begun_there_is_nothing_to_close(ines: Browser) -> None:
    assert f"{TOGETHER}/close" not in ines.get(TOGETHER).text
    assert ines.get(f"{TOGETHER}/close").location == TOGETHER
    reply = ines.post(f"{TOGETHER}/close", {"agreed_1": "A walk"}, page=LEAVE)
    assert reply.status_code == 422
    assert "This session has not begun yet." in reply.text


def test_the_hour_is_closed_together_and_stands_on_the_screen(begun: Browser, cast: Cast, session_id: UUID) -> None:
    assert f"{TOGETHER}/close" in begun.get(TOGETHER).text
    page = begun.get(f"{TOGETHER}/close").text
    assert "For you alone" not in page
    assert "private_line" not in page
    typed = {"agreed_1": "A walk on Sunday", "next_day": "2026-12-01", "next_time": "18:00", "private_line": SECRET}
    reply = begun.post(f"{TOGETHER}/close", typed, page=f"{TOGETHER}/close")
    assert (reply.status_code, reply.location) == (303, TOGETHER)
    page = begun.get(TOGETHER).text
    assert "Closed. What you agreed stands first on both homes." in page
    assert "A walk on Sunday" in page
    assert "Tuesday 1 December, 18:00" in page
    assert notes.reminders(cast.ines, cast.couples["ana"]) == ()  # a field that is not on the page says nothing
    assert db.session.scalars(select(Session.state).where(Session.id == session_id)).one() == SessionState.HELD
    assert 'value="A walk on Sunday"' in begun.get(f"{TOGETHER}/close").text


def test_homework_is_picked_together_and_given_once_the_screen_is_turned_back(
    begun: Browser, browser: Open, cast: Cast, session_id: UUID
) -> None:
    exercise, title = picked_homework.to_pick_from(cast.ines)[0]
    picked = {
        "homework": str(exercise),
        "homework_day": "2026-11-29",
        "homework_time": "20:00",
        "obstacle": "The phone",
    }
    assert begun.post(f"{TOGETHER}/close", picked, page=f"{TOGETHER}/close").location == TOGETHER
    assert f"<strong>{title}</strong>, Sunday 29 November, 20:00. The phone" in begun.get(TOGETHER).text
    assert title not in browser("ana").get("/my/").text
    assert "What they picked together" not in begun.get(leave(begun).location).text  # who sat there may not have risen
    assert "What they picked together" in begun.get(f"/coach/sessions/{session_id}").text
    given = begun.post(f"/coach/sessions/{session_id}/picked", page="/coach/account")
    assert "Given to both." in begun.get(given.location).text
    for who in ("ana", "ben"):
        home = browser(who).get("/my/").text
        assert title in home
        assert "You picked it together, for Sunday 29 November, 20:00." in home
    assert "What they picked together" not in begun.get(f"/coach/sessions/{session_id}").text


@pytest.mark.parametrize("is_held", [True, False])
def test_what_can_be_picked_and_is_hangs_on_no_hold(begun: Browser, cast: Cast, is_held: bool) -> None:
    if is_held:
        factories.check_in(cast.viewers, cast.couples["ana"], START - timedelta(days=1), ana=Sent({"x1": True}))
    joint = next(entry for entry in programme.library(cast.ines) if entry.audience.is_joint)
    picked = {"homework": str(joint.id), "homework_day": "2026-11-29", "homework_time": "20:00"}
    offered = begun.get(f"{TOGETHER}/close").text.partition("<select")[2].partition("</select>")[0]
    assert offered.count("<option") == len(picked_homework.to_pick_from(cast.ines)) + 1
    assert begun.post(f"{TOGETHER}/close", picked, page=f"{TOGETHER}/close").location == TOGETHER
    assert joint.title in begun.get(TOGETHER).text


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"homework_day": ""}, "homework_day"),
        ({"homework_time": ""}, "homework_time"),
        ({"homework": ""}, "homework"),
        ({"homework": "00000000-0000-0000-0000-000000000000"}, "homework"),
        ({"homework_day": "2026-11-01"}, "homework_day"),
        ({"obstacle": "x" * 501}, "obstacle"),
    ],
)
def test_what_cannot_be_picked_is_said_beside_it_and_nothing_is_kept(
    begun: Browser, cast: Cast, session_id: UUID, changes: dict[str, str], field: str
) -> None:
    exercise, _ = picked_homework.to_pick_from(cast.ines)[0]
    picked = {"homework": str(exercise), "homework_day": "2026-11-29", "homework_time": "20:00", "agreed_1": "A walk"}
    reply = begun.post(f"{TOGETHER}/close", {**picked, **changes}, page=f"{TOGETHER}/close")
    assert reply.status_code == 422
    assert f'href="#{field}"' in reply.text
    db.session.rollback()
    assert picked_homework.picked_or_none(cast.ines, session_id) is None


def test_a_next_session_at_an_hour_at_which_one_comes_alone_tells_nothing(begun: Browser, cast: Cast) -> None:
    at = START.replace(hour=17) + timedelta(days=8)
    factories.session(cast.couples["ana"], at, SessionKind.INDIVIDUAL_A)
    typed = {"next_day": "2026-12-01", "next_time": "18:00"}
    assert begun.post(f"{TOGETHER}/close", typed, page=f"{TOGETHER}/close").location == TOGETHER


# --- one of the two stops meanwhile, on a phone: nothing on the screen may tell the other -------------------------


def stop(cast: Cast) -> None:
    parting.leave(cast.ana, PASSPHRASE, "http://127.0.0.1:8000/coach/", hides=False)


def test_what_lies_before_both_stays_as_it_was_when_one_stops_meanwhile(begun: Browser, cast: Cast) -> None:
    before = {path: still(begun.get(f"{TOGETHER}{path}")) for path in ("", "/close", "/leave")}
    paper = begun.get(f"{TOGETHER}/brief.pdf").status_code
    stop(cast)
    assert {path: still(begun.get(f"{TOGETHER}{path}")) for path in before} == before
    assert begun.get(f"{TOGETHER}/brief.pdf").status_code == paper == 200


@pytest.mark.parametrize("more", [{}, {"next_day": "2026-12-01", "next_time": "18:00"}])
def test_closing_then_is_refused_without_a_word_of_why(begun: Browser, cast: Cast, more: dict[str, object]) -> None:
    stop(cast)
    reply = begun.post(f"{TOGETHER}/close", {"agreed_1": "A walk", **more}, page=f"{TOGETHER}/close")
    assert reply.status_code == 422
    assert "This cannot be kept now. Turn the screen back to go on." in reply.text
    assert "takes part" not in reply.text
    assert 'value="A walk"' in reply.text


def test_after_a_separation_one_can_only_turn_the_screen_back(begun: Browser, cast: Cast) -> None:
    couple_states.act(cast.ines, cast.couples["ana"], CoupleAct.SEPARATE)
    for path in ("", "/brief.pdf"):
        assert begun.get(f"{TOGETHER}{path}").location == LEAVE
    assert begun.get(LEAVE).status_code == 200


def test_the_joint_copy_on_paper_is_the_one_of_the_screen(ines: Browser) -> None:
    reply = ines.get(f"{TOGETHER}/brief.pdf")
    assert (reply.status_code, reply.mimetype) == (200, "application/pdf")
    assert reply.headers["Content-Disposition"] == "inline; filename=joint.pdf"
