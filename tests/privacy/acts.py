"""What can happen in a history: Ana's acts, Ben's, the coach's and the clock's; and which of them are private."""

import re
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from itertools import zip_longest
from random import Random
from typing import TYPE_CHECKING
from uuid import UUID

import pyotp
from hypothesis import strategies as st
from sqlalchemy import select

from portal import clock
from portal.domain.assignments import For
from portal.domain.consent import Policy
from portal.domain.disclosure import Disclosure
from portal.domain.errors import NotFound, Refused
from portal.domain.items import Item, ItemType
from portal.domain.pathways import ReleaseKind
from portal.domain.people import Label
from portal.domain.programme import Audience
from portal.domain.questionnaires import chosen_together
from portal.domain.safety import ProtocolStep, SignalKind
from portal.domain.sessions import NoteKind, SessionKind
from portal.domain.texts import TextKind
from portal.extensions import db
from portal.jobs.drain import drain
from portal.jobs.sweep import sweep
from portal.models.assignments import Task
from portal.models.responses import Response
from portal.services import (
    approvals,
    assignments,
    authorisations,
    couple_states,
    couples,
    erasures,
    extending,
    notes,
    nudges,
    overview,
    pathway_issuing,
    pathways,
    policies,
    practices,
    programme,
    protocol,
    releases,
    resets,
    responses,
    reviews,
    safety,
    safety_mails,
    session_prep,
    sessions,
    task_questions,
    texts,
    today,
    trends,
    weekly,
)
from portal.services.assignments import NewAssignment
from portal.services.pathways import NewStep
from portal.services.sessions import NewSession
from tests.cast import PASSPHRASE, address_of
from tests.conftest import Browser

if TYPE_CHECKING:
    from tests.privacy.twin import House

CANARY = "I lie awake and count the ways out"
FIRST = "one-holds-the-floor"
CHECK_IN = "weekly-check-in"
FLAGGED: dict[str, object] = {"stopped_afraid": "yes"}
PRIVATE = {
    "ana": (
        "draft",
        "draft_locked",
        "look_around",
        "reveal",
        "reveal_wrong",
        "sign_in",
        "sign_in_wrong",
        "settings",
        "export",
        "own_data",
        "readings",
        "ask_reset",
        "sign_out",
        "second_key",
        "second_key_off",
        "end_sessions",
        "junk",
        "send_alone",
        "send_closed",
        "draft_alone",
        "park",
        "correct",
        "safe_way",
        "answer_request",
        "sign_consent",
        "afraid",
        "authorise",
        "reset",
        "agree_anew",
        "look_at_part",
        "ask_about",
        "show_asked",
        "go_on",
    ),
    "coach": (
        "assign_ana",
        "session_ana",
        "reminder",
        "review_ana",
        "read_ana",
        "close_signals",
        "look_at_erasures",
        "ask_ana",
        "ask_anew",
        "answer_ana",
        "nudge_ana",
    ),
}
SHARED = {
    "ana": ("send", "send_and_keep_back", "open_now", "correct_shared", "leave"),
    "ben": ("draft", "send", "reveal", "settings", "junk", "look_around"),
    "coach": (
        *("assign_both", "assign_joint", "assign_ben", "session_both", "agreed", "sweep", "work", "drain"),
        *("read_ben", "read_brief", "look_at_signals", "look_at_couple"),
        "publish",
        "ask_both",
        "extend",
        "nudge_ben",
        "pathway",
    ),
}
UNTIL_THE_MORNING = ("send", "send_and_keep_back", "correct_shared")  # Ana's, and private until something of it opens
SENT_CLOSED = ("send_closed", "go_on")  # private for good: nothing of it ever opens
# once Ana has left she shares nothing more, and the coach, who was told, plans and gives nothing for both
NOT_AFTER_LEAVING = {
    "ana": SHARED["ana"],
    "coach": ("assign_both", "assign_joint", "session_both", "agreed", "read_brief", "pathway"),
}
VERSION = re.compile(r'name="version" value="(\d+)"')
SEED = re.compile(r'<code class="key">([A-Z2-7 ]{39})</code>')
SPARE = re.compile(r'<code class="key">([0-9a-z ]{19})</code>')
LINK = re.compile(r"/reset/[\w-]{20,}")
END = re.compile(r'action="(/account/devices/[0-9a-f-]{36}/end)"')
YES = re.compile(r'name="yes" value="([a-z0-9_]+)"')
KEY = re.compile(r'name="key" value="([^"]+)"')
SIGNED = re.compile(r'name="(text_version|policy_version)"[^>]* value="(\d+)"')
WORDS = ("tea", "late", "again", "cold", "the stairs", "Tuesday", "ünsaid", "<b>", "quiet", "💬", "I", "we")


@dataclass(frozen=True)
class Act:
    """One act; `seed` says with which values, `is_erased` whether the twin leaves it out or does it differently."""

    actor: str
    kind: str
    seed: int = 0
    is_erased: bool = True

    @property
    def is_private(self) -> bool:
        return self.kind in PRIVATE.get(self.actor, ())


History = tuple[tuple[Act, ...], ...]
BEGINNING = (Act("coach", "assign_both", 0), Act("coach", "assign_weekly"))


