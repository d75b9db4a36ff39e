"""Fields that no form has change nothing: every form is posted in twin worlds, in one of them with more in it."""

import hashlib
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, text

from portal import clock, randomness
from portal.domain.people import Role
from portal.extensions import Base, db
from portal.models.users import Person
from portal.services import choosing, members, practices, programme, questionnaire_drafts, sent_forms
from portal.services.members import NewMember
from tests.cast import LINK, PASSPHRASE, Cast, address_of
from tests.conftest import START, Browser
from tests.given import assign, task_of
from tests.letters import link
from tests.web import world as worlds
from tests.web.route_table import (
    ASSIGNMENT,
    DRAFT,
    ENTRY,
    KEPT_STEP,
    KEY,
    MEASURE,
    MEASURES,
    NOTE_OF,
    PAPER,
    RESOURCE,
    RESPONSE,
    STEP,
    TABLE,
    TASK,
    TEXT,
    Entry,
)
from tests.web.test_routes import asks_once_more, path_of
from tests.web.world import ROLES, World

OWN_FIELDS = {"/coach/practice/members": {"role"}, "/coach/practice/members/<uuid:person_id>/role": {"role"}}
DOORS = {
    "/sign-out",
    "/exit",
    "/sign-in",
    "/reset",
    "/reset/<token>",
    "/reset/<token>/again",
    "/invitations/<token>",
    "/invitations/<token>/again",
}
AGAIN: dict[str, object] = {"passphrase": PASSPHRASE}
ANOTHER: dict[str, object] = {"old": PASSPHRASE, "new": "lantern under nine quiet birches"}
HASH = re.compile(r"\$argon2[^']+")  # has a salt of its own each time
RECORD = ("audit_events", "audit_heads")
COUPLE, SESSION = "/coach/couples/<uuid:couple_id>", "/coach/sessions/<uuid:session_id>"
WHEN = {"day": "2026-12-10", "time": "10:00", "minutes": "50", "place": "Room 1"}
PAIR = {"name_a": "Kim", "address_a": "kim@home.example", "name_b": "Lou", "address_b": "lou@home.example"}
TWO_MORE = "name_a,address_a,name_b,address_b\nUma,uma@home.example,Vic,vic@home.example"
HEADING = {
    "title": "A walk",
    "purpose": "To talk.",
    "step": "gratitude",
    "audience": "alone",
    "minutes": "20",
    "frequency": "once",
    "instructions": "Go out.",
}
SCORED = {"scoring": "hits", "concern": "violence", "better": "low", "method": "sum"}
FILM = {
    "step": "gratitude",
    "kind": "film",
    "title": "A film",
    "address": "https://films.example/1",
    "minutes": "90",
    "why": "For an evening",
}
CONTACT = {"audience": "ipv", "country": "DE", "name": "Helpline", "phone": "116016", "web": "", "hours": "always"}


