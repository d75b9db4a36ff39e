"""Discreet everywhere: nothing that a phone, a mailbox or a folder shows says what this is, or about whom."""

import html
import io
import re
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from portal.extensions import db
from portal.models.users import Person
from portal.output.mail_text import TEMPLATES, write
from portal.services import outbox
from tests.cast import PASSPHRASE
from tests.conftest import Browser
from tests.pages import TELLING, title
from tests.web import world as worlds
from tests.web.route_table import Entry, everybody
from tests.web.test_routes import path_of
from tests.web.world import World

OF_OTHERS = ("/coach", "/static")
MORE = re.compile(
    r"homework|exercise|questionnaire|check.?in|gratitude|listening|criticism|defensive|repair|conflict|violence"
    r"|danger|safety|separat|wellbeing|mental|love|marri|husband|wife",
    re.IGNORECASE,
)
LINK = re.compile(r'(?:href|action|src)="([^"]*)"')
TITLES = {f"Portal: {word}" for word in ("Home", "Task", "Shared", "Account", "Help")}
OF_READER = ("nobody", "ana", "ben")


@pytest.fixture(scope="module")
def world(databases: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with worlds.standing(databases, tmp_path_factory.mktemp("discreet"), "discreet") as made:
        yield made


@pytest.fixture(scope="module")
def names(world: World) -> re.Pattern[str]:
    """Everybody whom this house knows, by name."""
    with world.app.app_context():
        known = sorted(set(db.session.scalars(select(Person.display_name))))
    assert {"Ana", "Ben", "Ines"} <= set(known)
    return re.compile(rf"\b({'|'.join(map(re.escape, known))})\b", re.IGNORECASE)


def pages(world: World, reader: str) -> Iterator[tuple[str, object]]:
    """Every page that a partner, or nobody, can ask for: with Ana's own ids, where an address has one."""
    browser: Browser = world.browser(reader)
    for rule in sorted(world.app.url_map.iter_rules(), key=lambda rule: rule.rule):
        if "GET" in (rule.methods or ()) and not rule.rule.startswith(OF_OTHERS):
            for named in ({}, {"task_id": "sent_task_id"}) if "task_id" in rule.arguments else ({},):
                path = path_of(Entry("GET", rule.rule, everybody(200), named), world.ids)
                yield path, browser.get(path)


def path_and_question(address: str) -> str:
    parts = urlsplit(html.unescape(address))
    return f"{parts.path} {parts.query} {parts.fragment}".replace("-", " ").replace("_", " ").replace("/", " ")


@pytest.mark.parametrize("reader", OF_READER)
def test_no_title_address_header_or_cookie_tells(world: World, names: re.Pattern[str], reader: str) -> None:
    seen = set()
    for path, reply in pages(world, reader):
        shown = [path_and_question(path), *(f"{name}: {value}" for name, value in reply.headers)]  # type: ignore[attr-defined]
        if reply.mimetype == "text/html":  # type: ignore[attr-defined]
            shown += [title(reply), *map(path_and_question, LINK.findall(reply.text))]  # type: ignore[attr-defined]
            seen.add(title(reply))
        for line in shown:
            for telling in (TELLING, MORE, names):
                assert not telling.search(line), f"{path}: {line}"
    assert reader != "ana" or seen >= TITLES


@pytest.mark.parametrize("message", sorted(file.stem for file in TEMPLATES.glob("*.txt")))
def test_no_mail_says_what_this_is_or_about_whom(message: str, names: re.Pattern[str]) -> None:
    words = {"link": "https://portal.example/my/", "site_name": "Portal", "coach": "Ines", "name": "Ana"}
    subject, text = write(message, "en", words)
    for telling in (TELLING, MORE, names):
        assert not telling.search(subject), subject
        assert not telling.search(text), text


def test_what_waits_to_be_sent_is_of_such_mails_alone(world: World) -> None:
    with world.app.app_context():
        waiting = {mail.message for mail in outbox.due()}
        db.session.remove()
    assert waiting
    assert waiting <= {file.stem for file in TEMPLATES.glob("*.txt")}


@pytest.mark.parametrize("kind", ["json", "csv", "pdf", "copy", "before"])
def test_ones_own_file_has_a_name_and_a_title_that_tell_nothing(
    world: World, names: re.Pattern[str], kind: str
) -> None:
    copies = {"copy": f"/my/tasks/{world.ids['sent_task_id']}/copy", "before": "/my/before-session"}
    asked = {"passphrase": PASSPHRASE, "kind": kind, "act": "file"}
    reply = world.browser("ana").post(copies.get(kind, "/my/export"), asked, page="/my/export")
    assert reply.status_code == 200
    shown = [f"{name}: {value}" for name, value in reply.headers]
    if kind not in ("json", "csv"):
        paper = PdfReader(io.BytesIO(reply.data))
        shown += [f"{name}: {value}" for name, value in (paper.metadata or {}).items()]
    for line in shown:
        for telling in (TELLING, MORE, names):
            assert not telling.search(line), line
