"""Measures in the brief: a number on its scale in the coach copy alone, nothing guarded, and the first to give way."""

import re
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from portal.domain import brief_space
from portal.domain.assignments import For
from portal.domain.brief import Brief, JointBrief, LeftOut
from portal.domain.session_facts import Both
from portal.domain.session_prep import build_coach
from portal.output.templates import Voice, render_brief
from portal.services import session_prep
from tests import briefs, measures, weeks
from tests.briefs import LOW_AND_HIGH
from tests.cast import Cast
from tests.conftest import Wall
from tests.given import assign, send, task_of

VOICE = Voice("en", lambda text: text, lambda one, many, count: one if count == 1 else many)
GRADES = ("distress", "severe", "mild", "moderate", "range", "reliab", "worse", "cut", "critical", "item 9")


@pytest.fixture
def tomorrow(cast: Cast, wall: Wall) -> UUID:
    """A session of Ana and Ben; the last one was a week ago."""
    weeks.meet(cast.couples["ana"], wall.now - timedelta(days=7))
    return weeks.meet(cast.couples["ana"], wall.now + timedelta(days=1))


def answer(cast: Cast, name: str, points: list[int | None], given_to: For = For.BOTH, *who: str) -> None:
    assignment_id = assign(cast, measures.slug_of(measures.active(cast.ines, name)), given_to=given_to)
    for partner in who or ("ana",):
        person = getattr(cast, partner)
        task_id = task_of(person, assignment_id)
        send(person, task_id, measures.raw(name, points), f"key {task_id}")


def said(brief: Brief | JointBrief) -> str:
    words = re.sub(r"<[^>]+>", " ", render_brief(brief, VOICE, site_name="Portal").split("<body>")[1])
    return re.sub(r"\s+", " ", words)


def test_what_came_in_since_the_last_session_is_a_number_on_its_scale(cast: Cast, tomorrow: UUID) -> None:
    answer(cast, "csi4", [3, 2, 2, 1])
    brief = session_prep.coach_brief(cast.ines, tomorrow)
    assert [len(totals) for totals in brief.measures] == [0, 1] if brief.header.sides[0].name == "Ben" else [1, 0]
    paper = said(brief)
    section = paper[paper.index("Measures") : paper.index("practice measure")]
    assert re.search(r"CSI4 , 2\d November: 8 of 21; higher is better\.", section)
    assert "None since last time." in section, "the other one has the same place"
    assert not [word for word in GRADES if word in section.lower()]


def test_a_scale_that_does_not_begin_at_nought_names_both_its_ends(cast: Cast, tomorrow: UUID) -> None:
    answer(cast, "ras", [3] * 7)
    assert "3, from 1 to 5; higher is better." in said(session_prep.coach_brief(cast.ines, tomorrow))


def test_what_is_not_scorable_is_no_number(cast: Cast, tomorrow: UUID) -> None:
    answer(cast, "msib", [1, None, 0, 0, 0, 0, 0, 0, 0, 0])
    assert "Missing: not scorable." in said(session_prep.coach_brief(cast.ines, tomorrow))


@pytest.mark.parametrize(("name", "points"), [("phq9", [3] * 9), ("hits", [5] * 4), ("gad7", [3] * 7)])
def test_a_guarded_measure_is_on_no_copy(cast: Cast, tomorrow: UUID, name: str, points: list[int | None]) -> None:
    answer(cast, name, points, For.A)
    brief = session_prep.coach_brief(cast.ines, tomorrow)
    assert brief.measures == ((), ())
    assert not [word for word in ("Measures", name.upper(), "flag") if word in said(brief)]


def test_the_joint_copy_has_none_and_looks_the_same(cast: Cast, tomorrow: UUID) -> None:
    before = said(session_prep.joint_brief(cast.ines, tomorrow))
    answer(cast, "csi4", [3, 2, 2, 1], For.BOTH, "ana", "ben")
    assert said(session_prep.joint_brief(cast.ines, tomorrow)) == before
    assert "measures" not in {field for field in JointBrief.__dataclass_fields__}


def test_what_came_in_before_the_last_session_is_told_no_more(cast: Cast, wall: Wall) -> None:
    answer(cast, "csi4", [3, 2, 2, 1])
    wall.forward(days=1)
    weeks.meet(cast.couples["ana"], wall.now)
    wall.forward(days=1)
    session_id = weeks.meet(cast.couples["ana"], wall.now + timedelta(days=1))
    assert "Measures" not in said(session_prep.coach_brief(cast.ines, session_id))


def test_the_latest_of_each_measure_counts(cast: Cast, tomorrow: UUID, wall: Wall) -> None:
    measure_id = measures.active(cast.ines, "csi4")
    for points in ([0, 0, 0, 0], [6, 5, 5, 5]):
        task_id = task_of(cast.ana, weeks.assign(cast.ines, cast.couples["ana"], measures.slug_of(measure_id), For.A))
        send(cast.ana, task_id, measures.raw("csi4", points), f"key {task_id}")
        wall.forward(hours=11)
    paper = said(session_prep.coach_brief(cast.ines, tomorrow))
    assert "21 of 21" in paper
    assert "0 of 21" not in paper.replace("21 of 21", "")


def test_where_space_is_short_measures_go_first_and_the_footer_says_so() -> None:
    facts = briefs.ordinary()
    heard = replace(facts.partners.a, measures=(LOW_AND_HIGH,) * 2)
    short = build_coach(replace(facts, partners=Both(heard, facts.partners.b)))
    assert short.measures[0]
    assert short.left_out == ()
    wordy = "When to decide about the move, and who is asked about it. "
    for lines in range(1, 40):
        crowded = replace(
            facts,
            partners=Both(heard, replace(facts.partners.b, wants=wordy * lines, glad_of=wordy * lines)),
            threads=(wordy * 2,) * min(lines, brief_space.THREADS),
            homework=facts.homework[:1] * min(lines, brief_space.HOMEWORK_ROWS),
        )
        brief = build_coach(crowded)
        gave_way = [what for what in brief.left_out if what in (LeftOut.MEASURES, LeftOut.DIFFERENCES)]
        assert gave_way in ([], [LeftOut.MEASURES], [LeftOut.MEASURES, LeftOut.DIFFERENCES])
        assert bool(brief.measures[0]) is (LeftOut.MEASURES not in brief.left_out)


def test_more_than_two_measures_are_left_out_and_it_says_so() -> None:
    facts = briefs.ordinary()
    heard = replace(facts.partners.a, measures=(LOW_AND_HIGH,) * 3)
    brief = build_coach(replace(facts, partners=Both(heard, facts.partners.b)))
    assert len(brief.measures[0]) == 2
    assert brief.left_out == (LeftOut.MEASURES,)
    assert "Left out: scores of measures." in said(brief)


def test_what_is_too_long_for_two_pages_loses_its_measures_first() -> None:
    facts = briefs.hostile()
    heard = replace(facts.partners.a, measures=(LOW_AND_HIGH,))
    brief = build_coach(replace(facts, partners=Both(heard, facts.partners.b)))
    if LeftOut.DIFFERENCES in brief.left_out:
        assert brief.left_out[0] is LeftOut.MEASURES
    assert brief_space.give_way(brief, brief_space.Paper(60, 98, 43, 29))[1][0] is LeftOut.MEASURES
