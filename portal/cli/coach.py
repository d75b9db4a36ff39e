"""Coaches by command."""

import click
from flask.cli import AppGroup

from portal.cli import ground
from portal.domain.errors import Invalid, NotFound
from portal.services import practices
from portal.services.practices import NewCoach
from portal.web.forms.words import words_for

coach = AppGroup("coach", help="Coaches.")


@coach.command("invite")
@click.option("--practice", "practice_name", required=True, help="The practice's name.")
@click.option("--name", required=True, help="The coach's given name.")
@click.option("--address", required=True, help="The coach's e-mail address.")
def invite(practice_name: str, name: str, address: str) -> None:
    """Create the account of a coach; prints a pass phrase to be handed over and changed at once."""
    passphrase = ground.new_passphrase()
    try:
        practices.add_coach(practices.owner_of(practice_name), NewCoach(name, address, passphrase))
    except NotFound as refusal:
        raise ground.fail(f"There is no practice of the name {practice_name}.") from refusal
    except Invalid as refusal:
        raise ground.fail(f"The account was not created. {words_for(refusal)}") from refusal
    click.echo(f"Created. {address} signs in with: {passphrase}")
