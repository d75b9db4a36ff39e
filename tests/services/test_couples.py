"""Coming in: one door a person, one use a link, whatever comes at the same instant."""

import os
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
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
from portal.services import accounts, couples, invitations, open_invitations, outbox, resets
from portal.services.couples import NewPartner
from tests.cast import PASSPHRASE, Cast

LINK = "http://127.0.0.1:8000/invitations/{token}"


@pytest.fixture
def token(cast: Cast) -> str:
    invitations.invite_again(cast.ines, cast.couples["gil"], cast.gil.person_id, LINK)
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
    invitations.accept_invitation(token, code(cast), PASSPHRASE)
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
    invitations.accept_invitation(token, code(cast), PASSPHRASE)
    assert state() == CoupleState.ACTIVE


def test_who_has_come_in_does_not_come_in_again_by_a_link_that_was_sent_meanwhile(cast: Cast, token: str) -> None:
    invitations.accept_invitation(token, code(cast), PASSPHRASE)
    gil = db.session.scalars(select(Person).where(Person.id == cast.gil.person_id)).one()
    late = accounts.issue_token(gil, TokenPurpose.INVITATION, invitations.INVITATION_LASTS, "123456")
    db.session.commit()
    for come in (
        lambda: invitations.open_invitation(late),
        lambda: invitations.accept_invitation(late, "123456", "quite another one of mine"),
    ):
        with pytest.raises(Invalid) as refused:
            come()
        assert refused.value.code == "link_used"
        db.session.rollback()
    assert accounts.sign_in("gil@home.example", PASSPHRASE, None)


