"""A second version of the check-in: scores, trends, drops, briefs and flags go on as if it had always been so."""

from datetime import timedelta

import pytest

from portal.domain.items import ItemType
from portal.domain.question_words import QuestionWords
from portal.services import (
    assigned,
    publishing,
    questionnaire_drafts,
    repeating,
    responses,
    safety,
    sent_forms,
    session_prep,
    trends,
)
from portal.services.trends import Show
from tests import weeks
from tests.cast import ZONE
from tests.drafts import entry_of
from tests.given import assign, task_of
from tests.services.test_session_prep import printed

CALM_WEEKS = 6
LOW = {"s1": "9", "s2": "9", "s3": "9", "s4": "9", "b1": "1", "b2": "1", "b3": "1"}
REWORDED = QuestionWords("I kept something back.", ends=("not once", "all the time"))
OWN = QuestionWords("We went for a walk.", "session", ends=("never", "daily"))
LINE = "A check-in is lower than the usual ups and downs."


@pytest.fixture
def couple_id(cast):
    return cast.couples["ana"]


def edit(cast) -> str:
    """Version 2: a scored question in other words, and one of the practice's own; gives the latter's id."""
    draft_id = questionnaire_drafts.begin_next(cast.ines, entry_of(cast.ines, weeks.CHECK_IN).id)
    questionnaire_drafts.save_question(cast.ines, draft_id, 1, "s1", ItemType.SCALE, REWORDED)
    own = questionnaire_drafts.save_question(cast.ines, draft_id, 2, None, ItemType.SCALE, OWN)
    publishing.publish(cast.ines, draft_id, 3)
    return own


def test_scores_are_the_same_by_either_version_and_own_questions_enter_none(cast, wall, couple_id):
    weeks.check_in(cast.ines, couple_id, cast.ana)
    own = edit(cast)
    wall.forward(days=7)
    weeks.check_in(cast.ines, couple_id, cast.ana, **{own: "10"})
    before, after = sent_forms.of_couple(cast.ines, couple_id)
    assert before.scores == after.scores
    assert before.scores.total is not None
    assert after.value(own) == 10


def test_trends_draw_one_line_over_both_versions_and_say_the_latest_words(cast, wall, couple_id):
    for _ in range(2):
        weeks.check_in(cast.ines, couple_id, cast.ana, cast.ben)
        wall.forward(days=7)
    edit(cast)
    weeks.check_in(cast.ines, couple_id, cast.ana, cast.ben)
    found = trends.trends(cast.ines, couple_id, Show.SIGNS, ZONE)
    lines = (found.weeks.a, found.weeks.b)
    assert [sum(value is not None for value in line.values) for line in lines] == [3, 3]
    first = found.rows[0]
    assert (first.item_id, first.label, first.a, first.b) == ("s1", "I kept something back.", 7, 7)


def test_a_low_week_by_the_new_version_is_a_drop_from_the_weeks_by_the_old_one(cast, wall, couple_id, browser):
    for week in range(CALM_WEEKS):
        weeks.check_in(cast.ines, couple_id, cast.ana, cast.ben, b1=str(5 + week % 2))
        wall.forward(days=7)
    edit(cast)
    assert LINE not in browser("ines").get("/coach/").text
    weeks.check_in(cast.ines, couple_id, cast.ana, **LOW)
    assert LINE in browser("ines").get("/coach/").text


def test_the_brief_reads_what_each_wants_and_a_private_yes_is_a_flag_as_before(cast, wall, couple_id):
    edit(cast)
    session_id = weeks.meet(couple_id, wall.now + timedelta(days=1))
    weeks.check_in(cast.ines, couple_id, cast.ana, t1="The soup", t2="A slower start", x1="yes")
    assert "A slower start" in printed(session_prep.coach_brief(cast.ines, session_id))
    assert safety.holds(cast.ines, couple_id)


def test_a_weekly_form_that_runs_takes_the_new_version_and_an_open_one_stays(cast, wall):
    first = assign(cast, weeks.CHECK_IN, weekly=True)
    own = edit(cast)
    assert own not in {item.id for item in responses.open_for(cast.ana, task_of(cast.ana, first)).items}
    wall.forward(days=7, hours=6)
    assert repeating.issue_due() == 1
    lines = assigned.assignments_of_couple(cast.ines, cast.couples["ana"])
    [newest] = [line.assignment_id for line in lines if line.assignment_id != first]
    assert own in {item.id for item in responses.open_for(cast.ana, task_of(cast.ana, newest)).items}
