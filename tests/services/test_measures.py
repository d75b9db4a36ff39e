"""Measures: brought in, licensed, given and scored by what is published of them, and nothing of it guessed."""

from dataclasses import replace
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from portal import content
from portal.domain.assignments import For
from portal.domain.disclosure import Disclosure
from portal.domain.errors import Invalid, NotAllowed, NotFound
from portal.domain.imported import ImportedItem, ImportedQuestionnaire, ImportedType
from portal.domain.measure_care import Concern, Lack
from portal.domain.measure_scores import ASK, Reliable
from portal.domain.measured import from_section
from portal.domain.measures import TOTAL
from portal.domain.people import Label
from portal.domain.repeats import Again
from portal.domain.safety import SignalKind
from portal.extensions import db
from portal.models.outbox import OutboxEntry
from portal.services import (
    measure_gate,
    measure_import,
    measure_licences,
    measure_scores,
    programme,
    repeating,
    safety,
    scope_of_measures,
)
from portal.services.assignments import Rewording
from portal.services.measure_import import OWN, Brought, Scoring
from portal.services.measure_scores import Entered, Scored
from tests import measures
from tests.cast import Cast
from tests.conftest import Wall
from tests.given import assign, send, task_of
from tests.measures import LICENCE

ASKED = [vector for vector in content.instruments()["vectors"] if vector[0] != "ors"]


def answered(cast: Cast, measure_id: UUID, raw: dict[str, str], key: str = "key") -> Scored:
    """Ana is given it, answers, and this is what her coach is told of it."""
    task_id = task_of(cast.ana, assign(cast, measures.slug_of(measure_id), given_to=For.A))
    send(cast.ana, task_id, raw, key)
    return course(cast)[-1]


def course(cast: Cast) -> tuple[Scored, ...]:
    [found] = measure_scores.of_couple(cast.ines, cast.couples["ana"]).of(Label.A)
    return found.scored


def refusal_of(error: pytest.ExceptionInfo[Any]) -> tuple[str, object]:
    return error.value.code, error.value.params.get("item", error.value.params.get("field"))


@pytest.mark.parametrize("vector", ASKED, ids=lambda vector: f"{vector[0]} {vector[1]} {vector[3]}")
def test_every_worked_example_comes_out_as_written_through_the_form(cast: Cast, vector: list[Any]) -> None:
    name, coding, answers, expected = vector
    if coding == "raw":
        measure_id = measures.activated(cast.ines, measures.bring_positions(cast.ines, name), name)
    else:
        measure_id = measures.active(cast.ines, name)
    found = answered(cast, measure_id, measures.raw(name, answers, numbered=coding == "raw"))
    told = {"cut": found.score.in_range, "band": found.score.band, "critical": found.score.critical}
    for field, value in expected.items():
        if field in told:
            assert told[field] == value
        else:
            assert found.score.totals[field] == (None if value is None else Decimal(str(value)))


def test_what_asks_for_decimals_is_kept_for_scores_from_paper(cast: Cast) -> None:
    measure_id = measures.active(cast.ines, "ors")
    assert measures.slug_of(measure_id) not in [entry.slug for entry in programme.library(cast.ines)]
    with pytest.raises(Invalid):
        assign(cast, "one-holds-the-floor", questionnaire_id=measure_id)
    typed = Entered(Label.B, measure_id, date(2026, 11, 20), {TOTAL: Decimal("25.1")})
    measure_scores.enter(cast.ines, cast.couples["ana"], typed)
    [found] = measure_scores.of_couple(cast.ines, cast.couples["ana"]).of(Label.B)
    assert (found.name, found.scored[0].total, found.scored[0].score.in_range) == ("ORS", Decimal("25.1"), False)


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"totals": {TOTAL: Decimal("40.1")}}, ("measure_total_out_of_range", "total")),
        ({"totals": {TOTAL: Decimal("25.15")}}, ("measure_total_too_fine", "total")),
        ({"totals": {TOTAL: Decimal("NaN")}}, ("measure_total_out_of_range", "total")),
        ({"totals": {"mood": Decimal(1)}}, ("measure_scale_unknown", "mood")),
        ({"totals": {}}, ("score_missing", "total")),
        ({"taken_on": date(2026, 11, 24)}, ("day_not_yet", "taken_on")),
    ],
)
def test_a_score_that_cannot_be_is_refused_and_nothing_is_kept(
    cast: Cast, changes: dict[str, Any], rule: tuple[str, str]
) -> None:
    typed = Entered(Label.A, measures.active(cast.ines, "ors"), date(2026, 11, 20), {TOTAL: Decimal(20)})
    with pytest.raises(Invalid) as refusal:
        measure_scores.enter(cast.ines, cast.couples["ana"], replace(typed, **changes))
    assert refusal_of(refusal) == rule
    assert measure_scores.of_couple(cast.ines, cast.couples["ana"]).courses == ()


