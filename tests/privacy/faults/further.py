"""Further planted leaks: those of files, mails, counts and locks; together with the others they are the list of 25."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from typing import Any
from uuid import UUID

import pytest
from flask import Response, current_app, request
from sqlalchemy import delete, func, literal_column, select

from portal import clock
from portal.domain.errors import Conflict, Invalid
from portal.domain.people import Viewer
from portal.extensions import db, limiter
from portal.models.assignments import Assignment, Task
from portal.models.couples import Partnership
from portal.models.outbox import OutboxEntry
from portal.models.questionnaires import QuestionnaireVersion
from portal.models.responses import Draft
from portal.models.responses import Response as SentResponse
from portal.models.users import Person
from portal.output.mail import Letter, Mailer
from portal.services import erasures, exports, home, notes, outbox, responses, shared, versions
from portal.services.drafts import Turn, Typed
from portal.services.transactions import DatabaseBusy
from portal.settings import Settings
from portal.web import limits
from portal.web.partner import export, tasks
from tests.privacy.acts import Act
from tests.privacy.faults.planted import (
    ANA_SENDS,
    ANA_SENDS_A_CHECK_IN,
    BEN_SENDS,
    BEN_SENDS_A_CHECK_IN,
    _couple_of,
    _of_couple,
    fault,
)

ONE_GUESS = limits.parse("1 per 10 minutes")
FILES_A_COUPLE = 2
NEWEST_OF_THE_COUPLE = 4


def _where() -> str:
    """Which run this is: what a leak keeps in the process, it keeps for one database alone."""
    found: Settings = current_app.extensions["portal.settings"]
    return found.database_url


def _others_of(viewer: Viewer) -> Any:
    """The other partner's tasks."""
    theirs = select(Partnership.person_id).where(
        Partnership.couple_id == _couple_of(viewer), Partnership.person_id != viewer.person_id
    )
    return select(Task.id).where(Task.person_id.in_(theirs))


@fault(ANA_SENDS)
def unread_count(patch: pytest.MonkeyPatch) -> None:
    """Home says how many forms of the two the coach has not read yet."""
    agreed = notes.agreed_for_partner
    unread = func.count(SentResponse.id).filter(Task.reviewed_at.is_(None))
    patch.setattr(
        notes, "agreed_for_partner", lambda viewer: (*agreed(viewer), f"Not read: {_of_couple(viewer, unread)}")
    )


@fault(ANA_SENDS_A_CHECK_IN, BEN_SENDS_A_CHECK_IN)
def total_beside_what_is_open(patch: pytest.MonkeyPatch) -> None:
    """Beside what is open of a form stands its total, into which private answers went too."""
    for_both = shared.for_both

    def with_totals(viewer: Viewer) -> tuple[shared.SharedForm, ...]:
        rows = shared._rows(_couple_of(viewer) or UUID(int=0), clock.now())
        scored = [versions.scores_of(row.Response) for row in rows]
        totals = [scores.total for scores in scored if scores is not None and scores.total is not None]
        return tuple(replace(form, title=f"{form.title} {totals}") for form in for_both(viewer))

    patch.setattr(shared, "for_both", with_totals)


@fault(Act("ana", "send_and_keep_back", 2), BEN_SENDS)
def search_over_private_text(patch: pytest.MonkeyPatch) -> None:
    """A search finds what it shows, and counts what it does not show."""
    for_both = shared.for_both

    def searched(viewer: Viewer) -> tuple[shared.SharedForm, ...]:
        wanted, forms = request.args.get("q"), for_both(viewer)
        if not wanted:
            return forms
        found = sum(_says(row.Response, wanted) for row in shared._rows(_couple_of(viewer) or UUID(int=0), clock.now()))
        return tuple(replace(form, title=f"{form.title} ({found})") for form in forms)

    patch.setattr(shared, "for_both", searched)


def _says(sent: SentResponse, wanted: str) -> int:
    return sum(len(str(a.value)) for a in versions.answers_of(sent) if wanted in str(a.value))


@fault(ANA_SENDS, Act("ana", "reveal_wrong", 2))
def guesses_of_the_household(patch: pytest.MonkeyPatch) -> None:
    """Wrong pass phrases are counted by address: one partner's keep the other waiting."""
    has_room, count = limiter.has_room, limiter.count

    def of_home(ask: Any, limit: Any, who: tuple[str, ...]) -> Any:
        return ask(ONE_GUESS, "guess", limits.address_prefix()) if who[0] == "guess" else ask(limit, *who)

    patch.setattr(limiter, "has_room", lambda limit, *who: of_home(has_room, limit, who), raising=False)
    patch.setattr(limiter, "count", lambda limit, *who: of_home(count, limit, who), raising=False)


