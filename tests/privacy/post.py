"""The post of a history: what a letter would be on its way, byte by byte, and when; nothing leaves the house."""

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

from sqlalchemy import select

from portal import clock
from portal.extensions import db
from portal.jobs import drain
from portal.models.outbox import OutboxEntry
from portal.models.practices import Practice
from portal.models.users import Person
from portal.output.mail import Letter, Mailer
from portal.services import outbox

Posted = tuple[str, str, bytes]  # when, to whom, and what


class Post(Mailer):
    """A mailer that keeps what it is given."""

    gone: list[Posted]

    def __init__(self) -> None:
        super().__init__("file:", Path("."), "Portal", "127.0.0.1")
        object.__setattr__(self, "gone", [])

    def send(self, letter: Letter) -> None:
        self.gone.append((clock.now().isoformat(), letter.address, self._message(letter).as_bytes()))

    def to_come(self, person_id: UUID) -> Iterator[Posted]:
        """What waits for somebody, in the order in which it goes: written by the very code that sends it."""
        rows = db.session.execute(
            select(OutboxEntry, Person, Practice.name)
            .join(Person, Person.id == OutboxEntry.person_id)
            .join(Practice, Practice.id == OutboxEntry.practice_id)
            .where(OutboxEntry.person_id == person_id, OutboxEntry.done_at.is_(None), OutboxEntry.failed_at.is_(None))
            .order_by(OutboxEntry.due_at, OutboxEntry.id)
        )
        for entry, person, practice in rows.all():
            mail, written = outbox._opened(entry, person, practice), Post()
            assert isinstance(mail, outbox.Outgoing), mail
            drain._send(written, mail)
            [(_, address, message)] = written.gone
            yield entry.due_at.isoformat(), address, message
