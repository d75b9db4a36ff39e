"""Erasing one person: asked for, taken back, approved by two, carried out after two weeks; and what stays for whom."""

from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from structlog.testing import capture_logs

from portal.domain.erasure import Cause, Stage
from portal.domain.errors import Invalid, NotAllowed, NotFound
from portal.domain.people import CoupleState, PersonState, Viewer
from portal.domain.sessions import NoteKind, SessionKind
from portal.extensions import Base, begin_write, db
from portal.jobs.sweep import sweep
from portal.models.assignments import Repetition, Task
from portal.models.couples import Couple, Partnership
from portal.models.erasures import Erasure
from portal.models.notes import Note
from portal.models.outbox import OutboxEntry
from portal.models.responses import Draft, Feedback, Response
from portal.models.safety import Signal
from portal.models.users import Person, SignIn, WebSession
from portal.output.mail import Mailer
from portal.services import (
    accounts,
    approvals,
    audit_chain,
    erasing,
    erasures,
    holds,
    key_store,
    members,
    notes,
    outbox,
    resets,
    responses,
    reviews,
    sessions,
    shared,
    vault,
)
from portal.services.drafts import Typed
from portal.services.sessions import NewSession
from portal.services.transactions import DatabaseBusy
from tests.audit import faults
from tests.cast import PASSPHRASE, Cast, address_of
from tests.conftest import Wall
from tests.given import OPEN, SECRET, assign, floor, send, task_of
from tests.services.test_backups import elsewhere, inside, run
from tests.services.test_key_store import forget, somebody_reading
from tests.web import world as worlds
from tests.web.route_table import TABLE
from tests.web.test_routes import path_of

LINK = "http://127.0.0.1:8000/coach/practice/erasures"
BENS = "The walk by the river"
AGREED = "Ten minutes, at nine"


@pytest.fixture
def lived(app: Flask, cast: Cast, wall: Wall) -> Flask:
    """Ana and Ben have both sent something that is open to both, Ana drafts, and something was agreed."""
    given = assign(cast, "one-holds-the-floor", why="For the evenings")
    send(cast.ana, task_of(cast.ana, given), floor(stopped_afraid="true"))
    send(cast.ben, task_of(cast.ben, given), floor(understood=BENS))
    assign(cast, "weekly-check-in", weekly=True)
    draft = task_of(cast.ana, assign(cast, "ten-clear-minutes"))
    responses.save_draft(cast.ana, draft, Typed({"understood": "half a thought"}, {}), 0)
    starts_at = wall.forward(days=1)
    session_id = sessions.plan(cast.ines, cast.couples["ana"], NewSession(SessionKind.JOINT, starts_at, 50))
    notes.write(cast.ines, session_id, NoteKind.AGREED, AGREED)
    reviews.review(cast.ines, of_person(Response, cast.ana)[0].id, "Well held")
    return app


def of_person(table, viewer: Viewer):  # type: ignore[no-untyped-def]
    db.session.rollback()
    return db.session.scalars(select(table).where(table.person_id == viewer.person_id)).all()


def person(viewer: Viewer) -> Person:
    db.session.rollback()
    return db.session.scalars(select(Person).where(Person.id == viewer.person_id)).one()


# rows of a person that stay when everything of theirs is erased, and why
KEPT = {
    "responses": "a place without text: the other's answers opened once both had sent",
    "tasks": "when what was given and sent; without a text",
    "consents": "that somebody agreed, and to which version; without the name they signed with",
    "partnerships": "that a couple had two partners, and since when not",
    "outbox": "that a mail went; what it said is gone",
    "erasures": "what the certificate says",
    "holds": "why it was not done earlier",
    "caseload_views": "a coach's own, of the list; no partner has one",
}


def test_no_table_with_rows_of_a_person_is_forgotten() -> None:
    of_people = {name for name, table in Base.metadata.tables.items() if "person_id" in table.columns}
    taken = {table.__tablename__ for table in erasing.TAKEN_AWAY}
    assert of_people == taken | set(KEPT)
    assert not taken & set(KEPT)


def erasure_id_of(viewer: Viewer) -> UUID:
    db.session.rollback()
    standing = (Erasure.person_id == viewer.person_id, Erasure.withdrawn_at.is_(None))
    return db.session.scalars(select(Erasure.id).where(*standing)).one()


