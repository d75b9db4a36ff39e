"""Builds the joint copy of a session's brief, from shared facts and from nothing else."""

from portal.domain import brief_choices, brief_space, openers, session_opening
from portal.domain.brief import Account, HomeworkRow, JointBrief, Measure, Side
from portal.domain.brief_choices import Copy
from portal.domain.brief_parts import (
    agreed_of,
    footer_of,
    furthest_apart,
    header_of,
    numbers_of,
    said_by_each,
    say,
    sides_of,
    title_of,
    zone_of,
)
from portal.domain.brief_space import JOINT_PAPER, cut, give_way
from portal.domain.joint_tasks import figures_apart
from portal.domain.people import Label
from portal.domain.session_facts import Both, Frame, JointAccount, JointFacts, JointHomework, JointPartner
from portal.domain.session_weeks import Week, common_weeks, day_of, differences, trend


def build_joint(facts: JointFacts) -> JointBrief:
    """The joint copy: from shared facts alone. A week that only one has opened is missing for both. Never raises."""
    facts = brief_choices.without_hidden(facts)
    frame, sides = facts.frame, sides_of(facts.frame)
    weeks = common_weeks(Both(_joint_weeks(facts.partners.a, frame), _joint_weeks(facts.partners.b, frame)))
    brief = JointBrief(
        header=header_of(frame, sides),
        last_time=agreed_of(facts.agreed),
        homework=tuple(_joint_row(homework, sides) for homework in facts.homework[: brief_space.HOMEWORK_ROWS]),
        glad_of=said_by_each(sides, lambda label: (facts.partners.of(label).glad_of, ""), brief_space.GLAD_OF),
        trend=trend(
            Measure.BENEFITS,
            sides,
            weeks,
            facts.homework_starts,
            day_of(frame.cut_off, zone_of(frame)),
            for_coach=False,
        ),
        differences=differences(sides, weeks),
        openers=say(brief_choices.said_first(facts, session_opening.joint_facts(facts, weeks), Copy.JOINT)),
        own_line=facts.choices.line,
        footer=footer_of(frame),
    )
    return give_way(brief, JOINT_PAPER)[0]


def _joint_row(homework: JointHomework, sides: tuple[Side, Side]) -> HomeworkRow:
    first, second = (_joint_account(side, homework.accounts.of(side.label)) for side in sides)
    apart = figures_apart(homework.accounts.a.figures, homework.accounts.b.figures)
    return HomeworkRow(
        title=title_of(homework.title),
        why=cut(homework.why, brief_space.WHY)[0] or "",
        assigned_on=homework.assigned_on,
        accounts=(first, second),
        apart=furthest_apart(apart, sides),
    )


def _joint_account(side: Side, account: JointAccount) -> Account:
    quote, was_cut = cut(account.learning, brief_space.QUOTE)
    return Account(side, asked=True, quote=quote, cut=was_cut, numbers=numbers_of(account))


def _joint_weeks(partner: JointPartner, frame: Frame) -> list[Week]:
    return [
        Week(day_of(c.submitted_at, zone_of(frame)), c.benefits, dict(c.answers), c.given) for c in partner.check_ins
    ]


def openers_to_pick(facts: JointFacts) -> tuple[openers.Opener, ...]:
    """The openers that can be picked from for the joint copy, in the library's order."""
    weeks = common_weeks(Both(*(_joint_weeks(facts.partners.of(label), facts.frame) for label in Label)))
    return openers.fitting(facts.openers, session_opening.joint_facts(facts, weeks), Copy.JOINT)
