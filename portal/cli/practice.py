"""Practices by command."""

import click
from flask.cli import AppGroup

from portal.cli import ground
from portal.domain.errors import Invalid
from portal.services import practices
from portal.services.practices import NewPractice
from portal.web.forms.words import words_for

practice = AppGroup("practice", help="Practices.")


@practice.command("create")
@click.option("--name", required=True, help="The practice's name, as its people read it.")
@click.option("--zone", required=True, callback=ground.known_zone, help="Its time zone, such as Europe/Berlin.")
@click.option("--owner-name", required=True, help="The given name of its owner.")
@click.option("--owner-address", required=True, help="The owner's e-mail address.")
def create(name: str, zone: str, owner_name: str, owner_address: str) -> None:
    """Create a practice and invite its owner by mail; prints the code that goes to them another way."""
    link = ground.link("/invitations/{token}")
    try:
        invited = practices.create_practice_for(NewPractice(name, zone), owner_name, owner_address, link)
    except Invalid as refusal:
        raise ground.fail(f"The practice was not created. {words_for(refusal)}") from refusal
    ground.say_invited(owner_address, invited)
