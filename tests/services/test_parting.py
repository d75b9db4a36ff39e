"""One partner leaves alone: at once, without a sign to the other, and coming back goes through the coach."""

from contextlib import suppress
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, update

from portal.domain.assignments import For, TaskState
from portal.domain.disclosure import Disclosure
from portal.domain.errors import Invalid, NotAllowed, NotFound
from portal.domain.parting import CoupleAct
from portal.domain.people import CoupleState, Label, Viewer
from portal.domain.sessions import SessionKind, SessionState
from portal.extensions import db
from portal.models.assignments import Assignment, Task
from portal.models.consents import Consent
from portal.models.couples import Couple
from portal.models.responses import Draft, ParkedText, Response
from portal.models.sessions import Session
from portal.models.users import Person
from portal.services import (
    accounts,
    authorisations,
    closing,
    consents,
    correcting,
    couple_states,
    entering,
    home,
    outbox,
    parked,
    parting,
    records,
    repeating,
    responses,
    sealed,
    session_prep,
    sessions,
    shared,
)
from portal.services.closing import Closing
from portal.services.drafts import Typed
from portal.services.sessions import NewSession
from tests.cast import PASSPHRASE, Cast, address_of
from tests.conftest import Wall
from tests.given import OPEN, assign, floor, opened, send, task_of

LINK = "http://127.0.0.1:8000/coach/"
MORNING = timedelta(hours=13)


def leave(viewer: Viewer, *, hides: bool = False) -> None:
    parting.leave(viewer, PASSPHRASE, LINK, hides=hides)


def end_sharing(viewer: Viewer, *, hides: bool = False) -> None:
    parting.end_sharing(viewer, PASSPHRASE, hides=hides)


def state(cast: Cast) -> str:
    db.session.rollback()
    return db.session.scalars(select(Couple.state).where(Couple.id == cast.couples["ana"])).one()


def sent(cast: Cast, *viewers: Viewer) -> UUID:
    given = assign(cast, "one-holds-the-floor")
    for viewer in viewers:
        send(viewer, task_of(viewer, given), floor())
    return given


def read_by(viewer: Viewer) -> set[str]:
    """Whose answers stand on somebody's shared page."""
    return {a.name for form in shared.for_both(viewer) for question in form.questions for a in question.answers}


def mails_to(name: str) -> list[str]:
    db.session.rollback()
    keys = [mail.dedupe_key.partition(":")[0] for mail in outbox.due() if mail.address == address_of(name)]
    return [key for key in keys if key != "invitation"]


def plan(cast: Cast, kind: SessionKind = SessionKind.JOINT, days: int = 2) -> UUID:
    starts_at = repeating.clock.now() + timedelta(days=days)
    return sessions.plan(cast.ines, cast.couples["ana"], NewSession(kind, starts_at, 50))


# what becomes of what is sent


def test_what_waits_for_the_morning_does_not_open_any_more(cast: Cast, wall: Wall) -> None:
    sent(cast, cast.ana, cast.ben)
    leave(cast.ana)
    wall.forward(days=2)
    assert "Ana" not in read_by(cast.ben)


def test_what_waits_for_the_other_does_not_open_when_the_other_sends(cast: Cast, wall: Wall) -> None:
    given = sent(cast, cast.ana)
    wall.forward(days=2)
    leave(cast.ana)
    send(cast.ben, task_of(cast.ben, given), floor())
    wall.forward(days=2)
    assert "Ana" not in read_by(cast.ben)


def test_what_was_read_stays_and_hiding_it_is_a_choice_of_its_own(cast: Cast, wall: Wall) -> None:
    sent(cast, cast.ana, cast.ben)
    wall.forward(days=1)
    assert read_by(cast.ben) == {"Ana", "Ben"}
    assert [one.title for one in parting.read_by_other(cast.ana)] == ["One holds the floor"]
    leave(cast.ana)
    assert read_by(cast.ben) == {"Ana", "Ben"}
    leave(cast.ana, hides=True)
    assert read_by(cast.ben) == set()  # his own line stood beside hers alone
    assert parting.read_by_other(cast.ana) == ()


def test_the_opening_minute_itself_is_too_late_to_open(cast: Cast, wall: Wall) -> None:
    sent(cast, cast.ana, cast.ben)
    opens_at = db.session.scalars(select(Response.opens_at).where(Response.person_id == cast.ana.person_id)).one()
    wall.to(opens_at)
    leave(cast.ana)
    assert "Ana" not in read_by(cast.ben)