def _some(actor: str, kinds: tuple[str, ...]) -> st.SearchStrategy[Act]:
    is_erased = st.sampled_from((True, True, False))  # else it is done otherwise
    return st.builds(Act, st.just(actor), st.sampled_from(kinds), st.integers(0, 40), is_erased)


def _evenings() -> st.SearchStrategy[tuple[Act, ...]]:
    private = st.one_of(*(_some(actor, kinds) for actor, kinds in PRIVATE.items()))
    sending = st.one_of(_some("ana", ("send",)), _some("ana", UNTIL_THE_MORNING), _some("ana", SHARED["ana"]))
    others = st.one_of(_some("ben", SHARED["ben"]), _some("coach", SHARED["coach"]))
    return st.tuples(private, st.one_of(private, others), sending, st.one_of(_some("ana", PRIVATE["ana"]), others))


def histories(needed: History = ()) -> st.SearchStrategy[History]:
    """One to three evenings of four acts each; what is `needed` happens at the beginning of its evening."""
    drawn = st.lists(_evenings(), min_size=max(1, sum(map(bool, needed))), max_size=3)
    return drawn.map(lambda days: tuple(sum(both, ()) for both in zip_longest(needed[: len(days)], days, fillvalue=())))


def has_private_act_between_looks(history: History) -> bool:
    """Whether Ana or the coach does something private after a look of Ben's, who looks again after every evening.

    He looks after every second act, and in the morning.
    """
    return any(act.is_private for number, day in enumerate(history) for act in day[0 if number else 2 :])


def do(house: "House", act: Act, *, changed: bool) -> Iterator[int]:
    """Let an act happen; gives the statuses of what was asked over HTTP.

    In the twin (`changed`) private values are others: other texts, lengths, choices.
    """
    private = act.seed + (1_000 if changed and act.actor != "ben" else 0)
    if act.actor == "coach":
        with house.inside():
            try:
                COACH[act.kind](house, act.seed, private)
            except Refused:
                db.session.rollback()
        return
    if act.kind == "sign_in_wrong":
        yield from _sign_in_wrong(house, act, 1 + private % 6)
        return
    yield from PARTNER[act.kind](house, act.actor, act.seed, private)


# what the coach does


def _give(house: "House", slug: str, given_to: For, why: str = "", *, is_weekly: bool = False) -> UUID:
    due_on = datetime.now(UTC).date() + timedelta(days=7)
    # whether joint work is held is the coach's to know: what is given to both is said to be cleared in either run
    new = NewAssignment(_entry(house, slug), given_to, due_on, why, "", is_weekly, None, cleared=True)
    return assignments.assign(house.cast.ines, house.cast.couples["ana"], new, "http://127.0.0.1:8000/my/")


def _entry(house: "House", slug: str) -> UUID:
    return next(entry.id for entry in programme.library(house.cast.ines) if entry.slug == slug)


def _slug(house: "House", seed: int, *, alone: bool = False) -> str:
    """One of the library's exercises; for one alone, one that can be done alone."""
    entries = [entry for entry in programme.library(house.cast.ines) if entry.slug != CHECK_IN]
    slugs = sorted(entry.slug for entry in entries if not alone or entry.audience == Audience.ALONE)
    return FIRST if seed == 0 and not alone else slugs[seed % len(slugs)]


def _assign_both(house: "House", seed: int, _private: int) -> None:
    house.for_both.append(_give(house, _slug(house, seed), For.BOTH, "For the evenings"))


def _assign_joint(house: "House", seed: int, private: int) -> None:
    """A joint task, whether or not it is held; then a step noted of what Ana raised, and the mails about what waits."""
    entries = [entry for entry in programme.library(house.cast.ines) if entry.slug != FIRST]
    slugs = sorted(entry.slug for entry in entries if entry.audience.is_joint)
    house.for_both.append(_give(house, slugs[seed % len(slugs)], For.JOINT, "For the evenings"))
    for signal in safety.signals(house.cast.ines):
        if signal.kind is SignalKind.FLAG and signal.closed_at is None and signal.name == "Ana":
            protocol.note(house.cast.ines, signal.signal_id, ProtocolStep.HOLD_JOINT_WORK, said(private))
    safety_mails.remind("http://127.0.0.1:8000/sign-in", "http://127.0.0.1:8000/coach/practice/members")


def _assign_weekly(house: "House", _seed: int, _private: int) -> None:
    house.for_both.append(_give(house, CHECK_IN, For.BOTH, is_weekly=True))


def _assign_ana(house: "House", seed: int, private: int) -> None:
    house.for_ana.append(_give(house, _slug(house, seed + 7, alone=True), For.A, said(private)))


def _assign_ben(house: "House", seed: int, _private: int) -> None:
    _give(house, _slug(house, seed + 3, alone=True), For.B)


