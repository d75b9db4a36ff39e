"""The demo, seeded and served to a real browser."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

import flask_migrate
from werkzeug.serving import make_server

from portal import create_app
from portal.cli import migrations
from portal.extensions import db
from portal.services import demo
from portal.services.demo import Links
from tests import cast as gathered
from tests.browser.conftest import Served
from tests.conftest import settings_for


@contextmanager
def served_demo(folder: Path, find: Callable[[], dict[str, Any]]) -> Iterator[tuple[Served, dict[str, Any]]]:
    """The demo on a database of its own below `folder`, with what `find` gives once it is seeded."""
    app = create_app(settings_for(f"sqlite:///{folder / 'demo.db'}", folder))
    migrations.bind(app)
    with app.app_context():
        flask_migrate.upgrade()
        demo.seed(gathered.PASSPHRASE, Links(gathered.LINK, "http://127.0.0.1/my/"))
        found = find()
        db.session.remove()
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Served(app, f"http://127.0.0.1:{server.server_port}"), found
    server.shutdown()
    thread.join(10)
    server.server_close()
