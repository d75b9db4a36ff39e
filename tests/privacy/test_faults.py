"""The proof of the proof: leaks are planted, and the general comparison alone finds each of them."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from tests.privacy import acts, twin
from tests.privacy.faults import planted

WITHIN = 60
# an act of Ana's that comes up in few histories: looked for when more histories are lived (--histories 60)
RARE = {
    *("failures_of_the_household", "opens_when_the_other_sends", "ids_from_a_counter", "hold_that_takes_a_task"),
    "correction_opens_at_once",
}


@pytest.mark.parametrize("name", planted.PLANTED)
def test_a_planted_leak_is_caught(
    name: str, databases: Callable[[str], str], tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    if name in RARE and request.config.getoption("--histories") < WITHIN:
        pytest.skip("a longer run: --histories 60")

    @settings(
        max_examples=WITHIN,
        derandomize=True,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
    )
    @given(acts.histories())
    def holds(history: acts.History) -> None:
        twin.lived_twice(history, databases, tmp_path)

    with planted.planted(name), pytest.raises(twin.LeakError):
        holds()
