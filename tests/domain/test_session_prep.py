"""The brief as values: order, fairness, what gives way, and that a private word has no way into the joint copy."""

from dataclasses import fields, replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.domain import brief_space, session_opening
from portal.domain.brief import Brief, Direction, JointBrief, LeftOut
from portal.domain.disclosure import Disclosure
from portal.domain.joint_prep import build_joint
from portal.domain.joint_tasks import Telling
from portal.domain.openers import StepReason
from portal.domain.people import Label
from portal.domain.session_facts import (
    Both,
    CheckIn,
    CoachAccount,
    CoachFacts,
    CoachHomework,
    CoachPartner,
    Figure,
    JointAccount,
    JointFacts,
    JointPartner,
    OpenedCheckIn,
    OpenFlag,
    Progress,
    Quote,
    StripFacts,
)
from portal.domain.session_prep import build_coach
from portal.domain.session_strip import build_strip, on_paper
from portal.domain.session_weeks import Week, common_weeks, day_of
from portal.domain.sessions import SessionKind
from portal.domain.strip import OnPaper, Strip
from tests import briefs


def names(brief: Brief | JointBrief) -> list[str]:
    return [side.name for side in brief.header.sides]


def test_who_is_listed_first_alternates_by_session_everywhere() -> None:
    odd, even = (build_coach(replace(briefs.ordinary(), frame=briefs.frame(number=n))) for n in (9, 10))
    assert (names(odd), names(even)) == (["Ana", "Ben"], ["Ben", "Ana"])
    assert even.trend is not None
    assert even.differences is not None
    pairs = [even.wants, even.glad_of, even.trend.lines, even.homework[0].accounts]
    assert all([part.side.name for part in pair] == ["Ben", "Ana"] for pair in pairs)
    assert odd.differences is not None
    assert [row.values for row in even.differences.rows] == [row.values[::-1] for row in odd.differences.rows]


def test_what_was_told_to_the_coach_has_no_field_in_the_joint_facts() -> None:
    joint = {field.name for kind in (JointFacts, JointPartner, JointBrief) for field in fields(kind)}
    coachs = {"wants", "agenda", "threads", "reminders", "unanswered", "late", "left_out", "next_step", "library"}
    assert joint.isdisjoint(coachs)


@pytest.mark.parametrize("item", ["s1", "s4", "n1", "x1", "x2", "t2", "g1"])
def test_an_answer_that_never_opens_cannot_be_put_into_an_opened_check_in(item: str) -> None:
    with pytest.raises(ValueError, match="never opened"):
        OpenedCheckIn(briefs.CUT_OFF, {item: 3})


def test_a_flag_has_no_field_in_the_facts_of_the_paper() -> None:
    told = {field.name for kind in (CoachFacts, CoachPartner) for field in fields(kind)}
    assert not [name for name in told if "flag" in name or "hold" in name or "strip" in name]


def test_a_week_that_only_one_has_opened_is_missing_for_both() -> None:
    brief = build_joint(briefs.ordinary_joint())
    assert brief.trend is not None
    gaps = [[value is None for value in line.values] for line in brief.trend.lines]
    assert gaps[0] == gaps[1]
    assert gaps[0][9], "Ana opened the tenth week and Ben did not"


def test_two_answers_to_one_form_belong_together_whenever_they_were_sent() -> None:
    sunday, monday, form = date(2026, 11, 22), date(2026, 11, 23), UUID(int=7)
    on_one_day = common_weeks(Both([Week(sunday, 50, {"b1": 5}, form)], [Week(sunday, 60, {"b1": 6}, form)]))
    a_day_apart = common_weeks(Both([Week(sunday, 50, {"b1": 5}, form)], [Week(monday, 60, {"b1": 6}, form)]))
    assert a_day_apart == on_one_day
    assert [week.answers for week in a_day_apart.b] == [{"b1": 6}]


