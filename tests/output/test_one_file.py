"""Several papers as one for the printer: every page in order, untagged, the same bytes for the same files."""

import io

import pytest
from pypdf import PdfReader

from portal.output import one_file as one
from portal.output.one_file import one_file
from portal.output.render import NotRendered, render_pdf

PAGE = "<html lang=en><head><title>t</title></head><body><h1>{0}</h1><p>Words of {0}</p></body></html>"


def test_every_page_comes_along_in_its_order_and_no_tag_does() -> None:
    files = [render_pdf(PAGE.format(name)).content for name in ("Ana and Ben", "Cleo and Dov")]
    written = one_file(files, "Portal")
    assert written == one_file(files, "Portal")
    read = PdfReader(io.BytesIO(written))
    assert [name in page.extract_text() for page, name in zip(read.pages, ("Ana", "Cleo"), strict=True)] == [True] * 2
    assert "/StructTreeRoot" not in read.trailer["/Root"]
    assert "/MarkInfo" not in read.trailer["/Root"]
    assert not any("/StructParents" in page for page in read.pages)
    assert b"/StructElem" not in written
    assert read.metadata is not None
    assert read.metadata.title == "Portal"


def test_what_is_no_pdf_and_what_takes_too_long_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NotRendered):
        one_file([b"no file of ours"], "Portal")
    monkeypatch.setattr(one, "SECONDS", 0.001)
    with pytest.raises(NotRendered):
        one_file([render_pdf(PAGE.format("Ana")).content], "Portal")
