"""Signatures: each partner signs alone, and what somebody signed last holds for what they write."""

import pytest
from flask import Flask
from sqlalchemy import select, update

from portal import clock
from portal.domain.consent import Policy, Terms
from portal.domain.errors import Conflict, Invalid, NotFound
from portal.domain.people import Viewer
from portal.domain.texts import TextKind
from portal.extensions import db
from portal.models.consents import Consent
from portal.models.practices import Practice
from portal.models.responses import Response
from portal.models.users import Person
from portal.services import consents, couples, parting, policies, responses, reviews, texts, vault
from tests.cast import PASSPHRASE, SIGNATURE, Cast
from tests.conftest import Wall
from tests.given import assign, send, task_of
from tests.threads import at_once

TWO = Terms(1, 2)


def publish_and_open(cast: Cast) -> Terms:
    """Another text and another policy; gives what is in force then."""
    texts.publish(cast.ines, TextKind.CONSENT, "# New\nOther words", 1)
    policies.change(cast.ines, Policy.OPEN, 1)
    return Terms(2, 2)


def policy_of(viewer: Viewer) -> tuple[str, int]:
    """Under which policy the last form of somebody was given."""
    db.session.rollback()
    mine = select(Response).where(Response.person_id == viewer.person_id).order_by(Response.submitted_at.desc())
    row = db.session.scalars(mine).first()
    assert row
    return row.policy, row.policy_version


def test_coming_in_is_signing_what_is_in_force_with_ones_name(cast: Cast) -> None:
    found = consents.own(cast.ana)
    assert [(one.terms, one.policy) for one in found.signed] == [(Terms(1, 1), Policy.DISCRETION)]
    assert not found.is_owed
    row = db.session.scalars(select(Consent).where(Consent.person_id == cast.ana.person_id)).one()
    assert row.language == "en"
    assert vault.unseal(cast.ana.person_id, consents.SIGNATURE, row.id, row.signature or b"") == SIGNATURE


def test_a_new_text_or_policy_asks_for_a_signature_and_the_old_one_holds_until_then(cast: Cast, wall: Wall) -> None:
    new = publish_and_open(cast)
    found = consents.own(cast.ana)
    assert (found.terms, found.is_owed, found.policy) == (new, True, Policy.OPEN)
    assert found.last
    assert found.last.policy is Policy.DISCRETION
    assert found.signed_body == texts.shipped(TextKind.CONSENT)
    wall.forward(days=1)
    consents.sign(cast.ana, PASSPHRASE, "  Ana   of the hill ", new)
    assert not consents.own(cast.ana).is_owed
    assert consents.own(cast.ben).is_owed
    assert [one.terms for one in consents.own(cast.ana).signed] == [new, Terms(1, 1)]


def test_the_same_thing_is_signed_once(cast: Cast) -> None:
    new = publish_and_open(cast)
    for _ in range(2):
        consents.sign(cast.ana, PASSPHRASE, "Ana", new)
    assert len(consents.own(cast.ana).signed) == 2


def test_two_tabs_that_sign_at_once_sign_once(app: Flask, cast: Cast) -> None:
    new = publish_and_open(cast)
    told = at_once(app, [lambda: consents.sign(cast.ana, PASSPHRASE, "Ana", new)] * 3)
    assert dict(told) == {"done": 3}
    assert len(consents.own(cast.ana).signed) == 2


def test_nobody_signs_with_somebody_elses_phone_in_hand(cast: Cast) -> None:
    """Under the open policy a signature lets private answers be raised: it takes the pass phrase, as leaving does."""
    new = publish_and_open(cast)
    for typed in ("", "not the right words"):
        with pytest.raises(Invalid, match="wrong_passphrase"):
            consents.sign(cast.ana, typed, "Ana", new)
    assert consents.own(cast.ana).is_owed


def test_whoever_reads_the_mailbox_signs_nothing_for_its_owner(cast: Cast, wall: Wall) -> None:
    new = publish_and_open(cast)
    db.session.execute(update(Person).where(Person.id == cast.ana.person_id).values(reset_at=wall.now))
    db.session.commit()
    with pytest.raises(Invalid, match="stays_sealed"):
        consents.sign(cast.ana, PASSPHRASE, "Ana", new)
    assert consents.own(cast.ana).is_owed


def test_nobody_signs_what_they_have_not_read(cast: Cast) -> None:
    publish_and_open(cast)
    with pytest.raises(Conflict, match="text_changed_meanwhile"):
        consents.sign(cast.ana, PASSPHRASE, "Ana", Terms(1, 1))
    assert consents.own(cast.ana).is_owed


@pytest.mark.parametrize(("name", "code"), [(" ", "signature_missing"), ("x" * 201, "too_long")])
def test_a_signature_is_a_name(cast: Cast, name: str, code: str) -> None:
    with pytest.raises(Invalid, match=code):
        consents.sign(cast.ana, PASSPHRASE, name, publish_and_open(cast))


@pytest.mark.parametrize("name", ["ines", "omar", "mira", "noor"])
def test_only_partners_sign(cast: Cast, name: str) -> None:
    for act in (consents.own, lambda viewer: consents.sign(viewer, PASSPHRASE, "Me", Terms(1, 1))):
        with pytest.raises(NotFound):
            act(cast.viewers[name])


