"""A step of a pathway changed for whom it has not reached; whatever a coach changes, both come to the end."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from portal.domain.assignments import For
from portal.domain.errors import Invalid, NotAllowed, NotFound, Refused
from portal.domain.own_paths import Stands, here
from portal.domain.pathways import ReleaseKind, check
from portal.domain.people import Label, Viewer
from portal.extensions import begin_write, db
from portal.models.assignments import Assignment, Task
from portal.models.pathways import Pathway, PathwayStep
from portal.models.questionnaires import Questionnaire, QuestionnaireVersion
from portal.services import pathway_changing, pathway_issuing, pathways, programme, vault
from portal.services.pathway_changing import ChangedStep
from portal.services.pathway_rows import ways_of
from tests.cast import Cast
from tests.pathways import Walk
from tests.ways import ALONE, TOGETHER, add, entry_of, send_own

LINK = "http://127.0.0.1:8000/my/"
AT_ONCE, ON_DAY, AFTER_OWN, BY_COACH = ReleaseKind
JOINT = {"given_to": For.JOINT, "kind": BY_COACH}


def row(step_id: UUID) -> PathwayStep:
    db.session.rollback()
    return db.session.scalars(select(PathwayStep).where(PathwayStep.id == step_id)).one()


def begin(cast: Cast) -> None:
    pathways.begin(cast.ines, cast.couples["ana"])


def test_what_opens_a_step_how_long_and_its_words_can_be_another(cast: Cast) -> None:
    first = add(cast, ALONE[0])
    second = add(cast, ALONE[1], why="For the evenings")
    new = ChangedStep(AFTER_OWN, after=first, days=2, days_open=14, why="A small one")
    assert pathway_changing.change(cast.ines, second, new) == cast.couples["ana"]
    kept = row(second)
    assert (kept.release, kept.release_after, kept.release_days, kept.days_open) == (AFTER_OWN, first, 2, 14)
    assert vault.unseal(cast.couples["ana"], pathway_issuing.WHY, second, kept.why or b"") == "A small one"
    pathway_changing.change(cast.ines, second, ChangedStep(ON_DAY, day=date(2026, 12, 1), after=first, days=2))
    kept = row(second)
    assert (kept.release_on, kept.release_after, kept.release_days) == (date(2026, 12, 1), None, 0)
    assert kept.why is not None
    pathway_changing.change(cast.ines, second, ChangedStep(AT_ONCE, why=" "))
    assert row(second).why is None


def test_what_was_changed_goes_out_as_it_was_changed(cast: Cast) -> None:
    step = add(cast, ALONE[0], kind=BY_COACH)
    begin(cast)
    assert pathway_issuing.issue_due(LINK) == 0
    pathway_changing.change(cast.ines, step, ChangedStep(AT_ONCE, days_open=3))
    assert pathway_issuing.issue_due(LINK) == 2
    due_on = db.session.scalars(select(Assignment.due_on).where(Assignment.id == step)).one()
    assert due_on == date(2026, 11, 26)


def reached_by_ana(cast: Cast) -> tuple[UUID, UUID]:
    """Two steps, of which the second follows the first; Ana has come to it, Ben has not."""
    first = add(cast, ALONE[0])
    second = add(cast, ALONE[1], kind=AFTER_OWN, after=first, why="For the evenings")
    begin(cast)
    pathway_issuing.issue_due(LINK)
    send_own(cast.ana, first)
    pathway_issuing.issue_due(LINK)
    return first, second


def days_of(viewer: Viewer, step_id: UUID) -> date:
    due_at = select(Task.due_at).where(Task.assignment_id == step_id, Task.person_id == viewer.person_id)
    return db.session.scalars(due_at).one().date()


def test_who_has_it_keeps_it_and_the_rule_is_another_for_the_other_alone(cast: Cast) -> None:
    _, second = reached_by_ana(cast)
    before = days_of(cast.ana, second)
    assert pathway_changing.step_to_change(cast.ines, second).reached == ("Ana",)
    pathway_changing.change(cast.ines, second, ChangedStep(AT_ONCE, days_open=14))
    assert pathway_issuing.issue_due(LINK) == 1
    assert days_of(cast.ana, second) == before
    assert days_of(cast.ben, second) == before + timedelta(days=7)


@pytest.mark.parametrize("new", [ChangedStep(AT_ONCE, why="Other words"), ChangedStep(AT_ONCE, is_newest=True)])
def test_once_one_of_them_has_it_its_words_stay_for_both(cast: Cast, new: ChangedStep) -> None:
    _, second = reached_by_ana(cast)
    newer(cast, ALONE[1])
    assert pathway_changing.step_to_change(cast.ines, second).newest is None
    with pytest.raises(Invalid, match="words_reached"):
        pathway_changing.change(cast.ines, second, new)
    assert row(second).release == AFTER_OWN


def test_what_both_have_is_changed_no_more(cast: Cast) -> None:
    first, _ = reached_by_ana(cast)
    for act in (
        lambda: pathway_changing.step_to_change(cast.ines, first),
        lambda: pathway_changing.change(cast.ines, first, ChangedStep(AT_ONCE)),
    ):
        with pytest.raises(NotAllowed, match="step_reached"):
            act()
        db.session.rollback()


def test_what_was_confirmed_waits_for_the_coach_again_once_its_rule_is_another(cast: Cast) -> None:
    step, other = add(cast, ALONE[0], kind=ON_DAY, day=date(2026, 12, 20)), add(cast, TOGETHER[0], **JOINT)
    begin(cast)
    for one in (step, other):
        pathways.confirm(cast.ines, one)
        pathway_changing.change(cast.ines, one, ChangedStep(BY_COACH, days_open=5))
    assert (row(step).confirmed_a_at, row(step).confirmed_b_at) == (None, None)
    assert row(other).confirmed_a_at is not None


def newer(cast: Cast, slug: str, **other: str) -> str:
    """A version more of an entry of the library, published as the builder does; gives its title."""
    entry = entry_of(cast, slug)
    begin_write()
    kept = db.session.scalars(select(Questionnaire).where(Questionnaire.id == entry.id)).one()
    document = entry.document | {"title": f"{entry.title}, anew"} | other
    programme.add_version(kept, programme.next_number(kept), document)
    db.session.commit()
    return str(document["title"])


def title_of(step_id: UUID) -> str:
    version = select(QuestionnaireVersion.title).where(QuestionnaireVersion.id == row(step_id).version_id)
    return db.session.scalars(version).one()


def test_a_step_gets_the_words_that_the_library_has_now_where_the_coach_says_so(cast: Cast) -> None:
    step = add(cast, ALONE[0])
    before = title_of(step)
    assert pathway_changing.step_to_change(cast.ines, step).newest is None
    title = newer(cast, ALONE[0])
    assert pathway_changing.step_to_change(cast.ines, step).newest == title
    pathway_changing.change(cast.ines, step, ChangedStep(AT_ONCE))
    assert title_of(step) == before
    pathway_changing.change(cast.ines, step, ChangedStep(AT_ONCE, is_newest=True))
    assert title_of(step) == title


@pytest.mark.parametrize("whom", [For.BOTH, For.A])
def test_what_the_library_does_otherwise_by_now_is_another_step(cast: Cast, whom: For) -> None:
    step = add(cast, ALONE[0], given_to=whom)
    newer(cast, ALONE[0], audience="together")
    before = row(step).version_id
    with pytest.raises(Invalid, match="done_otherwise") as refused:
        pathway_changing.change(cast.ines, step, ChangedStep(AT_ONCE, is_newest=True))
    assert refused.value.params["field"] == "newest"
    assert row(step).version_id == before


@pytest.mark.parametrize(
    ("new", "code", "field"),
    [
        (ChangedStep(ON_DAY), "day_missing", "day"),
        (ChangedStep(AFTER_OWN), "step_missing", "after"),
        (ChangedStep(AFTER_OWN, after=UUID(int=9)), "no_such_step", "after"),
        (ChangedStep(AT_ONCE, days_open=0), "out_of_range", "days_open"),
        (ChangedStep(AT_ONCE, why="a" * 2_001), "too_long", "why"),
    ],
)
def test_what_a_step_cannot_be_names_its_field(cast: Cast, new: ChangedStep, code: str, field: str) -> None:
    step = add(cast, ALONE[0])
    with pytest.raises(Invalid) as refused:
        pathway_changing.change(cast.ines, step, new)
    assert (refused.value.code, refused.value.params["field"]) == (code, field)


def test_two_steps_do_not_come_to_wait_for_each_other(cast: Cast) -> None:
    first = add(cast, ALONE[0])
    second = add(cast, ALONE[1], kind=AFTER_OWN, after=first)
    assert pathway_changing.step_to_change(cast.ines, first).earlier == ()
    with pytest.raises(Invalid, match="waits_in_a_circle") as refused:
        pathway_changing.change(cast.ines, first, ChangedStep(AFTER_OWN, after=second))
    assert refused.value.params["field"] == "after"


def test_why_it_was_left_out_is_sealed_and_stands_on_the_coachs_page(cast: Cast) -> None:
    step = add(cast, ALONE[0])
    pathways.skip(cast.ines, step, " Too much for now ")
    kept = row(step).skipped_why or b""
    assert b"Too much" not in kept
    assert vault.unseal(cast.couples["ana"], pathways.SKIPPED_WHY, step, kept) == "Too much for now"
    with pytest.raises(NotAllowed, match="step_skipped"):
        pathway_changing.change(cast.ines, step, ChangedStep(AT_ONCE))


@pytest.mark.parametrize("why", ["", "  ", "a" * 201])
def test_a_step_is_not_left_out_without_one_line_why(cast: Cast, why: str) -> None:
    step = add(cast, ALONE[0])
    with pytest.raises(Invalid) as refused:
        pathways.skip(cast.ines, step, why)
    assert refused.value.params["field"] == "why"
    assert row(step).skipped_at is None


ACTS = st.sampled_from(
    ["add", "add", "joint", "change", "change", "change", "move", "skip", "confirm", "send", "issue"]
)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(ACTS, st.integers(0, 9_999)), min_size=4, max_size=14), st.integers(0, 50))
def test_whatever_a_coach_changes_on_a_running_pathway_both_come_to_the_end(
    cast: Cast, acts: list[tuple[str, int]], turn: int
) -> None:
    """What is refused changes nothing; after each act nobody waits for ever, and what reached somebody stays."""
    try:
        pathways.end(cast.ines, cast.couples["ana"])
    except NotFound:
        db.session.rollback()  # the first of the examples
    add(cast, ALONE[0])
    begin(cast)
    reached: set[UUID] = set()
    for kind, number in acts:
        try:
            done(cast, kind, number)
        except Refused:
            db.session.rollback()
        way = standing(cast)
        check(way.decided)
        now = {one.PathwayStep.id for one in way.steps if one.PathwayStep.assignment_id}
        assert reached <= now
        reached = now
    walk = Walk(way.decided)
    walk.sides = way.sides
    for step in range(5 * len(walk.pathway.steps) + 1):
        moves = list(walk.moves())
        if not moves:
            break
        walk.act(*moves[(turn + step) % len(moves)])
    assert [here(walk.path(label), walk.now).stands for label in Label] == [Stands.AT_END, Stands.AT_END]


def standing(cast: Cast):  # type: ignore[no-untyped-def]
    db.session.rollback()
    running = select(Pathway).where(Pathway.couple_id == cast.couples["ana"], Pathway.ended_at.is_(None))
    [way] = ways_of(db.session.scalars(running).all())
    return way


def done(cast: Cast, kind: str, number: int) -> None:
    """One act of the coach, of the sweep or of Ana, chosen by its number from what lies there."""
    ids = [one.PathwayStep.id for one in standing(cast).steps]
    chosen, other = ids[number % len(ids)], ids[number // 7 % len(ids)]
    rule = {"kind": list(ReleaseKind)[number // 10 % 4], "day": date(2026, 11, 20 + number % 10), "after": other}
    if kind == "add":
        whom = (For.BOTH, For.A, For.B)[number % 3]
        add(cast, ALONE[number % 4], given_to=whom, days=number % 3, **rule)
    elif kind == "joint":
        add(cast, TOGETHER[number % 2], **JOINT)
    elif kind == "change":
        pathway_changing.change(cast.ines, chosen, ChangedStep(**rule, days=number % 3, is_newest=bool(number % 2)))
    elif kind == "move":
        pathways.move(cast.ines, cast.couples["ana"], chosen, up=bool(number % 2))
    elif kind == "skip":
        pathways.skip(cast.ines, chosen, "Too much for now")
    elif kind == "confirm":
        pathways.confirm(cast.ines, chosen)
    elif kind == "issue":
        pathway_issuing.issue_due(LINK)
    elif db.session.scalar(select(func.count()).where(Assignment.id == chosen)):
        send_own(cast.ana, chosen)
