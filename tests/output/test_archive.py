"""The encrypted archive: what was put in comes out, and whatever happened to the file on the way is refused."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.output import archive
from portal.output.archive import ArchiveError, Header

KEY, OTHER = bytes(range(32)), bytes(range(1, 33))
HEADER = Header("answers", 3, bytes(16))
LONG = bytes(range(256)) * 40


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """128 bytes a chunk: the same code, and files that can be tried byte by byte."""
    monkeypatch.setattr(archive, "CHUNK", 128)


def written(path: Path, plain: bytes) -> bytes:
    archive.write(path, HEADER, KEY, [plain])
    return path.read_bytes()


def opened(path: Path, changed: bytes) -> bytes:
    path.write_bytes(changed)
    return b"".join(archive.read(path, KEY))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(parts=st.lists(st.binary(max_size=190), max_size=6))
def test_what_was_put_in_comes_out_however_it_was_cut(tmp_path: Path, parts: list[bytes]) -> None:
    path = tmp_path / "any"
    archive.write(path, HEADER, KEY, parts)
    assert archive.header_of(path) == HEADER
    assert b"".join(archive.read(path, KEY)) == b"".join(parts)


@pytest.mark.parametrize("size", [0, 1, 127, 128, 129, 256, 257])
def test_an_end_at_a_chunks_end_is_an_end(tmp_path: Path, size: int) -> None:
    assert opened(tmp_path / "x", written(tmp_path / "x", LONG[:size])) == LONG[:size]


def test_every_single_flipped_bit_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x"
    sound = written(path, LONG[:190])
    for place in range(len(sound)):
        changed = bytearray(sound)
        changed[place] ^= 1 << (place % 8)
        with pytest.raises(ArchiveError):
            opened(path, bytes(changed))


def test_every_cut_and_everything_added_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x"
    sound = written(path, LONG[:320])
    for length in range(len(sound)):
        with pytest.raises(ArchiveError):
            opened(path, sound[:length])
    for more in (b"\0", sound[-16:], bytes(144)):
        with pytest.raises(ArchiveError):
            opened(path, sound + more)


def test_chunks_in_another_order_doubled_or_left_out_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "x"
    sound = written(path, LONG[: 4 * 128])
    size = 128 + archive.TAG
    head, chunks = sound[: -4 * size], [sound[-n * size :][:size] for n in (4, 3, 2, 1)]
    for order in ((1, 0, 2, 3), (0, 0, 1, 2, 3), (0, 2, 3), (0, 1, 2), (3,), (0, 1, 2, 3, 3)):
        with pytest.raises(ArchiveError):
            opened(path, head + b"".join(chunks[place] for place in order))
    assert opened(path, head + b"".join(chunks)) == LONG[: 4 * 128]


def test_another_key_opens_nothing_and_the_line_says_so(tmp_path: Path) -> None:
    written(tmp_path / "x", LONG)
    with pytest.raises(ArchiveError, match="another key made it"):
        next(archive.read(tmp_path / "x", OTHER))


def test_a_chunk_of_another_archive_is_refused(tmp_path: Path) -> None:
    one = written(tmp_path / "one", LONG[:128])
    archive.write(tmp_path / "two", Header("answers", 3, b"another salt 16b"), KEY, [LONG[:128]])
    two = (tmp_path / "two").read_bytes()
    with pytest.raises(ArchiveError):
        opened(tmp_path / "x", one[: -128 - archive.TAG] + two[-128 - archive.TAG :])


def test_nothing_of_what_is_inside_can_be_read_in_the_file(tmp_path: Path) -> None:
    assert b"We took the long way home" not in written(tmp_path / "x", b"We took the long way home" * 100)


def test_a_write_that_breaks_off_leaves_the_older_file_and_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "x"
    before = written(path, LONG)

    def broken():  # type: ignore[no-untyped-def]
        yield LONG
        raise OSError("no room")

    with pytest.raises(OSError, match="no room"):
        archive.write(path, HEADER, KEY, broken())
    assert (path.read_bytes(), [found.name for found in tmp_path.iterdir()]) == (before, ["x"])


def test_the_file_is_nobody_elses_to_read(tmp_path: Path) -> None:
    written(tmp_path / "x", LONG)
    assert (tmp_path / "x").stat().st_mode & 0o777 == 0o600
