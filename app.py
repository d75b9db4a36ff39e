"""Where the flask command and WSGI servers find the app: settings from the environment, then create_app."""

import os
import sys
from importlib import import_module
from pathlib import Path

from portal import create_app
from portal.cli.ground import mailer_of
from portal.jobs.press import Press
from portal.jobs.worker import Worker
from portal.settings import Settings, SettingsError

try:
    settings = Settings.from_env(os.environ, Path(__file__).parent / "instance")
except SettingsError as error:
    sys.exit(str(error))

app = create_app(settings)

if os.environ.get("FLASK_RUN_FROM_CLI"):  # the flask command, which may be `flask db`
    import_module("portal.cli.migrations").bind(app)

if settings.jobs_url == "embedded:":
    home = settings.base_url.rstrip("/") + "/my/"
    lock = settings.instance / "worker.lock"
    # started by each of the server's processes once it is forked: see gunicorn.conf.py
    press = Press(settings.site_name)
    app.extensions["portal.background"] = Worker(app.app_context, mailer_of(settings), home, lock, press=press)
