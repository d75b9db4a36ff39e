"""What private questions raised: read by the coach alone, on a page of its own, closed with a reason, never deleted."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, func, select, update
from sqlalchemy.orm import aliased

from portal import clock
from portal.domain.answers import Answer
from portal.domain.disclosure import Disclosure
from portal.domain.errors import Invalid, NotFound
from portal.domain.items import Item, ItemType
from portal.domain.people import Label, Viewer
from portal.domain.questionnaires import from_document
from portal.domain.safe_ways import SafeWayOfReaching
from portal.domain.safety import ProtocolStep, SignalKind, asks_for_a_word, declines_contact, not_noted
from portal.extensions import begin_write, db
from portal.models.assignments import Assignment, Task
from portal.models.couples import Couple, Partnership
from portal.models.questionnaires import QuestionnaireVersion
from portal.models.responses import Response
from portal.models.safety import ProtocolLine, Signal
from portal.models.users import Person
from portal.services import audit, measure_answers, safe_ways, scope, vault, versions
from portal.services.versions import Version

REVIEW_AFTER = 3  # forms in which one person would rather not say
LONGEST_REASON = 1_000
MOST_SHOWN = 200


@dataclass(frozen=True, slots=True)
class SignalShown:
    """One signal on the page for the coach alone.

    `contact` is what its author answered about being contacted, `safe_way` the way and time they gave; both may be
    absent. `declined` says that they answered no. `is_repeated` says that the same person would rather not say in three
    forms or more. `not_noted` are the steps of the protocol of which nothing was noted, for a flag. `way` is what they
    said in their account about being reached, where it was looked up; what holds back more is to be gone by.
    """

    signal_id: UUID
    couple_id: UUID
    response_id: UUID
    person_id: UUID
    label: Label
    name: str
    couple_names: str
    kind: SignalKind
    question: str
    answer: str
    contact: str | None
    declined: bool
    safe_way: str | None
    is_repeated: bool
    raised_at: datetime
    was_opened: bool
    closed_at: datetime | None
    reason: str | None
    review_on: date | None
    not_noted: tuple[ProtocolStep, ...]
    way: SafeWayOfReaching | None = None

    @property
    def is_quiet(self) -> bool:
        """Whether they asked in their account not to be contacted between sessions."""
        return self.way is not None and not self.way.between_sessions

    @property
    def must_not_contact(self) -> bool:
        """Whether they asked not to be contacted, on the form or in their account."""
        return self.declined or self.is_quiet


def waiting(viewer: Viewer, today: date | None = None) -> bool:
    """Whether something waits for the coach alone; one statement, and no more is told than that.

    It is to be opened, or it is a flag that was to be looked at again by `today`.
    """
    still_open = _mine(viewer) & Signal.closed_at.is_(None)
    unopened = still_open & Signal.opened_at.is_(None)
    pressing = select(Signal.id).where(unopened, Signal.kind != SignalKind.SOFT_FLAG).exists()
    repeated = select(Signal.id).where(unopened, Signal.person_id.in_(_who_would_rather_not(viewer))).exists()
    again = select(Signal.id).where(still_open, Signal.review_on <= (today or clock.now().date())).exists()
    return bool(db.session.scalar(select(pressing | repeated | again)))


def holds(viewer: Viewer, couple_id: UUID) -> bool:
    """Whether a flag of this couple is open: new joint tasks are then held back, on the coach's side alone."""
    found = scope.signals(viewer, scope.couples_to_act_for).where(
        Signal.couple_id == couple_id, Signal.kind == SignalKind.FLAG
    )
    return bool(db.session.scalar(select(found.where(Signal.closed_at.is_(None)).exists())))


def is_held(couple_id: UUID) -> ColumnElement[bool]:
    """The same as a part of another statement, about a couple that was found within reach."""
    is_open = (Signal.couple_id == couple_id, Signal.kind == SignalKind.FLAG, Signal.closed_at.is_(None))
    return select(Signal.id).where(*is_open).exists()