def _pathway(house: "House", seed: int, _private: int) -> None:
    """Another pathway: a step at once, one for each after their own, one after that, and one together, confirmed.

    Ana sends the first alone, or shared with the others; what follows it is Ben's to send and hers to look at, for in
    the twin she may never come to it.
    """
    ines, couple_id = house.cast.ines, house.cast.couples["ana"]
    with suppress(NotFound):
        pathways.end(ines, couple_id)
    add = partial(pathways.add_step, ines, couple_id)
    kind, alone = ReleaseKind, [_entry(house, _slug(house, seed + place, alone=True)) for place in range(3)]
    first = add(NewStep(alone[0], For.BOTH, kind.AT_ONCE, why="For the evenings"))
    second = add(NewStep(alone[1], For.BOTH, kind.AFTER_OWN, after=first, days=seed % 2))
    add(NewStep(alone[2], For.BOTH, kind.AFTER_OWN, after=second, days=1))
    together = add(NewStep(_entry(house, "ten-clear-minutes"), For.JOINT, kind.BY_COACH))
    pathways.begin(ines, couple_id)
    pathways.confirm(ines, together, cleared=True)
    house.for_both += [first, together]
    house.first_steps.append(first)
    house.later_steps.append(second)


def _session(house: "House", kind: SessionKind, seed: int) -> UUID:
    starts_at = datetime.now(UTC) + timedelta(days=1 + seed % 5, hours=seed % 4)
    return sessions.plan(house.cast.ines, house.cast.couples["ana"], NewSession(kind, starts_at, 50, f"Room {seed}"))


def _agreed(house: "House", seed: int, _private: int) -> None:
    session_id = _session(house, SessionKind.JOINT, seed + 1)
    notes.write(house.cast.ines, session_id, NoteKind.AGREED, f"Ten minutes, {seed} times")


def _reminder(house: "House", seed: int, private: int) -> None:
    session_id = _session(house, SessionKind.INDIVIDUAL_A, seed + 2)
    notes.write(house.cast.ines, session_id, NoteKind.REMINDER, said(private))


def _review_ana(house: "House", _seed: int, private: int) -> None:
    mine = select(Response.id).where(Response.person_id == house.cast.ana.person_id).order_by(Response.submitted_at)
    for response_id in db.session.scalars(mine).all():
        reviews.read(house.cast.ines, response_id)
        reviews.review(house.cast.ines, response_id, said(private))


def _read(house: "House", name: str) -> None:
    mine = select(Response.id).where(Response.person_id == house.cast.viewers[name].person_id)
    for response_id in db.session.scalars(mine.order_by(Response.submitted_at)).all():
        reviews.read(house.cast.ines, response_id)


def _read_ana(house: "House", _seed: int, _private: int) -> None:
    """Ines opens Ana's forms, one by one; not what they raised, for on that page stands what Ben's raised too."""
    _read(house, "ana")


def _read_brief(house: "House", seed: int, _private: int) -> None:
    session_id = _session(house, SessionKind.JOINT, seed + 3)
    session_prep.screen(house.cast.ines, session_id)


def _look_at_couple(house: "House", _seed: int, _private: int) -> None:
    """Ines looks at her pages: that she read a form of Ben's follows from his sending, whatever Ana did."""
    ines, couple_id, zone = house.cast.ines, house.cast.couples["ana"], "Europe/Berlin"
    today.today(ines, zone)
    overview.overview(ines, couple_id, zone)
    overview.all_homework(ines, couple_id, zone)
    trends.trends(ines, couple_id, trends.Show.SCORE, zone)


def _close_signals(house: "House", _seed: int, private: int) -> None:
    for signal in safety.open_signals(house.cast.ines):
        if signal.closed_at is None:
            safety.close(house.cast.ines, signal.signal_id, said(private))


def _publish(house: "House", seed: int, _private: int) -> None:
    """Another consent text, another rule on private answers, and other words about leaving, whichever stood before."""
    ines, known = house.cast.ines, texts.shown_to_staff(house.cast.ines)
    consent, leave = known[TextKind.CONSENT], known[TextKind.LEAVE]
    texts.publish(ines, TextKind.CONSENT, f"{consent.body}\n\nAnd so it goes on, {seed} times.", consent.version)
    texts.publish(ines, TextKind.LEAVE, f"It leads away, {seed} times.", leave.version)
    policies.change(ines, list(Policy)[seed % 3], practices.practice(ines).policy_version)


def _extend(house: "House", seed: int, _private: int) -> None:
    """More time for something that both were given, whoever has sent it."""
    given = house.for_both[seed % len(house.for_both)]
    extending.extend(house.cast.ines, given, datetime.now(UTC).date() + timedelta(days=3 + seed % 9))


def _ask_both(house: "House", seed: int, _private: int) -> None:
    """Ines asks both whether the joint record may leave; she does not make it, for that both would come to know."""
    page = "http://127.0.0.1:8000/my/account/authorisation"
    authorisations.ask(house.cast.ines, house.cast.couples["ana"], f"To somebody else, as both wished {seed}", page)


def _ask_anew(house: "House", _seed: int, _private: int) -> None:
    """Ines asks Ana to agree anew, who may have left."""
    couple_states.ask_anew(
        house.cast.ines, house.cast.couples["ana"], house.cast.ana.person_id, "http://127.0.0.1:8000/"
    )


def _answer_ana(house: "House", _seed: int, private: int) -> None:
    """Ines answers what Ana has asked about a task."""
    for waiting in task_questions.waiting(house.cast.ines):
        if waiting.name == "Ana":
            task_questions.read(house.cast.ines, waiting.question_id)
            task_questions.answer(
                house.cast.ines, waiting.question_id, said(private)[:300], "http://127.0.0.1:8000/my/"
            )


