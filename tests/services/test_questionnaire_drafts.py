"""The builder: drafts by which a library grows, versions that never change, and who may do all that."""

from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

from portal.domain.errors import Conflict, Invalid, NotFound
from portal.domain.items import ItemType
from portal.domain.programme import Kind
from portal.domain.question_words import QuestionWords
from portal.extensions import db
from portal.models.audit import AuditEvent
from portal.models.questionnaires import Questionnaire, QuestionnaireDraft
from portal.services import erasing, programme, publishing, questionnaire_drafts, questionnaires, responses
from tests import measures
from tests.drafts import HEADING, SAW, begun, entry_of, publish, published
from tests.given import assign, task_of

FLOOR, CHECK_IN = "one-holds-the-floor", "weekly-check-in"


def draft_of(viewer, slug, couple_id=None):
    return questionnaire_drafts.begin_next(viewer, entry_of(viewer, slug).id, couple_id)


def rename(viewer, draft_id, title):
    shown = questionnaire_drafts.draft(viewer, draft_id)
    it = shown.definition
    heading = replace(HEADING, title=title, step=it.step, audience=it.audience, frequency=it.frequency)
    questionnaire_drafts.save_heading(viewer, draft_id, shown.version, heading)


def titles(viewer):
    return [entry.title for entry in programme.library(viewer)]


def events(name):
    return db.session.scalar(select(func.count()).where(AuditEvent.event == name))


def test_an_exercise_is_built_from_nothing_and_can_be_given_once_it_is_published(cast):
    draft_id = begun(cast.ines)
    assert "A walk" not in titles(cast.ines)
    done = publish(cast.ines, draft_id)
    assert (done.number, done.couple_id) == (1, None)
    entry = entry_of(cast.ines, "a-walk")
    assert (entry.id, entry.step, entry.kind) == (done.questionnaire_id, "gratitude", Kind.EXERCISE)
    shown = responses.open_for(cast.ana, task_of(cast.ana, assign(cast, "a-walk")))
    own = [item.label for item in shown.items if item.id not in ("done", "barrier", "stopped_afraid", "done_on")]
    assert own == ["How close did I feel?", "What did I see on the way?", "A line only for Ines"]
    assert events("questionnaire:published") == 1
    assert questionnaire_drafts.of_practice(cast.ines) == ()


def test_it_stands_last_in_its_step(cast):
    published(cast.ines)
    of_step = [entry.slug for entry in programme.library(cast.ines) if entry.step == "gratitude"]
    assert of_step[-1] == "a-walk"


def test_two_of_one_title_have_slugs_of_their_own(cast):
    for _ in range(2):
        published(cast.ines)
    published(cast.ines, replace(HEADING, title="步"))
    slugs = set(db.session.scalars(select(Questionnaire.slug)))
    assert {"a-walk", "a-walk-2", "exercise"} <= slugs


def test_a_next_version_is_what_is_given_from_then_on_and_what_was_given_stays(cast):
    before = assign(cast, FLOOR)
    old = responses.open_for(cast.ana, task_of(cast.ana, before)).questionnaire
    draft_id = draft_of(cast.ines, FLOOR)
    rename(cast.ines, draft_id, "Ten quiet minutes")
    assert publish(cast.ines, draft_id).number == 2
    assert responses.open_for(cast.ana, task_of(cast.ana, before)).questionnaire == old
    again = assign(cast, FLOOR, couple="gil")
    assert responses.open_for(cast.gil, task_of(cast.gil, again)).questionnaire.title == "Ten quiet minutes"


def test_an_entry_has_one_open_draft_and_who_begins_again_goes_on_with_it(cast):
    first = draft_of(cast.ines, FLOOR)
    rename(cast.ines, first, "In other words")
    assert draft_of(cast.omar, FLOOR) == first
    assert questionnaire_drafts.draft(cast.omar, first).saved_by == "Ines"
    assert questionnaires.entry(cast.omar, entry_of(cast.ines, FLOOR).id).draft_id == first


@pytest.mark.parametrize(
    "act",
    [
        lambda v, d: questionnaire_drafts.save_heading(v, d, 3, HEADING),
        lambda v, d: questionnaire_drafts.save_question(v, d, 2, None, ItemType.TEXT, SAW),
        lambda v, d: questionnaire_drafts.move(v, d, 2, own(v, d)[0], up=False),
        lambda v, d: questionnaire_drafts.remove(v, d, 2, own(v, d)[0]),
        lambda v, d: publishing.publish(v, d, 2),
    ],
)
def test_of_two_pages_that_are_open_at_once_the_second_overwrites_nothing(cast, act):
    draft_id = begun(cast.ines)
    questionnaire_drafts.move(cast.ines, draft_id, 3, own(cast.ines, draft_id)[0], up=False)
    before = questionnaire_drafts.draft(cast.ines, draft_id)
    with pytest.raises(Conflict, match="draft_changed_meanwhile"):
        act(cast.ines, draft_id)
    assert questionnaire_drafts.draft(cast.ines, draft_id) == before


