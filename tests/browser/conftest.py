"""A served portal and a real Chromium; the clock on the wall is moved by the test."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from werkzeug.serving import make_server

from portal import create_app
from portal.extensions import db
from portal.web import fonts
from tests import cast as gathered
from tests.conftest import Wall, settings_for
from tests.keys import code_at_the_door

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
]
WIDTHS = {390: 844, 1280: 900}
SETTLES = 1_500  # milliseconds in which a page comes back, and goes where it is led


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = shutil.which("chromium")
    assert path, "chromium is not installed: ./portal.sh test installs it"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def chromium_that_keeps(chromium: Browser) -> Iterator[Browser]:
    """One that keeps pages as they were for Back, as it does for people; playwright switches that off."""
    kept_off = ["--disable-back-forward-cache"]
    kind = chromium.browser_type
    browser = kind.launch(executable_path=shutil.which("chromium"), args=FLAGS, ignore_default_args=kept_off)
    yield browser
    browser.close()


@pytest.fixture(scope="package", autouse=True)
def _one_type(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The type of the pages is cut once for all of these tests, and not anew for each app beside whatever it does."""
    folder = tmp_path_factory.mktemp("type")
    for name in fonts.CUTS:
        fonts.made(name, folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fonts, "_folder", lambda _settings: folder)
        yield


class Served:
    """The portal at an address of this machine."""

    def __init__(self, app, address: str) -> None:  # type: ignore[no-untyped-def]
        self.app = app
        self.address = address


@pytest.fixture
def served(databases: Callable[[str], str], wall: Wall, tmp_path: Path) -> Iterator[Served]:
    """A fresh copy of the gathered cast, served on loopback."""
    app = create_app(settings_for(databases("served"), tmp_path))
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Served(app, f"http://127.0.0.1:{server.server_port}")
    server.shutdown()
    thread.join(10)
    server.server_close()
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


class Person:
    """Somebody at a screen of their own."""

    def __init__(self, context: BrowserContext, served: Served) -> None:
        self.context = context
        self.address = served.address
        self.app = served.app
        self.page: Page = context.new_page()
        self.faults: list[str] = []
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("console", lambda message: self._heard(message.type, message.text))

    def _heard(self, kind: str, text: str) -> None:
        if kind == "error" and "404" not in text:
            self.faults.append(text)

    def back(self) -> Page:
        """Back as a person goes: to a page that was kept, or to one that is asked for anew."""
        self.page.evaluate("setTimeout(() => history.back(), 0)")
        self.page.wait_for_timeout(SETTLES)
        return self.page

    def go(self, path: str) -> Page:
        self.page.goto(self.address + path)
        return self.page

    def sign_in(self, name: str) -> "Person":
        """Go all the way in, with the code of one's app where the door asks for it."""
        self.give_passphrase(name)
        if "/second-key" in self.page.url:
            self.page.get_by_label("The six digits").fill(code_at_the_door(self.app, gathered.address_of(name)))
            self.page.get_by_role("button", name="Go in", exact=True).click()
            self.page.wait_for_url(lambda url: "/second-key" not in url)
        return self

    def give_passphrase(self, name: str) -> "Person":
        """Sign in with the pass phrase alone."""
        self.go("/sign-in")
        self.page.get_by_label("E-mail").fill(gathered.address_of(name))
        self.page.get_by_label("Pass phrase").fill(gathered.PASSPHRASE)
        self.page.get_by_role("button", name="Sign in").click()
        self.page.wait_for_url(lambda url: "/sign-in" not in url)
        return self


@contextmanager
def people(chromium: Browser, served: Served) -> Iterator[Callable[..., Person]]:
    contexts = []

    def arrive(width: int = 390, scheme: str = "light", **how: object) -> Person:
        size = {"width": width, "height": WIDTHS.get(width, 800)}
        context = chromium.new_context(viewport=size, color_scheme=scheme, **how)  # type: ignore[arg-type]
        context.set_default_timeout(15_000)
        contexts.append(context)
        return Person(context, served)

    yield arrive
    for context in contexts:
        context.close()


@pytest.fixture
def person(chromium: Browser, served: Served) -> Iterator[Callable[..., Person]]:
    """Gives a person with a browser of their own: width, light or dark, with JavaScript or without."""
    with people(chromium, served) as arrive:
        yield arrive


@pytest.fixture
def keeper(chromium_that_keeps: Browser, served: Served) -> Iterator[Callable[..., Person]]:
    """The same, with a browser that keeps pages as they were."""
    with people(chromium_that_keeps, served) as arrive:
        yield arrive
