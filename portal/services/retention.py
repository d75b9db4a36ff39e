"""How long a practice keeps records: its own rule, and whose time is over by it. Nothing is erased by itself."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Row, ScalarSelect, Select, case, func, or_, select, true

from portal import clock, randomness
from portal.domain.erasure import RunsFrom, check_rule, months_after
from portal.domain.errors import NotFound
from portal.domain.people import ENDED, CoupleState, Label, Viewer
from portal.domain.roles import check_owner
from portal.domain.sessions import SessionKind, SessionState
from portal.extensions import begin_write, db
from portal.models.couples import Couple, Partnership
from portal.models.erasures import Erasure, Hold, RetentionRule
from portal.models.responses import Response
from portal.models.sessions import Session
from portal.models.users import Person
from portal.services import audit, later_check_ins, scope


@dataclass(frozen=True, slots=True)
class Rule:
    """Records are kept for so many months from then on; `note` says why, in the practice's words."""

    runs_from: RunsFrom
    months: int
    note: str
    set_at: datetime


@dataclass(frozen=True, slots=True)
class Over:
    """A person whose time is over, and what it ran from."""

    person_id: UUID
    name: str
    since: datetime


def rule(viewer: Viewer) -> Rule | None:
    """The practice's rule, for its owner and coaches; None where it has set none. Raises NotFound."""
    row = _row(viewer)
    return Rule(RunsFrom(row.runs_from), row.months, row.note, row.set_at) if row else None


def _row(viewer: Viewer) -> RetentionRule | None:
    if not viewer.role.is_coach:
        raise NotFound
    own = select(RetentionRule).where(RetentionRule.practice_id == viewer.practice_id)
    return db.session.scalars(own).one_or_none()


def set_rule(viewer: Viewer, runs_from: RunsFrom, months: int, note: str) -> None:
    """Set how long records are kept. For the owner; raises NotFound, and Invalid with `field`."""
    check_rule(months, note)
    begin_write()
    check_owner(viewer)
    scope.own_practice(viewer, is_held=True)  # of two who set the first rule at once, one waits
    row = _row(viewer)
    if row is None:
        row = RetentionRule(id=randomness.new_id(), practice_id=viewer.practice_id)
        db.session.add(row)
    row.runs_from, row.months, row.note = runs_from, months, note.strip()
    row.set_by, row.set_at = viewer.person_id, clock.now()
    audit.record(viewer, "retention:set", row.id)
    db.session.commit()


def over(viewer: Viewer) -> tuple[Over, ...]:
    """Whose time is over, among the partners whom the viewer may see to; held ones and those asked for are left out."""
    found = _row(viewer)
    if found is None:
        return ()
    zone, later = scope.own_practice(viewer).zone, later_check_ins.last_days(viewer)
    return tuple(
        Over(row.id, row.display_name, since)
        for row in db.session.execute(_last_known(viewer))
        if (since := _runs_since(row, RunsFrom(found.runs_from), later.get(row.id))) is not None
        and _is_over(since, found.months, ZoneInfo(zone))
    )


def is_over(viewer: Viewer, person_id: UUID) -> bool:
    """Whether the time of this partner is over."""
    return any(one.person_id == person_id for one in over(viewer))


def _runs_since(row: Row[Any], runs_from: RunsFrom, later: datetime | None) -> datetime | None:
    """From when somebody's time runs: the end of the work, or the last that was heard of them; None while at work.

    Where they wanted to be asked once more `later`, not before that.
    """
    if runs_from is RunsFrom.END_OF_WORK:
        known = [None if row.running else row.ended]
    else:
        known = [row.created_at, row.sent, row.met, row.left]
    since: datetime | None = max((at for at in known if at is not None), default=None)
    return since if since is None or later is None else max(since, later)


def _is_over(since: datetime, months: int, zone: ZoneInfo) -> bool:
    end = months_after(since.astimezone(zone).date(), months)
    return clock.now().astimezone(zone).date() > end


def _last_known(viewer: Viewer) -> Select[*tuple[Any, ...]]:
    """Each partner with the last contact, the end of the work, and how many of their couples are at work still."""
    last_sent = select(func.max(Response.submitted_at)).where(Response.person_id == Person.id).scalar_subquery()
    standing = select(Erasure.person_id).where(Erasure.withdrawn_at.is_(None))
    held = select(Hold.person_id).where(Hold.lifted_at.is_(None))
    return (
        scope.partners(viewer)
        .where(Person.id.not_in(standing), Person.id.not_in(held))
        .with_only_columns(
            Person.id,
            Person.display_name,
            Person.created_at,
            last_sent.label("sent"),
            _last_met().label("met"),
            _of_couples(func.max(Partnership.ended_at)).label("left"),
            _of_couples(func.max(_end_of_work())).label("ended"),
            _of_couples(func.count(), Partnership.ended_at.is_(None), _goes_on()).label("running"),
        )
        .order_by(Person.display_name, Person.id)
    )


def _of_couples(wanted: ColumnElement[Any], *where: ColumnElement[bool]) -> ScalarSelect[Any]:
    """One value over the couples that somebody is or was in."""
    both = select(wanted).select_from(Partnership).join(Couple, Couple.id == Partnership.couple_id)
    return both.where(Partnership.person_id == Person.id, *where).correlate(Person).scalar_subquery()


def _goes_on() -> ColumnElement[bool]:
    """That there is work still: with both, or after a separation with the one who agreed anew."""
    alone = Partnership.withdrawn_at.is_(None) & (Partnership.agreed_anew_at >= Couple.ended_at)
    return Couple.state.not_in(ENDED) | (alone & (Couple.state == CoupleState.SEPARATED))


def _end_of_work() -> ColumnElement[Any]:
    """When it ended for one partner: who left a couple that goes on has ended by then."""
    either = func.coalesce(Partnership.ended_at, Couple.ended_at)
    return case((Couple.ended_at < Partnership.ended_at, Couple.ended_at), else_=either)


def _last_met() -> ScalarSelect[Any]:
    """The last session that somebody came to: one of both or of theirs alone, while they were in the couple."""
    comes = [(Session.kind == kind) & _attends(kind.attending) for kind in SessionKind]
    return (
        select(func.max(Session.starts_at))
        .join(Partnership, Partnership.couple_id == Session.couple_id)
        .where(
            Partnership.person_id == Person.id,
            Session.state != SessionState.CANCELLED,
            Session.starts_at <= clock.now(),
            Session.starts_at >= Partnership.joined_at,
            Partnership.ended_at.is_(None) | (Session.starts_at <= Partnership.ended_at),
            or_(*comes),
        )
        .scalar_subquery()
    )


def _attends(alone: Label | None) -> ColumnElement[bool]:
    return Partnership.label == alone if alone else true()
