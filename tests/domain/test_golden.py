"""The value trees of briefs as they are kept, line by line; renewed as `tests/golden.py` says."""

from pathlib import Path

import pytest

from portal.domain.session_strip import build_strip
from tests import briefs
from tests.golden import KEPT, written

FOLDER = Path(__file__).parent / "golden"
TREES = {**KEPT, "flags-strip": build_strip(briefs.flagged(), briefs.ordinary())}


@pytest.mark.parametrize("name", TREES)
def test_the_tree_is_the_one_that_is_kept(request: pytest.FixtureRequest, name: str) -> None:
    path, tree = FOLDER / f"{name}.txt", f"{written(TREES[name])}\n"
    if request.config.getoption("--renew-golden"):
        FOLDER.mkdir(exist_ok=True)
        path.write_text(tree, encoding="utf-8")
    assert tree == path.read_text(encoding="utf-8")


def test_no_other_tree_is_kept() -> None:
    assert {path.stem for path in FOLDER.iterdir()} == set(TREES)
