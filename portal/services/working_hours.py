"""A practice's working hours: set by its owner, read by partners, and kept by the mails about what waits."""

from portal.domain import working_hours as rules
from portal.domain.errors import Invalid
from portal.domain.people import Viewer
from portal.domain.roles import check_owner
from portal.domain.working_hours import WorkingHours
from portal.extensions import begin_write, db
from portal.models.practices import Practice
from portal.services import audit, scope

LONGEST_LINE = 200


def of(practice: Practice) -> WorkingHours:
    """The working hours of a practice's row."""
    return rules.working_hours(practice.working_days, practice.works_from, practice.works_until, practice.read_within)


def set_hours(viewer: Viewer, hours: WorkingHours, line: str = "") -> None:
    """Say when the practice works, within how many of these hours it reads, and a line of its own beside that.

    Partners read these very hours. For the owner; raises Invalid with `field`, and NotFound.
    """
    rules.check(hours)
    if len(line) > LONGEST_LINE:
        raise Invalid("too_long", maximum=LONGEST_LINE, field="reading_hours")
    begin_write()
    check_owner(viewer)
    row = scope.own_practice(viewer)
    row.working_days, row.works_from, row.works_until = hours.word, hours.begins, hours.ends
    row.read_within, row.reading_hours = hours.within, line.strip()
    audit.record(viewer, "practice:reading_hours_set", row.id)
    db.session.commit()
