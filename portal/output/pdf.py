"""HTML in, one file out that is PDF/UA-1 and PDF/A-3a at once: run as a program of its own, warm, on a leash.

This file is a child process started by `portal.output.render` and imports nothing of the house, so that the web never
pays for WeasyPrint and a child holds no secret. It talks over its standard streams: a length of four bytes, then UTF-8
HTML; back come a status byte (`D` done, `E` error), a length, and the file, or the name of what went wrong.
"""

import contextlib
import gc
import hashlib
import logging
import os
import re
import resource
import struct
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

import pydyf
from tinyhtml5 import inputstream
from weasyprint import CSS, HTML, Attachment
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

STATIC = Path(__file__).resolve().parent.parent / "static"
STYLES = ("report-fonts.css", "report.css")
VARIANT = "pdf/a-3a"
CPU_SECONDS = 20
MEMORY_BYTES = 1536 * 1024 * 1024
LENGTH = struct.Struct(">I")
MAX_REQUEST_BYTES = 8 * 1024 * 1024

PDF_UA = (
    '<rdf:Description rdf:about="" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
    'xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/"><pdfuaid:part>1</pdfuaid:part></rdf:Description>'
)
PDF_UA_SCHEMA = (
    '<rdf:Description rdf:about="" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
    'xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/" '
    'xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" '
    'xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#"><pdfaExtension:schemas><rdf:Bag>'
    '<rdf:li rdf:parseType="Resource"><pdfaSchema:schema>PDF/UA identification</pdfaSchema:schema>'
    "<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>"
    "<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>"
    '<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource"><pdfaProperty:name>part</pdfaProperty:name>'
    "<pdfaProperty:valueType>Integer</pdfaProperty:valueType>"
    "<pdfaProperty:category>internal</pdfaProperty:category>"
    "<pdfaProperty:description>Part of ISO 14289 that is followed</pdfaProperty:description>"
    "</rdf:li></rdf:Seq></pdfaSchema:property></rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>"
)


class OwnFilesOnly(URLFetcher):  # type: ignore[misc]  # WeasyPrint publishes no types
    """Serves the fonts beside the style sheets and nothing else: an address in a page ends the job."""

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
        path = Path(url.removeprefix("file://")).resolve()
        if not url.startswith("file:///") or path.parent != STATIC / "fonts" or path.suffix != ".ttf":
            refuse()
        return URLFetcherResponse(url, path.read_bytes(), {"Content-Type": "font/ttf"})


def refuse() -> NoReturn:
    """End the job: an ordinary exception would only leave a hole in the page. The address is not repeated."""
    raise FatalURLFetchingError("not one of our own files")


class Patterns(dict[tuple[frozenset[str], bool], "re.Pattern[str]"]):
    """The regular expressions that tinyhtml5 2.1 compiles anew at every text, for it looks them up by the wrong key."""

    def __missing__(self, key: tuple[frozenset[str], bool]) -> "re.Pattern[str]":
        characters, opposite = key
        inner = "".join(f"\\x{ord(character):02x}" for character in sorted(characters))
        pattern = self[key] = re.compile(f"[{inner if opposite else '^' + inner}]+")
        return pattern


class Press:
    """What one process needs once: fonts and style sheets, parsed; then `print` as often as wanted."""

    def __init__(self) -> None:
        inputstream.characters_until_regex = Patterns()
        self._fetcher = OwnFilesOnly()
        self._fonts = FontConfiguration()
        self._styles = [self._style(name) for name in STYLES]

    def _style(self, name: str) -> CSS:
        path = STATIC / name
        return CSS(
            string=path.read_text(encoding="utf-8"),
            base_url=path.as_uri(),
            url_fetcher=self._fetcher,
            font_config=self._fonts,
            media_type="print",
        )

    def print(self, html: str) -> bytes:
        """The file for a page: the same bytes for the same HTML, dated by the page's own `dcterms` metadata."""
        page = HTML(string=html, url_fetcher=self._fetcher, media_type="print")
        written: bytes = page.write_pdf(
            stylesheets=self._styles,
            font_config=self._fonts,
            attachments=attachments_of(page),
            pdf_variant=VARIANT,
            pdf_identifier=hashlib.sha256(html.encode()).hexdigest()[:32].encode(),
            finisher=finish,
        )
        return written