def test_a_score_that_was_typed_wrongly_can_be_struck(cast: Cast) -> None:
    typed = Entered(Label.A, measures.active(cast.ines, "rdas"), date(2026, 11, 20), {TOTAL: Decimal(40)})
    score_id = measure_scores.enter(cast.ines, cast.couples["ana"], typed)
    for stranger in (cast.omar, cast.sol, cast.ana):
        with pytest.raises(NotFound):
            measure_scores.strike(stranger, score_id)
    assert measure_scores.strike(cast.ines, score_id) == cast.couples["ana"]
    assert measure_scores.of_couple(cast.ines, cast.couples["ana"]).courses == ()


@pytest.mark.parametrize("vector", content.instruments()["change_vectors"], ids=str)
def test_change_is_told_against_the_first_total(cast: Cast, vector: list[Any]) -> None:
    name, first, last, reliable, significant = vector
    measure_id = measures.active(cast.ines, name)
    for day, total in ((date(2026, 11, 20), last), (date(2026, 10, 1), first)):
        typed = Entered(Label.A, measure_id, day, {TOTAL: Decimal(total)})
        measure_scores.enter(cast.ines, cast.couples["ana"], typed)
    before, after = course(cast)
    assert (before.total, before.reliable, before.significant) == (Decimal(first), None, None)
    assert (after.reliable is not Reliable.NO, after.significant) == (reliable, significant)


def test_a_form_of_many_words_is_a_form_like_every_other(cast: Cast) -> None:
    measure_id = measures.active(cast.ines, "csi4")
    entry = next(entry for entry in programme.library(cast.ines) if entry.id == measure_id)
    found = from_section(entry.document["measure"])
    assert found.questionnaire == measures.wordless("csi4")
    assert [item["link_id"] for item in entry.document["items"]] == [f"/csi4/{n}" for n in range(1, 5)]
    assert {item["disclosure"] for item in entry.document["items"]} == {Disclosure.COACH}
    assert entry.document["items"][0]["options"][0] == {"value": "o1", "label": "Answer 0"}


def test_a_scoring_for_another_number_of_items_is_refused(cast: Cast) -> None:
    measure_id = measure_import.bring_in(cast.ines, Brought("X", "X", 3, questionnaire=measures.wordless("csi4")))
    with pytest.raises(Invalid) as refusal:
        measure_import.choose_scoring(cast.ines, measure_id, Scoring("csi16"))
    assert refusal.value.params == {"wanted": 16, "found": 4}


def test_points_that_the_scoring_does_not_know_are_refused_with_the_item_named(cast: Cast) -> None:
    measure_id = measure_import.bring_in(cast.ines, Brought("X", "X", 3, questionnaire=measures.wordless("csi4")))
    with pytest.raises(Invalid) as refusal:
        measure_import.choose_scoring(cast.ines, measure_id, Scoring("hits"))
    assert refusal_of(refusal) == ("measure_points_out_of_range", "/csi4/1")