@pytest.mark.skipif(os.environ.get("PORTAL_TEST_DATABASE") != "postgresql", reason="SQLite lets one in at a time")
def test_sending_it_again_while_they_come_in_leaves_no_link_that_opens(
    app: Flask, cast: Cast, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoken, told, revoke = code(cast), [], accounts.revoke_tokens

    def come_in_first(person: Person, purpose: TokenPurpose) -> None:
        monkeypatch.setattr(accounts, "revoke_tokens", revoke)
        told.append(in_a_thread(app, lambda: invitations.accept_invitation(token, spoken, PASSPHRASE)))
        revoke(person, purpose)

    monkeypatch.setattr(accounts, "revoke_tokens", come_in_first)
    invitations.invite_again(cast.ines, cast.couples["gil"], cast.gil.person_id, LINK)
    assert told == [{"done": 1}]
    opens = select(Token.id).where(Token.person_id == cast.gil.person_id, Token.purpose == TokenPurpose.INVITATION)
    assert db.session.scalars(opens.where(Token.used_at.is_(None), Token.revoked_at.is_(None))).all() == []
    assert states()["Gil"] == PersonState.ACTIVE


def in_a_thread(app: Flask, work: Callable[[], object]) -> Counter[str]:
    """Work of somebody else, while this test's own transaction stands still; what they were told."""
    told: list[Counter[str]] = []

    def run() -> None:
        with app.app_context():
            told.append(Counter(["done"]) if work() is None else Counter())
            db.session.remove()

    thread = Thread(target=run)
    thread.start()
    thread.join(30)
    return told[0]


def test_of_two_who_come_by_one_link_at_once_one_comes_in(app: Flask, cast: Cast, token: str) -> None:
    spoken, begin, answers = code(cast), Barrier(2), []
    db.session.rollback()

    def come(words: str) -> None:
        with app.app_context():
            begin.wait()
            try:
                invitations.accept_invitation(token, spoken, words)
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
                    invitations.check_code(token, "no code")
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
    invitations.check_code(token, spaced.format(spoken[:3], spoken[3:]))


def test_the_database_holds_neither_the_link_nor_the_code(cast: Cast, token: str) -> None:
    row = accounts.usable_token(token, TokenPurpose.INVITATION)
    kept = row.token_hash + (row.code_hash or b"") + (row.code_sealed or b"")
    assert token.encode() not in kept
    assert code(cast).encode() not in kept
    waiting = select(outbox.OutboxEntry.payload).where(outbox.OutboxEntry.person_id == cast.gil.person_id)
    payloads = db.session.scalars(waiting).all()
    assert payloads
    assert [payload for payload in payloads if payload is None or token.encode() in payload] == []


def test_an_address_that_opens_another_door_looks_new_and_comes_in_by_a_user_name(cast: Cast) -> None:
    token, spoken = invited(cast, NewPartner("Gil", "ANA@home.example"), NewPartner("Hana", "hana2@home.example"))
    assert invitations.open_invitation(token).user_name
    with pytest.raises(Invalid, match="not_a_user_name"):
        invitations.accept_invitation(token, spoken, PASSPHRASE)
    db.session.rollback()
    assert is_usable(token)
    invitations.accept_invitation(token, spoken, PASSPHRASE, "quiet-otter")
    assert accounts.sign_in("Quiet-Otter ", PASSPHRASE, None)
    assert accounts.sign_in("ana@home.example", PASSPHRASE, None)


@pytest.mark.parametrize("address", ["ana@home.example", "nobody-yet@home.example"])
def test_a_coach_does_not_learn_that_an_address_opens_a_door_elsewhere(cast: Cast, address: str) -> None:
    token, spoken = invited(cast, NewPartner("Nia", address), NewPartner("Bo", "bo@home.example"))
    invitations.accept_invitation(token, spoken, PASSPHRASE, "larch-otterhound")
    couple_id = db.session.scalars(select(Couple.id).where(Couple.names == "Nia & Bo")).one()
    nia, bo = couples.couple(cast.ines, couple_id).partners
    assert nia.has_come_in
    assert (nia.user_name, bo.user_name) == (None, None)


def invited(cast: Cast, *new: NewPartner, **how: bool) -> tuple[str, str]:
    """Invite a couple; gives the link's token and the code of the first."""
    couples.invite_couple(cast.ines, new[0], new[1], LINK, **how)
    mail = next(mail for mail in outbox.due() if mail.address == new[0].address and mail.words["name"] == new[0].name)
    token = mail.words["link"].rsplit("/", 1)[1]
    row = accounts.usable_token(token, TokenPurpose.INVITATION)
    return token, accounts.vault.unseal(row.person_id, "tokens.code_sealed", row.id, row.code_sealed or b"")


ONE_MAILBOX = (
    NewPartner("Kai", "home@home.example", "amber-otter"),
    NewPartner("Lou", "HOME@home.example", "quiet-wren"),
)


def test_one_address_for_both_is_taken_only_where_both_want_it_so(cast: Cast) -> None:
    with pytest.raises(Invalid, match="one_address_for_both"):
        couples.invite_couple(cast.ines, *ONE_MAILBOX, LINK)
    alike = replace(ONE_MAILBOX[1], user_name="AMBER-otter")
    with pytest.raises(Invalid, match="user_names_alike"):
        couples.invite_couple(cast.ines, ONE_MAILBOX[0], alike, LINK, shares_mailbox=True)
    with pytest.raises(Invalid, match="not_a_user_name"):
        couples.invite_couple(cast.ines, replace(ONE_MAILBOX[0], user_name="a@b"), alike, LINK, shares_mailbox=True)


def test_who_shares_a_mailbox_comes_in_by_the_user_name_alone(cast: Cast) -> None:
    token, spoken = invited(cast, *ONE_MAILBOX, shares_mailbox=True)
    assert invitations.open_invitation(token).user_name == "amber-otter"
    invitations.accept_invitation(token, spoken, PASSPHRASE, "amber-otter")
    assert accounts.sign_in("amber-otter", PASSPHRASE, None)
    assert accounts.sign_in("home@home.example", PASSPHRASE, None) is None
    resets.ask_for_reset("home@home.example", "/reset/{token}")
    resets.ask_for_reset("amber-otter", "/reset/{token}")
    assert resets.answer_requests() == 2
    [mail] = [mail for mail in outbox.due() if mail.message == "reset"]
    assert mail.address == "home@home.example"
    assert list(mail.words) == ["link"]  # it names nobody


def test_a_user_name_that_is_taken_is_refused_at_the_door(cast: Cast) -> None:
    first = invited(cast, *ONE_MAILBOX, shares_mailbox=True)
    invitations.accept_invitation(*first, PASSPHRASE, "amber-otter")
    others = NewPartner("Mia", "our@home.example", "Amber-Otter"), NewPartner("Nil", "our@home.example", "old-larch")
    second = invited(cast, *others, shares_mailbox=True)  # the coach learns nothing of it
    with pytest.raises(Invalid, match="user_name_taken"):
        invitations.accept_invitation(*second, PASSPHRASE, "Amber-Otter")
    db.session.rollback()
    invitations.accept_invitation(*second, PASSPHRASE, "late-larch")


def test_who_gets_a_mailbox_of_their_own_needs_no_user_name_any_more(cast: Cast) -> None:
    invited(cast, *ONE_MAILBOX, shares_mailbox=True)
    couple_id = db.session.scalars(select(Couple.id).where(Couple.names == "Kai & Lou")).one()
    shown = couples.couple(cast.ines, couple_id).partners
    assert [partner.user_name for partner in shown] == ["amber-otter", "quiet-wren"]
    open_invitations.change_address(cast.ines, couple_id, shown[0].person_id, "kai@home.example", LINK)
    assert [partner.user_name for partner in couples.couple(cast.ines, couple_id).partners] == [None, None]
    tokens = [mail.words["link"].rsplit("/", 1)[1] for mail in outbox.due() if mail.address == "kai@home.example"]
    assert [invitations.open_invitation(token).user_name for token in tokens if is_usable(token)] == [None]


def test_of_twenty_who_use_one_invitation_at_once_one_comes_in(app: Flask, cast: Cast) -> None:
    token, spoken = invited(cast, NewPartner("Kai", "kai@home.example"), NewPartner("Lou", "lou@home.example"))
    db.session.remove()

    def accept(number: int) -> str:
        with app.app_context():
            try:
                invitations.accept_invitation(token, spoken, f"{PASSPHRASE} {number}")
            except Invalid as refusal:
                return refusal.code
            finally:
                db.session.remove()
            return "in"

    with ThreadPoolExecutor(20) as pool:
        assert Counter(pool.map(accept, range(20))) == {"in": 1, "link_used": 19}
    ways_in = select(SignIn).join(Person, Person.id == SignIn.person_id).where(Person.display_name == "Kai")
    assert len(db.session.scalars(ways_in).all()) == 1
