"""Pathways for tests: short ways to write one down, any that could be, and walks along them by partners and coach."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from hypothesis import strategies as st

from portal.domain import own_paths
from portal.domain.assignments import For
from portal.domain.errors import Refused
from portal.domain.own_paths import OwnPath, Side, own_path, released, still_open, to_give
from portal.domain.pathway_proposals import to_confirm
from portal.domain.pathways import (
    AfterOwn,
    AtOnce,
    ByCoach,
    OnDay,
    Pathway,
    PathwayStep,
    Release,
    add,
    change,
    confirm,
    reorder,
)
from portal.domain.people import Label
from portal.domain.programme import Audience
from portal.domain.session_facts import Both

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
BERLIN = "Europe/Berlin"
NOBODY_BEGAN = Both(Side(zone=BERLIN), Side(zone=BERLIN))
Act = tuple[str, int]


def step(number: int, release: Release | None = None, given_to: For = For.BOTH, **more: object) -> PathwayStep:
    """The step of this number; a joint one is done together and opened by the coach."""
    audience = Audience.TOGETHER if given_to is For.JOINT else Audience.ALONE
    usual = ByCoach() if given_to is For.JOINT else AtOnce()
    made = PathwayStep(UUID(int=number), UUID(int=100 + number), audience, given_to, release or usual)
    return replace(made, **more)  # type: ignore[arg-type]


def joint(number: int) -> PathwayStep:
    return step(number, given_to=For.JOINT)


def after(number: int, days: int = 0) -> AfterOwn:
    return AfterOwn(UUID(int=number), days)


def ids(*numbers: int) -> tuple[UUID, ...]:
    return tuple(UUID(int=number) for number in numbers)


def side(*done: int, given: Sequence[int] = (), at: datetime = NOW) -> Side:
    """Of somebody in Berlin who has sent these, all at one instant."""
    return Side(frozenset(ids(*given, *done)), dict.fromkeys(ids(*done), at), BERLIN)


def skip(pathway: Pathway, step_id: UUID) -> Pathway:
    """Leave a step out for both, as a coach does with the row of it."""
    return Pathway(tuple(replace(one, is_skipped=one.is_skipped or one.id == step_id) for one in pathway.steps))


def opens_next(path: OwnPath, now: datetime) -> datetime | None:
    """The next instant at which the clock alone opens something for this partner; None where it opens nothing."""
    left = (one for one in path.steps if not path.is_passed(one) and one.id not in path.side.given)
    instants = (own_paths._opens_at(path, one) for one in left)
    return min((instant for instant in instants if instant is not None and instant > now), default=None)


@st.composite
def steps(draw: st.DrawFn, number: int, earlier: Sequence[PathwayStep]) -> PathwayStep:
    """Any step that may follow the earlier ones."""
    given_to = draw(st.sampled_from(For))
    if given_to is For.JOINT:
        return joint(number)
    may_wait_for = [one for one in earlier if set(given_to.labels) <= set(one.given_to.labels)]
    kinds: list[st.SearchStrategy[Release]] = [
        st.builds(AtOnce),
        st.builds(ByCoach),
        st.dates(date(2026, 11, 20), date(2026, 12, 20)).map(OnDay),
    ]
    if may_wait_for:
        waiting = st.builds(AfterOwn, st.sampled_from([one.id for one in may_wait_for]), st.integers(0, 3))
        kinds = [waiting, waiting, *kinds, waiting]  # what hangs together is what can hang
    return step(number, draw(st.one_of(kinds)), given_to)


@st.composite
def pathways(draw: st.DrawFn) -> Pathway:
    found: list[PathwayStep] = []
    for number in range(1, draw(st.integers(1, 7)) + 1):
        found.append(draw(steps(number, found)))
    return Pathway(tuple(found))


OF_PARTNERS = [f"{act}_{label}" for act in ("send", "give") for label in Label]
OF_COACH = ["confirm", "confirm_A", "skip", "skip", "reorder", "add", "change", "change"]
acts = st.lists(
    st.tuples(st.sampled_from([*OF_PARTNERS, *OF_COACH, "clock"]), st.integers(0, 5_000)), min_size=3, max_size=25
)


class Walk:
    """A pathway and both sides of it at an instant; each act is chosen by its number from what lies there."""

    def __init__(self, pathway: Pathway) -> None:
        self.pathway, self.sides, self.now = pathway, NOBODY_BEGAN, NOW
        self.ever_confirmed: set[UUID] = set()

    def path(self, label: Label) -> OwnPath:
        return own_path(self.pathway, label, self.sides.of(label))

    def open_for(self, label: Label) -> tuple[UUID, ...]:
        return still_open(self.path(label), self.now)

    def released(self) -> dict[Label, set[UUID]]:
        return {label: set(released(self.path(label), self.now)) for label in Label}

    def act(self, kind: str, number: int) -> None:
        """What is refused changes nothing, as in the house."""
        name, _, label = kind.partition("_")
        with suppress(Refused):
            getattr(self, f"_{name}")(number, *([Label(label)] if label else []))

    def moves(self) -> Iterator[Act]:
        """All that leads on: what each can send, what the coach can confirm, and a day that comes."""
        for label in Label:
            yield from ((f"send_{label}", place) for place in range(len(self.open_for(label))))
        order = [one.id for one in self.pathway.steps]
        yield from (("confirm", order.index(waiting.step)) for waiting in to_confirm(self.pathway, self.sides))
        days = (opens_next(self.path(label), self.now) for label in Label)
        yield from (("until", int((day - NOW).total_seconds())) for day in days if day is not None)

    def _send(self, number: int, label: Label) -> None:
        can = self.open_for(label)
        if can:
            mine = self.sides.of(label)
            sent = can[number % len(can)]
            self._set(label, replace(mine, given=mine.given | {sent}, done={**mine.done, sent: self.now}))

    def _give(self, _number: int, label: Label) -> None:
        mine = self.sides.of(label)
        self._set(label, replace(mine, given=mine.given | set(to_give(self.path(label), self.now))))

    def _set(self, label: Label, mine: Side) -> None:
        self.sides = Both(mine, self.sides.b) if label is Label.A else Both(self.sides.a, mine)

    def _confirm(self, number: int, label: Label | None = None) -> None:
        chosen = self._chosen(number)
        self.pathway = confirm(self.pathway, chosen, label)
        self.ever_confirmed.add(chosen)

    def _skip(self, number: int) -> None:
        self.pathway = skip(self.pathway, self._chosen(number))

    def _reorder(self, number: int) -> None:
        order = [one.id for one in self.pathway.steps]
        order.insert(number // 10 % len(order), order.pop(number % len(order)))
        self.pathway = reorder(self.pathway, order)

    def _add(self, number: int) -> None:
        new = len(self.pathway.steps) + 1
        kinds = (step(new), joint(new), step(new, AfterOwn(self._chosen(number), number % 3)), step(new, ByCoach()))
        if new < 11:
            self.pathway = add(self.pathway, kinds[number % 4])

    def _change(self, number: int) -> None:
        other = self._chosen(number // 7)
        rules = (AtOnce(), ByCoach(), AfterOwn(other, number % 3), OnDay(date(2026, 11, 20 + number % 10)))
        self.pathway = change(self.pathway, self._chosen(number), rules[number // 10 % 4])

    def _clock(self, number: int) -> None:
        self.now += timedelta(minutes=number)

    def _until(self, number: int) -> None:
        self.now = NOW + timedelta(seconds=number)

    def _chosen(self, number: int) -> UUID:
        return self.pathway.steps[number % len(self.pathway.steps)].id
