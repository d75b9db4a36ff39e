"""Two buttons put one thing before or behind its neighbour, and leave the others where they are."""

import pytest

from portal.domain.order import moved


@pytest.mark.parametrize(
    ("place", "up", "then"),
    [
        (1, True, ["tea", "talk", "walk"]),
        (1, False, ["talk", "walk", "tea"]),
        (0, True, ["talk", "tea", "walk"]),
        (2, False, ["talk", "tea", "walk"]),
    ],
)
def test_one_thing_changes_places_with_its_neighbour_and_stays_at_an_end(place: int, up: bool, then: list[str]) -> None:
    order = ("talk", "tea", "walk")
    assert moved(order, place, up=up) == then
    assert order == ("talk", "tea", "walk")


def test_what_is_alone_stays_alone() -> None:
    assert moved(["tea"], 0, up=True) == moved(["tea"], 0, up=False) == ["tea"]
