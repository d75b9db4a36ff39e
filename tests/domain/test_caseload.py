"""Why a couple needs its coach and from when on, by what is kept of it; and how its names are found."""

from datetime import UTC, datetime, timedelta

import pytest

from portal.domain.caseload import (
    LET_GO_AFTER,
    LONGEST_NAME,
    NEEDS,
    NOT_YET,
    SILENT_AFTER,
    Stands,
    Waiting,
    check_view_name,
    folded,
    needs_from,
    turns_at,
    waiting_of,
)
from portal.domain.errors import Invalid
from portal.domain.people import CoupleState

NOW = datetime(2026, 11, 23, 19, tzinfo=UTC)
DAY = timedelta(days=1)
CALM = Stands(CoupleState.ACTIVE, open_until=NOW + DAY, overdue_from=NOW + DAY, silent_since=NOW, heard_at=NOW)


def stands(**changes: object) -> Stands:
    kept = {name: getattr(CALM, name) for name in Stands.__dataclass_fields__}
    return Stands(**(kept | changes))  # type: ignore[arg-type]


def test_who_works_along_needs_nobody_before_the_task_ends() -> None:
    assert waiting_of(CALM, NOW) == ()
    assert needs_from(CALM) == NOW + DAY


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"overdue_from": NOW, "open_until": NOW}, Waiting.OVERDUE),
        ({"silent_since": NOW - SILENT_AFTER - timedelta(seconds=1)}, Waiting.SILENT),
        ({"ahead_since": NOW}, Waiting.AHEAD),
        ({"door_since": NOW}, Waiting.NOT_COME_IN),
        ({"open_until": None, "overdue_from": None}, Waiting.NOTHING_ASSIGNED),
        ({"state": CoupleState.INVITED, "door_since": NOW}, Waiting.NOT_COME_IN),
    ],
)
def test_each_reason_holds_from_its_instant_on_and_no_earlier(changes: dict[str, object], why: Waiting) -> None:
    found = stands(**changes)
    assert waiting_of(found, NOW) == (why,)
    assert needs_from(found) <= NOW
    begins = needs_from(found)
    assert waiting_of(found, begins) == (why,)
    assert waiting_of(found, begins - timedelta.resolution) == ()


def test_exactly_two_weeks_of_silence_are_not_yet_more_than_two() -> None:
    assert waiting_of(stands(silent_since=NOW - SILENT_AFTER), NOW) == ()


def test_a_task_is_let_go_of_after_three_weeks_and_that_is_when_the_row_turns() -> None:
    late = stands(overdue_from=NOW, open_until=NOW)
    assert turns_at(late) == NOW + LET_GO_AFTER
    assert waiting_of(late, NOW + LET_GO_AFTER - timedelta.resolution)[0] is Waiting.OVERDUE
    assert Waiting.OVERDUE not in waiting_of(late, NOW + LET_GO_AFTER)


def test_a_row_turns_when_its_session_begins() -> None:
    assert turns_at(stands(next_at=NOW + timedelta(hours=1))) == NOW + timedelta(hours=1)
    assert turns_at(stands(overdue_from=None)) == NOT_YET


def test_a_drop_and_unread_forms_are_reasons_without_an_instant() -> None:
    found = stands(dropped_b_at=NOW, unread=2)
    assert waiting_of(found, NOW) == (Waiting.RESPONSES, Waiting.DROPPED)
    assert needs_from(found) == needs_from(CALM)


@pytest.mark.parametrize("state", [state for state in CoupleState if state not in ("invited", "active")])
def test_work_that_rests_needs_nobody_but_for_what_is_unread(state: CoupleState) -> None:
    resting = stands(state=state, silent_since=NOW - 99 * DAY, ahead_since=NOW, dropped_a_at=NOW, open_until=None)
    assert needs_from(resting) == NOT_YET
    assert waiting_of(resting, NOW) == ()


def test_nothing_of_safety_is_among_the_reasons() -> None:
    assert set(Waiting) == {
        "responses", "overdue", "silent", "ahead", "dropped", "not_come_in", "nothing_assigned",
    }  # fmt: skip
    assert set(NEEDS) == (set(Waiting) - {"responses"}) | {"any"}


def test_names_are_folded_with_each_word_behind_a_space() -> None:
    assert folded("Zoë & ÖRE") == " zoe & ore"
    assert folded("  ") == ""
    assert len(folded("ﷺ" * 123)) == 200


def test_a_view_goes_by_a_name_that_is_one() -> None:
    assert check_view_name("  Who  needs me ") == "Who needs me"
    for wrong in ("", "   ", "x" * (LONGEST_NAME + 1)):
        with pytest.raises(Invalid):
            check_view_name(wrong)
