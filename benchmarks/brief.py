"""How fast a brief is set: as a share of WeasyPrint as its manual shows it, and of a warm Chromium, within one run.

"Plain" is a fresh FontConfiguration, CSS as text, the collector as it comes, same HTML, same PDF variant. Chromium is
warm, with a fresh context for each couple, as two couples may never share one. Ours includes the way to the child and
back. `python -m benchmarks.brief` prints the ratios.
"""

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright
from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration

from portal.domain.session_prep import build_coach
from portal.output.render import Renderer
from portal.output.templates import Voice, render_brief
from tests import briefs

STATIC = Path(__file__).parent.parent / "portal" / "static"
STYLES = ("report-fonts.css", "report.css")
ENGLISH = Voice("en", lambda text: text, lambda one, many, count: one if count == 1 else many)
CHROMIUM = "/usr/bin/chromium"
ROUNDS = 15
WARM_UPS = 3


def measure(rounds: int = ROUNDS) -> dict[str, float]:
    """Medians of interleaved runs: `brief_vs_plain` (0.85 or less) and `brief_vs_chromium` (0.6 or less)."""
    html = render_brief(build_coach(briefs.ordinary()), ENGLISH, site_name="Portal")
    renderer = Renderer(children=1)
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = Path(folder) / "brief.html"
        page.write_text(_linked(html), encoding="utf-8")
        ways: dict[str, Callable[[], object]] = {
            "ours": lambda: renderer.render(html),
            "plain": lambda: _plain(html),
            "chromium": lambda: _chromium(browser, page),
        }
        took = _interleaved(ways, rounds)
        browser.close()
    renderer.close()
    return {
        "brief_vs_plain": took["ours"] / took["plain"],
        "brief_vs_chromium": took["ours"] / took["chromium"],
        "brief_ms": 1000 * took["ours"],
    }


def _interleaved(ways: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds + WARM_UPS):
        for name, way in ways.items():
            start = time.perf_counter()
            way()
            times[name].append(time.perf_counter() - start)
    return {name: statistics.median(taken[WARM_UPS:]) for name, taken in times.items()}


def _plain(html: str) -> bytes:
    fonts = FontConfiguration()
    styles = [
        CSS(string=(STATIC / name).read_text(), base_url=(STATIC / name).as_uri(), font_config=fonts) for name in STYLES
    ]
    written: bytes = HTML(string=html).write_pdf(stylesheets=styles, font_config=fonts, pdf_variant="pdf/a-3a")
    return written


def _linked(html: str) -> str:
    links = "".join(f'<link rel="stylesheet" href="{(STATIC / name).as_uri()}">' for name in STYLES)
    return html.replace("</head>", f"{links}</head>")


def _chromium(browser: Browser, page: Path) -> bytes:
    context = browser.new_context()
    try:
        tab = context.new_page()
        tab.goto(page.as_uri())
        return tab.pdf(tagged=True, prefer_css_page_size=True, print_background=True)
    finally:
        context.close()


if __name__ == "__main__":
    for name, value in measure().items():
        print(f"{name}: {value:.2f}")
