"""The demo world by command."""

from pathlib import Path

import click
from flask.cli import AppGroup

from portal.cli import ground
from portal.jobs.worker import nobody_working
from portal.services import demo as world
from portal.services import key_store, operations
from portal.services.demo import DemoRefused, Links

demo = AppGroup("demo", help="The demo world: invented people with three months behind them.")


@demo.command("seed")
@click.option("--reset", is_flag=True, help="Start afresh: everything in a demo database is removed first.")
def seed(reset: bool) -> None:
    """Fill an empty database with the demo world, and print its accounts."""
    if not ground.settings().is_loopback:
        raise ground.fail("The demo stays on this machine: PORTAL_BASE_URL must be a loopback address.")
    if world.stands() and not reset:
        click.echo("The demo stands already. Its pass phrase was printed when it was made.")
        click.echo("To make it anew, with a new one: ./portal.sh flask demo seed --reset")
        _print_accounts(None)
        return
    with nobody_working(Path(ground.settings().instance) / "worker.lock") as is_alone:
        if not is_alone:
            raise ground.fail("The demo is being served. End it (Ctrl-C), then run this again.")
        _print_accounts(_seeded(reset=reset))


def _seeded(*, reset: bool) -> str:
    """Fill the database, emptied before where that is asked; gives the pass phrase."""
    if reset:
        _clear()
    passphrase = ground.settings().demo_password or ground.new_passphrase()
    try:
        world.seed(passphrase, Links(ground.link("/invitations/{token}"), ground.link("/my/")))
    except DemoRefused as refusal:
        raise ground.fail("There are real people in this database: the demo is not put beside them.") from refusal
    return passphrase


def _clear() -> None:
    was_there = world.stands()
    try:
        world.clear()
        key_store.clear()
    except DemoRefused as refusal:
        raise ground.fail(
            "There are real people in this database, such as a practice that was made here: nothing was removed."
            " To start afresh, move instance/ away."
        ) from refusal
    if was_there:
        operations.record("demo:cleared")
    ground.mailer_of(ground.settings()).remove_written()


def _print_accounts(passphrase: str | None) -> None:
    click.echo(f"Accounts (sign in at {ground.link('/sign-in')}):")
    for name, address in world.accounts_of_cast():
        click.echo(f"  {name:<6} {address}")
    if passphrase:
        click.echo(f"Pass phrase of every account: {passphrase}")
