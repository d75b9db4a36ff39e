"""What one did beside what the other noticed: for the coach alone, from what both answered, and never from locked."""

from dataclasses import replace

import pytest

from portal.domain.answers import Answer
from portal.domain.disclosure import Disclosure
from portal.domain.perception import Counted, Landing
from portal.domain.session_facts import Both
from portal.services import readings, sent_forms, trends
from portal.services.noticed import Noticing, both_ways
from portal.services.trends import Show
from tests import weeks
from tests.cast import PASSPHRASE, ZONE, Cast
from tests.conftest import Wall

NAMES = Both("Ana", "Ben")
STEPS = {f"p{number}": "7" for number in range(1, 6)}


def a_fourth_week(cast: Cast, wall: Wall, did: str, noticed: str) -> None:
    """Four check-ins of both, a week apart: the last asks for what was done and noticed."""
    for _ in range(4):
        wall.forward(weeks=1)
        assignment_id = weeks.assign(cast.ines, cast.couples["ana"], weeks.CHECK_IN)
        weeks.send(cast.ana, assignment_id, dict.fromkeys(STEPS, did) | {"n1": "5"})
        weeks.send(cast.ben, assignment_id, dict.fromkeys(STEPS, "6") | {"n1": noticed})


def noticed(cast: Cast) -> tuple[Noticing, Noticing]:
    return trends.trends(cast.ines, cast.couples["ana"], Show.SCORE, ZONE).noticed


def test_of_twenty_four_check_ins_six_ask_for_both_and_then_something_is_said(cast: Cast, wall: Wall) -> None:
    for _ in range(5):
        a_fourth_week(cast, wall, "8", "3")
    assert [len(one.weeks.weeks) for one in noticed(cast)] == [5, 5]
    assert [one.weeks.landing for one in noticed(cast)] == [Landing.TOO_EARLY, Landing.TOO_EARLY]
    a_fourth_week(cast, wall, "8", "3")
    of_ana, of_ben = noticed(cast)
    assert (of_ana.did_by, of_ana.noticed_by, of_ana.weeks.landing) == ("Ana", "Ben", Landing.MORE_DONE)
    assert (of_ben.did_by, of_ben.noticed_by, of_ben.weeks.landing) == ("Ben", "Ana", Landing.ALIKE)
    assert of_ana.weeks.latest is not None
    assert (of_ana.weeks.latest.points, of_ana.weeks.latest.notable) == (50, True)


@pytest.mark.parametrize(
    ("slug", "did", "seen"),
    [("small-care-menu", "acts_done", "acts_noticed"), ("repair-log", "mine", "theirs_noticed")],
)
def test_what_an_exercise_counts_stands_beside_what_the_other_noticed(
    cast: Cast, wall: Wall, slug: str, did: str, seen: str
) -> None:
    assignment_id = weeks.assign(cast.ines, cast.couples["ana"], slug)
    weeks.send(cast.ana, assignment_id, {"done": "done", did: "5", seen: "3"})
    assert all(one.is_empty for one in noticed(cast))
    wall.forward(days=2)
    weeks.send(cast.ben, assignment_id, {"done": "partly", did: "4", seen: "1"})
    of_ana, of_ben = noticed(cast)
    title = next(f.title for f in sent_forms.of_couple(cast.ines, cast.couples["ana"]))
    assert of_ana.counted == (Counted(title, wall.now.date(), 5, 1),)
    assert of_ben.counted == (Counted(title, wall.now.date(), 4, 3),)


def test_what_was_skipped_is_no_nought(cast: Cast) -> None:
    assignment_id = weeks.assign(cast.ines, cast.couples["ana"], "repair-log")
    weeks.send(cast.ana, assignment_id, {"done": "done", "mine": "5"})
    weeks.send(cast.ben, assignment_id, {"done": "done", "mine": "0", "theirs_noticed": "0"})
    of_ana, of_ben = noticed(cast)
    assert [(counted.did, counted.noticed) for counted in of_ana.counted] == [(5, 0)]
    assert of_ben.is_empty


def test_a_locked_answer_plays_no_part(cast: Cast) -> None:
    assignment_id = weeks.assign(cast.ines, cast.couples["ana"], "repair-log")
    for partner in (cast.ana, cast.ben):
        weeks.send(partner, assignment_id, {"done": "done", "mine": "2", "theirs_noticed": "2"})
    forms = sent_forms.of_couple(cast.ines, cast.couples["ana"])
    assert not any(one.is_empty for one in both_ways(NAMES, forms, ZONE))
    locked = [replace(form, answers=tuple(map(lock, form.answers))) for form in forms]
    assert all(one.is_empty for one in both_ways(NAMES, locked, ZONE))


def lock(answer: Answer) -> Answer:
    return replace(answer, disclosure=Disclosure.LOCKED) if answer.item_id == "mine" else answer


def test_all_that_is_drawn_upon_is_on_record_as_read_whether_the_other_has_sent_or_not(cast: Cast, wall: Wall) -> None:
    for partners in ((cast.ana, cast.ben), (cast.ana,)):
        wall.forward(days=1)
        assignment_id = weeks.assign(cast.ines, cast.couples["ana"], "repair-log")
        for partner in partners:
            weeks.send(partner, assignment_id, {"done": "done", "mine": "2"})
    noticed(cast)
    assert [len(form.readings) for form in readings.of_own_forms(cast.ana, PASSPHRASE).forms] == [1, 1]
