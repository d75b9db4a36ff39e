"""Copies of briefs that are set ahead: of the sessions soon, kept sealed, given for the very same page alone."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal.domain.brief_choices import Copy
from portal.domain.parting import CoupleAct
from portal.domain.people import Viewer
from portal.domain.sessions import SessionKind
from portal.extensions import begin_write, db
from portal.jobs.press import Press
from portal.models.audit import AuditEvent
from portal.models.rendered_briefs import RenderedBrief
from portal.output.render import NotRendered, Rendered
from portal.output.templates import render_brief
from portal.output.voices import voice_in
from portal.services import (
    brief_choices,
    couple_states,
    erasing,
    parting,
    rendered_briefs,
    session_prep,
    sessions,
    vault,
)
from tests import factories, tenants
from tests.cast import PASSPHRASE, Cast
from tests.conftest import START, Wall
from tests.factories import week

SECRET = "I am thinking of leaving, and Ben must not know"
TOMORROW = START + timedelta(days=1)


class Set:
    """A renderer that gives each page as its file, and counts."""

    def __init__(self) -> None:
        self.pages: list[str] = []

    def __call__(self, html: str) -> Rendered:
        self.pages.append(html)
        return Rendered(html.encode(), fallback=False)


@pytest.fixture
def pages() -> Set:
    return Set()


@pytest.fixture
def press(app: Flask, pages: Set) -> Iterator[Press]:
    made = Press("Portal", pages)
    yield made
    db.session.remove()


@pytest.fixture
def tomorrow(cast: Cast) -> UUID:
    sent = week(5, line=SECRET, t2="To be heard")
    factories.check_in(cast.viewers, cast.couples["ana"], START - timedelta(days=2), ana=sent, ben=week(6))
    return factories.session(cast.couples["ana"], TOMORROW)


def page(viewer: Viewer, session_id: UUID, copy: Copy = Copy.COACH) -> str:
    """The page that a reader is given now; the reading goes on record."""
    of_coach = copy is Copy.COACH
    brief = (session_prep.coach_brief if of_coach else session_prep.joint_brief)(viewer, session_id)  # type: ignore[operator]
    return render_brief(brief, voice_in("en"), site_name="Portal")


def kept(viewer: Viewer, session_id: UUID, copy: Copy = Copy.COACH, press: str | None = None) -> bytes | None:
    html = page(viewer, session_id, copy)
    return rendered_briefs.kept_or_none(viewer, session_id, copy, html, press or rendered_press())


def rendered_press() -> str:
    from_press: str = Press.__init__.__globals__["press"]()
    return from_press


def rows() -> int:
    return db.session.scalar(select(func.count()).select_from(RenderedBrief)) or 0


def test_both_copies_of_a_session_soon_are_set_ahead_and_are_what_a_reader_would_be_given(
    cast: Cast, press: Press, tomorrow: UUID
) -> None:
    assert press.turn() == 2
    for copy in Copy:
        found = kept(cast.ines, tomorrow, copy)
        assert found is not None
        assert found.decode() == page(cast.ines, tomorrow, copy)
    assert SECRET not in (kept(cast.ines, tomorrow, Copy.JOINT) or b"").decode()


def on_record() -> int:
    """How much is on record, in every practice: the press goes from one to the next."""
    with tenants.engine().connect() as connection:
        return connection.execute(select(func.count()).select_from(AuditEvent)).scalar_one()


def test_setting_ahead_is_no_reading(cast: Cast, press: Press, tomorrow: UUID) -> None:
    before = on_record()
    press.turn()
    assert on_record() == before


def test_only_what_begins_within_a_day_and_a_half_is_set_and_nothing_that_was_called_off(
    cast: Cast, press: Press, pages: Set
) -> None:
    for hours in (-13, 37):
        factories.session(cast.couples["ana"], START + timedelta(hours=hours))
    off = factories.session(cast.couples["ana"], START + timedelta(hours=3))
    alone = factories.session(cast.couples["ana"], START + timedelta(hours=5), SessionKind.INDIVIDUAL_A)
    sessions.cancel(cast.ines, off)
    assert press.turn() == 1
    assert kept(cast.ines, alone) is not None


def test_what_is_kept_is_not_set_again_and_what_changed_takes_its_place(
    cast: Cast, press: Press, tomorrow: UUID, wall: Wall
) -> None:
    press.turn()
    wall.forward(minutes=11)
    assert press.turn() == 0
    given = factories.given(cast.couples["ana"], factories.CHECK_IN, wall.now, days=3)
    factories.sent(cast.ben, given, wall.now, week(1, t2="Something new"))
    assert kept(cast.ines, tomorrow) is None  # the file of other data is nobody's
    wall.forward(minutes=11)
    assert press.turn() >= 1
    assert "Something new" in (kept(cast.ines, tomorrow) or b"").decode()
    assert rows() == 2


def test_a_brief_that_was_opened_or_changed_is_looked_at_at_once_whenever_its_session_is(
    cast: Cast, press: Press, wall: Wall
) -> None:
    far = factories.session(cast.couples["ana"], START + timedelta(days=20))
    assert press.turn() == 0
    wall.forward(seconds=1)
    session_prep.screen(cast.ines, far)
    wall.forward(seconds=1)
    assert press.turn(looks_ahead=False) == 2
    assert press.turn(looks_ahead=False) == 0
    wall.forward(seconds=1)
    brief_choices.keep(cast.ines, far, Copy.COACH, "Begin with the walk", [], [])
    wall.forward(seconds=1)
    assert press.turn(looks_ahead=False) == 1
    assert "Begin with the walk" in (kept(cast.ines, far) or b"").decode()


def test_a_file_by_another_press_is_not_given(cast: Cast, press: Press, tomorrow: UUID) -> None:
    press.turn()
    assert kept(cast.ines, tomorrow) is not None
    assert kept(cast.ines, tomorrow, press="another style sheet") is None


@pytest.mark.parametrize("name", ["omar", "sol", "ana", "ben"])
def test_who_does_not_read_the_couple_is_given_nothing(cast: Cast, press: Press, tomorrow: UUID, name: str) -> None:
    press.turn()
    html = page(cast.ines, tomorrow)
    assert rendered_briefs.kept_or_none(cast.ines, tomorrow, Copy.COACH, html, rendered_press()) is not None
    stranger = cast.viewers[name]
    assert rendered_briefs.kept_or_none(stranger, tomorrow, Copy.COACH, html, rendered_press()) is None


def test_what_is_kept_can_be_read_nowhere_and_opens_for_nobody_once_one_of_the_two_is_erased(
    cast: Cast, press: Press, tomorrow: UUID
) -> None:
    press.turn()
    row = db.session.scalars(select(RenderedBrief).where(RenderedBrief.copy == Copy.COACH)).one()
    assert row.content is not None
    assert row.made_of is not None
    sealed, row_id, couple_id = row.content, row.id, row.couple_id
    assert b"<html" not in sealed
    html = page(cast.ines, tomorrow)
    assert b"<html" not in vault.unseal(couple_id, rendered_briefs.PLACE, row_id, sealed).encode()
    vault.destroy_key(cast.ben.person_id)  # in a copy of the database that an older backup holds
    db.session.remove()
    assert rendered_briefs.kept_or_none(cast.ines, tomorrow, Copy.COACH, html, rendered_press()) is None


def test_who_is_erased_leaves_nothing_that_is_kept(cast: Cast, press: Press, tomorrow: UUID) -> None:
    press.turn()
    assert rows() == 2
    erasing.erase_here(cast.ana.person_id)
    assert rows() == 0
    press.turn()
    assert all(row.content is None for row in db.session.scalars(select(RenderedBrief)))


@pytest.mark.parametrize("hides", [False, True])
def test_who_stops_taking_part_or_shares_no_more_leaves_nothing_that_is_kept(
    cast: Cast, press: Press, tomorrow: UUID, wall: Wall, *, hides: bool
) -> None:
    press.turn()
    parting.end_sharing(cast.ana, PASSPHRASE, hides=hides)
    assert rows() == 0
    wall.forward(seconds=1)
    press.turn()
    parting.leave(cast.ana, PASSPHRASE, "http://x", hides=hides)
    assert rows() == 0
    press.turn()
    joint = select(RenderedBrief.content).where(RenderedBrief.copy == Copy.JOINT)
    assert db.session.scalars(joint).all() == [None]  # there is no joint copy any more


def test_closed_work_and_old_looks_leave_nothing(cast: Cast, press: Press, tomorrow: UUID, wall: Wall) -> None:
    press.turn()
    couple_states.act(cast.ines, cast.couples["ana"], CoupleAct.CLOSE)
    assert rows() == 0
    far = factories.session(cast.couples["gil"], START + timedelta(hours=2))
    press.turn()
    assert rows() == 2
    sessions.cancel(cast.ines, far)
    press.turn()
    assert rows() == 0
    factories.session(cast.couples["gil"], START + timedelta(hours=2))
    press.turn()
    wall.forward(hours=39)
    assert press.turn() == 0
    assert rows() == 0


def test_one_that_cannot_be_set_or_is_words_alone_is_not_kept_and_keeps_no_other_back(
    app: Flask, cast: Cast, tomorrow: UUID, wall: Wall
) -> None:
    def fail(html: str) -> Rendered:
        if "Joint copy" in html:
            raise NotRendered("too slow")
        if "Ana" in html:
            return Rendered(b"words alone", fallback=True)
        return Rendered(b"a file", fallback=False)

    gils = factories.session(cast.couples["gil"], TOMORROW)
    assert Press("Portal", fail).turn() == 1
    assert kept(cast.ines, gils) == b"a file"
    assert kept(cast.ines, tomorrow) is None
    assert rows() == 4


def test_of_two_machines_one_sets_it(cast: Cast, press: Press, tomorrow: UUID, wall: Wall) -> None:
    first, second = rendered_briefs.ahead(), rendered_briefs.ahead()
    assert first == second
    press.turn()
    wall.forward(minutes=11)
    [order, *_] = rendered_briefs.ahead()
    assert rendered_briefs.take(order)
    wall.forward(seconds=1)
    assert not rendered_briefs.take(order)


def test_what_one_keeps_private_changes_nothing_of_the_joint_copy_that_is_kept(
    cast: Cast, press: Press, tomorrow: UUID, wall: Wall, pages: Set
) -> None:
    """Not the file, and not that it was set anew either."""
    given = factories.given(cast.couples["ana"], factories.CHECK_IN, wall.now, days=3)
    press.turn()
    wall.forward(minutes=11)
    pages.pages.clear()
    factories.sent(cast.ana, given, wall.now, week(3, t2="To be heard tonight"))
    press.turn()
    assert len(pages.pages) == 1
    assert "Joint copy" not in pages.pages[0]


def test_a_copy_without_its_row_is_none(cast: Cast, tomorrow: UUID) -> None:
    assert kept(cast.ines, tomorrow) is None
    begin_write()
    db.session.add(
        RenderedBrief(
            id=tomorrow, practice_id=cast.ines.practice_id, session_id=tomorrow, couple_id=cast.couples["ana"],
            copy=Copy.COACH, looked_at=START,
        )
    )  # fmt: skip
    db.session.commit()
    assert kept(cast.ines, tomorrow) is None


def test_what_was_set_before_the_papers_of_a_couple_were_let_go_of_is_not_kept_after_it(
    cast: Cast, tomorrow: UUID
) -> None:
    """Whoever stops sharing while their page is at the press: the page that comes from it is of before."""
    order = next(one for one in rendered_briefs.ahead() if one.copy is Copy.COACH)
    assert rendered_briefs.take(order)
    html = page(cast.ines, tomorrow)
    parting.end_sharing(cast.ana, PASSPHRASE, hides=False)
    assert not rendered_briefs.keep(order, html, rendered_press(), html.encode())
    assert rows() == 0
