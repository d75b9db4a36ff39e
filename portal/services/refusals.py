"""What was refused at a door inside the house: on record, in a transaction of its own."""

from portal.domain.people import Viewer
from portal.extensions import begin_write, db, work_for
from portal.services import audit


def record(viewer: Viewer) -> None:
    """Put on record that somebody asked for what is not there for them: absent or forbidden, it is the same line."""
    work_for(viewer.practice_id)
    begin_write()
    audit.record(viewer, "door:refused")
    db.session.commit()