@pytest.mark.parametrize("turned", [(), (4,), (4, 7, 1)])
def test_position_numbers_are_turned_round_where_the_definition_says_and_nowhere_else(
    cast: Cast, turned: tuple[int, ...]
) -> None:
    with pytest.raises(Invalid) as refusal:
        measures.bring_positions(cast.ines, "ras", turned)
    assert refusal.value.code == "measure_other_items_turned"
    assert refusal.value.params["wanted"] == "4, 7"


def test_without_points_nothing_is_scored_until_somebody_has_given_them(cast: Cast) -> None:
    bare = measures.wordless("csi4", is_weighted=False)
    measure_id = measure_import.bring_in(cast.ines, Brought("X", "X", 3, questionnaire=bare))
    with pytest.raises(Invalid) as refusal:
        measure_import.choose_scoring(cast.ines, measure_id, Scoring("csi4"))
    assert refusal_of(refusal) == ("measure_points_missing", "/csi4/1")
    maps = [(["/csi4/1"], {f"c{n}": Decimal(n) for n in range(7)})]
    maps += [([f"/csi4/{item}"], {f"c{n}": Decimal(n) for n in range(6)}) for item in (2, 3, 4)]
    measure_import.give_points(cast.ines, measure_id, maps)
    measure_import.choose_scoring(cast.ines, measure_id, Scoring("csi4"))
    measures.activated(cast.ines, measure_id, "csi4")
    assert answered(cast, measure_id, measures.raw("csi4", [6, 5, 5, 5])).total == 21


def test_yes_and_no_are_worth_what_was_said(cast: Cast) -> None:
    form = ImportedQuestionnaire(
        tuple(ImportedItem(f"y{n}", ImportedType.BOOLEAN, f"Item {n}") for n in range(1, 5)), status="active"
    )
    measure_id = measure_import.bring_in(cast.ines, Brought("HARK", "X", 1, questionnaire=form))
    with pytest.raises(Invalid):
        measure_import.choose_scoring(cast.ines, measure_id, Scoring("hark"))
    measure_import.give_points(cast.ines, measure_id, [], (Decimal(1), Decimal(0)))
    measure_import.choose_scoring(cast.ines, measure_id, Scoring("hark"))
    measures.activated(cast.ines, measure_id, "hark")
    found = answered(cast, measure_id, {"q_y1": "yes", "q_y2": "no", "q_y3": "no", "q_y4": "no"})
    assert (found.total, found.score.in_range) == (1, True)


def test_an_own_scoring_is_typed_and_one_with_a_critical_item_is_guarded(cast: Cast) -> None:
    document = {
        "better": "low", "n": 4, "min": 0, "max": 5, "max_at": {1: 6}, "scales": {"total": ["1-4"]},
        "critical": {"item": 2, "at_least": 1, "if_missing": "ask"},
    }  # fmt: skip
    measure_id = measure_import.bring_in(cast.ines, Brought("X", "X", 3, questionnaire=measures.wordless("csi4")))
    measure_import.choose_scoring(cast.ines, measure_id, Scoring(OWN, document))
    held = measure_gate.held_one(scope_of_measures.measure(cast.ines, measure_id))
    assert held.standing().concern is Concern.MOOD
    assert Lack.READER in held.standing().lacks(date(2026, 11, 23))


def test_a_form_that_is_too_full_of_holes_is_not_scorable_and_says_ask_for_the_critical_item(cast: Cast) -> None:
    measure_id = measures.active(cast.ines, "phq9")
    found = answered(cast, measure_id, measures.raw("phq9", [1, 1, 1, None, None, None, None, None, None]))
    assert (found.total, found.score.critical) == (None, ASK)
    assert not safety.waiting(cast.ines)


def test_a_critical_item_raises_a_flag_and_a_mail_with_the_sending_itself(cast: Cast) -> None:
    measure_id = measures.active(cast.ines, "phq9")
    answered(cast, measure_id, measures.raw("phq9", [0, 0, 0, 0, 0, 0, 0, 0, 1]))
    [flag] = safety.signals(cast.ines)
    assert (flag.kind, flag.question, flag.answer) == (SignalKind.FLAG, "Item 9", "Answer 1")
    assert mails("waiting") == 1


