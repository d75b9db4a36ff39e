"""Colleagues by command."""

import click
from flask.cli import AppGroup

from portal.cli import ground
from portal.domain.errors import Invalid, NotFound
from portal.domain.people import Role
from portal.services import members, practices
from portal.services.members import NewMember
from portal.web.forms.words import words_for

coach = AppGroup("coach", help="Coaches, assistants and supervisors.")
ROLES = [role.value for role in Role if role is not Role.PARTNER]


@coach.command("invite")
@click.option("--practice", "practice_name", required=True, help="The practice's name or id.")
@click.option("--name", required=True, help="The given name.")
@click.option("--address", required=True, help="The e-mail address.")
@click.option("--role", type=click.Choice(ROLES), default="coach", show_default=True, help="What they will be.")
def invite(practice_name: str, name: str, address: str, role: str) -> None:
    """Invite a colleague by mail; prints the code that goes to them another way."""
    try:
        new = NewMember(name, address, Role(role))
        invited = members.invite(practices.owner_of(practice_name), new, ground.link("/invitations/{token}"))
    except NotFound as refusal:
        raise ground.fail(f"There is no practice of the name or id {practice_name}.") from refusal
    except Invalid as refusal:
        raise ground.fail(f"Nobody was invited. {words_for(refusal)}") from refusal
    ground.say_invited(address, invited)
