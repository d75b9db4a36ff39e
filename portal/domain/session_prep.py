"""Builds the coach copy of a session's brief, from all that the coach may read."""

from dataclasses import replace

from portal.domain import brief_choices, brief_space, openers, session_opening
from portal.domain.brief import (
    Account,
    Brief,
    Header,
    HomeworkRow,
    LeftOut,
    Measure,
    NextStep,
    Side,
)
from portal.domain.brief_choices import Copy
from portal.domain.brief_parts import (
    Worded,
    footer_of,
    furthest_apart,
    header_of,
    last_time_of,
    numbers_of,
    said_by_each,
    say,
    sides_of,
    source_of,
    title_of,
    zone_of,
)
from portal.domain.brief_space import COACH_PAPER, cut, give_way
from portal.domain.joint_tasks import differ, two_accounts
from portal.domain.measure_totals import MeasureTotal
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
)
from portal.domain.session_weeks import Week, day_of, differences, trend
from portal.domain.sessions import SessionKind
from portal.domain.strip import OnPaper

_ALONE = {SessionKind.INDIVIDUAL_A: Label.A, SessionKind.INDIVIDUAL_B: Label.B}


def build_coach(facts: CoachFacts, before_the_door: OnPaper | None = None) -> Brief:
    """The coach copy: everything the coach may read, in the order in which it is needed at the door. Never raises.

    `before_the_door` comes from a practice that chose to have it on its own paper.
    """
    hides = any(quote.is_hidden for quote in brief_choices.quotes(facts))
    facts = brief_choices.without_hidden(facts)
    frame, sides = facts.frame, sides_of(facts.frame)
    weeks = Both(_coach_weeks(facts.partners.a, frame), _coach_weeks(facts.partners.b, frame))
    brief = Brief(
        header=_coach_header(facts, sides),
        last_time=last_time_of(facts),
        wants=said_by_each(sides, lambda label: _wanted(facts.partners.of(label)), brief_space.WANTS),
        openers=say(brief_choices.said_first(facts, session_opening.coach_facts(facts), Copy.COACH)),
        own_line=facts.choices.line,
        next_step=_next_step(facts),
        homework=tuple(_coach_row(homework, sides) for homework in facts.homework[: brief_space.HOMEWORK_ROWS]),
        glad_of=said_by_each(sides, lambda label: _glad(facts.partners.of(label)), brief_space.GLAD_OF),
        trend=trend(
            Measure.TOTAL, sides, weeks, facts.homework_starts, day_of(frame.cut_off, zone_of(frame)), for_coach=True
        ),
        differences=differences(sides, weeks),
        footer=footer_of(frame),
        before_the_door=before_the_door,
        measures=_measures(facts, sides),
    )
    drawn = (brief.trend, brief.differences)
    brief, gave_way = give_way(brief, COACH_PAPER)
    hidden = (LeftOut.HIDDEN_QUOTES,) if hides else ()
    left_out = _left_out(facts, brief, gave_way) + hidden
    return replace(brief, left_out=left_out, quoted_alone=brief_choices.quoted_alone(brief), drawn=drawn)


def _coach_header(facts: CoachFacts, sides: tuple[Side, Side]) -> Header:
    alone = _ALONE.get(facts.kind)
    first, second = (facts.partners.of(side.label).unanswered for side in sides)
    return replace(
        header_of(facts.frame, sides),
        attending=next((side for side in sides if side.label is alone), None),
        unanswered=(first, second),
    )


def _measures(facts: CoachFacts, sides: tuple[Side, Side]) -> tuple[tuple[MeasureTotal, ...], tuple[MeasureTotal, ...]]:
    first, second = (facts.partners.of(side.label).measures[: brief_space.MEASURES] for side in sides)
    return tuple(map(_named, first)), tuple(map(_named, second))


def _named(total: MeasureTotal) -> MeasureTotal:
    return replace(total, name=cut(total.name, brief_space.MEASURE)[0] or "")


def _wanted(partner: CoachPartner) -> Worded:
    return partner.wants, partner.wants_key


def _glad(partner: CoachPartner) -> Worded:
    return partner.glad_of, partner.glad_key


def _next_step(facts: CoachFacts) -> NextStep | None:
    proposed = session_opening.next_step(facts)
    if proposed is None or proposed.exercise is None:
        return None
    return NextStep(
        title=title_of(proposed.exercise.title),
        minutes=proposed.exercise.minutes,
        audience=Audience(proposed.exercise.audience),
        reason=proposed.reason,
        others=tuple(title_of(exercise.title) for exercise in proposed.alternatives),
    )


def _coach_row(homework: CoachHomework, sides: tuple[Side, Side]) -> HomeworkRow:
    accounts = homework.accounts
    first, second = (_coach_account(side, accounts.of(side.label)) for side in sides)
    told = two_accounts(accounts)
    return HomeworkRow(
        title=title_of(homework.title),
        why=cut(homework.why, brief_space.WHY)[0] or "",
        assigned_on=homework.assigned_on,
        accounts=(first, second),
        differing=accounts.a is not None and accounts.b is not None and differ(accounts.a, accounts.b),
        telling=told.telling if homework.is_joint else None,
        apart=furthest_apart(told.apart, sides) if homework.is_joint else (),
        source=homework.assignment_id,
    )


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
        numbers=numbers_of(account),
        source=source_of(account.key),
    )


def _coach_weeks(partner: CoachPartner, frame: Frame) -> list[Week]:
    return [
        Week(day_of(c.submitted_at, zone_of(frame)), c.scores.total, _scales(c), c.given) for c in partner.check_ins
    ]


def _scales(check_in: CheckIn) -> dict[str, int]:
    """The signs and benefits; steps are practice, and stay out of what is set side by side for the coach."""
    return {
        item: value for item, value in check_in.answers.items() if item[:1] in ("s", "b") and isinstance(value, int)
    }


def _left_out(facts: CoachFacts, brief: Brief, gave_way: tuple[LeftOut, ...]) -> tuple[LeftOut, ...]:
    """What the footer admits: what gave way, what was cut, and what came too late."""
    too_many = (
        len(facts.agenda) > brief_space.AGENDA_ITEMS
        or len(facts.threads) > brief_space.THREADS
        or len(facts.reminders) > brief_space.REMINDERS
        or len(facts.agreed) > brief_space.AGREED_LINES
    )
    cut_texts = any(said.cut for said in (*brief.wants, *brief.glad_of)) or any(
        account.cut for row in brief.homework for account in row.accounts
    )
    late = facts.partners.a.late + facts.partners.b.late > 0
    most = max(len(partner.measures) for partner in (facts.partners.a, facts.partners.b))
    more_measures = most > brief_space.MEASURES and LeftOut.MEASURES not in gave_way
    more_homework = len(facts.homework) > brief_space.HOMEWORK_ROWS and LeftOut.EARLIER_HOMEWORK not in gave_way
    said = [
        (more_measures, LeftOut.MEASURES),
        (more_homework, LeftOut.EARLIER_HOMEWORK),
        (cut_texts, LeftOut.ENDS_OF_LONG_TEXTS),
        (too_many, LeftOut.NOTES),
        (late, LeftOut.LATE_ANSWERS),
    ]
    return gave_way + tuple(what for applies, what in said if applies)


def openers_to_pick(facts: CoachFacts) -> tuple[openers.Opener, ...]:
    """The openers that can be picked from for the coach copy, in the library's order."""
    return openers.fitting(facts.openers, session_opening.coach_facts(facts), Copy.COACH)
