"""The demo's ordinary week on paper: one page for either copy with room to spare, and nothing left out of it."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

import flask_migrate
import pytest
from pypdf import PdfReader
from sqlalchemy import select

from portal import clock, create_app
from portal.cli import migrations
from portal.domain.brief import Brief, JointBrief
from portal.domain.people import Role, Viewer
from portal.extensions import db
from portal.models.couples import Couple
from portal.models.sessions import Session
from portal.models.users import Person
from portal.output.render import Renderer
from portal.output.templates import Voice, render_brief
from portal.services import demo, session_prep
from portal.services.demo import Links
from tests import cast as gathered
from tests.conftest import START, settings_for

VOICE = Voice("en", lambda text: text, lambda one, many, count: one if count == 1 else many)
LINES_TO_SPARE = 3
MORE = f"<p>{'One line more.<br>' * LINES_TO_SPARE}</p></article>"


@dataclass(frozen=True)
class Week:
    """Ana's and Ben's next session, as their coach prepares it."""

    ines: Viewer
    session_id: UUID

    def copies(self) -> dict[str, Brief | JointBrief]:
        return {
            "coach": session_prep.coach_brief(self.ines, self.session_id),
            "joint": session_prep.joint_brief(self.ines, self.session_id),
        }


@pytest.fixture(scope="module")
def week(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Week]:
    folder = tmp_path_factory.mktemp("demo")
    app = create_app(settings_for(f"sqlite:///{folder / 'demo.db'}", folder))
    migrations.bind(app)
    with clock.reading(lambda: START), app.app_context():
        flask_migrate.upgrade()
        demo.seed(gathered.PASSPHRASE, Links(gathered.LINK, "http://127.0.0.1/my/"))
        couple = db.session.scalars(select(Couple).where(Couple.names.startswith("Ana"))).one()
        coach = db.session.get_one(Person, couple.coach_id)
        ahead = select(Session.id).where(Session.couple_id == couple.id, Session.starts_at > START)
        session_id = db.session.scalars(ahead).one()
        yield Week(Viewer(coach.id, coach.practice_id, Role(coach.role)), session_id)
        db.session.remove()
        db.engine.dispose()


@pytest.fixture(scope="module")
def renderer() -> Iterator[Renderer]:
    made = Renderer(children=1)
    yield made
    made.close()


def pages(renderer: Renderer, html: str) -> int:
    rendered = renderer.render(html)
    assert not rendered.fallback
    return len(PdfReader(io.BytesIO(rendered.content)).pages)


def test_the_demos_ordinary_week_is_one_page_with_room_to_spare(week: Week, renderer: Renderer) -> None:
    closed = week.copies()
    session_prep.open_in_session(week.ines, week.session_id)
    opened = week.copies()
    assert opened["joint"].trend is not None
    assert closed["joint"].trend != opened["joint"].trend
    for brief in (*closed.values(), *opened.values()):
        html = render_brief(brief, VOICE, site_name="Portal")
        assert pages(renderer, html) == 1
        assert pages(renderer, html.replace("</article>", MORE)) == 1


def test_nothing_is_left_out_of_the_demos_ordinary_week(week: Week) -> None:
    brief = session_prep.coach_brief(week.ines, week.session_id)
    assert brief.left_out == ()
    assert brief.trend is not None
    assert brief.differences is not None
    assert [len(row.accounts) for row in brief.homework] == [2, 2]
    assert [row.accounts[0].quote for row in brief.homework] != [None, None]
