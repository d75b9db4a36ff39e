"""Cover, supervision and hand-over: what each opens, for how long, and that partners are told."""

import re
from datetime import UTC, date, datetime, timedelta
from functools import partial
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select, update

from portal.domain.errors import Invalid, NotFound
from portal.domain.people import Viewer
from portal.domain.sessions import Attendance, NoteKind, SessionKind
from portal.extensions import db
from portal.models.audit import AuditEvent
from portal.models.couples import Couple, Partnership
from portal.models.practices import Practice
from portal.models.responses import Response
from portal.services import (
    accounts,
    caseload,
    couples,
    covers,
    errands,
    front_desk,
    hand_overs,
    invitations,
    members,
    notes,
    outbox,
    overview,
    reviews,
    safety,
    scope,
    session_prep,
    sessions,
    standing,
    supervision,
)
from portal.services.caseload import CaseloadQuery
from portal.services.sessions import NewSession
from tests.cast import PASSPHRASE, Cast, address_of
from tests.conftest import Wall
from tests.given import assign, floor, send, task_of
from tests.threads import at_once

LINK = "http://127.0.0.1:8000/my/account"

ROUNDS = 10


@pytest.fixture
def response_id(cast: Cast) -> UUID:
    task_id = task_of(cast.ana, assign(cast, "one-holds-the-floor"))
    send(cast.ana, task_id, floor())
    return db.session.scalars(select(Response.id).where(Response.task_id == task_id)).one()


@pytest.fixture
def session_id(cast: Cast, wall: Wall) -> UUID:
    new = NewSession(SessionKind.JOINT, wall.now + timedelta(days=1), 50)
    return sessions.plan(cast.ines, cast.couples["ana"], new)


def reach(viewer: Viewer) -> dict[str, set[str]]:
    """The names that each circle of a viewer holds."""
    circles = {
        "own": scope.couples,
        "act": scope.couples_to_act_for,
        "read": scope.couples_to_read,
        "arrange": scope.couples_to_arrange,
        "hand over": scope.couples_to_hand_over,
    }
    names = {
        name: db.session.scalars(select_(viewer).with_only_columns(Couple.names)) for name, select_ in circles.items()
    }
    return {name: set(found) for name, found in names.items()}


def events(actor: Viewer) -> list[str]:
    return sorted(db.session.scalars(select(AuditEvent.event).where(AuditEvent.actor_id == actor.person_id)))


def mails(message: str) -> list[str]:
    return sorted(mail.address for mail in outbox.due() if mail.message == message)


INES = {"Ana & Ben", "Gil & Hana"}
NORTH = INES | {"Cleo & Dov"}


def test_everybody_reaches_their_own_and_nothing_else(cast: Cast) -> None:
    assert reach(cast.ines) == {"own": INES, "act": INES, "read": INES, "arrange": INES, "hand over": NORTH}
    omar = {"Cleo & Dov"}
    assert reach(cast.omar) == {"own": omar, "act": omar, "read": omar, "arrange": omar, "hand over": omar}
    assert reach(cast.mira) == {"own": set(), "act": set(), "read": set(), "arrange": NORTH, "hand over": set()}
    assert reach(cast.noor) == {"own": set(), "act": set(), "read": set(), "arrange": set(), "hand over": set()}
    assert reach(cast.ana) == {"own": set(), "act": set(), "read": set(), "arrange": set(), "hand over": set()}


def test_a_supervisor_reads_what_the_coach_reads_of_a_named_couple_on_record(
    cast: Cast, response_id: UUID, session_id: UUID
) -> None:
    couple_id = cast.couples["ana"]
    for look in (
        lambda: reviews.read(cast.noor, response_id),
        lambda: session_prep.screen(cast.noor, session_id),
        lambda: overview.overview(cast.noor, couple_id, "UTC"),
    ):
        with pytest.raises(NotFound):
            look()
    supervision.begin(cast.ines, couple_id, cast.noor.person_id, LINK)
    assert reach(cast.noor)["read"] == {"Ana & Ben"}
    assert reviews.read(cast.noor, response_id).coach_name == "Ines"
    session_prep.screen(cast.noor, session_id)
    supervision.note_reading(cast.noor, couple_id)
    assert events(cast.noor) == ["brief:read", "couple:read", "response:read", "response:read_in_brief"]
    assert [line.names for line in caseload.caseload(cast.noor, CaseloadQuery()).lines] == ["Ana & Ben"]


