"""The briefs of a day for one coach: asked for, looked at as they are made, cancelled, and handed over at once.

What is made is each session's kept brief (`rendered_briefs`); nothing lies with the pack itself. As it is handed over,
every brief is built anew in scope and on record as read: whoever left is not in it, and a file of data that changed
since is given to nobody.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Select, select, update

from portal import clock, randomness
from portal.domain.brief import Brief
from portal.domain.day_packs import MOST_BRIEFS, MOST_TRIES, Outcome, file_name, instants_of
from portal.domain.errors import Invalid
from portal.domain.people import CoupleState, Viewer
from portal.domain.sessions import SessionState
from portal.extensions import begin_write, db
from portal.models.couples import Couple
from portal.models.day_packs import DayPack, DayPackRow
from portal.models.sessions import Session
from portal.services import audit, scope, session_prep

MOST_LISTED = 10


@dataclass(frozen=True, slots=True)
class PackLine:
    """One brief of it, and what became of it."""

    session_id: UUID
    names: str
    starts_at: datetime
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Pack:
    """The briefs of a day, and how far they have come; `no_longer_own` counts those that the viewer reads no more."""

    pack_id: UUID
    day: date
    asked_at: datetime
    ended_at: datetime | None
    is_cancelled: bool
    lines: tuple[PackLine, ...]
    no_longer_own: int

    @property
    def counts(self) -> Mapping[Outcome, int]:
        return Counter(line.outcome for line in self.lines)

    @property
    def past(self) -> int:
        """How many do not wait any more."""
        return len(self.lines) - self.counts[Outcome.WAITING]


@dataclass(frozen=True, slots=True)
class PackListed:
    """One of the viewer's own in a list."""

    pack_id: UUID
    day: date
    asked_at: datetime
    is_running: bool


@dataclass(frozen=True, slots=True)
class Paper:
    """One brief as its coach may read it now, what its file is called, and the forms that it shows."""

    session_id: UUID
    name: str
    brief: Brief
    shows: tuple[UUID, ...]


def ask(viewer: Viewer, day: date) -> UUID:
    """Ask for the briefs of a day, on the practice's calendar; gives the pack's id.

    Pressed twice, it is asked for once; what is being made for another day ends, and what was made for this one stands
    in no list any more. Raises NotFound for all but coaches,
    and Invalid with `field`.
    """
    begin_write()
    scope.own_person(viewer, is_held=True)  # of two at once one waits, and finds what the other did
    running = db.session.scalars(_own(viewer).where(DayPack.ended_at.is_(None))).one_or_none()
    if running is not None and running.day == day:
        return running.id
    sessions = db.session.scalars(_of_day(viewer, day).limit(MOST_BRIEFS + 1)).all()
    if not sessions:
        raise Invalid("no_session_that_day", field="day")
    if len(sessions) > MOST_BRIEFS:
        raise Invalid("too_many_sessions", field="day", maximum=MOST_BRIEFS)
    if running is not None:
        running.ended_at, running.is_cancelled = clock.now(), True
        db.session.flush()
    own = (DayPack.practice_id == viewer.practice_id, DayPack.asked_by == viewer.person_id, DayPack.day == day)
    db.session.execute(update(DayPack).where(*own).values(is_cancelled=True))  # the new one stands in their place
    pack = DayPack(
        id=randomness.new_id(), practice_id=viewer.practice_id, asked_by=viewer.person_id, day=day,
        asked_at=clock.now(), is_cancelled=False,
    )  # fmt: skip
    db.session.add(pack)
    db.session.flush()
    db.session.add_all(
        DayPackRow(
            id=randomness.new_id(), practice_id=viewer.practice_id, pack_id=pack.id, session_id=session_id,
            position=position, outcome=Outcome.WAITING, tries=0,
        )
        for position, session_id in enumerate(sessions, 1)
    )  # fmt: skip
    audit.record(viewer, "day_pack:asked", viewer.person_id)
    db.session.commit()
    return pack.id


def _of_day(viewer: Viewer, day: date) -> Select[UUID]:
    return _of_that_day(viewer, day).with_only_columns(Session.id).order_by(Session.starts_at, Session.id)


def _of_that_day(viewer: Viewer, day: date) -> Select[Session]:
    """The sessions of a day that stand, of couples of the viewer's in work that goes on."""
    begins, ends = instants_of(day, scope.own_practice(viewer).zone)
    return (
        scope.sessions(viewer, scope.couples_to_act_for)
        .join(Couple, Couple.id == Session.couple_id)
        .where(Session.practice_id == viewer.practice_id, Session.starts_at >= begins, Session.starts_at < ends)
        .where(Session.state != SessionState.CANCELLED, Couple.state != CoupleState.CLOSED)
    )


