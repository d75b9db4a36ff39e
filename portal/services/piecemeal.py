"""Work in the background, piece by piece: one that fails is undone, logged by id and kind, and keeps no other back."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import UUID

import structlog
from sqlalchemy.exc import IntegrityError

from portal.extensions import db

log = structlog.get_logger()


@contextmanager
def apart(part: str, piece_id: UUID | None = None) -> Iterator[None]:
    """Let what goes wrong inside keep nothing back that comes after it; what was done and not committed is undone.

    The log holds the part, the id of the piece and the kind of the error: its words could quote what people wrote.
    """
    try:
        yield
    except Exception as error:
        db.session.rollback()
        log.error("a part of the work failed", part=part, piece=str(piece_id), kind=type(error).__name__)  # noqa: TRY400 - a trace could hold what people wrote


def done(part: str, piece_id: UUID, act: Callable[[], bool]) -> bool:
    """Do one piece, in a transaction of its own; False too where it failed, or another machine was faster."""
    with apart(part, piece_id):
        try:
            return act()
        except IntegrityError:
            db.session.rollback()
    return False
