"""What the worker does, by command: for a timer of the system, or a look at what waits."""

import click
from flask.cli import AppGroup

from portal.cli import ground
from portal.jobs.drain import drain as drain_outbox
from portal.jobs.press import Press
from portal.jobs.sweep import sweep as sweep_all

jobs = AppGroup("jobs", help="What runs without a browser asking for it.")


@jobs.command("drain")
def drain() -> None:
    """Send the mails that are due."""
    click.echo(f"{drain_outbox(ground.mailer_of(ground.settings()))} sent")


@jobs.command("press")
def press() -> None:
    """Set the briefs of sessions soon, and keep them sealed until they are asked for."""
    click.echo(f"{Press(ground.settings().site_name).turn()} set")


@jobs.command("sweep")
def sweep() -> None:
    """Issue the weekly forms that are due, then send the mails."""
    issued, sent = sweep_all(ground.mailer_of(ground.settings()), ground.link("/my/"))
    click.echo(f"{issued} issued, {sent} sent")
