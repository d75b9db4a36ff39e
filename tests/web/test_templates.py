"""What holds for every template and for the stylesheet, whoever wrote them."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from jinja2 import Environment, nodes

HOUSE = Path(__file__).parents[2]
TEMPLATES = HOUSE / "templates"
STATIC = HOUSE / "portal" / "static"
PAGES = sorted(str(path.relative_to(TEMPLATES)) for path in TEMPLATES.rglob("*.html"))
SCREENS = [page for page in PAGES if not page.startswith("report/")]
ATTRIBUTE = re.compile(r"""[\w-]+=("[^"]*"|'[^']*')""")  # a macro may print attributes alone
SPOKEN = ("alt", "aria-label", "title", "placeholder", "data-saved", "data-failed", "data-changed", "data-empty")
PLACE = "\N{OBJECT REPLACEMENT CHARACTER}"  # stands where the template prints something
MOST_BYTES_OF_A_PARTNER_PAGE = 60_000


def parsed(page: str) -> nodes.Template:
    return Environment(extensions=["jinja2.ext.i18n"], autoescape=True).parse((TEMPLATES / page).read_text())


def literal(node: nodes.Node) -> Iterator[str]:
    """The template's own text in the order of the page, a mark for each value it prints."""
    for child in node.iter_child_nodes():
        if isinstance(child, nodes.TemplateData):
            yield child.data
        elif isinstance(node, nodes.Output):
            yield PLACE
        else:
            yield from literal(child)


class Words(HTMLParser):
    """Collects what a reader would see or hear, and what only a script or a style would use."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []
        self.inline: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen += [value for name, value in attrs if name in SPOKEN and value]
        self.inline += [name for name, _ in attrs if name == "style" or name.startswith("on")]
        if tag == "style" or (tag == "script" and "src" not in dict(attrs)):
            self.inline.append(tag)

    def handle_data(self, data: str) -> None:
        self.seen.append(ATTRIBUTE.sub("", data))


def words_of(source: str) -> Words:
    words = Words()
    words.feed(source)
    words.close()
    return words


def words_in(page: str) -> Words:
    return words_of("".join(literal(parsed(page))))


@pytest.mark.parametrize("page", PAGES)
def test_a_template_holds_no_inline_style_and_no_inline_script(page: str) -> None:
    assert words_in(page).inline == []


@pytest.mark.parametrize("page", SCREENS)
def test_every_word_that_a_template_shows_can_be_translated(page: str) -> None:
    assert [text.strip() for text in words_in(page).seen if re.search(r"[^\W\d_]{2,}", text)] == []


def test_the_search_for_literal_words_finds_a_planted_one() -> None:
    source = (
        '<p title="Hint">{{ _("Kept") }}</p><p onclick="x()" style="y">Planted</p>{% if x %}<b>{{ x }}</b>{% endif %}'
    )
    words = words_of("".join(literal(Environment(extensions=["jinja2.ext.i18n"], autoescape=True).parse(source))))
    assert [text for text in words.seen if text != PLACE] == ["Hint", "Planted"]
    assert words.inline == ["onclick", "style"]


@pytest.mark.parametrize("page", PAGES)
def test_neither_audience_borrows_a_template_of_the_other(page: str) -> None:
    borrowed = [
        node.template.value
        for node in parsed(page).find_all((nodes.Extends, nodes.Include, nodes.Import, nodes.FromImport))
        if isinstance(node.template, nodes.Const)
    ]
    stranger = {"partner": "coach/", "coach": "partner/"}.get(page.split("/")[0])
    assert not [name for name in borrowed if stranger and name.startswith(stranger)]
    assert page.split("/")[0] != "partner" or "layouts/desk.html" not in borrowed


def tokens() -> tuple[dict[str, str], dict[str, str]]:
    """The colours of the day, and those of the evening."""
    css = (STATIC / "portal.css").read_text()
    day, evening = re.findall(r":root \{(.*?)\}", css, re.DOTALL)[:2]
    colours = [dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{6})", block)) for block in (day, evening)]
    return colours[0], colours[0] | colours[1]


def luminance(colour: str) -> float:
    """Relative luminance, WCAG 2.2."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


NEEDS = {
    4.5: "ink/canvas ink-2/canvas link/canvas ink/surface ink-2/surface link/surface ink/sunk ink-2/sunk link/sunk "
    "on-main/main on-main/main-hover ink/lamp-tint lamp-ink/lamp-tint ink-2/lamp-tint link/lamp-tint ink/pine-tint "
    "link/pine-tint ink-2/pine-tint brick/surface brick/canvas brick/brick-tint ink/brick-tint a/surface b/surface "
    "a/canvas b/canvas a-ink/a-tint b-ink/b-tint on-scene/scene",
    3.0: "edge/canvas edge/surface edge/sunk focus/canvas focus/surface focus/sunk main/surface main/canvas "
    "edge/lamp-tint focus/lamp-tint main/lamp-tint a/a-tint b/b-tint",
}


@pytest.mark.parametrize("light", [0, 1], ids=["day", "evening"])
@pytest.mark.parametrize(("need", "pairs"), NEEDS.items())
def test_words_and_borders_stand_out_from_their_ground(light: int, need: float, pairs: str) -> None:
    colours = tokens()[light]
    measured = {pair: contrast(*(colours[name] for name in pair.split("/"))) for pair in pairs.split()}
    assert {pair: value for pair, value in measured.items() if value < need} == {}


def test_the_two_partners_have_the_same_weight_in_grey() -> None:
    for colours in tokens():
        a, b = (contrast(colours[name], colours["surface"]) for name in ("a", "b"))
        assert abs(a - b) < 0.5


def test_style_and_scripts_of_a_partner_page_stay_small() -> None:
    scripts = [path for path in STATIC.glob("*.js") if not path.name.startswith("coach-")]
    assert sum(path.stat().st_size for path in [STATIC / "portal.css", *scripts]) < MOST_BYTES_OF_A_PARTNER_PAGE
    assert scripts
    assert [path.name for path in STATIC.glob("*.js") if len(path.read_text().splitlines()) > 120] == []


def test_no_script_keeps_anything_in_the_browser() -> None:
    scripts = {path.name: path.read_text() for path in STATIC.glob("*.js")}
    kept = re.compile(r"localStorage|sessionStorage|indexedDB|document\.cookie|serviceWorker|caches\.")
    assert scripts
    assert [name for name, source in scripts.items() if kept.search(source)] == []


def test_no_script_makes_markup_or_code_of_a_text() -> None:
    """Nor speaks to another window, but through a channel that reaches our own pages alone."""
    scripts = {path.name: path.read_text() for path in STATIC.glob("*.js")}
    made = re.compile(
        r"(?:inner|outer)HTML|insertAdjacentHTML|document\.write|createContextualFragment|srcdoc"
        r"|\beval\(|new Function|set(?:Timeout|Interval)\([\"'`]|(?<!\bchannel\.)postMessage"
    )
    assert made.search("list.innerHTML = typed")
    assert [name for name, source in scripts.items() if made.search(source)] == []
