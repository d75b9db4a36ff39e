"""The programme and the questionnaires, as a coach reads them."""

from uuid import uuid4

import pytest

from portal.services import programme


def entries(viewer):
    return programme.library(viewer)


def test_the_programme_shows_five_steps_with_their_exercises(browser, cast):
    page = browser("ines").get("/coach/programme/").text
    titles = [step.title for step in programme.steps_of(cast.ines)]
    assert len(titles) == 5
    places = [page.index(f". {title}</h2>") for title in titles]
    assert places == sorted(places)
    assert page.count("/coach/programme/") == 26  # the navigation's, and one for each exercise


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
