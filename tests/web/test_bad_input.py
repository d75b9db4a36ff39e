"""Five hundred forms with a valid token, and in them what no form should hold: never an error of the server."""

import inspect
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from urllib.parse import quote_from_bytes
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from portal.extensions import begin_write, limiter
from tests.cast import PASSPHRASE, address_of
from tests.conftest import Browser
from tests.web import world as worlds
from tests.web.route_table import (
    ASSIGNMENT,
    COUPLE,
    DRAFT,
    ENTRY,
    KEY,
    MEASURE,
    MEASURES,
    MEMBER,
    RESOURCE,
    SESSION,
    STEP,
    TABLE,
    TASK,
    TEXT,
    Entry,
)
from tests.web.test_over_posting import HEADING
from tests.web.test_routes import path_of
from tests.web.world import World

POSTS = 500
FEWEST_COMMANDS = 20  # different ones, not one form that is let through again and again
TABLES_APART = {"/sign-out", "/exit"}  # they end the session that the rest of the posts need
LOOKS = {"look_at_signals", "screen", "read", "_see"}
NASTY = (
    "\x00",
    "a\x00b",
    "\u202egnihtemos\u202c",
    "\ud800",
    "\udfff half",
    "9" * 5_000,
    "-" + "9" * 5_000,
    "1e999",
    "NaN",
    "٣",
    "²",
    "२०२६-११-३०",
    "0000-00-00",
    "2026-02-30",
    "99999-01-01",
    "25:61",
    "' OR 1=1 --",
    "<script>alert(1)</script>",
    "{{ 7*7 }}",
    "%s%n",
    "../../etc/passwd",
    "a" * 30_000,
    "\r\n\r\nX: y",
    "💬" * 500,
    "\ufeff",
    "",
    " ",
    "00000000-0000-0000-0000-000000000000",
    "not-a-uuid",
)
# what a form holds when it is in order; one thing in it is then spoiled
LINK = {
    "step": "gratitude",
    "kind": "film",
    "title": "A film",
    "address": "https://films.example/1",
    "minutes": "90",
    "why": "For an evening",
}
QUESTION = {
    "type": "choice",
    "label": "Which way?",
    "hint": "As you remember it",
    "option": "Left",
    "value": "left",
    "raise": "",
    "readers": "shared",
    "asked_if": "done=done",
    "minimum": "1",
    "version": "3",
}
GOOD: dict[str, dict[str, str]] = {
    "/sign-in": {"email": "zoe@home.example", "password": "something else entirely"},
    "/reset": {"email": "ana@home.example"},
    "/reset/<token>": {"passphrase": "seven lamps on a river"},
    "/invitations/<token>": {
        "code": "123456",
        "passphrase": "seven lamps on a river",
        "signature": "Gil",
        "agreed": "y",
    },
    "/coach/couples/new": {
        "name_a": "Kai",
        "address_a": "kai@home.example",
        "name_b": "Lou",
        "address_b": "lou@home.example",
    },
    f"{COUPLE}/step": {"step": "gratitude"},
    f"{COUPLE}/before-sessions": {"check_in": "{questionnaire_id}", "opens": "48", "ends": "12"},
    f"{COUPLE}/choices": {"steps": "{questionnaire_id}", "given_to": "both", "due_on": "2026-12-20", "why": "So"},
    f"{ASSIGNMENT}/swap": {"exercise": "{questionnaire_id}", "due_on": "2026-12-20", "why": "So", "cleared": "1"},
    f"{ASSIGNMENT}/repetition": {"act": "skip", "reason": "They are away"},
    f"{MEASURES}/new": {"kind": "paper", "name": "ORS", "title": "How it goes", "minutes": "2", "coding": "points"},
    f"{MEASURE}/scoring": {"scoring": "rdas", "source": "page 2", "concern": "none", "better": "high", "method": "sum"},
    f"{MEASURE}/licence": {"holder": "Ines", "reference": "L-2", "copyright_line": "Ours", "attested": "1"},
    f"{MEASURE}/protocol": {"training": "Two", "response": "At once", "referral": "The clinic", "scope": "1"},
    f"{COUPLE}/measures": {"who": "A", "measure": "{measure_id}", "taken_on": "2026-11-20", "scale-total": "40"},
    f"{ENTRY}/variants": {"other": "{draft_id}", "way": "easier"},
    "/coach/couples/assign": {"couples": "{couple_id}", "exercise": "{questionnaire_id}", "due_on": "2026-12-20"},
    "/coach/couples/assign/give": {
        "couples": "{couple_id}",
        "exercise": "{questionnaire_id}",
        "due_on": "2026-12-20",
        "why": "So",
        "key": "a list",
    },
    "/my/choices/<uuid:choice_id>": {"step": "{questionnaire_id}"},
    f"{COUPLE}/assign": {
        "step": "gratitude",
        "exercise": "{questionnaire_id}",
        "given_to": "both",
        "due_on": "2026-12-20",
        "why": "So",
        "obstacle": "",
        "title": "Other words",
        "purpose": "",
        "instructions": "One\nTwo",
        "again": "again",
        "weekdays": "1",
        "at": "08:00",
        "every_weeks": "2",
        "times": "3",
        "until": "",
        "cleared": "1",
    },
    "/coach/alone/<uuid:signal_id>/close": {"reason": "Spoken on the telephone"},
    "/coach/alone/<uuid:signal_id>/steps": {"step": "2", "line": "Called at noon"},
    "/coach/alone/<uuid:signal_id>/review": {"on": "2026-12-01"},
    "/coach/sessions/": {
        "couple": "{couple_id}",
        "kind": "joint",
        "day": "2026-12-10",
        "time": "18:00",
        "minutes": "50",
        "place": "",
    },
    f"{SESSION}/notes": {"kind": "reminder", "text": "Ask again"},
    f"{SESSION}/move": {"day": "2026-12-11", "time": "17:00", "minutes": "50", "place": "There"},
    f"{SESSION}/close": {
        "agreed_1": "Ten minutes",
        "agreed_2": "",
        "next_day": "2026-12-12",
        "next_time": "18:00",
        "next_kind": "joint",
        "next_minutes": "50",
        "private_line": "Slower",
    },
    "/coach/responses/<uuid:response_id>": {"feedback": "Well held."},
    "/coach/questionnaires/new": {**HEADING, "media_title": "A talk", "media_address": "https://films.example/1"},
    f"{DRAFT}/heading": {**HEADING, "version": "3"},
    f"{DRAFT}/question": {**QUESTION},
    f"{DRAFT}/order": {"down": "q0", "version": "3"},
    f"{DRAFT}/remove": {"question": "q0", "version": "3"},
    f"{ENTRY}/adapt": {"couple": "{couple_id}"},
    "/coach/programme/shelf/new": {**LINK},
    RESOURCE: {**LINK},
    f"{RESOURCE}/order": {"down": "1"},
    STEP: {"days_open": "9", "why": "For a weekend"},
    f"{STEP}/skip": {"why": "Too much for now"},
    "/coach/practice/erasures": {"person": "{person_id}"},
    "/coach/practice/retention": {"runs_from": "last_contact", "months": "120", "note": "As we were told"},
    TEXT: {"body": "Words of our own", "version": "2", "practice_role": "coach", "local_rule_note": "So"},
    "/coach/practice/policy": {"policy": "open", "version": "1"},
    "/coach/practice/holds": {"person": "{person_id}"},
    "/coach/practice/members": {"name": "Tim", "address": "tim@north.example", "role": "assistant"},
    f"{MEMBER}/role": {"role": "assistant"},
    "/coach/practice/export": {"passphrase": "not the one"},
    "/coach/practice/reading-hours": {
        "days": "1",
        "begins": "09:00",
        "ends": "17:00",
        "within": "8",
        "reading_hours": "on Mondays",
    },
    "/coach/practice/contacts": {
        "audience": "ipv",
        "country": "DE",
        "name": "A line",
        "phone": "116 016",
        "web": "",
        "hours": "always",
    },
    TASK: {
        "done": "done",
        "days_done": "3",
        "felt_heard": "7",
        "understood": "That",
        "understood-disclosure": "shared",
        "private_line": "No",
        "private-shown": "1",
        "version": "0",
        "later": "",
    },
    f"{TASK}/draft": {"done": "done", "understood": "That", "understood-disclosure": "coach", "version": "0"},
    f"{TASK}/review": {"version": "1", "key": "a key", "send": "1"},
    f"{TASK}/reveal": {"passphrase": "not the one"},
    f"{TASK}/copy": {"passphrase": "not the one"},
    "/my/before-session": {"act": "show", "passphrase": "not the one"},
    f"{TASK}/disclosures": {"narrow": "understood"},
    "/coach/account": {"zone": "Europe/Berlin"},
    "/coach/account/passphrase": {"old": "not the one", "new": "seven lamps on a river"},
    "/account/step-up": {"passphrase": "not the one"},
    "/my/account": {"zone": "Europe/Berlin"},
    "/my/account/passphrase": {"old": "not the one", "new": "seven lamps on a river"},
    "/my/account/revealing": {"never": "y", "passphrase": "not the one"},
    "/my/export": {"passphrase": PASSPHRASE, "kind": "csv"},
    "/my/account/consent": {
        "signature": "Ana",
        "agreed": "y",
        "passphrase": PASSPHRASE,
        "text_version": "2",
        "policy_version": "1",
    },
    "/my/account/data": {"act": "show", "passphrase": PASSPHRASE},
}
FORMS = [e for e in TABLE if e.method == "POST" and e.rule not in TABLES_APART and not e.rule.startswith(KEY)]
BODY = "application/x-www-form-urlencoded"
BODIES = (BODY,) * 8 + ("multipart/form-data", "application/json")


