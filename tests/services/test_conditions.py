"""A question is never for more readers than the one it hangs on, also once it was sent, corrected or released."""

from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update

from portal.domain.disclosure import Disclosure
from portal.domain.errors import NotAllowed
from portal.domain.sessions import SessionKind
from portal.extensions import begin_write, db
from portal.models.assignments import Assignment
from portal.models.questionnaires import QuestionnaireVersion
from portal.models.releases import ReleaseRequest
from portal.models.responses import EarlierVersion, Response
from portal.services import (
    releases,
    responses,
    sealed,
    sent_forms,
    session_prep,
    sessions,
    shared,
    vault,
    versions,
)
from portal.services.drafts import Typed
from portal.services.sessions import NewSession
from tests.cast import Cast
from tests.conftest import Wall
from tests.given import assign, correct, opened, send, task_of

BERLIN = ZoneInfo("Europe/Berlin")
MORNING = datetime(2026, 11, 24, 8, 0, tzinfo=BERLIN)
ANSWERS = {"done": "partly", "barrier": "time", "further": "between us", "worse": "true"}
READERS = ("done", "barrier", "further")


@pytest.fixture
def task_id(cast: Cast) -> UUID:
    """An exercise whose first question is shared, with one that hangs on it, one on that, and a locked one."""
    given = assign(cast, "ten-clear-minutes")
    of_it = select(Assignment.version_id).where(Assignment.id == given).scalar_subquery()
    row = db.session.scalars(select(QuestionnaireVersion).where(QuestionnaireVersion.id == of_it)).one()
    items = {item["id"]: dict(item) for item in row.document["items"]}
    items["done"]["disclosure"] = items["barrier"]["disclosure"] = "shared"
    hung = {"show_if": "barrier = 'time'", "label": "And further?"}
    items["further"] = {"id": "further", "type": "text", "disclosure": "shared"} | hung
    items["worse"] = {"id": "worse", "type": "checkbox", "disclosure": "locked"} | hung
    begin_write()
    changed = update(QuestionnaireVersion).where(QuestionnaireVersion.id == row.id)
    db.session.execute(changed.values(document=row.document | {"items": list(items.values())}))
    db.session.commit()
    send(cast.ben, task_of(cast.ben, given), {"done": "done"}, key="of ben")
    return task_of(cast.ana, given)


def readers(cast: Cast) -> dict[str, str]:
    [form] = [form for form in sent_forms.of_couple(cast.ines, cast.couples["ana"]) if form.label == "A"]
    return {answer.item_id: answer.disclosure.value for answer in form.answers}


def read_by_ben(cast: Cast) -> set[str]:
    """What of Ana's stands on his page."""
    questions = [question for form in shared.for_both(cast.ben) for question in form.questions]
    return {one.item.id for one in questions for said in one.answers if said.name == "Ana"}


def choose(cast: Cast, task_id: UUID, item_id: str, wanted: Disclosure) -> None:
    sealed.choose_reader(cast.ana, task_id, item_id, wanted, opened(cast.ana, task_id))


def test_what_hangs_on_a_question_that_is_kept_back_is_kept_back_with_it(cast: Cast, task_id: UUID, wall: Wall) -> None:
    send(cast.ana, task_id, ANSWERS)
    choose(cast, task_id, "done", Disclosure.COACH)
    assert {item_id: readers(cast)[item_id] for item_id in READERS} == dict.fromkeys(READERS, "coach")
    assert readers(cast)["worse"] == "locked"
    wall.to(MORNING)
    assert read_by_ben(cast) == set()


def test_what_nothing_that_is_kept_back_bears_on_stays_as_it_was(cast: Cast, task_id: UUID, wall: Wall) -> None:
    send(cast.ana, task_id, ANSWERS)
    choose(cast, task_id, "further", Disclosure.COACH)
    wall.to(MORNING)
    assert read_by_ben(cast) == {"done", "barrier"}


def test_an_earlier_version_is_kept_back_with_it_and_its_locked_answer_stays_locked(
    cast: Cast, task_id: UUID, wall: Wall
) -> None:
    send(cast.ana, task_id, ANSWERS)
    wall.to(MORNING - timedelta(hours=7))  # its correction waits for the same morning as the form
    correct(cast.ana, task_id, "done", {"done": "done"})
    choose(cast, task_id, "done", Disclosure.COACH)
    [earlier] = db.session.scalars(select(EarlierVersion))
    document = vault.unseal_document(earlier.person_id, "earlier_versions.document", earlier.id, earlier.document)
    kept = {entry["item"]: entry["disclosure"] for entry in document["answers"]}
    assert {item_id: kept[item_id] for item_id in READERS} == dict.fromkeys(READERS, "coach")
    assert kept["worse"] == "locked"
    wall.to(MORNING)
    assert read_by_ben(cast) == set()


