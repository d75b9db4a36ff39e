"""Every address answers every role as the route table says, and tells a stranger nothing."""

import re
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pytest

from portal import randomness
from portal.extensions import db
from portal.services import practices
from portal.services.practices import NewCoach
from tests.cast import PASSPHRASE, address_of
from tests.conftest import Browser
from tests.web import world as worlds
from tests.web.route_table import KEY, OPERATOR, PLACE, SENT, TABLE, WORDS, Entry
from tests.web.world import ROLES, World

PUBLIC_FILES = ("static", "fonts")
UNKNOWN = "7d2f8f0e-0000-4000-8000-0123456789ab"
OWNERS_TOO = ("/hand-over", "/hand-over/take-back")  # of any couple of the practice
FRAMED = "/preview/phone"  # stands in a frame of this house; nothing else stands in any
WITHOUT_TOKEN = {"/exit"}  # leaving must always work; a session that has ended has no token
SETS_UP = {
    "/account/step-up",
    *(f"{KEY}/{page}" for page in ("set-up", "app/new", "app", "passkeys", "passkeys/challenge")),
}
SAME_EVERYWHERE = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@pytest.fixture(scope="module")
def world(databases: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with worlds.standing(databases, tmp_path_factory.mktemp("routes"), "routes") as made:
        made.give_ines_a_second_couple()
        yield made


@pytest.fixture(scope="module")
def behind(databases: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A world for what is done behind the pass phrase, where nothing else is done."""
    with worlds.standing(databases, tmp_path_factory.mktemp("behind"), "behind") as made:
        yield made


def path_of(entry: Entry, ids: dict[str, UUID], unknown: str | None = None) -> str:
    """The address of an entry, with the world's ids in its places."""

    def fill(found: re.Match[str]) -> str:
        name = found[1]
        if name in WORDS:
            return entry.named.get(name, WORDS[name])
        return unknown or str(ids[entry.named.get(name, name)])

    return PLACE.sub(fill, entry.rule)


def ask(browser: Browser, entry: Entry, path: str, method: str | None = None):  # type: ignore[no-untyped-def]
    if entry.method == "POST":
        return browser.post(path, dict(entry.data), page="/reset")
    browser.get("/reset")  # where a line about the act before it is said, and then no more
    return browser.client.open(path, method=method or "GET")


def asks_once_more(world: World, entry: Entry) -> bool:
    """Whether an address asks for the pass phrase before it looks."""
    adapter = world.app.url_map.bind("127.0.0.1")
    endpoint, _ = adapter.match(path_of(entry, world.ids), method=entry.method)
    return getattr(world.app.view_functions[endpoint], "needs_step_up", False)


def named(entry: Entry) -> str:
    return f"{entry.method} {entry.rule} {' '.join(entry.named.values())}"


def test_every_route_stands_in_the_table_and_nothing_else_does(world: World) -> None:
    routes = {
        (method, rule.rule)
        for rule in world.app.url_map.iter_rules()
        if rule.endpoint not in PUBLIC_FILES
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert routes == {(entry.method, entry.rule) for entry in TABLE}


@pytest.mark.parametrize("entry", [e for e in TABLE if e.method == "POST"], ids=named)
def test_a_form_without_its_token_is_refused(world: World, entry: Entry) -> None:
    if entry.rule not in WITHOUT_TOKEN:
        for role in ("nobody", "ines", "ana"):
            assert world.browser(role).client.post(path_of(entry, world.ids)).status_code == 400


@pytest.mark.parametrize("entry", [e for e in TABLE if "<uuid:" in e.rule], ids=named)
def test_what_never_was_is_not_found(world: World, entry: Entry) -> None:
    for role in ("ines", "ana"):
        browser = world.browser(role)
        if asks_once_more(world, entry):
            browser = Browser(world.app.test_client()).sign_in(address_of(role)).step_up()
        assert ask(browser, entry, path_of(entry, world.ids, UNKNOWN)).status_code == 404


@pytest.mark.parametrize("entry", TABLE, ids=named)
def test_an_address_answers_each_role_as_the_table_says(world: World, entry: Entry) -> None:
    path = path_of(entry, world.ids)
    replies = {role: ask(world.browser(role), entry, path) for role in ROLES}
    assert {role: reply.status_code for role, reply in replies.items()} == dict(zip(ROLES, entry.statuses, strict=True))
    for role, reply in replies.items():
        check_headers(reply)
        if reply.status_code == 404:
            assert (still(reply), head(reply)) == nothing(world, role, entry)
        if role == "nobody" and entry.rule.startswith(("/coach", "/my")):
            assert reply.headers["Location"].startswith("/sign-in")
        if entry.method == "GET":
            only_head = ask(world.browser(role), entry, path, "HEAD")
            assert (only_head.status_code, but_size(only_head), only_head.data) == (
                reply.status_code,
                but_size(reply),
                b"",
            )


@pytest.mark.parametrize("entry", [e for e in TABLE if e.behind], ids=named)
def test_behind_the_pass_phrase_an_address_answers_each_role_as_the_table_says(behind: World, entry: Entry) -> None:
    """Who is refused asks first, so that nothing is gone by then only because the right one took it."""
    assert entry.behind
    expected = dict(zip(ROLES, entry.behind, strict=True))
    found = {}
    for role in sorted(ROLES, key=lambda role: expected[role] != 404):
        browser = Browser(behind.app.test_client())
        if role != "nobody":
            browser.sign_in(address_of(role)).step_up()
        reply = ask(browser, entry, path_of(entry, behind.ids))
        found[role] = reply.status_code
        check_headers(reply)
        assert "/step-up" not in reply.headers.get("Location", ""), role
        behind.let_the_erasure_wait_again()
    assert found == expected


def test_the_table_says_what_every_address_behind_the_pass_phrase_answers(world: World) -> None:
    assert [named(e) for e in TABLE if asks_once_more(world, e) != (e.behind is not None)] == []


def test_the_table_says_what_each_command_of_the_operators_may_do(world: World) -> None:
    shipped = {"run", "shell", "routes", "db"}  # flask's own and its migrations'
    commands = {name: found for name, found in world.app.cli.commands.items() if name not in shipped}
    assert set(commands_in(commands)) == set(OPERATOR)
    assert all(OPERATOR.values())


def commands_in(commands: dict[str, Any], before: str = "") -> Iterator[str]:
    for name, command in commands.items():
        inner = getattr(command, "commands", None)
        yield from commands_in(inner, f"{before}{name} ") if inner else [before + name]


def test_the_pass_phrase_alone_opens_nothing_but_the_second_key(world: World) -> None:
    browser = Browser(world.app.test_client())
    for entry in TABLE:
        if browser.get("/").headers["Location"] != KEY:
            browser = Browser(world.app.test_client()).give_passphrase(address_of("omar"))
        reply = ask(browser, entry, path_of(entry, world.ids))
        assert (entry, reply.status_code) == (entry, at_the_door(entry))
        if entry.rule.startswith(("/coach", "/account")) and reply.status_code == 303:
            assert reply.headers["Location"].partition("?")[0] == KEY
        check_headers(reply)


def at_the_door(entry: Entry) -> int:
    """What a coach's session gets that has not given the second key yet."""
    if entry.rule.startswith(KEY):
        asked = {("GET", KEY): 200, ("POST", KEY): 422, ("POST", f"{KEY}/passkey"): 422}
        return {**asked, ("POST", f"{KEY}/passkey/challenge"): 404}.get((entry.method, entry.rule), 303)
    if entry.rule.startswith(("/coach", "/my", "/account")):
        return 404 if entry.rule.startswith("/my") else 303
    return entry.statuses[ROLES.index("omar")]


def test_staff_without_a_second_key_come_no_further_than_setting_one_up(world: World) -> None:
    with world.app.app_context():
        practices.add_coach(world.cast.ines, NewCoach("Nell", "nell@north.example", PASSPHRASE))
        db.session.remove()
    browser = Browser(world.app.test_client()).give_passphrase("nell@north.example")
    for entry in TABLE:
        if entry.rule.startswith(("/coach", "/account")) and entry.rule not in SETS_UP:
            reply = ask(browser, entry, path_of(entry, world.ids))
            assert (entry, reply.status_code) == (entry, 303)
            assert reply.headers["Location"].partition("?")[0] == f"{KEY}/set-up"
    assert browser.get(f"{KEY}/set-up").status_code == 200


@pytest.mark.parametrize("whose", ["pia", "cleo", "eva"])
def test_rows_of_another_couple_answer_their_own_people_alone(world: World, whose: str) -> None:
    """The same addresses with ids of the own coach's other couple, another coach's, and another practice's.

    Their own people meet what Ana's meet in the table: their coach, plain or owner, what Ines does; the assistant of
    the practice what she may at all; whose task it is what Ana does. Whoever else asks finds nothing.
    """
    strangers = world.elsewhere[whose]
    like = {
        "pia": {"ines": "ines", "mira": "mira"},
        "cleo": {"omar": "ines", "mira": "mira"},
        "eva": {"sol": "ines", "eva": "ana"},
    }[whose]
    strangers["sent_task_id"] = strangers["task_id"]  # the one task that is in their hands was sent
    entries = [e for e in TABLE if names_in(e) and all(e.named.get(n, n) in strangers for n in names_in(e))]
    entries.sort(key=lambda entry: entry.named == SENT)
    asked = 0
    for entry in {(e.method, e.rule): e for e in entries}.values():
        path, meets = path_of(entry, strangers), dict(zip(ROLES, entry.statuses, strict=True))
        for role in sorted(ROLES, key=lambda role: role in like):  # their own people last, who may change something
            found = {ask(world.browser(role), entry, path, how).status_code for how in ways(entry)}
            where = f"{role}: {named(entry)}"
            is_owners = entry.rule.endswith(OWNERS_TOO) and whose != "eva"  # whosever couple of the practice it is
            if role == "nobody":
                assert found == {303}, where
            elif not (is_owners and role == "ines") and meets.get(like.get(role, ""), 404) == 404:
                assert found == {404}, where
            elif entry.rule.endswith("/end-repetition"):
                assert found == {404}, where  # theirs is given once
            elif entry.rule.endswith("/my/tasks/<uuid:task_id>/worksheet.pdf"):
                assert found == {404}, where  # theirs is a check-in
            elif entry.method == "GET":
                assert found == {meets[like[role]]}, where
            else:
                assert 404 not in found, where
            asked += 1
    assert asked > 250


def ways(entry: Entry) -> tuple[str, ...]:
    return ("GET", "HEAD") if entry.method == "GET" else ("POST",)


def names_in(entry: Entry) -> list[str]:
    """The places for ids in an address."""
    return [name for name in PLACE.findall(entry.rule) if name not in WORDS]


def check_headers(reply) -> None:  # type: ignore[no-untyped-def]
    assert {name: reply.headers.get(name) for name in SAME_EVERYWHERE} == SAME_EVERYWHERE
    policy = reply.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    is_framed = reply.status_code == 200 and reply.request.path.endswith(FRAMED)
    assert ("frame-ancestors 'self'" if is_framed else "frame-ancestors 'none'") in policy
    assert re.search(r"script-src 'nonce-[\w-]{32}'", policy)
    for cookie in reply.headers.getlist("Set-Cookie"):
        name = cookie.partition("=")[0]
        assert name in ("id", "__Host-id", "browser", "__Host-browser")
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
        assert "Path=/" in cookie


def test_a_file_that_is_not_there_is_a_page_as_any_other(browser: Callable[[str | None], Browser]) -> None:
    reply = browser(None).get("/static/nothing.css")
    assert reply.status_code == 404
    check_headers(reply)


def head(reply) -> dict[str, str]:  # type: ignore[no-untyped-def]
    """The headers of a reply; the nonce is another each time."""
    kept = [(name, value) for name, value in reply.headers.items() if name != "Set-Cookie"]
    return {name: re.sub("nonce-[^']+", "nonce", value) for name, value in kept}


def but_size(reply) -> dict[str, str]:  # type: ignore[no-untyped-def]
    """Its headers without its size: a page of the record grows by the look before, and what is offered is drawn."""
    return {name: value for name, value in head(reply).items() if name != "Content-Length"}


def still(reply) -> str:  # type: ignore[no-untyped-def]
    """The page of a reply; the number that an error page gives to be said aloud is another each time."""
    return re.sub('class="number">[^<]+', "", reply.text)


def nothing(world: World, role: str, entry: Entry) -> tuple[str, dict[str, str]]:
    """What an address that never was answers to the same role."""
    reply = ask(world.browser(role), entry, "/nothing-is-here")
    assert reply.status_code == 404
    return still(reply), head(reply)


def test_a_page_that_was_never_there_is_the_same_under_every_door(world: World) -> None:
    browser = world.browser("ben")
    with randomness.drawn_from(lambda count: bytes(count)):
        replies = {browser.get(path).data for path in ("/nothing", "/my/nothing", "/coach/nothing", "/coach/")}
    assert len(replies) == 1


def test_public_files_are_kept_and_guarded(world: World) -> None:
    reply = world.browser("nobody").get("/static/portal.css")
    assert reply.status_code == 200
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    assert not reply.headers.getlist("Set-Cookie")


def test_a_redirect_after_signing_in_stays_in_the_house(world: World) -> None:
    for wanted in ("https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example", "javascript:x"):
        fresh = Browser(world.app.test_client())
        data: dict[str, object] = {"email": address_of("ana"), "password": "river lamp seven stones"}
        reply = fresh.client.post(
            "/sign-in", query_string={"next": wanted}, data={**data, "csrf_token": fresh.token("/sign-in")}
        )
        assert reply.headers["Location"] == "/my/"


def test_a_post_from_another_site_is_refused(world: World) -> None:
    token = world.browser("ana").token("/help-now")
    asked = {"data": {"csrf_token": token}, "headers": {"Sec-Fetch-Site": "cross-site"}}
    assert world.browser("ana").client.post("/my/account", **asked).status_code == 400