def test_a_supervisor_changes_nothing(cast: Cast, response_id: UUID, session_id: UUID) -> None:
    couple_id = cast.couples["ana"]
    supervision.begin(cast.ines, couple_id, cast.noor.person_id, LINK)
    for act in (
        lambda: reviews.review(cast.noor, response_id, "Well held."),
        lambda: notes.write(cast.noor, session_id, NoteKind.REMINDER, "A word"),
        lambda: sessions.cancel(cast.noor, session_id),
        lambda: session_prep.open_in_session(cast.noor, session_id),
        lambda: couples.set_step(cast.noor, couple_id, "repair"),
        lambda: hand_overs.offer(cast.noor, couple_id, cast.omar.person_id, LINK),
        lambda: supervision.end(cast.noor, couple_id, cast.noor.person_id, LINK),
    ):
        with pytest.raises(NotFound):
            act()
    assert not safety.signals(cast.noor)  # the page for the coach alone stays the coach's


def test_both_partners_are_told_the_same_from_the_first_moment_on_and_it_ends_at_once(cast: Cast) -> None:
    couple_id = cast.couples["ana"]
    assert supervision.readers_for_partner(cast.ana) == ()
    supervision.begin(cast.ines, couple_id, cast.noor.person_id, LINK)
    supervision.begin(cast.ines, couple_id, cast.noor.person_id, LINK)  # pressed twice
    assert supervision.readers_for_partner(cast.ana) == supervision.readers_for_partner(cast.ben) == ("Noor",)
    assert supervision.readers_for_partner(cast.cleo) == ()
    assert mails("account_changed") == ["ana@home.example", "ben@home.example"]
    supervision.end(cast.ines, couple_id, cast.noor.person_id, LINK)
    assert supervision.readers_for_partner(cast.ana) == ()
    assert reach(cast.noor)["read"] == set()


def test_only_the_couples_own_coach_lets_a_supervisor_of_the_practice_read_along(cast: Cast) -> None:
    for viewer, reader in (
        (cast.omar, cast.noor),
        (cast.mira, cast.noor),
        (cast.sol, cast.noor),
        (cast.ines, cast.omar),
        (cast.ines, cast.sol),
    ):
        with pytest.raises(NotFound):
            supervision.begin(viewer, cast.couples["ana"], reader.person_id, LINK)


def test_who_covers_reads_and_acts_on_these_days_and_on_no_other(cast: Cast, wall: Wall, response_id: UUID) -> None:
    covers.arrange(cast.ines, cast.ines.person_id, cast.omar.person_id, date(2026, 11, 25), date(2026, 11, 26))
    edges = [  # on the wall of Berlin
        (datetime(2026, 11, 24, 22, 59, tzinfo=UTC), {"Cleo & Dov"}),
        (datetime(2026, 11, 24, 23, 0, tzinfo=UTC), NORTH),
        (datetime(2026, 11, 26, 22, 59, tzinfo=UTC), NORTH),
        (datetime(2026, 11, 26, 23, 0, tzinfo=UTC), {"Cleo & Dov"}),
    ]
    for instant, names in edges:
        wall.to(instant)
        assert reach(cast.omar)["act"] == reach(cast.omar)["read"] == names
        assert reach(cast.omar)["own"] == {"Cleo & Dov"}  # what asks for no circle by name reaches no colleague's
        assert reach(cast.omar)["hand over"] == {"Cleo & Dov"}
    wall.to(datetime(2026, 11, 25, 12, tzinfo=UTC))
    assert reviews.read(cast.omar, response_id).coach_name == "Ines"
    reviews.review(cast.omar, response_id, "Ines will read it, too.")
    supervision.note_reading(cast.omar, cast.couples["ana"])
    assert set(events(cast.omar)) >= {"response:read", "response:reviewed", "couple:read"}
    with pytest.raises(NotFound):  # what lasts is for her own coach to decide
        supervision.begin(cast.omar, cast.couples["ana"], cast.noor.person_id, LINK)