@fault(Act("ben", "draft", 1), Act("ana", "draft", 1))
def autosave_bumps_the_version_of_the_couple(patch: pytest.MonkeyPatch) -> None:
    """Each save of either raises the version of both drafts of a form."""
    write = responses._write_draft

    def bumping(viewer: Viewer, task: responses.OpenTask, typed: Typed, turn: Turn | None = None, **how: bool) -> None:
        write(viewer, task, typed, turn, **how)
        own = select(Task.assignment_id).where(Task.id == task.task_id).scalar_subquery()
        both = select(Task.id).where(Task.assignment_id == own, Task.id != task.task_id)
        for draft in db.session.scalars(select(Draft).where(Draft.task_id.in_(both))):
            draft.version += 1

    patch.setattr(responses, "_write_draft", bumping)


@fault(Act("ana", "draft", 1), Act("ben", "draft", 1))
def unique_violation_told(patch: pytest.MonkeyPatch) -> None:
    """A form has room for one draft, and the second meets the database's own words."""
    save, line = responses.save_draft, tasks._conflict_line

    def unique(viewer: Viewer, task_id: UUID, *typed: Any, **how: Any) -> responses.OpenTask:
        own = select(Task.assignment_id).where(Task.id == task_id).scalar_subquery()
        theirs = select(Draft.task_id).join(Task, Task.id == Draft.task_id)
        if db.session.scalars(theirs.where(Task.assignment_id == own, Task.id != task_id)).first():
            raise Conflict("UNIQUE constraint failed: drafts.assignment_id", task=responses.open_for(viewer, task_id))
        return save(viewer, task_id, *typed, **how)

    patch.setattr(responses, "save_draft", unique)
    patch.setattr(tasks, "_conflict_line", lambda code: code if code.startswith("UNIQUE") else line(code))


@fault(Act("ben", "draft", 1), Act("ana", "own_data", 0))
def cascade_delete(patch: pytest.MonkeyPatch) -> None:
    """Who asks for everything to be erased takes the drafts of both along."""
    ask = erasures.ask

    def cascading(viewer: Viewer, *asked: Any) -> Any:
        found = ask(viewer, *asked)
        db.session.execute(delete(Draft).where(Draft.task_id.in_(_others_of(viewer))))
        db.session.commit()
        return found

    patch.setattr(erasures, "ask", cascading)


@fault(ANA_SENDS, Act("coach", "assign_ben", 1))
def mail_thread_of_the_couple(patch: pytest.MonkeyPatch) -> None:
    """A mail refers to the last thing that came in from either, so that mailboxes show them as one thread."""
    message = Mailer._message

    def threaded(self: Mailer, letter: Letter, encoding: str = "8bit") -> EmailMessage:
        made = message(self, letter, encoding)
        last = db.session.scalar(select(SentResponse.id).order_by(SentResponse.submitted_at.desc()).limit(1))
        made["References"] = f"<{last}@{self.domain}>"
        return made

    patch.setattr(Mailer, "_message", threaded)


@fault(ANA_SENDS, Act("coach", "assign_both", 3))
def reminder_that_stops(patch: pytest.MonkeyPatch) -> None:
    """No more mails about forms to a couple of whom one has sent one today."""
    enqueue = outbox.enqueue

    def stopping(person: Person, message: str, dedupe_key: str, words: dict[str, str]) -> None:
        if message != "task" or not db.session.scalar(select(func.count(SentResponse.id))):
            enqueue(person, message, dedupe_key, words)

    patch.setattr(outbox, "enqueue", stopping)


@fault(Act("ana", "draft", 2))
def page_3_of_7(patch: pytest.MonkeyPatch) -> None:
    """The pages of one's own file are numbered among those of both."""
    render = export.render_answers

    def numbered(*paper: Any, **how: Any) -> str:
        pages = 1 + db.session.scalar(select(func.coalesce(func.sum(func.length(Draft.document)), 0))) // 40
        return f"{render(*paper, **how)}<!-- page 1 of {pages} -->"

    patch.setattr(export, "render_answers", numbered)


