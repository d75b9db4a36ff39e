"""What the killed server serves: the portal with its settings from the environment, and a folder of the test's own."""

import os
from pathlib import Path

from portal import create_app
from portal.settings import Settings

app = create_app(Settings.from_env(os.environ, Path(os.environ["PORTAL_TEST_INSTANCE"])))
