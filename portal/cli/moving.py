"""A practice moves to another house by command: out as one encrypted file, and in where its key is typed."""

import base64
import binascii
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO
from uuid import UUID

import click

from portal import randomness
from portal.cli import ground
from portal.cli.practice import practice
from portal.domain.errors import NotFound
from portal.jobs.rotation import LONGEST_REQUEST
from portal.output import archive
from portal.output.archive import ArchiveError, Header
from portal.services import moving_in, moving_out
from portal.services.moving_out import MoveError
from portal.services.transactions import DatabaseBusy, let_the_log_go
from portal.services.vault import VaultError

__all__ = ["practice"]  # the group, with these commands too
KIND = "practice"
KEY_BYTES = 32
NO_VAULT_KEY = 0  # in the head of the file: its key is made for it alone


@practice.command("move-out")
@click.argument("name")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="Where the file goes.")
@click.option(
    "--quiet",
    type=click.FloatRange(min=0),
    default=LONGEST_REQUEST,
    show_default=True,
    help="Seconds to wait once nobody comes in any more; longer than a request lasts.",
)
def move_out(name: str, out: Path, quiet: float) -> None:
    """Shut the doors of a practice (by its name or id) and write all of it, keys too, into one encrypted file.

    The key of the file is printed once and kept nowhere.
    """
    practice_id = _shut(name)
    click.echo(f"Nobody of the practice comes in any more. Waiting {quiet:g} seconds for what is under way.")
    time.sleep(quiet)
    key = randomness.some_bytes(KEY_BYTES)
    header = Header(KIND, NO_VAULT_KEY, randomness.some_bytes(16))
    try:
        archive.write(out, header, key, moving_out.lines(practice_id))
    except (OSError, MoveError, VaultError, DatabaseBusy) as error:
        why = f"{out} cannot be written ({error.strerror})" if isinstance(error, OSError) else error
        again = "Nobody comes in meanwhile: do it again, or let them stay with ./portal.sh flask practice stay"
        raise ground.fail(f"Not moved out: {why}. {again}") from error
    click.echo(f"Written to {out}. Its key, which is shown this once, goes another way than the file:")
    click.echo(base64.urlsafe_b64encode(key).decode())


def _shut(name: str) -> UUID:
    try:
        return moving_out.shut(name)
    except NotFound as missing:
        raise ground.fail("There is no such practice.") from missing
    except MoveError as refusal:
        raise ground.fail(f"Not moved out, and nobody was shut out: {refusal}.") from refusal


@practice.command("stay")
@click.argument("name")
def stay(name: str) -> None:
    """Let the people of a practice that was moved out come in here again, where it has moved in nowhere else."""
    try:
        moving_out.stay(name)
    except NotFound as missing:
        raise ground.fail("There is no such practice.") from missing
    except MoveError as refusal:
        raise ground.fail(f"Nothing was done: {refusal}.") from refusal
    click.echo("They come in here again. What `move-out` wrote is an old copy now: delete it.")


@practice.command("forget")
@click.argument("name")
@click.confirmation_option(prompt="What its people wrote opens here never again, nor in any backup. Go on?")
def forget(name: str) -> None:
    """Erase everybody of a practice that was moved out: their keys here, their names and their doors."""
    try:
        count = moving_out.forget(name)
    except NotFound as missing:
        raise ground.fail("There is no such practice.") from missing
    except MoveError as refusal:
        raise ground.fail(f"Nothing was done: {refusal}.") from refusal
    except DatabaseBusy as busy:
        raise ground.fail(f"Broken off: {busy}. What was done stays done; run this again.") from busy
    let_the_log_go()
    click.echo(f"{count} people erased here. Take a backup of the keys: its copy from before holds theirs still.")


@practice.command("move-in")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--key-file", type=click.File(), help="A file that holds the key (- for what is piped in); else asks.")
def move_in(file: Path, key_file: TextIO | None) -> None:
    """Take in a practice from the file that `move-out` wrote in another house; asks for the key of the file."""
    try:
        moved = moving_in.move_in(_opened(file, key_file.read() if key_file else _typed()))
    except (MoveError, ArchiveError, DatabaseBusy) as refusal:
        raise ground.fail(f"Not moved in, and nothing was written: {refusal}.") from refusal
    for name, count in moved.rows.items():
        click.echo(f"{count:8}  {name}")
    for shown, user_name in moved.renamed:
        click.echo(f"{shown} signs in as {user_name} here, for the name from before opens another door. Tell them.")
    click.echo("Moved in: everybody signs in as before. Take a backup, of the keys too.")


def _typed() -> str:
    """The key as it is typed, unseen; where no terminal is, as it is piped in."""
    if not sys.stdin.isatty():
        return sys.stdin.readline()
    return str(click.prompt("The key of the file", hide_input=True))


def _opened(file: Path, key: str) -> Iterator[bytes]:
    header = archive.header_of(file)
    if header.kind != KIND:
        raise MoveError(f"{file} holds {header.kind}, and no practice")
    yield from archive.read(file, _key(key))


def _key(typed: str) -> bytes:
    try:
        found = base64.urlsafe_b64decode(typed.strip())
    except (binascii.Error, ValueError):
        found = b""
    if len(found) != KEY_BYTES:
        raise MoveError("this is no key of such a file")
    return found