def test_an_answer_keeps_the_policy_that_its_author_signed_last(cast: Cast, wall: Wall) -> None:
    first, second = assign(cast, "one-holds-the-floor"), assign(cast, "ten-clear-minutes")
    policies.change(cast.ines, Policy.OPEN, 1)
    for viewer in (cast.ana, cast.ben):
        send(viewer, task_of(viewer, first), {"done": "done"})
        assert policy_of(viewer) == ("discretion", 1)
    wall.forward(days=1)
    consents.sign(cast.ana, PASSPHRASE, "Ana", TWO)
    for viewer in (cast.ana, cast.ben):
        send(viewer, task_of(viewer, second), {"done": "done"}, key="second")
    assert policy_of(cast.ana) == ("open", 2)
    assert policy_of(cast.ben) == ("discretion", 1)


def test_under_open_nobody_who_signed_it_is_asked_for_a_topic_for_the_coach_alone(cast: Cast) -> None:
    task = {viewer: task_of(viewer, assign(cast, "topic-ladder")) for viewer in (cast.ana,)}[cast.ana]

    def asked() -> set[str]:
        return {item.id for item in responses.open_for(cast.ana, task).items}

    policies.change(cast.ines, Policy.OPEN, 1)
    assert "coach_only_topic" in asked()
    consents.sign(cast.ana, PASSPHRASE, "Ana", TWO)
    assert "coach_only_topic" not in asked()
    assert "stopped_afraid" in asked()


def test_what_was_sent_is_shown_by_the_policy_under_which_it_was(cast: Cast) -> None:
    task = task_of(cast.ana, assign(cast, "topic-ladder"))
    send(cast.ana, task, {"done": "done", "coach_only_topic": "money"})
    policies.change(cast.ines, Policy.OPEN, 1)
    consents.sign(cast.ana, PASSPHRASE, "Ana", TWO)
    found = responses.open_for(cast.ana, task)
    assert found.policy == "discretion"
    assert "coach_only_topic" in found.locked_ids


def test_the_coach_reads_under_which_policy_a_form_was_given(cast: Cast) -> None:
    assignment = assign(cast, "one-holds-the-floor")
    policies.change(cast.ines, Policy.CONFIDENTIAL, 1)
    send(cast.ana, task_of(cast.ana, assignment), {"done": "done"})
    response_id = db.session.scalars(select(Response.id).where(Response.person_id == cast.ana.person_id)).one()
    read = reviews.read(cast.ines, response_id)
    assert (read.policy, read.policy_version) == (Policy.DISCRETION, 1)


def test_the_coach_sees_who_of_the_couple_signed_what_and_a_colleague_sees_nothing(cast: Cast) -> None:
    new = publish_and_open(cast)
    consents.sign(cast.ben, PASSPHRASE, "Ben", new)
    ana, ben = couples.couple(cast.ines, cast.couples["ana"]).signed
    assert (ana.name, ana.is_owed, ana.last and ana.last.terms) == ("Ana", True, Terms(1, 1))
    assert (ben.name, ben.is_owed, ben.last and ben.last.terms) == ("Ben", False, new)
    for other in (cast.omar, cast.mira, cast.sol, cast.ben):
        with pytest.raises(NotFound):
            couples.couple(other, cast.couples["ana"])
    assert couples.couple(cast.ines, cast.couples["gil"]).signed == ()


def test_the_owner_sees_who_in_the_practice_has_not_signed(cast: Cast) -> None:
    assert consents.owing(cast.ines) == ()
    consents.sign(cast.ana, PASSPHRASE, "Ana", publish_and_open(cast))
    assert [one.name for one in consents.owing(cast.ines)] == ["Ben", "Cleo", "Dov"]
    assert consents.owing(cast.sol) == ()
    for other in (cast.omar, cast.mira, cast.ana):
        with pytest.raises(NotFound):
            consents.owing(other)


def test_a_policy_is_changed_by_the_owner_as_a_new_version(cast: Cast, wall: Wall) -> None:
    wall.forward(days=1)
    assert policies.change(cast.ines, Policy.CONFIDENTIAL, 1)
    assert not policies.change(cast.ines, Policy.CONFIDENTIAL, 2)
    row = db.session.scalars(select(Practice).where(Practice.id == cast.ines.practice_id)).one()
    assert (row.policy, row.policy_version, row.policy_since) == ("confidential", 2, clock.now())
    with pytest.raises(Conflict, match="policy_changed_meanwhile"):
        policies.change(cast.ines, Policy.OPEN, 1)


@pytest.mark.parametrize("name", ["omar", "mira", "noor", "ana"])
def test_nobody_else_changes_it(cast: Cast, name: str) -> None:
    with pytest.raises(NotFound):
        policies.change(cast.viewers[name], Policy.OPEN, 1)


def test_who_has_left_is_not_among_those_who_are_to_sign(cast: Cast) -> None:
    publish_and_open(cast)
    before = [one.name for one in consents.owing(cast.ines)]
    parting.leave(cast.ana, PASSPHRASE, "http://127.0.0.1:8000/coach/", hides=False)
    assert "Ana" in before
    assert [one.name for one in consents.owing(cast.ines)] == [name for name in before if name != "Ana"]


def test_the_coach_reads_that_a_signature_was_taken_back(cast: Cast, wall: Wall) -> None:
    parting.leave(cast.ana, PASSPHRASE, "http://127.0.0.1:8000/coach/", hides=False)
    ana, ben = couples.couple(cast.ines, cast.couples["ana"]).signed
    assert ana.last
    assert ben.last
    assert (ana.last.withdrawn_at, ben.last.withdrawn_at) == (wall.now, None)
