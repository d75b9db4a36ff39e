"""What is wrong with this installation, and how to mend it."""

import os
from collections.abc import Callable, Iterator
from dataclasses import fields
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click
from flask import Flask
from flask.cli import with_appcontext
from sqlalchemy import make_url
from sqlalchemy.exc import SQLAlchemyError

from portal.cli import ground
from portal.output import render
from portal.output.mail import MailError
from portal.services import audit_seals, backups, dumps, health, vault
from portal.services.transactions import DatabaseBusy
from portal.settings import Settings

FONT_FOLDER = Path(render.__file__).parent.parent / "static" / "fonts"
FONTS = tuple(f"portal-{kind}-{weight}.ttf" for kind in ("sans", "serif") for weight in (400, 600))

OF_THE_SCRIPT = {"PORTAL_PORT"}


class Fault(Exception):  # noqa: N818 - what is wrong, and how to mend it
    """One thing that is wrong; its text says how to mend it."""


@click.command("doctor", help="Say what is wrong with this installation and how to mend it.")
@with_appcontext
def doctor() -> None:
    faults = 0
    for name, check in _checks():
        try:
            click.echo(f"ok    {name}: {check()}")
        except Fault as fault:
            faults += 1
            click.echo(f"MEND  {name}: {fault}")
    if faults:
        raise SystemExit(1)


def _checks() -> Iterator[tuple[str, Callable[[], str]]]:
    yield "settings", _settings
    yield "database", _database
    yield "database durability", _durability
    yield "secret key", _secret_key
    yield "row locks", _row_locks
    yield "key store", _key_store
    yield "vault keys", _vault_keys
    yield "instance folder", _folder
    yield "files", _files
    yield "fonts", _fonts
    yield "PDF", _pdf
    yield "mail", _mail
    yield "time zones", _zones


def cause_or_none() -> str | None:
    """What keeps the house from being ready, in a line; None where nothing does."""
    if health.is_ready():
        return None
    for name, check in (
        ("database", _database),
        ("key store", _key_store),
        ("vault keys", _vault_keys),
        ("secret key", _secret_key),
    ):
        try:
            check()
        except Fault as fault:
            return f"{name}: {fault}"
    return "see: ./portal.sh flask doctor"


def refuse_to_start_unready(app: Flask) -> None:
    """End with a line where the server could not work: it would stumble every two seconds, and answer nobody."""
    with app.app_context():
        cause = cause_or_none()
    if cause is not None:
        raise SystemExit(f"The portal cannot work. {cause}")


def _settings() -> str:
    unknown = sorted(name for name in os.environ if name.startswith("PORTAL_") and not _is_known(name))
    if unknown:
        raise Fault(f"{ground.some(unknown)}: no such setting; look for the right name in .env.example")
    return f"complete, served at {ground.settings().base_url}"


def _is_known(name: str) -> bool:
    known = {f"PORTAL_{field.name.upper()}" for field in fields(Settings)} | OF_THE_SCRIPT
    return name.removesuffix("_FILE") in known or name.startswith("PORTAL_TEST_")


def _database() -> str:
    try:
        revision = health.database_revision()
        is_elsewhere = health.is_elsewhere(ground.settings().migration_url)
    except (SQLAlchemyError, OSError) as error:
        _say_where_no_room_is(error)
        raise Fault(f"does not answer ({type(error).__name__}); check PORTAL_DATABASE_URL") from error
    if is_elsewhere:
        raise Fault("PORTAL_MIGRATION_URL opens another one than PORTAL_DATABASE_URL; let both name the same")
    newest = health.newest_revision()
    if health.is_newer(revision):
        raise Fault(f"stands at {revision}, which this version does not know; run the newer version that it came from")
    if revision != newest:
        raise Fault(f"stands at {revision or 'nothing'}, not at {newest}; run: ./portal.sh flask db upgrade")
    return f"answers, at {revision}"


def _database_files() -> list[Path]:
    """The files of both databases, where they are files."""
    urls = [make_url(url) for url in (backups.main_url(), ground.settings().key_store_url)]
    names = [str(url.database) for url in urls if url.get_backend_name() == "sqlite"]
    return [Path(name + ending) for name in names for ending in dumps.FILES]


def _full() -> list[Path]:
    return health.folders_without_room([ground.settings().instance, *(file.parent for file in _database_files())])


def _say_where_no_room_is(error: Exception) -> None:
    for folder in _full():
        raise Fault(f"there is no room left on the disk of {folder}; make some, nothing else is wrong yet") from error


def _durability() -> str:
    try:
        weak = health.weak_settings()
    except SQLAlchemyError as error:
        raise Fault("cannot be asked while the database does not answer") from error
    if weak:
        why = "set it in postgresql.conf"
        if health.is_on_sqlite():
            why = "the file may lie on a file system that cannot lock (a network share?)"
        raise Fault(f"{', '.join(weak)}, so what was acknowledged may be lost; {why}")
    return "what is acknowledged is on the disk"