@st.composite
def posts(draw: st.DrawFn) -> tuple[Entry, list[tuple[str, str]], str]:
    """A form in order, in which a field or two is spoiled, doubled, or left out."""
    entry = draw(st.sampled_from(FORMS))
    fields = list(GOOD.get(entry.rule, {"nothing": ""}).items())
    nasty = st.sampled_from(NASTY) | st.text(max_size=40)
    for _ in range(draw(st.integers(0, 2))):
        place = draw(st.integers(0, len(fields) - 1))
        name = fields[place][0]
        act = draw(st.sampled_from(("spoil", "spoil", "double", "leave out", "rename")))
        if act == "spoil":
            fields[place] = (name, draw(nasty))
        elif act == "double":
            fields.append((name, draw(nasty)))
        elif act == "rename":
            fields[place] = (draw(nasty), fields[place][1])
        elif len(fields) > 1:
            fields.pop(place)
    return entry, fields, draw(st.sampled_from(BODIES))


def encoded(fields: list[tuple[str, str]]) -> bytes:
    """A body as a browser would never send it: halves of surrogate pairs and all."""
    pairs = (
        "=".join(quote_from_bytes(part.encode("utf-8", "surrogatepass")) for part in (name, value))
        for name, value in fields
    )
    return "&".join(pairs).encode()


