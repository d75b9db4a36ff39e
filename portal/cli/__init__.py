"""The flask commands, one module a group."""

from flask import Flask

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


def init_app(app: Flask) -> None:
    """Add every group of commands."""
    for command in (audit, backup, brief, coach, demo, doctor, jobs, key, keys, practice, restore):
        app.cli.add_command(command)
