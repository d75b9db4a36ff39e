"""Where the flask command and WSGI servers find the app: settings from the environment, then create_app."""

import os
import sys
from pathlib import Path

from portal import create_app
from portal.cli.ground import mailer_of
from portal.jobs.worker import Worker
from portal.settings import Settings, SettingsError

try:
    settings = Settings.from_env(os.environ, Path(__file__).parent / "instance")
except SettingsError as error:
    sys.exit(str(error))

app = create_app(settings)

if "gunicorn" in sys.modules and settings.jobs_url == "embedded:":
    home = settings.base_url.rstrip("/") + "/my/"
    Worker(app.app_context, mailer_of(settings), home, settings.instance / "worker.lock").start()
