"""Draining the outbox: each mail that is due is worded, sent, and marked, one by one."""

import structlog

from portal.output.mail import Letter, Mailer, MailError
from portal.output.mail_text import write
from portal.services import outbox
from portal.services.outbox import Outgoing

log = structlog.get_logger()


def drain(mailer: Mailer) -> int:
    """Send what is due; gives how many mails have gone. What the post does not take now is tried again later."""
    return sum(_send(mailer, mail) for mail in outbox.due())


def _send(mailer: Mailer, mail: Outgoing) -> bool:
    subject, text = write(mail.message, mail.locale, {"site_name": mailer.sender_name, **mail.words})
    try:
        mailer.send(Letter(mail.address, subject, text, mail.dedupe_key))
    except MailError as error:
        outbox.mark_failed(mail.entry_id)
        log.warning("mail not taken", entry=str(mail.entry_id), why=str(error))
        return False
    outbox.mark_sent(mail.entry_id)
    return True