def valid(world: World) -> dict[str, dict[str, object]]:
    """What fills each form so that it is taken."""
    ids = world.ids
    return {
        "/coach/couples/new": {**PAIR},
        "/coach/couples/import/send": {"key": "a list", "sheet": TWO_MORE},
        "/coach/couples/views": {"name": "Who is new"},
        f"{MEASURES}/new": {"kind": "paper", "name": "ORS", "title": "How it goes", "minutes": "2"},
        f"{COUPLE}/measures": {
            "who": "B",
            "measure": str(ids["measure_id"]),
            "taken_on": "2026-11-20",
            "scale-total": "40",
        },
        f"{MEASURE}/scoring": {**SCORED, "source": "page 2"},
        f"{MEASURE}/licence": {"holder": "Ines", "reference": "L-2", "electronic": "1", "attested": "1"},
        f"{MEASURE}/protocol": {"training": "Two", "response": "At once", "referral": "The clinic", "scope": "1"},
        "/coach/couples/views/<uuid:view_id>/first": {"first": "1"},
        f"{COUPLE}/step": {"step": "gratitude"},
        f"{COUPLE}/hand-over": {"colleague": str(world.cast.omar.person_id)},
        **builder(world),
        f"{COUPLE}/alone-minutes": {"minutes": "15"},
        f"{COUPLE}/ending": {"what": "keepsake"},
        f"{COUPLE}/partners/<uuid:person_id>/spoken": {"spoken_on": "2026-11-20"},
        "/coach/sessions/briefs": {"day": "2026-11-24"},
        "/coach/sessions/briefs/<uuid:pack_id>/take": {"as": "files"},
        f"{SESSION}/brief": {"line": "Begin with the walk", "openers": "o20"},
        NOTE_OF: {"text": "They laughed", "version": "0"},
        f"{NOTE_OF}/draft": {"text": "They laughed again", "version": "1"},
        f"{NOTE_OF}/lock": {"text": "They laughed again", "version": "2"},
        f"{NOTE_OF}/addenda": {"text": "And wrote"},
        f"{SESSION}/notes": {"kind": "reminder", "text": "Ask about the stairs again"},
        f"{SESSION}/own-line": {"text": "They laughed"},
        "/coach/sessions/import/plan": {
            "at": "2026-12-20T10:00:00+00:00",
            "minutes": "50",
            "title": "",
            "who": "Ana & Ben",
            "kind": "joint",
        },
        f"{SESSION}/move": {**WHEN, "day": "2026-12-11"},
        "/coach/sessions/": {"couple": str(ids["couple_id"]), "kind": "joint", **WHEN},
        "/coach/practice/paper": {"strip": "full"},
        "/coach/practice/reading-hours": {
            "days": "1",
            "begins": "09:00",
            "ends": "17:00",
            "within": "8",
            "reading_hours": "on Mondays",
        },
        "/coach/practice/contacts": {**CONTACT},
        "/coach/practice/members": {"name": "Tim", "address": "tim@north.example", "role": "assistant"},
        "/coach/practice/members/<uuid:person_id>/role": {"role": "assistant"},
        "/coach/practice/covers": {
            "coach": str(world.cast.ines.person_id),
            "colleague": str(world.cast.omar.person_id),
            "first": "2026-12-14",
            "last": "2026-12-15",
        },
        f"{COUPLE}/assign": {
            "exercise": str(ids["questionnaire_id"]),
            "given_to": "both",
            "due_on": "2026-11-29",
            "cleared": "1",
        },
        "/coach/couples/assign": many(world),
        "/coach/couples/assign/give": {**many(world), "key": "another list"},
        f"{ASSIGNMENT}/swap": {"exercise": str(exercise_alone(world)), "due_on": "2026-11-29"},
        f"{ASSIGNMENT}/repetition": {"act": "hold"},
        f"{ENTRY}/variants": {"other": str(exercise_alone(world)), "way": "easier"},
        f"{COUPLE}/before-sessions": {"check_in": str(check_in(world)), "opens": "48", "ends": "12"},
        f"{COUPLE}/choices": {
            "steps": choosable(world),
            "given_to": "both",
            "due_on": "2026-11-29",
        },
        "/my/choices/<uuid:choice_id>": {"step": str(small_step(world))},
        f"{COUPLE}/pathway/steps": {
            "exercise": str(exercise_alone(world)),
            "given_to": "both",
            "kind": "at_once",
            "days_open": "7",
        },
        "/coach/programme/shelf/new": {**FILM},
        RESOURCE: {**FILM, "title": "Another film"},
        f"{RESOURCE}/order": {"up": "1"},
        STEP: {"days_open": "9", "why": "For a weekend"},
        f"{STEP}/skip": {"why": "Too much for now"},
        f"{COUPLE}/pathway/order": {"down": str(ids["step_id"])},
        f"{COUPLE}/supervision": {"s-colleague": str(ids["noor"])},
        f"{COUPLE}/partners/<uuid:person_id>/address": {"address": "gil@elsewhere.example"},
        f"{SESSION}/attendance": {"attendance": "both"},
        f"{SESSION}/close": {"agreed_1": "A walk after supper"},
        f"{RESPONSE}/requests": {"item": "heat_peak", "why": "May we?"},
        "/coach/alone/<uuid:signal_id>/close": {"reason": "Spoken on the telephone"},
        "/coach/alone/<uuid:signal_id>/steps": {"step": "2", "line": "Called at noon"},
        "/coach/alone/<uuid:signal_id>/review": {"on": "2026-12-01"},
        "/coach/account": {"zone": "Europe/Lisbon"},
        "/coach/account/passphrase": {**ANOTHER},
        "/coach/practice/audit.csv": {**AGAIN},
        "/coach/practice/export": {**AGAIN},
        "/coach/practice/erasures": {"person": str(world.cast.ben.person_id)},
        "/coach/practice/retention": {"runs_from": "end_of_work", "months": "60", "note": "As the law says"},
        TEXT: {"body": "Words of our own", "version": "2", "practice_role": "both", "local_rule_note": "So it is here"},
        "/coach/practice/policy": {"policy": "confidential", "version": "1"},
        "/coach/practice/holds": {"person": str(world.cast.ana.person_id)},
        "/account/step-up": {**AGAIN},
        "/my/account": {"zone": "Europe/Lisbon"},
        "/my/account/passphrase": {**ANOTHER},
        "/my/account/revealing": {"never": "y", **AGAIN},
        "/my/account/readings": {**AGAIN},
        "/my/before-session": {"act": "show", **AGAIN},
        "/my/account/data": {"act": "erase", **AGAIN},
        "/my/account/safe-contact": {"phone": "1", "number": "0151", "words": "Mornings", "save": "1", **AGAIN},
        "/my/account/leaving": {"act": "leave", "hides": "1", **AGAIN},
        "/my/account/agreeing": {
            "agreed": "1",
            "signature": "Ana",
            "text_version": "3",
            "policy_version": "2",
            **AGAIN,
        },
        "/my/account/authorisation": {"act": "agree", **AGAIN},
        f"{COUPLE}/standing": {"act": "pause"},
        f"{COUPLE}/authorisation": {"purpose": "Their new coach, as both wished"},
        f"{COUPLE}/authorisation/file": {**AGAIN},
        f"{COUPLE}/record": {"whose": "A", **AGAIN},
        # what is in force by then: the owner's forms, posted before, made a version more of each
        "/my/account/consent": {
            "signature": "Ana",
            "agreed": "y",
            "text_version": "3",
            "policy_version": "2",
            **AGAIN,
        },
        "/my/export": {"kind": "json", **AGAIN},
        "/my/later": {"when": "none"},
        f"{TASK}/draft": {"done": "partly", "version": "1"},
        f"{TASK}/review": {"version": "2", "key": "a key", "send": "1"},
        f"{TASK}/reveal": {**AGAIN},
        f"{TASK}/copy": {**AGAIN},
        f"{TASK}/disclosures": {"open_now": "1"},
        f"{TASK}/requests": {"yes": "private_line"},
        f"{ASSIGNMENT}/extend": {"due_on": "2026-12-09"},
        f"{ASSIGNMENT}/nudge": {"to": "B", "b-text": "Ten minutes are enough"},
        PAPER: {"my_clear_reach": "I put the phone away first", "key": "one sheet"},
        f"{TASK}/question": {"text": "And in the garden?"},
        "/coach/questions/<uuid:question_id>": {"answer": "Ten minutes are enough"},
    }


