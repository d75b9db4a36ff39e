"""A practice's texts: those in force, kept in memory between requests, and the versions that its owner publishes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, Row, Select, func, select

from portal import clock, content, randomness
from portal.domain.consent import PracticeRole, RoleDuties, check_duties
from portal.domain.errors import Conflict, NotFound
from portal.domain.people import Viewer
from portal.domain.roles import check_owner
from portal.domain.texts import NOTICES, TextKind, check_body, tidy
from portal.extensions import begin_write, db, work_for
from portal.models.consents import PracticeText
from portal.models.practices import Practice
from portal.models.users import Person
from portal.services import audit, scope, tenants


@dataclass(frozen=True, slots=True)
class InForce:
    """One text as it holds now. Version 0 is what the portal came with, before a practice published any."""

    version: int
    body: str
    is_shipped: bool
    published_at: datetime | None = None
    duties: RoleDuties | None = None  # of the consent text alone


@dataclass(frozen=True, slots=True)
class Texts:
    """The texts of one practice that are in force; the same for everybody in it."""

    by_kind: Mapping[TextKind, InForce]

    def __getitem__(self, kind: TextKind) -> InForce:
        return self.by_kind[kind]

    @property
    def notices(self) -> tuple[TextKind, ...]:
        """The notices that the practice has written."""
        return tuple(kind for kind in NOTICES if self.by_kind[kind].body)


@dataclass(frozen=True, slots=True)
class Version:
    """One version as its practice's staff reads it; `by` is nobody for what the portal came with."""

    number: int
    body: str
    is_shipped: bool
    published_at: datetime
    by: str | None
    duties: RoleDuties | None


_KEPT: WeakKeyDictionary[Engine, dict[UUID, tuple[datetime | None, Texts]]] = WeakKeyDictionary()


def known(practice_id: UUID, texts_at: datetime | None) -> Texts:
    """The texts of a practice whose last publication was then; the database is asked only once it was another.

    The practice is one that is worked for.
    """
    kept = _KEPT.setdefault(db.engine, {})
    found = kept.get(practice_id)
    if found is None or found[0] != texts_at:
        found = texts_at, _in_force(practice_id)
        kept[practice_id] = found
    return found[1]


def _in_force(practice_id: UUID) -> Texts:
    own = select(PracticeText).where(PracticeText.practice_id == practice_id).order_by(PracticeText.version)
    newest = {TextKind(row.kind): as_in_force(row) for row in db.session.scalars(own)}
    return Texts({kind: newest.get(kind) or InForce(0, shipped(kind), is_shipped=True) for kind in TextKind})


def as_in_force(row: PracticeText) -> InForce:
    """A row as the text that it holds."""
    return InForce(row.version, row.body, row.is_shipped, row.published_at, _duties(row))


def _duties(row: PracticeText) -> RoleDuties | None:
    if row.practice_role is None:
        return None
    role = PracticeRole(row.practice_role)
    return RoleDuties(role, row.mandated_reporter, row.duty_to_protect, row.local_rule_note)


def shipped(kind: TextKind) -> str:
    """What the portal comes with; nothing for a notice."""
    return tidy(content.texts()[kind])


def of_reader(viewer: Viewer | None) -> Texts | None:
    """The texts of the viewer's practice; for nobody, those of the only practice that lives here, if it is one."""
    if viewer is None:
        work_for(None)  # a name that was typed just before may have led to its practice, and nobody is to see that
    own = Practice.id == viewer.practice_id if viewer else tenants.AT_HOME
    rows = db.session.execute(select(Practice.id, Practice.texts_at).where(own).limit(2)).all()
    if len(rows) != 1:
        return None
    work_for(rows[0].id)
    return known(rows[0].id, rows[0].texts_at)


def begin_with_shipped(practice: Practice) -> None:
    """Give a new practice the consent text that the portal comes with, as its first version. The caller commits."""
    db.session.add(_row(practice.id, TextKind.CONSENT, 1, shipped(TextKind.CONSENT), RoleDuties(), is_shipped=True))


def versions(viewer: Viewer, kind: TextKind) -> tuple[Version, ...]:
    """What was published of a kind, the newest first; for owner and coaches, raises NotFound."""
    if not viewer.role.is_coach:
        raise NotFound
    rows = db.session.execute(_with_names(viewer).where(PracticeText.kind == kind)).all()
    return tuple(_as_version(row) for row in rows)


def version(viewer: Viewer, kind: TextKind, number: int) -> Version:
    """One version; raises NotFound."""
    found = [one for one in versions(viewer, kind) if one.number == number]
    if not found:
        raise NotFound
    return found[0]


def _with_names(viewer: Viewer) -> Select[*tuple[Any, ...]]:
    return (
        select(PracticeText, Person.display_name)
        .outerjoin(Person, Person.id == PracticeText.published_by)
        .where(PracticeText.practice_id == viewer.practice_id)
        .order_by(PracticeText.version.desc())
    )


def _as_version(row: Row[Any]) -> Version:
    text: PracticeText = row.PracticeText
    return Version(text.version, text.body, text.is_shipped, text.published_at, row.display_name, _duties(text))


def publish(viewer: Viewer, kind: TextKind, body: str, read: int, duties: RoleDuties | None = None) -> int:
    """Let a text hold from now on, as a new version; gives its number. For the owner.

    `read` is the version that the owner began from: Conflict "text_changed_meanwhile" where it is another by now.
    `duties` are the consent text's. Raises NotFound, and Invalid for a text that cannot be published.
    """
    body = tidy(body)
    check_body(kind, body)
    said = (duties or RoleDuties()) if kind is TextKind.CONSENT else None
    check_duties(said or RoleDuties())
    begin_write()
    check_owner(viewer)
    practice = scope.own_practice(viewer, is_held=True)  # of two who publish at once, one waits
    newest = _newest(practice.id, kind)
    if newest != read:
        raise Conflict("text_changed_meanwhile")
    row = _row(practice.id, kind, newest + 1, body, said, is_shipped=False)
    row.published_by = viewer.person_id
    practice.texts_at = _later(row.published_at, practice.texts_at)
    db.session.add(row)
    audit.record(viewer, "text:consent_published" if kind is TextKind.CONSENT else "text:published", row.id)
    db.session.commit()
    return row.version


def _later(now: datetime, before: datetime | None) -> datetime:
    """An instant by which this publication is told from the one before, whatever the clock says."""
    return now if before is None else max(now, before + timedelta(microseconds=1))


def _newest(practice_id: UUID, kind: TextKind) -> int:
    own = (PracticeText.practice_id == practice_id, PracticeText.kind == kind)
    return db.session.scalar(select(func.max(PracticeText.version)).where(*own)) or 0


def _row(
    practice_id: UUID, kind: TextKind, number: int, body: str, duties: RoleDuties | None, *, is_shipped: bool
) -> PracticeText:
    row = PracticeText(
        id=randomness.new_id(),
        practice_id=practice_id,
        kind=kind,
        version=number,
        body=body,
        is_shipped=is_shipped,
        published_at=clock.now(),
    )
    if duties is not None:
        row.practice_role, row.local_rule_note = duties.practice_role, duties.local_rule_note.strip()
        row.mandated_reporter, row.duty_to_protect = duties.mandated_reporter, duties.duty_to_protect
    return row


def shown_to_staff(viewer: Viewer) -> Texts:
    """The texts in force, for the list that owner and coaches read; raises NotFound."""
    if not viewer.role.is_coach:
        raise NotFound
    return known(viewer.practice_id, scope.own_practice(viewer).texts_at)
