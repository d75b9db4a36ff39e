"""An encrypted file of any length: AES-256-GCM by chunks, each bound to its place, and the last one marked as the last.

`PORTAL-ARCHIVE-1`, the header's length (2 bytes) and the header as JSON: what is inside, the version of the vault key
(0 for a key made for this file alone), a salt. Then chunks of 1 MiB, each with its tag of 16 bytes; the nonce is the
chunk's number (11 bytes) and whether it is the last (1 byte), the header is bound to each. So a chunk that is changed,
left out, doubled or moved is refused, and so is an end that is cut off (the STREAM construction of Hoang,
Reyhanitabar, Rogaway and Vizár, 2015).
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from portal.output.whole_file import replacing

MAGIC = b"PORTAL-ARCHIVE-1\n"
CHUNK = 1024 * 1024
TAG = 16
LONGEST_HEADER = 4096


class ArchiveError(Exception):
    """A file that is no archive, is damaged, or does not open with this key; its text says which."""


@dataclass(frozen=True, slots=True)
class Header:
    """What stands in the clear: what is inside, which vault key opens it, the salt (16 bytes) of this file's key."""

    kind: str
    version: int
    salt: bytes

    def written(self) -> bytes:
        text = json.dumps({"kind": self.kind, "vault_key": self.version, "salt": self.salt.hex()}).encode()
        return MAGIC + len(text).to_bytes(2) + text


def write(path: Path, header: Header, vault_key: bytes, parts: Iterable[bytes]) -> None:
    """Write an archive under a name for the time being, and rename it once it lies whole on the disk.

    `vault_key` has 32 bytes; `parts` may be of any lengths. An older file of that name stays until then.
    """
    with replacing(path) as file:
        bound = header.written()
        file.write(bound)
        key = _key(header, vault_key)
        for number, (chunk, is_last) in enumerate(_marked(_in_chunks(parts))):
            file.write(key.encrypt(_nonce(number, is_last=is_last), chunk, bound))


def header_of(path: Path) -> Header:
    """The header of an archive, not yet proven; raises ArchiveError."""
    with path.open("rb") as file:
        return _header(file)[0]


def read(path: Path, vault_key: bytes) -> Iterator[bytes]:
    """What is inside, part by part; a part is given once it is proven, the end once the last chunk is. ArchiveError."""
    with path.open("rb") as file:
        header, bound = _header(file)
        key = _key(header, vault_key)
        for number, (sealed, is_last) in enumerate(_marked(iter(lambda: file.read(CHUNK + TAG), b""))):
            try:
                yield key.decrypt(_nonce(number, is_last=is_last), sealed, bound)
            except InvalidTag:
                raise ArchiveError(_doubt(number)) from None
        if file.tell() == len(bound):
            raise ArchiveError("the file is cut off after its head")


def _doubt(number: int) -> str:
    if number == 0:
        return "the file does not open: another key made it, or it was changed or cut off"
    return f"the file was changed, or cut off, at or after its byte {number * (CHUNK + TAG)}"


def _header(file: BinaryIO) -> tuple[Header, bytes]:
    """The header, and the bytes that it was read from, to be bound as they are."""
    start = file.read(len(MAGIC) + 2)
    if start[: len(MAGIC)] != MAGIC:
        raise ArchiveError("the portal made no such file")
    text = file.read(min(int.from_bytes(start[len(MAGIC) :]), LONGEST_HEADER))
    try:
        found = json.loads(text)
        header = Header(found["kind"], found["vault_key"], bytes.fromhex(found["salt"]))
        is_sound = isinstance(header.kind, str) and isinstance(header.version, int)
    except (ValueError, KeyError, TypeError):
        is_sound = False
    if not is_sound:
        raise ArchiveError("the head of the file is damaged")
    return header, start + text


def _key(header: Header, vault_key: bytes) -> AESGCM:
    info = f"portal archive {header.kind}".encode()
    return AESGCM(HKDF(algorithm=SHA256(), length=32, salt=header.salt, info=info).derive(vault_key))


def _nonce(number: int, *, is_last: bool) -> bytes:
    return number.to_bytes(11) + bytes([is_last])


def _in_chunks(parts: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in chunks of one length, the last one shorter; one empty chunk for nothing at all."""
    waiting, is_first = bytearray(), True
    for part in parts:
        waiting += part
        while len(waiting) >= CHUNK:
            yield bytes(waiting[:CHUNK])
            del waiting[:CHUNK]
            is_first = False
    if waiting or is_first:
        yield bytes(waiting)


def _marked(chunks: Iterator[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Each chunk, and whether it is the last."""
    before = next(chunks, None)
    for chunk in chunks:
        assert before is not None  # noqa: S101 - the loop begins after it
        yield before, False
        before = chunk
    if before is not None:
        yield before, True
