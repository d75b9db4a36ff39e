"""Corrections: a new version beside the old one, for the coach at once, for the other from the next 08:00 on."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from portal import clock
from portal.domain.disclosure import Disclosure
from portal.domain.errors import Invalid, NotAllowed, NotFound
from portal.domain.people import PersonState
from portal.domain.safety import SignalKind
from portal.domain.sessions import SessionKind
from portal.extensions import db
from portal.models.audit import AuditEvent
from portal.models.couples import Caseload
from portal.models.responses import EarlierVersion, ParkedText, Response
from portal.models.safety import Signal
from portal.models.users import Person
from portal.services import (
    accounts,
    correcting,
    exports,
    home,
    reviews,
    safety,
    sealed,
    sent_forms,
    session_prep,
    sessions,
    shared,
    vault,
)
from portal.services.drafts import PARKED_PLACE, Typed, seal_typed
from portal.services.sent_forms import SentForm
from portal.services.sessions import NewSession
from tests import given
from tests.cast import PASSPHRASE, Cast, address_of
from tests.conftest import Wall
from tests.given import OPEN, SECRET, assign, floor, send, task_of
from tests.many import counted

BETTER = "That he asks because he wants to know"
TEN_SCORES = ("s1", "s2", "s3", "s4", "b1", "b2", "b3")


@pytest.fixture
def sent(cast: Cast) -> UUID:
    """Both have sent; of Ana's, one sentence is shared and one private."""
    floors = assign(cast, "one-holds-the-floor")
    send(cast.ana, task_of(cast.ana, floors), floor())
    send(cast.ben, task_of(cast.ben, floors), floor(understood="That she is tired"))
    return task_of(cast.ana, floors)


def correct(cast: Cast, task_id: UUID, item_id: str = "understood", **raw: str) -> None:
    given.correct(cast.ana, task_id, item_id, raw or {"understood": BETTER})


def of_ana(cast: Cast) -> SentForm:
    return next(form for form in sent_forms.of_couple(cast.ines, cast.couples["ana"]) if form.label == "A")


def read_by_ben(cast: Cast) -> list[object]:
    """What Ben reads of Ana's, on the page of what both have shared."""
    asked = [question for form in shared.for_both(cast.ben) for question in form.questions]
    return [one.answer.value for question in asked for one in question.answers if one.name == "Ana"]


def test_the_coach_reads_the_correction_at_once_and_what_stood_there_before(cast: Cast, sent: UUID, wall: Wall) -> None:
    wall.forward(hours=2)
    correct(cast, sent)
    form = of_ana(cast)
    assert form.value("understood") == BETTER
    assert form.value("private_line") == SECRET
    assert form.corrected_at == clock.now()
    assert form.submitted_at == clock.now() - timedelta(hours=2)
    [before, _] = form.versions
    assert {answer.item_id: answer.value for answer in before.answers}["understood"] == OPEN


def test_the_other_meets_it_at_eight_the_next_morning_and_until_then_what_stood_there(
    cast: Cast, sent: UUID, wall: Wall
) -> None:
    wall.forward(days=2)
    correct(cast, sent)
    assert read_by_ben(cast) == [OPEN]
    wall.now = clock.now().replace(hour=6, minute=59) + timedelta(days=1)  # 07:59 in Berlin
    assert read_by_ben(cast) == [OPEN]
    wall.forward(minutes=1)
    assert read_by_ben(cast) == [BETTER]


def test_on_the_evening_of_the_sending_the_first_version_never_opens(cast: Cast, sent: UUID, wall: Wall) -> None:
    wall.forward(hours=1)
    correct(cast, sent)
    wall.forward(days=1)
    assert read_by_ben(cast) == [BETTER]


def test_let_ben_read_it_now_opens_what_stands_there_now(cast: Cast, sent: UUID, wall: Wall) -> None:
    correct(cast, sent)
    sealed.open_now(cast.ana, sent, given.opened(cast.ana, sent))
    assert read_by_ben(cast) == [BETTER]


def test_a_later_correction_after_it_was_opened_waits_for_the_morning_like_any(
    cast: Cast, sent: UUID, wall: Wall
) -> None:
    sealed.open_now(cast.ana, sent, given.opened(cast.ana, sent))
    wall.forward(minutes=5)
    correct(cast, sent)
    assert read_by_ben(cast) == [OPEN]