def _nudge_ana(house: "House", seed: int, private: int) -> None:
    """Ines reminds Ana, and her alone, of something that both were given."""
    given = house.for_both[seed % len(house.for_both)]
    nudges.nudge(house.cast.ines, given, Label.A, said(private)[:300], "http://127.0.0.1:8000/my/")


def _nudge_ben(house: "House", seed: int, _private: int) -> None:
    """Ines reminds Ben of something that both were given, whatever Ana has done of it."""
    given = house.for_both[seed % len(house.for_both)]
    nudges.nudge(house.cast.ines, given, Label.B, said(seed)[:300], "http://127.0.0.1:8000/my/")


def _look_at_erasures(house: "House", _seed: int, _private: int) -> None:
    """Two members approve whatever is asked for, or the practice asks for it; two weeks are longer than a history."""
    erasures.begin(house.cast.ines, house.cast.ana.person_id, "http://127.0.0.1:8000/coach/practice/erasures")
    for member in (house.cast.ines, house.cast.omar):
        for one in approvals.shown(member):
            if one.may_approve:
                approvals.approve(member, one.erasure_id)


def _ask_ana(house: "House", _seed: int, private: int) -> None:
    """Ines asks for whatever may be asked for, and takes some of it back."""
    mine = select(Response.id).where(Response.person_id == house.cast.ana.person_id).order_by(Response.submitted_at)
    for response_id in db.session.scalars(mine).all():
        found = reviews.read(house.cast.ines, response_id)
        for offer in [one for one in releases.offers(found) if one.hangs_on is None][: 1 + private % 3]:
            releases.ask(house.cast.ines, response_id, offer.item.id, said(private)[:300])
        waiting = [one for one in reviews.read(house.cast.ines, response_id).asked if one.waits]
        for one in waiting[: private % 2]:
            releases.withdraw(house.cast.ines, response_id, one.request_id)


def _sweep(_house: "House", _seed: int, _private: int) -> None:
    for part in (weekly, pathway_issuing):
        part.issue_due("http://127.0.0.1:8000/my/")


COACH: dict[str, Callable[["House", int, int], object]] = {
    "assign_both": _assign_both,
    "assign_joint": _assign_joint,
    "assign_weekly": _assign_weekly,
    "assign_ana": _assign_ana,
    "assign_ben": _assign_ben,
    "session_both": lambda house, seed, _: _session(house, SessionKind.JOINT, seed),
    "session_ana": lambda house, seed, _: _session(house, SessionKind.INDIVIDUAL_A, seed),
    "agreed": _agreed,
    "reminder": _reminder,
    "review_ana": _review_ana,
    "read_ana": _read_ana,
    "read_ben": lambda house, _seed, _private: _read(house, "ben"),
    "read_brief": _read_brief,
    "look_at_signals": lambda house, _seed, _private: safety.look_at_signals(house.cast.ines),
    "look_at_couple": _look_at_couple,
    "pathway": _pathway,
    "close_signals": _close_signals,
    "look_at_erasures": _look_at_erasures,
    "ask_ana": _ask_ana,
    "ask_anew": _ask_anew,
    "answer_ana": _answer_ana,
    "nudge_ana": _nudge_ana,
    "nudge_ben": _nudge_ben,
    "work": lambda house, _seed, _private: sweep(house.post, "http://127.0.0.1:8000/my/"),
    "drain": lambda house, _seed, _private: drain(house.post),
    "publish": _publish,
    "ask_both": _ask_both,
    "extend": _extend,
    "sweep": _sweep,
}


# what the partners do, over HTTP


def said(seed: int) -> str:
    """Something in writing: a few words or many, with signs that pages must escape."""
    drawn = Random(seed)  # noqa: S311 - a test's choice
    return f"{CANARY} {' '.join(drawn.choices(WORDS, k=1 + drawn.randrange(30)))}"


def value_of(item: Item, seed: int) -> str:
    """An answer as it is typed; one in six is skipped."""
    drawn = Random(f"{seed} {item.id}")  # noqa: S311 - likewise
    if drawn.randrange(6) == 0:
        return ""
    if item.type is ItemType.TEXT:
        return said(seed) if item.disclosure is not Disclosure.SHARED else f"Thank you for {drawn.choice(WORDS)}"
    if item.type is ItemType.CHOICE:
        return drawn.choice(item.options).value
    if item.type is ItemType.DATE:
        return (date(2026, 11, 1) + timedelta(days=drawn.randrange(60))).isoformat()
    if item.type is ItemType.CHECKBOX:
        return drawn.choice(("yes", ""))
    low, high = item.bounds
    return str(drawn.randint(max(low, 0), min(high, 10)))


