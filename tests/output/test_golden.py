"""The pages of briefs as images beside those that are kept; renewed as `tests/golden.py` says.

Sixty dots to the inch, in grey: enough to see that a section moved, a rule went, or a mark lost its shape. Letters may
be drawn a little differently elsewhere, so a page is the same within a tolerance.
"""

import subprocess
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageStat

from portal.output.render import Renderer
from portal.output.templates import Voice, render_brief
from tests.golden import KEPT

FOLDER = Path(__file__).parent / "golden"
ENGLISH = Voice("en", lambda text: text, lambda one, many, count: one if count == 1 else many)
DOTS, GREYS = 60, 16
MOST_DIFFERENT = 0.8  # of 255, on the average of a page
MOST_CHANGED = 0.004  # of its dots, by more than a third of black
CHANGED = 85


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Image.Image]:
    """Every page of every kept brief, by its name and number."""
    renderer, folder, pages = Renderer(children=1), tmp_path_factory.mktemp("pages"), {}
    for name, brief in KEPT.items():
        path = folder / f"{name}.pdf"
        path.write_bytes(renderer.render(render_brief(brief, ENGLISH, site_name="Portal")).content)
        subprocess.run(["pdftoppm", "-gray", "-r", str(DOTS), path, folder / name], check=True)
        pages |= {made.stem: Image.open(made).convert("L") for made in sorted(folder.glob(f"{name}-*.pgm"))}
    renderer.close()
    return pages


def test_every_page_looks_as_the_one_that_is_kept(
    request: pytest.FixtureRequest, drawn: dict[str, Image.Image]
) -> None:
    if request.config.getoption("--renew-golden"):
        _keep(drawn)
    assert {path.stem for path in FOLDER.glob("*.png")} == set(drawn)
    assert {name: found for name, page in drawn.items() if (found := difference(page, _kept(name)))} == {}


def _keep(drawn: dict[str, Image.Image]) -> None:
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.glob("*.png"):
        old.unlink()
    for name, page in drawn.items():
        page.quantize(GREYS).save(FOLDER / f"{name}.png", optimize=True)


def _kept(name: str) -> Image.Image:
    return Image.open(FOLDER / f"{name}.png").convert("L")


def difference(page: Image.Image, kept: Image.Image) -> str:
    """How far a page is from the kept one, in words; '' where it is the same."""
    if page.size != kept.size:
        return f"{page.size} instead of {kept.size}"
    apart = ImageChops.difference(page, kept)
    mean: float = ImageStat.Stat(apart).mean[0]
    changed = sum(apart.histogram()[CHANGED:]) / (page.width * page.height)
    return f"{mean:.2f}, {changed:.2%}" if mean > MOST_DIFFERENT or changed > MOST_CHANGED else ""


@pytest.mark.parametrize("name", ["full-coach-1", "full-joint-1"])
def test_a_page_that_moved_by_a_line_or_lost_a_section_is_seen(drawn: dict[str, Image.Image], name: str) -> None:
    page = drawn[name]
    assert difference(ImageChops.offset(page, 0, 8), page)
    less = page.copy()
    less.paste(255, (0, 200, page.width, 300))
    assert difference(less, page)


def test_the_pages_are_kept_small() -> None:
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 600_000