def filled(fields: list[tuple[str, str]], ids: dict[str, UUID]) -> list[tuple[str, str]]:
    places = {f"{{{name}}}": str(found) for name, found in ids.items()}
    return [(name, places.get(value, value)) for name, value in fields]


def services() -> list[ModuleType]:
    """The services that write, each with its own name for the beginning of it."""
    return [module for name, module in sys.modules.items() if name.startswith("portal.services.")
            and hasattr(module, "begin_write")]  # fmt: skip


def reaching(patch: pytest.MonkeyPatch) -> list[str]:
    """Notes every command that a post gets as far as: a service begins its write, before it has looked at a row.

    What a look puts on record is none: a page that is drawn again because the form was refused reaches a service too.
    """
    reached: list[str] = []

    def noting(name: str) -> Callable[[], None]:
        def begin() -> None:
            command = inspect.stack()[1].function
            if command not in LOOKS:
                reached.append(f"{name}.{command}")
            begin_write()

        return begin

    for module in services():
        patch.setattr(module, "begin_write", noting(module.__name__))
    return reached


def test_no_form_breaks_the_server(
    databases: Callable[[str], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with worlds.standing(databases, tmp_path, "bad_input") as world:
        monkeypatch.setattr(limiter, "has_room", lambda *who: True)
        reached = reaching(monkeypatch)
        counts: list[int] = []

        @settings(
            max_examples=POSTS,
            derandomize=True,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(posts())
        def holds(post: tuple[Entry, list[tuple[str, str]], str]) -> None:
            counts.append(one_post(world, reached, *post))

        holds()
        assert len(counts) >= POSTS
        assert sum(map(bool, counts)) >= len(counts) / 2
        assert len(set(reached)) >= FEWEST_COMMANDS


def one_post(world: World, reached: list[str], entry: Entry, fields: list[tuple[str, str]], kind: str) -> int:
    """Post once; gives how often it reached a service."""
    browser = world.browser("ines" if entry.rule.startswith("/coach") else "ana")
    if entry.behind:
        browser.step_up()
    token = browser.token("/reset")
    path = path_of(entry, world.ids)
    before = len(reached)
    reply = browser.client.post(
        path,
        data=encoded(filled(fields, world.ids)),
        content_type=kind if kind == BODY else f"{kind}; boundary=x",
        headers={"X-CSRFToken": token},
    )
    assert reply.status_code < 500, (entry, fields, kind)
    assert b"Traceback" not in reply.data  # which may be a file
    return len(reached) - before


@pytest.mark.parametrize("typed", NASTY)
def test_no_form_of_the_second_key_breaks_the_server(browser: Callable[[str | None], Browser], typed: str) -> None:
    """These ask for the pass phrase before they look at anything, or open at the door alone."""
    inside, door = browser("ana").step_up(), browser(None).give_passphrase(address_of("omar"))
    inside.post(f"{KEY}/app/new", page=f"{KEY}/set-up")
    body = encoded([(name, typed) for name in ("code", "spare", "name", "credential")])
    for here, path, page in (
        (inside, "/app", "/app"),
        (inside, "/passkeys", "/app"),
        (door, "", ""),
        (door, "/passkey", ""),
    ):
        head = {"X-CSRFToken": here.token(f"{KEY}{page}")}
        reply = here.client.post(f"{KEY}{path}", data=body, content_type=BODY, headers=head)
        assert reply.status_code in (404, 413, 422), (path, typed)
