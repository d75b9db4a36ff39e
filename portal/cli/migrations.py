"""Where the numbered migrations lie, for the commands that run them.

Nothing that serves pages imports this module: the libraries of migrations take 10 MiB, which every server would hold.
"""

from pathlib import Path

from flask import Flask
from flask_migrate import Migrate

from portal.extensions import db

MIGRATIONS = Path(__file__).parents[2] / "migrations"


def bind(app: Flask) -> None:
    """Let `flask db` and `flask_migrate` find the migrations of this app."""
    Migrate(app, db, directory=str(MIGRATIONS), render_as_batch=True)
