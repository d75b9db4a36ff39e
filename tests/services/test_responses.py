"""What a partner types is kept, sent once, and read by nobody but those its author chose."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, text

from portal.domain.assignments import For
from portal.domain.disclosure import Disclosure
from portal.domain.errors import Conflict, Invalid, NotAllowed, NotFound
from portal.domain.sessions import SessionKind
from portal.extensions import db
from portal.models.assignments import Assignment
from portal.models.couples import Caseload
from portal.models.safety import Signal
from portal.services import (
    assignments,
    home,
    repeating,
    responses,
    reviews,
    sealed,
    sending,
    sent_forms,
    session_prep,
    sessions,
    shared,
)
from portal.services.drafts import Turn, Typed
from portal.services.sessions import NewSession
from tests.cast import PASSPHRASE, Cast
from tests.conftest import Wall
from tests.given import OPEN, SECRET, assign, floor, send, task_of

BERLIN = ZoneInfo("Europe/Berlin")


def test_a_draft_is_kept_and_numbered(cast: Cast) -> None:
    task_id = task_of(cast.ana, assign(cast, "one-holds-the-floor"))
    first = responses.save_draft(cast.ana, task_id, Typed({"understood": "half a thou"}, {}), 0)
    assert (first.version, first.typed.raw["understood"]) == (1, "half a thou")
    assert responses.open_for(cast.ana, task_id).typed.raw == {"understood": "half a thou"}


def test_a_stale_save_is_refused_and_the_newer_draft_stays(cast: Cast) -> None:
    task_id = task_of(cast.ana, assign(cast, "one-holds-the-floor"))
    responses.save_draft(cast.ana, task_id, Typed({"understood": "on the phone"}, {}), 0)
    with pytest.raises(Conflict) as refusal:
        responses.save_draft(cast.ana, task_id, Typed({"understood": "on the laptop"}, {}), 0)
    assert refusal.value.code == "stale_draft"
    assert responses.open_for(cast.ana, task_id).typed.raw["understood"] == "on the phone"


def test_the_same_text_again_is_no_conflict_for_the_page_may_have_saved_itself_meanwhile(cast: Cast) -> None:
    task_id = task_of(cast.ana, assign(cast, "one-holds-the-floor"))
    typed = Typed({"understood": "once"}, {"understood": "coach"})
    responses.save_draft(cast.ana, task_id, typed, 0)
    assert responses.save_draft(cast.ana, task_id, typed, 0).version == 2


def test_two_saves_of_one_page_may_arrive_in_either_order_and_the_later_stays(cast: Cast) -> None:
    task_id = task_of(cast.ana, assign(cast, "one-holds-the-floor"))
    first, second = Typed({"understood": "half"}, {}), Typed({"understood": "all", "stopped_afraid": "true"}, {})
    responses.save_draft(cast.ana, task_id, second, 0, turn=Turn("page", 2))
    late = responses.save_draft(cast.ana, task_id, first, 0, turn=Turn("page", 1))
    assert (late.typed.raw, late.version) == (second.raw, 1)
    again = responses.save_draft(cast.ana, task_id, first, 0, turn=Turn("page", 3))
    assert again.typed.raw["understood"] == "half"


def test_a_page_is_refused_when_another_saved_after_it(cast: Cast) -> None:
    task_id = task_of(cast.ana, assign(cast, "one-holds-the-floor"))
    responses.save_draft(cast.ana, task_id, Typed({"understood": "here"}, {}), 0, turn=Turn("here", 1))
    responses.save_draft(cast.ana, task_id, Typed({"understood": "there"}, {}), 1, turn=Turn("there", 1))
    with pytest.raises(Conflict):
        responses.save_draft(cast.ana, task_id, Typed({"understood": "here, more"}, {}), 1, turn=Turn("here", 2))
    assert responses.open_for(cast.ana, task_id).typed.raw["understood"] == "there"


@pytest.mark.parametrize("guess", ["true", "false", ""])
def test_an_old_page_cannot_be_used_to_guess_at_private_answers(cast: Cast, guess: str) -> None:
    task_id = task_of(cast.ana, assign(cast, "one-holds-the-floor"))
    responses.save_draft(cast.ana, task_id, Typed({"understood": "once", "stopped_afraid": "true"}, {}), 0)
    with pytest.raises(Conflict) as refusal:
        responses.save_draft(cast.ana, task_id, Typed({"understood": "once", "stopped_afraid": guess}, {}), 77)
    assert refusal.value.code == "stale_draft"


def test_private_answers_stay_in_the_draft_when_a_page_does_not_carry_them(cast: Cast) -> None:
    task_id = task_of(cast.ana, assign(cast, "one-holds-the-floor"))
    responses.save_draft(cast.ana, task_id, Typed({"stopped_afraid": "true"}, {}), 0)
    kept = responses.save_draft(cast.ana, task_id, Typed({"understood": "more"}, {}), 1)
    assert kept.typed.raw["stopped_afraid"] == "true"
    cleared = responses.save_draft(cast.ana, task_id, Typed({"understood": "more"}, {}), 2, clears_locked=True)
    assert "stopped_afraid" not in cleared.typed.raw


def test_the_same_key_sends_once_and_another_is_refused(cast: Cast) -> None:
    task_id = task_of(cast.ana, assign(cast, "one-holds-the-floor"))
    send(cast.ana, task_id, floor())
    sending.submit(cast.ana, task_id, 1, "key")
    with pytest.raises(Conflict):
        sending.submit(cast.ana, task_id, 1, "another")
    assert len(sent_forms.of_couple(cast.ines, cast.couples["ana"])) == 1


def test_a_draft_that_changed_since_it_was_looked_over_is_not_sent(cast: Cast) -> None:
    task_id = task_of(cast.ana, assign(cast, "one-holds-the-floor"))
    responses.save_draft(cast.ana, task_id, Typed(floor(), {}), 0)
    responses.save_draft(cast.ana, task_id, Typed(floor(understood="changed"), {}), 1)
    with pytest.raises(Conflict) as refusal:
        sending.submit(cast.ana, task_id, 1, "key")
    assert refusal.value.code == "stale_draft"


def test_what_cannot_be_taken_is_named_and_stays_in_the_draft(cast: Cast) -> None:
    task_id = task_of(cast.ana, assign(cast, "ten-clear-minutes"))
    responses.save_draft(cast.ana, task_id, Typed({"done": "done", "days_done": "9"}, {}), 0)
    with pytest.raises(Invalid) as refusal:
        sending.submit(cast.ana, task_id, 1, "key")
    assert set(refusal.value.params["refusals"]) == {"days_done"}  # type: ignore[call-overload]
    assert responses.open_for(cast.ana, task_id).typed.raw["days_done"] == "9"


def test_nobody_opens_the_task_of_another(cast: Cast) -> None:
    task_id = task_of(cast.ana, assign(cast, "one-holds-the-floor"))
    for stranger in (cast.ben, cast.eva, cast.ines, cast.omar):
        with pytest.raises(NotFound):
            responses.open_for(stranger, task_id)


def test_shared_answers_open_to_both_at_eight_on_the_morning_after_both_have_sent(cast: Cast, wall: Wall) -> None:
    given = assign(cast, "one-holds-the-floor")
    send(cast.ana, task_of(cast.ana, given), floor())
    wall.forward(days=1)
    assert shared.for_both(cast.ben) == ()
    send(cast.ben, task_of(cast.ben, given), floor(understood="That she is tired, not cross"))
    wall.to(datetime(2026, 11, 25, 7, 59, 59, tzinfo=BERLIN))
    assert shared.for_both(cast.ben) == shared.for_both(cast.ana) == ()
    wall.to(datetime(2026, 11, 25, 8, 0, tzinfo=BERLIN))
    opened = shared.for_both(cast.ben)
    assert opened == shared.for_both(cast.ana)
    assert [[a.answer.value for a in q.answers] for form in opened for q in form.questions] == [
        [OPEN, "That she is tired, not cross"]
    ]


def test_an_answer_kept_back_by_its_author_never_opens(cast: Cast, wall: Wall) -> None:
    given = assign(cast, "one-holds-the-floor")
    send(cast.ana, task_of(cast.ana, given), floor(), understood="coach")
    send(cast.ben, task_of(cast.ben, given), floor(understood=""))
    wall.forward(days=30)
    assert shared.for_both(cast.ben) == ()


def test_appreciations_do_not_wait_for_the_other(cast: Cast, wall: Wall) -> None:
    given = assign(cast, "weekly-check-in")
    send(cast.ana, task_of(cast.ana, given), {"t1": "The tea on Tuesday", "t2": SECRET, "b1": "8"})
    wall.to(datetime(2026, 11, 24, 8, 0, tzinfo=BERLIN))
    values = [a.answer.value for form in shared.for_both(cast.ben) for q in form.questions for a in q.answers]
    assert values == ["The tea on Tuesday"]


def test_what_was_sent_is_sealed_until_the_pass_phrase_and_locked_answers_for_ever(cast: Cast, app, wall: Wall) -> None:  # type: ignore[no-untyped-def]
    task_id = task_of(cast.ana, assign(cast, "one-holds-the-floor"))
    send(cast.ana, task_id, floor(stopped_afraid="true"))
    from_browser = _web_session("ana")
    assert sealed.sent_task(cast.ana, task_id, from_browser).answers is None
    with pytest.raises(Invalid):
        sealed.unseal(cast.ana, task_id, "not the pass phrase", from_browser)
    sealed.unseal(cast.ana, task_id, PASSPHRASE, from_browser)
    found = sealed.sent_task(cast.ana, task_id, from_browser)
    assert SECRET in {a.answer.value for a in found.answers or ()}
    assert "stopped_afraid" not in {a.item.id for a in found.answers or ()}
    wall.forward(minutes=5)
    assert sealed.sent_task(cast.ana, task_id, from_browser).answers is None


def _web_session(name: str) -> str:
    from_browser = sealed.accounts.sign_in(f"{name}@home.example", PASSPHRASE, None)
    assert from_browser
    return from_browser


def test_a_disclosure_changes_until_eight_after_the_own_sending_whatever_the_other_did(cast: Cast, wall: Wall) -> None:
    given = assign(cast, "one-holds-the-floor")
    task_id = task_of(cast.ana, given)
    send(cast.ana, task_id, floor())
    send(cast.ben, task_of(cast.ben, given), floor())
    token = _web_session("ana")
    sealed.unseal(cast.ana, task_id, PASSPHRASE, token)
    sealed.choose_reader(cast.ana, task_id, "understood", Disclosure.COACH, token)
    sealed.choose_reader(cast.ana, task_id, "understood", Disclosure.SHARED, token)
    with pytest.raises(NotAllowed):
        sealed.choose_reader(cast.ana, task_id, "heat_peak", Disclosure.SHARED, token)
    with pytest.raises(NotAllowed):
        sealed.choose_reader(cast.ana, task_id, "stopped_afraid", Disclosure.SHARED, token)
    wall.to(datetime(2026, 11, 24, 8, 0, tzinfo=BERLIN))
    token = _web_session("ana")
    sealed.unseal(cast.ana, task_id, PASSPHRASE, token)
    with pytest.raises(NotAllowed):
        sealed.choose_reader(cast.ana, task_id, "understood", Disclosure.COACH, token)


def test_numbers_that_belong_together_are_shared_together_or_not_at_all(cast: Cast) -> None:
    task_id = task_of(cast.ana, assign(cast, "weekly-check-in"))
    raw = {"b1": "8", "b2": "3", "b3": "7", "t2": SECRET}
    offered = {item.id: item.disclosure.value for item in responses.open_for(cast.ana, task_id).items}
    responses.save_draft(cast.ana, task_id, Typed(raw, offered), 0)
    responses.choose_reader(cast.ana, task_id, "b2", Disclosure.COACH, 1)
    sending.submit(cast.ana, task_id, 2, "key")
    assert _readers(cast, "b1", "b2", "b3") == {"coach"}
    token = _web_session("ana")
    sealed.unseal(cast.ana, task_id, PASSPHRASE, token)
    sealed.choose_reader(cast.ana, task_id, "b3", Disclosure.SESSION, token)
    assert _readers(cast, "b1", "b2", "b3") == {"session"}


def _readers(cast: Cast, *item_ids: str) -> set[str]:
    [form] = sent_forms.of_couple(cast.ines, cast.couples["ana"])
    return {answer.disclosure.value for answer in form.answers if answer.item_id in item_ids}


def test_an_author_may_let_the_other_read_it_now(cast: Cast) -> None:
    task_id = task_of(cast.ana, assign(cast, "one-holds-the-floor"))
    send(cast.ana, task_id, floor())
    token = _web_session("ana")
    sealed.unseal(cast.ana, task_id, PASSPHRASE, token)
    sealed.open_now(cast.ana, task_id, token)
    assert [a.answer.value for f in shared.for_both(cast.ben) for q in f.questions for a in q.answers] == [OPEN]


def test_private_answers_raise_signals_for_the_coach_alone(cast: Cast) -> None:
    given = assign(cast, "weekly-check-in")
    private = {"x1": "yes", "x2": "rather_not", "x3": "soon", "x4": "Text before noon"}
    send(cast.ana, task_of(cast.ana, given), private)
    kinds = db.session.execute(select(Signal.item, Signal.kind).order_by(Signal.item)).all()
    assert [tuple(row) for row in kinds] == [("x1", "flag"), ("x2", "soft_flag"), ("x3", "asked_for_a_word")]


def test_a_response_is_reviewed_with_a_line_that_its_author_sees(cast: Cast) -> None:
    task_id = task_of(cast.ana, assign(cast, "one-holds-the-floor"))
    send(cast.ana, task_id, floor())
    line = db.session.scalars(select(Caseload).where(Caseload.couple_id == cast.couples["ana"])).one()
    assert line.unread == 1
    [form] = sent_forms.of_couple(cast.ines, cast.couples["ana"])
    reviews.review(cast.ines, form.response_id, "Well held.")
    assert reviews.read(cast.ines, form.response_id).feedback == "Well held."
    db.session.refresh(line)
    assert line.unread == 0
    token = _web_session("ana")
    sealed.unseal(cast.ana, task_id, PASSPHRASE, token)
    assert sealed.sent_task(cast.ana, task_id, token).feedback == "Well held."


def test_another_coach_reads_nothing(cast: Cast) -> None:
    send(cast.ana, task_of(cast.ana, assign(cast, "one-holds-the-floor")), floor())
    [form] = sent_forms.of_couple(cast.ines, cast.couples["ana"])
    for stranger in (cast.omar, cast.sol, cast.ben, cast.ana):
        with pytest.raises(NotFound):
            reviews.read(stranger, form.response_id)
        with pytest.raises(NotFound):
            sent_forms.of_couple(stranger, cast.couples["ana"])


def test_home_says_what_is_next_and_nothing_of_the_other(cast: Cast) -> None:
    given = assign(cast, "one-holds-the-floor")
    before = home.home(cast.ben)
    send(cast.ana, task_of(cast.ana, given), floor())
    assert home.home(cast.ben) == before
    assert home.home(cast.ana).next is None
    assert [line.title for line in home.home(cast.ana).sent] == ["One holds the floor"]


def test_no_answer_stands_in_the_database_in_the_clear(cast: Cast) -> None:
    send(cast.ana, task_of(cast.ana, assign(cast, "one-holds-the-floor", why="Because of the evenings")), floor())
    rows = [
        row
        for table in ("responses", "drafts", "assignments", "outbox", "people")
        for row in db.session.execute(text(f"SELECT * FROM {table}")).all()  # noqa: S608 - names of our own tables
    ]
    everything = repr(rows)
    assert rows
    for secret in (SECRET, OPEN, "evenings", "ana@home.example"):
        assert secret not in everything


def test_ids_of_two_copies_of_one_assignment_differ(cast: Cast) -> None:
    given = assign(cast, "one-holds-the-floor")
    assert task_of(cast.ana, given) != task_of(cast.ben, given)
    assert db.session.scalars(select(Assignment.id)).one() == given


def test_nobody_is_asked_to_catch_up_on_weekly_forms(cast: Cast, wall: Wall) -> None:
    assign(cast, "weekly-check-in", weekly=True, due_on=date(2026, 11, 29))
    wall.forward(days=7)
    repeating.issue_due()
    wall.forward(days=7)
    repeating.issue_due()
    page = home.home(cast.ana)
    assert page.next is not None
    assert page.next.due_at == datetime(2026, 12, 14, 0, 0, tzinfo=BERLIN)
    assert page.others == ()


def test_a_task_past_its_day_is_still_open_and_may_be_sent(cast: Cast, wall: Wall) -> None:
    task_id = task_of(cast.ana, assign(cast, "one-holds-the-floor"))
    wall.now += timedelta(days=20)
    next_one = home.home(cast.ana).next
    assert next_one is not None
    assert next_one.is_still_open
    send(cast.ana, task_id, floor())
    assert home.home(cast.ana).next is None


def test_what_waited_for_both_never_opens_when_the_other_copy_is_withdrawn(cast: Cast, wall: Wall) -> None:
    given = assign(cast, "one-holds-the-floor")
    send(cast.ana, task_of(cast.ana, given), floor())
    assignments.withdraw(cast.ines, given)
    wall.forward(days=30)
    assert shared.for_both(cast.ben) == ()


def test_what_ana_does_with_a_form_of_her_own_moves_no_form_of_bens(cast: Cast, wall: Wall) -> None:
    assign(cast, "weekly-check-in", weekly=True, due_on=date(2026, 11, 29))
    wall.forward(days=4)
    extra = assign(cast, "weekly-check-in", given_to=For.A, due_on=date(2026, 12, 3))
    send(cast.ana, task_of(cast.ana, extra), {"t2": SECRET})
    assignments.withdraw(cast.ines, extra)
    wall.forward(days=3)
    assert repeating.issue_due() == 1
    assert home.home(cast.ben).next is not None


def test_what_is_given_to_one_alone_says_that_it_waits_for_nobody(cast: Cast, wall: Wall) -> None:
    given = assign(cast, "my-listening-habits", given_to=For.A)
    task = responses.open_for(cast.ana, task_of(cast.ana, given))
    assert {item.opens for item in task.items} == {"next_morning_without_waiting"}
    send(cast.ana, task.task_id, {"done": "done", "watch_next": OPEN})
    wall.to(datetime(2026, 11, 24, 8, 0, tzinfo=BERLIN))
    assert [a.answer.value for form in shared.for_both(cast.ben) for q in form.questions for a in q.answers] == [OPEN]


def test_what_is_for_the_session_opens_with_it_and_not_when_the_copy_is_made(cast: Cast, wall: Wall) -> None:
    starts_at = datetime(2026, 11, 25, 18, 0, tzinfo=BERLIN)
    session = sessions.plan(cast.ines, cast.couples["ana"], NewSession(SessionKind.JOINT, starts_at, 60, ""))
    send(cast.ana, task_of(cast.ana, assign(cast, "weekly-check-in")), {"b1": "8", "b2": "3", "b3": "7"})
    session_prep.open_in_session(cast.ines, session)
    assert shared.for_both(cast.ben) == ()
    wall.to(starts_at)
    opened = [a.answer.value for form in shared.for_both(cast.ben) for q in form.questions for a in q.answers]
    assert opened == [8, 3, 7]
