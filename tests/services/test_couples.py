"""Coming in: one door a person, one use a link, whatever comes at the same instant."""

from threading import Barrier, Thread

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal.domain.errors import Invalid
from portal.domain.people import CoupleState, PersonState, TokenPurpose
from portal.extensions import db
from portal.models.audit import AuditEvent
from portal.models.consents import Consent
from portal.models.couples import Couple
from portal.models.users import Person, SignIn, Token
from portal.services import accounts, couples, outbox
from portal.services.couples import NewPartner
from tests.cast import PASSPHRASE, Cast

LINK = "http://127.0.0.1:8000/invitations/{token}"


@pytest.fixture
def token(cast: Cast) -> str:
    couples.invite_again(cast.ines, cast.couples["gil"], cast.gil.person_id, LINK)
    links = [mail.words["link"] for mail in outbox.due() if mail.address == "gil@home.example"]
    return next(link.rsplit("/", 1)[1] for link in links if is_usable(link.rsplit("/", 1)[1]))


def is_usable(token: str) -> bool:
    try:
        accounts.usable_token(token, TokenPurpose.INVITATION)
    except Invalid:
        return False
    return True


def code(cast: Cast) -> str:
    shown = couples.couple(cast.ines, cast.couples["gil"])
    return next(partner.code or "" for partner in shown.partners if partner.name == "Gil")


def states() -> dict[str, str]:
    db.session.rollback()
    return {name: state for name, state in db.session.execute(select(Person.display_name, Person.state))}


def test_coming_in_leaves_a_consent_a_door_and_a_record_and_no_more(cast: Cast, token: str) -> None:
    couples.accept_invitation(token, code(cast), PASSPHRASE)
    (consent,) = db.session.scalars(select(Consent).where(Consent.person_id == cast.gil.person_id))
    assert (consent.policy, consent.policy_version) == ("discretion", 1)
    assert db.session.scalar(select(func.count()).where(SignIn.person_id == cast.gil.person_id)) == 1
    record = select(AuditEvent.event).where(AuditEvent.actor_id == cast.gil.person_id)
    assert db.session.scalars(record).all() == ["invitation:accepted"]
    assert states()["Hana"] == PersonState.INVITED


def test_the_work_begins_when_the_first_of_two_comes_in(cast: Cast, token: str) -> None:
    def state() -> str | None:
        return db.session.scalar(select(Couple.state).where(Couple.id == cast.couples["gil"]))

    assert state() == CoupleState.INVITED
    couples.accept_invitation(token, code(cast), PASSPHRASE)
    assert state() == CoupleState.ACTIVE


def test_of_two_who_come_by_one_link_at_once_one_comes_in(app: Flask, cast: Cast, token: str) -> None:
    spoken, begin, answers = code(cast), Barrier(2), []
    db.session.rollback()

    def come(words: str) -> None:
        with app.app_context():
            begin.wait()
            try:
                couples.accept_invitation(token, spoken, words)
                answers.append(words)
            except Invalid as refusal:
                answers.append(refusal.code)
            finally:
                db.session.remove()

    threads = [Thread(target=come, args=(words,)) for words in ("orange ladder quiet", "harbour seven lanes")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(answer == "link_used" for answer in answers) == [False, True]
    (winner,) = [answer for answer in answers if answer != "link_used"]
    assert accounts.sign_in("gil@home.example", winner, None)


def test_wrong_codes_at_once_are_all_counted(app: Flask, cast: Cast, token: str) -> None:
    db.session.rollback()

    def guess() -> None:
        with app.app_context():
            for _ in range(3):
                with pytest.raises(Invalid):
                    couples.check_code(token, "no code")
            db.session.remove()

    threads = [Thread(target=guess) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    db.session.rollback()
    row = select(Token.attempts).where(Token.token_hash == accounts.hash_of(token))
    assert db.session.scalar(row) == 9


@pytest.mark.parametrize("spaced", ["{}{}", " {} {} ", "{}\t{}\n"])
def test_a_code_fits_however_its_digits_are_spaced(cast: Cast, token: str, spaced: str) -> None:
    spoken = code(cast)
    couples.check_code(token, spaced.format(spoken[:3], spoken[3:]))


def test_the_database_holds_neither_the_link_nor_the_code(cast: Cast, token: str) -> None:
    row = accounts.usable_token(token, TokenPurpose.INVITATION)
    kept = row.token_hash + (row.code_hash or b"") + (row.code_sealed or b"")
    assert token.encode() not in kept
    assert code(cast).encode() not in kept
    waiting = select(outbox.OutboxEntry.payload).where(outbox.OutboxEntry.person_id == cast.gil.person_id)
    payloads = db.session.scalars(waiting).all()
    assert payloads
    assert [payload for payload in payloads if payload is None or token.encode() in payload] == []


def test_an_address_that_opens_another_door_is_refused_and_the_link_still_opens(cast: Cast) -> None:
    new = NewPartner("Gil", "ANA@home.example"), NewPartner("Hana", "hana2@home.example")
    couples.invite_couple(cast.ines, *new, LINK)
    mail = next(mail for mail in outbox.due() if mail.address == "ANA@home.example")
    token = mail.words["link"].rsplit("/", 1)[1]
    row = accounts.usable_token(token, TokenPurpose.INVITATION)
    spoken = accounts.vault.unseal(row.person_id, "tokens.code_sealed", row.id, row.code_sealed or b"")
    with pytest.raises(Invalid, match="address_opens_another_door"):
        couples.accept_invitation(token, spoken, PASSPHRASE)
    db.session.rollback()
    assert is_usable(token)
    assert accounts.sign_in("ana@home.example", PASSPHRASE, None)