def typed(
    items: tuple[Item, ...], shared: int, private: int, *, closed: bool = False, kept: Collection[str] = ()
) -> dict[str, object]:
    """A form as a browser posts it: what may open follows one seed, the private the other.

    `closed`: nothing opens. `kept` will be kept back once it is sent: written as what opens, private as what does not.
    """
    data: dict[str, object] = {"private-shown": "1"}
    for item in items:
        if item.id == "done":  # whether it was done decides which shared questions are asked at all
            data[item.id] = item.options[0].value
            continue
        is_shared = item.disclosure is Disclosure.SHARED
        data[item.id] = value_of(item, shared if is_shared and item.id not in kept else private)
        data[f"{item.id}-disclosure"] = item.disclosure.value
        if closed or (is_shared and item.id not in kept and (shared + len(item.id)) % 7 == 0):
            data[f"{item.id}-disclosure"] = Disclosure.COACH.value
    return data


Found = tuple[UUID, tuple[Item, ...], bool]


def _task(house: "House", who: str, assignment_ids: list[UUID], seed: int) -> Found | None:
    if not assignment_ids:
        return None
    viewer = house.cast.viewers[who]
    if who == "ben" and assignment_ids is house.for_both:
        assignment_ids = [*assignment_ids, *house.later_steps]
    with house.inside():
        wanted = (Task.assignment_id == assignment_ids[seed % len(assignment_ids)], Task.person_id == viewer.person_id)
        task_id = db.session.scalars(select(Task.id).where(*wanted)).one_or_none()
        if task_id is None:
            return None
        try:
            task = responses.open_for(viewer, task_id)
        except NotFound:  # it went from her pages when she left
            return None
        return task_id, task.items, task.state.is_open and task_id not in house.never_sent


def _save(browser: Browser, task_id: UUID, data: dict[str, object], to: str = "") -> Iterator[int]:
    page = browser.get(f"/my/tasks/{task_id}").text
    version = VERSION.search(page)
    sent = {**data, "version": version[1] if version else "0"}
    if 'name="parked"' in page:  # the page stands filled with what was typed when the session ran out
        sent["parked"] = "1"
    yield browser.post(f"/my/tasks/{task_id}{to}", sent).status_code


def _draft(house: "House", who: str, seed: int, private: int, given: list[UUID] | None = None) -> Iterator[int]:
    found = _task(house, who, house.for_both if given is None else given, seed)
    if found and found[2]:
        yield from _save(house.browser(who), found[0], typed(found[1], private, private), "/draft" if seed % 2 else "")


def _draft_locked(house: "House", who: str, seed: int, private: int) -> Iterator[int]:
    found = _task(house, who, house.for_both, seed)
    if found and found[2]:
        locked = [item for item in found[1] if item.disclosure is Disclosure.LOCKED]
        data = {item.id: value_of(item, private) for item in locked}
        yield from _save(house.browser(who), found[0], {"private-shown": "1", **data})


def _send(house: "House", who: str, seed: int, private: int, given: list[UUID] | None = None) -> Iterator[int]:
    found = _task(house, who, house.for_both if given is None else given, seed)
    if found and found[2]:
        data = typed(found[1], seed, private, closed=given is not None)
        yield from _send_off(house.browser(who), found[0], data)


def _send_closed(house: "House", who: str, seed: int, private: int, given: list[UUID] | None = None) -> Iterator[int]:
    """Sends a form of both with nothing for the other in it; in the twin that erases this it stays unsent for good."""
    found = _task(house, who, house.for_both if given is None else given, seed)
    if found and found[2]:
        yield from _send_off(house.browser(who), found[0], typed(found[1], private, private, closed=True))
        house.sent_closed.append(found[0])


def _afraid(house: "House", who: str, seed: int, private: int) -> Iterator[int]:
    """Sends something that was given to this one alone, and says of it what raises a flag."""
    found = _task(house, who, house.for_ana, seed)
    if found and found[2]:
        yield from _send_off(house.browser(who), found[0], typed(found[1], private, private, closed=True) | FLAGGED)


def _send_off(browser: Browser, task_id: UUID, data: dict[str, object]) -> Iterator[int]:
    yield from _save(browser, task_id, data)
    page = browser.get(f"/my/tasks/{task_id}/review").text
    version, key = VERSION.search(page), KEY.search(page)
    assert version, page
    assert key
    reply = browser.post(f"/my/tasks/{task_id}/review", {"version": version[1], "key": key[1], "send": "1"})
    assert reply.status_code == 303, reply.text
    yield reply.status_code
    yield browser.get(reply.headers["Location"]).status_code


def _send_and_keep_back(house: "House", who: str, seed: int, private: int) -> Iterator[int]:
    """Sends, and keeps some of it back the same evening; others only until a second thought.

    Some of what is kept back was answered again before. The twin says something else there, and at times it shares
    nothing of it from the start, which must look the same.
    """
    found = _task(house, who, house.for_both, seed)
    if not found or not found[2]:
        return
    task_id, browser, drawn = found[0], house.browser(who), Random(seed)  # noqa: S311 - a test's choice
    with house.inside():
        screens = responses.open_for(house.cast.viewers[who], task_id).screens
    shared = [item for item in found[1] if item.disclosure is Disclosure.SHARED]
    first = shared[: max(1, drawn.randrange(len(shared) + 1))] if shared else []
    kept = {one for item in first for one in chosen_together(screens, item.id)}
    data = typed(found[1], seed, private, kept=kept)
    if private != seed and seed % 3 == 0:
        yield from _send_off(browser, task_id, data | {f"{one}-disclosure": Disclosure.COACH.value for one in kept})
        return
    yield from _send_off(browser, task_id, data)
    yield from _reveal(house, who, seed, private)
    for item in first if seed % 2 else ():
        again = f"/my/tasks/{task_id}/correction?question={item.id}"
        yield browser.post(again, {item.id: value_of(item, private + 7)}, page="/help-now").status_code
    for item in shared:
        for act in ("narrow",) if item.id in kept else ("narrow", "widen"):
            yield browser.post(f"/my/tasks/{task_id}/disclosures", {act: item.id}).status_code