def test_a_correction_that_waits_is_never_met(cast: Cast, wall: Wall) -> None:
    given = sent(cast, cast.ana, cast.ben)
    wall.forward(days=1)
    task_id = task_of(cast.ana, given)
    correcting.correct(cast.ana, task_id, "understood", {"understood": "Something else"}, opened(cast.ana, task_id))
    leave(cast.ana)
    wall.forward(days=3)
    assert said_by(cast.ben, "Ana") == {OPEN}


def said_by(viewer: Viewer, name: str) -> set[object]:
    answers = (a for form in shared.for_both(viewer) for question in form.questions for a in question.answers)
    return {
        a.answer.value
        for a in answers
        if a.name == name and isinstance(a.answer.value, str) and len(a.answer.value) > 9
    }


def test_without_leaving_what_was_sent_is_kept_and_what_is_sent_later_opens(cast: Cast, wall: Wall) -> None:
    first = sent(cast, cast.ana, cast.ben)
    end_sharing(cast.ana)
    assert state(cast) == CoupleState.ACTIVE
    wall.forward(days=2)
    assert "Ana" not in read_by(cast.ben)
    task_id = task_of(cast.ana, first)
    token = opened(cast.ana, task_id)
    with pytest.raises(NotAllowed):
        sealed.open_now(cast.ana, task_id, token)
    with pytest.raises(NotAllowed):
        sealed.choose_reader(cast.ana, task_id, "understood", Disclosure.SHARED, token)
    later = assign(cast, "ten-clear-minutes")
    for viewer in (cast.ana, cast.ben):
        send(viewer, task_of(viewer, later), {"done": "done", "best_moment": OPEN})
    wall.forward(days=1)
    assert "Ana" in read_by(cast.ben)


def test_what_is_meant_for_a_session_does_not_open_in_it(cast: Cast, wall: Wall) -> None:
    session_id = plan(cast)
    given = sent(cast, cast.ana)
    session_prep.open_in_session(cast.ines, session_id)
    leave(cast.ana)
    wall.forward(days=3)
    mine = db.session.scalars(select(Response).where(Response.task_id == task_of(cast.ana, given))).one()
    assert mine.session_opened_at is not None
    assert mine.sharing_ended_at is not None
    assert mine.session_opened_at > mine.sharing_ended_at
    assert "Ana" not in read_by(cast.ben)


# what becomes of who left


def test_own_tasks_and_drafts_go_and_the_others_stay(cast: Cast) -> None:
    given = assign(cast, "one-holds-the-floor")
    for viewer in (cast.ana, cast.ben):
        responses.save_draft(viewer, task_of(viewer, given), Typed({"understood": "half a thou"}, {}), 0)
    before = home.home(cast.ben)
    leave(cast.ana)
    assert home.home(cast.ana).next is None
    assert home.home(cast.ben) == before
    assert db.session.scalars(select(Draft.person_id)).all() == [cast.ben.person_id]
    assert db.session.scalars(select(Assignment.withdrawn_at).where(Assignment.id == given)).one() is None
    with pytest.raises(NotFound):
        responses.open_for(cast.ana, task_of(cast.ana, given))
    send(cast.ben, task_of(cast.ben, given), floor())


def test_the_consent_is_taken_back_and_the_coach_is_told_by_a_mail_that_says_nothing(cast: Cast) -> None:
    leave(cast.ana)
    consents = db.session.execute(select(Consent.person_id, Consent.withdrawn_at)).all()
    gone = {row.person_id for row in consents if row.withdrawn_at is not None}
    assert gone == {cast.ana.person_id}
    assert state(cast) == CoupleState.WITHDRAWN
    assert mails_to("ines") == ["left"]
    [mail] = [mail for mail in outbox.due() if mail.dedupe_key.startswith("left:")]
    assert (mail.message, mail.words) == ("task", {"link": LINK})


def test_a_second_time_changes_nothing_and_tells_nobody(cast: Cast, wall: Wall) -> None:
    leave(cast.ana)
    left_at = couple_states.stands(cast.ines, cast.couples["ana"]).partners[0].left_at
    wall.forward(days=1)
    leave(cast.ana)
    assert couple_states.stands(cast.ines, cast.couples["ana"]).partners[0].left_at == left_at
    assert mails_to("ines") == ["left"]


