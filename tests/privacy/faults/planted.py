"""The planted leaks, each a context in which the product tells Ben something of Ana; no switch for them is in it."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask, Response
from sqlalchemy import func, select, update

from portal import clock, randomness
from portal.domain.errors import NotAllowed, NotFound
from portal.domain.people import Viewer
from portal.extensions import db
from portal.models.assignments import Assignment, Task
from portal.models.audit import AuditEvent
from portal.models.couples import Partnership
from portal.models.responses import Draft
from portal.models.responses import Response as SentResponse
from portal.models.users import Person, WebSession
from portal.services import (
    erasures,
    exports,
    glances,
    home,
    notes,
    outbox,
    parting,
    readings,
    responses,
    safety,
    sending,
    shared,
    versions,
)
from portal.services.drafts import Turn, Typed
from portal.services.sent_forms import SentForm
from portal.web.auth import sign_in
from portal.web.partner import tasks
from tests.privacy.acts import Act, History

Planting = Callable[[pytest.MonkeyPatch], None]


@dataclass(frozen=True)
class Leak:
    """A leak, and what must happen for it to tell anything: acts of the first evening, and of the second."""

    plant: Planting
    needs: History


PLANTED: dict[str, Leak] = {}
ANA_SENDS_A_CHECK_IN, BEN_SENDS_A_CHECK_IN = Act("ana", "send", 1), Act("ben", "send", 1)
ANA_SENDS, BEN_SENDS = Act("ana", "send", 2), Act("ben", "send", 2)


def fault(*needs: Act, next_day: tuple[Act, ...] = ()) -> Callable[[Planting], Planting]:
    def noted(planting: Planting) -> Planting:
        PLANTED[planting.__name__] = Leak(planting, (needs, next_day))
        return planting

    return noted


@contextmanager
def planted(name: str) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        PLANTED[name].plant(patch)
        yield


def _couple_of(viewer: Viewer) -> UUID | None:
    return db.session.scalar(select(Partnership.couple_id).where(Partnership.person_id == viewer.person_id))


def _of_couple(viewer: Viewer, counted: Any) -> Any:
    """A count or an extreme over everything that the couple has."""
    return db.session.scalar(
        select(counted)
        .select_from(Task)
        .join(Assignment, Assignment.id == Task.assignment_id)
        .outerjoin(SentResponse, SentResponse.task_id == Task.id)
        .outerjoin(Draft, Draft.task_id == Task.id)
        .where(Assignment.couple_id == _couple_of(viewer))
    )


@fault(ANA_SENDS)
def progress_badge(patch: pytest.MonkeyPatch) -> None:
    """Home says how many forms the two have sent."""
    agreed = notes.agreed_for_partner
    patch.setattr(
        notes,
        "agreed_for_partner",
        lambda viewer: (*agreed(viewer), f"Sent: {_of_couple(viewer, func.count(SentResponse.id))}"),
    )


@fault(ANA_SENDS_A_CHECK_IN, BEN_SENDS_A_CHECK_IN)
def count_of_private_answers(patch: pytest.MonkeyPatch) -> None:
    """The shared page says how much stays closed."""
    for_both = shared.for_both

    def counting(viewer: Viewer) -> tuple[shared.SharedForm, ...]:
        rows = shared._rows(_couple_of(viewer) or UUID(int=0), clock.now())
        closed = sum(a.value is not None for row in rows for a in versions.answers_of(row.Response))
        return tuple(replace(form, title=f"{form.title} ({closed})") for form in for_both(viewer))

    patch.setattr(shared, "for_both", counting)


@fault(Act("ana", "draft", 2))
def version_of_the_couple_as_etag(patch: pytest.MonkeyPatch) -> None:
    """An ETag that moves with every draft of either partner."""
    process = Flask.process_response

    def tagged(self: Flask, response: Response) -> Response:
        response = process(self, response)
        response.set_etag(str(db.session.scalar(select(func.sum(Draft.version)))))
        return response

    patch.setattr(Flask, "process_response", tagged)


@fault(Act("coach", "assign_ana", 1))
def forbidden_is_not_absent(patch: pytest.MonkeyPatch) -> None:
    """A task of the other partner answers otherwise than one that never was."""
    open_for = responses.open_for

    def telling(viewer: Viewer, task_id: UUID) -> responses.OpenTask:
        try:
            return open_for(viewer, task_id)
        except NotFound:
            if db.session.scalar(select(Task.id).where(Task.id == task_id)):
                raise NotAllowed("not_yours") from None
            raise

    patch.setattr(responses, "open_for", telling)


@fault(ANA_SENDS)
def mail_when_the_other_sends(patch: pytest.MonkeyPatch) -> None:
    """The other partner gets a mail that something came in."""
    submit = sending.submit

    def mailing(viewer: Viewer, task_id: UUID, version: int, key: str, link: str = "") -> None:
        submit(viewer, task_id, version, key, link)
        own = select(Task.assignment_id).where(Task.id == task_id).scalar_subquery()
        others = select(Task.person_id).where(Task.assignment_id == own, Task.id != task_id)
        for person in db.session.scalars(select(Person).where(Person.id.in_(others))).all():
            outbox.enqueue(person, "task", f"news:{task_id}", {"link": "/my/"})
        db.session.commit()

    patch.setattr(sending, "submit", mailing)


@fault(Act("ana", "export"), Act("coach", "assign_both"))
def ids_from_a_counter(patch: pytest.MonkeyPatch) -> None:
    """Ids count up, so that a gap tells what else was made."""
    made: dict[int, int] = {}

    def counted() -> UUID:
        app = id(db.engine)
        made[app] = made.get(app, 0) + 1
        return UUID(int=(1 << 76) + made[app], version=4)

    patch.setattr(randomness, "new_id", counted)


@fault(ANA_SENDS, Act("ben", "draft", 1))
def submission_key_of_the_couple(patch: pytest.MonkeyPatch) -> None:
    """The hidden key of a form counts what the couple has sent."""
    review = tasks._review

    def keyed(task: responses.OpenTask, *, has_changed: bool = False) -> str:
        sent = db.session.scalar(select(func.count(SentResponse.id)))
        with pytest.MonkeyPatch.context() as inner:
            inner.setattr(tasks.randomness, "new_token", lambda: f"key-{sent}")
            return review(task, has_changed=has_changed)

    patch.setattr(tasks, "_review", keyed)


@fault(Act("ana", "draft", 2))
def draft_touches_the_other_copy(patch: pytest.MonkeyPatch) -> None:
    """Saving a draft moves the day of both copies."""
    write = responses._write_draft

    def touching(
        viewer: Viewer,
        task: responses.OpenTask,
        typed: Typed,
        turn: Turn | None = None,
        **how: bool,
    ) -> None:
        write(viewer, task, typed, turn, **how)
        own = select(Task.assignment_id).where(Task.id == task.task_id).scalar_subquery()
        for row in db.session.scalars(select(Task).where(Task.assignment_id == own)):
            row.due_at += timedelta(days=1)

    patch.setattr(responses, "_write_draft", touching)


@fault(ANA_SENDS_A_CHECK_IN)
def hold_that_takes_a_task(patch: pytest.MonkeyPatch) -> None:
    """A flag hides the couple's open tasks."""
    own_home = home.home

    def held(viewer: Viewer) -> home.Home:
        found = own_home(viewer)
        signals = db.session.scalar(select(func.count(safety.Signal.id)))
        return home.Home(None, (), found.sent) if signals else found

    patch.setattr(home, "home", held)


