"""The outbox is drained: each mail goes once, a bad one holds none back, and the log tells nothing."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select
from structlog.testing import capture_logs

from portal.extensions import db
from portal.jobs.drain import drain
from portal.jobs.sweep import sweep
from portal.models.outbox import OutboxEntry
from portal.models.users import Person
from portal.output.mail import Mailer
from portal.services import outbox, resets
from tests.cast import Cast
from tests.conftest import Wall
from tests.smtp import Post, serving

HOME = "http://127.0.0.1:8000/my/"


@pytest.fixture(autouse=True)
def _nothing_waits(cast: Cast) -> None:
    for mail in outbox.due():
        outbox.mark_sent(mail)


@pytest.fixture
def post() -> Iterator[Post]:
    with serving(Post()) as server:
        yield server


def mailer(post: Post, folder: Path = Path("nowhere")) -> Mailer:
    return Mailer(f"smtp://127.0.0.1:{post.port}", folder, "Portal", "portal.example")


def ask(*names: str) -> None:
    for name in names:
        resets.ask_for_reset(f"{name}@home.example", "http://127.0.0.1:8000/reset/{token}")
    resets.answer_requests()


def waiting() -> list[OutboxEntry]:
    db.session.rollback()
    return list(db.session.scalars(select(OutboxEntry).where(OutboxEntry.done_at.is_(None))))


def test_each_mail_goes_to_its_one_reader_once(app: Flask, post: Post) -> None:
    ask("ana", "ben")
    assert drain(mailer(post)) == 2
    assert drain(mailer(post)) == 0
    assert sorted(got.readers for got in post.received) == [["ana@home.example"], ["ben@home.example"]]
    assert waiting() == []


def test_what_was_sent_is_kept_no_longer(app: Flask, post: Post) -> None:
    ask("ana")
    drain(mailer(post))
    rows = db.session.scalars(select(OutboxEntry).where(OutboxEntry.message == "reset"))
    assert [row.payload for row in rows] == [None]


def test_a_reader_who_is_refused_holds_no_other_back(app: Flask, post: Post, wall: Wall) -> None:
    post.refuses = ("ana@home.example",)
    ask("ana", "ben")
    assert drain(mailer(post)) == 1
    (left,) = waiting()
    assert (left.attempts, left.failed_at, left.due_at) == (1, None, wall.now + timedelta(minutes=2))
    post.refuses = ()
    assert drain(mailer(post)) == 0
    wall.forward(minutes=2)
    assert drain(mailer(post)) == 1


def test_a_mail_without_words_holds_no_other_back(app: Flask, cast: Cast, post: Post) -> None:
    outbox.begin_write()
    ana = db.session.scalars(select(Person).where(Person.id == cast.ana.person_id)).one()
    outbox.enqueue(ana, "of-another-version", "strange", {})
    outbox.enqueue(ana, "reset", "half", {})
    db.session.commit()
    ask("ben")
    assert drain(mailer(post)) == 1
    assert {entry.attempts for entry in waiting()} == {1}


def test_when_the_post_is_down_the_others_wait_without_counting(app: Flask, wall: Wall) -> None:
    with serving(Post()) as post:
        pass
    ask("ana", "ben", "cleo")
    assert drain(mailer(post)) == 0
    assert sorted(entry.attempts for entry in waiting()) == [0, 0, 1]


def test_a_mail_that_never_goes_is_given_up_after_a_day_and_not_before(app: Flask, wall: Wall, post: Post) -> None:
    post.refuses = ("ana@home.example",)
    ask("ana")
    begun = wall.now
    while (left := waiting()[0]).failed_at is None:
        assert left.due_at - wall.now <= outbox.LONGEST_WAIT
        wall.to(max(left.due_at, wall.now))
        drain(mailer(post))
    assert timedelta(days=1) < wall.now - begun < timedelta(days=3)
    wall.forward(days=1)
    assert outbox.due() == []


def test_a_mail_sent_again_after_a_crash_is_the_same_letter(app: Flask, post: Post) -> None:
    """Killed between the server's 250 and our commit: the reader's post sees one Message-ID twice."""
    ask("ana")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(outbox, "mark_sent", _killed)
        with pytest.raises(SystemExit):
            drain(mailer(post))
    assert drain(mailer(post)) == 1
    first, second = post.received
    assert first.data == second.data


def _killed(entry_id: object) -> None:
    raise SystemExit


def test_the_log_names_nobody_and_quotes_nothing(app: Flask, post: Post) -> None:
    post.refuses = ("ana@home.example",)
    ask("ana")
    with capture_logs() as logs:
        drain(mailer(post))
    assert len(logs) == 1
    assert not re.search(r"ana|example|http|token|pass", str(logs), re.IGNORECASE)


def test_a_sweep_issues_and_sends(app: Flask, cast: Cast, post: Post) -> None:
    ask("ana")
    assert sweep(mailer(post), HOME) == (0, 1)
