"""Practices by command."""

from functools import partial

import click
from flask.cli import AppGroup

from portal.cli import ground
from portal.domain.errors import Invalid, NotFound
from portal.services import practices
from portal.services.practices import NewPractice
from portal.web.forms.words import words_for

practice = AppGroup("practice", help="Practices.")
INVITATION = partial(ground.link, "/invitations/{token}")


@practice.command("create")
@click.option("--owner-address", required=True, help="The owner's e-mail address.")
@click.option("--name", default="", help="The practice's name, as its people read it.")
@click.option("--zone", default="UTC", callback=ground.known_zone, help="Its time zone, such as Europe/Berlin.")
@click.option("--owner-name", default="", help="The given name of its owner.")
def create(owner_address: str, name: str, zone: str, owner_name: str) -> None:
    """Create a practice and invite its owner by mail; prints the code that goes to them another way.

    The owner confirms name and zone on the page behind the link, and fills in there what is left out here.
    """
    new = NewPractice(name or ground.settings().site_name, zone)
    try:
        invited = practices.create_practice_for(new, owner_name or "Owner", owner_address, INVITATION())
    except Invalid as refusal:
        raise ground.fail(f"The practice was not created. {words_for(refusal)}") from refusal
    ground.say_invited(owner_address, invited)


@practice.command("invite")
@click.option("--owner-address", required=True, help="The e-mail address that was given with `practice create`.")
def invite(owner_address: str) -> None:
    """Send an owner who has not come in yet a new link and code; the ones before end."""
    try:
        invited = practices.invite_owner_again(owner_address, INVITATION())
    except NotFound as refusal:
        raise ground.fail(f"No practice waits for an owner at {owner_address}.") from refusal
    ground.say_invited(owner_address, invited)
