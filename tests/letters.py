"""Mails that wait for the post, read as their reader would: the link in the latest one."""

from urllib.parse import urlsplit

from portal.extensions import db
from portal.services import outbox, resets
from portal.services.outbox import Outgoing


def letters(address: str, message: str) -> list[Outgoing]:
    """What waits for one reader, oldest first."""
    resets.answer_requests()
    db.session.rollback()
    found = [mail for mail in outbox.due() if (mail.address, mail.message) == (address, message)]
    return sorted(found, key=lambda mail: mail.created_at)


def link(address: str, message: str) -> str:
    """The path of the link in the latest mail of a kind to one reader."""
    return urlsplit(letters(address, message)[-1].words["link"]).path
