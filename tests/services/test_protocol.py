"""What is done about a flag is noted line by line by who may act for the couple: sealed, on record, never changed."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select

from portal.domain.errors import Invalid, NotAllowed, NotFound
from portal.domain.people import Viewer
from portal.domain.safe_ways import SafeWayOfReaching
from portal.domain.safety import ProtocolStep, SignalKind
from portal.extensions import db
from portal.models.audit import AuditEvent
from portal.models.safety import ProtocolLine
from portal.services import covers, erasing, protocol, safe_ways, safety
from tests import weeks
from tests.cast import PASSPHRASE, Cast
from tests.conftest import Wall


def flag(cast: Cast, **raw: str) -> safety.SignalShown:
    weeks.check_in(cast.ines, cast.couples["ana"], cast.ana, **({"x1": "yes"} | raw))
    return safety.signals(cast.ines)[0]


def events(viewer: Viewer) -> list[str]:
    own = select(AuditEvent.event).where(AuditEvent.actor_id == viewer.person_id).order_by(AuditEvent.number)
    return list(db.session.scalars(own))


def test_a_step_is_noted_with_its_line_who_and_when(cast: Cast, wall: Wall) -> None:
    found = flag(cast)
    protocol.note(cast.ines, found.signal_id, ProtocolStep.CONTACT, " Called at noon. ")
    later = wall.forward(hours=2)
    protocol.note(cast.ines, found.signal_id, ProtocolStep.READ)
    shown = protocol.look_at(cast.ines, found.signal_id)
    assert [(line.step, line.text, line.name) for line in shown.lines] == [
        (ProtocolStep.CONTACT, "Called at noon.", "Ines"),
        (ProtocolStep.READ, None, "Ines"),
    ]
    assert shown.lines[1].at == later
    assert shown.of_step(ProtocolStep.READ) == shown.lines[1:]
    assert shown.signal.not_noted == tuple(ProtocolStep)[2:]
    assert events(cast.ines)[-4:] == ["signal:step_noted", "signal:step_noted", "safe_way:read", "signal:read"]


def test_the_look_at_how_somebody_can_be_reached_is_on_record_while_it_is_open(cast: Cast) -> None:
    found = flag(cast)
    safe_ways.say(cast.ana, PASSPHRASE, SafeWayOfReaching(words="At work"))
    assert protocol.look_at(cast.ines, found.signal_id).signal.way == SafeWayOfReaching(words="At work")
    safety.close(cast.ines, found.signal_id, "Spoke alone")
    assert protocol.look_at(cast.ines, found.signal_id).signal.way is None
    assert events(cast.ines)[-4:] == ["safe_way:read", "signal:read", "signal:closed", "signal:read"]


def test_a_line_is_sealed(cast: Cast) -> None:
    protocol.note(cast.ines, flag(cast).signal_id, ProtocolStep.REFER, "The house by the river")
    sealed = db.session.scalars(select(ProtocolLine.line)).one()
    assert sealed is not None
    assert b"river" not in sealed


def test_a_later_line_adds_and_takes_nothing_away(cast: Cast, wall: Wall) -> None:
    found = flag(cast)
    for text in ("First", "Second"):
        protocol.note(cast.ines, found.signal_id, ProtocolStep.REFER, text)
        wall.forward(minutes=1)
    assert [line.text for line in protocol.look_at(cast.ines, found.signal_id).lines] == ["First", "Second"]


def test_whoever_notes_something_has_read_it(cast: Cast) -> None:
    found = flag(cast)
    protocol.note(cast.ines, found.signal_id, ProtocolStep.READ)
    assert not safety.waiting(cast.ines)


def test_opening_goes_on_record_and_is_what_no_longer_waits(cast: Cast, wall: Wall) -> None:
    found = flag(cast)
    protocol.look_at(cast.ines, found.signal_id)
    assert safety.waiting(cast.ines)
    protocol.open_flag(cast.ines, found.signal_id)
    assert not safety.waiting(cast.ines)
    assert events(cast.ines)[-1] == "signal:opened"


def test_who_covers_may_do_all_of_it_and_nobody_else_any(cast: Cast, wall: Wall) -> None:
    found = flag(cast)
    acts = (
        lambda viewer: protocol.look_at(viewer, found.signal_id),
        lambda viewer: protocol.open_flag(viewer, found.signal_id),
        lambda viewer: protocol.note(viewer, found.signal_id, ProtocolStep.READ),
        lambda viewer: protocol.set_review(viewer, found.signal_id, date(2026, 12, 1)),
    )
    for other in (cast.omar, cast.noor, cast.mira, cast.sol, cast.ana, cast.ben):
        for act in acts:
            with pytest.raises(NotFound):
                act(other)
    today = wall.now.date()
    covers.arrange(cast.ines, cast.ines.person_id, cast.omar.person_id, today, today)
    for act in acts:
        act(cast.omar)


def test_a_day_to_look_again_waits_from_that_day_on_until_another_is_set(cast: Cast, wall: Wall) -> None:
    found = flag(cast)
    protocol.set_review(cast.ines, found.signal_id, date(2026, 11, 26))
    assert not safety.waiting(cast.ines, date(2026, 11, 25))
    assert safety.waiting(cast.ines, date(2026, 11, 26))
    wall.to(datetime(2026, 11, 25, 23, 30, tzinfo=UTC))  # it is the 26th on the practice's wall
    assert protocol.look_at(cast.ines, found.signal_id).is_to_be_reviewed
    with pytest.raises(Invalid):
        protocol.set_review(cast.ines, found.signal_id, date(2026, 11, 25))
    protocol.set_review(cast.ines, found.signal_id, date(2026, 12, 3))
    assert not safety.waiting(cast.ines)


def test_a_closed_flag_waits_for_nothing_and_takes_no_more_lines(cast: Cast, wall: Wall) -> None:
    found = flag(cast)
    protocol.set_review(cast.ines, found.signal_id, date(2026, 11, 26))
    safety.close(cast.ines, found.signal_id, "Spoke alone")
    wall.forward(days=7)
    assert not safety.waiting(cast.ines)
    assert not protocol.look_at(cast.ines, found.signal_id).is_to_be_reviewed
    with pytest.raises(NotAllowed):
        protocol.note(cast.ines, found.signal_id, ProtocolStep.REFER)
    with pytest.raises(NotAllowed):
        protocol.set_review(cast.ines, found.signal_id, wall.now.date() + timedelta(days=9))


@pytest.mark.parametrize("raw", [{"x1": "rather_not"}, {"x1": "no", "x3": "soon"}])
def test_what_is_no_flag_has_no_protocol(cast: Cast, raw: dict[str, str]) -> None:
    found = flag(cast, **raw)
    assert found.kind is not SignalKind.FLAG
    assert not protocol.look_at(cast.ines, found.signal_id).has_protocol
    with pytest.raises(NotAllowed):
        protocol.note(cast.ines, found.signal_id, ProtocolStep.READ)
    assert found.not_noted == ()


def test_a_line_that_is_too_long_is_refused(cast: Cast) -> None:
    with pytest.raises(Invalid):
        protocol.note(cast.ines, flag(cast).signal_id, ProtocolStep.READ, "x" * 1001)
    assert db.session.scalar(select(func.count(ProtocolLine.id))) == 0


def test_what_was_noted_goes_with_its_person(cast: Cast) -> None:
    protocol.note(cast.ines, flag(cast).signal_id, ProtocolStep.READ, "Read at noon")
    erasing.erase_here(cast.ana.person_id)
    assert db.session.scalar(select(func.count(ProtocolLine.id))) == 0
