"""Two versions of a questionnaire as a couple answered them, side by side, each with its own wording."""

from dataclasses import replace
from uuid import uuid4

import pytest
from sqlalchemy import select

from portal.domain.errors import NotFound
from portal.domain.items import ItemType
from portal.domain.people import Label
from portal.domain.question_words import QuestionWords
from portal.extensions import db
from portal.models.audit import AuditEvent
from portal.models.responses import Response
from portal.services import questionnaire_drafts, side_by_side
from tests.cast import ZONE
from tests.drafts import FELT, entry_of, publish, published
from tests.given import assign, send, task_of


@pytest.fixture
def both(cast, wall):
    """A walk in two versions, each answered: the scale reworded, the text taken away, a box added; gives its id."""
    entry_id = published(cast.ines).questionnaire_id
    felt, saw = questionnaire_drafts.draft(cast.ines, questionnaire_drafts.begin_next(cast.ines, entry_id)).own_ids
    first = assign(cast, "a-walk")
    send(cast.ana, task_of(cast.ana, first), {"done": "done", felt: "3", saw: "A heron", "stopped_afraid": "true"})
    draft_id = questionnaire_drafts.begin_next(cast.ines, entry_id)
    words = replace(FELT, label="How near were we?", ends=("miles away", "side by side"))
    questionnaire_drafts.save_question(cast.ines, draft_id, 1, felt, ItemType.SCALE, words)
    questionnaire_drafts.remove(cast.ines, draft_id, 2, saw)
    questionnaire_drafts.save_question(cast.ines, draft_id, 3, None, ItemType.CHECKBOX, QuestionWords("We talked"))
    publish(cast.ines, draft_id)
    wall.forward(days=1)
    second = assign(cast, "a-walk")
    send(cast.ana, task_of(cast.ana, second), {"done": "partly", felt: "8"})
    send(cast.ben, task_of(cast.ben, second), {"done": "done", felt: "6"})
    return entry_id


def compare(cast, entry_id, *numbers, viewer=None):
    return side_by_side.compare(viewer or cast.ines, cast.couples["ana"], entry_id, numbers, ZONE)


def told(found):
    """By the labels of both versions, what Ana answered in each."""
    return {
        tuple(asked.item.label if asked else None for asked in row): tuple(
            asked.answers[Label.A].value if asked and asked.answers[Label.A] else None for asked in row
        )
        for row in found.rows
    }


def test_each_version_stands_with_its_own_wording_and_its_own_answers(cast, both):
    found = compare(cast, both)
    assert [(column.number, list(column.forms)) for column in found.columns] == [(1, ["A"]), (2, ["A", "B"])]
    rows = told(found)
    assert rows["How close did I feel?", "How near were we?"] == (3, 8)
    assert rows["What did I see on the way?", None] == ("A heron", None)
    assert rows[None, "We talked"] == (None, None)
    assert rows["How far did you get?", "How far did you get?"] == ("done", "partly")


def test_what_is_private_stands_in_no_row(cast, both):
    labels = {label for row in told(compare(cast, both)) for label in row}
    assert not any(label and "afraid" in label for label in labels)


def test_reading_them_goes_on_record_once_for_each_form(cast, both):
    for _ in range(2):
        compare(cast, both)
    read = db.session.scalars(select(AuditEvent.subject_id).where(AuditEvent.event == "response:read")).all()
    assert sorted(read) == sorted(db.session.scalars(select(Response.id)))


def test_one_version_alone_and_none_at_all_can_be_looked_at(cast, both):
    assert [column.number for column in compare(cast, both, 1).columns] == [1]
    assert [column.number for column in compare(cast, both, 7, 2).columns] == [2]
    unanswered = entry_of(cast.ines, "one-holds-the-floor").id
    found = compare(cast, unanswered)
    assert (found.columns, found.rows, found.numbers) == ((), (), ())


def test_nobody_but_the_couples_own_coach_finds_it(cast, both):
    for name in ("omar", "mira", "noor", "sol", "ana"):
        with pytest.raises(NotFound):
            compare(cast, both, viewer=getattr(cast, name))
    with pytest.raises(NotFound):
        compare(cast, uuid4())
    with pytest.raises(NotFound):
        compare(cast, entry_of(cast.sol, "one-holds-the-floor").id)


def test_an_entry_knows_which_of_the_viewers_couples_have_answered_it(cast, both):
    [one] = side_by_side.answered_by(cast.ines, both)
    assert (one.names, one.versions) == ("Ana & Ben", 2)
    assert side_by_side.answered_by(cast.omar, both) == ()


def test_a_response_leads_to_its_couple_and_its_entry(cast, both):
    response_id = db.session.scalars(select(Response.id)).first()
    assert side_by_side.place_of(cast.ines, response_id) == (cast.couples["ana"], both)
    with pytest.raises(NotFound):
        side_by_side.place_of(cast.omar, response_id)
