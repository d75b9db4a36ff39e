"""Parts that both copies of a brief are built from: edges, what was said, titles and figures, each cut to its place."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import tzinfo
from uuid import UUID

from portal.domain import brief_space, openers
from portal.domain.brief import Footer, Header, LastTime, Number, Said, Side
from portal.domain.brief_space import cut
from portal.domain.joint_tasks import FigureApart, furthest_of
from portal.domain.openers import SayLine
from portal.domain.people import Label
from portal.domain.session_facts import CoachAccount, CoachFacts, Frame, JointAccount

Worded = tuple[str | None, str]  # somebody's words, and what names the form that they stand in


def sides_of(frame: Frame) -> tuple[Side, Side]:
    """Who is first alternates by session: odd begins with A, even with B."""
    a, b = (Side(label, cut(frame.names.of(label), brief_space.NAME)[0] or label) for label in Label)
    return (a, b) if frame.number % 2 else (b, a)


def header_of(frame: Frame, sides: tuple[Side, Side]) -> Header:
    """What stands on the edge of either copy."""
    step = frame.step
    return Header(
        sides=sides,
        coach=frame.coach,
        number=frame.number,
        attending=None,
        starts_at=frame.starts_at,
        last_met=frame.last_met,
        step_number=step.number if step else None,
        step_of=step.of if step else None,
        step_title=step.title if step else None,
        cut_off=frame.dated,
        is_open=frame.is_open,
    )


def footer_of(frame: Frame) -> Footer:
    """The agreement in force, and until when answers are in."""
    return Footer(
        coach=frame.coach,
        policy=frame.policy,
        policy_version=frame.policy_version,
        policy_since=frame.policy_since,
        cut_off=frame.dated,
    )


def agreed_of(agreed: Sequence[str]) -> LastTime:
    """What was agreed, as long as its place allows: all that both copies tell of the last time."""
    return LastTime(agreed=_cut_all(agreed[: brief_space.AGREED_LINES], brief_space.AGREED))


def last_time_of(facts: CoachFacts) -> LastTime:
    """What was agreed and what stands open, each as long as its place allows."""
    return replace(
        agreed_of(facts.agreed),
        agenda=_cut_all(facts.agenda[: brief_space.AGENDA_ITEMS], brief_space.AGENDA),
        threads=_cut_all(facts.threads[: brief_space.THREADS], brief_space.THREAD),
        reminders=_cut_all(facts.reminders[: brief_space.REMINDERS], brief_space.REMINDER),
    )


def _cut_all(texts: Iterable[str], longest: int) -> tuple[str, ...]:
    return tuple(text for text, _ in (cut(text, longest) for text in texts) if text)


def said_by_each(sides: tuple[Side, Side], words: Callable[[Label], Worded], longest: int) -> tuple[Said, Said]:
    """What each said, in the order of the day, with the form that it stands in."""
    first, second = (_said_by(side, *words(side.label), longest) for side in sides)
    return first, second


def _said_by(side: Side, words: str | None, key: str, longest: int) -> Said:
    text, was_cut = cut(words, longest)
    return Said(side, text, was_cut, source_of(key) if text else None)


def source_of(key: str) -> UUID | None:
    """The form that a key names."""
    return UUID(key) if key else None


def say(chosen: Iterable[openers.Opener]) -> tuple[SayLine, ...]:
    """Lines of the library, each as long as its place allows."""
    return tuple(SayLine(opener.id, cut(opener.text, brief_space.SAY)[0] or "") for opener in chosen)


def title_of(text: str) -> str:
    """A title as long as its place allows."""
    return cut(text, brief_space.TITLE)[0] or ""


def furthest_apart(figures: Sequence[FigureApart], sides: tuple[Side, Side]) -> tuple[Number, ...]:
    """The figure furthest apart, as each gave it, its label cut to a line."""
    furthest = furthest_of(figures)
    if furthest is None:
        return ()
    label = cut(furthest.label, brief_space.FIGURE)[0] or ""
    return tuple(Number(label, furthest.values.of(side.label)) for side in sides)


def numbers_of(account: CoachAccount | JointAccount) -> tuple[Number, ...]:
    """The first figures that fit a line each; where there is nothing else to tell, the first one with a cut label."""
    cut_labels = [(figure, *cut(figure.label, brief_space.FIGURE)) for figure in account.figures]
    fitting = [Number(label, figure.value) for figure, label, was_cut in cut_labels if label and not was_cut]
    if not fitting and account.learning is None:
        fitting = [Number(label, figure.value) for figure, label, _ in cut_labels[:1] if label]
    return tuple(fitting[: brief_space.FIGURES])


def zone_of(frame: Frame) -> tzinfo | None:
    """The zone in which a brief is read."""
    return frame.starts_at.tzinfo