def approve_twice(cast: Cast, viewer: Viewer) -> None:
    for member in (cast.ines, cast.omar):
        approvals.approve(member, erasure_id_of(viewer))


def erase(cast: Cast, wall: Wall, viewer: Viewer) -> None:
    """From the asking to the end."""
    erasures.ask(viewer, PASSPHRASE, LINK)
    approve_twice(cast, viewer)
    wall.forward(days=14)
    assert erasing.carry_out_due() == 1


def texts_of(viewer: Viewer) -> list[str | None]:
    forget()
    rows = of_person(Response, viewer)
    return [vault.unseal_or_none(viewer.person_id, "responses.document", row.id, row.document) for row in rows]


def opens(viewer: Viewer) -> bool:
    return any(SECRET in (found or "") for found in texts_of(viewer))


def test_nothing_happens_before_two_have_approved_and_two_weeks_are_over(lived: Flask, cast: Cast, wall: Wall) -> None:
    erasures.ask(cast.ana, PASSPHRASE, LINK)
    assert erasing.carry_out_due() == 0
    approvals.approve(cast.ines, erasure_id_of(cast.ana))
    wall.forward(days=30)
    assert erasing.carry_out_due() == 0
    approvals.approve(cast.omar, erasure_id_of(cast.ana))
    assert opens(cast.ana)
    assert erasing.carry_out_due() == 1
    assert not opens(cast.ana)
    assert erasing.carry_out_due() == 0


def test_approved_at_once_it_still_waits_for_two_weeks(lived: Flask, cast: Cast, wall: Wall) -> None:
    erasures.ask(cast.ana, PASSPHRASE, LINK)
    approve_twice(cast, cast.ana)
    wall.forward(days=13, hours=23)
    assert erasing.carry_out_due() == 0
    assert opens(cast.ana)
    wall.forward(hours=1)
    assert erasing.carry_out_due() == 1


def test_whoever_asked_can_take_it_back_also_when_it_is_approved(lived: Flask, cast: Cast, wall: Wall) -> None:
    erasures.ask(cast.ana, PASSPHRASE, LINK)
    approve_twice(cast, cast.ana)
    assert erasures.withdraw(cast.ana, PASSPHRASE) is None
    wall.forward(days=30)
    assert erasing.carry_out_due() == 0
    assert opens(cast.ana)
    assert erasures.own(cast.ana, PASSPHRASE) is None


def test_asking_twice_is_asking_once_and_taken_back_it_begins_anew(lived: Flask, cast: Cast, wall: Wall) -> None:
    first = erasures.ask(cast.ana, PASSPHRASE, LINK)
    wall.forward(days=1)
    assert erasures.ask(cast.ana, PASSPHRASE, LINK) == first
    erasures.withdraw(cast.ana, PASSPHRASE)
    again = erasures.ask(cast.ana, PASSPHRASE, LINK)
    assert again is not None
    assert again.asked_at == wall.now
    assert approvals.shown(cast.ines)[0].stage is Stage.ASKED


def test_it_takes_the_pass_phrase_each_time(lived: Flask, cast: Cast) -> None:
    for act in (erasures.own, erasures.withdraw):
        with pytest.raises(Invalid, match="wrong_passphrase"):
            act(cast.ana, "not the right words")
    with pytest.raises(Invalid, match="wrong_passphrase"):
        erasures.ask(cast.ana, "not the right words", LINK)
    assert erasures.own(cast.ana, PASSPHRASE) is None


def test_a_pass_phrase_that_came_by_mail_asks_for_nothing(lived: Flask, cast: Cast, wall: Wall) -> None:
    begin_write()
    person(cast.ana).reset_at = wall.now
    db.session.commit()
    with pytest.raises(Invalid, match="stays_sealed"):
        erasures.ask(cast.ana, PASSPHRASE, LINK)