def test_a_question_that_only_one_has_opened_is_missing_for_both() -> None:
    facts = briefs.ordinary_joint()
    last = facts.partners.b.check_ins[-1]
    narrower = replace(last, answers={"b1": 7, "b2": 6})
    b = replace(facts.partners.b, check_ins=(*facts.partners.b.check_ins[:-1], narrower))
    brief = build_joint(replace(facts, partners=Both(facts.partners.a, b)))
    assert brief.differences is not None
    assert [row.item for row in brief.differences.rows] == ["b1", "b2"]


def test_gaps_stay_gaps_and_the_last_twelve_weeks_are_shown() -> None:
    brief = build_coach(briefs.ordinary())
    assert brief.trend is not None
    assert len(brief.trend.weeks) == 12
    assert brief.trend.weeks[-1] == date(2026, 11, 23)
    assert [line.values[3:5] for line in brief.trend.lines] == [(None, None), (None, None)]
    assert [line.answered for line in brief.trend.lines] == [10, 9]


def test_the_signs_are_turned_round_so_that_right_is_easier() -> None:
    brief = build_coach(briefs.ordinary())
    assert brief.differences is not None
    feeling_alone = next(row for row in brief.differences.rows if row.item == "s4")
    assert feeling_alone.values == (4, 7), "Ana answered 6 and Ben 3"


def test_one_agreement_at_least_stands_beside_what_differs() -> None:
    brief = build_coach(briefs.ordinary())
    assert brief.differences is not None
    assert any(row.closest for row in brief.differences.rows)
    assert [row.item for row in brief.differences.rows] == ["s2", "s3", "s4", "b1"], "in the check-in's order"


def test_there_are_three_openers_at_most_and_the_joint_ones_suit_both() -> None:
    library = {opener.id: opener for opener in briefs.OPENERS}
    coach, joint = build_coach(briefs.ordinary()), build_joint(briefs.ordinary_joint())
    assert 1 <= len(coach.openers) <= 3
    assert any(library[line.id].strength for line in coach.openers)
    assert {library[line.id].copy for line in joint.openers} == {"joint"}


def test_the_next_step_is_of_the_step_the_couple_is_at_when_nothing_was_lowest_for_both() -> None:
    proposed = build_coach(briefs.ordinary()).next_step
    assert proposed is not None
    assert proposed.reason is StepReason.CURRENT_STEP
    assert len(proposed.others) == 2
    assert "One holds the floor" not in (proposed.title, *proposed.others), "they have done it"


def test_the_next_step_is_the_one_that_both_put_lowest() -> None:
    facts = briefs.ordinary()
    low = {"p1": 7, "p2": 8, "p3": 6, "p4": None, "p5": 2}
    a, b = (
        replace(facts.partners.of(label), check_ins=(briefs.check_in(11, (4, 4, 4, 4), (6, 6, 6), **low),))
        for label in Label
    )
    proposed = build_coach(replace(facts, partners=Both(a, b))).next_step
    assert proposed is not None
    assert proposed.reason is StepReason.BOTH_LOWEST


def test_homework_that_one_did_and_the_other_not_is_worth_a_gentle_look() -> None:
    facts = briefs.ordinary()
    accounts = Both(CoachAccount(Progress.DONE), CoachAccount(Progress.NOT_THIS_TIME))
    row = replace(facts.homework[0], accounts=accounts)
    assert build_coach(replace(facts, homework=(row,))).homework[0].differing
    assert not build_coach(facts).homework[0].differing


@pytest.mark.parametrize(
    ("one", "other", "telling"),
    [
        (Progress.DONE, Progress.DONE, Telling.DONE),
        (Progress.DONE, Progress.PARTLY, Telling.IN_PART),
        (Progress.DONE, None, Telling.ONE_ACCOUNT),
        (Progress.DONE, Progress.NOT_THIS_TIME, Telling.DIFFERING),
    ],
)
def test_of_a_joint_task_it_is_told_what_the_two_accounts_come_to(
    one: Progress, other: Progress | None, telling: Telling
) -> None:
    facts = briefs.ordinary()
    row = replace(facts.homework[0], accounts=Both(CoachAccount(one), CoachAccount(other)), is_joint=True)
    told = build_coach(replace(facts, homework=(row, replace(row, is_joint=False)))).homework
    assert [each.telling for each in told] == [telling, None]


