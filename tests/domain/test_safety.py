"""What raises what: every shipped private question as the field's protocol has it, and any measure that says so."""

import pytest

from portal import content
from portal.domain.answers import Answer
from portal.domain.disclosure import Disclosure
from portal.domain.documents import check_in_document
from portal.domain.items import Item, item_from_document
from portal.domain.safety import ProtocolStep, SignalKind, asks_for_a_word, declines_contact, not_noted
from tests.domain.test_content import shipped

CHECK_IN = check_in_document(content.check_in())["slug"]
FLAG, SOFT, WORD = SignalKind.FLAG, SignalKind.SOFT_FLAG, SignalKind.WORD
IN_THE_CHECK_IN = {
    ("x1", "yes"): FLAG,
    ("x1", "rather_not"): SOFT,
    ("x1", "no"): None,
    ("x2", "yes"): FLAG,
    ("x2", "rather_not"): SOFT,
    ("x2", "no"): None,
    ("x3", "soon"): WORD,
    ("x3", "next_days"): WORD,
    ("x3", "please_do_not"): None,
}


def items_of(slug: str) -> dict[str, Item]:
    found = next(questionnaire for questionnaire in shipped() if questionnaire.slug == slug)
    return {item.id: item for item in found.items}


@pytest.mark.parametrize(("asked", "kind"), IN_THE_CHECK_IN.items())
def test_the_check_in_raises_what_the_protocol_says(asked: tuple[str, str], kind: SignalKind | None) -> None:
    assert items_of(CHECK_IN)[asked[0]].signal(asked[1]) == kind


def test_every_answer_to_a_private_question_that_is_chosen_is_in_that_list() -> None:
    locked = [item for item in items_of(CHECK_IN).values() if item.disclosure is Disclosure.LOCKED]
    answers = {(item.id, option.value) for item in locked for option in item.options}
    assert answers == set(IN_THE_CHECK_IN)


def test_every_exercise_lets_somebody_say_that_they_stopped_because_they_were_afraid() -> None:
    exercises = [questionnaire for questionnaire in shipped() if questionnaire.slug != CHECK_IN]
    assert len(exercises) == 25
    for exercise in exercises:
        stopped = next(item for item in exercise.items if item.id == "stopped_afraid")
        assert stopped.signal(True) == FLAG
        assert stopped.signal(False) is None
        assert stopped.signal(None) is None


def test_every_locked_question_but_a_line_of_text_raises_something() -> None:
    for questionnaire in shipped():
        for item in questionnaire.items:
            if item.disclosure is Disclosure.LOCKED:
                assert bool(item.raises) is (item.type != "text"), item.id


@pytest.mark.parametrize(("value", "kind"), [(0, None), (1, FLAG), (3, FLAG), (None, None)])
def test_a_critical_question_of_a_measure_raises_a_flag_by_its_number(value: int | None, kind: str | None) -> None:
    entry = {
        "id": "critical",
        "type": "number",
        "label": "On how many days?",
        "minimum": 0,
        "maximum": 3,
        "disclosure": "locked",
        "raises": [["1", "flag"], ["2", "flag"], ["3", "flag"]],
    }
    assert item_from_document(entry, 9).signal(value) == kind


def test_a_critical_question_of_a_measure_raises_a_flag_by_its_option() -> None:
    options = [{"value": f"often_{points}", "label": f"Often {points}"} for points in range(4)]
    raises = [[f"often_{points}", "flag"] for points in range(1, 4)]
    entry = {"id": "critical", "type": "choice", "label": "How often?", "disclosure": "locked"}
    item = item_from_document(entry | {"options": options, "raises": raises}, 9)
    assert [item.signal(option["value"]) for option in options] == [None, FLAG, FLAG, FLAG]


def test_who_asks_not_to_be_contacted_is_told_from_who_did_not_answer() -> None:
    asked = items_of(CHECK_IN)["x3"]

    def declined(value: str | None) -> bool:
        return declines_contact(asked, Answer("x3", value, None, Disclosure.LOCKED))

    assert asks_for_a_word(asked)
    assert declined("please_do_not")
    assert not declined("soon")
    assert not declined(None)
    assert not asks_for_a_word(items_of(CHECK_IN)["x1"])


def test_the_steps_of_which_nothing_was_noted_stand_in_their_order() -> None:
    assert len(ProtocolStep) == 7
    assert not_noted([]) == tuple(ProtocolStep)
    assert not_noted([ProtocolStep.REFER, ProtocolStep.READ, ProtocolStep.READ]) == (2, 3, 4, 5, 7)
    assert not_noted(ProtocolStep) == ()