def mails(message: str) -> int:
    found = db.session.scalar(select(func.count(OutboxEntry.id)).where(OutboxEntry.message == message))
    return found or 0


@pytest.mark.parametrize(
    ("name", "answers", "is_raised"),
    [
        ("hark", [0, 0, 0, 0], False),
        ("hark", [0, None, 1, None], True),
        ("hits", [2, 3, 2, 3], False),
        ("hits", [5, 5, None, None], True),
        ("hits", [5, 3, None, None], False),
        ("wast8", [2, 2, 2, 2, 2, 1, 1, 1], True),
    ],
)
def test_a_form_about_violence_raises_a_flag_by_what_was_answered_whatever_was_left_out(
    cast: Cast, name: str, answers: list[int | None], is_raised: bool
) -> None:
    answered(cast, measures.active(cast.ines, name), measures.raw(name, answers))
    flags = safety.signals(cast.ines)
    assert [flag.question for flag in flags] == ([name.upper()] if is_raised else [])


def test_words_that_were_altered_still_raise_a_flag_and_have_no_cut_off(cast: Cast) -> None:
    altered = replace(LICENCE, unaltered=False)
    measure_id = measures.active(cast.ines, "hark", licence=altered)
    found = answered(cast, measure_id, measures.raw("hark", [1, 0, 0, 0]))
    assert (found.score.in_range, found.measure.cut) == (None, None)
    assert len(safety.signals(cast.ines)) == 1


@pytest.mark.parametrize("name", ["hits", "wast8", "hark", "phq9", "gad7"])
def test_what_is_guarded_is_locked_item_by_item_and_says_nothing_over_it(cast: Cast, name: str) -> None:
    measure_id = measures.active(cast.ines, name)
    entry = next(entry for entry in programme.library(cast.ines) if entry.id == measure_id)
    assert {item["disclosure"] for item in entry.document["items"]} == {Disclosure.LOCKED}
    assert entry.title == "A few questions for you alone"
    with pytest.raises(Invalid) as refusal:
        assign(cast, entry.slug, given_to=For.JOINT)
    assert refusal_of(refusal) == ("guarded_to_one_alone", "given_to")


def test_nothing_is_activated_before_all_stands_that_it_asks_for(cast: Cast) -> None:
    measure_id = measure_import.bring_in(cast.ines, Brought("P", "P", 3, questionnaire=measures.wordless("phq9")))
    steps = [
        ((Lack.SCORING, Lack.LICENCE), lambda: measure_import.choose_scoring(cast.ines, measure_id, Scoring("phq9"))),
        ((Lack.LICENCE, Lack.PROTOCOL), lambda: measure_licences.attest(cast.ines, measure_id, LICENCE)),
        (
            (Lack.PROTOCOL, Lack.READER),
            lambda: measure_licences.document_protocol(cast.ines, measure_id, measures.protocol(cast.ines)),
        ),
    ]
    for lacks, step in steps:
        with pytest.raises(NotAllowed) as refusal:
            measure_licences.activate(cast.ines, measure_id)
        assert refusal.value.params["lacks"] == lacks
        assert measure_id not in [entry.id for entry in programme.library(cast.ines)]
        step()
    measure_licences.activate(cast.ines, measure_id)
    assert measure_id in [entry.id for entry in programme.library(cast.ines)]


def test_the_owner_alone_activates_and_documents(cast: Cast) -> None:
    measure_id = measures.bring(cast.omar, "hits", measures.wordless("hits"))
    measure_licences.attest(cast.omar, measure_id, LICENCE)
    for act in (
        lambda who: measure_licences.activate(who, measure_id),
        lambda who: measure_licences.retire(who, measure_id),
        lambda who: measure_licences.document_protocol(who, measure_id, measures.protocol()),
    ):
        for who in (cast.omar, cast.ana, cast.sol):
            with pytest.raises(NotFound):
                act(who)
    for stranger in (cast.ana, cast.sol):
        with pytest.raises(NotFound):
            measure_licences.attest(stranger, measure_id, LICENCE)
        with pytest.raises(NotFound):
            measure_import.choose_scoring(stranger, measure_id, Scoring("hits"))
    with pytest.raises(NotFound):
        measure_import.bring_in(cast.ana, Brought("X", "X", 3))