def _own(viewer: Viewer) -> Select[DayPack]:
    """What a coach asked for; nobody else finds it."""
    own = (DayPack.practice_id == viewer.practice_id, DayPack.asked_by == viewer.person_id)
    return select(DayPack).where(*own)


def packs(viewer: Viewer) -> tuple[PackListed, ...]:
    """What the viewer has asked for and is there still, the latest first."""
    mine = _own(viewer).where(~DayPack.is_cancelled)
    rows = db.session.scalars(mine.order_by(DayPack.asked_at.desc(), DayPack.id).limit(MOST_LISTED)).all()
    return tuple(PackListed(row.id, row.day, row.asked_at, row.ended_at is None) for row in rows)


def shown(viewer: Viewer, pack_id: UUID) -> Pack:
    """How far it has come, and what became of each brief that is the viewer's still.

    Raises NotFound for all but whoever asked for it.
    """
    row = scope.found(_own(viewer).where(DayPack.id == pack_id))
    zone = ZoneInfo(scope.own_practice(viewer).zone)
    of_pack = select(DayPackRow.session_id, DayPackRow.outcome).where(DayPackRow.pack_id == row.id)
    every = dict(db.session.execute(of_pack.order_by(DayPackRow.position)).all())
    mine = (
        _of_that_day(viewer, row.day)
        .where(Session.id.in_(every))
        .with_only_columns(Session.id, Session.starts_at, Couple.names)
    )
    found = {session_id: (starts_at, names) for session_id, starts_at, names in db.session.execute(mine)}
    lines = tuple(
        PackLine(session_id, found[session_id][1], found[session_id][0].astimezone(zone), Outcome(outcome))
        for session_id, outcome in every.items()
        if session_id in found
    )
    left = len(every) - len(lines)
    return Pack(row.id, row.day, row.asked_at, row.ended_at, row.is_cancelled, lines, left)


def cancel(viewer: Viewer, pack_id: UUID) -> None:
    """End what is being made; what was set stays with its sessions. A second time changes nothing."""
    begin_write()
    row = scope.found(_own(viewer).where(DayPack.id == pack_id).with_for_update())
    if row.ended_at is None:
        row.ended_at, row.is_cancelled = clock.now(), True
    db.session.commit()


def papers(viewer: Viewer, pack_id: UUID) -> tuple[Paper, ...]:
    """The briefs that were set, each as the viewer may read it now; nothing goes on record before it is handed over.

    Who left the coach meanwhile, and what was called off, is not among them. Raises NotFound.
    """
    pack = shown(viewer, pack_id)
    there = [line for line in pack.lines if line.outcome is Outcome.SET]
    built = ((place, line, session_prep.unread(viewer, line.session_id)) for place, line in enumerate(there, 1))
    return tuple(
        Paper(line.session_id, file_name(place, line.starts_at), brief, shows) for place, line, (brief, shows) in built
    )


def hand_over(viewer: Viewer, read: Iterable[Paper]) -> None:
    """Put on record that these briefs are read, each with the forms that it shows, as each would be alone."""
    begin_write()
    for paper in read:
        audit.record(viewer, "brief:read", paper.session_id)
        audit.record_each(viewer, "response:read_in_brief", paper.shows)
    db.session.commit()


def make_again(viewer: Viewer, pack_id: UUID, session_ids: Collection[UUID]) -> bool:
    """Let briefs be set once more whose data has changed since; False where that was tried often enough, where another
    day is being made, and for what was cancelled.

    Raises NotFound.
    """
    begin_write()
    pack = scope.found(_own(viewer).where(DayPack.id == pack_id).with_for_update())
    others = select(DayPack.id).where(DayPack.asked_by == viewer.person_id, DayPack.ended_at.is_(None))
    is_first = db.session.scalars(others.where(DayPack.practice_id == viewer.practice_id)).first() is None
    again = update(DayPackRow).where(
        DayPackRow.practice_id == viewer.practice_id,
        DayPackRow.pack_id == pack.id,
        DayPackRow.session_id.in_(session_ids),
    )
    waiting = again.where(DayPackRow.tries < MOST_TRIES).values(outcome=Outcome.WAITING, taken_at=None)
    may = is_first and not pack.is_cancelled
    some = may and db.session.execute(waiting.returning(DayPackRow.id)).first() is not None
    if some:
        pack.ended_at = None
    db.session.commit()
    return some