def test_what_hangs_on_a_private_question_is_not_let_out_before_it(cast: Cast, task_id: UUID, wall: Wall) -> None:
    send(cast.ana, task_id, ANSWERS, done="coach")
    assert {readers(cast)[item_id] for item_id in READERS} == {"coach"}
    for item_id in ("barrier", "further"):
        with pytest.raises(NotAllowed, match="hangs_on_private"):
            choose(cast, task_id, item_id, Disclosure.SHARED)
    for item_id in READERS:
        choose(cast, task_id, item_id, Disclosure.SHARED)
    wall.to(MORNING)
    assert read_by_ben(cast) == set(READERS)


def test_nor_is_it_on_the_page_before_sending(cast: Cast, task_id: UUID) -> None:
    offered = {item.id: item.disclosure.value for item in responses.open_for(cast.ana, task_id).items}
    saved = responses.save_draft(cast.ana, task_id, Typed(ANSWERS, offered | {"done": "coach", "barrier": "coach"}), 0)
    with pytest.raises(NotAllowed, match="hangs_on_private"):
        responses.choose_reader(cast.ana, task_id, "barrier", Disclosure.SHARED, saved.version)
    responses.choose_reader(cast.ana, task_id, "done", Disclosure.SHARED, saved.version)
    responses.choose_reader(cast.ana, task_id, "barrier", Disclosure.SHARED, saved.version + 1)


def test_it_opens_no_sooner_than_the_question_it_hangs_on(cast: Cast, task_id: UUID, wall: Wall) -> None:
    """As if a row said otherwise: the page of what is shared judges by itself."""
    send(cast.ana, task_id, ANSWERS)
    begin_write()
    response = db.session.scalars(select(Response).where(Response.task_id == task_id)).one()
    said = versions.to_document(versions.answers_of(response))
    for entry in said["answers"]:
        entry["disclosure"] = "coach" if entry["item"] == "barrier" else entry["disclosure"]
    response.document = vault.seal_document(response.person_id, "responses.document", response.id, said)
    db.session.commit()
    wall.to(MORNING)
    assert read_by_ben(cast) == {"done"}


def released(cast: Cast, wall: Wall) -> UUID:
    """Of a form of Ana's, all private, what hangs on a question was released into a session after it."""
    task = task_of(cast.ana, assign(cast, "one-holds-the-floor"))
    send(cast.ana, task, {"done": "partly", "barrier": "between_us"})
    for item_id in ("done", "barrier"):
        releases.ask(cast.ines, _response(task).id, item_id, "May we?")
        releases.answer(cast.ana, task, item_id, opened(cast.ana, task), says_yes=True)
    return task


def _response(task_id: UUID) -> Response:
    return db.session.scalars(select(Response).where(Response.task_id == task_id)).one()


def meet(cast: Cast, wall: Wall) -> None:
    starts_at = wall.now + timedelta(hours=2)
    session_id = sessions.plan(cast.ines, cast.couples["ana"], NewSession(SessionKind.JOINT, starts_at, 50))
    wall.to(starts_at)
    session_prep.open_in_session(cast.ines, session_id)


@pytest.mark.parametrize("way", ["request", "page"])
def test_a_release_that_is_taken_back_takes_back_what_hangs_on_it(cast: Cast, wall: Wall, way: str) -> None:
    task = released(cast, wall)
    if way == "request":
        releases.answer(cast.ana, task, "done", opened(cast.ana, task), says_yes=False)
    else:
        choose(cast, task, "done", Disclosure.COACH)
    assert (readers(cast)["done"], readers(cast)["barrier"]) == ("coach", "coach")
    assert set(db.session.scalars(select(ReleaseRequest.answer))) == {"no"}
    meet(cast, wall)
    assert read_by_ben(cast) == set()


def test_what_was_released_one_after_the_other_opens_in_one_session(cast: Cast, wall: Wall) -> None:
    released(cast, wall)
    meet(cast, wall)
    assert read_by_ben(cast) == {"done", "barrier"}