def test_the_same_member_does_not_approve_twice_where_there_is_another(lived: Flask, cast: Cast, wall: Wall) -> None:
    erasures.ask(cast.ana, PASSPHRASE, LINK)
    approvals.approve(cast.ines, erasure_id_of(cast.ana))
    wall.forward(days=8)
    with pytest.raises(NotAllowed, match="needs_another_member"):
        approvals.approve(cast.ines, erasure_id_of(cast.ana))
    approvals.approve(cast.omar, erasure_id_of(cast.ana))
    with pytest.raises(NotAllowed, match="approved_already"):
        approvals.approve(cast.ines, erasure_id_of(cast.ana))


def test_in_a_practice_of_one_the_same_member_approves_again_seven_days_later(cast: Cast, wall: Wall) -> None:
    erasures.ask(cast.eva, PASSPHRASE, LINK)
    approvals.approve(cast.sol, erasure_id_of(cast.eva))
    wall.forward(days=6, hours=23, minutes=59)
    with pytest.raises(Invalid, match="approve_again_later"):
        approvals.approve(cast.sol, erasure_id_of(cast.eva))
    wall.forward(minutes=1)
    approvals.approve(cast.sol, erasure_id_of(cast.eva))
    wall.forward(days=7)
    assert erasing.carry_out_due() == 1
    assert approvals.shown(cast.sol)[0].stage is Stage.DONE


def test_who_lets_the_other_go_for_a_moment_does_not_approve_twice(lived: Flask, cast: Cast, wall: Wall) -> None:
    erasures.ask(cast.ana, PASSPHRASE, LINK)
    approvals.approve(cast.ines, erasure_id_of(cast.ana))
    wall.forward(days=8)
    members.deactivate(cast.ines, cast.omar.person_id, LINK)
    approvals.approve(cast.ines, erasure_id_of(cast.ana))  # it counts as the first: there was another before
    members.reactivate(cast.ines, cast.omar.person_id)
    assert stage_of(cast.ines, cast.ana) is Stage.LOOKED_AT
    wall.forward(days=8)
    with pytest.raises(NotAllowed, match="needs_another_member"):
        approvals.approve(cast.ines, erasure_id_of(cast.ana))
    approvals.approve(cast.omar, erasure_id_of(cast.ana))
    assert stage_of(cast.ines, cast.ana) is Stage.APPROVED


def test_who_is_left_alone_approves_anew_and_again_seven_days_later(lived: Flask, cast: Cast, wall: Wall) -> None:
    erasures.ask(cast.ana, PASSPHRASE, LINK)
    approvals.approve(cast.ines, erasure_id_of(cast.ana))
    wall.forward(days=8)
    members.deactivate(cast.ines, cast.omar.person_id, LINK)
    approvals.approve(cast.ines, erasure_id_of(cast.ana))
    with pytest.raises(Invalid, match="approve_again_later"):
        approvals.approve(cast.ines, erasure_id_of(cast.ana))
    wall.forward(days=7)
    approvals.approve(cast.ines, erasure_id_of(cast.ana))
    assert stage_of(cast.ines, cast.ana) is Stage.APPROVED


def stage_of(viewer: Viewer, whose: Viewer) -> Stage:
    return next(one.stage for one in approvals.shown(viewer) if one.erasure_id == erasure_id_of(whose))


def test_another_practice_and_partners_find_nothing_to_approve(lived: Flask, cast: Cast) -> None:
    erasures.ask(cast.ana, PASSPHRASE, LINK)
    erasure_id = erasure_id_of(cast.ana)
    for stranger in (cast.sol, cast.ben, cast.ana, cast.eva):
        for act in (approvals.approve, approvals.stop, approvals.certificate):
            with pytest.raises(NotFound):
                act(stranger, erasure_id)
        assert approvals.shown(stranger) == ()


def test_coaches_begin_for_their_own_partners_and_the_owner_for_everybodys(lived: Flask, cast: Cast) -> None:
    with pytest.raises(NotFound):
        erasures.begin(cast.omar, cast.ana.person_id, LINK)
    for stranger in (cast.sol, cast.ana, cast.ben):
        with pytest.raises(NotFound):
            erasures.begin(stranger, cast.cleo.person_id, LINK)
    erasures.begin(cast.ines, cast.cleo.person_id, LINK)
    erasures.begin(cast.omar, cast.dov.person_id, LINK)
    with pytest.raises(NotFound):
        erasures.begin(cast.ines, cast.omar.person_id, LINK)
    assert [one.cause for one in approvals.shown(cast.ines)] == [Cause.PRACTICE] * 2


