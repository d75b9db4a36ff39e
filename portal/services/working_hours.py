"""A practice's working hours: set by its owner, read by partners, and kept by the mails about what waits."""

from portal.domain import working_hours as rules
from portal.domain.people import Viewer
from portal.domain.roles import check_owner
from portal.domain.working_hours import WorkingHours
from portal.extensions import begin_write, db
from portal.models.practices import Practice
from portal.services import audit, scope


def of(practice: Practice) -> WorkingHours:
    """The working hours of a practice's row."""
    return rules.working_hours(
        practice.working_days, practice.works_from, practice.works_until, practice.read_within
    )


def set_hours(viewer: Viewer, hours: WorkingHours) -> None:
    """Say when the practice works, and within how many of these hours it reads: partners read these very hours.

    For the owner; raises Invalid with `field`, and NotFound.
    """
    rules.check(hours)
    begin_write()
    check_owner(viewer)
    row = scope.own_practice(viewer)
    row.working_days, row.works_from, row.works_until = hours.word, hours.begins, hours.ends
    row.read_within = hours.within
    audit.record(viewer, "practice:working_hours_set", row.id)
    db.session.commit()
