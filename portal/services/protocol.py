"""What is done about a flag: a page of its own, seven steps noted line by line, and the day it is looked at again.

A line is never changed or removed; a later one adds. That it was noted, by whom and when, goes on record as well.
"""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select

from portal import clock, randomness
from portal.domain.errors import Invalid, NotAllowed
from portal.domain.people import Viewer
from portal.domain.safety import ProtocolStep, SignalKind
from portal.extensions import begin_write, db
from portal.models.safety import ProtocolLine, Signal
from portal.models.users import Person
from portal.services import audit, safety, scope, vault
from portal.services.safety import SignalShown

LONGEST_LINE = 1_000


@dataclass(frozen=True, slots=True)
class LineShown:
    """That a step was taken, by whom and when; `text` is what they wrote with it, if anything."""

    step: ProtocolStep
    text: str | None
    name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class FlagShown:
    """One entry on a page of its own: what was told, and what was noted since, the oldest first."""

    signal: SignalShown
    lines: tuple[LineShown, ...]
    is_to_be_reviewed: bool

    @property
    def has_protocol(self) -> bool:
        return self.signal.kind is SignalKind.FLAG

    def of_step(self, step: ProtocolStep) -> tuple[LineShown, ...]:
        return tuple(line for line in self.lines if line.step is step)


def open_flag(viewer: Viewer, signal_id: UUID) -> None:
    """Say that one has it before one's eyes: no mail reminds of it from then on. Raises NotFound."""
    begin_write()
    _opened(viewer, signal_id)
    audit.record(viewer, "signal:opened", signal_id)
    db.session.commit()


def look_at(viewer: Viewer, signal_id: UUID) -> FlagShown:
    """Read one entry, with how its author can be reached while it is open; both go on record. Raises NotFound."""
    begin_write()
    (found,) = safety.with_ways(viewer, [safety.signal(viewer, signal_id)], *SignalKind)
    lines = _lines(found)
    audit.record(viewer, "signal:read", signal_id)
    is_due = found.closed_at is None and found.review_on is not None and found.review_on <= today(viewer)
    db.session.commit()
    return FlagShown(found, lines, is_due)


def note(viewer: Viewer, signal_id: UUID, step: ProtocolStep, text: str = "") -> None:
    """Note that a step was taken, with a line of facts or without. Raises Invalid, NotAllowed and NotFound."""
    if len(text) > LONGEST_LINE:
        raise Invalid("too_long", maximum=LONGEST_LINE)
    begin_write()
    signal = _opened(viewer, signal_id)
    _check_open(signal)
    line_id, written = randomness.new_id(), text.strip()
    db.session.add(
        ProtocolLine(
            id=line_id,
            practice_id=signal.practice_id,
            signal_id=signal.id,
            step=step,
            line=vault.seal(signal.couple_id, "protocol_lines.line", line_id, written) if written else None,
            noted_by=viewer.person_id,
            noted_at=clock.now(),
        )
    )
    audit.record(viewer, "signal:step_noted", signal.id)
    db.session.commit()


def set_review(viewer: Viewer, signal_id: UUID, on: date) -> None:
    """Set the day on which a flag is looked at again; it waits for its coach from then on.

    Raises Invalid for a day that is over, NotAllowed and NotFound.
    """
    begin_write()
    signal = _opened(viewer, signal_id)
    _check_open(signal)
    if on < today(viewer):
        raise Invalid("due_in_the_past")
    signal.review_on = on
    audit.record(viewer, "signal:review_set", signal.id)
    db.session.commit()


def _opened(viewer: Viewer, signal_id: UUID) -> Signal:
    """The row, which counts as opened from now on: whoever acts on it has read it."""
    signal = scope.signal(viewer, signal_id)
    signal.opened_at = signal.opened_at or clock.now()
    return signal


def _check_open(signal: Signal) -> None:
    if signal.kind != SignalKind.FLAG or signal.closed_at is not None:
        raise NotAllowed("no_open_flag")


def today(viewer: Viewer) -> date:
    """Today on the wall of the practice: by it a day to look again has come."""
    return clock.today(scope.own_practice(viewer).zone)


def _lines(shown: SignalShown) -> tuple[LineShown, ...]:
    rows = db.session.execute(
        select(ProtocolLine, Person.display_name)
        .join(Person, Person.id == ProtocolLine.noted_by)
        .where(ProtocolLine.signal_id == shown.signal_id)
        .order_by(ProtocolLine.noted_at, ProtocolLine.id)
    )
    return tuple(
        LineShown(
            ProtocolStep(line.step),
            vault.unseal_or_none(shown.couple_id, "protocol_lines.line", line.id, line.line),
            name,
            line.noted_at,
        )
        for line, name in rows
    )