def test_mails_of_tasks_stop_for_who_left_and_for_nobody_else(cast: Cast, wall: Wall) -> None:
    assign(cast, "weekly-check-in", weekly=True)
    leave(cast.ana)
    assert mails_to("ana") == []
    assert mails_to("ben") == ["task"]
    wall.forward(days=7)
    assert repeating.issue_due(LINK) == 1
    assert mails_to("ana") == []
    assert mails_to("ben") == ["task", "task"]


def test_the_other_goes_on_each_week_and_what_they_share_waits(cast: Cast, wall: Wall) -> None:
    first = assign(cast, "weekly-check-in", weekly=True)
    leave(cast.ana)
    wall.forward(days=7)
    repeating.issue_due(LINK)
    newest = db.session.scalars(select(Assignment.id).where(Assignment.id != first)).one()
    copies = {
        task.person_id: task.state for task in db.session.scalars(select(Task).where(Task.assignment_id == newest))
    }
    assert copies == {cast.ana.person_id: TaskState.WITHDRAWN, cast.ben.person_id: TaskState.ASSIGNED}
    send(cast.ben, task_of(cast.ben, newest), {"s1": "4", "b1": "6"})
    wall.forward(days=2)
    assert read_by(cast.ben) == set()


def test_who_left_meets_what_was_open_then_and_nothing_later(cast: Cast, wall: Wall) -> None:
    given = assign(cast, "weekly-check-in")
    leave(cast.ana)
    send(cast.ben, task_of(cast.ben, given), {"s1": "4", "t1": "The walk"})
    wall.forward(days=2)
    assert read_by(cast.ben) == {"Ben"}
    assert read_by(cast.ana) == set()


def test_what_one_had_agreed_to_let_out_of_the_practice_stays_in_it(cast: Cast) -> None:
    """The page says so before it is pressed: what one agreed to counts as taken back. The other's word stands."""
    couple_id = cast.couples["ana"]
    authorisations.ask(cast.ines, couple_id, "Their new coach", LINK)
    for viewer in (cast.ana, cast.ben):
        authorisations.own(viewer, PASSPHRASE, True)
    leave(cast.ana)
    standing = authorisations.requested_or_none(cast.ines, couple_id)
    assert standing is not None
    assert [answer.agrees for answer in standing.answers] == [False, True]
    with pytest.raises(NotAllowed, match="both_have_not_agreed"):
        records.joint_record(cast.ines, couple_id, PASSPHRASE)
    authorisations.own(cast.ana, PASSPHRASE, True)  # who has left may still let it go
    assert records.joint_record(cast.ines, couple_id, PASSPHRASE).purpose == "Their new coach"


def test_it_needs_the_pass_phrase_and_a_partner(cast: Cast) -> None:
    with pytest.raises(Invalid):
        parting.leave(cast.ana, "not this", LINK, hides=False)
    with pytest.raises(Invalid):
        parting.end_sharing(cast.ana, "", hides=True)
    with pytest.raises(NotFound):
        leave(cast.ines)
    assert state(cast) == CoupleState.ACTIVE


def test_after_a_reset_by_mail_it_waits_for_the_coach(cast: Cast, wall: Wall) -> None:
    db.session.execute(update(Person).where(Person.id == cast.ana.person_id).values(reset_at=wall.now))
    db.session.commit()
    with pytest.raises(Invalid) as refusal:
        leave(cast.ana)
    assert refusal.value.code == "stays_sealed"


# what the coach can and cannot do then


def test_nothing_new_for_both_from_that_moment(cast: Cast, wall: Wall) -> None:
    earlier, ahead = plan(cast, days=1), plan(cast, days=2)
    leave(cast.ana)
    for given_to in (For.BOTH, For.JOINT):
        with pytest.raises(Invalid) as refusal:
            assign(cast, "one-holds-the-floor", given_to=given_to)
        assert refusal.value.code == "not_for_both_now"
    wall.forward(days=1, hours=1)
    for session_id in (earlier, ahead):
        with pytest.raises(NotAllowed):
            session_prep.joint_brief(cast.ines, session_id)
        with pytest.raises(NotAllowed):
            session_prep.open_in_session(cast.ines, session_id)
    with pytest.raises(NotAllowed):
        closing.close(cast.ines, earlier, Closing(agreed=("A walk",)))
    with pytest.raises(NotAllowed):
        session_prep.for_operator(earlier, joint=True)
    session_prep.coach_brief(cast.ines, earlier)


