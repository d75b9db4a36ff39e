"""Backup and restore by command: answers and keys in encrypted files, each apart."""

from collections.abc import Iterator
from pathlib import Path

import click
from sqlalchemy.exc import SQLAlchemyError

from portal import randomness
from portal.cli import ground
from portal.cli.audit import go_over
from portal.output import archive
from portal.output.archive import ArchiveError, Header
from portal.services import backups, dumps, erasing, health, key_store, operations, tenants, vault, web_sessions
from portal.services.backups import KEYS, MAIN, Manifest
from portal.services.dumps import DumpError
from portal.services.transactions import DatabaseBusy

FILE = click.Path(dir_okay=False, path_type=Path)


@click.command("backup", help="Write an encrypted copy of everything but the keys, while people go on working.")
@click.option("--out", type=FILE, required=True, help="Where the copy goes; keep it as long as you like.")
@click.option(
    "--keys",
    type=FILE,
    help="Where the newest copy of the keys goes, over the one before. Keep it elsewhere, and this one copy alone.",
)
def backup(out: Path, keys: Path | None) -> None:
    if keys is not None and keys.resolve() == out.resolve():
        raise ground.fail("No backup was written: answers and keys go into two files, and are kept apart.")
    try:
        _check_targets(out, keys)
        before = backups.key_names()
        _check_vault_keys()
        with backups.answers(_url()) as parts:
            _write(out, MAIN, parts)
    except (DumpError, DatabaseBusy) as refusal:
        raise ground.fail(f"No backup was written: {refusal}.") from refusal
    is_on_record = _on_record("backup:taken")
    try:
        if keys is not None:
            _write_keys(keys)
            is_on_record &= _on_record("backup:keys_taken")
        is_spoilt = backups.went_meanwhile(before)
    except (DumpError, DatabaseBusy) as refusal:
        raise ground.fail(f"{out} is written, the keys are not: {refusal}.") from refusal
    if is_spoilt:
        raise ground.fail(f"A key was exchanged while {out} was written, so parts of it may not open. Do it again.")
    click.echo(f"Written to {out}")
    click.echo(f"Keys written to {keys}" if keys else "The keys are not in it: --keys FILE writes their newest copy.")
    if not is_on_record:
        raise SystemExit(1)


def _check_targets(out: Path, keys: Path | None) -> None:
    """Nothing is written over but an older copy of the keys: arguments that were swapped must lose nothing."""
    if out.exists():
        raise DumpError(f"{out} is there already. Give each backup a name of its own")
    if keys is None or not keys.exists():
        return
    try:
        kind = archive.header_of(keys).kind
    except (ArchiveError, OSError):
        kind = "something else"
    if kind != KEYS:
        raise DumpError(f"{keys} holds {kind}, and only an older copy of the keys is written over")


def _check_vault_keys() -> None:
    """What another vault key seals opens for nobody who has the right one."""
    strange = vault.closed_versions()
    if strange:
        raise DumpError(
            f"vault key {strange[0]} in PORTAL_VAULT_KEYS is another than the one that wraps keys here. Put it right"
        )


def _on_record(event: str) -> bool:
    """Put on record what was done; where the database does not take it, say so, and what was done stays."""
    try:
        operations.record(event)
    except SQLAlchemyError as error:
        click.echo(
            f"Done, but not on record everywhere ({type(error).__name__}). See: ./portal.sh flask doctor", err=True
        )
        return False
    return True


def _write_keys(path: Path) -> None:
    """Over the copy before, unless keys are missing here: a store that was lost must not take its copy along."""
    missing = health.without_keys()
    if missing:
        raise DumpError(
            f"{path} was left as it is, for {missing} people or couples have no key here. See: ./portal.sh flask doctor"
        )
    _write(path, KEYS, backups.all_keys())


def _write(path: Path, kind: str, parts: Iterator[bytes]) -> None:
    version, key = backups.newest_vault_key()
    try:
        archive.write(path, Header(kind, version, randomness.some_bytes(16)), key, parts)
    except OSError as error:
        raise DumpError(f"{path} cannot be written: {error.strerror}") from error


