"""What the benchmarked servers serve: the portal on a scratch database, and the barest Flask app to hold it against."""

import os
import sqlite3
from pathlib import Path

from flask import Flask, Response, request

from portal import create_app
from portal.cli.ground import mailer_of
from portal.jobs.worker import Worker
from portal.settings import Settings

ROW = "x" * 2048


def ours() -> Flask:
    """The portal as the production server runs it, its worker included."""
    folder = Path(os.environ["BENCH_FOLDER"])
    settings = Settings.from_env(os.environ, folder)
    app = create_app(settings)
    lock = folder / "worker.lock"
    app.extensions["portal.background"] = Worker(app.app_context, mailer_of(settings), f"{settings.base_url}/my/", lock)
    return app


def bare() -> Flask:
    """Hello world, and an insert of one row of 2 kB with the durability that the portal writes with."""
    app = Flask("bare")
    path = Path(os.environ["BENCH_FOLDER"]) / "bare.db"
    with _connected(path) as database:
        database.execute("CREATE TABLE IF NOT EXISTS rows (text TEXT)")
    database.close()
    opened: list[sqlite3.Connection] = []

    @app.get("/")
    def hello() -> str:
        return "Hello, world."

    @app.post("/insert")
    def insert() -> Response:
        assert request.form["send"]
        if not opened:  # in the worker, as a connection must not be carried into another process
            opened.append(_connected(path))
        [database] = opened
        database.execute("BEGIN IMMEDIATE")
        database.execute("INSERT INTO rows VALUES (?)", (ROW,))
        database.execute("COMMIT")
        return Response(status=303, headers={"Location": "/sent"})

    return app


def _connected(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(path, isolation_level=None, timeout=8)
    for line in ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL"):
        database.execute(line)
    return database
