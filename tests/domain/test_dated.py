"""Which couple the title of a calendar entry means."""

from uuid import UUID

import pytest

from portal.domain.dated import by_names, meant_by

ANA, GIL, OTHER = UUID(int=1), UUID(int=2), UUID(int=3)
COUPLES = ((ANA, "Ana & Ben"), (GIL, "Gil & Hana"))


@pytest.mark.parametrize(
    ("title", "couple"),
    [
        ("Ana & Ben", ANA),
        ("ben/ana, 3rd time", ANA),
        ("ANA+BEN", ANA),
        ("Ana", None),
        ("Hana and Ben", None),
        ("Gil & Hana", GIL),
        ("Ana, Ben, Gil, Hana", None),
        ("", None),
    ],
)
def test_both_names_as_words_mean_a_couple_and_one_name_means_nobody(title: str, couple: UUID | None) -> None:
    assert meant_by(title, COUPLES) == couple


def test_names_that_two_couples_bear_mean_neither() -> None:
    twice = (*COUPLES, (OTHER, "Ben & Ana"))
    assert meant_by("Ana & Ben", twice) is None
    assert by_names({ANA: "Ana & Ben", OTHER: "Ana & Ben", GIL: "Gil & Hana"}) == {"Ana & Ben": None, "Gil & Hana": GIL}
