"""Everything that Ben can get: what he asks for and posts, what came to him, and how two such looks are compared."""

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote
from zlib import crc32

from flask import Flask

from portal import clock
from portal.domain.people import Label
from portal.domain.session_notes import NoteOf
from portal.domain.sessions import SessionKind
from portal.output.render import Rendered
from portal.services import records, session_notes, shared
from portal.web import worksheets
from portal.web.partner import before_session, booklet, copies, export
from tests import cast as gathered
from tests.conftest import Browser
from tests.privacy.houses import House, Ids, drawing
from tests.privacy.typed_forms import CANARY

OWN = ("/my/", "/account/")  # what is answered to the reader as theirs
STARTS = ("/static", "/healthz", "/readyz")
# whatever a page might make of it: what is private shown in the form, and a search for what Ana wrote
ASKED = f"private=show&q={quote(CANARY)}"
EACH_TIME = ("/my/", "/my/shared")
ONE_OF = re.compile(r"<any\('([^']+)'[^>]*>")  # a place for one of a few words: the first
TURNS = 3  # looks in which each address has its turn, those of EACH_TIME apart
KINDS = ("json", "csv", "pdf", "fhir")
SHOW = {"act": "show"}
BEHIND_THE_PASS_PHRASE: dict[str, dict[str, str]] = {
    "/my/account/readings": {},
    "/my/booklet": {},  # asks for none, and gives a file
    "/my/account/data": SHOW,
    "/my/before-session": SHOW,
    "/my/before-session?as=file": {"act": "file"},
    "/my/account/authorisation": SHOW,
}
JUNK = {"x": "\x00", "version": "999", "narrow": "nothing"}


class LeakError(AssertionError):
    """Ben can tell the two runs apart."""


@dataclass
class Seen:
    """What Ben saw at one moment, by the name of the look; how often each rule was answered 200, and how often 404."""

    moment: str
    looks: dict[str, tuple[object, ...]] = field(default_factory=dict)
    answered: list[tuple[str, int]] = field(default_factory=list)

    def take(self, name: str, reply: Any, rule: str | None = None) -> None:
        self.looks[name] = (reply.status_code, tuple(reply.headers), reply.data)
        if rule:
            self.answered.append((rule, reply.status_code))

    @property
    def broken(self) -> list[str]:
        """What ended in an error of the server."""
        return [name for name, look in self.looks.items() if look and isinstance(look[0], int) and look[0] >= 500]


@dataclass(frozen=True)
class Look:
    """One look of Ben's, the `place`-th of the history. `prints`: pages are made into a PDF, as they would be.

    `turn` numbers the histories, so that of many each looks at its part of the addresses; without it he looks at all.
    """

    house: House
    known: Ids
    place: int
    is_thorough: bool
    prints: bool = False
    turn: int | None = None

    def all(self, moment: str) -> Seen:
        """Ben looks at his pages, and once a history at every address that there is, with every id."""
        seen = Seen(moment)
        with nullcontext() if self.prints else printed_as_it_is():
            self._look(seen)
        return seen

    def _look(self, seen: Seen) -> None:
        with drawing("ben", "look", self.place):
            browser = self.house.browser("ben")
        for number, (method, path, reply) in enumerate(self.house.heard):  # what he himself did since the last look
            seen.take(f"{number} {method} {path}", reply)
        self._pages(seen, browser)
        if self.house.calendar:
            with drawing("ben", "calendar", self.place):
                seen.take("GET calendar", self.house.stranger().get(self.house.calendar))
        self._behind_the_pass_phrase(seen, browser)
        if self.is_thorough:
            self._posts(seen, browser)
            self._handed_out(seen)
        self._mail(seen)
        self.house.heard.clear()

    def _is_due(self, number: int, *, is_his: bool = True) -> bool:
        """Whether an address has its turn: his own by look and history, all there are by history."""
        return self.turn is None or (number + self.turn + self.place * is_his) % TURNS == 0

    def _pages(self, seen: Seen, browser: Browser) -> None:
        met = Counter[str]()  # addresses of a rule have their turn one after another, wherever the rule stands
        for rule, path in addresses(self.house.app, self.known, is_thorough=self.is_thorough):
            met[rule] += 1
            is_due = self._is_due(crc32(rule.encode()) + met[rule], is_his=rule.startswith("/my/"))
            if path not in EACH_TIME and not is_due:
                continue
            with drawing("ben", self.place, path):
                reply = browser.get(path)
            seen.take(f"GET {path}", reply, rule)
            if reply.status_code == 200 and self.is_thorough:
                with drawing("ben", "head", path):
                    seen.take(f"HEAD {path}", browser.client.head(path))
                    seen.take(f"GET {path}?", browser.get(f"{path}?{ASKED}"))

    def _behind_the_pass_phrase(self, seen: Seen, browser: Browser) -> None:
        for number, kind in enumerate(KINDS if self.is_thorough else ("csv",)):
            if not self._is_due(number) and not (self.prints and kind == "pdf"):  # a paper that is printed is looked at
                continue
            with drawing("ben", "file", kind, self.place):
                self._ask(seen, browser, "/my/export", {"kind": kind}, f"POST export {kind}")
        copied = {f"/my/tasks/{task_id}/copy": {} for task_id in self.known.own[: None if self.is_thorough else 2]}
        for number, (path, more) in enumerate([*BEHIND_THE_PASS_PHRASE.items(), *copied.items()]):
            if self._is_due(number):
                with drawing("ben", "asks", path, self.place):
                    self._ask(seen, browser, path, more, f"POST {path}")

    def _ask(self, seen: Seen, browser: Browser, path: str, more: dict[str, str], name: str) -> None:
        asked: dict[str, object] = {"passphrase": gathered.PASSPHRASE, **more}
        seen.take(name, browser.post(path, asked, page="/help-now"))

    def _posts(self, seen: Seen, browser: Browser) -> None:
        """Forms without what they ask for, or with nonsense: with the ids of others, then with his own."""
        for ids, data in ((self.known.hers[-3:], {}), (self.known.own[:2], JUNK)):
            for number, path in enumerate(posted(self.house.app, ids, is_own=bool(data))):
                if self._is_due(number, is_his=False):
                    with drawing("ben", "posts", self.place, path):
                        seen.take(f"POST {path} {len(data)}", browser.post(path, dict(data), page="/help-now"))

    def _handed_out(self, seen: Seen) -> None:
        """What the coach hands to him on paper: his own record, and the joint one as it would be made now."""
        ines, couple_id = self.house.cast.ines, self.house.cast.couples["ana"]
        with drawing("coach", "hands out", self.place), self.house.inside():
            own = records.own_record(ines, couple_id, Label.B, gathered.PASSPHRASE)
            agreed, held = records._agreed(couple_id), records._times_of(couple_id, SessionKind.JOINT)
            of_both = shared.before_both(couple_id, clock.now()), session_notes.of_record(couple_id, NoteOf.JOINT)
            seen.looks["own record"] = (repr(own),)
            seen.looks["joint record"] = (repr((*of_both, agreed, held)),)

    def _mail(self, seen: Seen) -> None:
        """What came to Ben, and what is on its way to him: when, and every byte of it."""
        address = gathered.address_of("ben")
        with self.house.inside():
            seen.looks["came"] = tuple(one for one in self.house.post.gone if one[1] == address)
            seen.looks["to come"] = tuple(self.house.post.to_come(self.house.cast.ben.person_id))