def is_held_here() -> ColumnElement[bool]:
    """The same about each couple of a statement that selects couples within reach."""
    is_open = (Signal.couple_id == Couple.id, Signal.kind == SignalKind.FLAG, Signal.closed_at.is_(None))
    return select(Signal.id).where(*is_open).correlate(Couple).exists()


def open_signals(viewer: Viewer) -> tuple[SignalShown, ...]:
    """Open the list: what stands on it in full is marked as opened, and gives what was there before, on record.

    A flag stands there by its author's name alone, and is opened on a page of its own. Open ones first, the latest
    first within each.
    """
    begin_write()
    shown = signals(viewer)
    listed = [signal for signal in shown if signal.kind is not SignalKind.FLAG]
    fresh = [signal.signal_id for signal in listed if signal.closed_at is None and not signal.was_opened]
    db.session.execute(update(Signal).where(Signal.id.in_(fresh)).values(opened_at=clock.now()))
    audit.record(viewer, "signals:opened", viewer.person_id)
    db.session.commit()
    return shown


def look_at_signals(viewer: Viewer) -> tuple[SignalShown, ...]:
    """Read what private answers raised; the reading goes on record, and nothing else changes.

    Of an open flag the list tells no more than whose it is, and that is a reading too: it says that something was
    answered. A wish for a word stands beside how its author can be reached.
    """
    begin_write()
    shown = with_ways(viewer, signals(viewer), SignalKind.WORD)
    audit.record(viewer, "signals:looked_at", viewer.person_id)
    audit.record_each(viewer, "signal:read", (signal.signal_id for signal in shown))
    db.session.commit()
    return shown


def with_ways(viewer: Viewer, shown: Iterable[SignalShown], *kinds: SignalKind) -> tuple[SignalShown, ...]:
    """The same with what the authors of open ones of these kinds said in their account. The caller commits."""
    listed = tuple(shown)
    asked = {one.signal_id: one.person_id for one in listed if one.closed_at is None and one.kind in kinds}
    ways = safe_ways.look_up(viewer, asked.values()) if asked else {}
    return tuple(replace(one, way=ways.get(one.person_id)) if one.signal_id in asked else one for one in listed)


def signals(viewer: Viewer, *which: ColumnElement[bool]) -> tuple[SignalShown, ...]:
    """What private answers raised in the coach's couples, with the question and the answer; changes nothing."""
    rows = db.session.execute(_shown_select(viewer).where(*which)).all()
    vault.load_keys({row.Response.person_id for row in rows} | {row.Signal.couple_id for row in rows})
    repeated = set(db.session.scalars(_who_would_rather_not(viewer)))
    said = versions.versions_of(row.Response for row in rows)
    noted = _noted([row.Signal.id for row in rows])
    return tuple(_shown(row, said[row.Response.id], repeated, noted.get(row.Signal.id, ())) for row in rows)


def signal(viewer: Viewer, signal_id: UUID) -> SignalShown:
    """One of them; changes nothing. Raises NotFound."""
    found = signals(viewer, Signal.id == signal_id)
    if not found:
        raise NotFound
    return found[0]


def close(viewer: Viewer, signal_id: UUID, reason: str) -> None:
    """Close a signal with a reason; closing it again changes nothing. Raises Invalid and NotFound."""
    if not reason.strip():
        raise Invalid("reason_missing")
    if len(reason) > LONGEST_REASON:
        raise Invalid("too_long", maximum=LONGEST_REASON)
    begin_write()
    signal = scope.signal(viewer, signal_id)
    if signal.closed_at is None:
        signal.opened_at = signal.opened_at or clock.now()
        signal.closed_at = clock.now()
        signal.reason = vault.seal(signal.couple_id, "signals.reason", signal.id, reason.strip())
        audit.record(viewer, "signal:closed", signal.id)
    db.session.commit()


def check(viewer: Viewer, signal_id: UUID) -> None:
    """Raise NotFound unless this is a signal of one of the coach's own couples."""
    scope.signal(viewer, signal_id)


def _mine(viewer: Viewer) -> ColumnElement[bool]:
    return Signal.id.in_(scope.signals(viewer, scope.couples_to_act_for).with_only_columns(Signal.id))


