"""What openers and the next small step are chosen by, drawn from the facts of a session."""

from collections.abc import Mapping, Sequence
from datetime import date

from portal.domain import change, openers, pairs
from portal.domain.openers import OpenerFacts, PartnerFacts
from portal.domain.people import Label
from portal.domain.programme import STEPS
from portal.domain.session_facts import Both, CheckIn, CoachFacts, CoachPartner, JointFacts
from portal.domain.session_weeks import Week, day_of

OPEN = "open"
STEP_ITEMS = dict(zip(("p1", "p2", "p3", "p4", "p5"), STEPS, strict=True))
Scored = list[tuple[date, float | None]]


def coach_facts(facts: CoachFacts) -> OpenerFacts:
    """All that the coach may read; flags are added for the screen alone (`build_strip`)."""
    totals = Both(*(_series(facts, facts.partners.of(label), "total") for label in Label))
    benefits = Both(*(_series(facts, facts.partners.of(label), "benefits") for label in Label))
    moved = pairs.convergence(pairs.pairs(totals.a, totals.b))
    return OpenerFacts(
        a=_coach_partner(facts, Label.A),
        b=_coach_partner(facts, Label.B),
        shared_gap_notable=_notable(benefits.a, benefits.b),
        convergence=moved.kind if moved else None,
    )


def joint_facts(facts: JointFacts, weeks: Both[Sequence[Week]]) -> OpenerFacts:
    """What both may read: thanks, the weeks both have opened, nothing else."""
    scored: Both[Scored] = Both(*([(week.on, week.score) for week in weeks.of(label)] for label in Label))
    return OpenerFacts(
        a=_joint_partner(facts, Label.A, weeks.a, scored.a),
        b=_joint_partner(facts, Label.B, weeks.b, scored.b),
        shared_gap_notable=_notable(scored.a, scored.b),
    )


def next_step(facts: CoachFacts) -> openers.NextStep | None:
    """The proposal of `openers.next_step`; None before there is a step."""
    if facts.frame.step is None:
        return None
    own = Both(*(_steps(facts.partners.of(label).check_ins) for label in Label))
    return openers.next_step(own.a, own.b, facts.frame.step.slug, facts.library, facts.done_slugs)


def _coach_partner(facts: CoachFacts, label: Label) -> PartnerFacts:
    partner, other = facts.partners.of(label), facts.partners.of(label.other)
    latest = partner.check_ins[-1].answers if _is_recent(facts, partner.check_ins) else {}
    accounts = [homework.accounts.of(label) for homework in facts.homework[:1]]
    return PartnerFacts(
        wants=bool(partner.wants),
        appreciation=bool(partner.glad_of),
        ease=change.judge(_series(facts, partner, "signs")),
        total=change.judge(_series(facts, partner, "total")),
        benefits=change.judge(_series(facts, partner, "benefits")),
        s2=_number(latest, "s2"),
        s3=_number(latest, "s3"),
        s4=_number(latest, "s4"),
        p5=_number(latest, "p5"),
        attunement=_attunement(partner.check_ins, other.check_ins),
        homework=next((account.progress or OPEN for account in accounts if account), None),
        periods_without_check_in=partner.unanswered,
    )


def _joint_partner(facts: JointFacts, label: Label, weeks: Sequence[Week], scored: Scored) -> PartnerFacts:
    met = facts.frame.last_met
    recent = weeks[-1].answers if weeks and (met is None or weeks[-1].on >= met) else {}
    return PartnerFacts(
        appreciation=bool(facts.partners.of(label).glad_of),
        benefits=change.judge(scored),
        p5=recent.get("p5"),
    )


def _is_recent(facts: CoachFacts, check_ins: Sequence[CheckIn]) -> bool:
    """Whether the latest check-in belongs to the time since the last session."""
    met = facts.frame.last_met
    return bool(check_ins) and (met is None or day_of(check_ins[-1].submitted_at, facts.frame.starts_at.tzinfo) >= met)


def _series(facts: CoachFacts, partner: CoachPartner, score: str) -> Scored:
    zone = facts.frame.starts_at.tzinfo
    return [(day_of(c.submitted_at, zone), getattr(c.scores, score)) for c in partner.check_ins]


def _number(answers: Mapping[str, int | str | None], item: str) -> int | None:
    value = answers.get(item)
    return value if isinstance(value, int) else None


def _attunement(own: Sequence[CheckIn], others: Sequence[CheckIn]) -> float | None:
    """From the latest form of each that asked for it."""
    steps = next((c.scores.steps for c in reversed(own) if c.scores.steps is not None), None)
    noticed = next((n for c in reversed(others) if (n := _number(c.answers, "n1")) is not None), None)
    return pairs.attunement(steps, noticed)


def _steps(check_ins: Sequence[CheckIn]) -> dict[str, int | None]:
    """Somebody's latest answers to all five steps, by step: most weekly forms ask for one alone."""
    for check_in in reversed(check_ins):
        answers = {step: _number(check_in.answers, item) for item, step in STEP_ITEMS.items()}
        if sum(value is not None for value in answers.values()) > 1:
            return answers
    return {}


def _notable(a: Scored, b: Scored) -> bool:
    """Whether the latest pair's gap is more than the usual ups and downs of both."""
    found = pairs.pairs(a, b)
    return bool(found) and pairs.gap(found[-1], change.own_noise(a), change.own_noise(b)).notable