def _secret_key() -> str:
    try:
        is_own = audit_seals.fit()
    except SQLAlchemyError as error:
        raise Fault("cannot be tried while the database does not answer, or is not up to date") from error
    if not is_own:
        raise Fault(ground.NOT_OURS)
    return "the one that the audit trail was written with"


def _row_locks() -> str:
    try:
        found = health.row_locks()
    except (SQLAlchemyError, KeyError) as error:
        raise Fault("cannot be looked at while the database does not answer, or is not up to date") from error
    if found is None:
        return "none on SQLite, where the application alone parts practices"
    if found.unlocked:
        raise Fault(f"{', '.join(found.unlocked)}: no lock on rows; run: ./portal.sh flask db upgrade")
    if found.is_unbound:
        raise Fault(
            f"do not bind {found.role}, which is a superuser or has BYPASSRLS: the application alone parts practices"
            "; give PORTAL_DATABASE_URL a role that is neither, see README"
        )
    if found.owns_tables:
        return f"bind {found.role}, which owns the tables; a role of its own for PORTAL_MIGRATION_URL binds it harder"
    return f"bind {found.role}, which owns no table"


def _key_store() -> str:
    try:
        missing = health.without_keys()
    except SQLAlchemyError as error:
        raise Fault("cannot be held against a database that does not answer") from error
    except DatabaseBusy as error:
        raise Fault(f"cannot be used ({error}); check PORTAL_KEYS_URL") from error
    if missing:
        raise Fault(
            f"has no key for {missing} people or couples, whose texts do not open; check PORTAL_KEYS_URL, or put the"
            " newest copy of the keys back"
        )
    return "answers, with a key for everybody"


def _vault_keys() -> str:
    try:
        wrapped, strange, closed = health.keys_by_vault_key(), vault.closed_versions(), vault.closed_owners()
    except DatabaseBusy as error:
        raise Fault("cannot be looked at while the key store does not answer") from error
    known = ground.settings().vault_keys
    newest = max(known)
    if strange:
        raise Fault(
            f"version {strange[0]} in PORTAL_VAULT_KEYS is another key than the one that wraps the keys here; put the"
            " right one back, and make nobody's key meanwhile"
        )
    if closed:
        raise Fault(f"the keys of {ground.some(closed)} do not open; put the newest copy of the keys back")
    for version, count in sorted(wrapped.items()):
        if version not in known:
            raise Fault(f"{count} keys are wrapped by vault key {version}, which PORTAL_VAULT_KEYS lacks; give it back")
        if version < newest:
            raise Fault(f"{count} keys are wrapped by vault key {version} still; run: ./portal.sh flask keys rotate")
    return f"all keys are wrapped by vault key {newest}"


def _folder() -> str:
    folder = Path(ground.settings().instance)
    for full in _full():
        raise Fault(f"there is no room left on the disk of {full}; make some")
    try:
        probe = folder / ".doctor"
        probe.write_text("", encoding="utf-8")
        probe.unlink()
    except OSError as error:
        raise Fault(
            f"{folder} cannot be written ({error.strerror}); give it to the user who runs the portal"
        ) from error
    return "can be written"


def _files() -> str:
    folder = Path(ground.settings().instance)
    exposed = health.readable_by_all([folder.parent / ".env", *folder.glob("*"), *_database_files()])
    if exposed:
        raise Fault(f"everybody on this machine can read {ground.some(exposed)}; run: chmod o= with their names")
    return "nobody else can read what is secret"


def _fonts() -> str:
    missing = [name for name in FONTS if not (FONT_FOLDER / name).is_file()]
    if missing:
        raise Fault(f"{', '.join(missing)} not found in {FONT_FOLDER}; run: python -m portal.output.fonts")
    return f"{len(FONTS)} found"


def _pdf() -> str:
    page = '<html lang="en"><head><title>Doctor</title></head><body><h1>Doctor</h1></body></html>'
    mend = "cannot be set; install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
    try:
        rendered = render.render_pdf(page)
    except render.NotRendered as error:
        raise Fault(mend) from error
    if rendered.fallback:
        raise Fault(mend)
    return f"{len(rendered.content)} bytes set"


def _mail() -> str:
    mailer = ground.mailer_of(ground.settings())
    try:
        mailer.check()
    except MailError as error:
        raise Fault(f"{mailer.target} takes none ({error}); check PORTAL_MAIL_URL") from error
    return f"goes to {mailer.target}"


def _zones() -> str:
    try:
        ZoneInfo("Europe/Berlin")
    except ZoneInfoNotFoundError as error:
        raise Fault("are not known here; install the package tzdata") from error
    return "known"
