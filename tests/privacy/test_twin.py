"""Noninterference: whatever Ana does in private, every byte that Ben can get stays the same."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, example, given, seed, settings

from tests.privacy import acts, twin

# to the door, to the pass phrase once more, or nowhere any more
LEAD_ELSEWHERE = {
    "/",
    "/sign-in",
    "/account/second-key",
    "/account/second-key/app",
    "/account/second-key/set-up",
    "/invitations/<token>",
    "/reset/<token>",
}
PRINTED_EVERY = 20
OFTEN = 100  # times that each address is asked for in a run of 300
ALWAYS_OPEN_TO_BEN = {
    "/my/",
    "/my/shared",
    "/my/account",
    "/my/export",
    "/my/account/readings",
    "/my/account/data",
    "/my/tasks/<uuid:task_id>",
}


GIVEN_WHILE_SHE_WAITS: acts.History = (
    (acts.Act("ana", "send", 14),),
    (acts.Act("ana", "send_alone", 30, False), acts.Act("ana", "send", 16), acts.Act("coach", "assign_both", 19)),
)
CORRECTED_ONCE_BOTH_HAVE_READ: acts.History = (
    (acts.Act("ana", "send", 2), acts.Act("ben", "send", 2)),
    (acts.Act("coach", "read_ana"), acts.Act("ana", "correct_shared", 2), acts.Act("ana", "correct", 4)),
)


def test_ben_sees_the_same_whatever_ana_does_in_private(
    databases: Callable[[str], str], tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    lived: list[acts.History] = []
    answered: Counter[tuple[str, int]] = Counter()

    draw, histories = request.config.getoption("--draw"), request.config.getoption("--histories")

    @settings(
        max_examples=histories,
        derandomize=not draw,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @seed(draw)
    @given(acts.histories())
    @example(GIVEN_WHILE_SHE_WAITS)
    @example(CORRECTED_ONCE_BOTH_HAVE_READ)
    def holds(history: acts.History) -> None:
        run = twin.lived_twice(history, databases, tmp_path, prints=len(lived) % PRINTED_EVERY == 0)
        lived.append(history)
        answered.update(run.answered)

    holds()
    assert sum(map(acts.has_private_act_between_looks, lived)) >= 0.3 * len(lived)
    assert all(answered[rule, 200] >= len(lived) for rule in ALWAYS_OPEN_TO_BEN)
    often, asked = min(OFTEN, len(lived)), _asked(databases, tmp_path)
    assert {rule for rule in asked if answered[rule, 200] + answered[rule, 404] < often} == LEAD_ELSEWHERE
    not_his = {rule for rule in asked if "<uuid:" in rule or rule.startswith("/coach/")}
    assert {rule for rule in not_his if answered[rule, 404] < often} == set()


def _asked(databases: Callable[[str], str], folder: Path) -> set[str]:
    """The rules that Ben asks for in each history."""
    house = twin.House(databases("rules"), folder / "rules")
    found = {rule for rule, _ in twin.addresses(house.app, house.ids(), is_thorough=True)}
    house.close()
    return found
