"""What a release takes along, what holds it up, and that it opens by no instant but its own."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from portal.domain import safe_ways
from portal.domain.answers import Answer
from portal.domain.disclosure import Disclosure, Reader, Sent, may_read
from portal.domain.questionnaires import Questionnaire, from_document
from portal.domain.releases import held_back, released_with
from portal.domain.safe_ways import SafeWayOfReaching

MORNING = datetime(2026, 11, 24, 7, tzinfo=UTC)


def scale(item_id: str, disclosure: str = "coach", **more: object) -> dict[str, object]:
    return {"id": item_id, "type": "scale", "label": item_id, "ends": ["low", "high"], "disclosure": disclosure, **more}


@pytest.fixture
def form() -> Questionnaire:
    """Two questions with one choice for both, one that stands alone, and one that hangs on it."""
    return from_document(
        {
            "kind": "check_in",
            "slug": "a-form",
            "title": "A form",
            "audience": "alone",
            "frequency": "weekly",
            "items": [scale("a"), scale("b"), scale("c"), scale("d", show_if="c = '3'"), scale("x", "locked")],
            "screens": [
                {"title": "Both", "items": ["a", "b"], "one_choice_for_all": "Not this week"},
                {"title": "Alone", "items": ["c", "d", "x"]},
            ],
        }
    )


def answers(**readers: str) -> list[Answer]:
    chosen = {"a": "coach", "b": "coach", "c": "coach", "d": "coach", "x": "locked"} | readers
    return [Answer(item_id, 3, None, Disclosure(reader)) for item_id, reader in chosen.items()]


def test_what_has_one_choice_for_all_is_released_together(form: Questionnaire) -> None:
    assert released_with(form, answers(), "b") == ("a", "b")
    assert released_with(form, answers(), "c") == ("c",)


@pytest.mark.parametrize(("item_id", "reader"), [("c", "session"), ("c", "shared"), ("x", "locked")])
def test_what_is_not_private_to_the_coach_is_not_released(form: Questionnaire, item_id: str, reader: str) -> None:
    assert released_with(form, answers(**{item_id: reader}), item_id) == ()


def test_a_question_is_held_back_the_private_one_that_it_hangs_on(form: Questionnaire) -> None:
    assert held_back(form, answers(), ["d"]) == "c"
    assert held_back(form, answers(), ["c"]) is None
    for reader in ("session", "shared"):
        assert held_back(form, answers(c=reader), ["d"]) is None


@pytest.mark.parametrize("opened", [None, MORNING + timedelta(days=3)])
def test_what_was_released_later_did_not_open_with_what_its_form_was_opened_for(opened: datetime | None) -> None:
    sent = Sent(UUID(int=1), MORNING, alone=False, other_opens_at=MORNING, session_opened_at=MORNING)
    later = Sent(**{name: getattr(sent, name) for name in Sent.__slots__} | {"released": {"c": opened}})
    at = MORNING + timedelta(days=2)
    assert may_read(Disclosure.SESSION, Reader.PARTNER, later.of_item("a"), at, waits=True)
    assert not may_read(Disclosure.SESSION, Reader.PARTNER, later.of_item("c"), at, waits=True)
    after = MORNING + timedelta(days=4)
    assert may_read(Disclosure.SESSION, Reader.PARTNER, later.of_item("c"), after, waits=True) is (opened is not None)


def test_a_way_of_being_reached_comes_back_as_it_was_said() -> None:
    way = SafeWayOfReaching(phone=True, number="0151", words="At noon", between_sessions=False)
    assert safe_ways.from_document(way.to_document()) == way
    assert (way.may_mail, SafeWayOfReaching().may_mail, SafeWayOfReaching(mail=False).may_mail) == (False, True, False)
