"""The twin run: one history lived twice, with Ana's private acts and without them, and every byte Ben can get compared.

Both runs stand on a fresh copy of the same database, under the same clock, and draw randomness from a stream for each
actor and act, so that an act that is erased shifts nobody else's. What Ana sends or corrects is itself private until
it opens: in the second run she does so at the end of the evening, or before the coach opens it to both in a session
or takes back what is not sent. Only the opening, at 08:00 or then, is in both.
"""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import time_machine

from portal.services import calendars, covers, supervision
from tests.privacy import acts
from tests.privacy.houses import (
    House,
    Ids,
    copies_from_their_own_streams,
    drawing,
    form_tokens_from_the_stream,
    standing_house,
)
from tests.privacy.looks import LeakError, Look, Seen, addresses, compare

__all__ = ["BrokenError", "House", "LeakError", "Run", "Seen", "addresses", "compare", "drawing", "lived_twice"]

EVENING = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)  # 19:00 in Berlin
MORNING = timedelta(hours=12, minutes=59)  # 07:59 in Berlin
OPENING = timedelta(hours=13)
BETWEEN_ACTS = timedelta(minutes=4)  # what somebody opened by the pass phrase may still stand open at the next look
DAYS = (0, 1, 8)  # the third evening comes a week later, with the next check-in
AWAY = (date(2026, 12, 1), date(2026, 12, 2))  # Ben reads of it from the first evening on


class BrokenError(AssertionError):
    """A run ended in an error of the server."""


class Run:
    """One of the two lives of a history."""

    def __init__(
        self, house: House, first: "Run | None" = None, *, prints: bool = False, turn: int | None = None
    ) -> None:
        self.house = house
        self.prints = prints
        self.turn = turn
        self.first = first
        self.is_twin = first is not None
        self.known: list[Ids] = first.known if first else []
        self.seen: list[Seen] = []
        self.last = 0
        self.answered: Counter[tuple[str, int]] = Counter()
        self.broken: list[str] = []
        self.closed_by: dict[str, set[UUID]] = {}  # by act, what it sent with nothing for the other in it
        self.has_left = False
        self.back_by: dict[str, set[UUID]] = {}  # by act with which she came back, what she could not send

    def live(self, history: acts.History) -> None:
        streams = form_tokens_from_the_stream(), copies_from_their_own_streams()
        with streams[0], streams[1], time_machine.travel(EVENING, tick=False) as wall:
            self._begin()
            self.last = len(history) - 1
            for number, day in enumerate(history):
                self._evening(wall, number, day)

    def _begin(self) -> None:
        with drawing("colleagues"), self.house.inside():
            cast, account = self.house.cast, "http://127.0.0.1:8000/my/account"
            supervision.begin(cast.ines, cast.couples["ana"], cast.noor.person_id, account)
            covers.arrange(cast.ines, cast.ines.person_id, cast.omar.person_id, *AWAY)
            self.house.calendar = f"/calendar/{calendars.make(cast.ben, shows_alone=True)}.ics"
        for number, act in enumerate(acts.BEGINNING):
            self._do(f"begin {number}", act)

    def _evening(self, wall: time_machine.Traveller, number: int, day: tuple[acts.Act, ...]) -> None:
        start = EVENING + timedelta(days=DAYS[number])
        put_off: list[tuple[str, acts.Act, list[UUID]]] = []
        for place, act in enumerate(day):
            wall.move_to(start + BETWEEN_ACTS * (place + 1))
            name = f"{number}.{place}"
            if self.has_left and act.kind in acts.NOT_AFTER_LEAVING.get(act.actor, ()):
                continue
            if act.kind == "leave":
                self.has_left = True
                put_off.clear()  # it was to open, and does not any more
            if self.is_twin and act.kind in acts.UNTIL_THE_MORNING and act.actor == "ana":
                put_off.append((name, act, self.house.for_both.copy()))
            else:
                if act.kind in acts.AFTER_HER_SENDING:
                    self._do_at_last(put_off)
                self._do(name, act)
            if self.has_left and act.kind == "agree_anew":
                self._come_back(name)
            if place % 2:
                self._look(f"{name} {act}")
        wall.move_to(start + timedelta(hours=4))
        self._do_at_last(put_off)
        for moment, ahead in (("07:59", MORNING), ("08:00", OPENING)):
            wall.move_to(start + ahead)
            self._look(f"{number} {moment}", is_thorough=moment == "08:00" and number == self.last)

    def _do_at_last(self, put_off: list[tuple[str, acts.Act, list[UUID]]]) -> None:
        by_now = self.house.for_both
        for name, act, self.house.for_both in put_off:  # she sends one of the forms that she had when she pressed
            self._do(name, act)
        self.house.for_both = by_now
        put_off.clear()

    def _do(self, name: str, act: acts.Act) -> None:
        if act.is_private and self.first is not None and act.is_erased:
            self.house.never_sent |= self.first.closed_by[name]  # nor is it sent otherwise, by a later act
            return
        if self.first is not None and act.kind in acts.SENT_CLOSED and not self.first.closed_by[name]:
            return  # it had been sent already, which the twin does at the end of the evening
        with drawing(act.actor, name):
            statuses = list(acts.do(self.house, act, changed=self.is_twin))
        self.closed_by[name] = set(self.house.sent_closed)
        self.house.sent_closed.clear()
        self.broken += [f"{status} after {name} {act}" for status in statuses if status >= 500]

    def _come_back(self, name: str) -> None:
        """Let her share again once she has agreed anew, in the twin as well, where she had only stopped sharing.

        What was withdrawn from her as she left, given without her, or sent on the evening on which she left is still
        open there: it is never sent.
        """
        if self.first is None:
            if self.house.takes_part("ana"):
                self.back_by[name] = self.house.not_open_to("ana")
                self.has_left = False
        elif name in self.first.back_by:
            self.house.never_sent |= self.first.back_by[name]
            self.has_left = False

    def _look(self, moment: str, *, is_thorough: bool = False) -> None:
        place = len(self.seen)
        if not self.is_twin:
            self.known.append(self.house.ids())
        prints = self.prints and is_thorough
        seen = Look(self.house, self.known[place], place, is_thorough, prints, self.turn).all(moment)
        self.broken += [f"{name}, {moment}" for name in seen.broken]
        self.answered.update(seen.answered)
        self.seen.append(seen)
        if self.first is not None:
            compare(self.first.seen[place], seen)


def lived_twice(
    history: acts.History,
    databases: Callable[[str], str],
    folder: Path,
    *,
    prints: bool = False,
    turn: int | None = None,
) -> Run:
    """Live a history twice and compare; gives the first run. Raises LeakError and BrokenError.

    `prints`: what he takes along as a PDF is printed. `turn`: he looks at a part of all addresses each time, by the
    number of the history; without it at all of them.
    """
    how = {"prints": prints, "turn": turn}
    first = _live(Run(standing_house("one", databases("twin_one"), folder / "one"), **how), history)
    twin = _live(Run(standing_house("two", databases("twin_two"), folder / "two"), first, **how), history)
    if first.broken or twin.broken:
        raise BrokenError(first.broken or twin.broken)
    return first


def _live(run: Run, history: acts.History) -> Run:
    try:
        run.live(history)
    finally:
        run.house.close()
    return run
