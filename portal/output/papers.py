"""Plain papers beside the brief: one's own answers, a joint record, certificates. Values in, the HTML to print out."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from portal.output.templates import Voice, environment
from portal.output.texts import Printer, each_text


@dataclass(frozen=True, slots=True)
class PaperAnswer:
    """One question as it was asked, the answer in words, and who reads it."""

    question: str
    answer: str
    readers: str


@dataclass(frozen=True, slots=True)
class PaperForm:
    """One form; `sent_at` is None for a draft, `line` what was left on it, or ''; `entered_by` who typed it in."""

    title: str
    sent_at: datetime | None
    answers: tuple[PaperAnswer, ...]
    line: str
    entered_by: str = ""


@dataclass(frozen=True, slots=True)
class PaperNote:
    """A note of a session: its day in words, its text in Markdown, and what was added, each with its day."""

    day: str
    text: str
    addenda: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class AnswersPaper:
    """One's own answers as a paper: facts of the account as pairs of a name and a value, then the forms.

    `made_at` is on the reader's own clock; `line_from` is whose lines stand on the forms.
    """

    made_at: datetime
    note: str
    facts: tuple[tuple[str, str], ...]
    forms: tuple[PaperForm, ...]
    line_from: str
    notes: tuple[PaperNote, ...] = ()


def render_answers(paper: AnswersPaper, voice: Voice, *, site_name: str) -> str:
    """The document to print: complete, fetching nothing; its title names nobody."""
    return _printed("report/answers.html", paper, paper.made_at, voice, site_name)


@dataclass(frozen=True, slots=True)
class CopyPaper:
    """One's own form as it was sent, for its author alone; instants are on the reader's own clock.

    `corrected_at` is None where nothing was; `note` and `sharing` are sentences, the second '' where there is none, and
    so is `entered_by`, who typed it in from paper.
    """

    made_at: datetime
    note: str
    title: str
    sent_at: datetime
    corrected_at: datetime | None
    sharing: str
    answers: tuple[PaperAnswer, ...]
    entered_by: str = ""


def render_copy(paper: CopyPaper, voice: Voice, *, site_name: str) -> str:
    """The copy as a document to print; its head names nobody and no form."""
    return _printed("report/copy.html", paper, paper.made_at, voice, site_name)


@dataclass(frozen=True, slots=True)
class BeforePaper:
    """One's own side of the next brief, for its author alone; instants are on the reader's own clock.

    `note` says what is never in it, `kept_back` what its author chose not to be shown, or ''.
    """

    made_at: datetime
    note: str
    kept_back: str
    wants: CopyPaper | None
    glad_of: CopyPaper | None
    homework: tuple[CopyPaper, ...]


def render_before(paper: BeforePaper, voice: Voice, *, site_name: str) -> str:
    """One's own side of the brief as a document to print; its head names nobody."""
    return _printed("report/before.html", paper, paper.made_at, voice, site_name)


@dataclass(frozen=True, slots=True)
class JointPaper:
    """What both released together: to whom it goes, what was agreed in which session, and what both shared.

    Days are in words; each shared form is its title, its day, and its questions with who answered what.
    """

    made_at: datetime
    names: str
    coach_name: str
    purpose: str
    together: tuple[str, ...]
    agreed: tuple[tuple[str, str], ...]
    forms: tuple[tuple[str, str, tuple[tuple[str, tuple[tuple[str, str], ...]], ...]], ...]
    notes: tuple[PaperNote, ...] = ()


def render_joint_record(paper: JointPaper, voice: Voice, *, site_name: str) -> str:
    """The joint record as a document to print; its title names nobody."""
    return _printed("report/record.html", paper, paper.made_at, voice, site_name)


@dataclass(frozen=True, slots=True)
class BookletLine:
    """One thank-you: whose (`label` A or B, with the name), its day in words, what was asked, and the words; or ''."""

    label: str
    name: str
    day: str
    question: str
    text: str


@dataclass(frozen=True, slots=True)
class BookletPaper:
    """What both shared, to be kept: thanks, agreed lines (day in words, text), and questions with who says what."""

    made_at: datetime
    names: str
    thanks: tuple[BookletLine, ...]
    agreed: tuple[tuple[str, str], ...]
    kept: tuple[tuple[str, tuple[tuple[str, str, str], ...]], ...]


def render_booklet(paper: BookletPaper, voice: Voice, *, site_name: str) -> str:
    """The booklet as a document to print; its title names nobody."""
    return _printed("report/booklet.html", paper, paper.made_at, voice, site_name)


@dataclass(frozen=True, slots=True)
class CertificatePaper:
    """What was destroyed, when, and by whose two approvals; instants on the practice's clock, counts by kind."""

    practice_name: str
    number: str
    cause: str
    asked_at: datetime
    approvals: tuple[tuple[str, datetime], ...]
    done_at: datetime
    destroyed: tuple[tuple[str, int], ...]


def render_certificate(paper: CertificatePaper, voice: Voice, *, site_name: str) -> str:
    """The certificate as a document to print; it names no one whose records they were."""
    return _printed("report/certificate.html", paper, paper.done_at, voice, site_name)


class Answered(StrEnum):
    """How a question is answered by hand."""

    WORDS = "words"
    LINE = "line"
    CHOICES = "choices"
    SCALE = "scale"


@dataclass(frozen=True, slots=True)
class BlankQuestion:
    """One question to be answered by hand; `options` of a choice, or figures of a scale with its `ends` in words."""

    label: str
    answered: Answered
    options: tuple[str, ...] = ()
    ends: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class WorksheetPaper:
    """A form that nothing stands in: what it is, how it goes, and its questions; `how` says how long and how often.

    `media` is a film or an episode that goes with it, in a line; '' for none.
    """

    made_at: datetime
    title: str
    purpose: str
    how: str
    instructions: tuple[str, ...]
    safety_note: str
    questions: tuple[BlankQuestion, ...]
    media: str = ""


def render_worksheet(paper: WorksheetPaper, voice: Voice, *, site_name: str) -> str:
    """The blank form as a document to print; its title says nothing of what it is about."""
    return _printed("report/worksheet.html", paper, paper.made_at, voice, site_name)


def _printed(template: str, paper: object, made_at: datetime, voice: Voice, site_name: str) -> str:
    """A paper in its template, dated by the instant at which it was made; every text is one that the type can print."""
    printer = Printer()
    return (
        environment(voice)
        .get_template(template)
        .render(
            language=voice.language,
            site_name=site_name,
            paper=each_text(paper, printer),
            dated=made_at.isoformat(timespec="seconds"),
            unprintable=printer.unprintable,
        )
    )
