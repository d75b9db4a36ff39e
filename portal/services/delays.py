"""How long a name waits at the door after failures: by what was typed, known or not, and by the browser it came from.

Behind the pass phrase, the codes of an app wait likewise, by person and browser: nobody else can make them wait.

A waiting name is never locked, and hammering does not lengthen the wait: what is tried meanwhile is not counted. Every
failure counts for the name and for the browser, whoever is known there: else the wait would tell who was signed in.
"""

from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from uuid import UUID

from sqlalchemy import Delete, Select, Update, bindparam, delete, select, update
from sqlalchemy.dialects.postgresql import Insert, insert

from portal import clock
from portal.domain.accounts import FORGOTTEN_AFTER, LONGEST_WAIT, LONGEST_WAIT_FOR_CODE, same_address, still_waiting
from portal.extensions import ask, keys, put
from portal.models.columns import Instant
from portal.models.doors import DoorDelay


@dataclass(frozen=True, slots=True)
class Waits:
    """What is left to wait: for the name (or the codes) in any browser, and in this very one."""

    name: timedelta
    browser: timedelta
    counted: tuple[bytes, ...]  # the rows that a failure counts in

    @property
    def seconds(self) -> int:
        """Whole seconds until the name may be tried again; 0 for at once."""
        return -(-self.name // timedelta(seconds=1))


def hold(name: str, browser: str) -> Waits:
    """The waits of a name, held against everybody else until the transaction ends: of many at once, few are heard."""
    typed = same_address(name)
    return _hold(keys.lookup(f"name|{typed}"), keys.lookup(f"browser|{browser}|{typed}"), LONGEST_WAIT)


def hold_codes(person_id: UUID, browser: str) -> Waits:
    """The waits of the codes of somebody's app, held likewise; no name that is typed at the door counts here."""
    by_person, by_browser = f"codes|{person_id}", f"codes in browser|{browser}|{person_id}"
    return _hold(keys.lookup(by_person), keys.lookup(by_browser), LONGEST_WAIT_FOR_CODE)


def _hold(by_name: bytes, by_browser: bytes, longest: timedelta) -> Waits:
    now = clock.now()
    put(_forgotten(), before=now - FORGOTTEN_AFTER)
    for lookup in sorted((by_name, by_browser)):  # in one order, so that no two wait for each other
        put(_begun(), lookup=lookup, failures=0, last_at=now)
    rows = {row.lookup: row for row in ask(_held(), name=by_name, browser=by_browser)}
    waits = {lookup: still_waiting(row.failures, row.last_at, now, longest) for lookup, row in rows.items()}
    counted = tuple(lookup for lookup, wait in waits.items() if not wait)
    return Waits(waits[by_name], waits[by_browser], counted)


def count_failure(waits: Waits) -> None:
    """Count a failure wherever there is nothing to wait for. The caller commits."""
    put(_failed(), lookups=waits.counted, now=clock.now())


@cache
def _forgotten() -> Delete:
    return delete(DoorDelay).where(DoorDelay.last_at <= bindparam("before", type_=Instant()))


@cache
def _begun() -> Insert:
    """The words are PostgreSQL's, and SQLite takes them too."""
    return insert(DoorDelay).on_conflict_do_nothing()


@cache
def _held() -> Select[bytes, int, object]:
    both = DoorDelay.lookup.in_((bindparam("name"), bindparam("browser")))
    return (
        select(DoorDelay.lookup, DoorDelay.failures, DoorDelay.last_at)
        .where(both)
        .order_by(DoorDelay.lookup)
        .with_for_update()
    )


@cache
def _failed() -> Update:
    return (
        update(DoorDelay)
        .where(DoorDelay.lookup.in_(bindparam("lookups", expanding=True)))
        .values(failures=DoorDelay.failures + 1, last_at=bindparam("now", type_=Instant()))
    )
