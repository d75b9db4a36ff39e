"""Keys by command: the vault key's rotation over everybody's keys, and a new key for one person."""

from uuid import UUID

import click
from flask.cli import AppGroup

from portal.cli import ground
from portal.domain.errors import NotFound
from portal.jobs import rotation as exchange
from portal.services import accounts, rotation, vault
from portal.services.transactions import DatabaseBusy
from portal.services.vault import VaultError

keys = AppGroup("keys", help="The keys that open what people wrote.")


@keys.command("rotate")
@click.option(
    "--person",
    help="Give this person (by address, user name or id; or couple, by id) a new key and seal all their texts anew.",
)
@click.option(
    "--quiet",
    type=click.FloatRange(min=0),
    default=exchange.LONGEST_REQUEST,
    show_default=True,
    help="With --person: seconds without a find before the old key goes; longer than a request lasts.",
)
def rotate(person: str | None, quiet: float) -> None:
    """Wrap all data keys by the newest vault key, or exchange one person's; people go on working meanwhile."""
    try:
        if person is None:
            _rewrap_all()
        else:
            _exchange(_id_of(person), quiet)
    except NotFound as refusal:
        raise ground.fail(
            "There is no key of this person or couple: nobody by this name or id, or erased."
        ) from refusal
    except (VaultError, DatabaseBusy) as refusal:
        raise ground.fail(f"Broken off: {refusal}. What was done stays done; run this again.") from refusal


def _id_of(person: str) -> UUID:
    try:
        return UUID(person)
    except ValueError:
        return accounts.id_of(person)


def _rewrap_all() -> None:
    vault.check_newest()
    done = rotation.rewrap_all()
    click.echo(f"{done.done} keys wrapped anew by vault key {done.version}, {done.left} left under older ones")
    if done.names:
        click.echo(f"{done.names} names at the door taken over from an older PORTAL_SECRET_KEY")
    closed = vault.closed_owners()
    if closed:
        raise ground.fail(f"These keys do not open, and were left as they are: {ground.some(closed)}.")
    if not done.left:
        click.echo("Take a new backup of the keys; older vault keys open only older backups now.")


def _exchange(person: UUID, quiet: float) -> None:
    done = exchange.exchange_key(person, quiet)
    click.echo(f"{done.texts} texts sealed anew, {done.left} left under older keys, {done.keys_gone} old keys gone")
    click.echo("Take a new backup: what this person wrote opens in no earlier one.")
