"""Builds a session's brief from facts: the coach copy and the joint copy, each from its own family of facts."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import tzinfo

from portal.domain import brief_choices, brief_space, openers, session_opening
from portal.domain.brief import (
    Account,
    Brief,
    Footer,
    Header,
    HomeworkRow,
    JointBrief,
    LastTime,
    LeftOut,
    Measure,
    NextStep,
    Number,
    Said,
    SayLine,
    Side,
)
from portal.domain.brief_choices import Copy
from portal.domain.brief_space import COACH_PAPER, JOINT_PAPER, cut, give_way
from portal.domain.joint_tasks import FigureApart, differ, figures_apart, furthest_of, two_accounts
from portal.domain.people import Label
from portal.domain.programme import Audience
from portal.domain.session_facts import (
    Both,
    CheckIn,
    CoachAccount,
    CoachFacts,
    CoachHomework,
    CoachPartner,
    Frame,
    JointAccount,
    JointFacts,
    JointHomework,
    JointPartner,
)
from portal.domain.session_weeks import Week, common_weeks, day_of, differences, trend
from portal.domain.sessions import SessionKind

_ALONE = {SessionKind.INDIVIDUAL_A: Label.A, SessionKind.INDIVIDUAL_B: Label.B}


def build_coach(facts: CoachFacts) -> Brief:
    """The coach copy: everything the coach may read, in the order in which it is needed at the door. Never raises."""
    hides = any(quote.is_hidden for quote in brief_choices.quotes(facts))
    facts = brief_choices.without_hidden(facts)
    frame, sides = facts.frame, sides_of(facts.frame)
    weeks = Both(_coach_weeks(facts.partners.a, frame), _coach_weeks(facts.partners.b, frame))
    brief = Brief(
        header=_coach_header(facts, sides),
        last_time=_last_time(facts.agreed, facts.threads, facts.reminders),
        wants=_said(sides, lambda label: facts.partners.of(label).wants, brief_space.WANTS),
        openers=say(brief_choices.said_first(facts, session_opening.coach_facts(facts), Copy.COACH)),
        own_line=facts.choices.line,
        next_step=_next_step(facts),
        homework=tuple(_coach_row(homework, sides) for homework in facts.homework[: brief_space.HOMEWORK_ROWS]),
        glad_of=_said(sides, lambda label: facts.partners.of(label).glad_of, brief_space.GLAD_OF),
        trend=trend(
            Measure.TOTAL, sides, weeks, facts.homework_starts, day_of(frame.cut_off, _zone(frame)), for_coach=True
        ),
        differences=differences(sides, weeks),
        footer=_footer(frame),
    )
    brief, gave_way = give_way(brief, COACH_PAPER)
    hidden = (LeftOut.HIDDEN_QUOTES,) if hides else ()
    left_out = _left_out(facts, brief, gave_way) + hidden
    return replace(brief, left_out=left_out, quoted_alone=brief_choices.quoted_alone(brief))


def build_joint(facts: JointFacts) -> JointBrief:
    """The joint copy: from shared facts alone. A week that only one has opened is missing for both. Never raises."""
    facts = brief_choices.without_hidden(facts)
    frame, sides = facts.frame, sides_of(facts.frame)
    weeks = common_weeks(Both(_joint_weeks(facts.partners.a, frame), _joint_weeks(facts.partners.b, frame)))
    brief = JointBrief(
        header=_header(frame, sides),
        last_time=_last_time(facts.agreed, (), ()),
        homework=tuple(_joint_row(homework, sides) for homework in facts.homework[: brief_space.HOMEWORK_ROWS]),
        glad_of=_said(sides, lambda label: facts.partners.of(label).glad_of, brief_space.GLAD_OF),
        trend=trend(
            Measure.BENEFITS, sides, weeks, facts.homework_starts, day_of(frame.cut_off, _zone(frame)), for_coach=False
        ),
        differences=differences(sides, weeks),
        openers=say(brief_choices.said_first(facts, session_opening.joint_facts(facts, weeks), Copy.JOINT)),
        own_line=facts.choices.line,
        footer=_footer(frame),
    )
    return give_way(brief, JOINT_PAPER)[0]


def sides_of(frame: Frame) -> tuple[Side, Side]:
    """Who is first alternates by session: odd begins with A, even with B."""
    a, b = (Side(label, cut(frame.names.of(label), brief_space.NAME)[0] or label) for label in Label)
    return (a, b) if frame.number % 2 else (b, a)


def _header(frame: Frame, sides: tuple[Side, Side]) -> Header:
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
        cut_off=frame.cut_off,
    )


def _coach_header(facts: CoachFacts, sides: tuple[Side, Side]) -> Header:
    alone = _ALONE.get(facts.kind)
    first, second = (facts.partners.of(side.label).unanswered for side in sides)
    return replace(
        _header(facts.frame, sides),
        attending=next((side for side in sides if side.label is alone), None),
        unanswered=(first, second),
    )


def _footer(frame: Frame) -> Footer:
    return Footer(
        coach=frame.coach,
        policy=frame.policy,
        policy_version=frame.policy_version,
        policy_since=frame.policy_since,
        cut_off=frame.cut_off,
    )


def _last_time(agreed: Sequence[str], threads: Sequence[str], reminders: Sequence[str]) -> LastTime:
    return LastTime(
        agreed=_cut_all(agreed[: brief_space.AGREED_LINES], brief_space.AGREED),
        threads=_cut_all(threads[: brief_space.THREADS], brief_space.THREAD),
        reminders=_cut_all(reminders[: brief_space.REMINDERS], brief_space.REMINDER),
    )


def _cut_all(texts: Iterable[str], longest: int) -> tuple[str, ...]:
    return tuple(text for text, _ in (cut(text, longest) for text in texts) if text)


def _said(sides: tuple[Side, Side], words: Callable[[Label], str | None], longest: int) -> tuple[Said, Said]:
    first, second = (Said(side, *cut(words(side.label), longest)) for side in sides)
    return first, second


def openers_to_pick(facts: CoachFacts | JointFacts) -> tuple[openers.Opener, ...]:
    """The openers that a coach can pick from for a copy, in the library's order."""
    if isinstance(facts, CoachFacts):
        return openers.fitting(facts.openers, session_opening.coach_facts(facts), Copy.COACH)
    weeks = common_weeks(Both(*(_joint_weeks(facts.partners.of(label), facts.frame) for label in Label)))
    return openers.fitting(facts.openers, session_opening.joint_facts(facts, weeks), Copy.JOINT)