def test_a_licence_that_runs_out_stops_what_is_given_anew_and_keeps_what_there_is(cast: Cast, wall: Wall) -> None:
    today = date(2026, 11, 23)
    measure_id = measures.active(cast.ines, "rdas", licence=replace(LICENCE, expires_on=today))
    task_id = task_of(cast.ana, assign(cast, measures.slug_of(measure_id), given_to=For.A))
    wall.forward(days=1)
    assert measure_id not in [entry.id for entry in programme.library(cast.ines)]
    with pytest.raises(Invalid) as refusal:
        assign(cast, "one-holds-the-floor", questionnaire_id=measure_id)
    assert refusal_of(refusal) == ("measure_licence_over", "exercise")
    send(cast.ana, task_id, measures.raw("rdas", [3] * 14))
    assert course(cast)[0].total == 42
    measure_licences.attest(cast.ines, measure_id, replace(LICENCE, expires_on=today + timedelta(days=300)))
    assert measure_id in [entry.id for entry in programme.library(cast.ines)]


def test_what_is_retired_is_given_to_nobody_and_can_be_taken_up_again(cast: Cast) -> None:
    measure_id = measures.active(cast.ines, "rdas")
    measure_licences.retire(cast.ines, measure_id)
    with pytest.raises(Invalid):
        assign(cast, "one-holds-the-floor", questionnaire_id=measure_id)
    measure_licences.activate(cast.ines, measure_id)
    assert assign(cast, measures.slug_of(measure_id), given_to=For.A)


def test_a_licence_for_paper_alone_keeps_it_for_scores(cast: Cast) -> None:
    measure_id = measures.active(cast.ines, "rdas", licence=replace(LICENCE, electronic=False))
    with pytest.raises(Invalid):
        assign(cast, "one-holds-the-floor", questionnaire_id=measure_id)
    assert [kept.name for kept in measure_scores.kept_measures(cast.ines)] == ["RDAS"]


def test_what_is_critical_goes_to_couples_whose_coach_reads_it_the_same_day(cast: Cast, wall: Wall) -> None:
    measure_id = measures.active(cast.ines, "phq9")
    wall.forward(minutes=1)
    measure_licences.document_protocol(cast.ines, measure_id, measures.protocol(cast.omar))
    with pytest.raises(Invalid) as refusal:
        assign(cast, "one-holds-the-floor", questionnaire_id=measure_id, given_to=For.A)
    assert refusal_of(refusal) == ("measure_without_reader", "exercise")


def test_the_words_of_a_measure_are_not_said_in_other_words_for_a_couple(cast: Cast) -> None:
    slug = measures.slug_of(measures.active(cast.ines, "rdas"))
    with pytest.raises(Invalid) as refusal:
        assign(cast, slug, rewording=Rewording(title="Ours"))
    assert refusal_of(refusal) == ("measure_keeps_its_words", "title")


def test_what_was_activated_is_not_scored_otherwise_any_more(cast: Cast) -> None:
    measure_id = measures.active(cast.ines, "rdas")
    with pytest.raises(NotAllowed):
        measure_import.choose_scoring(cast.ines, measure_id, Scoring("rdas"))
    with pytest.raises(NotAllowed):
        measure_import.give_points(cast.ines, measure_id, [])


def test_what_comes_again_by_itself_stays_out_once_the_licence_is_over(cast: Cast, wall: Wall) -> None:
    licence = replace(LICENCE, expires_on=date(2026, 12, 1))
    slug = measures.slug_of(measures.active(cast.ines, "rdas", licence=licence))
    assign(cast, slug, given_to=For.A, again=Again((1,), time(18)))
    wall.forward(days=7)
    assert repeating.issue_due() == 1
    wall.forward(days=7)
    assert repeating.issue_due() == 0
