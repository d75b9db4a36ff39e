"""The programme and the questionnaires, as a coach reads them."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest

from portal.services import couples, programme, steps
from tests import weeks


def entries(viewer):
    return programme.library(viewer)


def test_the_programme_shows_five_steps_with_their_exercises(browser, cast):
    page = browser("ines").get("/coach/programme/").text
    titles = [step.title for step in programme.steps_of(cast.ines)]
    assert len(titles) == 5
    places = [page.index(f". {title}</h2>") for title in titles]
    assert places == sorted(places)
    assert len(re.findall(r'href="/coach/programme/[0-9a-f-]{36}"', page)) == 25


def test_every_exercise_opens_with_its_words_and_who_reads_what(browser, cast):
    ines = browser("ines")
    exercises = [entry for entry in entries(cast.ines) if entry.step is not None]
    assert len(exercises) == 25
    for entry in exercises:
        reply = ines.get(f"/coach/programme/{entry.id}")
        assert reply.status_code == 200, entry.slug
        assert reply.text.count("<tr>") == len(entry.document["items"]) + 1
        assert "{coach}" not in reply.text
        assert "You alone, always" in reply.text


def test_the_check_in_stands_with_its_questions_and_what_it_does_not_measure(browser):
    page = browser("ines").get("/coach/questionnaires/").text
    assert "Weekly check-in" in page
    assert "It has no population norms, no cut-off" in page
    assert "every fourth form" in page


def test_an_entry_of_another_practice_and_one_that_never_was_are_not_found(browser, cast):
    theirs = entries(cast.sol)[0].id
    check_in = next(entry.id for entry in entries(cast.ines) if entry.step is None)
    for entry_id in (theirs, uuid4(), check_in):
        assert browser("ines").get(f"/coach/programme/{entry_id}").status_code == 404


@pytest.mark.parametrize("path", ["/coach/programme/", "/coach/questionnaires/"])
def test_partners_find_nothing_here_and_nobody_is_led_to_the_door(browser, path):
    assert browser("ana").get(path).status_code == 404
    assert browser().get(path).status_code == 303


def test_another_coach_of_the_practice_reads_the_same_library(browser, cast):
    entry_id = entries(cast.ines)[0].id
    assert browser("omar").get(f"/coach/programme/{entry_id}").status_code == 200


def test_a_couple_at_a_step_of_the_practices_own_has_every_page_and_a_brief(browser, cast, wall):
    steps.add(cast.ines, "Play")
    own = programme.steps_of(cast.ines)[-1]
    weeks.check_in(cast.ines, cast.couples["ana"], cast.ana, cast.ben)
    couples.set_step(cast.ines, cast.couples["ana"], own.slug)
    session_id = weeks.meet(cast.couples["ana"], wall.now + timedelta(days=1))
    couple, session, ines = f"/coach/couples/{cast.couples['ana']}", f"/coach/sessions/{session_id}", browser("ines")
    pages = ["/coach/", couple, f"{couple}/trends", f"{couple}/assign", f"{couple}/pathway", f"{session}/brief"]
    for page in (*pages, f"{session}/brief?copy=joint", "/coach/couples/?step=" + own.slug, "/coach/programme/"):
        assert ines.get(page).status_code == 200, page
    assert "Play" in ines.get(f"{session}/brief").text
    assert browser("ana").get("/my/").status_code == 200


def test_steps_are_renamed_and_refused_in_their_place(browser, cast):
    ines, step = browser("ines"), steps.kept(cast.ines)[1]
    page = f"/coach/programme/steps/{step.step_id}"
    assert ines.post(page, {"title": "Saying thank you"}, page="/coach/programme/steps").status_code == 303
    assert "2. Saying thank you</h2>" in ines.get("/coach/programme/").text
    late = ines.post(page, {"title": " "}, page="/coach/programme/steps")
    assert late.status_code == 422
    assert late.text.count("Give a name.") == 2
    ines.post(f"{page}/retire", page="/coach/programme/steps")
    assert "Exercises stand at this step." in ines.get("/coach/programme/steps").text