def say(chosen: Iterable[openers.Opener]) -> tuple[SayLine, ...]:
    """Lines of the library, each as long as its place allows."""
    return tuple(SayLine(opener.id, cut(opener.text, brief_space.SAY)[0] or "") for opener in chosen)


def _next_step(facts: CoachFacts) -> NextStep | None:
    proposed = session_opening.next_step(facts)
    if proposed is None or proposed.exercise is None:
        return None
    return NextStep(
        title=_title(proposed.exercise.title),
        minutes=proposed.exercise.minutes,
        audience=Audience(proposed.exercise.audience),
        reason=proposed.reason,
        others=tuple(_title(exercise.title) for exercise in proposed.alternatives),
    )


def _title(text: str) -> str:
    return cut(text, brief_space.TITLE)[0] or ""


def _coach_row(homework: CoachHomework, sides: tuple[Side, Side]) -> HomeworkRow:
    accounts = homework.accounts
    first, second = (_coach_account(side, accounts.of(side.label)) for side in sides)
    told = two_accounts(accounts)
    return HomeworkRow(
        title=_title(homework.title),
        why=cut(homework.why, brief_space.WHY)[0] or "",
        assigned_on=homework.assigned_on,
        accounts=(first, second),
        differing=accounts.a is not None and accounts.b is not None and differ(accounts.a, accounts.b),
        telling=told.telling if homework.is_joint else None,
        apart=_apart(told.apart, sides) if homework.is_joint else (),
    )


