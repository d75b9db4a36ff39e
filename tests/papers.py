"""All that can be read out of a PDF: its pages, what describes it, the files in it, and each object's words."""

import io
import re

from pypdf import PdfReader


def everything(content: bytes) -> str:
    """One long text, in which a word is looked for that must be nowhere."""
    pdf = PdfReader(io.BytesIO(content))
    pages = "\n".join(page.extract_text() for page in pdf.pages).replace("\u200b", "")
    files = [f"{name} {one.decode(errors='replace')}" for name, found in pdf.attachments.items() for one in found]
    objects = [repr(pdf.get_object(number)) for number in range(1, int(pdf.trailer["/Size"]))]
    metadata = pdf.xmp_metadata.stream.get_data().decode(errors="replace") if pdf.xmp_metadata else ""
    return " ".join([re.sub(r"\s+", " ", pages), repr(dict(pdf.metadata or {})), metadata, *files, *objects])
