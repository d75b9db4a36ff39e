"""Papers beside the brief: valid as PDF/UA-1 and PDF/A-3a, whatever stands in them; their heads name nobody."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from portal.output.papers import (
    Answered,
    AnswersPaper,
    BeforePaper,
    BlankQuestion,
    BookletLine,
    BookletPaper,
    CertificatePaper,
    CopyPaper,
    PaperAnswer,
    PaperForm,
    WorksheetPaper,
    render_answers,
    render_before,
    render_booklet,
    render_certificate,
    render_copy,
    render_worksheet,
)
from portal.output.render import Renderer
from portal.output.templates import Voice
from tests.validator import validate

ENGLISH = Voice("en", lambda text: text, lambda one, many, count: one if count == 1 else many)
AT = datetime(2026, 11, 23, 19, 0, tzinfo=UTC)
HOSTILE = "\u202e" + "a" * 400 + "<script>alert(1)</script>{{ 7*7 }}💬" + "\u0301" * 40
FACTS = (("Name", "Ana"), ("E-mail address", "ana@home.example"))


def answers(forms: tuple[PaperForm, ...]) -> str:
    return render_answers(AnswersPaper(AT, "A sentence.", FACTS, forms, "Ines"), ENGLISH, site_name="Portal")


def form(text: str, count: int = 3, sent: datetime | None = AT) -> PaperForm:
    given = tuple(PaperAnswer(f"{text}?", text, "Only Ines") for _ in range(count))
    return PaperForm(text, sent, given, text)


def sheet(text: str) -> str:
    scale = tuple(map(str, range(11)))
    questions = (
        BlankQuestion(text, Answered.WORDS),
        BlankQuestion(text, Answered.LINE),
        BlankQuestion(text, Answered.CHOICES, (text, "No")),
        BlankQuestion(text, Answered.SCALE, scale, ("cold", text)),
        BlankQuestion(text, Answered.SCALE, scale),
    )
    paper = WorksheetPaper(AT, text, text, "10 minutes", (text, text), text, questions)
    return render_worksheet(paper, ENGLISH, site_name="Portal")


def copy(text: str, count: int = 4, corrected: datetime | None = AT) -> str:
    given = tuple(PaperAnswer(f"{text}?", text, "Only Ines") for _ in range(count))
    return render_copy(CopyPaper(AT, text, text, AT, corrected, text, given), ENGLISH, site_name="Portal")


def booklet(text: str, count: int = 3) -> str:
    thanks = tuple(BookletLine("AB"[i % 2], text, "12 October 2026", text, text) for i in range(count))
    kept = ((text, (("A", "Ana", text), ("B", "Ben", text))),) * min(count, 3)
    paper = BookletPaper(AT, text, thanks, (("13 October 2026", text),) * min(count, 2), kept)
    return render_booklet(paper, ENGLISH, site_name="Portal")


def before(text: str, homework: int = 2) -> str:
    said = CopyPaper(AT, "", text, AT, None, "", (PaperAnswer(f"{text}?", text, "Only Ines"),))
    paper = BeforePaper(AT, "A sentence.", "", said, None, (said,) * homework)
    return render_before(paper, ENGLISH, site_name="Portal")


APPROVALS = (("Ines", AT), ("Omar", AT))
HTML = {
    "ordinary": answers((form("The walk"), form("The tea", sent=None))),
    "empty": answers(()),
    "no-answer": answers((form("The walk", 0),)),
    "long": answers(tuple(form("The walk by the river " * 20) for _ in range(12))),
    "hostile": answers((form(HOSTILE),)),
    "worksheet": sheet("How was the walk?"),
    "hostile worksheet": sheet(HOSTILE),
    "copy": copy("The walk"),
    "copy without an answer": copy("The walk", 0, None),
    "hostile copy": copy(HOSTILE),
    "booklet": booklet("You made tea before I asked."),
    "empty booklet": booklet("Ana & Ben", 0),
    "long booklet": booklet("You waited for me at the station. " * 5, 90),
    "hostile booklet": booklet(HOSTILE),
    "own side of the brief": before("The walk"),
    "own side of an empty brief": render_before(
        BeforePaper(AT, "A sentence.", "", None, None, ()), ENGLISH, site_name="Portal"
    ),
    "hostile own side": before(HOSTILE, 5),
    "certificate": render_certificate(
        CertificatePaper("Practice North", "1", "The person asked for it.", AT, APPROVALS, AT, (("Drafts", 2),)),
        ENGLISH,
        site_name="Portal",
    ),
}


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    renderer, folder, made = Renderer(children=1), tmp_path_factory.mktemp("papers"), {}
    for name, html in HTML.items():
        rendered = renderer.render(html)
        assert not rendered.fallback, name
        made[name] = folder / f"{name}.pdf"
        made[name].write_bytes(rendered.content)
    renderer.close()
    return made


@pytest.mark.parametrize("standard", ["ua1", "3a"])
def test_every_paper_meets_both_standards(printed: dict[str, Path], standard: str) -> None:
    assert validate(list(printed.values()), standard) == []  # type: ignore[arg-type]


@pytest.mark.parametrize("name", HTML)
def test_the_head_of_a_paper_names_nobody_and_nothing_is_fetched(name: str) -> None:
    head = HTML[name].partition("</head>")[0]
    assert "Ana" not in head
    assert "http" not in HTML[name]


def test_what_people_wrote_is_no_markup_and_no_template() -> None:
    assert "<script>" not in HTML["hostile"]
    assert "49" not in HTML["hostile"]
    assert "stand as [?]" in HTML["hostile"] or "stands as [?]" in HTML["hostile"]
