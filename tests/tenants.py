"""Whose rows are reached on PostgreSQL: pages, commands and services as in production, a test's own look everywhere.

The application's role owns nothing and is bound by the locks on rows. Where a test itself looks into the tables, or
fills them, it does so as their owner, who may see every practice. As soon as it asks for a page, runs a command or
calls a service, nothing but the application's role is at work; a service that takes a viewer works for the viewer's
practice, as behind the door of a page.
"""

import functools
import importlib
import inspect
import os
import pkgutil
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FunctionType
from typing import Any
from uuid import UUID

from flask import g, has_app_context, has_request_context
from flask.testing import FlaskClient, FlaskCliRunner
from sqlalchemy import Connection, Engine, NullPool, create_engine, event, make_url, text

from portal import services
from portal.domain.people import Viewer
from portal.extensions import PRACTICE, db

OWNER, APPLICATION = "owner", "application"
# NOINHERIT: a test may become the owner by SET ROLE, and what the application does has none of the owner's rights
ROLES = (
    f"CREATE ROLE {OWNER} LOGIN",
    f"CREATE ROLE {APPLICATION} LOGIN NOINHERIT",
    f"GRANT {OWNER} TO {APPLICATION}",
)
# what doors, commands and jobs call before a viewer is known
ENTRIES = {
    "accounts": ("sign_in", "sign_out", "usable_token", "id_of"),
    "invitations": ("open_invitation", "check_code", "accept_invitation", "ask_again"),
    "parked": ("park", "let_go"),
    "rendered_briefs": ("ahead", "touched", "let_go"),
    "resets": ("ask_for_reset", "ask_again", "answer_requests", "check_reset", "reset_passphrase"),
    "devices": ("knows", "is_known"),
    "audit_chain": ("verify",),
    "audit_seals": ("fit",),
    "backups": ("sample",),
    "bulk_giving": ("carry_out",),
    "day_pack_work": ("orders", "let_go"),
    "demo": ("stands", "clear", "seed"),
    "erasing": ("carry_out_due", "repeat_after_restore"),
    "health": ("is_ready", "without_keys", "row_locks", "is_elsewhere"),
    "operations": ("record", "record_for"),
    "outbox": ("due", "may_go", "mark_sent", "mark_failed"),
    "practices": ("create_practice", "create_practice_for", "invite_owner_again", "owner_of"),
    "rotation": ("rewrap_all", "begin", "reseal_some", "left", "finish"),
    "second_factors": ("remove_lost",),
    "session_prep": ("for_operator",),
    "staff_doors": ("is_for_staff", "open_invitation", "accept_invitation"),
    "standing": ("standing_or_none",),
    "tenants": ("ids",),
    "web_sessions": ("end_everybodys",),
    "weekly": ("issue_due",),
}
_here = threading.local()


def with_the_practice_said(most: int, times: int) -> int:
    """At most so many statements, and on PostgreSQL the `times` that it is told whose rows may be reached.

    That is as the browser's session is looked up, and at the beginning of each transaction after that one.
    """
    return most + (times if os.environ.get("PORTAL_TEST_DATABASE") == "postgresql" else 0)


def url_of_owner(url: str) -> str | None:
    """The same database as the owner of its tables opens it; None for SQLite, where nobody owns any."""
    target = make_url(url)
    if target.get_backend_name() != "postgresql":
        return None
    return target.set(username=OWNER).render_as_string(hide_password=False)


def engine() -> Engine:
    """The present app's database, as somebody opens it who may see and change everything."""
    url = url_of_owner(db.engine.url.render_as_string(hide_password=False))
    if url is None:
        return db.engine
    return create_engine(url, poolclass=NullPool, connect_args={"options": "-c app.every_practice=yes"})


def take_stock() -> None:
    """Let PostgreSQL learn how much lies where, as it does by itself within a minute; SQLite likewise, where asked."""
    with engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")


@contextmanager
def at_work(practice_id: UUID | None = None) -> Iterator[None]:
    """Be the application meanwhile, working for this practice (or for none yet), and nothing of the test."""
    if _is_at_work():
        yield
        return
    _here.is_at_work = True
    _begin_anew(practice_id)
    try:
        yield
    finally:
        _begin_anew(None)
        _here.is_at_work = False


def _is_at_work() -> bool:
    return getattr(_here, "is_at_work", False)


def _begin_anew(practice_id: UUID | None) -> None:
    if has_app_context():
        db.session.rollback()
        db.session().info[PRACTICE] = practice_id


def _look_everywhere(session: Any, _transaction: object, connection: Connection) -> None:
    is_test = not has_request_context() and not _is_at_work()
    if is_test and session.info.get(PRACTICE) is None and connection.dialect.name == "postgresql":
        driver = connection.connection.dbapi_connection  # what counts statements does not see it
        assert driver is not None
        driver.execute(f"SET LOCAL ROLE {OWNER}")  # type: ignore[attr-defined]  # psycopg's own
        driver.execute("SELECT set_config('app.every_practice', 'yes', true)")  # type: ignore[attr-defined]


def _at_work(call: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(call)
    def called(*args: Any, **named: Any) -> Any:
        with at_work():
            found = call(*args, **named)
            return iter(list(found)) if inspect.isgenerator(found) else found

    return called


def _asked_anew(call: Callable[..., Any]) -> Callable[..., Any]:
    """A page asked for as a server is asked: nothing is left of the request before, not even who it was."""
    at_work_ = _at_work(call)

    @functools.wraps(call)
    def called(*args: Any, **named: Any) -> Any:
        for name in list(g) if has_app_context() and not has_request_context() else ():
            g.pop(name)
        return at_work_(*args, **named)

    return called


def _for_viewer(call: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(call)
    def called(viewer: Viewer, *args: Any, **named: Any) -> Any:
        with at_work(getattr(viewer, "practice_id", None)):
            return call(viewer, *args, **named)

    return called


def stand_in() -> None:
    """Let all of it be so in this process, before a test is imported: for a run on PostgreSQL."""
    event.listen(db.session, "after_begin", _look_everywhere)
    FlaskClient.open = _asked_anew(FlaskClient.open)  # type: ignore[method-assign]
    FlaskCliRunner.invoke = _at_work(FlaskCliRunner.invoke)  # type: ignore[method-assign]
    replaced = dict(_replaced())
    for name, module in list(sys.modules.items()):
        if name.startswith("portal."):
            for word, value in list(vars(module).items()):
                if isinstance(value, FunctionType) and value in replaced:
                    setattr(module, word, replaced[value])


def _replaced() -> Iterator[tuple[Callable[..., Any], Callable[..., Any]]]:
    for found in pkgutil.iter_modules(services.__path__, "portal.services."):
        module, entries = importlib.import_module(found.name), ENTRIES.get(found.name.rpartition(".")[2], ())
        for name, call in inspect.getmembers(module, inspect.isfunction):
            if call.__module__ != module.__name__ or name.startswith("_"):
                continue
            if name in entries:
                yield call, _at_work(call)
            elif next(iter(inspect.signature(call).parameters), None) == "viewer" and module.__name__ not in GO_ON:
                yield call, _for_viewer(call)


# they give statements and rows to go on with, or note what the transaction of who asked is to tell
GO_ON = ("portal.services.scope", "portal.services.scope_of_colleagues", "portal.services.audit")


def make_roles(server: str) -> None:
    """Make both roles in a cluster that has neither."""
    made = create_engine(server, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with made.connect() as connection:
        for statement in ROLES:
            connection.execute(text(statement))
