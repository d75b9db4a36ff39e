"""Moving a practice in, from the lines that another house gave: all of it in one transaction, or nothing.

Rows keep their ids, for texts are bound to them. Keys are wrapped anew, names at the door hashed anew, and the audit
trail is chained anew, all by this house's own secrets.
"""

import base64
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby, islice
from operator import itemgetter
from typing import Any
from uuid import UUID

from sqlalchemy import Date, LargeBinary, Table, Uuid, insert, select
from sqlalchemy.exc import IntegrityError

from portal.domain.errors import Invalid
from portal.domain.people import SignInKind
from portal.extensions import begin_write, db, work_for
from portal.models.audit import AuditEvent
from portal.models.columns import Instant
from portal.models.practices import Practice
from portal.models.users import Person, SignIn
from portal.services import audit, health, passphrases, tenants, vault
from portal.services.moving_out import FORM, MoveError, tables
from portal.services.practices import add_sign_in
from portal.services.transactions import give_up
from portal.services.vault import OpenKey, VaultError

AT_ONCE = 500
READ: Mapping[type, Callable[[Any], Any]] = {
    Instant: datetime.fromisoformat,
    Date: date.fromisoformat,
    Uuid: UUID,
    LargeBinary: base64.b64decode,
}
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class MovedIn:
    """How many rows of each kind came in, and whose name at the door is another here: name shown, and user name."""

    rows: Mapping[str, int]
    renamed: tuple[tuple[str, str], ...]


def move_in(parts: Iterable[bytes]) -> MovedIn:
    """Take in what `moving_out.lines` gave. Raises MoveError; whatever is raised, nothing was written."""
    lines = _lines(parts)
    practice_id = _checked(next(lines, {}))
    try:
        return _take_in(practice_id, lines)
    except IntegrityError as error:
        raise MoveError("an id in it is taken here already") from error
    except VaultError as refusal:
        raise MoveError(str(refusal)) from refusal
    finally:
        give_up()


def _lines(parts: Iterable[bytes]) -> Iterator[Row]:
    waiting = b""
    for part in parts:
        *whole, waiting = (waiting + part).split(b"\n")
        yield from map(json.loads, whole)


def _checked(first: Row) -> UUID:
    """The practice of which a bundle is, where its first line fits this house."""
    head, here = first.get("bundle", {}), health.database_revision()
    if head.get("form") != FORM:
        raise MoveError("it is of another form than this version of the portal reads")
    if head["revision"] != here:
        raise MoveError(f"it is of version {head['revision']}, and this database stands at {here or 'nothing'}")
    practice_id = UUID(head["practice_id"])
    if tenants.ids(Practice.id == practice_id):
        raise MoveError("the practice is here already")
    return practice_id


def _take_in(practice_id: UUID, lines: Iterator[Row]) -> MovedIn:
    work_for(practice_id)
    begin_write()
    counts: Counter[str] = Counter()
    apart = _insert_all(lines, counts)
    if [counts] != apart.pop("end"):
        raise MoveError("it is not whole")
    found, destroyed = [_key(row) for row in apart["data_keys"]], dict(map(_gone, apart["destroyed_owners"]))
    vault.hold_keys(found)
    renamed = _open_doors([row for row in apart[SignIn.__tablename__] if row["person_id"] not in destroyed])
    audit.record_again(practice_id, apart[AuditEvent.__tablename__])
    audit.record_before_sign_in(practice_id, None, "practice:moved_in", practice_id)
    db.session.flush()
    vault.take_in(practice_id, found, destroyed)  # last, for they lie in another database
    db.session.commit()
    return MovedIn(counts, renamed)


def _insert_all(lines: Iterator[Row], counts: Counter[str]) -> dict[str, list[Row]]:
    """Put rows into their tables; gives those that are made anew, by their kind."""
    known = {table.name: table for table in tables()}
    apart: dict[str, list[Row]] = defaultdict(list)
    for name, several in groupby((next(iter(one.items())) for one in lines), key=itemgetter(0)):
        rows = (_read(known[name], row) if name in known else row for _, row in several)
        while some := list(islice(rows, AT_ONCE)):
            if name != "end":
                counts[name] += len(some)
            if name in known and name not in (SignIn.__tablename__, AuditEvent.__tablename__):
                db.session.execute(insert(known[name]), some)
            else:
                apart[name] += some
    return apart


def _read(table: Table, row: Row) -> Row:
    found = {name: _value(table.c[name].type, value) for name, value in row.items()}
    return found | {"moved_out_at": None} if table is Practice.__table__ else found


def _value(kind: object, value: Any) -> Any:
    read = READ.get(type(kind))
    return value if value is None or read is None else read(value)


def _key(row: Row) -> OpenKey:
    return OpenKey(UUID(row["owner_id"]), row["number"], row["kind"], base64.b64decode(row["key"]))


def _gone(row: Row) -> tuple[UUID, datetime]:
    return UUID(row["owner_id"]), datetime.fromisoformat(row["destroyed_at"])


def _open_doors(rows: list[Row]) -> tuple[tuple[str, str], ...]:
    """Let each name at the door stand for its person, hashed anew; gives who had none left and was given another."""
    everybody = {row["person_id"] for row in rows}
    people = {person.id: person for person in db.session.scalars(select(Person).where(Person.id.in_(everybody)))}
    inside = {row["person_id"] for row in rows if _opens(people[row["person_id"]], SignInKind(row["kind"]))}
    return tuple(_renamed(people[person_id]) for person_id in everybody - inside)


def _opens(person: Person, kind: SignInKind) -> bool:
    place, sealed = ("user_name", person.user_name) if kind is SignInKind.USER_NAME else ("address", person.address)
    try:
        add_sign_in(person, vault.unseal(person.id, f"people.{place}", person.id, sealed or b""), kind)
    except Invalid:
        return False
    return True


def _renamed(person: Person) -> tuple[str, str]:
    """Another name at the door, as for whoever is invited at an address that opens one already."""
    chosen = passphrases.user_name_offered()
    add_sign_in(person, chosen, SignInKind.USER_NAME)
    person.user_name = vault.seal(person.id, "people.user_name", person.id, chosen)
    return person.display_name, chosen