def _sent(house: "House", who: str, seed: int) -> UUID | None:
    found = _task(house, who, house.for_both, seed)
    return found[0] if found and not found[2] else None


def _reveal(house: "House", who: str, seed: int, _private: int, passphrase: str = PASSPHRASE) -> Iterator[int]:
    task_id = _sent(house, who, seed)
    if task_id:
        yield house.browser(who).post(f"/my/tasks/{task_id}/reveal", {"passphrase": passphrase}).status_code
        yield house.browser(who).get(f"/my/tasks/{task_id}").status_code


def _correct(house: "House", who: str, seed: int, private: int) -> Iterator[int]:
    """Answers a question for the coach alone again, and the private ones."""
    yield from _answer_again(house, who, seed, Disclosure.COACH, private)
    yield from _answer_again(house, who, seed, Disclosure.LOCKED, private)


def _correct_shared(house: "House", who: str, seed: int, _private: int) -> Iterator[int]:
    """A sharing act: in both runs, and as private as a sending until the morning."""
    yield from _answer_again(house, who, seed, Disclosure.SHARED, seed + 7)


def _answer_again(house: "House", who: str, seed: int, wanted: Disclosure, value: int) -> Iterator[int]:
    found = _task(house, who, house.for_both, seed)
    if not found or found[2]:
        return
    items = [item for item in found[1] if item.disclosure is wanted and item.id != "done"]
    question = "" if wanted is Disclosure.LOCKED or not items else items[seed % len(items)].id
    typed_again = {item.id: value_of(item, value) for item in items}
    browser, address = house.browser(who), f"/my/tasks/{found[0]}/correction?question={question}"
    yield from _reveal(house, who, seed, value)
    yield browser.get(address).status_code
    yield browser.post(address, {"private-shown": "1", **typed_again}, page="/help-now").status_code


def _open_now(house: "House", who: str, seed: int, private: int) -> Iterator[int]:
    """A sharing act: in both runs, on what was sent on an earlier evening."""
    task_id = _sent(house, who, seed)
    with house.inside():
        sent_at = select(Response.opens_at).where(Response.task_id == task_id)
        opens_at = db.session.scalars(sent_at).one_or_none() if task_id else None
    if opens_at and opens_at <= datetime.now(UTC):
        yield from _reveal(house, who, seed, private)
        yield house.browser(who).post(f"/my/tasks/{task_id}/disclosures", {"open_now": "1"}).status_code


def _leave(house: "House", who: str, seed: int, private: int) -> Iterator[int]:
    """She stops taking part; in the twin she goes on, and only lets nothing more open.

    That nothing of hers opens any more is what the other could come to know, as of an opening, and so it is in both
    runs; that she left must not be told from it. What she sent on the same evening never opens then, and the twin
    leaves it out. At times she takes away what was read, in both runs: that is meant to be seen.
    """
    chosen = {"act": "leave" if private == seed else "keep", **({} if seed % 3 else {"hides": "1"})}
    act = {**chosen, "passphrase": PASSPHRASE}
    yield house.browser(who).post("/my/account/leaving", act, page="/my/account/leaving").status_code
    yield house.browser(who).get("/my/").status_code


def _look_around(house: "House", who: str, _seed: int, _private: int) -> Iterator[int]:
    for path in ("/my/", "/my/shared", "/my/account", "/help-now"):
        yield house.browser(who).get(path).status_code


def _sign_in(house: "House", who: str, seed: int, private: int) -> Iterator[int]:
    """Signs in anew, with a browser that may have been in before or not, and looks around."""
    house.leave(who)
    yield from _look_around(house, who, seed, private)


def _sign_in_wrong(house: "House", act: Act, times: int) -> Iterator[int]:
    client = house.app.test_client()
    client.environ_base["REMOTE_ADDR"] = "198.51.100.7"
    for attempt in range(times):
        wrong = {"email": address_of(act.actor), "password": f"not this {attempt}"}
        yield Browser(client).post("/sign-in", wrong, page="/sign-in").status_code


def _settings(house: "House", who: str, seed: int, private: int) -> Iterator[int]:
    """Another zone; and hidden for good, then not: what is opened later must be opened in both runs."""
    zone = ("Europe/Berlin", "Asia/Tokyo", "America/New_York")[(private if who == "ana" else seed) % 3]
    yield house.browser(who).post("/my/account", {"zone": zone}).status_code
    for never in ({"never": "y"}, {}):
        data = {"passphrase": PASSPHRASE, **never}
        yield house.browser(who).post("/my/account/revealing", data).status_code


def _export(house: "House", who: str, seed: int, _private: int) -> Iterator[int]:
    kind = ("json", "csv")[seed % 2]
    yield house.browser(who).post("/my/export", {"passphrase": PASSPHRASE, "kind": kind}).status_code


