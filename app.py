"""Where the flask command and WSGI servers find the app: settings from the environment, then create_app."""

import os
import sys
from pathlib import Path

from portal import create_app
from portal.settings import Settings, SettingsError

try:
    app = create_app(Settings.from_env(os.environ, Path(__file__).parent / "instance"))
except SettingsError as error:
    sys.exit(str(error))
