"""An app that stays from one test to the next, and moves to a fresh database each time.

Making an app costs more than most tests: its addresses, its pages and its statements are compiled anew. Only what a
test can change is put back: the database, the key store, what was counted, settings and configuration.
"""

import gc
from typing import Any

from flask import Flask
from sqlalchemy import event, make_url

from portal import create_app
from portal.extensions import db, key_store, limiter
from portal.models.key_store import KeyStoreBase
from portal.services import texts
from portal.settings import Settings


class Standing:
    """One app; `move` gives it with nothing of the test before left in the process."""

    def __init__(self, settings: Settings) -> None:
        self.url = settings.database_url
        self.app = create_app(settings)
        self._config, self._extensions = dict(self.app.config), dict(self.app.extensions)
        self._rules = len(list(self.app.url_map.iter_rules()))
        with self.app.app_context():
            event.listen(db.engine, "do_connect", self._open_the_present_one)
        gc.collect()
        gc.freeze()  # what an app is made of stays: no need to look through it again and again

    @property
    def is_as_it_was(self) -> bool:
        """Whether no test has given it an address more."""
        return len(list(self.app.url_map.iter_rules())) == self._rules

    def move(self, settings: Settings) -> Flask:
        """Stand on another database, in another folder."""
        settings.instance.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.url = settings.database_url
        self.app.config.clear()
        self.app.config.update(self._config | {"SQLALCHEMY_DATABASE_URI": self.url})
        self.app.extensions.clear()
        self.app.extensions.update(self._extensions | {"portal.settings": settings})
        key_store.init_app(self.app, settings.key_store_url, KeyStoreBase.metadata)
        limiter.init_app(self.app, "memory://")
        with self.app.app_context():
            db.engine.url = make_url(self.url)  # whoever asks an engine where it stands
            texts._KEPT.pop(db.engine, None)  # what was in force at the same instant of the test before
        return self.app

    def _open_the_present_one(self, dialect: Any, _record: object, where: list[str], _options: object) -> None:
        if dialect.name == "sqlite":  # on PostgreSQL the new database has the name of the one before
            where[0] = str(make_url(self.url).database)


_standing: dict[str, Standing] = {}


def standing_app(name: str, settings: Settings) -> Flask:
    """The app of this name, moved; it is made anew where a test has left an address in it."""
    if name not in _standing or not _standing[name].is_as_it_was:
        _standing[name] = Standing(settings)
    return _standing[name].move(settings)
