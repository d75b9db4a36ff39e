"""No page offers a way that is shut: every link on every page of a role opens for that role."""

import html
import re
from collections.abc import Callable, Iterator

import pytest

from tests.web import world as worlds
from tests.web.route_table import TABLE
from tests.web.test_routes import path_of
from tests.web.world import ROLES, World

LINK = re.compile(r'<a\b[^>]*\bhref="(/[^"#]*)')
LEADS_AWAY = re.compile(r"/exit\b|/static/|\.(pdf|csv|zip|json)\b")


@pytest.fixture(scope="module")
def world(databases: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with worlds.standing(databases, tmp_path_factory.mktemp("links"), "links") as made:
        yield made


@pytest.mark.parametrize("role", ROLES)
def test_no_page_shows_a_link_that_its_reader_is_refused(world: World, role: str) -> None:
    links: dict[str, str] = {}
    for path in (path_of(entry, world.ids) for entry in TABLE if entry.method == "GET"):
        reply = world.browser(role).get(path)
        if reply.status_code == 200 and reply.mimetype == "text/html":
            links |= {html.unescape(link): path for link in LINK.findall(reply.text)}
    assert links
    shut = {
        (page, link)
        for link, page in links.items()
        if not LEADS_AWAY.search(link) and world.browser(role).get(link).status_code == 404
    }
    assert shut == set()
