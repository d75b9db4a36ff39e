"""What the coach and the clock do in a history: the coach by services, for her own pages are no part of the proof."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import select

from portal import clock
from portal.domain.beginnings import BEGINNING
from portal.domain.consent import Policy
from portal.domain.day_packs import instants_of
from portal.domain.items import ItemType
from portal.domain.parting import CoupleAct
from portal.domain.people import Label
from portal.domain.session_notes import NoteOf
from portal.domain.sessions import NoteKind, SessionKind
from portal.domain.texts import TextKind
from portal.extensions import db
from portal.jobs.drain import drain
from portal.jobs.press import Press
from portal.jobs.sweep import sweep
from portal.models.assignments import Task
from portal.models.responses import Response
from portal.output.render import Rendered
from portal.services import (
    approvals,
    authorisations,
    beginnings,
    couple_states,
    couples,
    day_packs,
    endings,
    entering,
    erasures,
    exchanges,
    notes,
    nudges,
    overview,
    passages,
    pathway_issuing,
    policies,
    practices,
    programme,
    releases,
    repeating,
    resources,
    reviews,
    safety,
    session_check_ins,
    session_notes,
    session_prep,
    sessions,
    side_by_side,
    task_questions,
    texts,
    today,
    trends,
)
from portal.services.endings import AtEnd
from portal.services.resources import NewResource
from portal.services.sessions import NewSession
from tests import factories
from tests.privacy.acts_of_giving import FIRST, GIVING, entry_of
from tests.privacy.acts_of_library import adapt_for_ana, edit_library
from tests.privacy.typed_forms import said, value_of

if TYPE_CHECKING:
    from tests.privacy.twin import House


def printed_as_it_is(html: str) -> Rendered:
    """A paper is the page that is given to the printer."""
    return Rendered(html.encode(), fallback=False)


def _begin_with_both(house: "House", seed: int, _private: int) -> None:
    """Ines gives each alone what the work begins with, and says how many minutes of a session are for each."""
    ines, couple_id = house.cast.ines, house.cast.couples["ana"]
    beginnings.set_alone_minutes(ines, couple_id, 5 + seed % 20)
    beginnings.beginning(ines, couple_id, "Europe/Berlin")
    beginnings.give(ines, couple_id, "http://127.0.0.1:8000/my/")
    house.for_both.append(passages.given(couple_id, BEGINNING)[0].assignment_id)


def _end_with_both(house: "House", seed: int, _private: int) -> None:
    """Ines gives each what the work ends with: a check-in that looks back, or what they want to keep."""
    ines, couple_id = house.cast.ines, house.cast.couples["ana"]
    what = list(AtEnd)[seed % 2]
    endings.give(ines, couple_id, what, "http://127.0.0.1:8000/my/")
    found = endings.ending(ines, couple_id)
    given = found.closing if what is AtEnd.CLOSING else found.keepsake
    if given is not None:
        house.for_both.append(given.assignment_id)


def _talk_with_ana(house: "House", _seed: int, private: int) -> None:
    """Ines notes that she spoke with Ana alone, or takes it back, and looks at what Ana hopes for."""
    ines, couple_id = house.cast.ines, house.cast.couples["ana"]
    day = None if private % 3 == 0 else datetime.now(UTC).date() - timedelta(days=private % 5)
    beginnings.note_talk(ines, couple_id, house.cast.ana.person_id, day)


def _session(house: "House", kind: SessionKind, seed: int) -> UUID:
    starts_at = datetime.now(UTC) + timedelta(days=1 + seed % 5, hours=seed % 4)
    return sessions.plan(house.cast.ines, house.cast.couples["ana"], NewSession(kind, starts_at, 50, f"Room {seed}"))


def _agreed(house: "House", seed: int, _private: int) -> None:
    session_id = _session(house, SessionKind.JOINT, seed + 1)
    notes.write(house.cast.ines, session_id, NoteKind.AGREED, f"Ten minutes, {seed} times")


def _reminder(house: "House", seed: int, private: int) -> None:
    session_id = _session(house, SessionKind.INDIVIDUAL_A, seed + 2)
    kind = (NoteKind.REMINDER, NoteKind.AGENDA)[private % 2]
    notes.write(house.cast.ines, session_id, kind, said(private))


def _note_ana(house: "House", seed: int, private: int) -> None:
    """Ines writes of Ana, and for herself, after a session of both; at times she locks it and adds to it."""
    ines, session_id = house.cast.ines, _session(house, SessionKind.INDIVIDUAL_A, seed + 4)
    for note_of in (NoteOf.A, NoteOf.PRIVATE):
        session_notes.save(ines, session_id, note_of, said(private), 0)
        if private % 2:
            session_notes.lock(ines, session_id, note_of, said(private), 1)
            session_notes.add(ines, session_id, note_of, said(private + 1))


def _note_both(house: "House", seed: int, _private: int) -> None:
    session_id = _session(house, SessionKind.JOINT, seed + 5)
    session_notes.save(house.cast.ines, session_id, NoteOf.JOINT, f"They walked {seed} times", 0)
    session_notes.lock(house.cast.ines, session_id, NoteOf.JOINT, f"They walked {seed} times", 1)


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


def _day_pack(house: "House", seed: int, _private: int) -> None:
    """All briefs of a day in which there is one: made, and handed over."""
    ines, day = house.cast.ines, clock.today("Europe/Berlin") + timedelta(days=1 + seed % 5)
    factories.session(house.cast.couples["ana"], instants_of(day, "Europe/Berlin")[0] + timedelta(hours=9))
    pack_id = day_packs.ask(ines, day)
    Press("Portal", printed_as_it_is).turn()
    day_packs.hand_over(ines, day_packs.papers(ines, pack_id))


def _go_on_to_step(house: "House", seed: int, _private: int) -> None:
    """Ines says at which step they are, puts something on its shelf, and at times takes the first thing off."""
    ines, steps = house.cast.ines, programme.steps_of(house.cast.ines)
    step = steps[seed % len(steps)].slug
    couples.set_step(ines, house.cast.couples["ana"], step)
    why = f"For an evening like {seed}"
    resources.add(ines, NewResource(step, "episode", f"Half an hour, {seed}", "https://radio.example/12", 31, why))
    first = next(shelf.kept[0] for shelf in resources.shelf(ines) if shelf.step == step)
    if seed % 3 == 0:
        resources.retire(ines, first.resource_id)


def _look_at_couple(house: "House", _seed: int, _private: int) -> None:
    """Ines looks at her pages: that she read a form of Ben's follows from his sending, whatever Ana did."""
    ines, couple_id, zone = house.cast.ines, house.cast.couples["ana"], "Europe/Berlin"
    today.today(ines, zone)
    overview.overview(ines, couple_id, zone)
    overview.all_homework(ines, couple_id, zone)
    trends.trends(ines, couple_id, trends.Show.SCORE, zone)
    trends.saved_weeks(ines, couple_id, zone, trends.Period.ALL)


