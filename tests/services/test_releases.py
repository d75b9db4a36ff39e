"""A private answer goes into a session by its author's word alone, for itself alone, and opens there and not before."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select, update

from portal import clock
from portal.domain.consent import Policy
from portal.domain.disclosure import Disclosure
from portal.domain.errors import Invalid, NotAllowed, NotFound
from portal.domain.parting import CoupleAct
from portal.domain.people import CoupleState
from portal.domain.releases import ReleaseAnswer, Step, step_under
from portal.domain.sessions import SessionKind
from portal.extensions import db
from portal.models.couples import Couple
from portal.models.outbox import OutboxEntry
from portal.models.practices import Practice
from portal.models.releases import ReleaseRequest
from portal.models.responses import Response
from portal.services import (
    consents,
    couple_states,
    exports,
    parting,
    policies,
    releases,
    reviews,
    sealed,
    session_prep,
    sessions,
    settings_of_person,
    shared,
)
from portal.services.released import Asked
from portal.services.sessions import NewSession
from tests.cast import PASSPHRASE, Cast
from tests.conftest import Wall
from tests.given import SECRET, assign, correct, floor, opened, send, task_of

WHY = "May we bring this into the session?"
LINE = "private_line"
LINK = "http://127.0.0.1:8000/coach/"


@pytest.fixture
def task_id(cast: Cast) -> UUID:
    """A form that Ana sent, with a sentence for Ines alone."""
    task = task_of(cast.ana, assign(cast, "one-holds-the-floor"))
    send(cast.ana, task, floor(stopped_afraid="true"))
    return task


def response_of(task_id: UUID) -> Response:
    db.session.rollback()
    return db.session.scalars(select(Response).where(Response.task_id == task_id)).one()


def ask(cast: Cast, task_id: UUID, item_id: str = LINE) -> UUID:
    releases.ask(cast.ines, response_of(task_id).id, item_id, WHY)
    own = (ReleaseRequest.answer.is_(None), ReleaseRequest.withdrawn_at.is_(None))
    return db.session.scalars(select(ReleaseRequest.id).where(ReleaseRequest.item == item_id, *own)).one()


def answer(cast: Cast, task_id: UUID, item_id: str = LINE, *, says_yes: bool = True) -> None:
    releases.answer(cast.ana, task_id, item_id, opened(cast.ana, task_id), says_yes=says_yes)


def read(cast: Cast, task_id: UUID) -> reviews.ReadResponse:
    return reviews.read(cast.ines, response_of(task_id).id)


def readers(cast: Cast, task_id: UUID) -> dict[str, Disclosure]:
    return {answer.item_id: answer.disclosure for answer in read(cast, task_id).form.answers}


def asked_of(cast: Cast, task_id: UUID) -> Asked:
    [one] = read(cast, task_id).asked
    return one


def meet(cast: Cast, wall: Wall, **ahead: float) -> None:
    """A session of both begins, and Ines opens what was marked for it."""
    starts_at = wall.now + timedelta(**(ahead or {"days": 1}))
    session_id = sessions.plan(cast.ines, cast.couples["ana"], NewSession(SessionKind.JOINT, starts_at, 50))
    wall.to(starts_at + timedelta(minutes=5))
    session_prep.open_in_session(cast.ines, session_id)


def ben_reads(cast: Cast) -> set[str]:
    return {str(q.answers[0].answer.value) for form in shared.for_both(cast.ben) for q in form.questions if q.answers}


def test_a_yes_lets_this_one_answer_into_a_session_and_no_other(cast: Cast, wall: Wall, task_id: UUID) -> None:
    before = readers(cast, task_id)
    ask(cast, task_id)
    assert readers(cast, task_id) == before
    answer(cast, task_id)
    assert readers(cast, task_id) == before | {LINE: Disclosure.SESSION}
    assert SECRET not in ben_reads(cast)
    meet(cast, wall)
    assert SECRET in ben_reads(cast)


def test_what_is_released_after_its_form_was_opened_waits_for_a_session_of_its_own(
    cast: Cast, wall: Wall, task_id: UUID
) -> None:
    meet(cast, wall)
    ask(cast, task_id)
    answer(cast, task_id)
    wall.forward(days=2)
    assert SECRET not in ben_reads(cast)
    meet(cast, wall)  # the form was sent before the session before
    assert SECRET in ben_reads(cast)


def test_what_is_released_opens_where_its_session_is_moved_to_and_not_where_it_is_called_off(
    cast: Cast, wall: Wall, task_id: UUID
) -> None:
    ask(cast, task_id)
    answer(cast, task_id)
    starts_at = wall.now + timedelta(days=1)
    session_id = sessions.plan(cast.ines, cast.couples["ana"], NewSession(SessionKind.JOINT, starts_at, 50))
    assert session_prep.open_in_session(cast.ines, session_id) == starts_at
    sessions.move(cast.ines, session_id, starts_at + timedelta(days=3), 50, "")
    wall.to(starts_at + timedelta(minutes=5))
    assert SECRET not in ben_reads(cast)
    sessions.cancel(cast.ines, session_id)
    wall.forward(days=9)
    assert SECRET not in ben_reads(cast)


def test_a_no_is_told_to_the_coach_alone_and_changes_nothing(cast: Cast, wall: Wall, task_id: UUID) -> None:
    before = readers(cast, task_id)
    ask(cast, task_id)
    assert asked_of(cast, task_id).waits
    answer(cast, task_id, says_yes=False)
    assert asked_of(cast, task_id).answer is ReleaseAnswer.NO
    assert readers(cast, task_id) == before
    meet(cast, wall)
    assert SECRET not in ben_reads(cast)


def test_no_mail_goes_out_whatever_is_asked_and_answered(cast: Cast, task_id: UUID) -> None:
    count = select(func.count(OutboxEntry.id))
    before = db.session.scalar(count)
    ask(cast, task_id)
    answer(cast, task_id)
    assert db.session.scalar(count) == before


def test_a_yes_can_be_taken_back_until_it_has_opened(cast: Cast, wall: Wall, task_id: UUID) -> None:
    ask(cast, task_id)
    answer(cast, task_id)
    answer(cast, task_id, says_yes=False)
    assert readers(cast, task_id)[LINE] is Disclosure.COACH
    meet(cast, wall)
    assert SECRET not in ben_reads(cast)
    ask(cast, task_id)
    answer(cast, task_id)
    meet(cast, wall)
    with pytest.raises(NotAllowed, match="request_is_over"):
        answer(cast, task_id, says_yes=False)
    assert SECRET in ben_reads(cast)


def test_who_keeps_an_answer_back_before_the_morning_takes_its_release_back_too(cast: Cast, task_id: UUID) -> None:
    ask(cast, task_id)
    answer(cast, task_id)
    sealed.choose_reader(cast.ana, task_id, LINE, Disclosure.COACH, opened(cast.ana, task_id))
    assert readers(cast, task_id)[LINE] is Disclosure.COACH
    assert asked_of(cast, task_id).answer is ReleaseAnswer.NO


def test_a_correction_of_what_was_released_opens_no_sooner_than_the_session(
    cast: Cast, wall: Wall, task_id: UUID
) -> None:
    ask(cast, task_id)
    answer(cast, task_id)
    correct(cast.ana, task_id, LINE, {LINE: "Something else"})
    wall.forward(days=2)
    assert not {SECRET, "Something else"} & ben_reads(cast)
    meet(cast, wall)
    assert "Something else" in ben_reads(cast)
    assert SECRET not in ben_reads(cast)


def test_a_request_is_asked_once_and_can_be_taken_back(cast: Cast, task_id: UUID) -> None:
    request_id = ask(cast, task_id)
    with pytest.raises(NotAllowed, match="asked_already"):
        ask(cast, task_id)
    releases.withdraw(cast.ines, response_of(task_id).id, request_id)
    with pytest.raises(NotAllowed, match="request_is_over"):
        answer(cast, task_id)
    assert readers(cast, task_id)[LINE] is Disclosure.COACH
    ask(cast, task_id)
    answer(cast, task_id)
    said_yes = select(ReleaseRequest.id).where(ReleaseRequest.answer == ReleaseAnswer.YES)
    response_id, answered = response_of(task_id).id, db.session.scalars(said_yes).one()
    with pytest.raises(NotAllowed, match="answered_already"):
        releases.withdraw(cast.ines, response_id, answered)


def test_an_answer_that_hangs_on_a_private_one_comes_after_it(cast: Cast) -> None:
    task = task_of(cast.ana, assign(cast, "ten-clear-minutes"))
    send(cast.ana, task, {"done": "partly", "barrier": "time"})
    held = {one.item.id: one.hangs_on and one.hangs_on.id for one in releases.offers(read(cast, task))}
    assert held["barrier"] == "done"
    with pytest.raises(NotAllowed, match="hangs_on_private"):
        ask(cast, task, "barrier")
    ask(cast, task, "done")
    answer(cast, task, "done")
    ask(cast, task, "barrier")
    answer(cast, task, "done", says_yes=False)
    with pytest.raises(NotAllowed, match="hangs_on_private"):
        answer(cast, task, "barrier")


def test_what_is_shared_together_is_asked_for_together(cast: Cast, wall: Wall) -> None:
    kept = dict.fromkeys(("b1", "b2", "b3"), "coach")
    task = task_of(cast.ana, assign(cast, "weekly-check-in"))
    send(cast.ana, task, {"b1": "4", "b2": "5", "b3": "6"}, **kept)
    ask(cast, task, "b1")
    assert asked_of(cast, task).items == ("b1", "b2", "b3")
    answer(cast, task, "b1")
    meet(cast, wall)
    assert {"4", "5", "6"} <= ben_reads(cast)


@pytest.mark.parametrize("item_id", ["stopped_afraid", "understood", "felt_heard", "my_accuracy", "nothing"])
def test_what_is_locked_shared_skipped_or_not_there_is_not_asked_for(cast: Cast, task_id: UUID, item_id: str) -> None:
    with pytest.raises(NotAllowed, match="not_offered_for_this_question"):
        ask(cast, task_id, item_id)
    assert item_id not in {offer.item.id for offer in releases.offers(read(cast, task_id))}


@pytest.mark.parametrize(("why", "code"), [("  ", "why_missing"), ("x" * 301, "too_long")])
def test_why_is_one_line(cast: Cast, task_id: UUID, why: str, code: str) -> None:
    with pytest.raises(Invalid, match=code):
        releases.ask(cast.ines, response_of(task_id).id, LINE, why)


def test_each_policy_offers_its_own_step_and_none_shares_by_itself() -> None:
    steps = {policy: step_under(policy) for policy in (*Policy, "another")}
    assert steps == {
        "open": Step.RELEASE,
        "discretion": Step.ASK,
        "confidential": Step.NOTHING,
        "another": Step.NOTHING,
    }


@pytest.fixture
def under(cast: Cast) -> Callable[[Policy], UUID]:
    """A form that was sent under the policy that its author had signed; the practice has another one since."""

    def sent(policy: Policy) -> UUID:
        set_policy(cast, policy)
        task = task_of(cast.ana, assign(cast, "one-holds-the-floor"))
        send(cast.ana, task, floor())
        set_policy(cast, Policy.DISCRETION if policy is not Policy.DISCRETION else Policy.OPEN)
        return task

    return sent


def set_policy(cast: Cast, policy: Policy) -> None:
    """The practice has another policy from now on, and Ana has signed it: else what she signed before would hold."""
    version = db.session.scalars(select(Practice.policy_version).where(Practice.id == cast.ines.practice_id)).one()
    policies.change(cast.ines, policy, version)
    consents.sign(cast.ana, PASSPHRASE, "Ana", consents.own(cast.ana).terms)


def test_what_was_given_in_confidence_is_never_asked_for(cast: Cast, under: Callable[[Policy], UUID]) -> None:
    task = under(Policy.CONFIDENTIAL)
    assert releases.offers(read(cast, task)) == ()
    with pytest.raises(NotAllowed, match="not_under_this_policy"):
        ask(cast, task)
    with pytest.raises(NotAllowed, match="not_under_this_policy"):
        releases.release(cast.ines, response_of(task).id, LINE, is_told=True)


def test_under_discretion_nobody_but_the_author_releases(cast: Cast, under: Callable[[Policy], UUID]) -> None:
    task = under(Policy.DISCRETION)
    with pytest.raises(NotAllowed, match="not_under_this_policy"):
        releases.release(cast.ines, response_of(task).id, LINE, is_told=True)
    assert readers(cast, task)[LINE] is Disclosure.COACH


def test_under_the_open_policy_the_author_is_told_first(
    cast: Cast, wall: Wall, under: Callable[[Policy], UUID]
) -> None:
    task = under(Policy.OPEN)
    response_id = response_of(task).id
    with pytest.raises(Invalid, match="not_told"):
        releases.release(cast.ines, response_id, LINE, is_told=False)
    assert readers(cast, task)[LINE] is Disclosure.COACH
    releases.release(cast.ines, response_id, LINE, is_told=True)
    assert SECRET not in ben_reads(cast)
    meet(cast, wall)
    assert SECRET in ben_reads(cast)


def test_nobody_asks_or_answers_for_what_is_not_theirs(cast: Cast, task_id: UUID) -> None:
    response_id, request_id = response_of(task_id).id, ask(cast, task_id)
    for other in (cast.omar, cast.sol, cast.noor, cast.mira):
        with pytest.raises(NotFound):
            releases.ask(other, response_id, "heat_peak", WHY)
        with pytest.raises(NotFound):
            releases.withdraw(other, response_id, request_id)
    with pytest.raises(NotFound):
        releases.answer(cast.ben, task_id, LINE, "", says_yes=True)
    with pytest.raises(NotAllowed, match="stays_sealed"):
        releases.answer(cast.ana, task_id, LINE, "", says_yes=True)


def test_ones_own_file_lists_what_was_asked_unless_one_chose_never_to_be_shown_it(cast: Cast, task_id: UUID) -> None:
    ask(cast, task_id)
    [one] = exports.own_data(cast.ana, PASSPHRASE).requests
    assert (one.why, one.answer, one.questions) == (WHY, None, ("A line only for Ines",))
    assert exports.own_data(cast.ben, PASSPHRASE).requests == ()
    settings_of_person.change_revealing(cast.ana, PASSPHRASE, never=True)
    assert exports.own_data(cast.ana, PASSPHRASE).requests == ()


def test_who_chose_never_to_be_shown_answers_can_answer_a_request(cast: Cast, task_id: UUID) -> None:
    ask(cast, task_id)
    settings_of_person.change_revealing(cast.ana, PASSPHRASE, never=True)
    answer(cast, task_id)
    assert readers(cast, task_id)[LINE] is Disclosure.SESSION


def test_nothing_is_asked_for_once_the_work_together_has_ended(cast: Cast, task_id: UUID) -> None:
    couple = update(Couple).where(Couple.id == cast.couples["ana"])
    db.session.execute(couple.values(state=CoupleState.SEPARATED, ended_at=clock.now()))
    db.session.commit()
    with pytest.raises(NotAllowed, match="couple_not_together"):
        ask(cast, task_id)


def test_nothing_is_asked_for_a_session_of_both_once_one_of_them_has_left_in_a_pause(cast: Cast, task_id: UUID) -> None:
    couple_states.act(cast.ines, cast.couples["ana"], CoupleAct.PAUSE)
    parting.leave(cast.ben, PASSPHRASE, LINK, hides=False)
    with pytest.raises(NotAllowed, match="couple_not_together"):
        ask(cast, task_id)


def test_who_lets_nothing_more_open_is_asked_no_more(cast: Cast, task_id: UUID) -> None:
    assert releases.offers(read(cast, task_id)) != ()
    ask(cast, task_id)
    parting.end_sharing(cast.ana, PASSPHRASE, hides=False)
    assert not asked_of(cast, task_id).waits
    assert releases.offers(read(cast, task_id)) == ()
    with pytest.raises(NotAllowed, match="request_is_over"):
        answer(cast, task_id)
    with pytest.raises(NotAllowed, match="sharing_has_ended"):
        ask(cast, task_id)
