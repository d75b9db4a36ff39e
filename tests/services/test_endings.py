"""How the work ends: a check-in in full that looks back, and what both want to keep, given to each with one tap."""

from datetime import date

import pytest
from sqlalchemy import select

from portal import content
from portal.domain.assignments import For, TaskState
from portal.domain.disclosure import Disclosure
from portal.domain.documents import check_in_document
from portal.domain.endings import closing_document
from portal.domain.errors import Invalid, NotFound
from portal.domain.parting import CoupleAct
from portal.domain.people import Label, Viewer
from portal.domain.questionnaires import from_document
from portal.extensions import db
from portal.models.assignments import Task
from portal.services import couple_states, endings, parting, programme, responses, sent_forms, shared
from portal.services.endings import AtEnd, Ending
from portal.services.passages import Given
from portal.services.responses import OpenTask
from tests.cast import PASSPHRASE, Cast
from tests.conftest import Wall
from tests.given import assign, send, task_of

LINK = "http://127.0.0.1:8000/my/"
KEPT = {"works_for_us": "Tea before the list", "thanks": "That you waited"}
ALL_TENS = {f"{letter}{n}": "10" for letter, most in (("b", 3), ("p", 5)) for n in range(1, most + 1)}
NO_SIGNS = {f"s{n}": "0" for n in range(1, 5)}


def give(cast: Cast, what: AtEnd) -> Given:
    endings.give(cast.ines, cast.couples["ana"], what, LINK)
    found = ending(cast)
    given = found.closing if what is AtEnd.CLOSING else found.keepsake
    assert given is not None
    return given


def ending(cast: Cast) -> Ending:
    return endings.ending(cast.ines, cast.couples["ana"])


def opened(viewer: Viewer, given: Given) -> OpenTask:
    return responses.open_for(viewer, task_of(viewer, given.assignment_id))


def read_by(viewer: Viewer) -> set[object]:
    return {a.answer.value for form in shared.for_both(viewer) for question in form.questions for a in question.answers}


def test_the_closing_check_in_asks_all_five_steps_and_looks_back(cast: Cast) -> None:
    task = opened(cast.ana, give(cast, AtEnd.CLOSING))
    asked = [item.id for item in task.items]
    assert {"s1", "b1", "p1", "p2", "p3", "p4", "p5", "n1", "g1", "t1"} <= set(asked)
    assert "t2" not in asked  # there is no next session to wish something for
    assert task.questionnaire.title == "Closing check-in"
    titles = [screen.title for screen in task.screens]
    assert titles[-2:] == ["Looking back", "A few private questions"]


def test_what_looks_back_is_read_by_the_coach_alone(cast: Cast, wall: Wall) -> None:
    given = give(cast, AtEnd.CLOSING)
    for viewer in (cast.ana, cast.ben):
        send(viewer, task_of(viewer, given.assignment_id), {"closing_helped": "The walks"}, f"key {viewer.person_id}")
    wall.forward(hours=48)
    assert (read_by(cast.ana), read_by(cast.ben)) == (set(), set())
    [form, _] = sent_forms.of_couple(cast.ines, cast.couples["ana"])
    assert form.value("closing_helped") == "The walks"


def test_it_is_scored_as_every_check_in_and_looking_back_is_kept_out_of_it(cast: Cast) -> None:
    given = give(cast, AtEnd.CLOSING)
    send(cast.ana, task_of(cast.ana, given.assignment_id), ALL_TENS | NO_SIGNS | {"closing_hoped": "not_now"})
    [form] = sent_forms.of_couple(cast.ines, cast.couples["ana"])
    assert form.scores is not None
    assert (form.scores.total, form.scores.steps) == (100.0, 100.0)


def test_the_librarys_check_in_stays_as_it_was(cast: Cast) -> None:
    entry = next(one for one in programme.library(cast.ines) if one.slug == programme.CHECK_IN_SLUG)
    give(cast, AtEnd.CLOSING)
    assert entry == next(one for one in programme.library(cast.ines) if one.slug == programme.CHECK_IN_SLUG)