def _own_data(house: "House", who: str, seed: int, private: int) -> Iterator[int]:
    """Asks for everything to be erased, takes it back, or looks where it stands."""
    for act in (("erase", "show", "keep")[private % 3], ("erase", "keep")[seed % 2]):
        asked = {"act": act, "passphrase": PASSPHRASE}
        yield house.browser(who).post("/my/account/data", asked, page="/my/account/data").status_code


def _authorise(house: "House", who: str, seed: int, private: int) -> Iterator[int]:
    """Looks whether something of both may leave, and says yes or no where it is asked."""
    for act in (("agree", "decline", "show")[private % 3], ("decline", "agree")[seed % 2]):
        asked = {"act": act, "passphrase": PASSPHRASE}
        yield house.browser(who).post("/my/account/authorisation", asked, page="/my/account").status_code


def _readings(house: "House", who: str, _seed: int, _private: int) -> Iterator[int]:
    yield house.browser(who).post("/my/account/readings", {"passphrase": PASSPHRASE}).status_code


def _sign_consent(house: "House", who: str, seed: int, private: int) -> Iterator[int]:
    """Reads what is in force, signs it (or forgets the name), and has understood what "Leave" does."""
    page = house.browser(who).get("/my/account/consent").text
    read = dict(SIGNED.findall(page))
    signature = {"signature": said(private)[:200], "agreed": "y"} if seed % 4 else {"signature": ""}
    typed = {**signature, **read, "passphrase": PASSPHRASE}
    yield house.browser(who).post("/my/account/consent", typed).status_code
    yield house.browser(who).post("/my/understood").status_code


def _ask_reset(house: "House", who: str, _seed: int, _private: int) -> Iterator[int]:
    yield Browser(house.app.test_client()).post("/reset", {"email": address_of(who)}, page="/reset").status_code
    with house.inside():
        resets.answer_requests()


def _reset(house: "House", who: str, seed: int, private: int) -> Iterator[int]:
    """Sets a pass phrase by the link of a mail, and the coach vouches; what was sent opens for her as before."""
    yield from _ask_reset(house, who, seed, private)
    with house.inside():
        letters = list(house.post.to_come(house.cast.viewers[who].person_id))
    links = [found[0] for _, _, letter in letters if (found := LINK.search(letter.decode()))]
    for link in links[-1:]:
        browser = house.stranger()
        yield browser.post(link, {"passphrase": PASSPHRASE}, page="/sign-in").status_code
        house.leave(who)
    with house.inside():
        ines, couple_id = house.cast.ines, house.cast.couples["ana"]
        for partner in couples.couple(ines, couple_id).partners:
            if partner.needs_vouching:
                couples.vouch(ines, couple_id, partner.person_id, partner.reset)


def _agree_anew(house: "House", who: str, seed: int, private: int) -> Iterator[int]:
    """Signs anew where the coach has asked for it, and takes part again; else there is nothing to sign."""
    address = "/my/account/agreeing"
    read = dict(SIGNED.findall(house.browser(who).get(address).text))
    typed = {"signature": said(private)[:200], "agreed": "y", **read, "passphrase": PASSPHRASE}
    yield house.browser(who).post(address, typed, page="/my/account").status_code


def _look_at_part(house: "House", who: str, _seed: int, _private: int) -> Iterator[int]:
    """Looks, behind the pass phrase, whether she takes part."""
    address, asked = "/my/account/leaving", {"act": "show", "passphrase": PASSPHRASE}
    yield house.browser(who).post(address, asked, page=address).status_code


def _ask_about(house: "House", who: str, seed: int, private: int) -> Iterator[int]:
    """Asks the coach about a task, or has asked already, or sent it."""
    found = _task(house, who, house.for_both, seed)
    if found:
        address = f"/my/tasks/{found[0]}/question"
        yield house.browser(who).post(address, {"text": said(private)[:300]}, page="/help-now").status_code


def _show_asked(house: "House", who: str, seed: int, _private: int) -> Iterator[int]:
    """Looks at what she asked about a task, and what came back."""
    found = _task(house, who, house.for_both, seed)
    if found:
        address = f"/my/tasks/{found[0]}/question"
        yield house.browser(who).post(address, {"passphrase": PASSPHRASE}, page="/help-now").status_code


def _sign_out(house: "House", who: str, seed: int, _private: int) -> Iterator[int]:
    yield house.browser(who).post("/exit" if seed % 2 else "/sign-out").status_code
    house.leave(who)


def _park(house: "House", who: str, seed: int, private: int) -> Iterator[int]:
    """Somebody writes, is idle for too long, and sends the form off all the same: the text is parked."""
    found = _task(house, who, house.for_both, seed)
    if not found or not found[2]:
        return
    browser, later = house.browser(who), datetime.now(UTC) + timedelta(minutes=11)
    version = VERSION.search(browser.get(f"/my/tasks/{found[0]}").text)
    data = {**typed(found[1], private, private), "version": version[1] if version else "0"}
    with clock.reading(lambda: later):
        reply = browser.post(f"/my/tasks/{found[0]}", data, page="/sign-in")
    assert reply.headers["Location"].startswith("/sign-in?next=")
    yield reply.status_code
    house.leave(who)
    if seed % 2:
        yield house.browser(who).get(f"/my/tasks/{found[0]}").status_code