def _compare(house: "House", seed: int, _private: int) -> None:
    """Ines lays the versions of something beside each other: whose forms she opened does not hang on what Ana sent."""
    slug = (FIRST, "my-listening-habits", "three-specifics")[seed % 3]
    side_by_side.compare(house.cast.ines, house.cast.couples["ana"], entry_of(house, slug), (), "Europe/Berlin")


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


def _paper_in_ana(house: "House", seed: int, private: int) -> None:
    """Ines types in a sheet of Ana's; in the twin that erases this, the form stays unsent for good."""
    ines, given = house.cast.ines, house.for_both[seed % len(house.for_both)]
    mine = (Task.assignment_id == given, Task.person_id == house.cast.ana.person_id)
    task_id = db.session.scalars(select(Task.id).where(*mine)).one_or_none()
    sheet = entering.sheet(ines, given, Label.A)
    if task_id is None or task_id in house.never_sent:
        return
    words = {item.id: said(private) for item in sheet.items if item.type is ItemType.TEXT}
    figures = {item.id: value_of(item, private) for item in sheet.items if item.id not in words}
    entering.enter(ines, given, Label.A, words | figures, "a sheet")
    house.sent_closed.append(task_id)


def _open_in_session(house: "House", seed: int, _private: int) -> None:
    """A session of both begins, and Ines opens to both what both share of something that they have sent, if they do."""
    ines, couple_id = house.cast.ines, house.cast.couples["ana"]
    new = NewSession(SessionKind.JOINT, datetime.now(UTC) - timedelta(minutes=1), 50, f"Room {seed}")
    session_id = sessions.plan(ines, couple_id, new)
    exchanges.of_session(ines, session_id)
    exchanges.open_now(ines, session_id, house.for_both[seed % len(house.for_both)])


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
    for part in (session_check_ins, repeating, pathway_issuing):
        part.issue_due("http://127.0.0.1:8000/my/")


COACH: dict[str, Callable[["House", int, int], object]] = {
    **GIVING,
    "compare": _compare,
    "close": lambda house, _seed, _: couple_states.act(house.cast.ines, house.cast.couples["ana"], CoupleAct.CLOSE),
    "begin_with_both": _begin_with_both,
    "end_with_both": _end_with_both,
    "talk_with_ana": _talk_with_ana,
    "session_both": lambda house, seed, _: _session(house, SessionKind.JOINT, seed),
    "note_ana": _note_ana,
    "note_both": _note_both,
    "session_ana": lambda house, seed, _: _session(house, SessionKind.INDIVIDUAL_A, seed),
    "agreed": _agreed,
    "reminder": _reminder,
    "review_ana": _review_ana,
    "read_ana": _read_ana,
    "read_ben": lambda house, _seed, _private: _read(house, "ben"),
    "read_brief": _read_brief,
    "look_at_signals": lambda house, _seed, _private: safety.look_at_signals(house.cast.ines),
    "look_at_couple": _look_at_couple,
    "close_signals": _close_signals,
    "look_at_erasures": _look_at_erasures,
    "ask_ana": _ask_ana,
    "ask_anew": _ask_anew,
    "answer_ana": _answer_ana,
    "nudge_ana": _nudge_ana,
    "paper_in_ana": _paper_in_ana,
    "nudge_ben": _nudge_ben,
    "open_in_session": _open_in_session,
    "work": lambda house, _seed, _private: sweep(house.post, "http://127.0.0.1:8000/my/"),
    "press": lambda _house, _seed, _private: Press("Portal", printed_as_it_is).turn(),
    "day_pack": _day_pack,
    "drain": lambda house, _seed, _private: drain(house.post),
    "publish": _publish,
    "ask_both": _ask_both,
    "go_on_to_step": _go_on_to_step,
    "edit_library": edit_library,
    "adapt_for_ana": adapt_for_ana,
    "sweep": _sweep,
}