def test_whom_an_answer_is_for_does_not_change_with_it(cast: Cast, sent: UUID, wall: Wall) -> None:
    before = {answer.item_id: answer.disclosure for answer in of_ana(cast).answers}
    correct(cast, sent)
    correct(cast, sent, "private_line", private_line="Another sentence")
    assert {answer.item_id: answer.disclosure for answer in of_ana(cast).answers} == before
    wall.forward(days=3)
    assert read_by_ben(cast) == [BETTER]


def test_what_was_kept_from_the_other_before_stays_so(cast: Cast, sent: UUID, wall: Wall) -> None:
    sealed.choose_reader(cast.ana, sent, "understood", Disclosure.COACH, given.opened(cast.ana, sent))
    correct(cast, sent)
    wall.forward(days=3)
    assert read_by_ben(cast) == []


def test_it_takes_the_pass_phrase_and_five_minutes_later_again(cast: Cast, sent: UUID, wall: Wall) -> None:
    token = accounts.sign_in(address_of("ana"), PASSPHRASE, None) or ""
    with pytest.raises(NotAllowed, match="stays_sealed"):
        correcting.correct(cast.ana, sent, "understood", {"understood": BETTER}, token)
    sealed.unseal(cast.ana, sent, PASSPHRASE, token)
    wall.forward(minutes=5)
    with pytest.raises(NotAllowed, match="stays_sealed"):
        correcting.ask_again(cast.ana, sent, "understood", token)
    assert of_ana(cast).value("understood") == OPEN


def test_nobody_corrects_what_is_not_theirs(cast: Cast, sent: UUID) -> None:
    token = given.opened(cast.ana, sent)
    for somebody in (cast.ben, cast.eva, cast.ines):
        with pytest.raises(NotFound):
            correcting.correct(somebody, sent, "understood", {"understood": BETTER}, token)


def test_what_cannot_be_taken_is_named_and_nothing_changes(cast: Cast, sent: UUID) -> None:
    with pytest.raises(Invalid, match="cannot_be_sent") as refusal:
        correct(cast, sent, "heat_peak", heat_peak="11")
    assert set(refusal.value.params["refusals"]) == {"heat_peak"}  # type: ignore[call-overload]
    assert of_ana(cast).value("heat_peak") == 3


def test_only_what_was_asked_can_be_corrected(cast: Cast, sent: UUID) -> None:
    for item_id in ("stopped_afraid", "nothing-of-the-kind", "barrier"):
        with pytest.raises(NotFound):
            correct(cast, sent, item_id, **{item_id: "true"})


def test_the_same_answer_again_makes_no_version(cast: Cast, sent: UUID) -> None:
    correct(cast, sent, "understood", understood=f"  {OPEN} ")
    assert db.session.scalar(select(func.count(EarlierVersion.id))) == 0
    assert of_ana(cast).corrected_at is None


def test_an_answer_can_be_taken_back_and_a_skipped_one_given(cast: Cast, sent: UUID) -> None:
    correct(cast, sent, "private_line", private_line="")
    correct(cast, sent, "felt_heard", felt_heard="2")
    form = of_ana(cast)
    assert (form.value("private_line"), form.value("felt_heard")) == (None, 2)
    assert [len(version.answers) for version in form.versions] == [len(form.answers)] * 3


def test_not_done_after_all_takes_what_hung_on_it_along(cast: Cast, sent: UUID) -> None:
    correct(cast, sent, "done", done="not_this_time")
    assert {answer.item_id for answer in of_ana(cast).answers} == {"done", "barrier", "stopped_afraid", "private_line"}


def test_a_form_that_was_read_is_to_be_read_again_and_counts_once(cast: Cast, sent: UUID) -> None:
    def unread() -> int:
        return db.session.scalars(select(Caseload.unread).where(Caseload.couple_id == cast.couples["ana"])).one()

    form = of_ana(cast)
    reviews.review(cast.ines, form.response_id, "Well held.")
    assert unread() == 1  # Ben's
    correct(cast, sent)
    correct(cast, sent, "felt_heard", felt_heard="2")
    assert not of_ana(cast).is_reviewed
    assert unread() == 2
    [line] = [line for line in sent_forms.came_in(cast.ines, clock.now()) if line.name == "Ana"]
    assert line.is_correction


