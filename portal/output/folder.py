"""Several files as one: names and bytes in, the bytes of a ZIP out."""

import io
from collections.abc import Mapping
from datetime import datetime
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo


def folder(files: Mapping[str, bytes], made_at: datetime) -> bytes:
    """The files in their order, each as if it were made at that instant."""
    written = io.BytesIO()
    with ZipFile(written, "w") as archive:
        for name, content in files.items():
            file = ZipInfo(name, made_at.timetuple()[:6])
            file.compress_type = ZIP_DEFLATED
            archive.writestr(file, content)
    return written.getvalue()
