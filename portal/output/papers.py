"""Plain papers beside the brief: one's own answers, a joint record, certificates. Values in, the HTML to print out."""

from dataclasses import dataclass
from datetime import datetime

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
    """One form; `sent_at` is None for a draft, `line` what was left on it, or ''."""

    title: str
    sent_at: datetime | None
    answers: tuple[PaperAnswer, ...]
    line: str


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


def render_answers(paper: AnswersPaper, voice: Voice, *, site_name: str) -> str:
    """The document to print: complete, fetching nothing; its title names nobody."""
    printer = Printer()
    printable = each_text(paper, printer)
    return (
        environment(voice)
        .get_template("report/answers.html")
        .render(
            language=voice.language,
            site_name=site_name,
            paper=printable,
            dated=paper.made_at.isoformat(timespec="seconds"),
            unprintable=printer.unprintable,
        )
    )


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


def render_joint_record(paper: JointPaper, voice: Voice, *, site_name: str) -> str:
    """The joint record as a document to print; its title names nobody."""
    return (
        environment(voice)
        .get_template("report/record.html")
        .render(
            language=voice.language,
            site_name=site_name,
            paper=each_text(paper, Printer()),
            dated=paper.made_at.isoformat(timespec="seconds"),
        )
    )


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
    return (
        environment(voice)
        .get_template("report/certificate.html")
        .render(
            language=voice.language,
            site_name=site_name,
            paper=each_text(paper, Printer()),
            dated=paper.done_at.isoformat(timespec="seconds"),
        )
    )
