"""The sweep: what is due by the clock is issued, then the outbox is drained."""

from portal.jobs.drain import drain
from portal.output.mail import Mailer
from portal.services import parked, weekly


def sweep(mailer: Mailer, home: str) -> tuple[int, int]:
    """Issue the weekly forms that are due and send what waits; gives both numbers. `home` is the link in the mails."""
    parked.let_go()
    issued = weekly.issue_due(home)
    return issued, drain(mailer)