def test_what_was_corrected_while_the_coach_read_it_is_still_to_be_read(cast: Cast, sent: UUID, wall: Wall) -> None:
    form = of_ana(cast)
    wall.forward(minutes=5)
    correct(cast, sent)
    reviews.review(cast.ines, form.response_id, "", form.versions[-1].written_at)
    assert not of_ana(cast).is_reviewed
    reviews.review(cast.ines, form.response_id, "", of_ana(cast).versions[-1].written_at)
    assert of_ana(cast).is_reviewed


def test_the_shared_page_asks_and_opens_as_much_whatever_was_corrected(
    cast: Cast, sent: UUID, wall: Wall, monkeypatch: pytest.MonkeyPatch
) -> None:
    wall.forward(days=2)
    unsealed: list[object] = []
    unseal = vault.unseal_document_or_none

    def counting(*place: Any) -> Any:
        unsealed.append(place[1])
        return unseal(*place)

    def cost() -> tuple[int, int]:
        unsealed.clear()
        with monkeypatch.context() as patch, counted() as asked:
            patch.setattr(vault, "unseal_document_or_none", counting)
            shared.for_both(cast.ben)
        return len(asked), len(unsealed)

    before = cost()
    for text in ("One", "Two", "Three"):
        correct(cast, sent, "private_line", private_line=text)
        assert cost() == before


def test_what_waited_from_before_the_sending_goes_into_no_correction(cast: Cast, sent: UUID, wall: Wall) -> None:
    typed = seal_typed(cast.ana.person_id, PARKED_PLACE, sent, Typed({"understood": BETTER}))
    own = {"practice_id": cast.ana.practice_id, "person_id": cast.ana.person_id, "task_id": sent}
    db.session.add(ParkedText(version=0, document=typed, parked_at=clock.now() - timedelta(minutes=5), **own))
    db.session.commit()
    asked = correcting.ask_again(cast.ana, sent, "understood", given.opened(cast.ana, sent))
    assert (asked.typed.raw, asked.is_parked) == ({"understood": OPEN}, False)