def _apart(figures: Sequence[FigureApart], sides: tuple[Side, Side]) -> tuple[Number, ...]:
    """The figure furthest apart, as each gave it, its label cut to a line."""
    furthest = furthest_of(figures)
    if furthest is None:
        return ()
    label = cut(furthest.label, brief_space.FIGURE)[0] or ""
    return tuple(Number(label, furthest.values.of(side.label)) for side in sides)


def _coach_account(side: Side, account: CoachAccount | None) -> Account:
    if account is None:
        return Account(side, asked=False)
    quote, was_cut = cut(account.learning.text if account.learning else None, brief_space.QUOTE)
    return Account(
        side,
        asked=True,
        progress=account.progress,
        barrier=cut(account.barrier, brief_space.CHOICE)[0],
        quote=quote,
        cut=was_cut,
        disclosure=account.learning.disclosure if account.learning and quote else None,
        is_open=bool(account.learning and account.learning.is_open),
        numbers=_numbers(account),
    )


def _numbers(account: CoachAccount | JointAccount) -> tuple[Number, ...]:
    """The first figures that fit a line each; where there is nothing else to tell, the first one with a cut label."""
    cut_labels = [(figure, *cut(figure.label, brief_space.FIGURE)) for figure in account.figures]
    fitting = [Number(label, figure.value) for figure, label, was_cut in cut_labels if label and not was_cut]
    if not fitting and account.learning is None:
        fitting = [Number(label, figure.value) for figure, label, _ in cut_labels[:1] if label]
    return tuple(fitting[: brief_space.FIGURES])


def _joint_row(homework: JointHomework, sides: tuple[Side, Side]) -> HomeworkRow:
    first, second = (_joint_account(side, homework.accounts.of(side.label)) for side in sides)
    apart = figures_apart(homework.accounts.a.figures, homework.accounts.b.figures)
    return HomeworkRow(
        title=_title(homework.title),
        why=cut(homework.why, brief_space.WHY)[0] or "",
        assigned_on=homework.assigned_on,
        accounts=(first, second),
        apart=_apart(apart, sides),
    )


def _joint_account(side: Side, account: JointAccount) -> Account:
    quote, was_cut = cut(account.learning, brief_space.QUOTE)
    return Account(side, asked=True, quote=quote, cut=was_cut, numbers=_numbers(account))


def _coach_weeks(partner: CoachPartner, frame: Frame) -> list[Week]:
    return [Week(day_of(c.submitted_at, _zone(frame)), c.scores.total, _scales(c), c.given) for c in partner.check_ins]


def _scales(check_in: CheckIn) -> dict[str, int]:
    """The signs and benefits; steps are practice, and stay out of what is set side by side for the coach."""
    return {
        item: value for item, value in check_in.answers.items() if item[:1] in ("s", "b") and isinstance(value, int)
    }


def _joint_weeks(partner: JointPartner, frame: Frame) -> list[Week]:
    return [Week(day_of(c.submitted_at, _zone(frame)), c.benefits, dict(c.answers), c.given) for c in partner.check_ins]


def _zone(frame: Frame) -> tzinfo | None:
    return frame.starts_at.tzinfo


def _left_out(facts: CoachFacts, brief: Brief, gave_way: tuple[LeftOut, ...]) -> tuple[LeftOut, ...]:
    """What the footer admits: what gave way, what was cut, and what came too late."""
    too_many = (
        len(facts.threads) > brief_space.THREADS
        or len(facts.reminders) > brief_space.REMINDERS
        or len(facts.agreed) > brief_space.AGREED_LINES
    )
    cut_texts = any(said.cut for said in (*brief.wants, *brief.glad_of)) or any(
        account.cut for row in brief.homework for account in row.accounts
    )
    late = facts.partners.a.late + facts.partners.b.late > 0
    more_homework = len(facts.homework) > brief_space.HOMEWORK_ROWS and LeftOut.EARLIER_HOMEWORK not in gave_way
    said = [
        (more_homework, LeftOut.EARLIER_HOMEWORK),
        (cut_texts, LeftOut.ENDS_OF_LONG_TEXTS),
        (too_many, LeftOut.NOTES),
        (late, LeftOut.LATE_ANSWERS),
    ]
    return gave_way + tuple(what for applies, what in said if applies)
