"""Many couples invited at once: all of them or nobody, once, and by the rules of a single invitation."""

import time

import pytest
from sqlalchemy import delete, func, select

from portal.domain.errors import Invalid, NotFound
from portal.domain.invited import MOST_COUPLES, PairToInvite
from portal.domain.people import PersonState
from portal.extensions import db
from portal.models.couples import Caseload, Couple
from portal.models.practices import Contact
from portal.models.users import Person
from portal.services import caseload, inviting_many, outbox
from portal.services.caseload import CaseloadQuery
from tests.cast import LINK, Cast, accept


def rows(count: int) -> tuple[PairToInvite, ...]:
    return tuple(
        PairToInvite(n + 2, f"Kim{n}", f"kim{n}@home.example", f"Lou{n}", f"lou{n}@home.example") for n in range(count)
    )


def couples() -> int:
    return db.session.scalar(select(func.count()).select_from(Couple)) or 0


def letters() -> int:
    return len([mail for mail in outbox.due() if mail.message == "invitation"])


def test_every_couple_is_invited_with_a_mail_for_each_partner(cast: Cast) -> None:
    before, sent = couples(), letters()
    assert inviting_many.invite_many(cast.ines, rows(3), LINK, "a key") == 3
    assert (couples() - before, letters() - sent) == (3, 6)
    listed = caseload.caseload(cast.ines, CaseloadQuery(state="invited", sort="names")).lines
    assert [line.names for line in listed] == ["Gil & Hana", "Kim0 & Lou0", "Kim1 & Lou1", "Kim2 & Lou2"]


def test_who_was_invited_from_a_table_comes_in_as_anybody_does(cast: Cast) -> None:
    inviting_many.invite_many(cast.ines, rows(1), LINK, "a key")
    for mail in outbox.due():
        if mail.words.get("name") in ("Kim0", "Lou0"):
            accept(mail.words["link"].rsplit("/", 1)[1])
    states = db.session.scalars(select(Person.state).where(Person.display_name.in_(("Kim0", "Lou0")))).all()
    assert set(states) == {PersonState.ACTIVE}
    assert len(states) == 2


def test_the_same_list_sent_twice_invites_nobody_again(cast: Cast) -> None:
    inviting_many.invite_many(cast.ines, rows(2), LINK, "a key")
    after, sent = couples(), letters()
    assert inviting_many.invite_many(cast.ines, rows(2), LINK, "a key") == 2
    assert (couples(), letters()) == (after, sent)
    inviting_many.invite_many(cast.omar, rows(1), LINK, "a key")
    assert couples() == after + 1


@pytest.mark.parametrize("place", [0, 4, 9])
def test_one_that_cannot_be_taken_keeps_all_back(cast: Cast, place: int) -> None:
    before, sent = couples(), letters()
    pairs = list(rows(10))
    pairs[place] = PairToInvite(place + 2, "Kim", "kim@home.example", "Lou", "KIM@home.example")
    with pytest.raises(Invalid, match="one_address_for_both"):
        inviting_many.invite_many(cast.ines, pairs, LINK, "a key")
    db.session.rollback()
    assert (couples(), letters()) == (before, sent)


def test_a_practice_without_its_two_contacts_invites_nobody(cast: Cast) -> None:
    inviting_many.check_ready(cast.ines)
    db.session.execute(delete(Contact).where(Contact.audience == "ipv"))
    db.session.commit()
    before = couples()
    for attempt in (
        lambda: inviting_many.check_ready(cast.ines),
        lambda: inviting_many.invite_many(cast.ines, rows(1), LINK, "a key"),
    ):
        with pytest.raises(Invalid, match="contacts_missing"):
            attempt()
    db.session.rollback()
    assert couples() == before


def test_an_assistant_names_the_coach_and_nobody_else_may_invite(cast: Cast) -> None:
    inviting_many.invite_many(cast.mira, rows(1), LINK, "a key", cast.omar.person_id)
    coaches = db.session.scalars(select(Caseload.coach_id).where(Caseload.find == " kim0 & lou0")).all()
    assert coaches == [cast.omar.person_id]
    for viewer, coach_id in ((cast.mira, None), (cast.mira, cast.sol.person_id), (cast.noor, None), (cast.ana, None)):
        with pytest.raises(NotFound):
            inviting_many.invite_many(viewer, rows(1), LINK, "another key", coach_id)
        db.session.rollback()


@pytest.mark.parametrize("count", [0, MOST_COUPLES + 1])
def test_no_couple_and_more_than_two_hundred_are_refused(cast: Cast, count: int) -> None:
    with pytest.raises(Invalid):
        inviting_many.invite_many(cast.ines, rows(count), LINK, "a key")


def test_two_hundred_couples_keep_nobody_waiting_for_long(cast: Cast) -> None:
    """Whoever wants to write meanwhile waits eight seconds at most."""
    before, start = couples(), time.process_time()
    inviting_many.invite_many(cast.ines, rows(MOST_COUPLES), LINK, "a key")
    assert couples() - before == MOST_COUPLES
    assert time.process_time() - start < 8
