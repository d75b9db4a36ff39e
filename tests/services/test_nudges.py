"""A nudge goes to one partner alone, once, in the coach's own sentence; the other learns nothing of it."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from portal.domain.assignments import For
from portal.domain.errors import Conflict, Invalid, NotAllowed, NotFound
from portal.domain.parting import CoupleAct
from portal.domain.people import Label
from portal.extensions import db
from portal.models.nudges import Nudge
from portal.services import (
    assignments,
    couple_states,
    couples,
    covers,
    home,
    nudges,
    outbox,
    resets,
    supervision,
)
from tests.cast import Cast, address_of
from tests.conftest import Browser, Wall
from tests.given import assign, floor, send, task_of
from tests.letters import letters, link
from tests.pages import says, still
from tests.weeks import A_WEEK

Open = Callable[[str | None], Browser]
HOME = "http://127.0.0.1:8000/my/"
WORDS = "Ten minutes on the sofa are enough."


@pytest.fixture
def given(cast: Cast) -> UUID:
    return assign(cast, "one-holds-the-floor")


def nudge(cast: Cast, given: UUID, label: Label = Label.A, words: str = WORDS) -> str:
    return nudges.nudge(cast.ines, given, label, words, HOME)


def test_it_stands_above_the_task_on_the_home_of_that_one_alone(browser: Open, cast: Cast, given: UUID) -> None:
    his = still(browser("ben").get("/my/"))
    assert nudge(cast, given) == "Ana"
    assert says(browser("ana").get("/my/"), f"“{WORDS}”")
    assert still(browser("ben").get("/my/")) == his


def test_a_mail_without_words_goes_to_that_one_alone(cast: Cast, given: UUID) -> None:
    for mail in outbox.due():
        outbox.mark_sent(mail)
    nudge(cast, given)
    [mail] = letters(address_of("ana"), "task")
    assert mail.words == {"link": HOME}
    assert letters(address_of("ben"), "task") == []


def test_once_is_enough_and_each_has_their_own(cast: Cast, given: UUID) -> None:
    nudge(cast, given)
    with pytest.raises(Conflict, match="nudged_already"):
        nudge(cast, given)
    assert nudge(cast, given, Label.B, "On Sunday, perhaps") == "Ben"
    written = nudges.of_assignment(cast.ines, given)
    assert {label: one.text for label, one in written.items()} == {Label.A: WORDS, Label.B: "On Sunday, perhaps"}


def test_nobody_is_reminded_of_what_is_sent_or_withdrawn(cast: Cast, given: UUID) -> None:
    send(cast.ana, task_of(cast.ana, given), floor())
    with pytest.raises(NotAllowed, match="nothing_open"):
        nudge(cast, given)
    assignments.withdraw(cast.ines, given)
    with pytest.raises(NotAllowed, match="nothing_open"):
        nudge(cast, given, Label.B)


def test_nobody_is_reminded_of_what_was_not_given_to_them(cast: Cast) -> None:
    for_ana = assign(cast, "three-specifics", given_to=For.A)
    with pytest.raises(NotFound):
        nudge(cast, for_ana, Label.B)


def test_nobody_is_reminded_in_a_pause_or_before_they_have_come_in(cast: Cast, given: UUID) -> None:
    couple_states.act(cast.ines, cast.couples["ana"], CoupleAct.PAUSE)
    with pytest.raises(NotAllowed, match="not_in_this_state"):
        nudge(cast, given)
    with pytest.raises(NotAllowed, match="not_come_in"):
        nudge(cast, assign(cast, "one-holds-the-floor", couple="gil"))


def test_a_mail_that_waits_is_not_sent_once_the_work_has_ended(cast: Cast, given: UUID) -> None:
    nudge(cast, given)
    couple_states.act(cast.ines, cast.couples["ana"], CoupleAct.CLOSE)
    assert letters(address_of("ana"), "task") == []


def test_nobody_is_asked_to_catch_up_with_an_earlier_week(cast: Cast, wall: Wall) -> None:
    first = assign(cast, "weekly-check-in", weekly=True)
    wall.forward(days=7)
    assignments.issue_due()
    with pytest.raises(NotAllowed, match="nothing_open"):
        nudge(cast, first)


def test_a_week_that_is_met_again_because_the_later_one_was_withdrawn_is_reminded_of(cast: Cast, wall: Wall) -> None:
    first = assign(cast, "weekly-check-in", weekly=True)
    wall.forward(days=7)
    assignments.issue_due()
    later, _ = assignments.assignments_of_couple(cast.ines, cast.couples["ana"])
    send(cast.ben, task_of(cast.ben, later.assignment_id), A_WEEK)
    assignments.withdraw(cast.ines, later.assignment_id)
    met = home.home(cast.ana).next
    assert met
    assert met.task_id == task_of(cast.ana, first)
    assert nudge(cast, first) == "Ana"
    with pytest.raises(NotAllowed, match="nothing_open"):
        nudge(cast, first, Label.B)


def test_it_is_said_who_wrote_it(browser: Open, cast: Cast, given: UUID, wall: Wall) -> None:
    today = wall.now.date()
    covers.arrange(cast.ines, cast.ines.person_id, cast.omar.person_id, today, today + timedelta(days=1))
    nudges.nudge(cast.omar, given, Label.A, WORDS, HOME)
    assert says(browser("ana").get("/my/"), "From Omar")
    assert says(browser("ines").get(f"/coach/assignments/{given}"), "Omar reminded Ana on 23 November")


def test_nobody_else_reminds(cast: Cast, given: UUID) -> None:
    supervision.begin(cast.ines, cast.couples["ana"], cast.noor.person_id, HOME)
    for viewer in (cast.omar, cast.noor, cast.mira, cast.sol, cast.ana, cast.ben):
        with pytest.raises(NotFound):
            nudges.nudge(viewer, given, Label.A, WORDS, HOME)


@pytest.mark.parametrize(("typed", "code"), [("  ", "line_missing"), ("z" * 301, "too_long")])
def test_what_is_no_sentence_is_refused(cast: Cast, given: UUID, typed: str, code: str) -> None:
    with pytest.raises(Invalid, match=code):
        nudge(cast, given, words=typed)


def test_it_goes_from_home_with_the_task(cast: Cast, given: UUID) -> None:
    nudge(cast, given)
    send(cast.ana, task_of(cast.ana, given), floor())
    assert [line.nudge for line in home.home(cast.ana).sent] == [None]


def test_it_is_closed_after_a_reset_by_mail_until_the_coach_vouches(browser: Open, cast: Cast, given: UUID) -> None:
    nudge(cast, given)
    assert [line.nudge for line in (home.home(cast.ana).next,) if line] == [WORDS]
    browser(None).post("/reset", {"email": address_of("ana")}, page="/reset")
    token = link(address_of("ana"), "reset").rsplit("/", 1)[1]
    resets.reset_passphrase(token, "orange ladder quiet harbour")
    assert [line.nudge for line in (home.home(cast.ana).next,) if line] == [None]
    [ana] = [one for one in couples.couple(cast.ines, cast.couples["ana"]).partners if one.needs_vouching]
    couples.vouch(cast.ines, cast.couples["ana"], ana.person_id, ana.reset or "")
    assert [line.nudge for line in (home.home(cast.ana).next,) if line] == [WORDS]


def test_the_sentence_does_not_lie_in_the_clear(cast: Cast, given: UUID) -> None:
    nudge(cast, given)
    assert WORDS.encode() not in db.session.scalars(select(Nudge.text)).one()


def test_the_coach_writes_it_on_the_page_of_the_assignment(browser: Open, cast: Cast, given: UUID) -> None:
    ines, page = browser("ines"), f"/coach/assignments/{given}"
    assert "Remind Ana" in ines.get(page).text
    reply = ines.post(f"{page}/nudge", {"to": "B", "b-text": ""})
    assert reply.status_code == 422
    assert 'href="#b-text"' in reply.text
    assert ines.post(f"{page}/nudge", {"to": "B", "b-text": WORDS}).location == page
    shown = ines.get(page)
    assert says(shown, "Sent to Ben alone.")
    assert says(shown, "Ines reminded Ben on 23 November")
    assert "Remind Ben" not in shown.text
    ines.post(f"{page}/nudge", {"to": "B", "b-text": WORDS})
    assert says(ines.get(page), "once is enough")