def test_the_practice_stops_what_it_began_and_not_what_a_person_asked_for(lived: Flask, cast: Cast, wall: Wall) -> None:
    erasures.begin(cast.ines, cast.ben.person_id, LINK)
    erasures.ask(cast.ana, PASSPHRASE, LINK)
    approve_twice(cast, cast.ben)
    approvals.stop(cast.omar, erasure_id_of(cast.ben))
    with pytest.raises(NotAllowed):
        approvals.stop(cast.ines, erasure_id_of(cast.ana))
    found = erasures.own(cast.ana, PASSPHRASE)
    assert found is not None
    assert (found.is_own, erasures.own(cast.ben, PASSPHRASE)) == (True, None)
    wall.forward(days=20)
    assert erasing.carry_out_due() == 0


def test_nobody_takes_back_what_the_practice_began_by_their_own_page(lived: Flask, cast: Cast) -> None:
    erasures.begin(cast.ines, cast.ben.person_id, LINK)
    found = erasures.withdraw(cast.ben, PASSPHRASE)
    assert found is not None
    assert not found.is_own


def test_the_practice_is_told_by_a_mail_without_a_word_of_it(lived: Flask, cast: Cast) -> None:
    before = {mail.entry_id for mail in outbox.due()}
    erasures.ask(cast.ana, PASSPHRASE, LINK)
    told = [mail for mail in outbox.due() if mail.entry_id not in before]
    assert sorted(mail.address for mail in told) == ["ines@north.example", "omar@north.example"]
    assert {(mail.message, tuple(mail.words.items())) for mail in told} == {("task", (("link", LINK),))}


def test_after_it_no_text_opens_and_no_door(lived: Flask, cast: Cast, wall: Wall) -> None:
    token = accounts.sign_in(address_of("ana"), PASSPHRASE, None)
    assert token
    erase(cast, wall, cast.ana)
    assert texts_of(cast.ana) == [None]
    with pytest.raises(vault.Erased):
        vault.unseal(cast.ana.person_id, "people.address", cast.ana.person_id, person(cast.ana).address)
    assert [of_person(table, cast.ana) for table in (Draft, SignIn, WebSession, Signal)] == [[], [], [], []]
    assert db.session.scalar(select(func.count(Feedback.id))) == 0
    assert accounts.sign_in(address_of("ana"), PASSPHRASE, None) is None
    resets.ask_for_reset(address_of("ana"), "http://127.0.0.1:8000/reset/{token}")
    resets.answer_requests()
    assert [mail for mail in outbox.due() if mail.message == "reset"] == []


def test_what_waits_for_the_post_is_not_sent_and_no_weekly_form_comes(
    lived: Flask, cast: Cast, wall: Wall, tmp_path: Path
) -> None:
    erase(cast, wall, cast.ana)
    waiting = (OutboxEntry.person_id == cast.ana.person_id, OutboxEntry.done_at.is_(None))
    rows = db.session.execute(select(OutboxEntry.failed_at, OutboxEntry.payload).where(*waiting)).all()
    assert rows
    assert all(failed_at is not None and payload is None for failed_at, payload in rows)
    assert db.session.scalars(select(Repetition.id).where(Repetition.ended_at.is_(None))).all() == []
    before = len(of_person(Task, cast.ana))
    wall.forward(days=8)
    sweep(Mailer("file:", tmp_path, "Portal", "127.0.0.1"), "http://127.0.0.1:8000/my/")
    assert len(of_person(Task, cast.ana)) == before
    assert "To: ana@home.example" not in "".join(path.read_text() for path in tmp_path.rglob("*.eml"))


def test_her_name_is_gone_and_a_label_stands_for_it(lived: Flask, cast: Cast, wall: Wall) -> None:
    erase(cast, wall, cast.ana)
    row = person(cast.ana)
    assert (row.display_name, row.state) == ("A", PersonState.DEACTIVATED)
    couple = db.session.scalars(select(Couple).where(Couple.id == cast.couples["ana"])).one()
    assert (couple.names, couple.state) == ("A & Ben", CoupleState.WITHDRAWN)
    kept = db.session.scalars(select(Partnership.label).where(Partnership.ended_at.is_(None))).all()
    assert "B" in kept


