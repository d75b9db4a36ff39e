"""The flask commands, one module a group."""

from flask import Flask

from portal.cli import brief, coach, demo, doctor, jobs, practice


def init_app(app: Flask) -> None:
    """Add every group of commands."""
    for command in (brief.brief, coach.coach, demo.demo, doctor.doctor, jobs.jobs, practice.practice):
        app.cli.add_command(command)