@fault(BEN_SENDS_A_CHECK_IN, BEN_SENDS, ANA_SENDS_A_CHECK_IN, Act("ben", "look_around"))
def order_by_rowid(patch: pytest.MonkeyPatch) -> None:
    """One's own forms stand in the file as the last row of each form came in, whosever it was."""
    sent = exports._sent

    def ordered(viewer: Viewer, *, never_private: bool) -> list[exports.OwnForm]:
        title, last = QuestionnaireVersion.title, func.max(literal_column("responses.rowid"))
        of_both = (
            select(title, last)
            .select_from(SentResponse)
            .join(Task, Task.id == SentResponse.task_id)
            .join(Assignment, Assignment.id == Task.assignment_id)
            .join(QuestionnaireVersion, QuestionnaireVersion.id == Assignment.version_id)
            .group_by(title)
        )
        place = {row[0]: row[1] for row in db.session.execute(of_both)}
        return sorted(sent(viewer, never_private=never_private), key=lambda form: place.get(form.title, 0))

    patch.setattr(exports, "_sent", ordered)


@fault(Act("coach", "assign_ana", 1))
def limit_before_the_filter(patch: pytest.MonkeyPatch) -> None:
    """Home takes the newest few of the couple's, and shows one's own among them."""
    own_home = home.home

    def limited(viewer: Viewer) -> home.Home:
        newest = select(Task.id).join(Assignment, Assignment.id == Task.assignment_id)
        newest = newest.where(Assignment.couple_id == _couple_of(viewer)).order_by(Task.issued_at.desc(), Task.id)
        shown = set(db.session.scalars(newest.limit(NEWEST_OF_THE_COUPLE)))
        found = own_home(viewer)
        others = tuple(line for line in found.others if line.task_id in shown)
        return home.Home(found.next if found.next and found.next.task_id in shown else None, others, found.sent)

    patch.setattr(home, "home", limited)


@fault(Act("ana", "look_around"))
def fragment_kept_for_the_couple(patch: pytest.MonkeyPatch) -> None:
    """What is next is kept for the couple, and stands as whoever looked first has met it."""
    own_home, kept = home.home, dict[tuple[str, UUID | None], home.Home]()

    def cached(viewer: Viewer) -> home.Home:
        return kept.setdefault((_where(), _couple_of(viewer)), own_home(viewer))

    patch.setattr(home, "home", cached)


@fault(Act("ana", "export", 1))
def quota_of_the_couple(patch: pytest.MonkeyPatch) -> None:
    """A couple may take so many files."""
    own_data, taken = exports.own_data, Counter[str]()

    def bounded(viewer: Viewer, passphrase: str) -> exports.OwnData:
        taken[_where()] += 1
        if taken[_where()] > FILES_A_COUPLE:
            raise Invalid("wrong_passphrase")
        return own_data(viewer, passphrase)

    patch.setattr(exports, "own_data", bounded)


@fault(Act("ana", "export", 1))
def file_name_with_a_number(patch: pytest.MonkeyPatch) -> None:
    """Files are numbered as they are made, whoever takes them."""
    made, file = Counter[str](), export._file

    def numbered(data: exports.OwnData, kind: str) -> Response:
        made[_where()] += 1
        reply: Any = file(data, kind)
        reply.headers["Content-Disposition"] = f'attachment; filename="answers-{made[_where()]}.{kind}"'
        return reply  # type: ignore[no-any-return]

    patch.setattr(export, "_file", numbered)


@fault(Act("ana", "ask_reset"), Act("coach", "assign_both", 3))
def mail_that_waits_its_turn(patch: pytest.MonkeyPatch) -> None:
    """A mail goes a minute after the one before it, whoever that one is for."""
    enqueue = outbox.enqueue

    def queued(person: Person, message: str, dedupe_key: str, words: dict[str, str]) -> None:
        enqueue(person, message, dedupe_key, words)
        db.session.flush()
        entry = db.session.scalars(select(OutboxEntry).where(OutboxEntry.dedupe_key == dedupe_key)).one()
        entry.due_at += timedelta(minutes=db.session.scalar(select(func.count(OutboxEntry.id))) or 0)

    patch.setattr(outbox, "enqueue", queued)


@fault(Act("ben", "look_around"), Act("ana", "draft", 2))
def locked_while_the_other_writes(patch: pytest.MonkeyPatch) -> None:
    """What one partner saves keeps the database locked for the other's next form."""
    write, own_data, locked_by = responses._write_draft, exports.own_data, dict[str, UUID]()

    def locking(viewer: Viewer, *draft: Any, **how: bool) -> None:
        write(viewer, *draft, **how)
        locked_by[_where()] = viewer.person_id

    def waiting(viewer: Viewer, passphrase: str) -> exports.OwnData:
        if locked_by.pop(_where(), viewer.person_id) != viewer.person_id:
            raise DatabaseBusy
        return own_data(viewer, passphrase)

    patch.setattr(responses, "_write_draft", locking)
    patch.setattr(exports, "own_data", waiting)