def test_a_figure_that_lies_far_apart_stands_in_the_order_of_the_accounts() -> None:
    facts = briefs.ordinary()
    figures = ((Figure("Calm", 4), Figure("Heard", 9)), (Figure("Heard", 3), Figure("Calm", 8)))
    accounts = Both(*(CoachAccount(Progress.DONE, figures=each) for each in figures))
    for number, values in ((3, [9, 3]), (4, [3, 9])):
        row = replace(facts.homework[0], accounts=accounts, is_joint=True)
        [told] = build_coach(replace(facts, frame=replace(facts.frame, number=number), homework=(row,))).homework
        assert [(figure.label, figure.value) for figure in told.apart] == [("Heard", value) for value in values]


def test_the_joint_copy_tells_of_figures_apart_by_what_both_have_shared_and_of_nothing_else() -> None:
    facts = briefs.ordinary_joint()
    shared = Both(JointAccount(figures=(Figure("Heard", 9),)), JointAccount(figures=(Figure("Heard", 3),)))
    [told] = build_joint(replace(facts, homework=(replace(facts.homework[0], accounts=shared),))).homework
    assert sorted(figure.value for figure in told.apart) == [3, 9]
    assert (told.telling, told.differing) == (None, False)
    half = Both(shared.a, JointAccount())
    [told] = build_joint(replace(facts, homework=(replace(facts.homework[0], accounts=half),))).homework
    assert told.apart == ()


def test_what_nobody_was_asked_differs_from_what_nobody_answered() -> None:
    brief = build_coach(briefs.one_sided())
    first, second = brief.homework[0].accounts
    assert {first.asked, second.asked} == {True, False}


def test_an_empty_week_gives_a_brief() -> None:
    coach, joint = build_coach(briefs.empty()), build_joint(briefs.empty_joint())
    assert coach.trend is coach.differences is joint.trend is joint.differences is None
    assert coach.openers[0].id == "o03"
    assert joint.openers[0].id == "o20"


def test_a_one_sided_week_gives_a_brief_and_says_that_answers_came_later() -> None:
    coach, joint = build_coach(briefs.one_sided()), build_joint(briefs.one_sided_joint())
    assert coach.trend is not None
    assert {line.side.name: line.direction for line in coach.trend.lines}["Dov"] is Direction.NO_ANSWERS
    assert coach.differences is None
    assert LeftOut.LATE_ANSWERS in coach.left_out
    assert joint.trend is None


def test_an_individual_session_names_who_comes() -> None:
    brief = build_coach(replace(briefs.ordinary(), kind=SessionKind.INDIVIDUAL_B))
    assert brief.header.attending is not None
    assert brief.header.attending.name == "Ben"


def only(a: StripFacts, **how: object) -> tuple[str, str] | None:
    return build_strip(replace(a, **how), briefs.ordinary()).from_one  # type: ignore[arg-type]


def test_the_strip_says_where_all_of_it_comes_from_one_of_the_two() -> None:
    anas, bens = OpenFlag(Label.A, date(2026, 11, 20)), OpenFlag(Label.B, date(2026, 11, 21))
    assert only(StripFacts(flags=(anas,))) == ("Ana", "Ben")
    assert only(StripFacts(soft_flags=Both(0, 2))) == ("Ben", "Ana")
    assert only(StripFacts(flags=(anas,), asked_for_a_word=Both(True, False))) == ("Ana", "Ben")
    assert only(StripFacts(flags=(anas, bens))) is None
    assert only(StripFacts(flags=(anas,), soft_flags=Both(0, 1))) is None
    assert only(StripFacts(flags=(anas,), asked_for_a_word=Both(False, True))) is None, "both are heard in it"
    assert only(StripFacts(asked_for_a_word=Both(True, False))) is None, "asking for a word is no flag"
    assert only(StripFacts()) is None


