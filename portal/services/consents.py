"""Signatures: what each partner read and signed, alone; what holds for whom; and who has signed what, for the coach."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Label, Row, ScalarSelect, Select, SQLColumnExpression, func, select
from sqlalchemy.orm import aliased

from portal import clock, randomness
from portal.domain.accounts import stays_sealed
from portal.domain.consent import Policy, RoleDuties, Terms, check_signature
from portal.domain.errors import Conflict, Invalid
from portal.domain.people import ENDED, PersonState, Viewer
from portal.domain.roles import check_owner
from portal.domain.texts import TextKind
from portal.extensions import begin_write, db
from portal.models.consents import Consent, PracticeText
from portal.models.couples import Couple, Partnership
from portal.models.practices import Practice
from portal.models.users import Person
from portal.services import accounts, audit, scope, texts, vault

SIGNATURE = "consents.signature"
MOST_OWING = 100


@dataclass(frozen=True, slots=True)
class Signed:
    """One signature: when, what was signed with it, and when it was taken back, or given anew."""

    given_at: datetime
    terms: Terms
    policy: Policy
    withdrawn_at: datetime | None


@dataclass(frozen=True, slots=True)
class OwnConsent:
    """The text and the policy in force, one's own signatures (the last first), and the text that was signed last.

    `signed_body` is None where that text is not kept: it was no more than the words at the door.
    """

    terms: Terms
    policy: Policy
    body: str
    duties: RoleDuties
    published_at: datetime | None
    signed: tuple[Signed, ...]
    signed_body: str | None
    signed_duties: RoleDuties | None

    @property
    def last(self) -> Signed | None:
        return self.signed[0] if self.signed else None

    @property
    def is_owed(self) -> bool:
        """Whether something is in force that one has not signed."""
        return self.last is None or self.last.terms != self.terms


@dataclass(frozen=True, slots=True)
class PartnerSigned:
    """What one partner signed last; `is_owed` where something newer is in force."""

    name: str
    last: Signed | None
    is_owed: bool


def last_of(person_id: SQLColumnExpression[UUID]) -> ScalarSelect[UUID]:
    """The id of the signature that holds for the person of a row: the last one."""
    signed = aliased(Consent)
    newest = (signed.given_at.desc(), signed.policy_version.desc(), signed.text_version.desc())
    mine = select(signed.id).where(signed.person_id == person_id).order_by(*newest).limit(1)
    return mine.correlate_except(signed).scalar_subquery()


def given_under() -> tuple[Label[str], Label[int]]:
    """Policy and version under which an answer is given: what its author signed last, else what is in force.

    For a statement with the practice and, by `last_of`, perhaps a signature in it.
    """
    return (
        func.coalesce(Consent.policy, Practice.policy).label("policy"),
        func.coalesce(Consent.policy_version, Practice.policy_version).label("policy_version"),
    )


def own(viewer: Viewer) -> OwnConsent:
    """What a partner signs and has signed; raises NotFound for everybody else."""
    scope.couple_id_of_partner(viewer)
    practice = scope.own_practice(viewer)
    text = texts.known(practice.id, practice.texts_at)[TextKind.CONSENT]
    signed = _signed(viewer)
    before = _text_signed(viewer, signed[0].terms.text_version) if signed else None
    return OwnConsent(
        Terms(text.version, practice.policy_version),
        Policy(practice.policy),
        text.body,
        text.duties or RoleDuties(),
        text.published_at,
        signed,
        before.body if before else None,
        before.duties if before else None,
    )


def _signed(viewer: Viewer) -> tuple[Signed, ...]:
    own_rows = (Consent.practice_id == viewer.practice_id, Consent.person_id == viewer.person_id)
    newest = (Consent.given_at.desc(), Consent.policy_version.desc(), Consent.text_version.desc())
    return tuple(_as_signed(row) for row in db.session.scalars(select(Consent).where(*own_rows).order_by(*newest)))


def _as_signed(row: Consent) -> Signed:
    return Signed(row.given_at, Terms(row.text_version, row.policy_version), Policy(row.policy), row.withdrawn_at)


def _text_signed(viewer: Viewer, number: int) -> texts.InForce | None:
    wanted = (PracticeText.kind == TextKind.CONSENT, PracticeText.version == number)
    row = db.session.scalars(
        select(PracticeText).where(PracticeText.practice_id == viewer.practice_id, *wanted)
    ).one_or_none()
    return texts.as_in_force(row) if row else None


def sign(viewer: Viewer, passphrase: str, typed: str, read: Terms) -> None:
    """Sign what is in force, alone, with one's name; what was signed already stays as it is.

    `read` is what stood on the page: Conflict "text_changed_meanwhile" where something else is in force by now. Raises
    Invalid for a missing name, a wrong pass phrase, and one that came by mail and that the coach has not vouched for.
    """
    name = check_signature(typed)
    scope.couple_id_of_partner(viewer)
    accounts.check_own_passphrase(viewer, passphrase)
    begin_write()
    person = scope.own_person(viewer, is_held=True)  # of two tabs that sign at once, one waits
    if stays_sealed(person.reset_at, person.vouched_at):
        raise Invalid("stays_sealed")
    practice = scope.own_practice(viewer)
    terms = in_force(practice)
    if read != terms:
        raise Conflict("text_changed_meanwhile")
    if not any(signed.terms == terms for signed in _signed(viewer)):
        add(person, practice, name)
        audit.record(viewer, "consent:signed", person.id)
    db.session.commit()


def in_force(practice: Practice) -> Terms:
    """The versions that are signed now."""
    return Terms(texts.known(practice.id, practice.texts_at)[TextKind.CONSENT].version, practice.policy_version)


def add(person: Person, practice: Practice, name: str) -> None:
    """Keep that somebody signs what is in force now. The caller commits."""
    consent_id = randomness.new_id()
    db.session.add(
        Consent(
            id=consent_id,
            practice_id=practice.id,
            person_id=person.id,
            text_version=in_force(practice).text_version,
            policy=practice.policy,
            policy_version=practice.policy_version,
            language=person.locale,
            signature=vault.seal(person.id, SIGNATURE, consent_id, name) if name else None,
            given_at=clock.now(),
        )
    )


def beside() -> tuple[Any, ...]:
    """Columns for a statement with Practice and, by `last_of`, Consent: the last signature, and what is in force."""
    return Consent, Practice.policy_version, _newest_text().label("text_version")


def owing(viewer: Viewer) -> tuple[PartnerSigned, ...]:
    """The partners at work with the practice who have not signed what is in force, by name; for the owner."""
    check_owner(viewer)
    rows = _last_signed(viewer).where(
        Couple.state.not_in(ENDED),
        Consent.id.is_(None)
        | (Consent.policy_version != Practice.policy_version)
        | (Consent.text_version != _newest_text()),
    )
    found = db.session.execute(rows.order_by(Person.display_name, Person.id).limit(MOST_OWING))
    return tuple(as_partner(row.display_name, row) for row in found)


def _newest_text() -> ScalarSelect[int]:
    text = aliased(PracticeText)
    own_texts = (text.practice_id == Practice.id, text.kind == TextKind.CONSENT)
    newest = select(text.version).where(*own_texts).order_by(text.version.desc()).limit(1)
    return newest.correlate(Practice).scalar_subquery()


def _last_signed(viewer: Viewer) -> Select[*tuple[Any, ...]]:
    """Those who came in, each with the last signature, beside what is in force."""
    return (
        select(Person.display_name, *beside())
        .join(Partnership, Partnership.person_id == Person.id)
        .join(Couple, Couple.id == Partnership.couple_id)
        .join(Practice, Practice.id == Person.practice_id)
        .outerjoin(Consent, Consent.id == last_of(Person.id))
        .where(
            Person.practice_id == viewer.practice_id,
            Person.state == PersonState.ACTIVE,
            Partnership.ended_at.is_(None),
            Partnership.withdrawn_at.is_(None),  # who has left is asked for nothing
        )
    )


def as_partner(name: str, row: Row[Any]) -> PartnerSigned:
    """What somebody signed, by a row with the columns of `beside`."""
    last = _as_signed(row.Consent) if row.Consent else None
    return PartnerSigned(name, last, last is None or last.terms != Terms(row.text_version, row.policy_version))
