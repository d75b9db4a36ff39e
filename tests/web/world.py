"""A small world for pages: something of every kind that an address can name, in Ines's practice and of Ana and Ben."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Flask
from sqlalchemy import select, update

from portal import clock, create_app
from portal.domain.assignments import For
from portal.domain.caseload import ViewSettings
from portal.domain.pathways import ReleaseKind
from portal.domain.people import Label, Role, Viewer
from portal.domain.safe_ways import SafeWayOfReaching
from portal.domain.sessions import NoteKind, SessionKind
from portal.domain.texts import TextKind
from portal.extensions import begin_write, db
from portal.models.colleagues import HandOver
from portal.models.erasures import Erasure
from portal.models.practices import Contact
from portal.models.releases import ReleaseRequest
from portal.models.responses import Response
from portal.models.safety import Signal
from portal.models.task_questions import TaskQuestion
from portal.services import (
    accounts,
    assignments,
    bulk,
    caseload_views,
    choices,
    contacts,
    couples,
    covers,
    day_packs,
    hand_overs,
    measure_licences,
    measure_scores,
    members,
    notes,
    nudges,
    outbox,
    pathways,
    programme,
    questionnaire_drafts,
    releases,
    resources,
    safe_ways,
    sessions,
    steps,
    supervision,
    task_questions,
    texts,
    variants,
    web_sessions,
)
from portal.services.assignments import NewAssignment
from portal.services.bulk import NewBulk
from portal.services.choices import NewChoice
from portal.services.couples import NewPartner
from portal.services.measure_scores import Entered
from portal.services.members import NewMember
from portal.services.pathways import NewStep
from portal.services.resources import NewResource
from portal.services.sessions import NewSession
from tests import cast as gathered
from tests import measures
from tests.conftest import START, Browser, Wall, settings_for
from tests.drafts import begun, entry_of
from tests.given import asked_and_done, assign, last_day, send, task_of
from tests.keys import a_passkey

ROLES = ("nobody", "ines", "omar", "mira", "noor", "sol", "ana", "ben", "eva")
WHY = "For the evenings"
ANAS_SECRET = "I count the days until he is away"
ANAS_NUMBER = "0151 2300 4455"
ANAS_SCORE = "41"  # of a measure, from paper


class World:
    """The app, everybody's browser, and an id for every name that stands in an address."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.browsers: dict[str, Browser] = {}
        with app.app_context():
            self.cast = gathered.find()
            self.ids = self._fill()
            self.elsewhere = {
                "gil": self._of_another(self.cast.ines, "gil"),
                "cleo": self._of_another(self.cast.omar, "cleo") | self._work_of(self.cast.omar, "cleo"),
                "eva": self._of_another(self.cast.sol, "eva")
                | self._work_of(self.cast.sol, "eva")
                | {"resource_id": put_on_shelf(self.cast.sol)},
            }
            db.session.remove()

    def browser(self, role: str) -> Browser:
        """The browser of a role; it is signed in again where its session has ended, or its screen is turned round."""
        if role == "nobody":
            return Browser(self.app.test_client())
        known = self.browsers.get(role)
        if known is None or known.get("/").headers["Location"] in ("/sign-in", "/coach/together"):
            self.browsers[role] = Browser(self.app.test_client()).sign_in(gathered.address_of(role))
        return self.browsers[role]

    def _fill(self) -> dict[str, UUID]:
        ines, ana, ben, couple_id = self.cast.ines, self.cast.ana, self.cast.ben, self.cast.couples["ana"]
        floor = assign(self.cast, "one-holds-the-floor", why=WHY)
        check_in = assign(self.cast, "weekly-check-in", why=WHY, weekly=True)
        unsent = assign(self.cast, "ten-clear-minutes", why=WHY)
        on_paper = assign(self.cast, "small-reaches", given_to=For.A, why=WHY)
        sent = task_of(ana, floor)
        send(ana, sent, {"done": "done", "heat_peak": "3", "understood": "That he asks", "private_line": ANAS_SECRET})
        send(ana, task_of(ana, check_in), {"s1": "4", "b1": "6", "t1": "The tea", "x1": "yes"})
        send(ben, task_of(ben, check_in), {"s1": "5", "b1": "5", "t1": "The walk"})
        starts_at = clock.now() + timedelta(days=1)
        session_id = sessions.plan(ines, couple_id, NewSession(SessionKind.JOINT, starts_at, 50, "Room 2"))
        accounts.sign_in(gathered.address_of("ana"), gathered.PASSPHRASE, None)
        response_id = db.session.scalars(select(Response.id).where(Response.task_id == sent)).one()
        for item_id in ("private_line", "done"):
            releases.ask(ines, response_id, item_id, "May we bring this into the session?")
        safe_ways.say(ana, gathered.PASSPHRASE, SafeWayOfReaching(phone=True, number=ANAS_NUMBER, words="Mornings"))
        nudges.nudge(ines, floor, Label.B, "Ten minutes are enough.", "http://127.0.0.1:8000/my/")
        contacts.add(ines, contacts.Listed("DE", "general", "Somebody to talk to", "116 123", "", "always"))
        library = {one.slug: one.id for one in programme.library(ines)}
        variants.link(ines, library["rewrite-the-opening"], library["repair-log"], is_easier=True)
        texts.publish(ines, TextKind.CONSENT, "# This work\nIt is done by {coach}, and each signs alone.", 1)
        texts.publish(ines, TextKind.PRIVACY, "What is kept of you, and why.", 0)
        return self._colleagues() | {
            "couple_id": couple_id,
            **self._measures(),
            "view_id": caseload_views.save(ines, "Who needs me", ViewSettings(needs="any")),
            "person_id": ana.person_id,
            "assignment_id": check_in,
            "assignment_that_repeats": check_in,
            "assignment_to_withdraw": unsent,
            "assignment_on_paper": on_paper,
            "response_id": response_id,
            "request_id": db.session.scalars(select(ReleaseRequest.id).where(ReleaseRequest.item == "done")).one(),
            "session_id": session_id,
            "note_id": notes.write(ines, session_id, NoteKind.REMINDER, "Ask about the stairs"),
            "signal_id": db.session.scalars(select(Signal.id)).first() or UUID(int=0),
            "contact_id": db.session.scalars(select(Contact.id).where(Contact.audience == "general")).one(),
            "bulk_id": give_to_many(ines, couple_id),
            "pack_id": day_packs.ask(ines, starts_at.astimezone(ZoneInfo(gathered.ZONE)).date()),
            "choice_id": offer_choice(ines, couple_id, Label.A),
            "choice_of_ben": offer_choice(ines, couple_id, Label.B),
            "step_id": put_on_pathway(ines, couple_id),
            "step_of_gil": put_on_pathway(ines, self.cast.couples["gil"]),
            "resource_id": put_on_shelf(ines),
            "questionnaire_id": programme.library(ines)[0].id,
            "draft_id": begun(ines),
            "kept_step_id": steps.add(ines, "Play"),
            "draft_of_ana": questionnaire_drafts.begin_next(ines, entry_of(ines, "ten-clear-minutes").id, couple_id),
            "question_id": self._asked(ana, task_of(ana, unsent)),
            "task_id": task_of(ana, unsent),
            "sent_task_id": sent,
            "task_of_ben": task_of(ben, unsent),
            "couple_of_gil": self.cast.couples["gil"],
            "gil": self.cast.gil.person_id,
            "device_id": web_sessions.own(ana, "")[0].device_id,
            "passkey_id": give_passkey(ines),
            **asked_and_done(ines, self.cast.omar, self.cast.gil.person_id, self.cast.hana.person_id),
        }

    def _measures(self) -> dict[str, UUID]:
        """One that is in use, with a score of Ana's from paper; and one that waits for its owner's yes."""
        ines, waiting = self.cast.ines, measures.bring(self.cast.ines, "hits", measures.wordless("hits"))
        measure_licences.attest(ines, waiting, measures.LICENCE)
        measure_licences.document_protocol(ines, waiting, measures.protocol(ines))
        measure_id = measures.active(ines, "rdas")
        typed = Entered(Label.A, measure_id, date(2026, 11, 20), {"total": Decimal(ANAS_SCORE)})
        score_id = measure_scores.enter(ines, self.cast.couples["ana"], typed)
        assignment_id = assign(self.cast, measures.slug_of(measure_id), given_to=For.A)
        task_id = task_of(self.cast.ana, assignment_id)
        send(self.cast.ana, task_id, measures.raw("rdas", [3] * 14), "a measure")
        response_id = db.session.scalars(select(Response.id).where(Response.task_id == task_id)).one()
        return {
            "measure_id": measure_id,
            "measure_in_preparation": waiting,
            "score_id": score_id,
            "response_to_measure": response_id,
        }

    def _asked(self, viewer: Viewer, task_id: UUID) -> UUID:
        task_questions.ask(viewer, task_id, "How long may it take?")
        return db.session.scalars(select(TaskQuestion.id).where(TaskQuestion.task_id == task_id)).one()

    def give_ines_a_second_couple(self) -> None:
        """Pia and Quin come in, and Pia works as Cleo and Eva do: Gil and Hana never came."""
        with self.app.app_context():
            invite_another(self.cast.ines, "Pia", "Quin")
            for mail in outbox.due():
                if mail.words.get("name") in ("Pia", "Quin"):
                    gathered.accept(mail.words["link"].rsplit("/", 1)[1])
            self.cast = gathered.find()
            self.elsewhere["pia"] = self._of_another(self.cast.ines, "pia") | self._work_of(self.cast.ines, "pia")
            db.session.remove()

    def let_the_erasure_wait_again(self) -> None:
        """As it was before somebody stopped it."""
        with self.app.app_context():
            begin_write()
            stopped = update(Erasure).where(Erasure.id == self.ids["erasure_id"])
            db.session.execute(stopped.values(withdrawn_at=None))
            db.session.commit()
            db.session.remove()

    def _of_another(self, coach: Viewer, name: str) -> dict[str, UUID]:
        """What every couple has: its own id, a partner's, a session and a note."""
        couple_id = self.cast.couples[name]
        new = NewSession(SessionKind.JOINT, clock.now() + timedelta(days=3), 50)
        session_id = sessions.plan(coach, couple_id, new)
        return {
            "couple_id": couple_id,
            "person_id": getattr(self.cast, name).person_id,
            "session_id": session_id,
            "note_id": notes.write(coach, session_id, NoteKind.REMINDER, "Ask again"),
        }

    def _work_of(self, coach: Viewer, name: str) -> dict[str, UUID]:
        """Something that was assigned, and what one of the two sent, a private question answered with yes."""
        person: Viewer = getattr(self.cast, name)
        entry = next(one for one in programme.library(coach) if one.slug == "weekly-check-in")
        new = NewAssignment(entry.id, For.BOTH, last_day())
        assignment_id = assignments.assign(coach, self.cast.couples[name], new)
        task_id = task_of(person, assignment_id)
        question_id = self._asked(person, task_id)
        send(person, task_id, {"s1": "4", "b1": "6", "t1": "The tea", "x1": "yes"})
        return {
            "assignment_id": assignment_id,
            "task_id": task_id,
            "question_id": question_id,
            "response_id": db.session.scalars(select(Response.id).where(Response.task_id == task_id)).one(),
            "signal_id": db.session.scalars(select(Signal.id).where(Signal.person_id == person.person_id)).one(),
            "step_id": put_on_pathway(coach, self.cast.couples[name]),
        }

    def _colleagues(self) -> dict[str, UUID]:
        """Noor may read along with Ana and Ben; Omar is away in January; Ines is offered two couples of his."""
        ines, omar, noor = self.cast.ines, self.cast.omar, self.cast.noor
        supervision.begin(ines, self.cast.couples["ana"], noor.person_id, "http://127.0.0.1:8000/my/account")
        away = (date(2027, 1, 4), date(2027, 1, 8))
        rut = members.invite(ines, NewMember("Rut", "rut@north.example", Role.COACH), gathered.LINK)
        both = [self.cast.couples["cleo"], invite_another(omar)]
        for couple_id in both:
            hand_overs.offer(omar, couple_id, ines.person_id, "")
        offers = [db.session.scalars(select(HandOver.id).where(HandOver.couple_id == one)).one() for one in both]
        return {
            "ines": ines.person_id,
            "noor": noor.person_id,
            "rut": rut.person_id,
            "cover_id": covers.arrange(omar, omar.person_id, ines.person_id, *away),
            "hand_over_id": offers[0],
            "another_hand_over": offers[1],
        }


