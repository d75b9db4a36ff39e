"""The steps of the programme: a practice's own names and order, and what may not be taken away from under anybody."""

from dataclasses import replace

import pytest
from sqlalchemy import select, update

from portal.domain.errors import Invalid, NotFound
from portal.extensions import begin_write, db
from portal.models.couples import Couple
from portal.services import couples, programme, questionnaires, steps
from tests.drafts import HEADING, entry_of, published
from tests.web.world import invite_another


def titles(viewer):
    return [step.title for step in programme.steps_of(viewer)]


def step_of(viewer, title):
    return next(step for step in steps.kept(viewer) if step.title == title)


def test_a_step_is_called_otherwise_and_what_hangs_on_it_stays(cast):
    before = [entry.slug for entry in programme.library(cast.ines) if entry.step == "gratitude"]
    steps.rename(cast.ines, step_of(cast.ines, "Gratitude").step_id, " Saying thank you ")
    assert titles(cast.ines)[1] == "Saying thank you"
    assert [entry.slug for entry in programme.library(cast.ines) if entry.step == "gratitude"] == before
    assert titles(cast.sol)[1] == "Gratitude"


@pytest.mark.parametrize("typed", ["", " \x00", "x" * 61])
def test_a_name_that_is_none_is_refused(cast, typed):
    for act in (
        lambda: steps.add(cast.ines, typed),
        lambda: steps.rename(cast.ines, steps.kept(cast.ines)[0].step_id, typed),
    ):
        with pytest.raises(Invalid) as caught:
            act()
        assert caught.value.params["field"] == "title"


def test_a_new_step_stands_last_and_can_hold_exercises_and_couples(cast):
    steps.add(cast.ines, "Play")
    assert titles(cast.ines)[-1] == "Play"
    slug = step_of(cast.ines, "Play").slug
    couples.set_step(cast.ines, cast.couples["ana"], slug)
    published(cast.ines, replace(HEADING, step=slug))
    assert entry_of(cast.ines, "a-walk").step == slug


def test_steps_change_places_and_a_new_couple_begins_at_the_first(cast):
    steps.move(cast.ines, step_of(cast.ines, "Gratitude").step_id, up=True)
    steps.move(cast.ines, step_of(cast.ines, "Gratitude").step_id, up=True)
    assert [step.position for step in programme.steps_of(cast.ines)] == [1, 2, 3, 4, 5]
    assert titles(cast.ines)[:2] == ["Gratitude", "Active listening"]
    couple_id = invite_another(cast.ines)
    assert db.session.scalar(select(Couple.step).where(Couple.id == couple_id)) == "gratitude"


def test_a_step_is_not_retired_from_under_an_exercise_or_a_couple(cast):
    gratitude, listening = (step_of(cast.ines, title).step_id for title in ("Gratitude", "Active listening"))
    with pytest.raises(Invalid, match="step_has_exercises"):
        steps.retire(cast.ines, gratitude)
    for line in questionnaires.lines(cast.ines):
        if line.step in ("gratitude", "active_listening"):
            questionnaires.retire(cast.ines, line.questionnaire_id)
    with pytest.raises(Invalid, match="couples_stand_at_step"):
        steps.retire(cast.ines, listening)
    steps.retire(cast.ines, gratitude)
    assert "Gratitude" not in titles(cast.ines)
    assert [step.position for step in programme.steps_of(cast.ines)] == [1, 2, 3, 4]
    with pytest.raises(Invalid, match="step_unknown"):
        couples.set_step(cast.ines, cast.couples["ana"], "gratitude")
    steps.bring_back(cast.ines, gratitude)
    assert titles(cast.ines)[-1] == "Gratitude"


def let_stand_at(cast, slug):
    """All couples of the practice at one step."""
    begin_write()
    db.session.execute(update(Couple).where(Couple.practice_id == cast.ines.practice_id).values(step=slug))
    db.session.commit()


def test_a_programme_keeps_one_step(cast):
    for line in questionnaires.lines(cast.ines):
        if line.step is not None:
            questionnaires.retire(cast.ines, line.questionnaire_id)
    last = steps.add(cast.ines, "The last")
    let_stand_at(cast, step_of(cast.ines, "The last").slug)
    for step in steps.kept(cast.ines):
        if step.step_id != last:
            steps.retire(cast.ines, step.step_id)
    let_stand_at(cast, "repair")
    with pytest.raises(Invalid, match="last_step"):
        steps.retire(cast.ines, last)


@pytest.mark.parametrize("name", ["mira", "noor", "ana", "sol"])
def test_only_coaches_of_the_practice_keep_its_steps(cast, name):
    viewer, step_id = getattr(cast, name), steps.kept(cast.ines)[0].step_id
    acts = [
        lambda: steps.rename(viewer, step_id, "Mine"),
        lambda: steps.move(viewer, step_id, up=False),
        lambda: steps.retire(viewer, step_id),
        lambda: steps.bring_back(viewer, step_id),
    ]
    if name != "sol":
        acts.append(lambda: steps.add(viewer, "Mine"))
        assert steps.kept(viewer) == ()
    before = steps.kept(cast.ines)
    for act in acts:
        with pytest.raises(NotFound):
            act()
        db.session.rollback()
    assert steps.kept(cast.ines) == before
