"""Facts of invented sessions: an ordinary week of Ana & Ben, an empty one, a one-sided one, and one that means harm."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from portal import content
from portal.domain.consent import Policy
from portal.domain.disclosure import Disclosure
from portal.domain.measure_totals import MeasureTotal
from portal.domain.openers import LibraryExercise, openers_from_document
from portal.domain.people import Label
from portal.domain.scoring import Scores
from portal.domain.session_facts import (
    Both,
    CheckIn,
    CoachAccount,
    CoachFacts,
    CoachHomework,
    CoachPartner,
    Figure,
    Frame,
    HomeworkStart,
    JointAccount,
    JointFacts,
    JointHomework,
    JointPartner,
    OpenedCheckIn,
    OpenFlag,
    Progress,
    Quote,
    StepNow,
    StripFacts,
)
from portal.domain.sessions import SessionKind

ZONE = ZoneInfo("Europe/Dublin")
FIRST_MONDAY = date(2026, 9, 7)
CUT_OFF = datetime(2026, 11, 23, 10, 5, tzinfo=ZONE)
OPENERS = openers_from_document(content.openers())
LOW_AND_HIGH = MeasureTotal("CSI-16", date(2026, 11, 19), "54", "0", "81", higher_is_better=True)
PRIVATE = "I have not told Ben about the letter."

ANA = (
    ((6, 6, 5, 6), (4, 4, 5)),
    ((6, 6, 5, 6), (5, 4, 5)),
    ((6, 6, 6, 6), (4, 4, 5)),
    None,
    None,
    ((5, 5, 5, 6), (5, 5, 6)),
    ((5, 5, 6, 6), (5, 5, 5)),
    ((5, 4, 5, 5), (6, 5, 6)),
    ((4, 4, 5, 5), (6, 6, 6)),
    ((4, 4, 5, 6), (6, 6, 6)),
    ((4, 4, 5, 5), (7, 6, 7)),
    ((4, 4, 5, 6), (7, 6, 7)),
)
BEN = (
    ((4, 3, 3, 3), (7, 7, 7)),
    ((4, 4, 4, 4), (7, 6, 7)),
    ((4, 3, 3, 3), (7, 7, 7)),
    None,
    None,
    ((4, 4, 4, 4), (6, 6, 7)),
    ((4, 4, 4, 3), (7, 6, 7)),
    ((5, 4, 4, 4), (6, 6, 6)),
    ((4, 4, 3, 4), (7, 6, 7)),
    None,
    ((4, 4, 3, 3), (7, 6, 7)),
    ((5, 4, 3, 3), (7, 6, 6)),
)


def library() -> tuple[LibraryExercise, ...]:
    return tuple(
        LibraryExercise(e["slug"], step["step"], e["title"], e["minutes"], e["audience"])
        for step in content.steps()
        for e in step["exercises"]
    )


def frame(**changes: object) -> Frame:
    values = Frame(
        names=Both("Ana", "Ben"),
        coach="Ines",
        number=9,
        starts_at=datetime(2026, 11, 24, 18, 0, tzinfo=ZONE),
        last_met=date(2026, 11, 10),
        step=StepNow("active_listening", 1, 5, "Active listening"),
        cut_off=CUT_OFF,
        policy=Policy.DISCRETION,
        policy_version=3,
        policy_since=date(2026, 9, 4),
    )
    return replace(values, **changes)  # type: ignore[arg-type]


def check_in(week: int, signs: Sequence[int], benefits: Sequence[int], **more: int | str | None) -> CheckIn:
    answers: dict[str, int | str | None] = {f"s{i}": value for i, value in enumerate(signs, 1)}
    answers |= {f"b{i}": value for i, value in enumerate(benefits, 1)}
    eased, good = 10 * (10 - sum(signs) / 4), 10 * sum(benefits) / 3
    scores = Scores(signs=eased, benefits=good, total=(4 * eased + 3 * good) / 7)
    return CheckIn(_sent(week), week + 1, answers | more, scores)


def opened(week: int, benefits: Sequence[int]) -> OpenedCheckIn:
    return OpenedCheckIn(_sent(week), {f"b{i}": v for i, v in enumerate(benefits, 1)}, 10 * sum(benefits) / 3)


def _sent(week: int) -> datetime:
    day = FIRST_MONDAY + timedelta(weeks=week)
    return datetime(day.year, day.month, day.day, 9, 30, tzinfo=ZONE)


def ordinary() -> CoachFacts:
    return CoachFacts(
        frame=frame(),
        kind=SessionKind.JOINT,
        partners=Both(
            CoachPartner(
                tuple(check_in(i, *week) for i, week in enumerate(ANA) if week),
                wants="How to say it when I am worried, without it landing as a complaint.",
                glad_of="He took Friday’s bedtime without my asking.",
            ),
            CoachPartner(
                tuple(check_in(i, *week) for i, week in enumerate(BEN) if week),
                wants="The evenings. I would like one that is not about the list.",
                glad_of="She said ‘tell me more’ when I had already given up explaining.",
                unanswered=1,
            ),
        ),
        agreed=("Three talks with an object in hand, phones away.",),
        threads=("Ana’s mother at Christmas.", "The move: when to decide."),
        reminders=("Let Ben finish. Ask about the first three minutes.",),
        homework=(
            CoachHomework(
                "One holds the floor",
                "To slow a talk down so that each is heard.",
                date(2026, 11, 16),
                Both(
                    CoachAccount(
                        Progress.DONE,
                        learning=Quote("He was quiet before he answered, and I liked it.", Disclosure.SHARED),
                        figures=(Figure("Heard", 6),),
                    ),
                    CoachAccount(
                        Progress.DONE,
                        learning=Quote("That she asks again because she is worried.", Disclosure.SHARED),
                        figures=(Figure("Heard", 7),),
                    ),
                ),
            ),
            CoachHomework(
                "Thanks with a why",
                "A thanks that sees the person.",
                date(2026, 11, 10),
                Both(
                    CoachAccount(
                        Progress.DONE,
                        learning=Quote(PRIVATE, Disclosure.COACH),
                        figures=(Figure("Easy to give", 8),),
                    ),
                    CoachAccount(
                        Progress.PARTLY,
                        barrier="No time",
                        learning=Quote("She notices.", Disclosure.SHARED),
                        figures=(Figure("Easy to give", 5),),
                    ),
                ),
            ),
        ),
        homework_starts=(
            HomeworkStart(date(2026, 9, 8), "ten clear minutes"),
            HomeworkStart(date(2026, 10, 13), "three specifics"),
            HomeworkStart(date(2026, 11, 2), "thanks with a why"),
            HomeworkStart(date(2026, 11, 16), "one holds the floor"),
        ),
        library=library(),
        done_slugs=frozenset({"one-holds-the-floor"}),
        openers=OPENERS,
    )


def ordinary_joint() -> JointFacts:
    return JointFacts(
        frame=frame(),
        partners=Both(
            JointPartner(
                tuple(opened(i, week[1]) for i, week in enumerate(ANA) if week),
                "He took Friday’s bedtime without my asking.",
            ),
            JointPartner(
                tuple(opened(i, week[1]) for i, week in enumerate(BEN) if week),
                "She said ‘tell me more’ when I had already given up explaining.",
            ),
        ),
        agreed=("Three talks with an object in hand, phones away.",),
        homework=(
            JointHomework(
                "One holds the floor",
                "To slow a talk down so that each is heard.",
                date(2026, 11, 16),
                Both(
                    JointAccount("He was quiet before he answered, and I liked it.", (Figure("Heard", 6),)),
                    JointAccount("That she asks again because she is worried.", (Figure("Heard", 7),)),
                ),
            ),
            JointHomework(
                "Thanks with a why",
                "A thanks that sees the person.",
                date(2026, 11, 10),
                Both(JointAccount(), JointAccount("She notices.")),
            ),
        ),
        homework_starts=(
            HomeworkStart(date(2026, 10, 13), "three specifics"),
            HomeworkStart(date(2026, 11, 2), "thanks with a why"),
            HomeworkStart(date(2026, 11, 16), "one holds the floor"),
        ),
        openers=OPENERS,
    )


def empty() -> CoachFacts:
    return CoachFacts(
        frame(number=1, last_met=None, step=None, names=Both("Gil", "Hana")),
        SessionKind.JOINT,
        Both(CoachPartner(), CoachPartner()),
        openers=OPENERS,
    )


def empty_joint() -> JointFacts:
    return JointFacts(
        frame(number=1, last_met=None, step=None, names=Both("Gil", "Hana")),
        Both(JointPartner(), JointPartner()),
        openers=OPENERS,
    )


def one_sided() -> CoachFacts:
    """Only Cleo writes; what Dov sent came after the cut-off."""
    whole = ordinary()
    return replace(
        whole,
        frame=frame(names=Both("Cleo", "Dov"), number=4, coach="Omar"),
        partners=Both(whole.partners.a, CoachPartner(unanswered=2, late=1)),
        homework=tuple(replace(h, accounts=Both(h.accounts.a, None)) for h in whole.homework),
    )


def one_sided_joint() -> JointFacts:
    whole = ordinary_joint()
    return replace(
        whole,
        frame=frame(names=Both("Cleo", "Dov"), number=4, coach="Omar"),
        partners=Both(whole.partners.a, JointPartner()),
        homework=tuple(replace(h, accounts=Both(h.accounts.a, JointAccount())) for h in whole.homework),
    )


HARM = (
    "<script>alert(1)</script> <img src='http://evil.example/x.png'> {{ 7 * 7 }} & \" ' "
    + "\u202eright to left\u202c "
    + "W" * 900
    + " "
    + "אב" * 400
    + " Z\u0351\u0352\u0353\u0354\u0355\u0356a\u0300lgo \U0001f469\u200d\U0001f467 1\ufe0f\u20e3 \u0000\u0007 日本語 "
    + "long words all the way down, " * 150
)


def hostile(text: str = HARM) -> CoachFacts:
    """A week in which everything that somebody can write is this text."""
    quote = Quote(text, Disclosure.COACH)
    figures = tuple(Figure(text, 7) for _ in range(6))
    account = CoachAccount(Progress.PARTLY, text, quote, figures)
    row = CoachHomework(text, text, date(2026, 11, 16), Both(account, account))
    whole = ordinary()
    partners = (replace(whole.partners.of(label), wants=text, glad_of=text) for label in Label)
    return replace(
        whole,
        frame=frame(names=Both("<b>Ana" + "W" * 60, "Ben\u202e אב")),
        partners=Both(*partners),
        agreed=(text,) * 9,
        agenda=(text,) * 9,
        threads=(text,) * 9,
        reminders=(text,) * 9,
        homework=(row,) * 12,
        homework_starts=tuple(HomeworkStart(FIRST_MONDAY + timedelta(weeks=i), text) for i in range(12)),
    )


def hostile_joint(text: str = HARM) -> JointFacts:
    """The same for what both may read."""
    account = JointAccount(text, tuple(Figure(text, 7) for _ in range(6)))
    row = JointHomework(text, text, date(2026, 11, 16), Both(account, account))
    whole = ordinary_joint()
    partners = (replace(whole.partners.of(label), glad_of=text) for label in Label)
    return replace(
        whole,
        frame=frame(names=Both("<b>Ana" + "W" * 60, "Ben\u202e אב")),
        partners=Both(*partners),
        agreed=(text,) * 9,
        homework=(row,) * 12,
        homework_starts=tuple(HomeworkStart(FIRST_MONDAY + timedelta(weeks=i), text) for i in range(12)),
    )


def measured() -> CoachFacts:
    """The ordinary week, in which both answered a measure, and Ana a second one."""
    facts = ordinary()
    other = MeasureTotal("RAS", date(2026, 11, 20), "3.4", "1", "5", higher_is_better=True, is_partial=True)
    heard = replace(facts.partners.a, measures=(LOW_AND_HIGH, other))
    return replace(facts, partners=Both(heard, replace(facts.partners.b, measures=(LOW_AND_HIGH,))))


def flagged() -> StripFacts:
    return StripFacts(
        flags=(OpenFlag(Label.A, date(2026, 11, 22), "text before noon, never in the evening"),),
        soft_flags=Both(1, 0),
        holds=True,
    )
