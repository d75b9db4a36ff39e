"""Whatever a coach does to the library, in whichever order: what was given and what was answered stays as it was."""

import json
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from portal.domain.errors import Refused
from portal.domain.items import ItemType
from portal.domain.programme import Audience
from portal.domain.question_words import QuestionWords
from portal.extensions import db
from portal.models.questionnaires import QuestionnaireVersion
from portal.models.responses import Response
from portal.services import publishing, questionnaire_drafts, questionnaires, sent_forms, trends
from portal.services.trends import Show
from tests import cast as gathered
from tests.cast import PASSPHRASE, ZONE, address_of
from tests.conftest import Browser, Wall, settings_for
from tests.drafts import HEADING, entry_of
from tests.given import assign, floor, send, task_of
from tests.standing import standing_app

EXERCISE, OPEN_ONE, CHECK_IN = "one-holds-the-floor", "ten-clear-minutes", "weekly-check-in"
SLUGS = (EXERCISE, OPEN_ONE, CHECK_IN)
WORDS = st.sampled_from(["In other words", "Quite another thing", "s1", "{coach} asks", "A\u0301 é 步", "x" * 300])
READERS = st.sampled_from(["coach", "session", "shared", "at-once", "locked"])
KINDS = st.sampled_from(list(ItemType))
PLACES = st.integers(0, 30)
QUESTIONS = st.builds(
    QuestionWords,
    label=WORDS,
    readers=READERS,
    ends=st.just(("little", "much")),
    options=st.just((("", "This"), ("", "That"))),
    folded=st.booleans(),
    every_fourth=st.booleans(),
    tells=st.booleans(),
    may_not_come_up=st.booleans(),
)
HEADINGS = st.builds(
    replace,
    st.just(HEADING),
    title=WORDS.map(lambda words: words[:100]),
    audience=st.sampled_from(list(Audience)),
    frequency=st.sampled_from(["once", "daily", "weekly"]),
    step=st.sampled_from(["repair", "gratitude"]),
)
ACTS = st.one_of(
    st.tuples(st.just("heading"), st.sampled_from(SLUGS), HEADINGS),
    st.tuples(st.just("question"), st.sampled_from(SLUGS), PLACES, KINDS, QUESTIONS),
    st.tuples(st.just("add"), st.sampled_from(SLUGS), KINDS, QUESTIONS),
    st.tuples(st.just("remove"), st.sampled_from(SLUGS), PLACES),
    st.tuples(st.just("move"), st.sampled_from(SLUGS), PLACES, st.booleans()),
    st.tuples(
        st.sampled_from(["publish", "adapt", "copy", "retire", "bring_back", "up", "down"]), st.sampled_from(SLUGS)
    ),
)


STILL = re.compile(r'nonce="[^"]+"|name="csrf_token" value="[^"]+"')
NEW = QuestionWords("Another thing", "shared", ends=("no", "yes"), options=(("", "This"), ("", "That")))
EVERYTHING = [
    *(("heading", slug, replace(HEADING, title="Quite another")) for slug in SLUGS),
    *(("question", slug, 0, ItemType.SCALE, NEW) for slug in SLUGS),
    *(("add", slug, kind, NEW) for slug in SLUGS for kind in ItemType),
    ("remove", EXERCISE, 4),
    ("move", OPEN_ONE, 4, False),
    *(("publish", slug) for slug in SLUGS),
    *(("adapt", slug) for slug in SLUGS),
    ("copy", EXERCISE),
    ("down", EXERCISE),
    ("retire", EXERCISE),
    ("retire", OPEN_ONE),
    ("bring_back", OPEN_ONE),
]