def test_partners_read_when_their_coach_is_away_and_who_reads_meanwhile(cast: Cast, wall: Wall) -> None:
    from_, to = date(2026, 12, 14), date(2026, 12, 18)
    cover_id = covers.arrange(cast.ines, cast.ines.person_id, cast.omar.person_id, from_, to)

    def told(name: str) -> standing.Away | None:
        found = standing.standing_or_none(accounts_token(f"{name}@home.example"))
        assert found is not None
        return found.away

    assert told("ana") is None  # three weeks before
    wall.to(datetime(2026, 12, 1, 8, tzinfo=UTC))
    assert told("ana") == told("ben") == standing.Away("Omar", from_, to)
    assert told("cleo") is None
    covers.call_off(cast.ines, cover_id)
    assert told("ana") is None


def test_staff_and_partners_read_the_same_days_where_a_midnight_is_leapt_over(cast: Cast, wall: Wall) -> None:
    db.session.execute(update(Practice).values(zone="America/Santiago"))
    db.session.commit()
    wall.to(datetime(2026, 9, 2, 12, tzinfo=UTC))
    first, last = date(2026, 9, 2), date(2026, 9, 5)
    covers.arrange(cast.ines, cast.ines.person_id, cast.omar.person_id, first, last)
    (shown,) = covers.covers(cast.ines)
    found = standing.standing_or_none(accounts_token("ana@home.example"))
    assert found is not None
    assert (shown.first, shown.last) == (first, last)
    assert found.away == standing.Away("Omar", first, last)


def accounts_token(address: str) -> str:
    return accounts.sign_in(address, PASSPHRASE, None) or ""


def test_days_away_are_the_coachs_own_to_say_or_the_owners(cast: Cast) -> None:
    days = (date(2026, 12, 14), date(2026, 12, 18))
    for viewer, coach, cover, refused in (
        (cast.omar, cast.ines, cast.omar, NotFound),
        (cast.mira, cast.ines, cast.omar, NotFound),
        (cast.sol, cast.ines, cast.omar, NotFound),
        (cast.ines, cast.ines, cast.sol, NotFound),
        (cast.ines, cast.ines, cast.mira, NotFound),
        (cast.ines, cast.ines, cast.ines, Invalid),
    ):
        with pytest.raises(refused):
            covers.arrange(viewer, coach.person_id, cover.person_id, *days)
    covers.arrange(cast.ines, cast.omar.person_id, cast.ines.person_id, *days)
    with pytest.raises(Invalid, match="cover_stands_already"):
        covers.arrange(cast.omar, cast.omar.person_id, cast.ines.person_id, date(2026, 12, 18), date(2026, 12, 20))


def test_who_arranges_days_away_and_nobody_else_calls_them_off(cast: Cast) -> None:
    days = (date(2026, 12, 14), date(2026, 12, 18))
    cover_id = covers.arrange(cast.omar, cast.omar.person_id, cast.ines.person_id, *days)
    own_id = covers.arrange(cast.ines, cast.ines.person_id, cast.omar.person_id, *days)
    for viewer, at in ((cast.mira, cover_id), (cast.noor, cover_id), (cast.sol, cover_id), (cast.omar, own_id)):
        with pytest.raises(NotFound):
            covers.call_off(viewer, at)
    covers.call_off(cast.omar, cover_id)
    covers.call_off(cast.ines, cover_id)  # a second time changes nothing, and she may
    covers.call_off(cast.ines, own_id)
    assert covers.covers(cast.ines) == ()


