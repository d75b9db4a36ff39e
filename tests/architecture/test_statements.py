"""What a page asks of the database: a dozen statements at most, and no more for many couples than for ten."""

from collections.abc import Callable

import pytest

from benchmarks import statements
from tests import tenants
from tests.web import world as worlds

FEW, MANY = 10, 200
MOST = tenants.with_the_practice_said(statements.MOST, times=2)


@pytest.fixture(scope="module")
def counted(
    databases: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory
) -> tuple[dict[str, int], dict[str, int]]:
    with worlds.standing(databases, tmp_path_factory.mktemp("statements"), "statements") as world:
        return statements.counts(world, FEW), statements.counts(world, MANY - FEW)


def test_a_page_asks_at_most_twelve_statements(counted: tuple[dict[str, int], dict[str, int]]) -> None:
    above = {page: count for page, count in counted[1].items() if count > MOST}
    assert {"/my/", "/my/tasks/-", "/coach/", "/coach/couples/"} <= set(counted[1])
    assert above == {}


def test_a_page_asks_no_more_for_many_couples_than_for_ten(counted: tuple[dict[str, int], dict[str, int]]) -> None:
    few, many = counted
    assert few == many