def test_it_stands_in_place_of_that_weeks_and_comes_no_sooner_than_four_days_after_one(cast: Cast, wall: Wall) -> None:
    assign(cast, "weekly-check-in")
    with pytest.raises(Invalid, match="check_in_too_soon"):
        give(cast, AtEnd.CLOSING)
    assert ending(cast).closing is None
    wall.forward(hours=24 * 5)
    give(cast, AtEnd.CLOSING)


@pytest.mark.parametrize("what", AtEnd)
def test_each_is_given_once(cast: Cast, what: AtEnd) -> None:
    give(cast, what)
    with pytest.raises(Invalid, match="given_already"):
        give(cast, what)


def test_what_each_wants_to_keep_opens_at_eight_and_does_not_wait_for_the_other(cast: Cast, wall: Wall) -> None:
    given = give(cast, AtEnd.KEEPSAKE)
    send(cast.ana, task_of(cast.ana, given.assignment_id), KEPT)
    assert read_by(cast.ben) == set()
    wall.forward(hours=13)
    assert read_by(cast.ben) == set(KEPT.values())


def test_a_line_kept_back_stays_with_its_author_and_the_coach(cast: Cast, wall: Wall) -> None:
    given = give(cast, AtEnd.KEEPSAKE)
    send(cast.ana, task_of(cast.ana, given.assignment_id), KEPT, thanks="coach")
    wall.forward(hours=13)
    assert read_by(cast.ben) == {KEPT["works_for_us"]}


def test_what_was_sent_before_the_end_opens_after_it(cast: Cast, wall: Wall) -> None:
    given = give(cast, AtEnd.KEEPSAKE)
    send(cast.ana, task_of(cast.ana, given.assignment_id), KEPT)
    couple_states.act(cast.ines, cast.couples["ana"], CoupleAct.CLOSE)
    wall.forward(hours=13)
    assert read_by(cast.ben) == set(KEPT.values())
    db.session.rollback()
    states = select(Task.state).where(Task.assignment_id == given.assignment_id).order_by(Task.state)
    assert db.session.scalars(states).all() == [TaskState.SUBMITTED, TaskState.WITHDRAWN]


def test_who_has_left_is_given_nothing_and_after_the_end_nobody_is(cast: Cast) -> None:
    parting.leave(cast.ben, PASSPHRASE, LINK, hides=False)
    assert give(cast, AtEnd.KEEPSAKE).given_to == For.A
    couple_states.act(cast.ines, cast.couples["ana"], CoupleAct.CLOSE)
    assert not ending(cast).may_be_given
    with pytest.raises(Invalid, match="couple_not_active"):
        give(cast, AtEnd.CLOSING)


def test_a_colleague_finds_nothing(cast: Cast) -> None:
    with pytest.raises(NotFound):
        endings.ending(cast.omar, cast.couples["ana"])
    with pytest.raises(NotFound):
        endings.give(cast.omar, cast.couples["ana"], AtEnd.CLOSING, LINK)


def test_an_edited_check_in_is_closed_with_as_it_is() -> None:
    """A practice may have taken screens and questions away; whatever is left is asked, and can be read."""
    whole = check_in_document(content.check_in())
    bare = whole | {"items": [item for item in whole["items"] if item["id"] in ("s1", "x1")], "scoring": None}
    bare["screens"] = [{"title": "One", "items": ["s1"]}, {"title": "Two", "items": ["x1"]}]
    closing = from_document(closing_document(bare, content.passages()["looking_back"]))
    assert [screen.item_ids[0] for screen in closing.screens] == ["s1", "closing_hoped", "x1"]
    assert {item.disclosure for item in closing.items} == {Disclosure.COACH, Disclosure.LOCKED}


def test_the_two_partners_get_copies_of_their_own(cast: Cast) -> None:
    given = give(cast, AtEnd.KEEPSAKE)
    copies = {viewer: task_of(viewer, given.assignment_id) for viewer in (cast.ana, cast.ben)}
    assert len(set(copies.values())) == len(Label)
    assert given.assigned_on == date(2026, 11, 23)