@contextmanager
def printed_as_it_is() -> Iterator[None]:
    """A PDF is compared as the HTML that is given to the renderer."""
    makers = (before_session, booklet, copies, export, worksheets)
    before = [maker.render_pdf for maker in makers]
    for maker in makers:
        maker.render_pdf = lambda html: Rendered(html.encode(), fallback=False)  # type: ignore[assignment]
    try:
        yield
    finally:
        for maker, render_pdf in zip(makers, before, strict=True):
            maker.render_pdf = render_pdf


def addresses(app: Flask, ids: Ids, *, is_thorough: bool) -> Iterator[tuple[str, str]]:
    """Addresses that can be asked for: the partners' pages with each of Ben's tasks, or every rule with each id."""
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        is_own, is_each_time = rule.rule.startswith(OWN), rule.rule.startswith("/my/")
        if "GET" not in (rule.methods or ()) or rule.rule.startswith(STARTS) or not (is_each_time or is_thorough):
            continue
        wanted = ids.own + (ids.hers + ids.others) * is_thorough if is_own else ids.others[-1:]
        for path in filled(rule.rule, wanted):
            yield rule.rule, path


def posted(app: Flask, ids: tuple[Any, ...], *, is_own: bool = False) -> Iterator[str]:
    """The partners' own addresses that take a form and name an id; `is_own`: those that name none too."""
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        has_id = "<uuid:" in rule.rule
        if "POST" in (rule.methods or ()) and rule.rule.startswith(OWN) and (has_id or is_own):
            yield from filled(rule.rule, ids)


def filled(rule: str, ids: tuple[Any, ...]) -> Iterator[str]:
    """A rule's address with every place filled in."""
    path = ONE_OF.sub(r"\1", rule.replace("<token>", "unknown"))
    if "<uuid:" not in path:
        yield path
        return
    for one in ids:
        yield "".join(_with_id(path, one))


def _with_id(path: str, one: Any) -> Iterator[str]:
    head, *rest = path.split("<uuid:")
    yield head
    for part in rest:
        yield str(one) + part.partition(">")[2]


def compare(one: Seen, other: Seen) -> None:
    """Raise LeakError at the first byte that differs."""
    for name, look in one.looks.items():
        if look != other.looks.get(name, look):
            raise LeakError(f"{one.moment}: {name}\n{_difference(look, other.looks[name])}")
    if one.looks.keys() != other.looks.keys():
        raise LeakError(f"{one.moment}: other addresses {one.looks.keys() ^ other.looks.keys()}")


def _difference(one: tuple[object, ...], other: tuple[object, ...]) -> str:
    if len(one) != 3 or len(other) != 3 or not isinstance(one[2], bytes) or not isinstance(other[2], bytes):
        return f"{one}\n{other}"
    place = next((i for i, (a, b) in enumerate(zip(one[2], other[2], strict=False)) if a != b), 0)
    around = slice(max(0, place - 120), place + 120)
    heads = [sorted(set(a[1]) - set(b[1])) for a, b in ((one, other), (other, one))]  # type: ignore[call-overload]
    return f"{one[0]} {heads[0]} {one[2][around]!r}\n{other[0]} {heads[1]} {other[2][around]!r}"
