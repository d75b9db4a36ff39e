"""The shipped programme fits the house's definitions."""

import json

from portal import content
from portal.domain.disclosure import Disclosure
from portal.domain.documents import check_in_document, exercise_document
from portal.domain.items import ItemType
from portal.domain.openers import openers_from_document
from portal.domain.programme import STEPS
from portal.domain.questionnaires import Questionnaire, from_document


def shipped() -> list[Questionnaire]:
    """All shipped questionnaires, each by way of JSON as a database keeps it, names sorted."""
    exercises = [
        exercise_document(exercise, step["step"], content.common_fields())
        for step in content.steps()
        for exercise in step["exercises"]
    ]
    documents = [*exercises, check_in_document(content.check_in())]
    return [from_document(json.loads(json.dumps(document, sort_keys=True))) for document in documents]


def test_five_steps_ship_with_five_exercises_each_in_the_programmes_order():
    assert tuple(step["step"] for step in content.steps()) == STEPS
    assert [len(step["exercises"]) for step in content.steps()] == [5, 5, 5, 5, 5]


def test_every_shipped_questionnaire_can_be_read_back_from_its_document():
    read = shipped()
    assert len(read) == 26
    assert len({questionnaire.slug for questionnaire in read}) == 26


def test_no_number_about_closeness_is_shipped_as_shared():
    scales = [item for questionnaire in shipped() for item in questionnaire.items if item.type is ItemType.SCALE]
    assert scales
    assert all(item.disclosure is not Disclosure.SHARED for item in scales)


def test_whatever_raises_a_signal_is_locked():
    raising = [item for questionnaire in shipped() for item in questionnaire.items if item.raises]
    assert len(raising) == 25 + 3
    assert {item.disclosure for item in raising} == {Disclosure.LOCKED}


def test_every_shipped_opener_has_a_condition_and_only_those_marked_so_are_strengths():
    openers = openers_from_document(content.openers())
    assert len(openers) == 20
    assert [opener.id for opener in openers if opener.strength] == ["o07", "o16", "o17", "o19"]


def test_what_one_reader_changes_the_next_does_not_get():
    content.check_in()["checkin"]["items"].clear()
    assert content.check_in()["checkin"]["items"]


def test_the_measures_ship_their_scoring_without_any_wording():
    measures = content.instruments()["instruments"]
    assert {"csi16", "rdas", "phq9"} <= set(measures)
    assert all("text" not in measure and "items" not in measure for measure in measures.values())