def test_what_is_alone_goes_to_who_is_here_and_not_to_who_left(cast: Cast) -> None:
    leave(cast.ana)
    with pytest.raises(Invalid) as refusal:
        assign(cast, "rewrite-the-opening", given_to=For.A)
    assert refusal.value.code == "takes_part_no_more"
    assign(cast, "rewrite-the-opening", given_to=For.B)
    assert home.home(cast.ben).next is not None


# coming back


def ask_anew(cast: Cast, viewer: Viewer) -> None:
    couple_states.ask_anew(cast.ines, cast.couples["ana"], viewer.person_id, "http://127.0.0.1:8000/my/")


def agree_anew(viewer: Viewer) -> None:
    parting.agree_anew(viewer, PASSPHRASE, "A name", consents.own(viewer).terms, LINK)


def test_who_left_comes_back_once_the_coach_asked_and_they_agreed_anew(cast: Cast, wall: Wall) -> None:
    sent(cast, cast.ana, cast.ben)
    leave(cast.ana)
    with pytest.raises(NotAllowed):
        agree_anew(cast.ana)
    wall.forward(days=1)
    ask_anew(cast, cast.ana)
    assert mails_to("ana") == ["anew"]
    assert parting.is_asked_anew(cast.ana)
    assert state(cast) == CoupleState.WITHDRAWN
    agree_anew(cast.ana)
    assert state(cast) == CoupleState.ACTIVE
    standing = select(Consent.given_at).where(Consent.person_id == cast.ana.person_id, Consent.withdrawn_at.is_(None))
    assert db.session.scalars(standing).all() == [wall.now]
    assert not parting.is_asked_anew(cast.ana)
    given = assign(cast, "ten-clear-minutes")
    responses.open_for(cast.ana, task_of(cast.ana, given))
    assert "Ana" not in read_by(cast.ben)  # what was let go of stays so


