"""A practice's texts in the database: what is in force, and new versions by the owner alone."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from portal import clock
from portal.domain.consent import PracticeRole, RoleDuties
from portal.domain.errors import Conflict, Invalid, NotFound
from portal.domain.people import Viewer
from portal.domain.texts import TextKind
from portal.extensions import db
from portal.models.audit import AuditEvent
from portal.models.practices import Practice
from portal.services import texts
from tests.cast import Cast
from tests.conftest import Wall
from tests.many import counted

OWN = "Leave goes to another site. It hides no history."


def in_force(viewer: Viewer, kind: TextKind) -> texts.InForce:
    found = texts.of_reader(viewer)
    assert found
    return found[kind]


def test_a_practice_begins_with_what_the_portal_came_with(cast: Cast) -> None:
    leave, consent = in_force(cast.ines, TextKind.LEAVE), in_force(cast.ana, TextKind.CONSENT)
    assert (leave.version, leave.is_shipped, leave.body) == (0, True, texts.shipped(TextKind.LEAVE))
    assert (consent.version, consent.is_shipped) == (1, True)
    assert consent.duties == RoleDuties(PracticeRole.COACH)
    assert in_force(cast.ines, TextKind.PRIVACY).body == ""


def test_what_the_owner_publishes_holds_at_once_and_in_that_practice_alone(cast: Cast) -> None:
    assert texts.publish(cast.ines, TextKind.LEAVE, OWN, 0) == 1
    found = in_force(cast.ana, TextKind.LEAVE)
    assert (found.version, found.body, found.is_shipped) == (1, OWN, False)
    assert in_force(cast.eva, TextKind.LEAVE).is_shipped
    event = db.session.scalars(select(AuditEvent).order_by(AuditEvent.number.desc())).first()
    assert event
    assert (event.event, event.actor_id) == ("text:published", cast.ines.person_id)


def test_two_versions_within_one_instant_are_told_apart(cast: Cast) -> None:
    now = clock.now()
    with clock.reading(lambda: now):
        for number, body in enumerate(("One", "Two", "Three")):
            texts.publish(cast.ines, TextKind.TERMS, body, number)
            assert in_force(cast.ana, TextKind.TERMS).body == body


def test_earlier_versions_can_be_read_with_who_published_them(cast: Cast, wall: Wall) -> None:
    texts.publish(cast.ines, TextKind.CONSENT, "One", 1, RoleDuties(PracticeRole.BOTH, mandated_reporter=True))
    wall.forward(days=1)
    texts.publish(cast.ines, TextKind.CONSENT, "Two", 2)
    found = texts.versions(cast.omar, TextKind.CONSENT)
    assert [(one.number, one.by, one.is_shipped) for one in found] == [
        (3, "Ines", False),
        (2, "Ines", False),
        (1, None, True),
    ]
    assert texts.version(cast.omar, TextKind.CONSENT, 2).duties == RoleDuties(PracticeRole.BOTH, mandated_reporter=True)
    with pytest.raises(NotFound):
        texts.version(cast.omar, TextKind.CONSENT, 9)


def test_who_began_from_an_older_version_is_told_so(cast: Cast) -> None:
    texts.publish(cast.ines, TextKind.LEAVE, OWN, 0)
    with pytest.raises(Conflict, match="text_changed_meanwhile"):
        texts.publish(cast.ines, TextKind.LEAVE, "Mine", 0)
    assert in_force(cast.ines, TextKind.LEAVE).body == OWN


@pytest.mark.parametrize("name", ["omar", "mira", "noor", "ana"])
def test_nobody_but_the_owner_publishes(cast: Cast, name: str) -> None:
    with pytest.raises(NotFound):
        texts.publish(cast.viewers[name], TextKind.LEAVE, OWN, 0)


@pytest.mark.parametrize("name", ["mira", "noor", "ana"])
def test_the_list_is_for_owner_and_coaches(cast: Cast, name: str) -> None:
    for ask in (texts.shown_to_staff, lambda viewer: texts.versions(viewer, TextKind.LEAVE)):
        with pytest.raises(NotFound):
            ask(cast.viewers[name])


def test_a_text_that_says_nothing_is_refused_and_a_notice_is_taken_away_by_it(cast: Cast) -> None:
    with pytest.raises(Invalid, match="text_missing"):
        texts.publish(cast.ines, TextKind.HELP_NOW, "  ", 0)
    texts.publish(cast.ines, TextKind.IMPRINT, "Who we are", 0)
    assert texts.shown_to_staff(cast.ines).notices == (TextKind.IMPRINT,)
    texts.publish(cast.ines, TextKind.IMPRINT, "", 1)
    assert texts.shown_to_staff(cast.ines).notices == ()


def test_texts_are_asked_for_once_and_again_only_when_another_is_published(cast: Cast) -> None:
    practice = db.session.scalars(select(Practice).where(Practice.id == cast.ines.practice_id)).one()
    texts.known(practice.id, practice.texts_at)
    with counted() as sent:
        texts.known(practice.id, practice.texts_at)
    assert sent == []
    with counted() as sent:
        texts.known(practice.id, clock.now() + timedelta(days=1))
    assert len(sent) == 1
