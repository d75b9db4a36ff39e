"""Practices by command."""

import click
from flask.cli import AppGroup

from portal.cli import ground
from portal.domain.errors import Invalid
from portal.domain.people import Role
from portal.services import practices
from portal.services.practices import NewCoach, NewPractice
from portal.web.forms.words import words_for

practice = AppGroup("practice", help="Practices.")


@practice.command("create")
@click.option("--name", required=True, help="The practice's name, as its people read it.")
@click.option("--zone", required=True, callback=ground.known_zone, help="Its time zone, such as Europe/Berlin.")
@click.option("--owner-name", required=True, help="The given name of its owner.")
@click.option("--owner-address", required=True, help="The owner's e-mail address.")
def create(name: str, zone: str, owner_name: str, owner_address: str) -> None:
    """Create a practice with its owner; prints a pass phrase to be changed at once."""
    passphrase = ground.new_passphrase()
    try:
        owner = NewCoach(owner_name, owner_address, passphrase, Role.OWNER)
        practices.create_practice(NewPractice(name, zone), owner)
    except Invalid as refusal:
        raise ground.fail(f"The practice was not created. {words_for(refusal)}") from refusal
    click.echo(f"Created. {owner_address} signs in with: {passphrase}")
