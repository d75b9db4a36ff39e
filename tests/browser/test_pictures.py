"""The pictures of the README, drawn from the demo as it is seeded."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser
from sqlalchemy import select

from portal.domain.assignments import TaskState
from portal.extensions import db
from portal.models.assignments import Task
from portal.models.couples import Couple
from portal.models.sessions import Session
from portal.models.users import Person as PersonRow
from tests.browser.conftest import WIDTHS, Person
from tests.browser.demo_world import served_demo

SCREENS = Path(__file__).parent.parent.parent / "docs" / "screens"
SHOTS = (
    ("ines", 1280, "/coach/", "today"),
    ("ines", 1280, "/coach/sessions/{session_id}/brief", "brief"),
    ("ben", 390, "/my/", "home"),
    ("ben", 390, "/my/tasks/{task_id}", "task"),
)


def _ids() -> dict[str, Any]:
    couple = select(Couple.id).where(Couple.names == "Ana & Ben").scalar_subquery()
    ben = select(PersonRow.id).where(PersonRow.display_name == "Ben").scalar_subquery()
    ahead = select(Session.id).where(Session.couple_id == couple).order_by(Session.starts_at.desc()).limit(1)
    started = select(Task.id).where(Task.person_id == ben, Task.state == TaskState.STARTED)
    return {"session_id": db.session.scalars(ahead).one(), "task_id": db.session.scalars(started).one()}


def test_pictures_for_the_readme(chromium: Browser, pytestconfig: pytest.Config, tmp_path: Path) -> None:
    """Made anew with `--pictures`; without it they only have to be drawable."""
    folder = SCREENS if pytestconfig.getoption("pictures") else tmp_path
    with served_demo(tmp_path, _ids) as (served, ids):
        for name, width, address, picture in SHOTS:
            context = chromium.new_context(viewport={"width": width, "height": WIDTHS[width]})
            page = Person(context, served).sign_in(name).go(address.format(**ids))
            page.evaluate("document.fonts.ready")
            page.screenshot(path=folder / f"{picture}.png", full_page=picture == "brief")
            context.close()
            assert (folder / f"{picture}.png").stat().st_size > 10_000
