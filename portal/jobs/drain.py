"""Draining the outbox: resets that wait are looked up, then each mail that is due is worded, sent, and marked."""

import structlog

from portal.output.mail import Letter, Mailer, MailError, PostDownError
from portal.output.mail_text import write
from portal.services import outbox, resets
from portal.services.outbox import Outgoing
from portal.services.piecemeal import apart

log = structlog.get_logger()


def drain(mailer: Mailer) -> int:
    """Send what is due; gives how many mails have gone. What the post does not take now is tried again later.

    A mail that fails keeps no other back; when the post is down altogether, the others wait for the next time.
    """
    with apart("resets"):
        resets.answer_requests()
    gone = 0
    for mail in outbox.due():
        if not outbox.may_go(mail):
            continue
        try:
            _send(mailer, mail)
        except Exception as error:
            outbox.mark_failed(mail)
            log.warning("mail not taken", entry=str(mail.entry_id), why=_why(error))
            if isinstance(error, PostDownError):
                break
        else:
            outbox.mark_sent(mail)
            gone += 1
    return gone


def _send(mailer: Mailer, mail: Outgoing) -> None:
    subject, text = write(mail.message, mail.locale, {"site_name": mailer.sender_name, **mail.words})
    mailer.send(Letter(mail.address, subject, text, mail.dedupe_key, mail.created_at))


def _why(error: Exception) -> str:
    """What the log may hold: any error but the post's own could quote what was to be written."""
    return str(error) if isinstance(error, MailError) else type(error).__name__
