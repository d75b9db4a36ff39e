"""The twin run: one history lived twice, with Ana's private acts and without them, and every byte Ben can get compared.

Both runs stand on a fresh copy of the same database, under the same clock, and draw randomness from a stream for each
actor and act, so that an act that is erased shifts nobody else's. What Ana sends or corrects is itself private until
it opens: in the second run she does so at the end of the evening. Only the opening at 08:00 is in both.
"""

import hashlib
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from uuid import UUID

import flask_wtf.csrf
import time_machine
from flask import Flask
from sqlalchemy import select, text

from portal import create_app, randomness
from portal.extensions import db
from portal.models.assignments import Task
from portal.output.render import Rendered
from portal.services import covers, outbox, supervision
from portal.web.partner import export
from tests import cast as gathered
from tests.conftest import Browser, settings_for
from tests.privacy import acts

EVENING = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)  # 19:00 in Berlin
MORNING = timedelta(hours=12, minutes=59)  # 07:59 in Berlin
OPENING = timedelta(hours=13)
DAYS = (0, 1, 8)  # the third evening comes a week later, with the next check-in
KIND = re.compile(r"<any\([^)]*\):kind>")
TABLES = ("assignments", "responses", "sessions", "notes", "signals", "repetitions")
AWAY = (date(2026, 12, 1), date(2026, 12, 2))  # Ben reads of it from the first evening on
MOST_IDS = 2  # of each table but the tasks, whose ids are all tried
UNKNOWN = UUID("00000000-0000-4000-8000-000000000000")
SIGNED_IN_FOR = timedelta(minutes=9)
OWN = ("/my/", "/account/")  # what is answered to the reader as theirs
STARTS = ("/static", "/healthz", "/readyz")


class LeakError(AssertionError):
    """Ben can tell the two runs apart."""


class BrokenError(AssertionError):
    """A run ended in an error of the server."""


@dataclass(frozen=True)
class Ids:
    """The ids that Ben tries: of his own tasks, of Ana's, and of other rows of both and of the coach."""

    own: tuple[UUID, ...]
    hers: tuple[UUID, ...]
    others: tuple[UUID, ...]


@dataclass
class Seen:
    """What Ben saw at one moment, by the name of the look."""

    moment: str
    looks: dict[str, tuple[object, ...]] = field(default_factory=dict)


def stream(*names: object) -> Callable[[int], bytes]:
    """Bytes that depend on the names alone, and on how many were drawn before."""
    drawn = 0

    def draw(count: int) -> bytes:
        nonlocal drawn
        drawn += 1
        seed = repr((names, drawn)).encode()
        return hashlib.shake_256(seed).digest(count)

    return draw


def _ids_of(table: str) -> list[UUID]:
    rows = db.session.execute(text(f"SELECT id FROM {table} ORDER BY id"))  # noqa: S608 - our own tables
    return [row[0] if isinstance(row[0], UUID) else UUID(str(row[0])) for row in rows]


class House:
    """One run: an app on a database of its own, the browsers of Ana and Ben, and what the coach has given."""

    def __init__(self, url: str, instance: Path) -> None:
        self.app: Flask = create_app(settings_for(url, instance))
        self.browsers: dict[str, Browser] = {}
        self.signed_in: dict[str, datetime] = {}
        self.for_both: list[UUID] = []
        self.for_ana: list[UUID] = []
        with self.inside():
            self.cast = gathered.find()

    @contextmanager
    def inside(self) -> Iterator[None]:
        with self.app.app_context():
            yield
            db.session.remove()

    def browser(self, name: str) -> Browser:
        """Somebody's browser, signed in; it signs in again before the ten idle minutes are over."""
        now = datetime.now(UTC)
        last = self.signed_in.get(name)
        if last is None or now - last > SIGNED_IN_FOR:
            address = "198.51.100.7"  # one home, one address
            client = self.app.test_client()
            client.environ_base["REMOTE_ADDR"] = address
            self.browsers[name] = Browser(client).sign_in(gathered.address_of(name))
        self.signed_in[name] = now
        return self.browsers[name]

    def leave(self, name: str) -> None:
        self.signed_in.pop(name, None)

    def ids(self) -> "Ids":
        with self.inside():
            others = [found for table in TABLES for found in _ids_of(table)[:MOST_IDS]]
            mine = select(Task.id).where(Task.person_id == self.cast.ben.person_id).order_by(Task.id)
            own = tuple(db.session.scalars(mine))
            hers = tuple(found for found in _ids_of("tasks") if found not in own)
            return Ids(own, (*hers, UNKNOWN), (*others, self.cast.ana.person_id, self.cast.couples["ana"]))

    def close(self) -> None:
        with self.app.app_context():
            db.session.remove()
            db.engine.dispose()