def test_a_couple_moves_once_the_next_coach_accepts_and_its_partners_get_a_neutral_mail(
    cast: Cast, response_id: UUID, session_id: UUID
) -> None:
    couple_id = cast.couples["ana"]
    supervision.begin(cast.ines, couple_id, cast.noor.person_id, LINK)
    assert not hand_overs.offer(cast.ines, couple_id, cast.omar.person_id, LINK)
    assert "Ana & Ben" not in reach(cast.omar)["read"]
    (offered,) = hand_overs.offered(cast.omar)
    with pytest.raises(NotFound):
        hand_overs.accept(cast.ines, offered.hand_over_id, LINK)
    hand_overs.accept(cast.omar, offered.hand_over_id, LINK)
    assert "Ana & Ben" in reach(cast.omar)["act"]
    assert reach(cast.ines)["act"] == {"Gil & Hana"}
    assert reach(cast.noor)["read"] == set()  # the new coach decides anew
    with pytest.raises(NotFound):
        reviews.read(cast.ines, response_id)
    assert mails("account_changed") == ["ana@home.example"] * 2 + ["ben@home.example"] * 2
    assert "couple:handed_over" in events(cast.omar)
    found = standing.standing_or_none(accounts_token("ben@home.example"))
    assert found is not None
    assert found.coach_name == "Omar"


def test_who_offers_and_who_accepts_at_once_never_block_each_other(app: Flask, cast: Cast) -> None:
    """Either the next coach was faster, and it is theirs, or the offer was made anew, and waits."""
    couple_id = cast.couples["ana"]
    for _ in range(ROUNDS):
        hand_overs.offer(cast.ines, couple_id, cast.omar.person_id, LINK)
        (offered,) = hand_overs.offered(cast.omar)
        accept = partial(hand_overs.accept, cast.omar, offered.hand_over_id, LINK)
        offer = partial(hand_overs.offer, cast.ines, couple_id, cast.omar.person_id, LINK)
        told = at_once(app, [accept, offer, accept, offer])
        assert set(told) <= {"done", "not_found", "hands_to_the_same"}
        is_moved = "Ana & Ben" in reach(cast.omar)["own"]
        assert len(hand_overs.offered(cast.omar)) == (0 if is_moved else 1)
        hand_overs.offer(cast.ines, couple_id, (cast.ines if is_moved else cast.omar).person_id, LINK)


def test_what_was_declined_stays_where_it_is(cast: Cast) -> None:
    hand_overs.offer(cast.ines, cast.couples["ana"], cast.omar.person_id, LINK)
    (offered,) = hand_overs.offered(cast.omar)
    hand_overs.decline(cast.omar, offered.hand_over_id)
    assert hand_overs.offered(cast.omar) == ()
    assert "Ana & Ben" in reach(cast.ines)["act"]


def test_an_assistant_sees_names_doors_and_dates_of_every_couple(cast: Cast, session_id: UUID, wall: Wall) -> None:
    found = front_desk.list_couples(cast.mira, "", 1)
    assert [(line.names, line.coach_name, line.lacks) for line in found.lines] == [
        ("Ana & Ben", "Ines", ()),
        ("Cleo & Dov", "Omar", ()),
        ("Gil & Hana", "Ines", ("Gil", "Hana")),
    ]
    sessions.move(cast.mira, session_id, wall.now + timedelta(days=2), 60, "Room 1")
    assert [line.place for line in front_desk.couple(cast.mira, cast.couples["ana"]).sessions] == ["Room 1"]
    new = couples.NewPartner("Ida", "ida@home.example"), couples.NewPartner("Jon", "jon@home.example")
    couple_id = couples.invite_couple(cast.mira, *new, "http://x/{token}", cast.omar.person_id)
    assert "Ida & Jon" in reach(cast.omar)["act"]
    invitations.invite_again(cast.mira, couple_id, people(couple_id)[0], "http://x/{token}")


def people(couple_id: UUID) -> list[UUID]:
    return list(db.session.scalars(select(Partnership.person_id).where(Partnership.couple_id == couple_id)))


