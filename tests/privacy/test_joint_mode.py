"""The turned screen under the same proof: whatever Ana and the coach do in private, every byte there stays the same.

A history is lived twice, as for Ben, and the coach's browser looks: before the session begins, as it begins, in the
middle of it, and after the hour was closed on that very screen. What both share or mark for the session is in both.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import time_machine
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from portal.domain.disclosure import Disclosure
from portal.domain.sessions import SessionKind
from portal.extensions import db
from portal.models.safety import Signal
from portal.models.sessions import Session
from portal.output.render import Rendered
from portal.services import joint_facts, joint_mode, notes, session_lines, session_material, sessions
from portal.services.sessions import NewSession
from portal.web.coach import briefs as pages
from tests.cast import address_of
from tests.conftest import Browser
from tests.privacy import acts, looks, twin
from tests.privacy.acts import Act
from tests.privacy.acts_on_forms import send_off, task_of
from tests.privacy.twin import EVENING, House, LeakError, Seen, drawing
from tests.privacy.typed_forms import CANARY, typed, value_of

STARTS = EVENING + timedelta(days=1)
SLOT = timedelta(minutes=12)
TOGETHER = "/coach/together"
JOINT = ("", "/brief.pdf", "/close", "/leave")
AT_AN_HOUR_OF_HERS = {"next_day": "2026-11-28", "next_time": "19:12"}  # of the session that `FULL` plans for Ana alone
AGREED = {"agreed_1": "Ten minutes after supper", **AT_AN_HOUR_OF_HERS}
MARKED = (Disclosure.SHARED, Disclosure.SESSION)
History = tuple[tuple[Act, ...], tuple[Act, ...]]  # the evening before, and the hour itself
NOT_ASKED = ("/static", "/healthz", "/readyz")


def _private() -> st.SearchStrategy[Act]:
    return st.one_of(*(acts.some(actor, kinds) for actor, kinds in acts.PRIVATE.items()))


def histories() -> st.SearchStrategy[History]:
    """Five private acts on the evening before, two in the hour."""
    return st.tuples(
        st.lists(_private(), min_size=5, max_size=5).map(tuple), st.lists(_private(), min_size=2, max_size=2).map(tuple)
    )


FULL: History = (
    (
        Act("coach", "session_ana", 4),  # at 19:12 on Saturday
        Act("coach", "reminder", 3),
        Act("coach", "assign_ana", 5),
        Act("ana", "send_alone", 0),
        Act("ana", "correct", 0),
        Act("ana", "correct", 1),
        Act("coach", "read_ana"),
        Act("coach", "review_ana", 2, is_erased=False),
        Act("ana", "settings", 4),
        Act("ana", "own_data", 3),
    ),
    (Act("ana", "correct", 1, is_erased=False), Act("ana", "draft", 2), Act("coach", "close_signals", 5)),
)


class Run:
    """One of the two lives of a history, and what the turned screen showed in it."""

    def __init__(self, house: House, first: "Run | None" = None) -> None:
        self.house, self.first = house, first
        self.ids: dict[str, list[UUID]] = first.ids if first else {}
        self.seen: list[Seen] = []
        self.session_id = UUID(int=0)
        self.screen: Browser | None = None

    def live(self, history: History) -> None:
        evening, hour = history
        with twin.form_tokens_from_the_stream(), printed_as_it_is(), time_machine.travel(EVENING, tick=False) as wall:
            self._begin()
            for place, act in enumerate(evening):
                wall.move_to(EVENING + SLOT * (place + 1))
                self._do(f"evening {place}", act)
            wall.move_to(STARTS - timedelta(minutes=5))
            self._turn()
            self._look("before it begins")
            wall.move_to(STARTS)
            self._look("as it begins", is_thorough=True)
            self._spend(wall, hour)

    def _spend(self, wall: time_machine.Traveller, hour: tuple[Act, ...]) -> None:
        for place, act in enumerate(hour):
            wall.move_to(STARTS + SLOT * (place + 1))
            self._do(f"hour {place}", act)
            self._look(f"hour {place} {act}")
        wall.move_to(STARTS + timedelta(minutes=48))
        self._post("close refused", f"{TOGETHER}/close", {"next_day": "2026-11-28"})
        self._post("close", f"{TOGETHER}/close", AGREED)
        self._post("leave refused", f"{TOGETHER}/leave", {"passphrase": "not the right words"})
        self._look("closed", is_thorough=True)

    def _begin(self) -> None:
        """Both have something to do and a session tomorrow, and both send: what they share and mark, in both lives."""
        for number, act in enumerate((*acts.BEGINNING, Act("coach", "assign_both", 3))):
            self._do(f"begin {number}", act)
        with drawing("coach", "session"), self.house.inside():
            new = NewSession(SessionKind.JOINT, STARTS, 50, "Room 2")
            self.session_id = sessions.plan(self.house.cast.ines, self.house.cast.couples["ana"], new)
        for number in range(len(self.house.for_both)):
            for who in ("ana", "ben"):
                with drawing(who, "sends", number):
                    self._send(who, number)

    def _send(self, who: str, number: int) -> None:
        found = task_of(self.house, who, self.house.for_both, number)
        assert found
        private = number + 1_000 * (who == "ana" and self.first is not None)
        data = typed(found[1], number + 1, private)
        data |= {item.id: value_of(item, number + 1) for item in found[1] if item.disclosure in MARKED}
        data |= {f"{item.id}-disclosure": item.disclosure.value for item in found[1]}
        for status in send_off(self.house.browser(who), found[0], data):
            assert status < 400

    def _do(self, name: str, act: Act) -> None:
        is_twin = self.first is not None
        if act.is_private and is_twin and act.is_erased:
            return
        with drawing(act.actor, name):
            for status in acts.do(self.house, act, changed=is_twin):
                assert status < 500, f"{status} after {name} {act}"

    def _turn(self) -> None:
        with drawing("ines", "turns"):
            self.screen = Browser(self.house.app.test_client()).sign_in(address_of("ines"))
            reply = self.screen.post(f"/coach/sessions/{self.session_id}/turn", page="/coach/account")
        assert reply.location == TOGETHER

    def _look(self, moment: str, *, is_thorough: bool = False) -> None:
        assert self.screen
        if self.first is None and is_thorough:
            known = self.house.ids()
            self.ids[moment] = [*known.hers, *known.others]
        seen = Seen(moment)
        for path in (*(f"{TOGETHER}{page}" for page in JOINT), "/help-now", "/", "/sign-in", "/nothing-here"):
            with drawing("ines", moment, path):
                self._take(seen, f"GET {path}", self.screen.get(path))
                self._take(seen, f"HEAD {path}", self.screen.client.head(path))
        token = {"csrf_token": self.screen.token(f"{TOGETHER}/leave")}
        for method, path in every_address(self.house, self.ids[moment]) if is_thorough else ():
            with drawing("ines", moment, method, path):
                reply = self.screen.client.open(path, method=method, data=token if method == "POST" else None)
                self._take(seen, f"{method} {path}", reply)
        self._compare(seen)

    def _post(self, moment: str, path: str, data: dict[str, object]) -> None:
        assert self.screen
        seen = Seen(moment)
        with drawing("ines", moment):
            self._take(seen, f"POST {path}", self.screen.post(path, data, page=f"{TOGETHER}/leave"))
        self._compare(seen)

    def _take(self, seen: Seen, name: str, reply: Any) -> None:
        assert reply.status_code < 500, name
        seen.looks[name] = (reply.status_code, tuple(reply.headers), reply.data)

    def _compare(self, seen: Seen) -> None:
        self.seen.append(seen)
        if self.first is not None:
            twin.compare(self.first.seen[len(self.seen) - 1], seen)


def every_address(house: House, ids: list[UUID]) -> Iterator[tuple[str, str]]:
    """Every address but those that are open there, and every form, each with another of the ids."""
    for place, rule in enumerate(sorted(house.app.url_map.iter_rules(), key=lambda rule: rule.rule)):
        view = house.app.view_functions[rule.endpoint]
        if rule.rule.startswith(NOT_ASKED) or getattr(view, "open_to_both", False):
            continue
        for method in sorted({"GET", "POST"} & (rule.methods or set())):
            for path in looks.filled(rule.rule, (ids[place % len(ids)],)):
                yield method, path


@contextmanager
def printed_as_it_is() -> Iterator[None]:
    """A PDF is compared as the HTML that is given to the renderer."""
    before = pages.render_pdf
    pages.render_pdf = lambda html: Rendered(html.encode(), fallback=False)
    try:
        yield
    finally:
        pages.render_pdf = before


def lived_twice(history: History, databases: Callable[[str], str], folder: Path) -> Run:
    first = _live(Run(House(databases("joint_one"), folder / "one")), history)
    _live(Run(House(databases("joint_two"), folder / "two"), first), history)
    return first


def _live(run: Run, history: History) -> Run:
    try:
        run.live(history)
    finally:
        run.house.close()
    return run


def test_the_turned_screen_is_the_same_whatever_is_private(
    databases: Callable[[str], str], tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    @settings(
        max_examples=max(2, request.config.getoption("--histories") // 5),
        derandomize=not request.config.getoption("--draw"),
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(histories())
    @example(FULL)
    def holds(history: History) -> None:
        lived_twice(history, databases, tmp_path)

    holds()


def test_it_shows_what_both_share_and_mark_and_closes_the_hour(databases: Callable[[str], str], tmp_path: Path) -> None:
    """So that the comparison compares something: a screen that shows nothing would be the same as well."""
    run = lived_twice(FULL, databases, tmp_path)
    shown = {seen.moment: seen.looks for seen in run.seen}
    home = shown["as it begins"][f"GET {TOGETHER}"]
    paper = shown["as it begins"][f"GET {TOGETHER}/brief.pdf"]
    before = shown["before it begins"][f"GET {TOGETHER}"]
    for page in (home, paper):
        assert page[0] == 200
        assert b"Thank you for" in page[2]  # type: ignore[operator]
        assert CANARY.encode() not in page[2]  # type: ignore[operator]
    assert len(home[2]) > len(before[2]) + 100  # type: ignore[arg-type]  # what was marked for the session has opened
    assert shown["close refused"][f"POST {TOGETHER}/close"][0] == 422
    assert shown["close"][f"POST {TOGETHER}/close"][0] == 303
    assert AGREED["agreed_1"].encode() in shown["closed"][f"GET {TOGETHER}"][2]  # type: ignore[operator]
    assert {look[0] for name, look in shown["closed"].items() if TOGETHER not in name and "help" not in name} == {303}
    assert len(shown["closed"]) > 120


# --- the proof of the proof ----------------------------------------------------------------------------------------


def _answers_of_the_coach(patch: pytest.MonkeyPatch) -> None:
    keep = joint_facts.met_by_partner

    def met(versions: Any, at: datetime) -> Any:
        found = keep(versions, at)
        return replace(found, answers=tuple(replace(one, disclosure=Disclosure.SHARED) for one in found.answers))

    patch.setattr(joint_facts, "met_by_partner", met)
    patch.setattr(joint_facts, "may_read", lambda *_asked, **_more: True)


def _notes_of_the_coach(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(notes, "agreed_in", lambda viewer, session_id: _texts(viewer))


def _texts(viewer: Any) -> tuple[str, ...]:
    couples = db.session.scalars(select(Session.couple_id).where(Session.practice_id == viewer.practice_id)).first()
    assert couples
    return tuple(note.text for note in notes.open_threads(viewer, couples))


def _sessions_of_one_are_counted(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(session_material, "number_of", lambda _own, appointments: len(list(appointments)))


def _an_hour_of_hers_is_refused(patch: pytest.MonkeyPatch) -> None:
    keep = sessions._refuse_twice

    def of_any_kind(couple_id: UUID, _kind: SessionKind, starts_at: datetime, but: UUID | None) -> None:
        for kind in SessionKind:
            keep(couple_id, kind, starts_at, but)

    patch.setattr(sessions, "_refuse_twice", of_any_kind)


def _the_next_session_may_be_hers(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(session_lines.SessionLine, "is_joint", property(lambda line: True))
    patch.setattr(sessions, "_refuse_twice", lambda *_asked: None)


def _something_waits(patch: pytest.MonkeyPatch) -> None:
    keep = joint_mode.together

    def together(viewer: Any, session_id: UUID) -> Any:
        found = keep(viewer, session_id)
        waiting = db.session.scalar(select(func.count(Signal.id)).where(Signal.closed_at.is_(None)))
        object.__setattr__(found, "agreed", (*found.agreed, f"{waiting} to look at"))
        return found

    patch.setattr(joint_mode, "together", together)


@pytest.mark.parametrize(
    "plant",
    [
        _answers_of_the_coach,
        _notes_of_the_coach,
        _sessions_of_one_are_counted,
        _an_hour_of_hers_is_refused,
        _the_next_session_may_be_hers,
        _something_waits,
    ],
)
def test_a_planted_leak_is_caught(
    plant: Callable[[pytest.MonkeyPatch], None], databases: Callable[[str], str], tmp_path: Path
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        plant(patch)
        with pytest.raises(LeakError):
            lived_twice(FULL, databases, tmp_path)
