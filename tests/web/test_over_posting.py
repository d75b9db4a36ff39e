"""Fields that no form has change nothing: every form is posted in twin worlds, in one of them with more in it."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from sqlalchemy import text

from portal import randomness
from portal.extensions import Base, db
from tests.web import world as worlds
from tests.web.route_table import TABLE, Entry
from tests.web.test_routes import asks_once_more, path_of
from tests.web.world import ROLES, World

OWN_FIELDS = {"/coach/practice/members": {"role"}, "/coach/practice/members/<uuid:person_id>/role": {"role"}}
DOORS = {"/sign-out", "/exit", "/sign-in", "/reset", "/reset/<token>", "/invitations/<token>"}
COUPLE, SESSION = "/coach/couples/<uuid:couple_id>", "/coach/sessions/<uuid:session_id>"
WHEN = {"day": "2026-12-10", "time": "10:00", "minutes": "50", "place": "Room 1"}
PAIR = {"name_a": "Kim", "address_a": "kim@home.example", "name_b": "Lou", "address_b": "lou@home.example"}
CONTACT = {"audience": "ipv", "country": "DE", "name": "Helpline", "phone": "116016", "web": "", "hours": "always"}


def valid(world: World) -> dict[str, dict[str, object]]:
    """What fills each form so that it is taken."""
    ids = world.ids
    return {
        "/coach/couples/new": {**PAIR},
        f"{COUPLE}/step": {"step": "gratitude"},
        f"{COUPLE}/hand-over": {"colleague": str(world.cast.omar.person_id)},
        f"{SESSION}/notes": {"kind": "reminder", "text": "Ask about the stairs again"},
        f"{SESSION}/move": {**WHEN, "day": "2026-12-11"},
        "/coach/sessions/": {"couple": str(ids["couple_id"]), "kind": "joint", **WHEN},
        "/coach/practice/reading-hours": {"reading_hours": "on Mondays"},
        "/coach/practice/contacts": {**CONTACT},
        "/coach/practice/members": {"name": "Tim", "address": "tim@north.example", "role": "assistant"},
        "/coach/practice/members/<uuid:person_id>/role": {"role": "assistant"},
        "/coach/practice/covers": {
            "coach": str(world.cast.ines.person_id),
            "colleague": str(world.cast.omar.person_id),
            "first": "2026-12-14",
            "last": "2026-12-15",
        },
        "/my/account": {"zone": "Europe/Lisbon"},
    }


def more(world: World, entry: Entry) -> dict[str, object]:
    """What somebody adds who hopes that a form takes it."""
    stranger = str(world.cast.sol.person_id)
    added: dict[str, object] = {
        "role": "owner",
        "practice_id": str(world.cast.sol.practice_id),
        "user_id": stranger,
        "person_id": stranger,
        "coach_id": stranger,
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
            name: sorted(map(repr, db.session.execute(text(f"SELECT * FROM {name}")).all()))  # noqa: S608 - our tables
            for name in Base.metadata.tables
        }
        db.session.remove()
    return found


def actor(entry: Entry) -> str:
    """Who may post this form: the first of the table for whom it is neither closed nor missing."""
    allowed = [role for role, status in zip(ROLES, entry.statuses, strict=True) if status != 404 and role != "nobody"]
    return allowed[0] if allowed else "ana"


@pytest.mark.parametrize(
    "entry",
    [entry for entry in TABLE if entry.method == "POST" and entry.rule not in DOORS],
    ids=lambda entry: f"{entry.rule} {' '.join(entry.named.values())}",
)
def test_fields_that_a_form_does_not_have_change_nothing(twins: list[World], entry: Entry) -> None:
    plain, added = twins
    replies = []
    for world, extra in ((plain, {}), (added, more(added, entry))):
        data = valid(world).get(entry.rule, dict(entry.data))
        with randomness.drawn_from(stream(f"{entry.rule} {entry.named}")):
            browser = world.browser(actor(entry))
            if asks_once_more(world, entry):
                browser.step_up()
            reply = browser.post(path_of(entry, world.ids), {**data, **extra}, page="/reset")
            replies.append((reply.status_code, (reply.location or "").partition("?")[0]))
    assert replies[0] == replies[1]
    if entry.rule in valid(plain):
        assert replies[0][0] == 303
        assert replies[0][1] != "/account/step-up"
    assert rows(plain) == rows(added)