def test_nobody_is_asked_anew_who_takes_part(cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        ask_anew(cast, cast.ben)
    with pytest.raises(NotFound):
        couple_states.ask_anew(cast.omar, cast.couples["ana"], cast.ana.person_id, LINK)


def test_while_the_other_is_gone_too_it_stays_withdrawn(cast: Cast) -> None:
    leave(cast.ana)
    leave(cast.ben)
    ask_anew(cast, cast.ana)
    agree_anew(cast.ana)
    assert state(cast) == CoupleState.WITHDRAWN


# the coach's acts


def act(cast: Cast, wanted: CoupleAct) -> None:
    couple_states.act(cast.ines, cast.couples["ana"], wanted)


def test_in_a_pause_no_weekly_form_is_made_and_what_is_open_can_be_sent(cast: Cast, wall: Wall) -> None:
    given = assign(cast, "weekly-check-in", weekly=True)
    act(cast, CoupleAct.PAUSE)
    wall.forward(days=7)
    assert repeating.issue_due(LINK) == 0
    send(cast.ana, task_of(cast.ana, given), {"s1": "4"})
    act(cast, CoupleAct.RESUME)
    assert repeating.issue_due(LINK) == 1


def test_a_pause_hides_from_the_other_that_somebody_left_in_it(cast: Cast) -> None:
    act(cast, CoupleAct.PAUSE)
    leave(cast.ana)
    assert state(cast) == CoupleState.PAUSED
    act(cast, CoupleAct.RESUME)
    assert state(cast) == CoupleState.WITHDRAWN


def test_a_separation_ends_what_was_for_both_and_lets_nothing_open(cast: Cast, wall: Wall) -> None:
    sent(cast, cast.ana, cast.ben)
    assign(cast, "weekly-check-in", weekly=True)
    joint, alone = plan(cast), plan(cast, SessionKind.INDIVIDUAL_B, days=3)
    act(cast, CoupleAct.SEPARATE)
    wall.forward(days=8)
    assert read_by(cast.ana) == read_by(cast.ben) == set()
    assert home.home(cast.ben).next is None
    assert repeating.issue_due(LINK) == 0
    states = {row.id: row.state for row in db.session.scalars(select(Session))}
    assert (states[joint], states[alone]) == (SessionState.CANCELLED, SessionState.PLANNED)
    with pytest.raises(NotAllowed):
        session_prep.joint_brief(cast.ines, joint)
    with pytest.raises(Invalid):
        assign(cast, "rewrite-the-opening", given_to=For.B)


def test_what_was_to_open_in_a_session_that_the_end_calls_off_does_not_open(cast: Cast, wall: Wall) -> None:
    joint = plan(cast)
    send(cast.ana, task_of(cast.ana, assign(cast, "one-holds-the-floor")), floor(), understood="session")
    session_prep.open_in_session(cast.ines, joint)
    act(cast, CoupleAct.CLOSE)
    wall.forward(days=3)
    assert db.session.scalars(select(Session.state).where(Session.id == joint)).one() == SessionState.CANCELLED
    assert db.session.scalars(select(Response.session_opened_at)).all() == [None]


def test_with_the_work_goes_what_was_being_typed_when_a_session_ran_out(cast: Cast, wall: Wall) -> None:
    task_id = task_of(cast.ana, assign(cast, "one-holds-the-floor"))
    token = accounts.sign_in(address_of("ana"), PASSPHRASE, None) or ""
    wall.forward(minutes=11)
    parked.park(token, task_id, lambda _: Typed({"understood": "half a sen"}, {}), 0)
    assert db.session.scalars(select(ParkedText.task_id)).all() == [task_id]
    act(cast, CoupleAct.CLOSE)
    assert db.session.scalars(select(ParkedText.task_id)).all() == []


def test_one_goes_on_alone_with_fresh_consent_and_shares_with_nobody(cast: Cast, wall: Wall) -> None:
    act(cast, CoupleAct.SEPARATE)
    wall.forward(days=1)
    ask_anew(cast, cast.ben)
    agree_anew(cast.ben)
    assert couple_states.stands(cast.ines, cast.couples["ana"]).partners[1].goes_on_alone
    given = assign(cast, "rewrite-the-opening", given_to=For.B)
    everything = {item.id: "shared" for item in responses.open_for(cast.ben, task_of(cast.ben, given)).items}
    send(cast.ben, task_of(cast.ben, given), {"done": "done"}, **everything)
    wall.forward(days=2)
    assert read_by(cast.ana) == read_by(cast.ben) == set()
    with pytest.raises(Invalid):
        assign(cast, "rewrite-the-opening", given_to=For.A)


def test_a_sheet_that_is_typed_in_after_a_separation_opens_to_nobody_either(cast: Cast, wall: Wall) -> None:
    act(cast, CoupleAct.SEPARATE)
    wall.forward(days=1)
    ask_anew(cast, cast.ben)
    agree_anew(cast.ben)
    given = assign(cast, "my-listening-habits", given_to=For.B)
    entering.enter(cast.ines, given, Label.B, {"watch_next": "Asking first"}, "one sheet")
    task_id = task_of(cast.ben, given)
    with suppress(NotAllowed):
        sealed.choose_reader(cast.ben, task_id, "watch_next", Disclosure.SHARED, opened(cast.ben, task_id, "ben"))
    wall.forward(days=1)
    assert read_by(cast.ana) == read_by(cast.ben) == set()
    assert db.session.scalars(select(Response.sharing_ended_at)).all() != [None]


def test_it_is_reopened_once_both_have_agreed_anew(cast: Cast, wall: Wall) -> None:
    act(cast, CoupleAct.CLOSE)
    wall.forward(days=2)
    with pytest.raises(NotAllowed):
        act(cast, CoupleAct.REOPEN)
    for viewer in (cast.ana, cast.ben):
        ask_anew(cast, viewer)
        agree_anew(viewer)
    act(cast, CoupleAct.REOPEN)
    couple = db.session.scalars(select(Couple).where(Couple.id == cast.couples["ana"])).one()
    assert (couple.state, couple.ended_at) == (CoupleState.ACTIVE, None)
    assign(cast, "one-holds-the-floor")


def test_only_who_acts_for_a_couple_changes_its_state(cast: Cast) -> None:
    for stranger in (cast.omar, cast.sol, cast.ana):
        with pytest.raises(NotFound):
            couple_states.act(stranger, cast.couples["ana"], CoupleAct.PAUSE)
    with pytest.raises(NotAllowed):
        act(cast, CoupleAct.LEAVE)
