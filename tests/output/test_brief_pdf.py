"""Both copies on paper: valid, the same every time, on two pages at most, and silent about what is private."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date
from html.parser import HTMLParser
from inspect import signature
from pathlib import Path

import pytest
from pypdf import PdfReader

from portal.domain.joint_prep import build_joint
from portal.domain.session_facts import Both
from portal.domain.session_prep import build_coach
from portal.domain.session_strip import build_strip, on_paper
from portal.output.render import Renderer
from portal.output.templates import Sources, Voice, preview_brief, render_brief
from tests import briefs
from tests.papers import everything
from tests.validator import validate

ENGLISH = Voice("en", lambda text: text, lambda one, many, count: one if count == 1 else many)
BANNED = ("clinical", "severe", "normal", "healthy", "at risk", "recovered", "reliable improvement", "diagnosis")
BANNED += ("screening", "because", "couple score", "%")
NEVER_TURNED_ROUND = ("convergence", "attunement", "noise", "perception", "adherence")
FACTS = {
    "ordinary-coach": build_coach(briefs.ordinary()),
    "ordinary-joint": build_joint(briefs.ordinary_joint()),
    "empty-coach": build_coach(briefs.empty()),
    "empty-joint": build_joint(briefs.empty_joint()),
    "one-sided-coach": build_coach(briefs.one_sided()),
    "one-sided-joint": build_joint(briefs.one_sided_joint()),
    "hostile-coach": build_coach(briefs.hostile()),
    "hostile-joint": build_joint(briefs.hostile_joint()),
    "measured-coach": build_coach(briefs.measured()),
    "chosen": build_coach(briefs.ordinary(), on_paper(build_strip(briefs.flagged(), briefs.ordinary()))),
    "hostile-chosen": build_coach(
        briefs.hostile(),
        on_paper(
            build_strip(
                replace(
                    briefs.flagged(),
                    flags=tuple(
                        replace(briefs.flagged().flags[0], raised_on=date(2026, 11, day), safe_way="after six, " * 200)
                        for day in range(1, 21)
                    ),
                ),
                briefs.hostile(),
            )
        ),
    ),
}
HTML = {name: render_brief(brief, ENGLISH, site_name="Portal") for name, brief in FACTS.items()}


@dataclass(frozen=True)
class Printed:
    path: Path
    content: bytes
    fallback: bool

    @property
    def pdf(self) -> PdfReader:
        return PdfReader(io.BytesIO(self.content))

    @property
    def text(self) -> str:
        text = "\n".join(page.extract_text() for page in self.pdf.pages)
        return re.sub(r"\s+", " ", text.replace("\u200b", ""))

    @property
    def files(self) -> dict[str, str]:
        """The files that the PDF holds, by name, each there once."""
        return {name: content.decode() for name, (content,) in self.pdf.attachments.items()}


@pytest.fixture(scope="module")
def renderer() -> Iterator[Renderer]:
    renderer = Renderer(children=1)
    yield renderer
    renderer.close()


@pytest.fixture(scope="module")
def printed(renderer: Renderer, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Printed]:
    folder, made = tmp_path_factory.mktemp("briefs"), {}
    for name, html in HTML.items():
        rendered = renderer.render(html)
        path = folder / f"{name}.pdf"
        path.write_bytes(rendered.content)
        made[name] = Printed(path, rendered.content, rendered.fallback)
    return made


@pytest.mark.parametrize("standard", ["ua1", "3a"])
def test_every_copy_of_every_kind_of_week_meets_both_standards(printed: dict[str, Printed], standard: str) -> None:
    assert validate([one.path for one in printed.values()], standard) == []  # type: ignore[arg-type]


def test_no_week_needs_the_fallback(printed: dict[str, Printed]) -> None:
    assert [name for name, one in printed.items() if one.fallback] == []


def test_an_ordinary_week_is_one_page_and_anything_is_two_at_most(printed: dict[str, Printed]) -> None:
    pages = {name: len(one.pdf.pages) for name, one in printed.items()}
    assert pages["ordinary-coach"] == pages["ordinary-joint"] == pages["measured-coach"] == 1
    assert max(pages.values()) <= 2


def test_the_same_data_gives_the_same_bytes_from_another_process(printed: dict[str, Printed]) -> None:
    other = Renderer(children=1)
    try:
        again = render_brief(build_coach(briefs.ordinary()), ENGLISH, site_name="Portal")
        assert other.render(again).content == printed["ordinary-coach"].content
    finally:
        other.close()


def test_the_file_is_dated_by_the_cut_off_and_has_a_discreet_title(printed: dict[str, Printed]) -> None:
    told = printed["ordinary-coach"].pdf.metadata
    assert told is not None
    assert told.title == "Portal: session 9, 24 November 2026"
    assert told.creation_date == told.modification_date == briefs.CUT_OFF
    assert "Ana" not in str(dict(told))


def test_a_private_sentence_is_in_the_coach_copy_and_not_in_the_joint_one(printed: dict[str, Printed]) -> None:
    private = [briefs.PRIVATE, "without it landing as a complaint", "mother at Christmas", "Let Ben finish", "No time"]
    assert [text for text in private if text not in printed["ordinary-coach"].text.replace("no time", "No time")] == []
    assert "Emotional safety score,100" in everything(printed["ordinary-coach"].content), (
        "its files are looked into as well"
    )
    assert [text for text in private if text.lower() in everything(printed["ordinary-joint"].content).lower()] == []
    assert "letter" not in HTML["ordinary-joint"]


def test_the_coach_copy_holds_the_figures_of_its_drawings_as_a_file(printed: dict[str, Printed]) -> None:
    brief = build_coach(briefs.ordinary())
    rows = list(csv.DictReader(io.StringIO(printed["ordinary-coach"].files["figures.csv"], newline="")))
    assert brief.trend is not None
    assert brief.differences is not None
    weeks = rows[: len(brief.trend.weeks)]
    assert [row["Week of"] for row in weeks] == [str(week) for week in brief.trend.weeks]
    for line in brief.trend.lines:
        assert [row[line.side.name] for row in weeks] == ["" if v is None else str(v) for v in line.values]
    assert [row["Homework began"] for row in weeks if row["Homework began"]] == [t.title for t in brief.trend.homework]
    beside = rows[len(weeks) :]
    assert [(int(row["Ana"]), int(row["Ben"])) for row in beside] == [row.values for row in brief.differences.rows]
    assert {row["Easiest is"] for row in beside} == {"10"}


def test_no_joint_copy_holds_a_file_and_neither_does_one_without_figures(printed: dict[str, Printed]) -> None:
    with_files = {name for name, one in printed.items() if one.files}
    assert with_files == {
        *("ordinary-coach", "one-sided-coach", "hostile-coach", "measured-coach", "chosen", "hostile-chosen")
    }
    assert {name for name, one in printed.items() if "/AF" in one.pdf.root_object} == with_files


def test_the_file_says_what_it_is_and_is_dated_by_the_copy(printed: dict[str, Printed]) -> None:
    listed = printed["ordinary-coach"].pdf.root_object["/AF"]
    assert len(listed) == 1
    told = listed[0].get_object()
    assert (told["/AFRelationship"], told["/UF"]) == ("/Data", "figures.csv")
    assert told["/Desc"] == "The figures of the drawings as a table"
    stream = told["/EF"]["/F"].get_object()
    assert stream["/Subtype"] == "/text/csv"
    cut_off = f"D:{briefs.CUT_OFF.astimezone(UTC):%Y%m%d%H%M%S}Z"
    assert stream["/Params"]["/ModDate"] == stream["/Params"]["/CreationDate"] == cut_off


def test_the_figures_stay_in_the_file_where_a_drawing_gave_way(renderer: Renderer) -> None:
    facts = briefs.ordinary()
    homework = replace(facts.homework[0], why="To slow a talk down. " * 30)
    accounts = Both(
        *(replace(account, learning=replace(account.learning, text="It took a long while. " * 30)) for account in
          (homework.accounts.a, homework.accounts.b))
    )  # fmt: skip
    long = replace(facts.partners.a, wants="An evening. " * 90, glad_of="The tea. " * 90)
    brief = build_coach(
        replace(
            facts,
            homework=(replace(homework, accounts=accounts),) * 5,
            partners=Both(long, replace(facts.partners.b, wants=long.wants, glad_of=long.glad_of)),
            threads=("When to decide about the move, and who is asked. " * 5,) * 4,
        )
    )
    assert brief.trend is None
    html = render_brief(brief, ENGLISH, site_name="Portal")
    assert html.count("2026-11-23,") == 1 + 4
    assert "figures.csv" in PdfReader(io.BytesIO(renderer.render(html).content)).attachments


def test_the_screen_has_the_same_rows_as_a_table_and_the_joint_copy_has_none() -> None:
    ways = Sources(str, str, "/trends")
    screen = preview_brief(build_coach(briefs.ordinary()), ENGLISH, sources=ways)
    table = screen[screen.index("All figures as a table") :]
    rows = re.findall(r"<tr><th scope=\"row\">([^<]+)</th><td>([^<]+)</td><td>([^<]+)</td><td>([^<]+)</td>", table)
    assert len(rows) == 12 + 4
    assert rows[0] == ("7 September", "Emotional safety score, 0 to 100", "43", "69")
    assert rows[3][2:] == ("–", "–")
    for page in (preview_brief(build_joint(briefs.ordinary_joint()), ENGLISH, sources=ways), HTML["ordinary-coach"]):
        assert "All figures" not in page


def test_the_paper_strip_is_the_same_line_for_every_couple(printed: dict[str, Printed]) -> None:
    copies = [name for name in HTML if name.endswith("coach")]
    strips = {re.search('<section class="strip">.*?</section>', HTML[name]).group() for name in copies}  # type: ignore[union-attr]
    assert len(strips) == 1
    for name in copies:
        assert "Before you open the door" in printed[name].text
        assert "Read the screen note." in printed[name].text
        assert "flag" not in printed[name].text.lower()


def test_a_practice_that_chose_so_has_the_strip_in_full_on_its_coach_copy(printed: dict[str, Printed]) -> None:
    paper = printed["chosen"].text
    for words in ("Open flag from Ana", "text before noon", "All of this comes from Ana.", "Give what Ben brings"):
        assert words in paper
    assert "Read the screen note." not in paper
    assert not re.search(r"\bsafe\b(?! way)", HTML["chosen"].split("Last time")[0].split("<body>")[1].lower())
    many = printed["hostile-chosen"].text
    assert many.count("Open flag from") == 3
    assert "More of this stands on the screen." in many


def test_the_strip_of_the_screen_has_no_way_onto_paper() -> None:
    """What is printed is the brief and nothing beside it: there is no place for a strip in the call."""
    assert set(signature(render_brief).parameters) == {"brief", "voice", "site_name"}
    strip = build_strip(briefs.flagged(), briefs.ordinary())
    preview_brief(FACTS["ordinary-coach"], ENGLISH, strip=strip)
    assert "flag" not in render_brief(FACTS["ordinary-coach"], ENGLISH, site_name="Portal").lower()


def test_the_screen_strip_tells_in_full_and_never_says_safe() -> None:
    flagged = preview_brief(
        build_coach(briefs.ordinary()), ENGLISH, strip=build_strip(briefs.flagged(), briefs.ordinary())
    )
    assert "Open flag from Ana" in flagged
    assert "text before noon" in flagged
    assert "routine" in flagged
    quiet = build_strip(replace(briefs.flagged(), flags=(), soft_flags=Both(0, 0), holds=False), briefs.ordinary())
    shown = preview_brief(build_coach(briefs.ordinary()), ENGLISH, strip=quiet)
    assert "Nothing flagged" in shown
    assert not re.search(r"\bsafe\b", shown)


def test_the_screen_and_the_paper_say_the_same() -> None:
    screen = preview_brief(build_coach(briefs.ordinary()), ENGLISH)
    assert re.sub(r"<svg.*?</svg>", "", screen) in re.sub(r"<svg.*?</svg>", "", HTML["ordinary-coach"])


@pytest.mark.parametrize("name", [name for name in HTML if not name.startswith("hostile")])
def test_no_banned_word_is_printed(name: str) -> None:
    words = re.sub(r"<[^>]+>", " ", HTML[name].split("<body>")[1]).lower()
    words = words.replace("asks again because she is worried", "")  # people may say what they like
    assert [word for word in (*BANNED, *NEVER_TURNED_ROUND) if word in words] == []


@pytest.mark.parametrize("name", HTML)
def test_nothing_is_fetched_and_nothing_runs(name: str) -> None:
    assert not re.search(r"<[^>]*\s(src|href|style|on\w+)=", HTML[name])
    assert not re.search(r"<(script|img|link|iframe|object)\b", HTML[name])
    assert "{{" not in HTML[name] or "{{ 7 * 7 }}" in HTML[name], "what people write is no template"


def test_a_language_with_a_region_is_the_language_of_the_page() -> None:
    page = render_brief(FACTS["ordinary-joint"], replace(ENGLISH, language="en-IE"), site_name="Portal")
    assert '<html lang="en-IE"' in page
    assert "Tuesday 24 November 2026, 18:00" in page


class Outline(HTMLParser):
    """What a reader who cannot see the page goes by."""

    def __init__(self) -> None:
        super().__init__()
        self.levels: list[int] = []
        self.without_scope: list[str] = []
        self.ids: list[str] = []
        self.svgs = 0
        self.titles = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if re.fullmatch("h[1-6]", tag):
            self.levels.append(int(tag[1]))
        if tag == "th" and values.get("scope") not in ("row", "col"):
            self.without_scope.append(tag)
        assert not {"colspan", "rowspan"} & set(values)
        self.ids += [values["id"] or ""] if "id" in values else []
        self.svgs += tag == "svg"
        self.titles += tag == "title"


@pytest.mark.parametrize("name", HTML)
def test_headings_begin_with_one_h1_and_skip_no_level(name: str) -> None:
    outline = Outline()
    outline.feed(HTML[name])
    assert outline.levels[0] == 1
    assert outline.levels.count(1) == 1
    assert all(after - before <= 1 for before, after in zip(outline.levels, outline.levels[1:], strict=False))
    assert outline.without_scope == []
    assert len(set(outline.ids)) == len(outline.ids)
    assert outline.titles == outline.svgs + 1, "each drawing has its title, and so has the page"


def test_the_sections_are_read_in_the_order_of_the_door(printed: dict[str, Printed]) -> None:
    text = printed["ordinary-coach"].text
    order = ["Ana & Ben", "Before you open the door", "Last time", "What each wants", "To say", "Homework", "Glad of"]
    order += ["Since last time", "Furthest apart and closest", "practice measure", "Agreement"]
    places = [text.index(words) for words in order]
    assert places == sorted(places)
    joint = printed["ordinary-joint"].text
    order = ["What we agreed", "Homework", "Glad of", "Since last time", "We might begin", "practice measure"]
    places = [joint.index(words) for words in order]
    assert places == sorted(places)
    assert "Left out" not in joint


def test_signs_without_a_glyph_are_replaced_and_counted(printed: dict[str, Printed]) -> None:
    assert "[?]" in printed["hostile-coach"].text
    assert "signs that could not be printed stand as [?]" in printed["hostile-coach"].text
    assert "[?]" not in printed["ordinary-coach"].text
