"""Who may see an answer, and from when: the one place where the promise between the partners is decided.

Private is the default, chosen by the author, and a missing value stays private.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from portal.domain.errors import NotAllowed

OPENING_HOUR = time(8)
NEVER = datetime(9999, 1, 1, tzinfo=UTC)  # when that is met whose author lets nothing more open


class Disclosure(StrEnum):
    """What the author of an answer chose for it; private (`coach`) is the default, a missing value is private."""

    COACH = "coach"  # its author and the coach
    SESSION = "session"  # the partner too, once the coach opens it in the session
    SHARED = "shared"  # the partner too, from 08:00 the next morning
    LOCKED = "locked"  # the coach alone, for ever; never shown again on the client's side

    @classmethod
    def of(cls, word: object) -> "Disclosure":
        """The disclosure that `word` names; anything else, or nothing, is private."""
        try:
            return cls(str(word))
        except ValueError:
            return cls.COACH


class Reader(StrEnum):
    """In what capacity somebody asks for an answer."""

    COACH = "coach"
    PARTNER = "partner"
    STRANGER = "stranger"


@dataclass(frozen=True, slots=True)
class Sent:
    """When a response was sent, and what has been opened since; all instants are aware.

    `opens_at` is the 08:00 after it was sent. `other_opens_at` is that of the other partner's response to the same
    assignment, None as long as there is none; `alone` says that nobody else was given this assignment. `released` are
    the questions that were released into a session after the sending: each opens at an instant of its own, or waits.
    `exchanged_at` is when the coach opened in a session what both had shared by then, to both at one moment.
    From `ended_at` on nothing opens that was not open by then; of what is hidden, the other reads nothing any more.
    """

    author_id: UUID
    opens_at: datetime
    alone: bool
    other_opens_at: datetime | None
    author_opened_at: datetime | None = None
    session_opened_at: datetime | None = None
    released: Mapping[str, datetime | None] = field(default_factory=dict, hash=False)
    ended_at: datetime | None = None
    is_hidden: bool = False
    exchanged_at: datetime | None = None

    def of_item(self, item_id: str) -> "Sent":
        """The same for one question: what was released later did not open with what its form was opened for before."""
        if item_id not in self.released:
            return self
        return replace(self, session_opened_at=self.released[item_id])


def opening_after(sent_at: datetime, zone: str) -> datetime:
    """08:00 on the morning after `sent_at`, on the practice's wall clock."""
    morning = sent_at.astimezone(ZoneInfo(zone)).date() + timedelta(days=1)
    return datetime.combine(morning, OPENING_HOUR, ZoneInfo(zone))


def opening_of_correction(written_at: datetime, opens_at: datetime, zone: str) -> datetime:
    """The 08:00 after a correction was written; one that comes before the form's own opening opens along with it."""
    return opens_at if written_at < opens_at else opening_after(written_at, zone)


def still_opens(instant: datetime | None, ended_at: datetime | None) -> datetime | None:
    """The instant at which something opens; None where its author had let nothing more open by then."""
    return None if instant is None or (ended_at is not None and instant >= ended_at) else instant


def opens_to_partner(disclosure: Disclosure, sent: Sent, *, waits: bool) -> datetime | None:
    """The instant from which the other partner may read an answer; None as long as nothing opens it.

    `waits` is false for what does not wait for the other to have sent (appreciations).
    """
    instants = {
        Disclosure.SESSION: (sent.session_opened_at,),
        Disclosure.SHARED: (sent.author_opened_at, sent.exchanged_at, _morning_of_both(sent, waits=waits)),
    }.get(disclosure, ())
    known = [instant for instant in instants if instant is not None]
    return None if sent.is_hidden else still_opens(min(known, default=None), sent.ended_at)


def _morning_of_both(sent: Sent, *, waits: bool) -> datetime | None:
    if sent.alone or not waits:
        return sent.opens_at
    if sent.other_opens_at is None:
        return None
    return max(sent.opens_at, sent.other_opens_at)


def may_read(disclosure: Disclosure, reader: Reader, sent: Sent, at: datetime, *, waits: bool) -> bool:
    """Whether `reader` may read an answer of this disclosure at the instant `at`.

    The author's own second look is judged by `readable_again`: what was sent is sealed on the client's side.
    """
    if reader is Reader.COACH:
        return True
    if reader is not Reader.PARTNER:
        return False
    opens = opens_to_partner(disclosure, sent, waits=waits)
    return opens is not None and at >= opens


def hangs_on_the_other(disclosure: Disclosure, sent: Sent, at: datetime, *, waits: bool) -> bool:
    """Whether an answer is open at `at` for no other reason than that the other partner has sent too.

    Shown to its own author it would tell them so, also where the other kept everything private: it stands before its
    author, and before both at once, only beside something that the other has opened to them.
    """
    on_its_own = replace(sent, other_opens_at=None, exchanged_at=None)
    return may_read(disclosure, Reader.PARTNER, sent, at, waits=waits) and not may_read(
        disclosure, Reader.PARTNER, on_its_own, at, waits=waits
    )


def check_change(current: Disclosure, wanted: Disclosure, default: Disclosure, sent: Sent, at: datetime) -> None:
    """Check that an author may still change whom an answer is for; raises NotAllowed.

    Until 08:00 after the own sending, whatever the other did: refusing it later because the other has sent would
    tell. What was opened to both in a session they have met by then, each of them something of the other's.
    `default` is what the question was written for: nothing is widened beyond it, and locked stays locked.
    """
    if Disclosure.LOCKED in (current, wanted, default):
        raise NotAllowed("locked_stays_locked")
    if wanted not in (Disclosure.COACH, default):
        raise NotAllowed("not_offered_for_this_question")
    was_given = sent.author_opened_at is not None or sent.exchanged_at is not None
    is_read = was_given and Disclosure.SHARED in (current, wanted)
    was_opened = sent.session_opened_at is not None and at >= sent.session_opened_at
    is_over = sent.ended_at is not None or at >= sent.opens_at
    if is_over or is_read or (was_opened and Disclosure.SESSION in (current, wanted)):
        raise NotAllowed("already_open")


def given_to_author(disclosure: Disclosure, *, never_private: bool) -> bool:
    """Whether an author's own file holds this answer; `never_private`: they chose never to be shown private ones."""
    return readable_again(disclosure) and (disclosure is Disclosure.SHARED or not never_private)


def may_ever_open(disclosures: Iterable[Disclosure]) -> bool:
    """Whether something of a form with answers for these readers could open to the other partner one day."""
    return any(disclosure in (Disclosure.SESSION, Disclosure.SHARED) for disclosure in disclosures)


def readable_again(disclosure: Disclosure) -> bool:
    """Whether an author sees this answer again behind the pass phrase; locked ones never."""
    return disclosure is not Disclosure.LOCKED
