"""The proof of the proof: leaks are planted, and the general comparison alone finds each of them."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from tests.privacy import acts, twin
from tests.privacy.faults import LISTED, planted

WITHIN = 60


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One for all of them, so that the apps of the two sides stay."""
    return tmp_path_factory.mktemp("faults")


@pytest.mark.parametrize("name", planted.PLANTED)
def test_a_planted_leak_is_caught(name: str, databases: Callable[[str], str], folder: Path) -> None:
    """Histories are drawn as ever; what the leak tells of happens in each, so that all are looked for each time."""

    lived: list[acts.History] = []

    @settings(
        max_examples=WITHIN,
        derandomize=True,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
    )
    @given(acts.histories(planted.PLANTED[name].needs))
    def holds(history: acts.History) -> None:
        twin.lived_twice(history, databases, folder, turn=len(lived))
        lived.append(history)

    with planted.planted(name), pytest.raises(twin.LeakError):
        holds()


def test_every_leak_of_the_list_is_planted() -> None:
    assert len(LISTED) == 25
    assert len(set(LISTED.values())) == 25
    assert set(LISTED.values()) <= set(planted.PLANTED)
