"""Measures that are given to one of the two at a time, and put away as they are sent."""

import pytest
from sqlalchemy import select

from portal.domain.assignments import For
from portal.domain.errors import Invalid, NotAllowed
from portal.extensions import db
from portal.models.task_questions import TaskQuestion
from portal.services import responses, sending, task_questions
from portal.services.drafts import Typed
from tests import measures
from tests.cast import LINK, Cast
from tests.given import assign, task_of


def test_a_guarded_measure_is_given_to_one_of_them_at_a_time(cast: Cast) -> None:
    slug = measures.slug_of(measures.active(cast.ines, "hits"))
    with pytest.raises(Invalid, match="guarded_to_one_alone"):
        assign(cast, slug, given_to=For.BOTH)
    db.session.rollback()
    assert assign(cast, slug, given_to=For.A)


def test_a_question_about_what_was_put_away_brings_no_mail(cast: Cast) -> None:
    """The answer would stand on no page of hers."""
    task_id = task_of(cast.ana, assign(cast, measures.slug_of(measures.active(cast.ines, "hits")), given_to=For.A))
    task_questions.ask(cast.ana, task_id, "Does Ben see that I was asked this?")
    asked = db.session.scalars(select(TaskQuestion.id)).one()
    task = responses.open_for(cast.ana, task_id)
    saved = responses.save_draft(cast.ana, task_id, Typed({}, {}), task.version)
    sending.submit(cast.ana, task_id, saved.version, "key")
    assert task_questions.waiting(cast.ines) == ()
    with pytest.raises(NotAllowed, match="not_to_be_answered"):
        task_questions.answer(cast.ines, asked, "No", LINK)