@fault()
def last_seen_of_the_other(patch: pytest.MonkeyPatch) -> None:
    """Home says when the other was here."""
    agreed = notes.agreed_for_partner

    def telling(viewer: Viewer) -> tuple[str, ...]:
        others = WebSession.person_id != viewer.person_id
        return (*agreed(viewer), f"{db.session.scalar(select(func.max(WebSession.seen_at)).where(others))}")

    patch.setattr(notes, "agreed_for_partner", telling)


@fault(BEN_SENDS, ANA_SENDS)
def opens_when_the_other_sends(patch: pytest.MonkeyPatch) -> None:
    """What is shared opens at the partner's minute instead of in the morning."""
    patch.setattr(shared, "_may_be_open", lambda _at: SentResponse.may_open & SentResponse.hidden_at.is_(None))
    patch.setattr(
        shared,
        "_is_open",
        lambda _item, answer, sent, _at: (
            answer.disclosure == "shared" and (sent.alone or sent.other_opens_at is not None)
        ),
    )


@fault(BEN_SENDS, Act("ana", "send_closed", 2))
def own_line_once_both_have_sent(patch: pytest.MonkeyPatch) -> None:
    """One's own line stands on the shared page as soon as the other has sent, whatever they kept to themselves."""
    patch.setattr(shared, "_hangs", lambda _item, _answer, _sent, _at: False)


@fault(Act("ana", "send_and_keep_back", 1))
def written_for_both_is_open_to_both(patch: pytest.MonkeyPatch) -> None:
    """What was kept back opens all the same: the question was meant for both."""
    is_open = shared._is_open
    patch.setattr(
        shared,
        "_is_open",
        lambda item, answer, sent, at: is_open(item, replace(answer, disclosure=item.disclosure), sent, at),
    )


@fault(Act("ana", "send_and_keep_back", 9), Act("ben", "send", 9))
def second_thoughts_are_counted(patch: pytest.MonkeyPatch) -> None:
    """Once a form is open it says whether something of it was kept back after it was sent."""
    for_both = shared.for_both

    def counting(viewer: Viewer) -> tuple[shared.SharedForm, ...]:
        kept = select(func.count(AuditEvent.id)).where(AuditEvent.event == "disclosure:changed_to_coach")
        return tuple(replace(form, title=f"{form.title} ({db.session.scalar(kept)})") for form in for_both(viewer))

    patch.setattr(shared, "for_both", counting)