def _junk(house: "House", who: str, seed: int, _private: int) -> Iterator[int]:
    found = _task(house, who, house.for_both, seed)
    if found:
        for to in ("", "/review", "/draft", "/reveal", "/disclosures"):
            data: dict[str, object] = {"version": "999", "narrow": "nothing", "x": "\x00" * 3}
            yield house.browser(who).post(f"/my/tasks/{found[0]}{to}", data).status_code


def _second_key(house: "House", who: str, seed: int, _private: int) -> Iterator[int]:
    """Sets up an app, or makes new spare codes where there is one; then a wrong code or a spare one at the door."""
    browser, key = house.browser(who).step_up(), "/account/second-key"
    yield browser.post(f"{key}/app/new", page=f"{key}/set-up").status_code
    seed_of_app = SEED.search(browser.get(f"{key}/app", follow_redirects=True).text)
    if seed_of_app:
        code = pyotp.TOTP(seed_of_app[1].replace(" ", "")).at(datetime.now(UTC))
        page = browser.post(f"{key}/app", {"code": code}, page=f"{key}/app")
    else:
        page = browser.post(f"{key}/spare-codes", page=f"{key}/set-up")
    yield page.status_code
    spare = SPARE.findall(page.text)
    assert len(spare) == 10, page.text
    client = house.app.test_client()
    client.environ_base["REMOTE_ADDR"] = "198.51.100.7"
    other = Browser(client).give_passphrase(address_of(who))
    yield other.post(key, {"code": "000000"} if seed % 2 else {"spare": spare[0]}, page=key).status_code


def _second_key_off(house: "House", who: str, _seed: int, _private: int) -> Iterator[int]:
    browser, key = house.browser(who).step_up(), "/account/second-key"
    yield browser.post(f"{key}/app/remove", page=f"{key}/set-up").status_code


def _end_sessions(house: "House", who: str, seed: int, _private: int) -> Iterator[int]:
    """Signs in elsewhere, and ends that one or all others."""
    browser = house.browser(who)
    Browser(house.app.test_client()).sign_in(address_of(who))
    found = END.findall(browser.get("/my/account").text)
    yield browser.post(found[0] if seed % 2 and found else "/account/devices").status_code


def _safe_way(house: "House", who: str, seed: int, private: int) -> Iterator[int]:
    """Says how she can be reached, perhaps by no mail at all, and looks at it again."""
    path, ways = "/my/account/safe-contact", {"phone": "1", "number": str(private), "words": said(private)}
    mail = {"mail": "1"} if private % 2 else {"quiet": "1"}
    for given in ({"save": "1", **ways, **mail}, {}) if seed % 3 else ({},):
        yield house.browser(who).post(path, {**given, "passphrase": PASSPHRASE}, page=path).status_code


def _answer_request(house: "House", who: str, seed: int, private: int) -> Iterator[int]:
    """Answers what Ines asks of a form, if she asks; at times takes a yes back."""
    task_id = _sent(house, who, seed)
    if not task_id:
        return
    yield from _reveal(house, who, seed, private)
    page = house.browser(who).get(f"/my/tasks/{task_id}").text
    for item_id in YES.findall(page):
        for word in ("yes", "no") if private % 3 == 0 else ("yes",) if private % 3 == 1 else ("no",):
            address = f"/my/tasks/{task_id}"
            yield house.browser(who).post(f"{address}/requests", {word: item_id}, page=address).status_code


Partner = Callable[["House", str, int, int], Iterator[int]]
PARTNER: dict[str, Partner] = {
    "draft": _draft,
    "draft_locked": _draft_locked,
    "draft_alone": lambda house, who, seed, private: _draft(house, who, seed, private, house.for_ana),
    "send": _send,
    "send_and_keep_back": _send_and_keep_back,
    "afraid": _afraid,
    "send_alone": lambda house, who, seed, private: _send(house, who, private, private, house.for_ana),
    "reveal": _reveal,
    "reveal_wrong": lambda house, who, seed, private: _reveal(house, who, seed, private, "not the pass phrase"),
    "correct": _correct,
    "correct_shared": _correct_shared,
    "open_now": _open_now,
    "send_closed": _send_closed,
    "go_on": lambda house, who, seed, private: _send_closed(house, who, seed, private, house.first_steps),
    "leave": _leave,
    "look_around": _look_around,
    "sign_in": _sign_in,
    "settings": _settings,
    "export": _export,
    "readings": _readings,
    "own_data": _own_data,
    "authorise": _authorise,
    "sign_consent": _sign_consent,
    "ask_reset": _ask_reset,
    "reset": _reset,
    "agree_anew": _agree_anew,
    "look_at_part": _look_at_part,
    "ask_about": _ask_about,
    "show_asked": _show_asked,
    "sign_out": _sign_out,
    "second_key": _second_key,
    "second_key_off": _second_key_off,
    "end_sessions": _end_sessions,
    "junk": _junk,
    "park": _park,
    "safe_way": _safe_way,
    "answer_request": _answer_request,
}