@contextmanager
def drawing(*names: object) -> Iterator[None]:
    with randomness.drawn_from(stream(*names)):
        yield


@contextmanager
def form_tokens_from_the_stream() -> Iterator[None]:
    """Flask-WTF draws its tokens from the system: let them come from the actor's stream too."""
    before = flask_wtf.csrf.os
    flask_wtf.csrf.os = SimpleNamespace(urandom=lambda count: randomness.some_bytes(count))
    try:
        yield
    finally:
        flask_wtf.csrf.os = before


@contextmanager
def printed_as_it_is() -> Iterator[None]:
    """A PDF is compared as the HTML that is given to the renderer."""
    before = export.render_pdf
    export.render_pdf = lambda html: Rendered(html.encode(), fallback=False)
    try:
        yield
    finally:
        export.render_pdf = before


class Run:
    """One of the two lives of a history."""

    def __init__(self, house: House, first: "Run | None" = None) -> None:
        self.house = house
        self.first = first
        self.is_twin = first is not None
        self.known: list[Ids] = first.known if first else []
        self.seen: list[Seen] = []
        self.last = 0
        self.answered: dict[str, int] = {}

    def live(self, history: acts.History) -> None:
        with form_tokens_from_the_stream(), time_machine.travel(EVENING, tick=False) as wall:
            self._begin()
            self.last = len(history) - 1
            for number, day in enumerate(history):
                self._evening(wall, number, day)

    def _begin(self) -> None:
        with drawing("colleagues"), self.house.inside():
            cast, account = self.house.cast, "http://127.0.0.1:8000/my/account"
            supervision.begin(cast.ines, cast.couples["ana"], cast.noor.person_id, account)
            covers.arrange(cast.ines, cast.ines.person_id, cast.omar.person_id, *AWAY)
        for number, act in enumerate(acts.BEGINNING):
            self._do(f"begin {number}", act)

    def _evening(self, wall: time_machine.Traveller, number: int, day: tuple[acts.Act, ...]) -> None:
        start = EVENING + timedelta(days=DAYS[number])
        put_off: list[tuple[str, acts.Act, list[UUID]]] = []
        for place, act in enumerate(day):
            wall.move_to(start + timedelta(minutes=12 * (place + 1)))
            name = f"{number}.{place}"
            if self.is_twin and act.kind in acts.UNTIL_THE_MORNING and act.actor == "ana":
                put_off.append((name, act, self.house.for_both.copy()))
            else:
                self._do(name, act)
            if place % 2:
                self._look(f"{name} {act}")
        wall.move_to(start + timedelta(hours=4))
        by_now = self.house.for_both
        for name, act, self.house.for_both in put_off:  # she sends one of the forms that she had when she pressed
            self._do(name, act)
        self.house.for_both = by_now
        for moment, ahead in (("07:59", MORNING), ("08:00", OPENING)):
            wall.move_to(start + ahead)
            self._look(f"{number} {moment}", is_thorough=moment == "08:00" and number == self.last)

    def _do(self, name: str, act: acts.Act) -> None:
        if act.is_private and self.is_twin and act.is_erased:
            return
        with drawing(act.actor, name):
            for status in acts.do(self.house, act, changed=self.is_twin):
                if status >= 500:
                    raise BrokenError(f"{status} after {name} {act}")

    def _look(self, moment: str, *, is_thorough: bool = False) -> None:
        """Ben looks at his pages, and once a day at every address that there is, with every id."""
        place = len(self.seen)
        if not self.is_twin:
            self.known.append(self.house.ids())
        seen = Seen(moment)
        with drawing("ben", "look", place):
            browser = self.house.browser("ben")
        for rule, path in addresses(self.house.app, self.known[place], is_thorough=is_thorough):
            with drawing("ben", place, path):
                self._get(seen, browser, rule, path, is_thorough=is_thorough)
        for path in posted(self.house.app, self.known[place]) if is_thorough else ():
            with drawing("ben", "posts", place, path):
                self._take(seen, f"POST {path}", browser.post(path, {}, page="/help-now"))
        with drawing("ben", "readings", place):
            asked = {"passphrase": gathered.PASSPHRASE}
            self._take(seen, "POST readings", browser.post("/my/account/readings", asked, page="/help-now"))
        for kind in ("json", "csv", "pdf") if is_thorough else ("json",):
            with drawing("ben", "file", kind, place), printed_as_it_is():
                asked = {"passphrase": gathered.PASSPHRASE, "kind": kind}
                self._take(seen, f"POST export {kind}", browser.post("/my/export", asked, page="/help-now"))
        with drawing("ben", "data", place):
            asked = {"passphrase": gathered.PASSPHRASE, "act": "show"}
            self._take(seen, "POST data", browser.post("/my/account/data", asked, page="/help-now"))
        self._mails(seen)
        self.seen.append(seen)
        if self.first is not None:
            compare(self.first.seen[place], seen)

    def _get(self, seen: Seen, browser: Browser, rule: str, path: str, *, is_thorough: bool) -> None:
        reply = browser.get(path)
        self._take(seen, f"GET {path}", reply)
        if reply.status_code != 200:
            return
        self.answered[rule] = self.answered.get(rule, 0) + 1
        if is_thorough:
            with drawing("ben", "head", path):
                self._take(seen, f"HEAD {path}", browser.client.head(path))
                self._take(seen, f"GET {path}?private=show", browser.get(f"{path}?private=show"))

    def _take(self, seen: Seen, name: str, reply) -> None:  # type: ignore[no-untyped-def]
        if reply.status_code >= 500:
            raise BrokenError(f"{reply.status_code} at {name}, {seen.moment}")
        seen.looks[name] = (reply.status_code, tuple(reply.headers), reply.data)

    def _mails(self, seen: Seen) -> None:
        with self.house.inside():
            mine = [mail for mail in outbox.due() if mail.address == gathered.address_of("ben")]
        seen.looks["mail"] = tuple(
            (mail.message, mail.locale, mail.dedupe_key, tuple(mail.words.items()), mail.created_at) for mail in mine
        )


