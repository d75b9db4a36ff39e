"""The flask commands, one module a group."""

import click
from flask import Flask
from flask.cli import with_appcontext
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
from portal.cli.questionnaire import questionnaire
from portal.extensions import db
from portal.services import audit_seals
from portal.services.transactions import DatabaseBusy
from portal.services.vault import VaultError

BREAK_OFF = (DBAPIError, PoolTimeout, DatabaseBusy, VaultError, OSError)


# what a command under another secret puts on record, the trail never holds again; a restore finds nothing to hold it to
WRITING = ("backup", "brief", "coach", "demo", "jobs", "key", "keys", "practice", "questionnaire")


@with_appcontext
def _check_secret() -> None:
    """Refuse to write under another secret; where the database does not answer, the command itself says so."""
    try:
        is_own = audit_seals.fit()
    except DBAPIError:
        is_own = True
    db.session.rollback()
    if not is_own:
        raise ground.fail(f"Nothing was done: {ground.NOT_OURS}.")


def _in_words(command: click.Command) -> click.Command:
    """Let a command end in one line where the database, the key store or the disk breaks it off."""
    invoke = command.invoke

    def told(ctx: click.Context) -> object:
        try:
            if command.name in WRITING:
                _check_secret()
            return invoke(ctx)
        except BREAK_OFF as error:
            raise ground.fail(ground.broken_off(error)) from error

    command.invoke = told  # type: ignore[method-assign]
    return command


COMMANDS = tuple(
    map(_in_words, (audit, backup, brief, coach, demo, doctor, jobs, key, keys, practice, questionnaire, restore))
)


def init_app(app: Flask) -> None:
    """Add every group of commands."""
    for command in COMMANDS:
        app.cli.add_command(command)
