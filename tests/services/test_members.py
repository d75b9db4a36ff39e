"""Members: invited through a door of their own, given a role, let go at once and let in again."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from portal.domain.errors import Invalid, NotFound
from portal.domain.people import PersonState, Role, TokenPurpose, Viewer
from portal.extensions import db
from portal.jobs.drain import drain
from portal.models.audit import AuditEvent
from portal.models.couples import Couple
from portal.models.outbox import OutboxEntry
from portal.models.users import Person
from portal.services import (
    accounts,
    covers,
    hand_overs,
    members,
    outbox,
    practices,
    resets,
    scope,
    staff_doors,
    standing,
    supervision,
)
from portal.services.members import NewMember
from portal.services.practices import NewPractice
from portal.services.staff_doors import ComingIn
from tests.cast import PASSPHRASE, Cast
from tests.conftest import Wall

LINK = "http://127.0.0.1:8000/invitations/{token}"
PAGES = "http://127.0.0.1:8000/my/account"
SAID = ComingIn("Rut", PASSPHRASE)
RUT = NewMember("Rut", "rut@north.example", Role.COACH)


def token_of(link: str) -> str:
    return link.rsplit("/", 1)[1]


def signed_in(address: str) -> str:
    token = accounts.sign_in(address, PASSPHRASE, None)
    assert token is not None
    return token


def state_of(person_id: UUID) -> str:
    return db.session.scalars(select(Person.state).where(Person.id == person_id)).one()


def test_a_colleague_comes_in_by_a_link_a_code_and_a_pass_phrase_of_their_own(cast: Cast) -> None:
    invited = members.invite(cast.ines, RUT, LINK)
    token = token_of(invited.link)
    assert [mail.words["link"] for mail in outbox.due() if mail.address == RUT.address] == [invited.link]
    assert accounts.sign_in(RUT.address, PASSPHRASE, None) is None
    with pytest.raises(Invalid, match="code_wrong"):
        staff_doors.accept_invitation(token, "no code", SAID)
    assert staff_doors.open_invitation(token).role is Role.COACH
    staff_doors.accept_invitation(token, invited.code, SAID)
    found = standing.standing_or_none(signed_in(RUT.address))
    assert found is not None
    assert found.viewer.role is Role.COACH
    with pytest.raises(Invalid, match="link_used"):
        staff_doors.accept_invitation(token, invited.code, SAID)


def test_a_new_invitation_ends_the_one_before_and_the_owner_alone_reads_the_code(cast: Cast) -> None:
    invited = members.invite(cast.ines, RUT, LINK)
    members.invite_again(cast.ines, invited.person_id, LINK)
    with pytest.raises(Invalid, match="link_unknown"):
        staff_doors.open_invitation(token_of(invited.link))
    seen = [[one.code for one in members.members(who) if one.code] for who in (cast.ines, cast.omar, cast.mira)]
    assert [len(codes) for codes in seen] == [1, 0, 0]


@pytest.mark.parametrize("who", ["omar", "mira", "noor", "sol", "ana"])
def test_the_owner_alone_decides_about_members(cast: Cast, who: str) -> None:
    viewer, omar = getattr(cast, who), cast.omar.person_id
    for act in (
        lambda: members.invite(viewer, RUT, LINK) if who != "sol" else scope.member(viewer, omar),
        lambda: members.invite_again(viewer, omar, LINK),
        lambda: members.set_role(viewer, omar, Role.OWNER, PAGES),
        lambda: members.deactivate(viewer, omar, PAGES),
        lambda: members.reactivate(viewer, omar),
    ):
        with pytest.raises(NotFound):
            act()


def test_nobody_becomes_a_partner_and_no_partner_a_member(cast: Cast) -> None:
    with pytest.raises(Invalid):
        members.set_role(cast.ines, cast.omar.person_id, Role.PARTNER, PAGES)
    with pytest.raises(NotFound):
        members.set_role(cast.ines, cast.ana.person_id, Role.COACH, PAGES)
    with pytest.raises(NotFound):
        members.deactivate(cast.ines, cast.ana.person_id, PAGES)


def test_a_role_holds_from_the_next_request_on(cast: Cast) -> None:
    token = signed_in("omar@north.example")
    members.set_role(cast.ines, cast.omar.person_id, Role.ASSISTANT, PAGES)
    assert standing.standing_or_none(token) is None  # whoever may do more does it under a new session
    found = standing.standing_or_none(signed_in("omar@north.example"))
    assert found is not None
    assert found.viewer.role is Role.ASSISTANT
    assert [one.names for one in hand_overs.without_coach(cast.ines)] == ["Cleo & Dov"]


def covered_by(viewer: Viewer) -> list[str]:
    return sorted(db.session.scalars(scope.couples_to_act_for(viewer).with_only_columns(Couple.names)))


def test_a_new_role_ends_nothing_that_may_be_done_in_it(cast: Cast, wall: Wall) -> None:
    today = wall.now.date()
    covers.arrange(cast.ines, cast.ines.person_id, cast.omar.person_id, today, today)
    hand_overs.offer(cast.ines, cast.couples["ana"], cast.omar.person_id, PAGES)
    for role in (Role.OWNER, Role.COACH):
        members.set_role(cast.ines, cast.omar.person_id, role, PAGES)
        assert covered_by(cast.omar) == ["Ana & Ben", "Cleo & Dov", "Gil & Hana"]
        assert [one.names for one in hand_overs.offered(cast.omar)] == ["Ana & Ben"]
    members.set_role(cast.ines, cast.omar.person_id, Role.SUPERVISOR, PAGES)
    members.set_role(cast.ines, cast.omar.person_id, Role.COACH, PAGES)
    assert covered_by(cast.omar) == ["Cleo & Dov"]
    assert hand_overs.offered(cast.omar) == ()
    assert covers.covers(cast.ines) == ()


@pytest.mark.parametrize("is_let_go", [True, False])
def test_partners_are_told_when_who_reads_along_may_do_so_no_more(cast: Cast, is_let_go: bool) -> None:
    supervision.begin(cast.ines, cast.couples["ana"], cast.noor.person_id, PAGES)
    before = told()
    if is_let_go:
        members.deactivate(cast.ines, cast.noor.person_id, PAGES)
    else:
        members.set_role(cast.ines, cast.noor.person_id, Role.COACH, PAGES)
    assert supervision.readers_for_partner(cast.ana) == ()
    assert told() == sorted([*before, *[(f"{name}@home.example", PAGES) for name in ("ana", "ben")]])
    ended = (AuditEvent.event == "supervision:ended", AuditEvent.actor_id == cast.ines.person_id)
    assert len(db.session.scalars(select(AuditEvent.id).where(*ended)).all()) == 1


def told() -> list[tuple[str, str]]:
    return sorted((mail.address, mail.words["link"]) for mail in outbox.due() if mail.message == "account_changed")


def test_the_last_owner_stays_until_there_is_another(cast: Cast) -> None:
    for act in (
        lambda: members.deactivate(cast.ines, cast.ines.person_id, PAGES),
        lambda: members.set_role(cast.ines, cast.ines.person_id, Role.COACH, PAGES),
    ):
        with pytest.raises(Invalid, match="last_owner"):
            act()
    members.set_role(cast.ines, cast.omar.person_id, Role.OWNER, PAGES)
    members.deactivate(cast.ines, cast.ines.person_id, PAGES)
    assert state_of(cast.ines.person_id) == PersonState.DEACTIVATED


def test_who_was_let_go_is_out_at_the_next_request_and_by_no_door_in(cast: Cast) -> None:
    token = signed_in("omar@north.example")
    members.deactivate(cast.ines, cast.omar.person_id, PAGES)
    assert standing.standing_or_none(token) is None
    assert accounts.sign_in("omar@north.example", PASSPHRASE, None) is None
    with pytest.raises(NotFound):  # a command that was under way
        scope.own_person(cast.omar)
    members.reactivate(cast.ines, cast.omar.person_id)
    assert standing.standing_or_none(token) is None  # a recorded cookie stays worthless
    assert signed_in("omar@north.example")


class Post:
    """A post that keeps what it was given."""

    sender_name = "Portal"

    def __init__(self) -> None:
        self.sent: list[str] = []

    def send(self, letter: object) -> None:
        self.sent.append(letter.address)  # type: ignore[attr-defined]


def test_mails_to_who_was_let_go_are_dropped_also_while_the_worker_sends(cast: Cast) -> None:
    resets.ask_for_reset("omar@north.example", LINK)
    resets.answer_requests()
    picked_up = [mail for mail in outbox.due() if mail.address == "omar@north.example"]
    assert len(picked_up) == 1
    members.deactivate(cast.ines, cast.omar.person_id, PAGES)
    assert not outbox.may_go(picked_up[0])
    post = Post()
    drain(post)  # type: ignore[arg-type]
    assert "omar@north.example" not in post.sent
    row = db.session.scalars(select(OutboxEntry).where(OutboxEntry.id == picked_up[0].entry_id)).one()
    assert (row.payload, row.done_at) == (None, None)
    assert row.failed_at is not None


def test_couples_of_who_was_let_go_wait_for_a_coach_on_the_owners_list_alone(cast: Cast) -> None:
    members.deactivate(cast.ines, cast.omar.person_id, PAGES)
    assert [(one.names, one.coach_name) for one in hand_overs.without_coach(cast.ines)] == [("Cleo & Dov", "Omar")]
    assert hand_overs.without_coach(cast.mira) == ()
    assert hand_overs.offer(cast.ines, cast.couples["cleo"], cast.ines.person_id, "http://x")  # at once: to herself
    assert hand_overs.without_coach(cast.ines) == ()
    assert scope.couple(cast.ines, cast.couples["cleo"]).coach_id == cast.ines.person_id


def test_a_supervisor_who_was_let_go_stands_on_no_page_of_the_partners(cast: Cast) -> None:
    supervision.begin(cast.ines, cast.couples["ana"], cast.noor.person_id, "http://x")
    members.deactivate(cast.ines, cast.noor.person_id, PAGES)
    assert supervision.readers_for_partner(cast.ana) == ()


def test_who_was_let_go_before_coming_in_can_be_invited_again(cast: Cast) -> None:
    invited = members.invite(cast.ines, RUT, LINK)
    members.deactivate(cast.ines, invited.person_id, PAGES)
    with pytest.raises(Invalid):
        accounts.usable_token(token_of(invited.link), TokenPurpose.INVITATION)
    members.reactivate(cast.ines, invited.person_id)
    assert state_of(invited.person_id) == PersonState.INVITED


WEST = ComingIn("Wim", PASSPHRASE, "Practice West", "Europe/Lisbon")


def test_a_practice_begins_with_an_invited_owner_who_says_what_it_is_called(cast: Cast) -> None:
    invited = practices.create_practice_for(NewPractice("Portal", "UTC"), "Owner", "wim@west.example", LINK)
    token = token_of(invited.link)
    assert staff_doors.open_invitation(token).is_first
    for wrong, field in (
        (replace(WEST, practice_name=" "), "practice_name"),
        (replace(WEST, zone="Mars/Olympus"), "zone"),
        (replace(WEST, name=""), "name"),
        (replace(WEST, name="W" * 101), "name"),
    ):
        with pytest.raises(Invalid) as refused:
            staff_doors.accept_invitation(token, invited.code, wrong)
        assert refused.value.params["field"] == field
        db.session.rollback()
    staff_doors.accept_invitation(token, invited.code, WEST)
    found = standing.standing_or_none(signed_in("wim@west.example"))
    assert found is not None
    assert (found.viewer.role, found.name, found.practice_name) == (Role.OWNER, "Wim", "Practice West")
    assert (found.practice_zone, found.zone) == ("Europe/Lisbon", "Europe/Lisbon")


def test_nobody_but_the_first_says_what_the_practice_is_called(cast: Cast) -> None:
    invited = members.invite(cast.ines, replace(RUT, role=Role.OWNER), LINK)
    assert not staff_doors.open_invitation(token_of(invited.link)).is_first
    staff_doors.accept_invitation(token_of(invited.link), invited.code, replace(WEST, name="Rut"))
    assert practices.practice(cast.ines).name == "Practice North"


def test_an_owner_who_has_not_come_in_is_invited_again_and_nobody_else_by_that(cast: Cast) -> None:
    first = practices.create_practice_for(NewPractice("Portal", "UTC"), "Owner", "wim@west.example", LINK)
    again = practices.invite_owner_again("Wim@west.example", LINK)
    assert again.person_id == first.person_id
    with pytest.raises(Invalid, match="link_unknown"):
        staff_doors.open_invitation(token_of(first.link))
    staff_doors.accept_invitation(token_of(again.link), again.code, WEST)
    for address in ("wim@west.example", "ines@north.example", "nobody@west.example"):
        with pytest.raises(NotFound):
            practices.invite_owner_again(address, LINK)


def test_of_twenty_who_use_one_invitation_at_once_one_comes_in(cast: Cast, app: Flask) -> None:
    invited = members.invite(cast.ines, RUT, LINK)

    def come_in(number: int) -> bool:
        with app.app_context():
            try:
                said = ComingIn(f"Rut {number}", PASSPHRASE)
                staff_doors.accept_invitation(token_of(invited.link), invited.code, said)
            except Invalid:
                return False
            finally:
                db.session.remove()
            return True

    db.session.remove()
    with ThreadPoolExecutor(20) as threads:
        assert sum(threads.map(come_in, range(20))) == 1