def test_who_comes_alone_is_the_one_to_be_heard() -> None:
    facts = replace(briefs.ordinary(), kind=SessionKind.INDIVIDUAL_A)
    assert build_strip(briefs.flagged(), facts).from_one is None


def test_on_paper_the_strip_has_the_latest_flags_and_says_that_there_is_more() -> None:
    flags = tuple(OpenFlag(Label.A, date(2026, 11, day), "after six at work") for day in (3, 17, 10, 12))
    strip = build_strip(StripFacts(flags=flags), briefs.ordinary())
    printed = on_paper(strip)
    assert [flag.raised_on.day for flag in printed.strip.flags] == [17, 12, 10]
    assert printed.is_less
    assert on_paper(replace(strip, flags=strip.flags[:3])).is_less is False
    long = on_paper(replace(strip, flags=(replace(strip.flags[0], safe_way="at work, " * 60),)))
    assert long.is_less
    assert len(long.strip.flags[0].safe_way or "") <= 201


def test_a_brief_holds_no_strip_but_of_the_type_that_is_made_for_paper() -> None:
    assert build_coach(briefs.ordinary()).before_the_door is None
    assert {field.name: field.type for field in fields(Brief)}["before_the_door"] == OnPaper | None
    assert not [field.name for field in fields(JointBrief) if field.type in (Strip, OnPaper, OnPaper | None)]


def test_flags_and_lines_before_the_door_stand_in_the_strip_alone() -> None:
    facts = briefs.ordinary()
    strip = build_strip(briefs.flagged(), facts)
    assert strip.flags[0].name == "Ana"
    assert [line.id for line in strip.before_the_door] == ["o01"]
    assert "o01" not in [line.id for line in build_coach(facts).openers]
    assert build_strip(StripFacts(), facts).before_the_door == ()


def long_facts(rows: int) -> CoachFacts:
    """Everything filled to the brim, with so many pieces of homework."""
    facts, text = briefs.ordinary(), "Words come one after another, and on and on. " * 100
    account = CoachAccount(Progress.PARTLY, text, Quote(text, Disclosure.SHARED), (Figure(text, 7),) * 3)
    homework = CoachHomework(text, text, date(2026, 11, 16), Both(account, account))
    a, b = (replace(facts.partners.of(label), wants=text, glad_of=text) for label in Label)
    return replace(
        facts,
        partners=Both(a, b),
        agreed=(text,) * 5,
        agenda=(text,) * 5,
        threads=(text,) * 5,
        reminders=(text,) * 5,
        homework=(homework,) * rows,
    )


def test_space_is_given_in_the_agreed_order_and_what_matters_stays() -> None:
    order = [LeftOut.DIFFERENCES, LeftOut.TREND, LeftOut.SECOND_QUOTES]
    for rows in range(9):
        brief = build_coach(long_facts(rows))
        given_up = [what for what in brief.left_out if what in order]
        assert given_up == order[: len(given_up)]
        assert all(said.text for said in brief.wants)
        assert brief.last_time.agreed
        assert brief.openers
        assert LeftOut.ENDS_OF_LONG_TEXTS in brief.left_out
    assert build_coach(long_facts(8)).left_out[:3] == tuple(order)


