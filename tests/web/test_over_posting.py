"""Fields that no form has change nothing: every form is posted in twin worlds, in one of them with more in it."""

import hashlib
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from sqlalchemy import select, text

from portal import randomness
from portal.domain.people import Role
from portal.extensions import Base, db
from portal.models.users import Person
from portal.services import members, practices, sent_forms
from portal.services.members import NewMember
from tests.cast import LINK, PASSPHRASE, Cast
from tests.conftest import Browser
from tests.given import assign, task_of
from tests.web import world as worlds
from tests.web.route_table import TABLE, Entry
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
    shown = {name: re.findall(f'name="{name}" value="([^"]+)"', page)[0] for name in ("version", "key")}
    assert ana.post(f"{address}/review", more_of_sol | shown | {"send": "1"}).location == f"{address}/sent"
    [form] = sent_forms.of_couple(cast.ines, cast.couples["ana"])
    assert {answer.disclosure for answer in form.answers} <= {"coach", "locked"}
    assert form.person_id == cast.ana.person_id
    assert form.sent.session_opened_at is None