def attachments_of(page: HTML) -> list[Attachment]:
    """What a page brings along as files: the text of each `<template data-file=...>`, dated as the page itself."""
    root = page.etree_element
    dates = [meta.get("content") for meta in root.iter("meta") if meta.get("name") == "dcterms.modified"]
    dated = datetime.fromisoformat(dates[0]).astimezone(UTC) if dates else None
    return [
        Attachment(
            string=(found.text or "").replace("\n", "\r\n"),  # in a page a line ends in a line feed
            name=found.get("data-file"),
            description=found.get("title"),
            created=dated,
            modified=dated,
            relationship="Data",
        )
        for found in root.iter("template")
        if found.get("data-file")
    ]


def finish(document: Any, pdf: Any) -> None:
    """What the standards ask for and WeasyPrint leaves to others."""
    say_pdf_ua(document, pdf)
    if "AF" in pdf.catalog:  # each file is listed twice
        pdf.catalog["AF"] = pydyf.Array(dict.fromkeys(pdf.catalog["AF"]))


def say_pdf_ua(_document: Any, pdf: Any) -> None:
    """Add the identification of PDF/UA, and the schema that PDF/A demands for it, inside the document's own RDF."""
    for item in pdf.objects:
        if isinstance(item, pydyf.Stream) and str(item.extra.get("Type", "")) == "/Metadata":
            parts = [part if isinstance(part, bytes) else part.encode() for part in item.stream]
            said = (PDF_UA + PDF_UA_SCHEMA).encode() + b"</rdf:RDF>"
            item.stream = [part.replace(b"</rdf:RDF>", said) for part in parts]


def limit_process() -> None:
    """Cap memory, and leave no core file: it would hold what people wrote."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def limit_job() -> None:
    """Give the next job its own seconds of processor time, counted from what is used up by now."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(used.ru_utime + used.ru_stime) + CPU_SECONDS
    resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.RLIM_INFINITY))


def run_job(press: Press, body: bytes) -> tuple[bytes, bytes]:
    """The status and content of the reply to one job; the collector rests meanwhile."""
    gc.disable()
    try:
        return b"D", press.print(body.decode())
    except (Exception, FatalURLFetchingError) as error:  # the child outlives a bad page
        return b"E", type(error).__name__.encode()
    finally:
        gc.enable()


def read_exactly(stream: BinaryIO, count: int) -> bytes:
    """`count` bytes, or fewer where the other end is gone."""
    return stream.read(count)


def answer(replies: BinaryIO, status: bytes, content: bytes) -> None:
    replies.write(status + LENGTH.pack(len(content)) + content)
    replies.flush()


def serve(requests: BinaryIO, replies: BinaryIO) -> None:
    """Answer jobs until the parent closes its end, which it also does by dying."""
    press = Press()
    gc.collect()
    gc.freeze()
    while len(head := read_exactly(requests, LENGTH.size)) == LENGTH.size:
        (length,) = LENGTH.unpack(head)
        if length > MAX_REQUEST_BYTES:
            return
        body = read_exactly(requests, length)
        limit_job()
        answer(replies, *run_job(press, body))
        gc.collect()  # once nobody waits for it; never collecting grows 9 MB a job


def main() -> None:
    """Keep the reply stream for replies alone: whatever else is printed goes nowhere."""
    limit_process()
    logging.disable(logging.CRITICAL)  # WeasyPrint's warnings quote the page
    replies = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.dup2(nowhere, sys.stderr.fileno())
    with contextlib.suppress(BrokenPipeError):
        serve(sys.stdin.buffer, replies)


if __name__ == "__main__":
    main()