def invite_another(coach: Viewer, *names: str) -> UUID:
    """A couple whose two have not come in."""
    new = [NewPartner(name, f"{name.lower()}@home.example") for name in names or ("Ida", "Jon")]
    return couples.invite_couple(coach, new[0], new[1], gathered.LINK)


def put_on_pathway(coach: Viewer, couple_id: UUID) -> UUID:
    """A step that both do together, on a pathway that has not begun; gives the step's id."""
    entry = next(one for one in programme.library(coach) if one.slug == "ten-clear-minutes")
    return pathways.add_step(coach, couple_id, NewStep(entry.id, For.BOTH, ReleaseKind.BY_COACH, why=WHY))


def put_on_shelf(coach: Viewer, title: str = "Half an hour about listening", step: str = "active_listening") -> UUID:
    """Something to hear beside a step; gives its id."""
    new = NewResource(step, "episode", title, "https://radio.example/episodes/12", 31, "For the way home")
    return resources.add(coach, new)


def give_to_many(coach: Viewer, couple_id: UUID) -> UUID:
    """Something asked for with one couple, which nobody has given yet; gives its id."""
    entry = next(one for one in programme.library(coach) if one.slug == "small-reaches")
    due_on = clock.now().date() + timedelta(days=7)  # the demo lives by today's calendar
    return bulk.ask(coach, NewBulk(entry.id, (couple_id,), due_on, WHY), "a list")


def offer_choice(coach: Viewer, couple_id: UUID, label: Label) -> UUID:
    """Two small steps that one partner may choose from; gives the choice's id."""
    alone = [one.id for one in programme.library(coach) if one.slug in ("my-listening-habits", "three-specifics")]
    new = NewChoice(tuple(alone), For(label.lower()), last_day(), WHY)
    choices.offer(coach, couple_id, new, "http://127.0.0.1:8000/my/")
    return next(one.choice_id for one in choices.of_couple(coach, couple_id) if one.is_open and one.label is label)


def give_passkey(viewer: Viewer) -> UUID:
    begin_write()
    passkey = a_passkey(viewer)
    passkey_id, passkey.credential = passkey.id, b"another credential"  # a test may add one more
    db.session.add(passkey)
    db.session.commit()
    return passkey_id


@contextmanager
def standing(databases: Callable[[str], str], folder: Path, name: str) -> Iterator[World]:
    """A world on a database of its own, on a Monday evening in November."""
    wall = Wall(START)
    with clock.reading(lambda: wall.now):
        app = create_app(settings_for(databases(name), folder))
        yield World(app)
        with app.app_context():
            db.session.remove()
            db.engine.dispose()