@fault(ANA_SENDS, BEN_SENDS, next_day=(Act("ana", "correct_shared", 2),))
def correction_opens_at_once(patch: pytest.MonkeyPatch) -> None:
    """A correction of what both read already is there at once instead of in the morning."""
    patch.setattr(versions, "met_now", lambda sent, _at: {one.id: versions.answers_of(one) for one in sent})


@fault(Act("ana", "leave", 2))
def his_tasks_go_when_she_leaves(patch: pytest.MonkeyPatch) -> None:
    """When she stops taking part, what both were asked to do goes from his pages too."""
    take = parting._take_from_home

    def taking(viewer: Viewer, couple_id: UUID) -> None:
        take(viewer, couple_id)
        of_couple = select(Assignment.id).where(Assignment.couple_id == couple_id)
        both = update(Task).where(Task.assignment_id.in_(of_couple), Task.submitted_at.is_(None))
        db.session.execute(both.values(withdrawn_at=clock.now()))

    patch.setattr(parting, "_take_from_home", taking)


@fault(Act("ana", "sign_in_wrong"))
def failures_of_the_household(patch: pytest.MonkeyPatch) -> None:
    """Wrong pass phrases of one home turn up for everybody in it."""
    failed: dict[int, int] = {}
    check = sign_in.accounts.sign_in

    def counting(*typed: Any) -> Any:
        found = check(*typed)
        failed[id(db.engine)] = failed.get(id(db.engine), 0) + (found is None)
        return found

    agreed = notes.agreed_for_partner
    patch.setattr(sign_in.accounts, "sign_in", counting)
    patch.setattr(
        notes, "agreed_for_partner", lambda viewer: (*agreed(viewer), f"Refused: {failed.get(id(db.engine), 0)}")
    )


@fault(ANA_SENDS, Act("coach", "read_ana"))
def readings_of_the_couple(patch: pytest.MonkeyPatch) -> None:
    """Who opened which form is told of the other's forms as well."""
    own = readings.of_own_forms

    def of_both(viewer: Viewer, passphrase: str) -> readings.ReadBy:
        others = select(Partnership.person_id).where(
            Partnership.couple_id == _couple_of(viewer), Partnership.person_id != viewer.person_id
        )
        other = db.session.scalars(others).one()
        mine, theirs = own(viewer, passphrase), own(replace(viewer, person_id=other), passphrase)
        return replace(mine, forms=mine.forms + theirs.forms)

    patch.setattr(readings, "of_own_forms", of_both)


@fault(BEN_SENDS_A_CHECK_IN, ANA_SENDS_A_CHECK_IN, Act("coach", "look_at_couple"))
def reading_noted_once_both_have_sent(patch: pytest.MonkeyPatch) -> None:
    """That the coach looked at somebody's forms is put down as soon as the other has sent one too."""
    missing = glances._not_noted

    def of_both(viewer: Viewer, forms: Iterable[SentForm], zone: str) -> list[UUID]:
        shown = tuple(forms)
        return missing(viewer, shown, zone) if len({form.label for form in shown}) > 1 else []

    patch.setattr(glances, "_not_noted", of_both)


@fault(Act("ana", "own_data", 0))
def erasure_of_the_other(patch: pytest.MonkeyPatch) -> None:
    """Where it stands with one's own data is told of the other's request as well."""
    own = erasures.own

    def of_both(viewer: Viewer, passphrase: str) -> erasures.OwnErasure | None:
        others = select(Partnership.person_id).where(
            Partnership.couple_id == _couple_of(viewer), Partnership.person_id != viewer.person_id
        )
        other = db.session.scalars(others).one()
        return own(viewer, passphrase) or erasures._shown(erasures.standing_of(other))

    patch.setattr(erasures, "own", of_both)


@fault(Act("ana", "draft", 2))
def file_of_the_other(patch: pytest.MonkeyPatch) -> None:
    """One's own file says on its last line how many drafts the other has."""
    sent = exports._sent

    def with_a_count(viewer: Viewer, *, never_private: bool) -> list[exports.OwnForm]:
        drafts = _of_couple(viewer, func.count(Draft.task_id))
        return [*sent(viewer, never_private=never_private), exports.OwnForm(f"Drafts: {drafts}", None, (), None)]

    patch.setattr(exports, "_sent", with_a_count)


@fault(ANA_SENDS_A_CHECK_IN)
def average_over_both(patch: pytest.MonkeyPatch) -> None:
    """A line about both, computed from the private scores of both."""
    agreed = notes.agreed_for_partner

    def averaged(viewer: Viewer) -> tuple[str, ...]:
        sent = [versions.scores_of(row) for row in db.session.scalars(select(SentResponse)).all()]
        totals = [scores.total for scores in sent if scores and scores.total is not None]
        return (*agreed(viewer), f"{sum(totals):.1f} at {clock.now():%d}")

    patch.setattr(notes, "agreed_for_partner", averaged)