@pytest.mark.parametrize(
    ("field", "most"),
    [
        ("agenda", brief_space.AGENDA_ITEMS),
        ("threads", brief_space.THREADS),
        ("reminders", brief_space.REMINDERS),
        ("agreed", brief_space.AGREED_LINES),
    ],
)
def test_notes_are_left_out_beyond_what_has_a_place_and_the_footer_says_so(field: str, most: int) -> None:
    few = build_coach(replace(briefs.empty(), **{field: ("A line.",) * most}))
    many = build_coach(replace(briefs.empty(), **{field: ("A line.",) * (most + 1)}))
    assert LeftOut.NOTES not in few.left_out
    assert LeftOut.NOTES in many.left_out
    assert len(getattr(few.last_time, field)) == len(getattr(many.last_time, field)) == most


@pytest.mark.parametrize(("late", "is_told"), [((0, 0), False), ((1, 0), True), ((0, 1), True), ((1, 1), True)])
def test_answers_that_came_later_are_told_of_whoever_sent_them(late: tuple[int, int], is_told: bool) -> None:
    facts = briefs.empty()
    a, b = (replace(facts.partners.of(label), late=count) for label, count in zip(Label, late, strict=True))
    assert (LeftOut.LATE_ANSWERS in build_coach(replace(facts, partners=Both(a, b))).left_out) is is_told


def test_soft_flags_of_both_are_counted_together_before_the_door() -> None:
    def lines(a: int, b: int) -> list[str]:
        return [line.id for line in build_strip(StripFacts(soft_flags=Both(a, b)), briefs.ordinary()).before_the_door]

    assert "o02" in lines(2, 1)
    assert "o02" in lines(0, 3)
    assert "o02" not in lines(1, 1)


@pytest.mark.parametrize(("days_after", "is_recent"), [(-1, False), (0, True), (1, True)])
def test_the_latest_check_in_counts_from_the_day_of_the_last_session_on(days_after: int, is_recent: bool) -> None:
    whole = briefs.ordinary()
    latest = whole.partners.a.check_ins[-1]
    sent_on = day_of(latest.submitted_at, whole.frame.starts_at.tzinfo)
    facts = replace(whole, frame=replace(whole.frame, last_met=sent_on - timedelta(days=days_after)))
    found = session_opening.coach_facts(facts)
    assert (found.a.s2 is not None) is is_recent
    assert session_opening.coach_facts(replace(facts, frame=replace(facts.frame, last_met=None))).a.s2 is not None


def test_a_quote_that_is_not_there_names_no_form() -> None:
    facts = briefs.ordinary()
    key = str(UUID(int=7))
    a = replace(facts.partners.a, wants=None, wants_key=key)
    b = replace(facts.partners.b, wants_key=key)
    by_label = {said.side.label: said for said in build_coach(replace(facts, partners=Both(a, b))).wants}
    assert by_label[Label.A].source is None
    assert by_label[Label.B].source == UUID(int=7)


def test_measures_stand_by_their_names_up_to_what_has_a_place() -> None:
    facts = briefs.measured()
    [total] = facts.partners.a.measures[:1]

    def with_so_many(count: int) -> Brief:
        a = replace(facts.partners.a, measures=(total,) * count)
        return build_coach(replace(facts, partners=Both(a, replace(facts.partners.b, measures=()))))

    few, many = with_so_many(brief_space.MEASURES), with_so_many(brief_space.MEASURES + 1)
    assert (LeftOut.MEASURES in few.left_out, LeftOut.MEASURES in many.left_out) == (False, True)
    names = [one.name for pair in few.measures for one in pair]
    assert names == [total.name] * brief_space.MEASURES


def test_homework_beyond_what_has_a_place_is_left_out_and_the_footer_says_so() -> None:
    row = CoachHomework("A walk", "", date(2026, 11, 16), Both(CoachAccount(), CoachAccount()))
    few = build_coach(replace(briefs.empty(), homework=(row,) * brief_space.HOMEWORK_ROWS))
    many = build_coach(replace(briefs.empty(), homework=(row,) * (brief_space.HOMEWORK_ROWS + 1)))
    assert (LeftOut.EARLIER_HOMEWORK in few.left_out, LeftOut.EARLIER_HOMEWORK in many.left_out) == (False, True)


