"""Something else instead, and which exercise is easier: what is open goes, what was sent stays, and nothing tells."""

from datetime import date
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from portal.domain.assignments import For, TaskState
from portal.domain.errors import Invalid, NotFound, Refused
from portal.extensions import db
from portal.models.assignments import Assignment, Task
from portal.services import assignments, home, pathway_issuing, pathways, programme, swapping, variants
from portal.services.swapping import Instead
from tests.cast import LINK, Cast
from tests.given import assign, send, task_of
from tests.ways import add

DUE = date(2026, 11, 29)


def entry(cast: Cast, slug: str) -> UUID:
    return next(one.id for one in programme.library(cast.ines) if one.slug == slug)


def swap(cast: Cast, assignment_id: UUID, slug: str = "small-reaches", **more: object) -> UUID:
    instead = Instead(entry(cast, slug), DUE, **more)  # type: ignore[arg-type]
    return swapping.swap(cast.ines, assignment_id, instead, LINK)


def states(assignment_id: UUID) -> set[str]:
    return set(db.session.scalars(select(Task.state).where(Task.assignment_id == assignment_id)))


def titles(cast: Cast, who: str) -> list[str]:
    found = home.home(cast.viewers[who])
    return [line.title for line in (found.next, *found.others) if line]


def test_what_is_open_goes_and_the_other_comes_to_the_same(cast: Cast) -> None:
    first = assign(cast, "my-listening-habits", given_to=For.B)
    second = swap(cast, first, why="A smaller one")
    assert states(first) == {TaskState.WITHDRAWN}
    shown = assignments.assignment(cast.ines, second)
    assert (shown.line.given_to, shown.why, shown.line.due_on) == (For.B, "A smaller one", DUE)
    assert titles(cast, "ben") == ["Small reaches"]


def test_whether_she_has_sent_makes_no_difference_to_what_he_gets(cast: Cast) -> None:
    seen = []
    for slug in ("my-listening-habits", "three-specifics"):
        first = assign(cast, slug)
        if slug == "three-specifics":
            send(cast.ana, task_of(cast.ana, first), {"done": "not_this_time"})
        second = swap(cast, first, "small-reaches" if slug == "my-listening-habits" else "before-i-speak")
        seen.append((len(titles(cast, "ben")), states(second)))
        assert task_of(cast.ben, second)
    assert seen == [(1, {TaskState.ASSIGNED}), (2, {TaskState.ASSIGNED})]
    assert {TaskState.SUBMITTED, TaskState.WITHDRAWN} == states(first)


def test_a_joint_task_may_become_something_for_each(cast: Cast) -> None:
    second = swap(cast, assign(cast, "one-holds-the-floor"))
    assert assignments.assignment(cast.ines, second).line.given_to is For.BOTH


@pytest.mark.parametrize(
    ("slug", "code"),
    [("my-listening-habits", "swapped_for_itself"), ("one-holds-the-floor", "together_needs_both")],
)
def test_what_cannot_be_given_instead_leaves_what_they_have(cast: Cast, slug: str, code: str) -> None:
    first = assign(cast, "my-listening-habits", given_to=For.A)
    with pytest.raises(Invalid, match=code):
        swap(cast, first, slug)
    assert states(first) == {TaskState.ASSIGNED}
    assert db.session.scalars(select(Assignment.id)).all() == [first]


def test_what_was_sent_stays_and_the_other_comes_all_the_same(cast: Cast) -> None:
    first = assign(cast, "my-listening-habits", given_to=For.A)
    send(cast.ana, task_of(cast.ana, first), {"done": "not_this_time"})
    second = swap(cast, first)
    assert (states(first), states(second)) == ({TaskState.SUBMITTED}, {TaskState.ASSIGNED})


def test_a_step_of_a_pathway_is_left_to_the_pathway(cast: Cast) -> None:
    add(cast, "my-listening-habits")
    pathways.begin(cast.ines, cast.couples["ana"])
    pathway_issuing.issue_due(LINK)
    first = db.session.scalars(select(Assignment.id)).one()
    with pytest.raises(Refused, match="on_a_pathway"):
        swap(cast, first)
    assert states(first) == {TaskState.ASSIGNED}


def test_a_stranger_swaps_nothing(cast: Cast) -> None:
    first = assign(cast, "my-listening-habits")
    instead = Instead(entry(cast, "small-reaches"), DUE)
    for stranger in (cast.omar, cast.sol, cast.noor, cast.ana):
        with pytest.raises(NotFound):
            swapping.swap(stranger, first, instead, LINK)
    assert states(first) == {TaskState.ASSIGNED}


def test_what_was_said_to_be_easier_comes_first_and_the_rest_by_minutes(cast: Cast) -> None:
    rewrite, find, habits = (entry(cast, slug) for slug in ("rewrite-the-opening", "find-the-fair-part", "repair-log"))
    variants.link(cast.ines, rewrite, habits, is_easier=True)
    its = variants.versions_of(cast.ines, rewrite)
    assert [one.id for one in its.easier] == [habits]
    assert find in [one.id for one in its.shorter]
    assert [one.id for one in variants.versions_of(cast.ines, habits).harder] == [rewrite]


def test_of_two_one_is_easier_and_what_was_said_before_counts_no_more(cast: Cast) -> None:
    one, other = entry(cast, "rewrite-the-opening"), entry(cast, "find-the-fair-part")
    variants.link(cast.ines, one, other, is_easier=True)
    variants.link(cast.ines, one, other, is_easier=False)
    assert [found.id for found in variants.versions_of(cast.ines, one).harder] == [other]
    assert variants.versions_of(cast.ines, one).easier == ()
    variants.link(cast.ines, other, one, is_easier=None)
    assert variants.versions_of(cast.ines, one).harder == ()


def test_no_exercise_is_easier_than_itself_and_none_of_another_practice_is_known(cast: Cast) -> None:
    one = entry(cast, "rewrite-the-opening")
    for other in (one, entry(cast, "weekly-check-in")):
        with pytest.raises(Invalid, match="variant_of_itself"):
            variants.link(cast.ines, one, other, is_easier=True)
        db.session.rollback()
    of_sol = next(found.id for found in programme.library(cast.sol) if found.slug == "small-reaches")
    for other in (of_sol, uuid4()):
        with pytest.raises(NotFound):
            variants.link(cast.ines, one, other, is_easier=True)
        db.session.rollback()
    with pytest.raises(NotFound):
        variants.versions_of(cast.ana, one)
