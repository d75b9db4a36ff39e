"""What several commands need: the settings, the mailer, the addresses of links, and a pass phrase to hand out."""

import zoneinfo
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

import click
from flask import current_app

from portal.output.mail import Mailer
from portal.services import passphrases
from portal.services.practices import Invited
from portal.settings import Settings

SHOWN = 20
NOT_OURS = (  # of the secret
    "PORTAL_SECRET_KEY is another than the one that the audit trail was written with; put the right one back, and let"
    " nothing be written meanwhile"
)


def settings() -> Settings:
    found: Settings = current_app.extensions["portal.settings"]
    return found


def mailer_of(given: Settings) -> Mailer:
    """The mailer of these settings."""
    domain = urlsplit(given.base_url).hostname or "localhost"
    return Mailer(given.mail_url, Path(given.instance) / "mail", given.site_name, domain)


def link(path: str) -> str:
    """The full address of a path of ours."""
    return settings().base_url.rstrip("/") + path


def new_passphrase() -> str:
    """A pass phrase to hand out: as one that is offered, with words parted by spaces."""
    return passphrases.offered().replace("-", " ")


def say_invited(address: str, invited: Invited) -> None:
    """Say what opens somebody's door: the code; and the link, where mails stay on this machine."""
    click.echo(f"Invited. A mail with a link is on its way to {address}.")
    if urlsplit(settings().mail_url).scheme in ("file", "console"):
        click.echo(f"The link: {invited.link}")
    click.echo(f"The code, to be told in person: {invited.code}")


def known_zone(_context: click.Context, _option: click.Parameter, value: str) -> str:
    """Refuse a zone that the time zone database does not have."""
    if value not in zoneinfo.available_timezones():
        raise click.BadParameter("is not a time zone; give one such as Europe/Berlin")
    return value


def some(found: Sequence[object]) -> str:
    """A few of what was found, and how many more there are."""
    more = f" and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
    return ", ".join(map(str, found[:SHOWN])) + more


def broken_off(error: Exception) -> str:
    """In one line what the database, the key store or the disk broke off."""
    cause = error.strerror if isinstance(error, OSError) else getattr(error, "orig", None)
    line = str(cause or error).strip().partition("\n")[0]
    return f"Broken off: {line}. See: ./portal.sh flask doctor"


def fail(line: str) -> "click.ClickException":
    """An error that says what to do."""
    return click.ClickException(line)