def test_the_other_keeps_what_is_theirs_and_what_was_agreed(lived: Flask, cast: Cast, wall: Wall) -> None:
    wall.forward(days=1)
    before = str(shared.for_both(cast.ben))
    assert (OPEN in before, BENS in before) == (True, True)
    erase(cast, wall, cast.ana)
    after = str(shared.for_both(cast.ben))
    assert (OPEN in after, BENS in after) == (False, False)  # on that page his stood beside hers alone
    assert BENS in (texts_of(cast.ben)[0] or "")
    note = db.session.scalars(select(Note)).one()
    assert vault.unseal(note.couple_id, "notes.text", note.id, note.text) == AGREED
    assert accounts.sign_in(address_of("ben"), PASSPHRASE, None)


def test_what_both_have_in_common_goes_with_the_second_of_them(lived: Flask, cast: Cast, wall: Wall) -> None:
    erase(cast, wall, cast.ana)
    erase(cast, wall, cast.ben)
    forget()
    note = db.session.scalars(select(Note)).one()
    with pytest.raises(vault.Erased):
        vault.unseal(note.couple_id, "notes.text", note.id, note.text)
    couple = db.session.scalars(select(Couple).where(Couple.id == cast.couples["ana"])).one()
    assert (couple.names, couple.state, couple.ended_at) == ("A & B", CoupleState.CLOSED, wall.now)


def test_a_hold_keeps_everything_until_it_is_lifted(lived: Flask, cast: Cast, wall: Wall) -> None:
    erasures.ask(cast.ana, PASSPHRASE, LINK)
    approvals.approve(cast.ines, erasure_id_of(cast.ana))
    holds.place(cast.ines, cast.ana.person_id)
    with pytest.raises(NotAllowed, match="records_are_held"):
        approvals.approve(cast.omar, erasure_id_of(cast.ana))
    found = erasures.own(cast.ana, PASSPHRASE)
    assert found is not None
    assert found.is_held
    holds.lift(cast.ines, holds.holds(cast.ines)[0].hold_id)
    approvals.approve(cast.omar, erasure_id_of(cast.ana))
    holds.place(cast.ines, cast.ana.person_id)
    wall.forward(days=30)
    assert erasing.carry_out_due() == 0
    assert opens(cast.ana)
    holds.lift(cast.ines, holds.holds(cast.ines)[0].hold_id)
    assert erasing.carry_out_due() == 1
    with pytest.raises(NotAllowed, match="erased_already"):
        holds.place(cast.ines, cast.ana.person_id)


def test_only_the_owner_places_and_lifts_a_hold(lived: Flask, cast: Cast) -> None:
    holds.place(cast.ines, cast.ana.person_id)
    hold_id = holds.holds(cast.ines)[0].hold_id
    for other in (cast.omar, cast.sol, cast.ana, cast.ben):
        with pytest.raises(NotFound):
            holds.place(other, cast.ana.person_id)
        with pytest.raises(NotFound):
            holds.lift(other, hold_id)
        assert holds.holds(other) == ()


class BrokenOffError(BaseException):
    """The machine went down, which nothing catches."""


