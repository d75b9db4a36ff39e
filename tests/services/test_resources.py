"""The shelf: a practice's own, in its own order; a partner finds what is beside the step of both, and nothing else."""

from uuid import UUID

import pytest
from sqlalchemy import update

from portal.domain.errors import Invalid, NotFound
from portal.domain.resources import MOST_ON_STEP
from portal.extensions import begin_write, db
from portal.models.couples import Partnership
from portal.services import couples, parting, programme, resources
from portal.services.resources import NewResource
from tests.cast import LINK, PASSPHRASE, Cast

LISTENING, GRATITUDE = "active_listening", "gratitude"


def new(title: str, step: str = LISTENING, **other: object) -> NewResource:
    rest = {"kind": "episode", "address": "https://radio.example/12", "minutes": 31, "why": "For the way home"} | other
    return NewResource(step=step, title=title, **rest)  # type: ignore[arg-type]


def put(cast: Cast, *titles: str, step: str = LISTENING) -> list[UUID]:
    return [resources.add(cast.ines, new(title, step)) for title in titles]


def of_step(cast: Cast, step: str = LISTENING) -> list[str]:
    [found] = [one for one in resources.shelf(cast.ines) if one.step == step]
    return [kept.link.media.title for kept in found.kept]


def met(cast: Cast, who: str) -> list[str]:
    return [link.media.title for link in resources.for_partner(cast.viewers[who])]


def go_to(cast: Cast, step: str) -> None:
    couples.set_step(cast.ines, cast.couples["ana"], step)


def test_both_find_what_stands_beside_the_step_of_both_in_the_order_of_the_shelf(cast: Cast) -> None:
    go_to(cast, LISTENING)
    put(cast, "One", "Two")
    put(cast, "Three", step=GRATITUDE)
    assert met(cast, "ana") == met(cast, "ben") == ["One", "Two"]
    go_to(cast, GRATITUDE)
    assert met(cast, "ana") == met(cast, "ben") == ["Three"]


def test_nothing_is_there_before_somebody_has_put_it_there(cast: Cast) -> None:
    assert [one.kept for one in resources.shelf(cast.ines)] == [()] * len(programme.steps_of(cast.ines))
    assert met(cast, "ana") == []


def test_what_is_taken_off_is_met_by_nobody_and_can_be_put_back_where_it_stood(cast: Cast) -> None:
    go_to(cast, LISTENING)
    first, _ = put(cast, "One", "Two")
    for _ in range(2):
        resources.retire(cast.ines, first)
        assert (of_step(cast), met(cast, "ben")) == (["Two"], ["Two"])
    for _ in range(2):
        resources.bring_back(cast.ines, first)
        assert met(cast, "ben") == ["One", "Two"]


def test_a_link_moves_a_place_at_a_time_and_stays_at_an_end(cast: Cast) -> None:
    first, _, third = put(cast, "One", "Two", "Three")
    resources.move(cast.ines, third, up=True)
    assert of_step(cast) == ["One", "Three", "Two"]
    resources.move(cast.ines, first, up=True)
    assert of_step(cast) == ["One", "Three", "Two"]
    resources.move(cast.ines, first, up=False)
    assert of_step(cast) == ["Three", "One", "Two"]


def test_one_that_was_taken_off_stays_out_of_the_order(cast: Cast) -> None:
    first, second, _ = put(cast, "One", "Two", "Three")
    resources.retire(cast.ines, second)
    resources.move(cast.ines, first, up=False)
    assert of_step(cast) == ["Three", "One"]


def test_a_link_can_say_something_else_and_go_beside_another_step(cast: Cast) -> None:
    [first] = put(cast, "One")
    resources.change(cast.ines, first, new("Uno", GRATITUDE, kind="book", minutes=None))
    assert (of_step(cast), of_step(cast, GRATITUDE)) == ([], ["Uno"])
    assert resources.one(cast.ines, first).link.media.minutes is None


def test_a_step_that_there_is_not_and_one_too_many_are_refused(cast: Cast) -> None:
    with pytest.raises(Invalid) as refused:
        resources.add(cast.ines, new("One", "no_such_step"))
    assert refused.value.params["field"] == "step"
    db.session.rollback()
    for number in range(MOST_ON_STEP):
        resources.add(cast.ines, new(f"Number {number}"))
    with pytest.raises(Invalid, match="shelf_full"):
        resources.add(cast.ines, new("One too many"))