def builder(world: World) -> dict[str, dict[str, object]]:
    """What fills the forms of the builder, each posted on the version that the one before it left."""
    with world.app.app_context():
        drafts = {line.draft_id for line in questionnaire_drafts.of_practice(world.cast.ines)}
        known = world.ids["draft_id"] in drafts  # until it is published
        own = questionnaire_drafts.draft(world.cast.ines, world.ids["draft_id"]).own_ids if known else ("", "")
    return {
        "/coach/programme/steps": {"title": "Rest"},
        KEPT_STEP: {"title": "Play and rest"},
        f"{KEPT_STEP}/order": {"up": "1"},
        "/coach/questionnaires/new": {**HEADING},
        f"{DRAFT}/heading": {**HEADING, "version": "3"},
        f"{DRAFT}/question": {"type": "text", "label": "And then?", "readers": "coach", "version": "4"},
        f"{DRAFT}/order": {"down": own[0], "version": "5"},
        f"{DRAFT}/remove": {"question": own[0], "version": "6"},
        f"{DRAFT}/publish": {"version": "7"},
        f"{ENTRY}/adapt": {"couple": str(world.ids["couple_id"])},
        f"{ENTRY}/order": {"down": "1"},
    }


def many(world: World) -> dict[str, object]:
    its = {"couples": str(world.ids["couple_id"]), "exercise": str(exercise_alone(world))}
    return {**its, "due_on": "2026-11-29"}