def test_steps_are_practice_and_stand_in_no_row_of_what_differs() -> None:
    facts = briefs.ordinary()
    given_both = []
    for label, level in zip(Label, (1, 9), strict=True):
        partner = facts.partners.of(label)
        latest = partner.check_ins[-1]
        steps = dict.fromkeys(("p1", "p2", "p3", "p4", "p5"), level)
        answers = replace(latest, answers={**latest.answers, **steps})
        given_both.append(replace(partner, check_ins=(*partner.check_ins[:-1], answers)))
    found = build_coach(replace(facts, partners=Both(*given_both))).differences
    assert found is not None
    assert {row.item[0] for row in found.rows} <= {"s", "b"}


def test_words_that_say_nothing_are_no_quote_and_are_for_nobody() -> None:
    account = CoachAccount(Progress.DONE, None, Quote("  ", Disclosure.SHARED))
    row = CoachHomework("A walk", "", date(2026, 11, 16), Both(account, account))
    [shown] = build_coach(replace(briefs.empty(), homework=(row,))).homework
    assert {(one.quote, one.disclosure) for one in shown.accounts} == {(None, None)}


def test_both_partners_get_the_same_space_when_quotes_give_way() -> None:
    rows = build_coach(long_facts(8)).homework[1:]
    assert rows
    for row in rows:
        assert [account.quote for account in row.accounts] == [None, None]


def test_a_cut_ends_at_a_word_and_says_so() -> None:
    assert brief_space.cut("one two three four", 11) == ("one two…", True)
    assert brief_space.cut("  short \n text ", 40) == ("short text", False)
    assert brief_space.cut("   ", 40) == (None, False)


scales = st.one_of(st.none(), st.integers(0, 10))
words = st.one_of(st.none(), st.text(max_size=900))


@st.composite
def check_ins(draw: st.DrawFn) -> tuple[CheckIn, ...]:
    days = sorted(draw(st.lists(st.integers(0, 120), max_size=14, unique=True)))
    made = []
    for place, day in enumerate(days):
        signs, benefits = draw(st.tuples(*[st.integers(0, 10)] * 4)), draw(st.tuples(*[st.integers(0, 10)] * 3))
        more = {item: draw(scales) for item in ("p1", "p2", "p3", "p5", "n1")}
        one = briefs.check_in(0, signs, benefits, **more)
        kept = {item: value for item, value in one.answers.items() if draw(st.booleans())}
        made.append(replace(one, answers=kept, ordinal=place + 1, submitted_at=briefs.CUT_OFF - timedelta(days=day)))
    return tuple(reversed(made))


@settings(max_examples=60, deadline=None)
@given(check_ins(), check_ins(), words, words, st.integers(0, 40), st.integers(0, 3))
def test_any_facts_give_both_copies(
    a: tuple[CheckIn, ...], b: tuple[CheckIn, ...], one: str | None, other: str | None, number: int, late: int
) -> None:
    facts = replace(
        briefs.ordinary(),
        frame=briefs.frame(number=number),
        partners=Both(CoachPartner(a, one, other, late, late), CoachPartner(b, other, one)),
    )
    coach = build_coach(facts)
    opened_a, opened_b = (
        tuple(
            OpenedCheckIn(c.submitted_at, {k: v for k, v in c.answers.items() if k[0] == "b" and isinstance(v, int)})
            for c in series
        )
        for series in (a, b)
    )
    joint = build_joint(replace(briefs.ordinary_joint(), partners=Both(JointPartner(opened_a), JointPartner(opened_b))))
    for brief in (coach, joint):
        if brief.trend:
            assert 1 <= len(brief.trend.weeks) <= 12
            assert all(len(line.values) == len(brief.trend.weeks) for line in brief.trend.lines)
        if brief.differences:
            assert any(row.closest for row in brief.differences.rows)
            assert all(0 <= value <= 10 for row in brief.differences.rows for value in row.values)
