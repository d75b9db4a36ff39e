"""The sweep: what is due by the clock is issued or erased, then the outbox is drained."""

from portal.jobs.drain import drain
from portal.output.mail import Mailer
from portal.services import erasing, parked, weekly


def sweep(mailer: Mailer, home: str) -> tuple[int, int]:
    """Issue the weekly forms that are due and send what waits; gives both numbers. `home` is the link in the mails."""
    parked.let_go()
    issued = weekly.issue_due(home)
    erasing.carry_out_due()
    return issued, drain(mailer)