def test_an_assistant_reads_no_clinical_text(cast: Cast, response_id: UUID, session_id: UUID) -> None:
    couple_id = cast.couples["ana"]
    for look in (
        lambda: reviews.read(cast.mira, response_id),
        lambda: sessions.session(cast.mira, session_id),
        lambda: session_prep.screen(cast.mira, session_id),
        lambda: session_prep.joint_brief(cast.mira, session_id),
        lambda: overview.overview(cast.mira, couple_id, "UTC"),
        lambda: notes.open_threads(cast.mira, couple_id),
        lambda: sessions.put_down_attendance(cast.mira, session_id, Attendance.BOTH),
    ):
        with pytest.raises(NotFound):
            look()
    assert caseload.caseload(cast.mira, CaseloadQuery()).lines == ()
    assert safety.signals(cast.mira) == ()


def test_whom_a_couple_is_offered_to_hears_of_it_by_a_mail_that_names_nobody(cast: Cast) -> None:
    couple_id = cast.couples["ana"]
    assert not hand_overs.offer(cast.ines, couple_id, cast.omar.person_id, LINK, "http://x/coach/practice/members")
    (mail,) = [mail for mail in outbox.due() if mail.message == "task"]
    assert (mail.address, mail.words["link"]) == ("omar@north.example", "http://x/coach/practice/members")
    assert not {"Ana", "Ben", "Ines"} & set(re.findall(r"\w+", str(mail.words)))
    assert hand_overs.offer(cast.ines, cast.couples["cleo"], cast.ines.person_id, LINK, "http://x")  # nobody to tell
    assert mails("task") == ["omar@north.example"]


def test_who_may_offer_a_couple_may_take_it_back(cast: Cast) -> None:
    couple_id = cast.couples["cleo"]
    hand_overs.offer(cast.omar, couple_id, cast.ines.person_id, LINK)
    for stranger in (cast.mira, cast.noor, cast.sol, cast.cleo):
        assert hand_overs.open_offer_or_none(stranger, couple_id) is None
        with pytest.raises(NotFound):
            hand_overs.take_back(stranger, couple_id)
    for viewer in (cast.omar, cast.ines):  # its coach, and the owner of the practice
        offer = hand_overs.open_offer_or_none(viewer, couple_id)
        assert offer is not None
        assert offer.to_name == "Ines"
    (offered,) = hand_overs.offered(cast.ines)
    for _ in range(2):
        hand_overs.take_back(cast.omar, couple_id)
    assert hand_overs.open_offer_or_none(cast.omar, couple_id) is None
    assert events(cast.omar).count("hand_over:taken_back") == 1
    with pytest.raises(NotFound):
        hand_overs.accept(cast.ines, offered.hand_over_id, LINK)


def waits(viewer: Viewer) -> tuple[int, int]:
    """How many couples are offered to somebody, and how many have no coach."""
    found = errands.of(viewer)
    return found.offered, found.without_coach


def test_what_waits_of_hand_overs_is_told_to_whom_it_waits_for(cast: Cast) -> None:
    hand_overs.offer(cast.ines, cast.couples["ana"], cast.omar.person_id, LINK)
    assert waits(cast.omar) == (1, 0)
    assert waits(cast.ines) == (0, 0)
    members.deactivate(cast.ines, cast.omar.person_id, LINK)
    assert waits(cast.ines) == (0, 1)
    assert waits(cast.noor) == waits(cast.sol) == (0, 0)


def test_a_coach_hears_of_days_away_that_somebody_else_arranged_and_of_no_others(cast: Cast) -> None:
    days = (date(2026, 12, 20), date(2026, 12, 21))
    covers.arrange(cast.ines, cast.ines.person_id, cast.omar.person_id, *days)
    assert mails("task") == []
    covers.arrange(cast.ines, cast.omar.person_id, cast.ines.person_id, *days)
    assert mails("task") == [address_of("omar")]
