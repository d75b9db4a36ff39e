"""The child that sets pages: refused addresses, slow pages, dead children, and the words that come through anyway."""

import io
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
from pypdf import PdfReader

from portal.output.plain import plain
from portal.output.render import SECONDS, NotRendered, Renderer
from tests.validator import validate

PAGE = (
    '<!doctype html><html lang="en"><head><title>Portal: session 1</title>'
    '<meta name="plain-notice" content="No layout.">'
    '<meta name="dcterms.created" content="2026-11-23T10:05:00+00:00"><meta name="dcterms.modified" '
    'content="2026-11-23T10:05:00+00:00"></head><body><h1>Ana &amp; Ben</h1>{}<p>A sentence.</p></body></html>'
)


def text_of(content: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)


@pytest.mark.parametrize(
    "address",
    ["http://127.0.0.1:9/x.png", "file:///etc/passwd", "../../../../etc/passwd", "data:image/png;base64,AAAA"],
)
def test_a_page_with_an_address_comes_out_as_plain_text_that_says_so(address: str, tmp_path: Path) -> None:
    renderer = Renderer(children=1)
    try:
        rendered = renderer.render(PAGE.format(f'<img alt="x" src="{address}">'))
    finally:
        renderer.close()
    words = text_of(rendered.content)
    if rendered.fallback:
        assert "No layout." in words
        path = tmp_path / "plain.pdf"
        path.write_bytes(rendered.content)
        assert validate([path], "ua1") == []
    else:
        assert address.startswith(".."), "without a base there is no address to fetch"
    assert "A sentence." in words
    assert "root:" not in words


def test_a_child_that_is_too_slow_is_killed_and_the_next_job_gets_a_new_one() -> None:
    renderer = Renderer(children=1, seconds=0.05)
    with pytest.raises(NotRendered):
        renderer.render(PAGE.format(""))
    renderer = Renderer(children=1)
    try:
        assert not renderer.render(PAGE.format("")).fallback
    finally:
        renderer.close()


def test_a_child_is_recycled_after_its_jobs() -> None:
    renderer = Renderer(children=1, jobs=1)
    try:
        first, second = renderer.render(PAGE.format("")), renderer.render(PAGE.format(""))
        assert first.content == second.content
        assert renderer._warm == []
    finally:
        renderer.close()


def test_a_child_has_so_much_memory_and_time_and_leaves_no_core_file() -> None:
    """As the system itself tells it of the process that has just set a page."""
    renderer = Renderer(children=1)
    try:
        renderer.render(PAGE.format(""))
        told = Path(f"/proc/{renderer._warm[0]._process.pid}/limits").read_text()
    finally:
        renderer.close()
    found = {name: re.findall(rf"^{name} +(\w+) +(\w+)", told, re.MULTILINE)[0] for name in LIMITS}
    assert found["Max address space"] == (str(1536 * 1024 * 1024),) * 2
    assert found["Max core file size"] == ("0", "0")
    assert int(found["Max cpu time"][0]) <= 20 + SECONDS


LIMITS = ("Max address space", "Max core file size", "Max cpu time")


def test_children_end_with_their_parent_and_hold_none_of_its_secrets() -> None:
    program = (
        "import os; os.environ['PORTAL_SECRET_KEY'] = 'a secret'\n"
        "from portal.output.render import Renderer\n"
        "r = Renderer(children=1); r.render('<html lang=en><title>t</title><h1>t</h1></html>')\n"
        "pid = r._warm[0]._process.pid\n"
        "print(pid, 'PORTAL_SECRET_KEY' in open(f'/proc/{pid}/environ').read(), flush=True); os._exit(1)"
    )
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    pid, has_secret = told.stdout.split()
    assert has_secret == "False"
    deadline = time.monotonic() + 10
    while _lives(int(pid)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _lives(int(pid))


def _lives(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def test_after_a_fork_each_process_has_children_of_its_own() -> None:
    renderer = Renderer(children=1)
    try:
        whole = renderer.render(PAGE.format("")).content
        reader, writer = os.pipe()
        pid = os.fork()
        if pid == 0:
            same = renderer.render(PAGE.format("")).content == whole
            renderer.close()
            os.write(writer, b"same" if same else b"other")
            os._exit(0)
        os.waitpid(pid, 0)
        assert os.read(reader, 10) == b"same"
        assert renderer.render(PAGE.format("")).content == whole
    finally:
        renderer.close()


def test_plain_text_keeps_words_and_headings_and_leaves_drawings_out() -> None:
    page = PAGE.format("<section><h3>Glad of</h3><p>a &lt;b&gt;</p><svg><title>t</title><text>5</text></svg></section>")
    told = plain(page)
    assert "<h1>Portal: session 1</h1><p>No layout.</p><h2>Ana &amp; Ben</h2><h3>Glad of</h3>" in told
    assert "a &lt;b&gt;" in told
    assert "<svg" not in told
    assert ">5<" not in told
    assert "dcterms.created" in told