def own(viewer: object, draft_id: UUID) -> tuple[str, ...]:
    return questionnaire_drafts.draft(viewer, draft_id).own_ids  # type: ignore[arg-type]


def test_what_is_refused_leaves_the_draft_as_it_was(cast):
    draft_id = begun(cast.ines)
    before = questionnaire_drafts.draft(cast.ines, draft_id)
    with pytest.raises(Invalid):
        questionnaire_drafts.save_question(cast.ines, draft_id, 3, None, ItemType.CHOICE, SAW)
    with pytest.raises(Invalid, match="step_unknown"):
        questionnaire_drafts.save_heading(cast.ines, draft_id, 3, replace(HEADING, step="elsewhere"))
    with pytest.raises(NotFound):
        questionnaire_drafts.save_question(cast.ines, draft_id, 3, "nothing", ItemType.TEXT, SAW)
    assert questionnaire_drafts.draft(cast.ines, draft_id) == before


def test_a_question_that_was_taken_away_never_lends_its_id_to_another(cast):
    draft_id = begun(cast.ines)
    first, second = own(cast.ines, draft_id)
    questionnaire_drafts.remove(cast.ines, draft_id, 3, second)
    questionnaire_drafts.save_question(cast.ines, draft_id, 4, None, ItemType.TEXT, SAW)
    assert own(cast.ines, draft_id)[0] == first
    assert own(cast.ines, draft_id)[1] != second


def test_an_option_gets_a_stored_value_of_its_own_and_none_that_was_made_up(cast):
    draft_id = begun(cast.ines)
    words = QuestionWords("Which way?", options=(("", "Left"), ("made up", "Right")))
    item_id = questionnaire_drafts.save_question(cast.ines, draft_id, 3, None, ItemType.CHOICE, words)
    values = [
        option.value for option in questionnaire_drafts.draft(cast.ines, draft_id).definition.item(item_id).options
    ]
    assert len(set(values)) == 2
    assert "made up" not in values


def test_a_draft_that_is_let_go_leaves_the_library_as_it_is(cast):
    before = programme.library(cast.ines)
    questionnaire_drafts.discard(cast.ines, begun(cast.ines))
    questionnaire_drafts.discard(cast.ines, draft_of(cast.ines, FLOOR))
    assert programme.library(cast.ines) == before
    assert questionnaire_drafts.of_practice(cast.ines) == ()


def test_a_copy_has_its_own_name_and_its_original_stays(cast):
    entry = entry_of(cast.ines, FLOOR)
    draft_id = questionnaire_drafts.begin_copy(cast.ines, entry.id, f"Copy of {entry.title}")
    done = publish(cast.ines, draft_id)
    copy = entry_of(cast.ines, "copy-of-one-holds-the-floor")
    assert copy.id == done.questionnaire_id != entry.id
    assert copy.document == entry.document | {"slug": copy.slug, "title": "Copy of One holds the floor"}
    assert entry_of(cast.ines, FLOOR) == entry


def test_the_check_in_is_one_and_neither_copied_nor_retired(cast):
    entry_id = entry_of(cast.ines, CHECK_IN).id
    with pytest.raises(NotFound):
        questionnaire_drafts.begin_copy(cast.ines, entry_id, "Another")
    with pytest.raises(Invalid, match="check_in_stays"):
        questionnaires.retire(cast.ines, entry_id)


def test_what_is_adapted_for_a_couple_is_theirs_alone(cast):
    draft_id = draft_of(cast.ines, FLOOR, cast.couples["ana"])
    assert draft_id != draft_of(cast.ines, FLOOR)
    rename(cast.ines, draft_id, "For the two of you")
    done = publish(cast.ines, draft_id)
    assert (done.number, done.couple_id) == (2, cast.couples["ana"])
    assert "For the two of you" not in titles(cast.ines)
    assert events("questionnaire:adapted") == 1
    [adapted, _] = questionnaires.entry(cast.ines, done.questionnaire_id).versions
    assert (adapted.number, adapted.couple_names, adapted.title) == (2, "Ana & Ben", "For the two of you")


def test_a_colleague_finds_nothing_of_what_is_written_for_a_couple_of_another(cast):
    draft_id = draft_of(cast.ines, FLOOR, cast.couples["ana"])
    entry_id = entry_of(cast.ines, FLOOR).id
    assert questionnaire_drafts.of_practice(cast.omar) == ()
    with pytest.raises(NotFound):
        questionnaire_drafts.draft(cast.omar, draft_id)
    with pytest.raises(NotFound):
        questionnaire_drafts.begin_next(cast.omar, entry_id, cast.couples["ana"])
    publish(cast.ines, draft_id)
    assert [version.couple_id for version in questionnaires.entry(cast.omar, entry_id).versions] == [None]


