"""Several files as one: what went in comes out, in order, and the same files give the same bytes."""

import io
from datetime import UTC, datetime
from zipfile import ZipFile

from portal.output.folder import folder

AT = datetime(2026, 11, 23, 19, 0, tzinfo=UTC)


def test_what_went_in_comes_out_in_its_order() -> None:
    files = {"b.csv": b"1,2\r\n" * 1_000, "a.json": "{“ä”}".encode()}
    made = folder(files, AT)
    with ZipFile(io.BytesIO(made)) as found:
        assert found.testzip() is None
        assert {name: found.read(name) for name in found.namelist()} == files
        assert found.namelist() == ["b.csv", "a.json"]
    assert len(made) < 1_000
    assert folder(files, AT) == made
