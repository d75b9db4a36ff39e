"""The audit trail by command."""

import click
from flask.cli import AppGroup

from portal.cli import ground
from portal.domain.errors import NotFound
from portal.services import audit_chain, audit_seals
from portal.services.audit_chain import Checked, Fault

WRONG = {
    "is_missing": "event {number} is missing",
    "follows_another": "event {number} does not follow the one before it",
    "was_changed": "event {number} was changed",
    "is_not_the_first": "event {number} is not one that a practice begins with",
    "is_not_the_last": "event {number} is not the one that the chain ends with",
    "head_is_gone": "nothing says where the chain ends",
    "head_was_changed": "what says that the chain ends with event {number} was changed",
    "of_no_chain": "these belong to no chain",
}
audit = AppGroup("audit", help="The audit trail.")


@audit.command("verify")
@click.option("--practice", help="The name or id of one practice; without it, every chain is gone over.")
def verify(practice: str | None) -> None:
    """Go over the audit trail, and say where an event was changed, removed or put in. Exit code 1 where one was."""
    try:
        is_sound = go_over(practice)
    except NotFound as missing:
        raise ground.fail("There is no such practice.") from missing
    if not is_sound and not audit_seals.fit():
        raise ground.fail(f"The audit trail cannot be held to this: {ground.NOT_OURS}.")
    if not is_sound:
        raise ground.fail("The audit trail does not hold.")


def go_over(practice: str | None = None) -> bool:
    """Say how it stands with every chain, or with those of one practice; gives whether all hold. Raises NotFound."""
    return all([_told(chain) for chain in audit_chain.verify(practice)])


def _told(chain: Checked) -> bool:
    """Say how it stands with one chain; gives whether it holds."""
    name = chain.name or "Before sign-in"
    click.echo(f"{name}: {chain.length} events{'.' if chain.faults else ', and they hold.'}")
    for fault in chain.faults:
        click.echo(f"  {_words(fault)}")
    return not chain.faults


def _words(fault: Fault) -> str:
    return WRONG[fault.code].format(number=fault.number)