def test_nobody_corrects_without_end(cast: Cast, sent: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(correcting, "MOST_VERSIONS", 2)
    correct(cast, sent)
    for item_id, raw in (("understood", {"understood": "Once more"}), (correcting.PRIVATE, {"stopped_afraid": "true"})):
        with pytest.raises(Invalid, match="cannot_be_sent") as refusal:
            correct(cast, sent, item_id, **raw)
        [why] = refusal.value.params["refusals"].values()  # type: ignore[attr-defined]
        assert why.code == "corrected_too_often"
    assert of_ana(cast).value("understood") == BETTER


def test_who_was_let_go_meanwhile_corrects_nothing(cast: Cast, sent: UUID) -> None:
    token = given.opened(cast.ana, sent)
    person = db.session.get_one(Person, cast.ana.person_id)
    person.state = PersonState.DEACTIVATED
    db.session.commit()
    with pytest.raises(NotFound):
        correcting.correct(cast.ana, sent, "understood", {"understood": BETTER}, token)


def test_a_brief_reads_what_stood_there_at_its_cut_off(cast: Cast, sent: UUID, wall: Wall) -> None:
    cut_off = clock.now()
    wall.forward(hours=1)
    correct(cast, sent)
    so_far = sent_forms.so_far(cast.ines, cast.couples["ana"])
    both = [[form.as_of(instant) for form in so_far] for instant in (cut_off, clock.now())]
    said = [[form.value("understood") for form in forms if form.label == "A"] for forms in both]
    assert said == [[OPEN], [BETTER]]


def test_a_private_question_left_empty_stays_as_it_was_and_is_never_shown(cast: Cast, sent: UUID) -> None:
    correct(cast, sent, correcting.PRIVATE, stopped_afraid="true")
    asked = correcting.ask_again(cast.ana, sent, correcting.PRIVATE, given.opened(cast.ana, sent))
    assert asked.typed.raw == {}
    correct(cast, sent, correcting.PRIVATE, stopped_afraid="")
    assert of_ana(cast).value("stopped_afraid") is True


def test_what_a_private_question_raises_is_raised_each_time_it_is_said(cast: Cast, sent: UUID, wall: Wall) -> None:
    correct(cast, sent, correcting.PRIVATE, stopped_afraid="true")
    [signal] = safety.open_signals(cast.ines)
    safety.close(cast.ines, signal.signal_id, "Spoken on the telephone")
    wall.forward(days=1)
    correct(cast, sent, correcting.PRIVATE, stopped_afraid="true")
    correct(cast, sent, correcting.PRIVATE, stopped_afraid="false")
    correct(cast, sent, correcting.PRIVATE, stopped_afraid="true")
    assert [one.closed_at is None for one in safety.open_signals(cast.ines)] == [True, False]


def of_check_in(cast: Cast, **raw: str) -> UUID:
    task_id = task_of(cast.ana, assign(cast, "weekly-check-in"))
    send(cast.ana, task_id, {"s1": "4"} | raw)
    return task_id


def test_a_yes_after_i_would_rather_not_say_is_a_flag_of_its_own(cast: Cast, wall: Wall) -> None:
    task_id = of_check_in(cast, x1="rather_not")
    wall.forward(minutes=5)
    correct(cast, task_id, correcting.PRIVATE, x1="yes")
    assert [(one.kind, one.answer) for one in safety.signals(cast.ines)] == [
        (SignalKind.FLAG, "Yes"),
        (SignalKind.SOFT_FLAG, "I would rather not say"),
    ]


def test_a_signal_shows_what_was_said_when_it_was_raised_and_waits_anew(cast: Cast, wall: Wall) -> None:
    task_id = of_check_in(cast, x1="yes")
    [before] = safety.open_signals(cast.ines)
    wall.forward(minutes=5)
    correct(cast, task_id, correcting.PRIVATE, x1="no")
    [after] = safety.signals(cast.ines)
    assert after.answer == before.answer == "Yes"
    assert not after.was_opened
    assert db.session.scalar(select(func.count(Signal.id))) == 1


def test_the_coach_reads_the_latest_safe_way_and_it_outlives_a_change_of_mind(cast: Cast, wall: Wall) -> None:
    task_id = of_check_in(cast, x3="next_days", x4="Text me any time")
    safety.open_signals(cast.ines)
    wall.forward(minutes=5)
    correct(cast, task_id, correcting.PRIVATE, x4="Not by phone")
    [signal] = safety.signals(cast.ines)
    assert (signal.safe_way, signal.was_opened) == ("Not by phone", False)
    for said in ("please_do_not", "soon"):
        wall.forward(minutes=5)
        correct(cast, task_id, correcting.PRIVATE, x3=said)
    assert {one.safe_way for one in safety.signals(cast.ines)} == {"Not by phone"}


def test_what_is_kept_back_after_a_correction_opens_in_no_version(cast: Cast, sent: UUID, wall: Wall) -> None:
    wall.forward(hours=4, minutes=30)  # half past midnight: the morning of both comes next
    correct(cast, sent)
    sealed.choose_reader(cast.ana, sent, "understood", Disclosure.COACH, given.opened(cast.ana, sent))
    for _ in range(40):
        wall.forward(hours=2)
        assert read_by_ben(cast) == []
    forms = exports.own_data(cast.ana, PASSPHRASE).forms
    assert {a.disclosure for form in forms for item, a in form.answers if item.id == "understood"} == {Disclosure.COACH}


def test_what_was_marked_for_the_session_and_kept_back_does_not_open_in_it(cast: Cast, sent: UUID, wall: Wall) -> None:
    session = NewSession(SessionKind.JOINT, clock.now() + timedelta(hours=2), 50)
    session_id = sessions.plan(cast.ines, cast.couples["ana"], session)
    correct(cast, sent, "felt_heard", felt_heard="2")
    sealed.choose_reader(cast.ana, sent, "felt_heard", Disclosure.COACH, given.opened(cast.ana, sent))
    wall.forward(hours=2)
    session_prep.open_in_session(cast.ines, session_id)
    assert 7 not in read_by_ben(cast)
    assert 2 not in read_by_ben(cast)


def test_a_correction_before_the_forms_own_morning_opens_with_it(cast: Cast, sent: UUID, wall: Wall) -> None:
    wall.forward(hours=4, minutes=30)
    correct(cast, sent)
    wall.forward(hours=7, minutes=29)  # 07:59
    assert read_by_ben(cast) == []
    wall.forward(minutes=1)
    assert read_by_ben(cast) == [BETTER]


def test_nothing_on_the_authors_side_tells_whether_a_private_answer_was_another(cast: Cast, sent: UUID) -> None:
    form = of_ana(cast)
    reviews.review(cast.ines, form.response_id, "")

    def seen() -> object:
        token = given.opened(cast.ana, sent)
        lines = [(line.was_read, line.submitted_at) for line in home.home(cast.ana).sent]
        found = sealed.sent_task(cast.ana, sent, token)
        page = (found.answers, found.corrected_at, found.feedback, found.opens_at)
        return page, lines, exports.own_data(cast.ana, PASSPHRASE).forms

    before = seen()
    for said in ("false", "true", "true", "false"):
        correct(cast, sent, correcting.PRIVATE, stopped_afraid=said)
        assert seen() == before


def test_a_private_answer_makes_a_version_whether_it_is_another_or_not(cast: Cast, sent: UUID, wall: Wall) -> None:
    for count, said in enumerate(("true", "true", "false", "false", "true"), 2):
        wall.forward(minutes=1)
        correct(cast, sent, correcting.PRIVATE, stopped_afraid=said)
        assert len(of_ana(cast).versions) == count
    correct(cast, sent, correcting.PRIVATE, stopped_afraid="")
    assert len(of_ana(cast).versions) == count


def test_not_done_and_done_after_all_gives_back_what_hung_on_it_to_the_same_readers(cast: Cast, sent: UUID) -> None:
    before = of_ana(cast).answers
    correct(cast, sent, "done", done="not_this_time")
    correct(cast, sent, "done", done="done")
    assert of_ana(cast).answers == before


def test_the_coach_copy_calls_only_what_both_read_now_open_to_both(cast: Cast, sent: UUID, wall: Wall) -> None:
    wall.forward(days=2)
    session = NewSession(SessionKind.JOINT, clock.now() + timedelta(hours=2), 50)
    session_id = sessions.plan(cast.ines, cast.couples["ana"], session)

    def quoted() -> tuple[str | None, bool]:
        [homework] = session_prep.coach_brief(cast.ines, session_id).homework
        return next((one.quote, one.is_open) for one in homework.accounts if one.quote in (OPEN, BETTER))

    assert quoted() == (OPEN, True)
    correct(cast, sent)
    assert quoted() == (BETTER, False)


def test_scores_follow_the_correction_and_the_earlier_ones_stay(cast: Cast) -> None:
    task_id = task_of(cast.ana, assign(cast, "weekly-check-in"))
    send(cast.ana, task_id, dict.fromkeys(TEN_SCORES, "8"))
    before = of_ana(cast).scores
    correct(cast, task_id, "b1", b1="2")
    form = of_ana(cast)
    assert form.scores
    assert before
    assert form.scores.benefits is not None
    assert before.benefits is not None
    assert form.scores.benefits < before.benefits
    assert form.versions[0].scores == before


def test_ones_own_file_holds_each_version_with_its_time(cast: Cast, sent: UUID, wall: Wall) -> None:
    wall.forward(hours=3)
    correct(cast, sent)
    forms = exports.own_data(cast.ana, PASSPHRASE).forms
    said = [{item.id: answer.value for item, answer in form.answers}["understood"] for form in forms]
    assert said == [OPEN, BETTER]
    assert [form.sent_at for form in forms] == [clock.now() - timedelta(hours=3), clock.now()]


def test_it_is_on_record_and_both_versions_lie_there_sealed(cast: Cast, sent: UUID) -> None:
    correct(cast, sent)
    assert db.session.scalar(select(func.count()).where(AuditEvent.event == "response:corrected")) == 1
    lying = [*db.session.scalars(select(Response.document)), *db.session.scalars(select(EarlierVersion.document))]
    assert not [text for text in lying if OPEN.encode() in text or BETTER.encode() in text]
