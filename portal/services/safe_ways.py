"""How a partner can be reached safely: said behind the pass phrase, read by who acts for the couple and nobody else.

What stands there is never shown on the way to another page, and whether anything does changes no page of anybody's.
"""

from collections.abc import Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from portal import clock
from portal.domain.accounts import stays_sealed
from portal.domain.errors import Invalid, NotFound
from portal.domain.people import Label, Viewer
from portal.domain.safe_ways import SafeWayOfReaching, check, from_document
from portal.extensions import begin_write, db
from portal.models.couples import Couple, Partnership
from portal.models.safe_ways import SafeWay
from portal.models.users import Person
from portal.services import accounts, audit, scope, vault
from portal.services.vault import VaultError

PLACE = "safe_ways.document"


@dataclass(frozen=True, slots=True)
class Reached:
    """One partner of a couple, with what they said about being reached; None where they said nothing."""

    label: Label
    name: str
    way: SafeWayOfReaching | None


def of(viewer: Viewer, person_id: UUID) -> SafeWayOfReaching | None:
    """How a partner whom the viewer may act for can be reached, None where nothing was said; the look goes on record.

    Raises NotFound.
    """
    begin_write()
    way = look_up(viewer, [person_id]).get(person_id)
    db.session.commit()
    return way


def look_up(viewer: Viewer, person_ids: Iterable[UUID]) -> dict[UUID, SafeWayOfReaching]:
    """The same for several, on the way to something else: by person, of those who said anything. The caller commits.

    Raises NotFound.
    """
    wanted = sorted(set(person_ids))
    mine = scope.couples_to_act_for(viewer).with_only_columns(Couple.id)
    partners = select(Partnership.person_id).where(Partnership.couple_id.in_(mine))
    known = set(db.session.scalars(select(Person.id).where(Person.id.in_(wanted), Person.id.in_(partners))))
    if known != set(wanted):
        raise NotFound
    audit.record_each(viewer, "safe_way:read", wanted)
    rows = db.session.scalars(select(SafeWay).where(SafeWay.person_id.in_(wanted)))
    ways = {row.person_id: _of_row_or_none(row) for row in rows}
    return {person_id: way for person_id, way in ways.items() if way is not None}


def of_couple(viewer: Viewer, couple_id: UUID) -> tuple[Reached, ...]:
    """The same for both partners of a couple, A first; the look goes on record for each. Raises NotFound."""
    begin_write()
    couple = scope.couple(viewer, couple_id, scope.couples_to_act_for)
    rows = db.session.execute(
        select(Partnership.label, Person.id, Person.display_name)
        .join(Person, Person.id == Partnership.person_id)
        .where(Partnership.couple_id == couple.id)
        .order_by(Partnership.label)
    ).all()
    audit.record_each(viewer, "safe_way:read", [row.id for row in rows])
    found = tuple(Reached(Label(row.label), row.display_name, _of_person(row.id)) for row in rows)
    db.session.commit()
    return found


def _of_person(person_id: UUID) -> SafeWayOfReaching | None:
    row = db.session.scalars(select(SafeWay).where(SafeWay.person_id == person_id)).one_or_none()
    return _of_row_or_none(row) if row else None


def own(viewer: Viewer, passphrase: str) -> SafeWayOfReaching:
    """What one has said oneself, or what holds where nothing was said; that it was looked up goes on record.

    Raises Invalid for a wrong pass phrase, and for one that came by mail and that the coach has not vouched for.
    """
    _check_passphrase(viewer, passphrase)
    begin_write()
    found = _of_person(viewer.person_id)
    audit.record(viewer, "safe_way:shown", viewer.person_id)
    db.session.commit()
    return found or SafeWayOfReaching()


def say(viewer: Viewer, passphrase: str, way: SafeWayOfReaching) -> None:
    """Say how one can be reached, in place of what was said before. Raises Invalid as `own` does, or "too_long"."""
    check(way)
    _check_passphrase(viewer, passphrase)
    begin_write()
    person = scope.own_person(viewer)
    row = db.session.scalars(select(SafeWay).where(SafeWay.person_id == person.id).with_for_update()).one_or_none()
    if row is None:
        row = SafeWay(practice_id=person.practice_id, person_id=person.id)
        db.session.add(row)
    row.document = vault.seal_document(person.id, PLACE, person.id, way.to_document())
    row.written_at = clock.now()
    audit.record(viewer, "safe_way:changed", person.id)
    db.session.commit()


def _check_passphrase(viewer: Viewer, passphrase: str) -> None:
    """Whoever reads the mailbox alone must neither learn how somebody is reached nor say it for them."""
    accounts.check_own_passphrase(viewer, passphrase)
    person = scope.own_person(viewer)
    if stays_sealed(person.reset_at, person.vouched_at):
        raise Invalid("stays_sealed")


def without_mail(person_ids: Collection[UUID]) -> frozenset[UUID]:
    """Of these people, who wants no mail about new tasks; one whose words do not open gets what everybody gets."""
    rows = db.session.scalars(select(SafeWay).where(SafeWay.person_id.in_(set(person_ids)))).all()
    with suppress(VaultError):  # one key that does not open; the other people's are looked for one by one
        vault.load_keys(row.person_id for row in rows)
    return frozenset(row.person_id for row in rows if not _wants_mail(row))


def _wants_mail(row: SafeWay) -> bool:
    try:
        way = _of_row_or_none(row)
    except VaultError:
        return True
    return way is None or way.may_mail


def _of_row_or_none(row: SafeWay) -> SafeWayOfReaching | None:
    document = vault.unseal_document_or_none(row.person_id, PLACE, row.person_id, row.document)
    return from_document(document) if document else None
