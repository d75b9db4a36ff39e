"""Noninterference: whatever Ana does in private, every byte that Ben can get stays the same."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, example, given, seed, settings

from tests.privacy import acts, twin

ALWAYS_OPEN_TO_BEN = {
    "/my/",
    "/my/shared",
    "/my/account",
    "/my/export",
    "/my/account/readings",
    "/my/account/data",
    "/my/account/consent",
    "/my/tasks/<uuid:task_id>",
}


GIVEN_WHILE_SHE_WAITS: acts.History = (
    (acts.Act("ana", "send", 14),),
    (acts.Act("ana", "send_alone", 30, False), acts.Act("ana", "send", 16), acts.Act("coach", "assign_both", 19)),
)
SIGNED_ALONE: acts.History = (
    (acts.Act("coach", "publish", 1), acts.Act("ana", "sign_consent", 1), acts.Act("ana", "send", 2)),
)
CORRECTED_ONCE_BOTH_HAVE_READ: acts.History = (
    (acts.Act("ana", "send", 2), acts.Act("ben", "send", 2)),
    (acts.Act("coach", "read_ana"), acts.Act("ana", "correct_shared", 2), acts.Act("ana", "correct", 4)),
)


def test_ben_sees_the_same_whatever_ana_does_in_private(
    databases: Callable[[str], str], tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    lived: list[acts.History] = []
    answered: Counter[str] = Counter()

    draw = request.config.getoption("--draw")

    @settings(
        max_examples=request.config.getoption("--histories"),
        derandomize=not draw,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @seed(draw)
    @given(acts.histories())
    @example(GIVEN_WHILE_SHE_WAITS)
    @example(SIGNED_ALONE)
    @example(CORRECTED_ONCE_BOTH_HAVE_READ)
    def holds(history: acts.History) -> None:
        run = twin.lived_twice(history, databases, tmp_path)
        lived.append(history)
        answered.update(run.answered)

    holds()
    with_private_acts = [history for history in lived if any(act.is_private for day in history for act in day)]
    assert len(with_private_acts) >= 0.3 * len(lived)
    assert set(answered) >= ALWAYS_OPEN_TO_BEN
    assert all(answered[rule] >= len(lived) for rule in ALWAYS_OPEN_TO_BEN)