@pytest.mark.parametrize("place", ["destroy_key", "after_keys"])
def test_broken_off_in_between_it_is_gone_on_with(
    lived: Flask, cast: Cast, wall: Wall, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    erasures.ask(cast.ana, PASSPHRASE, LINK)
    approve_twice(cast, cast.ana)
    wall.forward(days=14)
    target: tuple[object, str] = (vault, "destroy_key") if place == "destroy_key" else (erasing, "_finish")
    with monkeypatch.context() as patch:
        patch.setattr(*target, _break)
        with pytest.raises(BrokenOffError):
            erasing.carry_out_due()
    db.session.rollback()
    assert approvals.shown(cast.ines)[0].done_at is None
    wall.forward(minutes=1)
    assert erasing.carry_out_due() == 1
    assert texts_of(cast.ana) == [None]
    assert dict(approvals.certificate(cast.ines, erasure_id_of(cast.ana)).destroyed)["forms"] == 1


def _break(*_args: object) -> None:
    raise BrokenOffError


def test_an_erasure_that_fails_holds_no_other_back(
    lived: Flask, cast: Cast, wall: Wall, monkeypatch: pytest.MonkeyPatch
) -> None:
    for viewer in (cast.ana, cast.ben):
        erasures.ask(viewer, PASSPHRASE, LINK)
        approve_twice(cast, viewer)
    wall.forward(days=14)
    failing, destroy = [cast.ana.person_id], vault.destroy_key

    def fail_once(owner_id: UUID) -> None:
        if owner_id in failing:
            failing.remove(owner_id)
            raise DatabaseBusy
        destroy(owner_id)

    monkeypatch.setattr(vault, "destroy_key", fail_once)
    with capture_logs() as logs:
        assert erasing.carry_out_due() == 1
    assert [(told["part"], told["kind"]) for told in logs] == [("erasure", "DatabaseBusy")]
    assert (opens(cast.ana), texts_of(cast.ben)) == (True, [None])
    assert erasing.carry_out_due() == 1
    assert texts_of(cast.ana) == [None]


def test_while_somebody_reads_the_keys_nothing_is_called_destroyed_and_a_later_sweep_goes_on(
    lived: Flask, cast: Cast, wall: Wall, tmp_path: Path
) -> None:
    mailer = Mailer("file:", tmp_path, "Portal", "127.0.0.1")
    erasures.ask(cast.ana, PASSPHRASE, LINK)
    approve_twice(cast, cast.ana)
    wall.forward(days=14)
    with somebody_reading():
        for _ in range(2):
            sweep(mailer, LINK)
            wall.forward(minutes=1)
            [found] = approvals.shown(cast.ines)
            assert (found.stage, found.done_at) == (Stage.APPROVED, None)
            with pytest.raises(NotFound):
                approvals.certificate(cast.ines, found.erasure_id)
            assert texts_of(cast.ana) == [None]
    sweep(mailer, LINK)
    assert approvals.certificate(cast.ines, found.erasure_id).done_at == wall.now


def test_the_certificate_says_how_much_when_and_by_whom_and_nothing_of_what(
    lived: Flask, cast: Cast, wall: Wall
) -> None:
    asked_at = wall.now
    erase(cast, wall, cast.ana)
    found = approvals.certificate(cast.omar, erasure_id_of(cast.ana))
    assert (found.practice_name, found.cause, found.asked_at) == ("Practice North", Cause.OWN, asked_at)
    assert found.approvals == (("Ines", asked_at), ("Omar", asked_at))
    assert found.done_at == wall.now
    assert dict(found.destroyed) == {"forms": 1, "drafts": 1, "lines": 1, "doors": 2, "keys": 1}
    assert not any(word in str(found) for word in ("Ana", OPEN, SECRET, "home.example"))


def test_there_is_no_certificate_before_it_is_done(lived: Flask, cast: Cast) -> None:
    erasures.ask(cast.ana, PASSPHRASE, LINK)
    with pytest.raises(NotFound):
        approvals.certificate(cast.ines, erasure_id_of(cast.ana))


def test_each_act_is_on_record_and_the_chain_holds(lived: Flask, cast: Cast, wall: Wall) -> None:
    erasures.ask(cast.ana, PASSPHRASE, LINK)
    erasures.withdraw(cast.ana, PASSPHRASE)
    erase(cast, wall, cast.ana)
    chain = [checked.faults for checked in audit_chain.verify()]
    assert chain
    assert not any(chain)


def test_a_backup_from_before_it_opens_nothing_and_makes_nobody_a_name_or_a_door_again(
    lived: Flask, cast: Cast, wall: Wall, tmp_path: Path
) -> None:
    run(lived, "backup", "--out", tmp_path / "b", "--keys", tmp_path / "k")
    erase(cast, wall, cast.ana)
    run(lived, "backup", "--out", tmp_path / "later", "--keys", tmp_path / "k")
    other = elsewhere(lived, tmp_path / "other")
    with inside(other):
        said = run(other, "restore", tmp_path / "b", "--keys", tmp_path / "k")
        assert "1 open, 1 are erased, 0 do not open" in said
        assert "1 people who had been erased came back with it, and are erased again." in said
        forget()
        assert texts_of(cast.ana) == [None]
        assert BENS in (texts_of(cast.ben)[0] or "")
        assert person(cast.ana).display_name == "A"
        assert accounts.sign_in(address_of("ana"), PASSPHRASE, None) is None
        assert accounts.sign_in(address_of("ben"), PASSPHRASE, None)


def test_an_older_copy_of_the_keys_makes_nobody_readable_who_was_erased_by_then(
    lived: Flask, cast: Cast, wall: Wall, tmp_path: Path
) -> None:
    run(lived, "backup", "--out", tmp_path / "before", "--keys", tmp_path / "older")
    erase(cast, wall, cast.ben)
    erase(cast, wall, cast.ana)
    run(lived, "backup", "--out", tmp_path / "b")
    other = elsewhere(lived, tmp_path / "other")
    with inside(other):
        said = run(other, "restore", tmp_path / "b", "--keys", tmp_path / "older")
        assert "2 people who had been erased came back with it, and are erased again." in said
        assert "0 open, 2 are erased" in said
        assert key_store.keys_of([cast.ana.person_id, cast.ben.person_id, cast.couples["ana"]]) == []
        assert texts_of(cast.ana) == [None]
        assert erasing.repeat_after_restore() == 0
        assert faults() == set()


def test_two_can_not_be_asked_for_at_a_time_whatever_writes(lived: Flask, cast: Cast) -> None:
    erasures.ask(cast.ana, PASSPHRASE, LINK)
    begin_write()
    row = db.session.scalars(select(Erasure)).one()
    with pytest.raises(Exception, match=r"(?i)unique"):
        db.session.execute(
            Erasure.__table__.insert().values(
                id=cast.ana.person_id,
                practice_id=row.practice_id,
                person_id=row.person_id,
                cause="own",
                asked_by=row.person_id,
                asked_at=row.asked_at,
                not_before=row.not_before,
            )
        )
    db.session.rollback()


@pytest.mark.parametrize("values", [{"begun_at": "asked_at"}, {"done_at": "asked_at"}, {"first_at": "asked_at"}])
def test_the_database_lets_nothing_be_erased_without_two_approvals(
    lived: Flask, cast: Cast, values: dict[str, str]
) -> None:
    erasures.ask(cast.ana, PASSPHRASE, LINK)
    begin_write()
    with pytest.raises(Exception, match=r"(?i)check"):
        db.session.execute(update(Erasure).values({name: getattr(Erasure, of) for name, of in values.items()}))
    db.session.rollback()


def test_every_page_of_everybody_else_goes_on_working(databases: Callable[[str], str], tmp_path: Path) -> None:
    with worlds.standing(databases, tmp_path, "erased") as world:
        for viewer in (world.cast.ana, world.cast.ben):
            with world.app.app_context():
                begin_write()
                erasing.make_neutral(db.session.scalars(select(Person).where(Person.id == viewer.person_id)).one())
                db.session.commit()
                vault.destroy_key(viewer.person_id)
                db.session.remove()
            others = [role for role in worlds.ROLES if role not in ("ana", "ben")]
            others += ["ben"] if viewer == world.cast.ana else []
            pages = [entry for entry in TABLE if entry.method == "GET"]
            found = {
                (role, entry.rule): world.browser(role).get(path_of(entry, world.ids))
                for role in others
                for entry in pages
                if role == "ines" or (entry.statuses[worlds.ROLES.index(role)] == 200 and "pdf" not in entry.rule)
            }
            assert {place: reply.status_code for place, reply in found.items() if reply.status_code >= 500} == {}
            couple = found["ines", "/coach/couples/<uuid:couple_id>"].text
            assert ("A &amp; B" in couple, "Ana" in couple) == (True, False)


def test_the_log_of_the_database_tells_nothing_of_who_was_erased(lived: Flask, cast: Cast, wall: Wall) -> None:
    if db.engine.dialect.name != "sqlite":
        pytest.skip("a log of SQLite's")
    erase(cast, wall, cast.ana)
    db.session.remove()
    assert Path(f"{db.engine.url.database}-wal").stat().st_size == 0