def _who_would_rather_not(viewer: Viewer) -> Select[UUID]:
    """People with open soft flags from three forms or more."""
    return (
        select(Signal.person_id)
        .where(_mine(viewer), Signal.kind == SignalKind.SOFT_FLAG, Signal.closed_at.is_(None))
        .group_by(Signal.person_id)
        .having(func.count(Signal.response_id.distinct()) >= REVIEW_AFTER)
    )


def _shown_select(viewer: Viewer) -> Select[*tuple[Any, ...]]:
    coach = aliased(Person)
    return (
        select(
            Signal,
            Response,
            Person.display_name,
            Couple.names,
            Partnership.label,
            QuestionnaireVersion.document.label("definition"),
            coach.display_name.label("coach_name"),
        )
        .join(Response, Response.id == Signal.response_id)
        .join(Task, Task.id == Response.task_id)
        .join(Assignment, Assignment.id == Task.assignment_id)
        .join(QuestionnaireVersion, QuestionnaireVersion.id == Assignment.version_id)
        .join(Couple, Couple.id == Signal.couple_id)
        .join(coach, coach.id == Couple.coach_id)
        .join(Person, Person.id == Signal.person_id)
        .join(Partnership, (Partnership.couple_id == Couple.id) & (Partnership.person_id == Person.id))
        .where(_mine(viewer))
        .order_by(Signal.closed_at.is_not(None), Signal.raised_at.desc(), Signal.id)
        .limit(MOST_SHOWN)
    )


def _noted(signal_ids: list[UUID]) -> dict[UUID, list[ProtocolStep]]:
    """By flag, the steps of the protocol of which something was noted."""
    lines = select(ProtocolLine.signal_id, ProtocolLine.step).where(ProtocolLine.signal_id.in_(signal_ids)).distinct()
    found: dict[UUID, list[ProtocolStep]] = {}
    for signal_id, step in db.session.execute(lines):
        found.setdefault(signal_id, []).append(ProtocolStep(step))
    return found


def _shown(row: Row[Any], said: tuple[Version, ...], repeated: set[UUID], noted: Iterable[ProtocolStep]) -> SignalShown:
    signal: Signal = row.Signal
    definition = from_document(row.definition).spoken(row.coach_name)
    items = {item.id: item for item in definition.items}
    then, now = versions.as_of(said, signal.raised_at)[-1].answers, said[-1].answers
    question, answer = measure_answers.raised(definition, signal.item, then) or (
        items[signal.item].label,
        _answer_to(then, [items[signal.item]]) or "",
    )
    return SignalShown(
        signal.id,
        signal.couple_id,
        signal.response_id,
        signal.person_id,
        Label(row.label),
        row.display_name,
        row.names,
        SignalKind(signal.kind),
        question,
        answer,
        _answer_to(now, (i for i in items.values() if asks_for_a_word(i))),
        any(declines_contact(i, given) for i in items.values() for given in now if given.item_id == i.id),
        _answer_to(now, (i for i in items.values() if _tells_the_way(i))),
        signal.kind == SignalKind.SOFT_FLAG and signal.person_id in repeated,
        signal.raised_at,
        signal.opened_at is not None,
        signal.closed_at,
        vault.unseal_or_none(signal.couple_id, "signals.reason", signal.id, signal.reason),
        signal.review_on,
        not_noted(noted) if signal.kind == SignalKind.FLAG else (),
    )


def _tells_the_way(item: Item) -> bool:
    """A locked line of text: the safe way and time that its author gave."""
    return item.type is ItemType.TEXT and item.disclosure is Disclosure.LOCKED


def _answer_to(answers: Iterable[Answer], items: Iterable[Item]) -> str | None:
    """The words of the first of these questions that was answered; a box that was ticked has none."""
    given = {answer.item_id: answer.value for answer in answers}
    for item in items:
        value = given.get(item.id)
        if isinstance(value, str):
            return {option.value: option.label for option in item.options}.get(value, value)
    return None