class Library:
    """A coach at her library; what is refused to her changes nothing."""

    def __init__(self, cast) -> None:
        self.cast, self.ines = cast, cast.ines
        self.ids = {slug: entry_of(cast.ines, slug).id for slug in SLUGS}

    def do(self, act) -> None:
        with suppress(Refused):
            getattr(self, act[0])(self.ids[act[1]], *act[2:])
        db.session.rollback()

    def _draft(self, entry_id, couple_id=None):
        return questionnaire_drafts.draft(self.ines, questionnaire_drafts.begin_next(self.ines, entry_id, couple_id))

    def _item(self, draft, place: int):
        items = draft.definition.items
        return items[place % len(items)]

    def heading(self, entry_id, heading) -> None:
        draft = self._draft(entry_id)
        questionnaire_drafts.save_heading(self.ines, draft.draft_id, draft.version, heading)

    def question(self, entry_id, place, kind, words) -> None:
        draft = self._draft(entry_id)
        item = self._item(draft, place)
        words = replace(words, options=tuple((o.value, f"{o.label}!") for o in item.options) or words.options)
        questionnaire_drafts.save_question(self.ines, draft.draft_id, draft.version, item.id, kind, words)

    def add(self, entry_id, kind, words) -> None:
        draft = self._draft(entry_id)
        questionnaire_drafts.save_question(self.ines, draft.draft_id, draft.version, None, kind, words)

    def remove(self, entry_id, place) -> None:
        draft = self._draft(entry_id)
        questionnaire_drafts.remove(self.ines, draft.draft_id, draft.version, self._item(draft, place).id)

    def move(self, entry_id, place, up) -> None:
        draft = self._draft(entry_id)
        questionnaire_drafts.move(self.ines, draft.draft_id, draft.version, self._item(draft, place).id, up=up)

    def publish(self, entry_id) -> None:
        draft = self._draft(entry_id)
        publishing.publish(self.ines, draft.draft_id, draft.version)

    def adapt(self, entry_id) -> None:
        draft = self._draft(entry_id, self.cast.couples["ana"])
        heading = replace(HEADING, title="For you two")
        questionnaire_drafts.save_heading(self.ines, draft.draft_id, draft.version, heading)
        publishing.publish(self.ines, draft.draft_id, draft.version + 1)

    def copy(self, entry_id) -> None:
        draft_id = questionnaire_drafts.begin_copy(self.ines, entry_id, "A copy")
        publishing.publish(self.ines, draft_id, 1)

    def retire(self, entry_id) -> None:
        questionnaires.retire(self.ines, entry_id)

    def bring_back(self, entry_id) -> None:
        questionnaires.bring_back(self.ines, entry_id)

    def up(self, entry_id) -> None:
        questionnaires.move(self.ines, entry_id, up=True)

    def down(self, entry_id) -> None:
        questionnaires.move(self.ines, entry_id, up=False)


class Given:
    """What was given and answered before: Ana has sent two forms, and has one open; Ben has all three open."""

    def __init__(self, app, cast) -> None:
        self.cast = cast
        self.assignments = [assign(cast, slug) for slug in SLUGS]
        done, waits, week = self.assignments
        send(cast.ana, task_of(cast.ana, done), floor())
        send(
            cast.ana, task_of(cast.ana, week), {"s1": "4", "s2": "5", "s3": "6", "b1": "6", "b2": "7", "t1": "The tea"}
        )
        self.ana, self.ben, self.ines = (
            Browser(app.test_client()).sign_in(address_of(n)) for n in ("ana", "ben", "ines")
        )
        sent = [f"/my/tasks/{task_of(cast.ana, one)}" for one in (done, week)]
        for page in sent:
            assert self.ana.post(f"{page}/reveal", {"passphrase": PASSPHRASE}, page=page).status_code == 303
        self.pages = [(self.ana, page) for page in (*sent, "/my/", f"/my/tasks/{task_of(cast.ana, waits)}")]
        self.pages += [(self.ben, f"/my/tasks/{task_of(cast.ben, one)}") for one in self.assignments]
        read = db.session.scalars(select(Response.id).order_by(Response.id)).all()
        self.pages += [(self.ines, f"/coach/responses/{response_id}") for response_id in read]
        self.version_ids = set(db.session.scalars(select(QuestionnaireVersion.id)))

    def stands(self):
        """All of it that can be read: documents, answers, scores, charts, and each page."""
        rows = db.session.scalars(select(QuestionnaireVersion).where(QuestionnaireVersion.id.in_(self.version_ids)))
        documents = {row.id: (row.number, row.title, json.dumps(row.document)) for row in rows}
        couple_id = self.cast.couples["ana"]
        forms = sent_forms.of_couple(self.cast.ines, couple_id)
        drawn = [trends.trends(self.cast.ines, couple_id, show, ZONE) for show in Show]
        return documents, forms, drawn, [STILL.sub("", browser.get(page).text) for browser, page in self.pages]


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(acts=st.lists(ACTS, min_size=4, max_size=16))
@example(acts=EVERYTHING)
def test_what_was_given_and_answered_stays_whatever_becomes_of_the_library(
    databases: Callable[[str], str], wall: Wall, tmp_path: Path, acts
) -> None:
    app = standing_app("library", settings_for(databases("library"), tmp_path))
    with app.app_context():
        cast = gathered.find()
        before_all = Given(app, cast)
        library, before = Library(cast), before_all.stands()
        for act in acts:
            library.do(act)
        assert before_all.stands() == before
        db.session.remove()
        db.engine.dispose()


def test_the_acts_of_such_a_history_do_something(cast) -> None:
    """A history of refusals alone would prove nothing."""
    library, before = Library(cast), db.session.scalar(select(func.count(QuestionnaireVersion.id)))
    for act in EVERYTHING:
        getattr(library, act[0])(library.ids[act[1]], *act[2:])
    assert db.session.scalar(select(func.count(QuestionnaireVersion.id))) == before + 7
