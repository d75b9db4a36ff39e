"""Coaches at one library at the same moment: one open draft of an entry, one version of a draft, no text lost."""

from functools import partial

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal.domain.items import ItemType
from portal.domain.question_words import QuestionWords
from portal.extensions import db
from portal.models.questionnaires import Questionnaire, QuestionnaireDraft, QuestionnaireVersion
from portal.models.resources import Resource
from portal.services import programme, publishing, questionnaire_drafts, questionnaires, resources
from portal.services.resources import NewResource
from tests.cast import Cast
from tests.drafts import HEADING, begun, entry_of
from tests.threads import at_once, on_postgresql, one_behind_the_other

THREADS = 12


def test_many_that_begin_a_next_version_go_on_with_one_draft(app: Flask, cast: Cast) -> None:
    entry_id = entry_of(cast.ines, "one-holds-the-floor").id
    begin = [partial(questionnaire_drafts.begin_next, who, entry_id) for who in (cast.ines, cast.omar)]
    assert at_once(app, begin * (THREADS // 2)) == {"done": THREADS}
    assert db.session.scalar(select(func.count(QuestionnaireDraft.id))) == 1


def test_of_many_that_save_what_they_read_at_the_same_moment_one_does(app: Flask, cast: Cast) -> None:
    draft_id = begun(cast.ines)
    save = questionnaire_drafts.save_question
    texts = [QuestionWords(f"Question {number}") for number in range(THREADS)]
    told = at_once(app, [partial(save, cast.ines, draft_id, 3, None, ItemType.TEXT, words) for words in texts])
    assert told == {"done": 1, "draft_changed_meanwhile": THREADS - 1}
    shown = questionnaire_drafts.draft(cast.ines, draft_id)
    assert (shown.version, len(shown.own_ids)) == (4, 3)


def test_a_button_that_is_pressed_often_publishes_one_version(app: Flask, cast: Cast) -> None:
    draft_id = begun(cast.ines)
    before = db.session.scalar(select(func.count(QuestionnaireVersion.id)))
    told = at_once(app, [partial(publishing.publish, cast.ines, draft_id, 3)] * THREADS)
    assert told == {"done": 1, "not_found": THREADS - 1}
    assert db.session.scalar(select(func.count(QuestionnaireVersion.id))) == before + 1


def test_two_drafts_of_one_title_become_two_entries(app: Flask, cast: Cast) -> None:
    drafts = [begun(cast.ines, HEADING) for _ in range(4)]
    told = at_once(app, [partial(publishing.publish, cast.ines, draft_id, 3) for draft_id in drafts])
    assert told == {"done": 4}


@on_postgresql
@pytest.mark.parametrize("presses", [(0, 1), (1, 0)])
def test_two_who_move_exercises_of_one_step_do_not_wait_for_each_other(
    app: Flask, cast: Cast, presses: tuple[int, int]
) -> None:
    places = [one.id for one in programme.library(cast.ines) if one.step == "active_listening"]
    works = [partial(questionnaires.move, cast.ines, places[press], up=False) for press in presses]
    held = select(Questionnaire.id).where(Questionnaire.id == places[0])
    assert one_behind_the_other(app, held, works) == {"done": 2}
    rows = select(Questionnaire.position).where(Questionnaire.id.in_(places)).order_by(Questionnaire.position)
    assert list(db.session.scalars(rows)) == list(range(1, len(places) + 1))


@on_postgresql
@pytest.mark.parametrize("presses", [(0, 1), (1, 0)])
def test_two_who_move_links_of_one_shelf_do_not_wait_for_each_other(
    app: Flask, cast: Cast, presses: tuple[int, int]
) -> None:
    titles, its = ("One", "Two", "Three"), ("https://radio.example/12", 31, "For the way home")
    links = [resources.add(cast.ines, NewResource("gratitude", "episode", title, *its)) for title in titles]
    works = [partial(resources.move, cast.ines, links[press], up=False) for press in presses]
    assert one_behind_the_other(app, select(Resource.id).where(Resource.id == links[0]), works) == {"done": 2}
    assert sorted(db.session.scalars(select(Resource.position))) == [1, 2, 3]
