"""Doors that closed long ago leave no row behind, and what still says why it opens nothing stays."""

from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal.domain.errors import Invalid
from portal.domain.people import PersonState, TokenPurpose, Viewer
from portal.extensions import db
from portal.jobs.sweep import sweep
from portal.models.users import Person, Token, WebSession
from portal.output.mail import Mailer
from portal.services import accounts, closed_doors, outbox, resets
from portal.services.standing import LONGEST, standing_or_none
from tests.cast import PASSPHRASE, Cast, address_of
from tests.conftest import Wall

LINK = "http://127.0.0.1:8000/reset/{token}"


def sign_in(name: str) -> str:
    token = accounts.sign_in(address_of(name), PASSPHRASE, None)
    assert token
    return token


def count(table: type[WebSession | Token], viewer: Viewer) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(table).where(table.person_id == viewer.person_id)) or 0


def ask_for_reset(name: str) -> str:
    """The token of a link that was sent for a new pass phrase."""
    resets.ask_for_reset(address_of(name), LINK)
    resets.answer_requests()
    [mail] = [mail for mail in outbox.due() if mail.message == "reset"]
    return mail.words["link"].rsplit("/", 1)[1]


def test_after_ten_years_of_sessions_and_links_one_sweep_leaves_none(
    app: Flask, cast: Cast, wall: Wall, tmp_path: Path
) -> None:
    accounts.sign_out(sign_in("ana"))
    sign_in("ana")
    ask_for_reset("ana")
    wall.forward(days=3650)
    sweep(Mailer("file:", tmp_path, "Portal", "127.0.0.1"), "http://127.0.0.1:8000/my/")
    assert [count(table, cast.ana) for table in (WebSession, Token)] == [0, 0]


def test_a_session_stays_until_no_session_can_last_and_a_day_more(app: Flask, cast: Cast, wall: Wall) -> None:
    sign_in("ana")
    wall.forward(minutes=9)
    token = sign_in("ana")
    closed_doors.let_go()
    assert standing_or_none(token)
    wall.forward(hours=36, minutes=-9)
    closed_doors.let_go()
    assert count(WebSession, cast.ana) == 1
    wall.forward(minutes=9)
    closed_doors.let_go()
    assert count(WebSession, cast.ana) == 0
    assert timedelta(hours=36) == LONGEST + timedelta(days=1)


def test_a_link_says_for_90_days_that_it_ran_out_and_then_opens_nothing_that_is_known(
    app: Flask, cast: Cast, wall: Wall
) -> None:
    token = ask_for_reset("ana")
    wall.forward(days=90)
    closed_doors.let_go()
    with pytest.raises(Invalid, match="link_expired"):
        accounts.usable_token(token, TokenPurpose.RESET)
    wall.forward(hours=2)
    closed_doors.let_go()
    with pytest.raises(Invalid, match="link_unknown"):
        accounts.usable_token(token, TokenPurpose.RESET)


def test_who_has_not_come_in_can_ask_with_the_old_invitation_for_as_long_as_it_takes(
    app: Flask, cast: Cast, wall: Wall
) -> None:
    invited = set(db.session.scalars(select(Person.id).where(Person.state == PersonState.INVITED)))
    assert invited
    wall.forward(days=3650)
    closed_doors.let_go()
    assert set(db.session.scalars(select(Token.person_id))) == invited
