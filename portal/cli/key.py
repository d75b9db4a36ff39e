"""Second keys by command: for who has lost theirs and every spare code."""

import click
from flask.cli import AppGroup

from portal.cli import ground
from portal.domain.errors import NotFound
from portal.services import second_factors

key = AppGroup("key", help="Second keys.")


@key.command("remove")
@click.option("--address", "--user-name", "name", required=True, help="What who has lost the key signs in with.")
def remove(name: str) -> None:
    """Take somebody's second key away, once you are sure who asks; staff set up a new one as they sign in next."""
    try:
        second_factors.remove_lost(name)
    except NotFound as refusal:
        raise ground.fail("Nobody with this address or user name has a second key.") from refusal
    click.echo("Removed. All their sessions have ended; the pass phrase is as it was.")