def test_what_is_taken_off_makes_room_and_comes_back_only_where_there_is_some(cast: Cast) -> None:
    first, *_ = put(cast, *(f"Number {number}" for number in range(MOST_ON_STEP)))
    resources.retire(cast.ines, first)
    put(cast, "One more")
    with pytest.raises(Invalid, match="shelf_full"):
        resources.bring_back(cast.ines, first)
    db.session.rollback()
    [elsewhere] = put(cast, "Elsewhere", step=GRATITUDE)
    with pytest.raises(Invalid, match="shelf_full") as refused:
        resources.change(cast.ines, elsewhere, new("Elsewhere"))
    assert refused.value.params["field"] == "step"
    db.session.rollback()
    assert (len(of_step(cast)), of_step(cast, GRATITUDE)) == (MOST_ON_STEP, ["Elsewhere"])


def test_a_full_step_keeps_no_link_from_saying_something_else(cast: Cast) -> None:
    first, *_ = put(cast, *(f"Number {number}" for number in range(MOST_ON_STEP)))
    resources.change(cast.ines, first, new("Uno"))
    assert of_step(cast)[:2] == ["Uno", "Number 1"]


def test_what_goes_beside_another_step_stands_there_last_whether_taken_off_or_not(cast: Cast) -> None:
    first, second, _ = put(cast, "One", "Two", "Three")
    put(cast, "Four", "Five", "Six", step=GRATITUDE)
    resources.change(cast.ines, first, new("One", GRATITUDE))
    resources.retire(cast.ines, second)
    resources.change(cast.ines, second, new("Two", GRATITUDE))
    resources.bring_back(cast.ines, second)
    assert of_step(cast, GRATITUDE) == ["Four", "Five", "Six", "One", "Two"]
    assert of_step(cast) == ["Three"]


@pytest.mark.parametrize("who", ["sol", "mira", "noor", "ana"])
def test_the_shelf_of_a_practice_is_its_coaches_own(cast: Cast, who: str) -> None:
    [first] = put(cast, "One")
    viewer = getattr(cast, who)
    for act in (
        lambda: resources.one(viewer, first),
        lambda: resources.change(viewer, first, new("Two")),
        lambda: resources.retire(viewer, first),
        lambda: resources.bring_back(viewer, first),
        lambda: resources.move(viewer, first, up=True),
    ):
        with pytest.raises(NotFound):
            act()
        db.session.rollback()
    if who != "sol":
        with pytest.raises(NotFound):
            resources.add(viewer, new("Two"))
        db.session.rollback()
    assert of_step(cast) == ["One"]


def test_no_partner_of_another_practice_meets_it(cast: Cast) -> None:
    go_to(cast, LISTENING)
    couples.set_step(cast.sol, cast.couples["eva"], LISTENING)
    put(cast, "One")
    assert (met(cast, "ana"), met(cast, "eva")) == (["One"], [])


def test_the_staff_have_no_partners_shelf(cast: Cast) -> None:
    with pytest.raises(NotFound):
        resources.for_partner(cast.ines)


def test_who_stops_taking_part_keeps_the_step_at_which_they_did(cast: Cast) -> None:
    go_to(cast, LISTENING)
    put(cast, "One")
    put(cast, "Two", step=GRATITUDE)
    parting.leave(cast.ana, PASSPHRASE, LINK, hides=False)
    assert met(cast, "ana") == met(cast, "ben") == ["One"]
    go_to(cast, GRATITUDE)
    assert (met(cast, "ana"), met(cast, "ben")) == (["One"], ["Two"])


def test_who_has_agreed_anew_is_at_the_step_of_both_again(cast: Cast) -> None:
    go_to(cast, LISTENING)
    put(cast, "Two", step=GRATITUDE)
    parting.leave(cast.ana, PASSPHRASE, LINK, hides=False)
    go_to(cast, GRATITUDE)
    begin_write()
    own = update(Partnership).where(Partnership.person_id == cast.ana.person_id)
    db.session.execute(own.values(withdrawn_at=None))  # as agreeing anew does
    db.session.commit()
    assert met(cast, "ana") == ["Two"]
