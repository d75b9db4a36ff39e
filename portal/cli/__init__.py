"""The flask commands, one module a group."""

import click
from flask import Flask
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from portal.cli import ground
from portal.cli.audit import audit
from portal.cli.backup import backup, restore
from portal.cli.brief import brief
from portal.cli.coach import coach
from portal.cli.demo import demo
from portal.cli.doctor import doctor
from portal.cli.jobs import jobs
from portal.cli.key import key
from portal.cli.keys import keys
from portal.cli.moving import practice
from portal.services.transactions import DatabaseBusy
from portal.services.vault import VaultError

BREAK_OFF = (DBAPIError, PoolTimeout, DatabaseBusy, VaultError, OSError)


def _in_words(command: click.Command) -> click.Command:
    """Let a command end in one line where the database, the key store or the disk breaks it off."""
    invoke = command.invoke

    def told(ctx: click.Context) -> object:
        try:
            return invoke(ctx)
        except BREAK_OFF as error:
            cause = error.strerror if isinstance(error, OSError) else getattr(error, "orig", None)
            line = str(cause or error).partition("\n")[0]
            raise ground.fail(f"Broken off: {line}. See: ./portal.sh flask doctor") from error

    command.invoke = told  # type: ignore[method-assign]
    return command


COMMANDS = tuple(map(_in_words, (audit, backup, brief, coach, demo, doctor, jobs, key, keys, practice, restore)))


def init_app(app: Flask) -> None:
    """Add every group of commands."""
    for command in COMMANDS:
        app.cli.add_command(command)