def small_step(world: World) -> UUID | None:
    """One of those that Ana may choose from, until she has."""
    with world.app.app_context():
        found = choosing.open_choice(world.cast.ana)
        return found.steps[0].step_id if found else None


def choosable(world: World) -> list[str]:
    with world.app.app_context():
        two = ("small-reaches", "my-listening-habits")
        return [str(one.id) for one in programme.library(world.cast.ines) if one.slug in two]


def check_in(world: World) -> UUID:
    with world.app.app_context():
        return next(one.id for one in programme.library(world.cast.ines) if one.slug == programme.CHECK_IN_SLUG)


def exercise_alone(world: World) -> UUID:
    with world.app.app_context():
        return next(one.id for one in programme.library(world.cast.ines) if one.slug == "my-listening-habits")


def more(world: World, entry: Entry) -> dict[str, object]:
    """What somebody adds who hopes that a form takes it."""
    stranger, practice = str(world.cast.sol.person_id), str(world.cast.sol.practice_id)
    columns = {column.name for table in Base.metadata.tables.values() for column in table.columns}
    added: dict[str, object] = {
        **{name: stranger for name in columns if name.endswith(("_id", "_by"))},
        **{name: "2026-01-01T08:00:00+00:00" for name in columns if name.endswith("_at")},
        "practice_id": practice,
        "user_id": stranger,
        "role": "owner",
        "disclosure": "shared",
        "released": "1",
        "state": "closed",
    }
    return {name: value for name, value in added.items() if name not in OWN_FIELDS.get(entry.rule, set())}


def stream(name: str) -> Callable[[int], bytes]:
    drawn = 0

    def draw(count: int) -> bytes:
        nonlocal drawn
        drawn += 1
        return hashlib.shake_256(f"{name} {drawn}".encode()).digest(count)

    return draw


@pytest.fixture(scope="module")
def twins(databases: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[World]]:
    with ExitStack() as stack:
        made = []
        for name in ("plain", "more"):
            with randomness.drawn_from(stream("a world")):
                made.append(stack.enter_context(worlds.standing(databases, tmp_path_factory.mktemp(name), name)))
        yield made


def rows(world: World) -> dict[str, list[str]]:
    with world.app.app_context():
        found = {
            name: sorted(
                HASH.sub("a hash", repr(row))
                for row in db.session.execute(text(f"SELECT * FROM {name}"))  # noqa: S608 - our tables
            )
            for name in Base.metadata.tables
        }
        db.session.remove()
    return found


def actor(entry: Entry) -> str:
    """Who may post this form: the first of the table for whom it is neither closed nor missing."""
    allowed = [role for role, status in zip(ROLES, entry.statuses, strict=True) if status != 404 and role != "nobody"]
    return allowed[0] if allowed else "ana"


