"""Several PDFs as one for the printer: a program of its own, which holds no secret and ends with its one job.

The pages alone are taken: tags, bookmarks and attachments stay with the single files. Over standard input come the
files, each behind its length of four bytes; over standard output comes the one. It imports nothing of the house.
"""

import io
import resource
import struct
import sys

from pypdf import PdfReader, PdfWriter

LENGTH = struct.Struct(">I")
MEMORY_BYTES = 1024 * 1024 * 1024
CPU_SECONDS = 60
OF_TAGS = ("/StructParents", "/Tabs")  # of a page: they lead into a tree that does not come along


def files_in(content: bytes) -> list[bytes]:
    """The files of a request."""
    found, place = [], 0
    while place < len(content):
        (length,) = LENGTH.unpack_from(content, place)
        found.append(content[place + LENGTH.size : place + LENGTH.size + length])
        place += LENGTH.size + length
    return found


def merged(files: list[bytes], title: str) -> bytes:
    """The pages of the files in their order, untagged; the same bytes for the same files."""
    writer = PdfWriter()
    for file in files:
        for page in PdfReader(io.BytesIO(file)).pages:
            for name in OF_TAGS:
                page.pop(name, None)
            writer.add_page(page)
    writer.metadata = {"/Title": title}
    written = io.BytesIO()
    writer.write(written)
    return written.getvalue()


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.stdout.buffer.write(merged(files_in(sys.stdin.buffer.read()), sys.argv[1]))


if __name__ == "__main__":
    main()
