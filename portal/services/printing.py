"""What a practice has on its own paper of what stands before the door: one constant line, or all of it."""

from portal.domain.people import Viewer
from portal.domain.roles import check_owner
from portal.extensions import begin_write, db
from portal.services import audit, scope


def choose(viewer: Viewer, *, prints_strip: bool) -> None:
    """Print what stands before the door in full from now on, or the constant line again; for every couple alike.

    Coach copies alone: the joint copy has no such place. For the owner alone, raises NotFound.
    """
    begin_write()
    check_owner(viewer)
    practice = scope.own_practice(viewer, is_held=True)
    if practice.prints_strip is not prints_strip:
        practice.prints_strip = prints_strip
        audit.record(
            viewer,
            "practice:strip_printed_in_full" if prints_strip else "practice:strip_printed_as_one_line",
            practice.id,
        )
    db.session.commit()
