"""The sweep: what is due by the clock is issued or erased, then the outbox is drained."""

from portal.jobs.drain import drain
from portal.output.mail import Mailer
from portal.services import (
    bulk_giving,
    caseload_row,
    closed_doors,
    erasing,
    later_check_ins,
    parked,
    pathway_issuing,
    repeating,
    safety_mails,
    session_check_ins,
)
from portal.services.piecemeal import apart


def sweep(mailer: Mailer, home: str) -> tuple[int, int]:
    """Issue what is due of weekly forms, pathways and check-ins after the end, and send what waits; gives both numbers.

    `home` is the link in the mails. Each part on its own: what fails in one keeps no other back, and is tried again by
    the next sweep.
    """
    issued = 0
    with apart("parked texts"):
        parked.let_go()
    with apart("closed doors"):
        closed_doors.let_go()
    with apart("check-ins before sessions"):  # one stands in the place of that week's
        issued += session_check_ins.issue_due(home)
    with apart("weekly forms"):
        issued += repeating.issue_due(home)
    with apart("pathways"):
        issued += pathway_issuing.issue_due(home)
    with apart("later check-ins"):
        issued += later_check_ins.issue_due(home)
    with apart("many couples"):
        issued += bulk_giving.carry_out(home)
    with apart("lines of the caseload"):
        caseload_row.turn_due()
    with apart("erasures"):
        erasing.carry_out_due()
    with apart("reminders"):  # to staff, and so after whatever partners are told
        base = home.removesuffix("/my/")
        safety_mails.remind(f"{base}/sign-in", f"{base}/coach/practice/members")
    return issued, drain(mailer)
