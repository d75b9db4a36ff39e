"""The demo world: the story of `content/demo.yaml`, played through the very services that real people use."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import count
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select

from portal import clock, content, randomness
from portal.domain.assignments import For
from portal.domain.errors import Refused
from portal.domain.people import Role, TokenPurpose, Viewer
from portal.domain.repeats import Again
from portal.domain.safe_ways import from_document
from portal.domain.sessions import Attendance, NoteKind, SessionKind
from portal.extensions import Base, begin_write, db, work_for
from portal.models.practices import Practice
from portal.models.users import Person
from portal.services import (
    accounts,
    assignments,
    couples,
    demo_ground,
    home,
    invitations,
    notes,
    outbox,
    practices,
    programme,
    repeating,
    responses,
    reviews,
    safe_ways,
    sending,
    sent_forms,
    session_prep,
    sessions,
    tenants,
    vault,
)
from portal.services.assignments import NewAssignment
from portal.services.couples import NewPartner
from portal.services.demo_fields import check_in_fields
from portal.services.drafts import Typed
from portal.services.practices import NewCoach, NewPractice
from portal.services.sessions import NewSession

SEED = b"portal demo 1"
Event = tuple[datetime, int, Callable[[], object]]


class DemoRefused(Refused):
    """The demo is not put beside real people, nor where others could reach it."""


@dataclass(frozen=True, slots=True)
class Links:
    """The addresses that mails name; `invitation` holds `{token}`."""

    invitation: str
    home: str


def stands() -> bool:
    """Whether a demo practice is there already."""
    return bool(tenants.ids(Practice.is_demo.is_(True)))


def accounts_of_cast() -> tuple[tuple[str, str], ...]:
    """Who can sign in: name and address, in the order of the story."""
    story = content.demo()
    coaches = [(c["name"], c["address"]) for practice in story["practices"] for c in practice["coaches"]]
    partners = [(c[k]["name"], c[k]["address"]) for c in story["couples"] for k in "ab" if not c.get("is_only_invited")]
    return tuple(coaches + partners)


def clear() -> None:
    """Remove the demo world, where it stands; raises DemoRefused where real people are."""
    _check_that_nobody_is_real()
    for practice_id in (None, *tenants.ids()) if stands() else ():  # practices last: a trigger asks for them
        work_for(practice_id)
        begin_write()
        for table in reversed(Base.metadata.sorted_tables):
            db.session.execute(delete(table))
        db.session.commit()


def _check_that_nobody_is_real() -> None:
    if tenants.ids(Practice.is_demo.is_(False)):
        raise DemoRefused("real_people_here")


def seed(passphrase: str, links: Links) -> None:
    """Play the story up to now: equal ids and plain values each time. Raises DemoRefused where real people are."""
    _check_that_nobody_is_real()
    story = _Story(passphrase, links, clock.now())
    with randomness.ids_drawn_from(_stream()), clock.reading(lambda: story.at):
        story.play()
    _let_mails_go()


def _stream() -> Callable[[int], bytes]:
    numbers = count()
    return lambda size: hashlib.sha256(SEED + str(next(numbers)).encode()).digest()[:size]


def _let_mails_go() -> None:
    """No mail of the story is sent now: what lies in the post is what somebody at the demo asked for."""
    while waiting := outbox.due():
        for mail in waiting:
            outbox.mark_sent(mail)


class _Story:
    def __init__(self, passphrase: str, links: Links, now: datetime) -> None:
        self.passphrase = passphrase
        self.links = links
        self.now = self.at = now
        self.coaches: dict[str, Viewer] = {}
        self.couples: dict[str, UUID] = {}
        self.people: dict[str, Viewer] = {}
        self.library: dict[tuple[UUID, str], UUID] = {}

    def play(self) -> None:
        story = content.demo()
        self.at = self.now - timedelta(days=100)
        for practice in story["practices"]:
            self._found(practice, story["contacts"])
        events = [event for couple in story["couples"] for event in _Chapter(self, couple).events()]
        for instant, _, act in sorted(events, key=lambda event: event[:2]):
            self.at = instant
            act()
        self.at = self.now

    def _found(self, practice: dict[str, Any], contacts: list[dict[str, str]]) -> None:
        owner, *others = (
            NewCoach(c["name"], c["address"], self.passphrase, Role(c["role"])) for c in practice["coaches"]
        )
        viewer = practices.create_practice(NewPractice(practice["name"], practice["zone"], is_demo=True), owner)
        self.coaches[owner.name] = viewer
        for coach in others:
            self.coaches[coach.name] = practices.add_coach(viewer, coach)
        for entry in programme.library(viewer):
            self.library[viewer.practice_id, entry.slug] = entry.id
        demo_ground.list_contacts(viewer, contacts, self.now.date() - timedelta(days=20))
        demo_ground.fill_shelf(viewer, practice.get("shelf", ()))


class _Chapter:
    """What one couple did, as events in time."""

    def __init__(self, story: _Story, couple: dict[str, Any]) -> None:
        self.story, self.couple, self.key = story, couple, couple["key"]
        self.zone = ZoneInfo("Europe/Berlin")
        self.tomorrow = story.now.astimezone(self.zone).date() + timedelta(days=1)
        self.numbers = count()

    @property
    def coach(self) -> Viewer:
        return self.story.coaches[self.couple["coach"]]

    @property
    def practice(self) -> UUID:
        return self.coach.practice_id

    @property
    def couple_id(self) -> UUID:
        return self.story.couples[self.key]

    def events(self) -> Iterator[Event]:
        first = self.couple["weeks_ago"]
        yield self._on(7 * first + 5, time(10), self.invite)
        if self.couple.get("is_only_invited"):
            return
        yield self._on(7 * first + 4, time(20), self.accept)
        yield from self._steps()
        yield from self._check_ins()
        yield from self._homework()
        yield from self._sessions()

    def _on(self, days_ago: int, at: time, act: Callable[..., object], *values: Any) -> Event:
        """An event so many days before tomorrow, on the practice's wall clock; never after the seeding."""
        instant = datetime.combine(self.tomorrow - timedelta(days=days_ago), at, self.zone)
        instant = min(instant, self.story.now - timedelta(minutes=1))
        return instant, next(self.numbers), lambda: tenants.within(self.coach.practice_id, act, *values)

    def _steps(self) -> Iterator[Event]:
        for weeks_ago, step in self.couple.get("steps", {}).items():
            yield self._on(7 * weeks_ago + 3, time(9), self.take_step, step)

    def _check_ins(self) -> Iterator[Event]:
        answers = self.couple["check_ins"]
        weeks = max(len(given) for given in answers.values())
        yield self._on(7 * (weeks - 1) + 6, time(7), self.begin_check_ins)
        for week in range(1, weeks):
            yield self._on(7 * (weeks - 1 - week) + 6, time(7), repeating.issue_due, self.story.links.home)
        for place, (name, given) in enumerate(answers.items()):
            for week, answer in enumerate(given):
                if answer is not None:
                    days_ago = 7 * (weeks - 1 - week) + 3 - place
                    yield self._on(days_ago, time(20, 15 + 16 * place), self.check_in, name, answer)

    def _homework(self) -> Iterator[Event]:
        for entry in self.couple.get("homework", ()):
            begun = 7 * entry["weeks_ago"]
            yield self._on(begun, time(19, 30), self.assign, entry)
            for place, label in enumerate("ab"):
                name = self.couple[label]["name"].lower()
                at = time(19 + place, 40)
                if name in entry:
                    yield self._on(begun - 4 - place, at, self.answer, name, entry["exercise"], entry[name])
                if f"draft_{name}" in entry:
                    yield self._on(begun - 5, at, self.draft, name, entry["exercise"], entry[f"draft_{name}"])

    def _sessions(self) -> Iterator[Event]:
        in_days = self.couple.get("next_session_in_days", 1)
        for weeks_ago in self.couple["sessions_weeks_ago"]:
            if weeks_ago:
                day = self.tomorrow - timedelta(weeks=weeks_ago)
                yield self._on(7 * weeks_ago + 2, time(12), self.plan, day)
                yield self._on(7 * weeks_ago, time(19), self.hold, weeks_ago)
        yield self._on(4, time(12), self.plan, self.tomorrow + timedelta(days=in_days - 1))

    def invite(self) -> None:
        a, b = (NewPartner(self.couple[k]["name"], self.couple[k]["address"]) for k in "ab")
        self.story.couples[self.key] = couples.invite_couple(self.coach, a, b, self.story.links.invitation)

    def accept(self) -> None:
        names = [self.couple[label]["name"] for label in "ab"]
        for mail in outbox.due():
            if mail.message == "invitation" and mail.words["name"] in names:
                token = mail.words["link"].rsplit("/", 1)[1]
                row = accounts.usable_token(token, TokenPurpose.INVITATION)
                code = vault.unseal(row.person_id, "tokens.code_sealed", row.id, row.code_sealed or b"")
                signing = invitations.Signing(mail.words["name"])
                invitations.accept_invitation(token, code, self.story.passphrase, signing=signing)
                outbox.mark_sent(mail)
        wanted = select(Person).where(Person.practice_id == self.coach.practice_id, Person.display_name.in_(names))
        for person in db.session.scalars(wanted):
            self.story.people[person.display_name.lower()] = Viewer(person.id, person.practice_id, Role(person.role))
        for name, way in self.couple.get("reach", {}).items():
            safe_ways.say(self.story.people[name], self.story.passphrase, from_document(way))

    def take_step(self, step: str) -> None:
        couples.set_step(self.coach, self.couple_id, step)

    def begin_check_ins(self) -> None:
        self._assign("weekly-check-in", For.BOTH, days=6, again=Again(at=time(7)))

    def assign(self, entry: dict[str, Any]) -> None:
        if "then" in entry:  # the first step of a pathway
            library = {slug: id_ for (practice, slug), id_ in self.story.library.items() if practice == self.practice}
            steps = (entry, *entry["then"])
            demo_ground.lay_pathway(self.coach, self.couple_id, steps, library, self.story.links.home)
            return
        given_to = For(entry.get("for", "both"))
        words = {"why": entry["why"], "obstacle": entry.get("obstacle", "")}
        self._assign(entry["exercise"], given_to, days=12 if entry["weeks_ago"] == 1 else 6, **words)

    def _assign(self, slug: str, given_to: For, *, days: int, **more: Any) -> None:
        entry_id = self.story.library[self.coach.practice_id, slug]
        due_on: date = clock.now().astimezone(self.zone).date() + timedelta(days=days)
        new = NewAssignment(questionnaire_id=entry_id, given_to=given_to, due_on=due_on, **more)
        assignments.assign(self.coach, self.couple_id, new, self.story.links.home)

    def check_in(self, name: str, given: dict[str, Any]) -> None:
        self.answer(name, "weekly-v1", check_in_fields(given))

    def answer(self, name: str, slug: str, raw: dict[str, str]) -> None:
        viewer = self.story.people[name]
        saved = self._save(viewer, slug, raw)
        sending.submit(viewer, saved.task_id, saved.version, str(saved.task_id))

    def draft(self, name: str, slug: str, raw: dict[str, str]) -> None:
        self._save(self.story.people[name], slug, raw)

    def _save(self, viewer: Viewer, slug: str, raw: dict[str, str]) -> responses.OpenTask:
        open_tasks = (responses.open_for(viewer, task_id) for task_id in home.open_task_ids(viewer))
        task = next(task for task in open_tasks if task.questionnaire.slug == slug)
        chosen = {item.id: item.disclosure.value for item in task.items}
        return responses.save_draft(viewer, task.task_id, Typed(raw, chosen), task.version)

    def plan(self, day: date) -> None:
        new = NewSession(SessionKind.JOINT, datetime.combine(day, time(18), self.zone), 60, self.couple["place"])
        sessions.plan(self.coach, self.couple_id, new)

    def hold(self, weeks_ago: int) -> None:
        session = next(s for s in sessions.of_couple(self.coach, self.couple_id) if s.starts_at < clock.now())
        session_prep.open_in_session(self.coach, session.session_id)
        sessions.put_down_attendance(self.coach, session.session_id, Attendance.BOTH)
        for kind, lines in self.couple.get("notes", {}).get(weeks_ago, {}).items():
            notes.write(self.coach, session.session_id, NoteKind(kind), "\n".join(lines))
        for form in sent_forms.of_couple(self.coach, self.couple_id):
            if not form.is_reviewed:
                reviews.review(self.coach, form.response_id, "")