# what another form waits for comes first, and last what ends somebody's work: a key, a pass phrase, days that pass
FIRST = (
    "/coach/practice/holds/<uuid:hold_id>/lift",
    f"{SESSION}/open",
    f"{TASK}/question",
    f"{ASSIGNMENT}/nudge",
    f"{ASSIGNMENT}/extend",
    f"{COUPLE}/choices/<uuid:choice_id>/withdraw",
    "/my/choices/<uuid:choice_id>",
)
LAST = (
    f"{ASSIGNMENT}/swap",
    f"{COUPLE}/supervision",
    f"{COUPLE}/standing",
    "/account/devices",
    f"{KEY}/spare-codes",
    f"{KEY}/app/remove",
    "/my/account/passphrase",
    f"{SESSION}/attendance",
    f"{SESSION}/close",
    "/coach/account/passphrase",
)
ACTORS = {
    f"{ENTRY}/adapt": "ines",
    f"{KEY}/app/remove": "omar",
    "/account/devices": "ana",
    "/my/account/leaving": "eva",
}  # he needs his no more; she needs none to sign in elsewhere too; and nobody else's forms wait for Eva
ONCE_MET = (f"{SESSION}/attendance", f"{SESSION}/close")
CHANGES_NOTHING = {
    "/coach/sessions/briefs": "that day is asked for already",
    "/coach/sessions/briefs/<uuid:pack_id>/take": "nothing of it is made yet",
    f"{SESSION}/picked": "nothing was picked",
    "/coach/sessions/import": "reads a file, and keeps nothing of it",
    "/coach/alone": "what stands there is a flag, which has a page of its own",
    "/coach/practice/audit.csv": "gives a file",
    "/coach/practice/export": "gives a file",
    "/coach/couples/list.csv": "gives a file",
    f"{COUPLE}/weeks.csv": "gives a file",
    f"{COUPLE}/weeks.svg": "gives a file",
    f"{MEASURE}/points": "it has been in use",
    f"{MEASURE}/questionnaire.json": "gives a file",
    "/coach/responses/<uuid:response_id>/answers.json": "gives a file",
    "/coach/couples/assign": "shows what would be given, before anything is",
    "/coach/couples/import": "shows what was read, before anything is kept",
    "/my/export": "gives a file",
    f"{TASK}/copy": "gives a file",
    "/my/booklet": "gives a file",
    "/my/later": "the work has not ended",
    "/my/account/readings": "shows a list",
    "/my/before-session": "shows what of their own stands in the brief",
    "/my/account/agreeing": "nothing is asked",
    f"{COUPLE}/partners/<uuid:person_id>/ask-anew": "she takes part",
    f"{COUPLE}/authorisation/file": "one of the two has not agreed",
    f"{COUPLE}/record": "gives a file",
    f"{SESSION}/exchange/<uuid:assignment_id>": "its session has not begun",
    KEY: "was given at the door",
    f"{KEY}/passkey": "was given at the door",
    f"{KEY}/passkey/challenge": "was given at the door",
    f"{KEY}/app": "an app is set up already",
    f"{KEY}/app/new": "an app is set up already",
    f"{KEY}/passkeys": "this site takes none",
    f"{KEY}/passkeys/challenge": "this site takes none",
    f"{COUPLE}/partners/<uuid:person_id>/vouch": "nobody's pass phrase came by mail",
    "/coach/practice/contacts/<uuid:contact_id>/check": "was checked on the same day",
    f"{TASK}/correction": "posts the version that it corrects",
    **dict.fromkeys(
        (f"/coach/together/{page}" for page in ("close", "leave", "leave/passkey", "leave/passkey/challenge")),
        "the screen is not turned round",
    ),
}


def order(entry: Entry) -> int:
    return -1 if entry.rule in FIRST else LAST.index(entry.rule) + 1 if entry.rule in LAST else 0


def shown(entry: Entry) -> str:
    return f"{entry.rule} {' '.join(entry.named.values())} {' '.join(entry.data)}"


ENTRIES = sorted((entry for entry in TABLE if entry.method == "POST" and entry.rule not in DOORS), key=order)
CHANGED: dict[str, set[str]] = {}


def posted(world: World, entry: Entry, extra: dict[str, object]) -> tuple[int, str, set[str]]:
    """Post a form; gives the answer, and the tables of which rows changed."""
    data, ids = valid(world).get(entry.rule, dict(entry.data)), world.ids
    if entry.rule in ONCE_MET:
        ids = ids | {"session_id": world.elsewhere["gil"]["session_id"]}
    with randomness.drawn_from(stream(shown(entry) + str(entry.statuses))):
        if entry.rule == "/account/devices":  # there is another to be signed out
            Browser(world.app.test_client()).sign_in(address_of("ana"))
        browser = world.browser(ACTORS.get(entry.rule) or actor(entry))
        if asks_once_more(world, entry):
            browser.step_up()
        token, before = browser.token("/reset"), rows(world)
        reply = browser.client.post(path_of(entry, ids), data={"csrf_token": token, **extra, **data})
    after = rows(world)
    changed = {name for name in after if after[name] != before[name] and name not in RECORD}
    return reply.status_code, (reply.location or "").partition("?")[0], changed