@pytest.mark.parametrize("name", ["mira", "noor", "ana", "sol"])
def test_only_coaches_of_the_practice_reach_its_library(cast, name):
    viewer, draft_id, entry_id = getattr(cast, name), begun(cast.ines), entry_of(cast.ines, FLOOR).id
    acts = [
        lambda: questionnaire_drafts.draft(viewer, draft_id),
        lambda: questionnaire_drafts.save_heading(viewer, draft_id, 3, HEADING),
        lambda: questionnaire_drafts.save_question(viewer, draft_id, 3, None, ItemType.TEXT, SAW),
        lambda: questionnaire_drafts.move(viewer, draft_id, 3, "done", up=True),
        lambda: questionnaire_drafts.remove(viewer, draft_id, 3, "done"),
        lambda: questionnaire_drafts.discard(viewer, draft_id),
        lambda: publishing.publish(viewer, draft_id, 3),
        lambda: questionnaire_drafts.begin_next(viewer, entry_id),
        lambda: questionnaire_drafts.begin_copy(viewer, entry_id, "Mine"),
        lambda: questionnaires.entry(viewer, entry_id),
        lambda: questionnaires.retire(viewer, entry_id),
        lambda: questionnaires.bring_back(viewer, entry_id),
        lambda: questionnaires.move(viewer, entry_id, up=False),
    ]
    if name != "sol":  # she builds in a library of her own
        acts.append(lambda: questionnaire_drafts.begin_exercise(viewer, HEADING))
    before = questionnaire_drafts.draft(cast.ines, draft_id)
    for act in acts:
        with pytest.raises(NotFound):
            act()
        db.session.rollback()
    assert questionnaire_drafts.draft(cast.ines, draft_id) == before
    assert FLOOR in {entry.slug for entry in programme.library(cast.ines)}


def test_what_is_retired_is_given_no_more_and_comes_back_where_it_stood(cast):
    before, entry_id = programme.library(cast.ines), entry_of(cast.ines, FLOOR).id
    given = assign(cast, FLOOR)
    for _ in range(2):
        questionnaires.retire(cast.ines, entry_id)
    assert FLOOR not in {entry.slug for entry in programme.library(cast.ines)}
    assert responses.open_for(cast.ana, task_of(cast.ana, given)).questionnaire.title == "One holds the floor"
    assert [line.is_retired for line in questionnaires.lines(cast.ines) if line.questionnaire_id == entry_id] == [True]
    for _ in range(2):
        questionnaires.bring_back(cast.ines, entry_id)
    assert programme.library(cast.ines) == before
    assert (events("questionnaire:retired"), events("questionnaire:brought_back")) == (1, 1)


def test_exercises_change_places_within_their_step(cast):
    def order():
        return [entry.slug for entry in programme.library(cast.ines) if entry.step == "active_listening"]

    before, first = order(), programme.library(cast.ines)[0].id
    questionnaires.move(cast.ines, first, up=False)
    assert order() == [before[1], before[0], *before[2:]]
    questionnaires.move(cast.ines, first, up=True)
    questionnaires.move(cast.ines, first, up=True)
    assert order() == before


def test_another_step_takes_an_exercise_at_its_end(cast):
    draft_id = draft_of(cast.ines, FLOOR)
    shown = questionnaire_drafts.draft(cast.ines, draft_id)
    questionnaire_drafts.save_heading(cast.ines, draft_id, shown.version, replace(HEADING, step="repair"))
    assert entry_of(cast.ines, FLOOR).step == "active_listening"
    publish(cast.ines, draft_id)
    assert [entry.slug for entry in programme.library(cast.ines) if entry.step == "repair"][-1] == FLOOR


def test_what_belongs_to_no_kind_of_the_builder_is_not_edited_here(cast):
    """A measure's words belong to whoever published it."""
    entry_id = measures.active(cast.ines, "rdas")
    with pytest.raises(NotFound):
        questionnaire_drafts.begin_next(cast.ines, entry_id)
    with pytest.raises(NotFound):
        questionnaires.retire(cast.ines, entry_id)
    assert not questionnaires.entry(cast.ines, entry_id).is_editable


def test_what_was_begun_for_a_couple_goes_with_whoever_of_it_is_erased(cast):
    draft_of(cast.ines, FLOOR, cast.couples["ana"])
    kept = draft_of(cast.ines, FLOOR, cast.couples["gil"])
    erasing.erase_here(cast.ana.person_id)
    assert db.session.scalars(select(QuestionnaireDraft.id)).all() == [kept]


def test_an_unknown_draft_is_not_found(cast):
    with pytest.raises(NotFound):
        questionnaire_drafts.draft(cast.ines, uuid4())