def addresses(app: Flask, ids: Ids, *, is_thorough: bool) -> Iterator[tuple[str, str]]:
    """Addresses that can be asked for: the partners' pages with each of Ben's tasks, or every rule with each id."""
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        is_own, is_each_time = rule.rule.startswith(OWN), rule.rule.startswith("/my/")
        if "GET" not in (rule.methods or ()) or rule.rule.startswith(STARTS) or not (is_each_time or is_thorough):
            continue
        wanted = ids.own + (ids.hers + ids.others) * is_thorough if is_own else ids.others[-1:]
        for path in filled(rule.rule, wanted):
            yield rule.rule, path


def posted(app: Flask, ids: Ids) -> Iterator[str]:
    """The partners' own addresses that take a form and name an id; what is not Ben's own must not be told apart."""
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        if "POST" in (rule.methods or ()) and rule.rule.startswith(OWN) and "<uuid:" in rule.rule:
            yield from filled(rule.rule, ids.hers[-3:])


def filled(rule: str, ids: tuple[UUID, ...]) -> Iterator[str]:
    """A rule's address with every place filled in."""
    path = KIND.sub("privacy", rule.replace("<token>", "unknown"))
    if "<uuid:" not in path:
        yield path
        return
    for one in ids:
        yield "".join(_with_id(path, one))


def _with_id(path: str, one: UUID) -> Iterator[str]:
    head, *rest = path.split("<uuid:")
    yield head
    for part in rest:
        yield str(one) + part.partition(">")[2]


def compare(one: Seen, other: Seen) -> None:
    """Raise LeakError at the first byte that differs."""
    if one.looks.keys() != other.looks.keys():
        raise LeakError(f"{one.moment}: other addresses {one.looks.keys() ^ other.looks.keys()}")
    for name, look in one.looks.items():
        if look != other.looks[name]:
            raise LeakError(f"{one.moment}: {name}\n{_difference(look, other.looks[name])}")


def _difference(one: tuple[object, ...], other: tuple[object, ...]) -> str:
    if len(one) != 3 or len(other) != 3 or not isinstance(one[2], bytes) or not isinstance(other[2], bytes):
        return f"{one}\n{other}"
    place = next((i for i, (a, b) in enumerate(zip(one[2], other[2], strict=False)) if a != b), 0)
    around = slice(max(0, place - 120), place + 120)
    heads = [sorted(set(a[1]) - set(b[1])) for a, b in ((one, other), (other, one))]  # type: ignore[call-overload]
    return f"{one[0]} {heads[0]} {one[2][around]!r}\n{other[0]} {heads[1]} {other[2][around]!r}"


def lived_twice(history: acts.History, databases: Callable[[str], str], folder: Path) -> Run:
    """Live a history twice and compare; gives the first run. Raises LeakError and BrokenError."""
    first = _live(Run(House(databases("twin_one"), folder / "one")), history)
    _live(Run(House(databases("twin_two"), folder / "two"), first), history)
    return first


def _live(run: Run, history: acts.History) -> Run:
    try:
        run.live(history)
    finally:
        run.house.close()
    return run
