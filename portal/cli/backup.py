"""Backup and restore by command: answers and keys in encrypted files, each apart."""

from collections.abc import Iterator
from pathlib import Path

import click

from portal import randomness
from portal.cli import ground
from portal.output import archive
from portal.output.archive import ArchiveError, Header
from portal.services import backups, dumps, erasing, health
from portal.services.backups import KEYS, MAIN, Manifest
from portal.services.dumps import DumpError

FILE = click.Path(dir_okay=False, path_type=Path)


@click.command("backup", help="Write an encrypted copy of everything but the keys, while people go on working.")
@click.option("--out", type=FILE, required=True, help="Where the copy goes; keep it as long as you like.")
@click.option(
    "--keys",
    type=FILE,
    help="Where the newest copy of the keys goes, over the one before. Keep it elsewhere, and this one copy alone.",
)
def backup(out: Path, keys: Path | None) -> None:
    try:
        before = backups.key_names()
        with backups.answers(_url()) as parts:
            _write(out, MAIN, parts)
        if backups.went_meanwhile(before):
            raise ground.fail(f"A key was exchanged while {out} was written, so parts of it may not open. Do it again.")
        if keys is not None:
            _write_keys(keys)
    except DumpError as refusal:
        raise ground.fail(f"No backup was written: {refusal}.") from refusal
    click.echo(f"Written to {out}")
    click.echo(f"Keys written to {keys}" if keys else "The keys are not in it: --keys FILE writes their newest copy.")


def _write_keys(path: Path) -> None:
    """Over the copy before, unless keys are missing here: a store that was lost must not take its copy along."""
    missing = health.without_keys()
    if missing:
        raise ground.fail(
            f"{path} was left as it is: {missing} people or couples have no key here. See: ./portal.sh flask doctor"
        )
    _write(path, KEYS, backups.all_keys())


def _write(path: Path, kind: str, parts: Iterator[bytes]) -> None:
    version, key = backups.newest_vault_key()
    try:
        archive.write(path, Header(kind, version, randomness.some_bytes(16)), key, parts)
    except OSError as error:
        raise ground.fail(f"{path} cannot be written: {error.strerror}.") from error


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
        stored = None if keys is None else backups.put_keys(_opened(keys, KEYS))
    except (DumpError, ArchiveError) as refusal:
        raise ground.fail(f"Not restored: {refusal}.") from refusal
    _report(manifest, stored)


def _checked(file: Path, keys: Path | None) -> Manifest:
    """Everything that can be known before anything is written: both files to their end, and both places."""
    manifest, rest = backups.manifest_of(_opened(file, MAIN))
    for _ in rest:
        pass
    if not dumps.is_empty(_url()):
        raise DumpError("there is a database here already: a backup goes into an empty place alone")
    if keys is not None:
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


def _report(manifest: Manifest, stored: int | None) -> None:
    found = dumps.counts(_url())
    for name in manifest.rows:
        click.echo(f"{found.get(name, 0):8}  {name}")
    if found != manifest.rows:
        raise ground.fail("These are not the rows that were taken. Do not work with this database.")
    if stored is not None:
        click.echo(f"{stored:8}  keys")
    if health.database_revision() != health.newest_revision():
        click.echo("It is of an older version: run ./portal.sh flask db upgrade, then doctor.")
        return
    sample = backups.sample()
    states = f"{sample.opened} open, {sample.erased} are erased, {sample.closed} do not open"
    click.echo(f"Of {sample.total} answers looked at, {states}.")
    again = erasing.repeat_after_restore()
    if again:
        click.echo(f"{again} people were erased since this backup was taken, and are again.")
    if sample.closed:
        raise ground.fail("Answers do not open: the copy of the keys is older than this backup, or another's.")


def _url() -> str:
    """Who owns the tables takes and puts them."""
    return ground.settings().migration_url or backups.main_url()
