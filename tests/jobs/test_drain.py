"""The outbox is drained: each mail goes once, a bad one holds none back, and the log tells nothing."""

import re
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import delete, func, select, update
from structlog.testing import capture_logs

from portal.domain.people import Viewer
from portal.extensions import db, key_store
from portal.jobs.drain import drain
from portal.jobs.sweep import sweep
from portal.models.doors import ResetRequest
from portal.models.key_store import DataKey
from portal.models.outbox import OutboxEntry
from portal.models.users import Person
from portal.output.mail import Letter, Mailer
from portal.services import outbox, repeating, resets
from portal.services.key_store import every_key, fill
from tests.cast import Cast
from tests.conftest import Wall
from tests.services.test_tenants import give
from tests.smtp import Post, serving

PARTS = (
    "parked.let_go",
    "closed_doors.let_go",
    "repeating.issue_due",
    "erasing.carry_out_due",
    "resets.answer_requests",
)
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


def test_a_mail_that_does_not_open_counts_as_failed_and_holds_no_other_back(
    app: Flask, cast: Cast, post: Post, wall: Wall
) -> None:
    ask("ana", "ben")
    break_mail_of(cast.ana)
    with capture_logs() as logs:
        assert drain(mailer(post)) == 1
    assert [got.readers for got in post.received] == [["ben@home.example"]]
    (left,) = waiting()
    assert (left.attempts, left.failed_at, left.due_at) == (1, None, wall.now + timedelta(minutes=2))
    assert [(told["entry"], told["kind"]) for told in logs] == [(str(left.id), "VaultError")]
    assert not re.search(r"ana|example|http|token|pass", str(logs), re.IGNORECASE)


def break_mail_of(viewer: Viewer) -> None:
    """Let one byte of the words of a mail change."""
    outbox.begin_write()
    row = db.session.scalars(
        select(OutboxEntry).where(OutboxEntry.person_id == viewer.person_id, OutboxEntry.done_at.is_(None))
    ).one()
    assert row.payload
    row.payload = row.payload[:-1] + bytes([row.payload[-1] ^ 1])
    db.session.commit()


def lose_key_of(owner_id: UUID) -> None:
    """As a key store from another day would: without the key, and without a word that it was destroyed."""
    with key_store.engine.begin() as store:
        store.execute(delete(DataKey).where(DataKey.owner_id == owner_id))
    db.session.remove()


def test_a_key_that_is_lost_holds_no_other_mail_back_and_its_own_go_once_it_is_found(
    app: Flask, cast: Cast, post: Post, wall: Wall
) -> None:
    ask("ana", "ben")
    lost = next(key for key in every_key() if key["owner_id"] == cast.ana.person_id)
    lose_key_of(cast.ana.person_id)
    assert drain(mailer(post)) == 1
    fill([lost], [])
    db.session.remove()
    wall.forward(minutes=2)
    assert drain(mailer(post)) == 1


def test_a_key_that_does_not_unwrap_holds_no_other_mail_back(app: Flask, cast: Cast, post: Post) -> None:
    ask("ana", "ben")
    with key_store.engine.begin() as store:
        broken = update(DataKey).where(DataKey.owner_id == cast.ana.person_id)
        store.execute(broken.values(wrapped=b"\0" * 60))
    db.session.remove()
    assert drain(mailer(post)) == 1


def test_an_error_that_nobody_foresaw_holds_no_other_mail_back(
    app: Flask, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask("ana", "ben")
    sending = Mailer.send

    def send(self: Mailer, letter: Letter) -> None:
        if letter.address.startswith("ana"):
            raise ValueError(letter.address)
        sending(self, letter)

    monkeypatch.setattr(Mailer, "send", send)
    with capture_logs() as logs:
        assert drain(mailer(post)) == 1
    assert [told["why"] for told in logs] == ["ValueError"]


def test_a_request_that_cannot_be_answered_holds_no_mail_back(app: Flask, cast: Cast, post: Post) -> None:
    ask("ben")
    lose_key_of(cast.ana.person_id)
    resets.ask_for_reset("ana@home.example", "http://127.0.0.1:8000/reset/{token}")
    assert drain(mailer(post)) == 1


def test_a_request_of_somebody_whose_key_is_lost_keeps_no_later_one_back(app: Flask, cast: Cast, post: Post) -> None:
    lose_key_of(cast.ana.person_id)
    ask("ana", "ben")
    assert drain(mailer(post)) == 1
    assert db.session.scalar(select(func.count()).select_from(ResetRequest)) == 0


@pytest.mark.parametrize("part", PARTS)
def test_a_part_of_a_sweep_that_fails_holds_no_other_back(
    app: Flask, post: Post, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    ask("ana")
    done = []
    for name in PARTS:
        monkeypatch.setattr(f"portal.services.{name}", partial(_note_or_fail, done, name, fails=name == part))
    with capture_logs() as logs:
        assert sweep(mailer(post), HOME)[1] == 1
    assert len(done) == len(PARTS) - 1
    assert [told["kind"] for told in logs] == ["ValueError"]
    assert "Ana" not in str(logs)


def _note_or_fail(done: list[str], name: str, *_home: str, fails: bool) -> int:
    if fails:
        raise ValueError("what Ana wrote")
    done.append(name)
    return 0


def test_a_weekly_form_that_cannot_be_issued_holds_no_other_back(
    app: Flask, cast: Cast, post: Post, wall: Wall
) -> None:
    for coach, couple in ((cast.ines, "ana"), (cast.sol, "eva")):
        give(coach, cast.couples[couple], "weekly-check-in", weekly=True)
    lose_key_of(cast.ana.person_id)
    wall.forward(days=7)
    with capture_logs() as logs:
        assert repeating.issue_due(HOME) == 1
    assert [(told["part"], told["kind"]) for told in logs] == [("repetition", "VaultError")]
    assert sweep(mailer(post), HOME)[0] == 0


def test_a_sweep_issues_and_sends(app: Flask, cast: Cast, post: Post) -> None:
    ask("ana")
    assert sweep(mailer(post), HOME) == (0, 1)