@pytest.mark.parametrize("entry", ENTRIES, ids=shown)
def test_fields_that_a_form_does_not_have_change_nothing(twins: list[World], entry: Entry) -> None:
    plain, added = twins
    now = START + timedelta(days=4) if order(entry) >= order_of_met() else START
    with clock.reading(lambda: now):
        replies = [posted(plain, entry, {}), posted(added, entry, more(added, entry))]
    assert replies[0] == replies[1]
    status, location, changed = replies[0]
    assert status < 500
    assert location not in ("/account/step-up", "/sign-in")
    assert location != f"{KEY}/set-up" or entry.rule.startswith(KEY)
    CHANGED.setdefault(entry.rule, set()).update(changed)
    assert rows(plain) == rows(added)


def order_of_met() -> int:
    return LAST.index(ONCE_MET[0]) + 1


def test_every_form_was_posted_so_that_it_was_taken() -> None:
    if len(CHANGED) < len({entry.rule for entry in ENTRIES}):
        pytest.skip("only some of the forms were posted")
    assert {rule for rule, tables in CHANGED.items() if not tables} == set(CHANGES_NOTHING)


@pytest.fixture
def more_of_sol(cast: Cast) -> dict[str, object]:
    sol = cast.sol
    names = {
        "user_id": sol.person_id,
        "person_id": sol.person_id,
        "practice_id": sol.practice_id,
        "coach_id": sol.person_id,
    }
    said = {"role": "owner", "disclosure": "shared", "released": "1", "state": "active", "zone": "UTC"}
    return said | {name: str(value) for name, value in names.items()} | {"practice_name": "Mine"}


def test_a_door_gives_nobody_more_than_they_were_invited_to(
    browser: Callable[[str | None], Browser], cast: Cast, more_of_sol: dict[str, object]
) -> None:
    invited = members.invite(cast.ines, NewMember("Rut", "rut@north.example", Role.ASSISTANT), LINK)
    path = invited.link.removeprefix("http://127.0.0.1:8000")
    said = {"code": invited.code, "name": "Rut", "passphrase": PASSPHRASE}
    assert browser(None).post(path, more_of_sol | said, page=path).status_code == 303
    rut = db.session.scalars(select(Person).where(Person.id == invited.person_id)).one()
    assert (rut.role, rut.practice_id) == (Role.ASSISTANT, cast.ines.practice_id)
    assert practices.practice(cast.ines).name == "Practice North"


def test_sending_gives_no_answer_to_more_readers_than_its_author_chose(
    browser: Callable[[str | None], Browser], cast: Cast, more_of_sol: dict[str, object]
) -> None:
    address = f"/my/tasks/{task_of(cast.ana, assign(cast, 'one-holds-the-floor'))}"
    ana = browser("ana")
    typed = {"version": "0", "understood": "That he asks", "felt_heard": "7"}  # no reader chosen: the coach alone
    assert ana.post(address, more_of_sol | typed).status_code == 303
    page = ana.get(f"{address}/review").text
    kept = {name: re.findall(f'name="{name}" value="([^"]+)"', page)[0] for name in ("version", "key")}
    assert ana.post(f"{address}/review", more_of_sol | kept | {"send": "1"}).location == f"{address}/sent"
    [form] = sent_forms.of_couple(cast.ines, cast.couples["ana"])
    assert {answer.disclosure for answer in form.answers} <= {"coach", "locked"}
    assert form.person_id == cast.ana.person_id
    assert form.sent.session_opened_at is None


def people() -> dict[str, tuple[object, ...]]:
    """What no door may change of anybody."""
    db.session.rollback()
    return {
        p.display_name: (p.id, p.practice_id, p.role, p.state, p.zone, p.created_at)
        for p in db.session.scalars(select(Person))
    }


def test_signing_in_and_a_new_pass_phrase_take_no_more_than_they_ask_for(
    browser: Callable[[str | None], Browser], cast: Cast, more_of_sol: dict[str, object]
) -> None:
    before, ana = people(), browser(None)
    asked: dict[str, object] = {"email": address_of("ana")}
    assert ana.post("/reset", more_of_sol | asked, page="/reset").status_code == 200
    path = link(address_of("ana"), "reset")
    fresh: dict[str, object] = {"passphrase": "lantern under nine quiet birches"}
    assert ana.post(path, more_of_sol | fresh, page="/sign-in").status_code == 303
    asked["password"] = fresh["passphrase"]
    assert ana.post("/sign-in", more_of_sol | asked, page="/sign-in").location == "/my/"
    assert "Ana" in ana.get("/my/account").text
    assert people() == before