@click.command("restore", help="Put a backup into an empty place, and say what came back.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--keys",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The newest copy of the keys, where the key store is gone too.",
)
def restore(file: Path, keys: Path | None) -> None:
    try:
        manifest = _checked(file, keys)
        _, database = backups.manifest_of(_opened(file, MAIN))
        dumps.put(_url(), manifest.database, database)
    except (DumpError, ArchiveError, DatabaseBusy) as refusal:
        raise ground.fail(f"Not restored: {refusal}.") from refusal
    try:
        stored = None if keys is None else backups.put_keys(_opened(keys, KEYS))
    except (DumpError, ArchiveError, DatabaseBusy) as refusal:
        raise ground.fail(
            f"The answers are back, the keys are not: {refusal}. Empty the place, and do it again."
        ) from (refusal)
    _say_what_came_back(manifest, stored)
    _look_over(keys)


def _checked(file: Path, keys: Path | None) -> Manifest:
    """Everything that can be known before anything is written: both files to their end, and both places."""
    manifest, rest = backups.manifest_of(_opened(file, MAIN))
    for _ in rest:
        pass
    if health.is_newer(manifest.revision):
        raise DumpError(
            f"it stands at {manifest.revision}, which this version does not know. Run the newer version first"
        )
    if not dumps.is_empty(_url()):
        raise DumpError("there is a database here already: a backup goes into an empty place alone")
    if keys is None:
        if key_store.is_empty() and manifest.rows.get("people"):
            raise DumpError("no key is here to open it with. Give --keys FILE, or set PORTAL_KEYS_URL to the key store")
    else:
        backups.check_keys(_opened(keys, KEYS))
    return manifest


def _opened(path: Path, kind: str) -> Iterator[bytes]:
    header = archive.header_of(path)
    if header.kind != kind:
        raise DumpError(f"{path} holds {header.kind}, not {kind}")
    try:
        yield from archive.read(path, backups.vault_key(header.version))
    except (DumpError, ArchiveError) as refusal:
        raise DumpError(f"{path}: {refusal}") from refusal


def _say_what_came_back(manifest: Manifest, stored: int | None) -> None:
    found = dumps.counts(_url())
    for name in manifest.rows:
        click.echo(f"{found.get(name, 0):8}  {name}")
    if found != manifest.rows:
        raise ground.fail("These are not the rows that were taken. Do not work with this database.")
    if stored is not None:
        click.echo(f"{stored:8}  keys")


def _look_over(keys: Path | None) -> None:
    """Go over the trail as it came back, close again what was closed since, try answers, put all of it on record."""
    for practice_id in tenants.each():
        web_sessions.end_everybodys(practice_id)
    revision = health.database_revision()
    is_of_now = revision == health.newest_revision()
    faults = list(_faults()) if is_of_now else []
    is_on_record = _on_record("backup:put_back")
    if keys is not None:
        is_on_record &= _on_record("backup:keys_put_back")
    if not is_on_record:
        faults.append("That this was restored is not on record.")
    if health.is_newer(revision):
        faults.append(f"It stands at {revision}, which this version does not know: run the newer version.")
    elif not is_of_now:
        click.echo("It is of an older version: run ./portal.sh flask db upgrade, then doctor and audit verify.")
    if faults:
        raise ground.fail(" ".join(faults))


def _faults() -> Iterator[str]:
    if not go_over():
        yield (
            "The audit trail does not hold: what is here was changed before the backup was taken, or PORTAL_SECRET_KEY"
            " is another than its own (then empty the place, and restore again with the right one)."
        )
    again = erasing.repeat_after_restore()
    if again:
        click.echo(f"{again} people who had been erased came back with it, and are erased again.")
    sample = backups.sample()
    states = f"{sample.opened} open, {sample.erased} are erased, {sample.closed} do not open"
    click.echo(f"Of {sample.total} answers looked at, {states}.")
    if sample.closed:
        yield "Answers do not open: the copy of the keys is older than this backup, or another's."


def _url() -> str:
    """Who owns the tables takes and puts them."""
    return ground.settings().migration_url or backups.main_url()
