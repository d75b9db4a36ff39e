"""Couples: invited by their coach, each partner through a door of their own."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from portal import clock, randomness
from portal.domain.accounts import check_address, check_passphrase, same_address
from portal.domain.consent import CONSENT_TEXT_VERSION
from portal.domain.errors import Invalid, NotFound
from portal.domain.people import CoupleState, Label, PersonState, Role, TokenPurpose, Viewer
from portal.domain.programme import STEPS
from portal.extensions import begin_write, db
from portal.models.consents import Consent
from portal.models.couples import Caseload, Couple, Partnership
from portal.models.practices import Practice
from portal.models.users import Person, Token
from portal.services import accounts, audit, outbox, scope, vault
from portal.services.practices import add_sign_in, new_person
from portal.services.programme import StepInProgramme, steps_of

FOR_DOORS = scope.couples_to_arrange
INVITATION_LASTS = timedelta(days=14)
MOST_WRONG_CODES = 10


@dataclass(frozen=True, slots=True)
class NewPartner:
    """A partner who is to be invited: the name that is shown, and an address of their own."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Door:
    """What somebody sees who opens an invitation: who invites, and what is agreed to."""

    name: str
    coach_name: str
    practice_name: str
    policy: str
    policy_version: int
    reading_hours: str


@dataclass(frozen=True, slots=True)
class PartnerShown:
    """One partner, as their coach sees them. `code` is what is to be handed over, and None once they have come in.

    `needs_vouching`: the pass phrase was reset by a mail, and the coach has not said since that this was them.
    """

    person_id: UUID
    label: Label
    name: str
    state: PersonState
    code: str | None
    invited_until: datetime | None
    needs_vouching: bool

    @property
    def has_come_in(self) -> bool:
        return self.state is not PersonState.INVITED


@dataclass(frozen=True, slots=True)
class CoupleShown:
    """A couple, as its coach sees it; `step` is the slug of one of `steps`, or of one that was retired since."""

    couple_id: UUID
    names: str
    state: CoupleState
    step: str
    created_at: datetime
    partners: tuple[PartnerShown, ...]
    steps: tuple[StepInProgramme, ...]
    coach_id: UUID

    @property
    def step_number(self) -> int | None:
        """Its place in the practice's order, from 1; None for a retired step."""
        return next((number for number, step in enumerate(self.steps, 1) if step.slug == self.step), None)

    @property
    def step_title(self) -> str:
        return next((step.title for step in self.steps if step.slug == self.step), self.step)


def couple(viewer: Viewer, couple_id: UUID, reach: scope.Reach = scope.couples_to_read) -> CoupleShown:
    """One couple within reach with both partners, A first. Raises NotFound."""
    is_open = Token.used_at.is_(None) & Token.revoked_at.is_(None) & (Token.expires_at > clock.now())
    rows = db.session.execute(
        reach(viewer)
        .where(Couple.id == couple_id)
        .join(Partnership, Partnership.couple_id == Couple.id)
        .join(Person, Person.id == Partnership.person_id)
        .outerjoin(Token, (Token.person_id == Person.id) & (Token.purpose == TokenPurpose.INVITATION) & is_open)
        .add_columns(Partnership.label, Person, Token)
        .order_by(Partnership.label)
    ).all()
    if not rows:
        raise NotFound
    row = rows[0].Couple
    vault.load_keys([row.id, *(partner.Person.id for partner in rows)])
    state, steps = CoupleState(row.state), steps_of(viewer)
    partners = tuple(_partner(partner.Person, Label(partner.label), partner.Token) for partner in rows)
    return CoupleShown(row.id, row.names, state, row.step, row.created_at, partners, steps, row.coach_id)


def _partner(person: Person, label: Label, token: Token | None) -> PartnerShown:
    waits = person.state == PersonState.INVITED and token is not None
    sealed = token.code_sealed if waits and token else None
    vouched = person.vouched_at is not None and person.reset_at is not None and person.vouched_at >= person.reset_at
    return PartnerShown(
        person.id,
        label,
        person.display_name,
        PersonState(person.state),
        vault.unseal_or_none(person.id, "tokens.code_sealed", token.id, sealed) if token else None,
        token.expires_at if waits and token else None,
        person.reset_at is not None and not vouched,
    )


def partner_to_invite(shown: CoupleShown, person_id: UUID) -> PartnerShown:
    """The partner of a couple whose code is still to be handed over; raises NotFound."""
    for partner in shown.partners:
        if partner.person_id == person_id and partner.code is not None:
            return partner
    raise NotFound


def set_step(viewer: Viewer, couple_id: UUID, step: str) -> None:
    """Say at which step of the programme a couple is. Raises Invalid for a step that the practice does not have."""
    begin_write()
    row = scope.couple(viewer, couple_id, scope.couples_to_act_for)
    if step not in {known.slug for known in steps_of(viewer)}:
        raise Invalid("step_unknown")
    row.step = step
    audit.record(viewer, "couple:step_set", row.id)
    db.session.commit()


def vouch(viewer: Viewer, couple_id: UUID, person_id: UUID) -> None:
    """Say that a partner whose pass phrase was reset by a mail is who they say: what they sent opens for them again."""
    begin_write()
    person = scope.partner_of_couple(viewer, couple_id, person_id, scope.couples_to_act_for)
    if person.reset_at is not None:
        person.vouched_at = clock.now()
        audit.record(viewer, "person:vouched_for", person.id)
    db.session.commit()


def invite_couple(viewer: Viewer, a: NewPartner, b: NewPartner, link: str, coach_id: UUID | None = None) -> UUID:
    """Invite two partners, each by a mail of their own; gives the couple's id. `link` holds `{token}`.

    `coach_id` is whose couple it will be, where an assistant invites. Raises NotFound, and Invalid for an address that
    no mail reaches, and for one address for both.
    """
    if same_address(check_address(a.address)) == same_address(check_address(b.address)):
        raise Invalid("one_address_for_both")
    begin_write()
    practice = scope.own_practice(viewer)
    coach = _coach_to_be(viewer, coach_id)
    couple = _new_couple(practice, coach.id, f"{a.name} & {b.name}")
    for label, new in ((Label.A, a), (Label.B, b)):
        person = new_person(practice, new.name, new.address, Role.PARTNER)
        db.session.add(
            Partnership(
                practice_id=practice.id, couple_id=couple.id, label=label, person_id=person.id, joined_at=clock.now()
            )
        )
        send_invitation(coach, person, link)
    audit.record(viewer, "couple:invited", couple.id)
    db.session.commit()
    return couple.id


def _new_couple(practice: Practice, coach_id: UUID, names: str) -> Couple:
    couple = Couple(
        id=randomness.new_id(),
        practice_id=practice.id,
        coach_id=coach_id,
        state=CoupleState.INVITED,
        step=STEPS[0],
        names=names,
        created_at=clock.now(),
    )
    db.session.add(couple)
    vault.create_key(couple.id, practice.id, "couple")
    db.session.flush()
    db.session.add(Caseload(couple_id=couple.id, practice_id=practice.id, unread=0))
    return couple


def _coach_to_be(viewer: Viewer, coach_id: UUID | None) -> Person:
    """Whose couple it will be: a coach's own; an assistant names an active coach of the practice."""
    if viewer.role.is_coach:
        return scope.own_person(viewer)
    if viewer.role is not Role.ASSISTANT or coach_id is None:
        raise NotFound
    return scope.active_coach(viewer, coach_id)


def send_invitation(coach: Person, person: Person, link: str) -> None:
    """Send somebody a link with a code of their own, in their coach's name; the ones before end. The caller commits."""
    code = randomness.new_code()
    token = accounts.issue_token(person, TokenPurpose.INVITATION, INVITATION_LASTS, code)
    words = {"link": link.replace("{token}", token), "coach": coach.display_name, "name": person.display_name}
    outbox.enqueue(person, "invitation", f"invitation:{accounts.hash_of(token).hex()}", words)


def invite_again(viewer: Viewer, couple_id: UUID, person_id: UUID, link: str) -> None:
    """Send a partner who has not come in yet a new link with a new code; the old ones end."""
    begin_write()
    couple = scope.couple(viewer, couple_id, scope.couples_to_arrange)
    person = scope.partner_of_couple(viewer, couple_id, person_id, scope.couples_to_arrange)
    if person.state == PersonState.INVITED and couple.state != CoupleState.CLOSED:
        send_invitation(scope.member(viewer, couple.coach_id), person, link)
        audit.record(viewer, "invitation:sent_again", person.id)
    db.session.commit()


def open_invitation(token: str) -> Door:
    """What the holder of an invitation reads before accepting; changes nothing. Raises Invalid."""
    row = accounts.usable_token(token, TokenPurpose.INVITATION)
    statement = (
        select(Person, Practice, Couple.coach_id)
        .join(Practice, Practice.id == Person.practice_id)
        .join(Partnership, Partnership.person_id == Person.id)
        .join(Couple, Couple.id == Partnership.couple_id)
        .where(Person.id == row.person_id)
    )
    person, practice, coach_id = db.session.execute(statement).one()
    coach_name = db.session.scalar(select(Person.display_name).where(Person.id == coach_id))
    return Door(
        person.display_name,
        str(coach_name),
        practice.name,
        practice.policy,
        practice.policy_version,
        practice.reading_hours,
    )


def check_code(token: str, code: str) -> None:
    """Check the spoken code and count a wrong one; raises Invalid."""
    begin_write()
    row = accounts.usable_token(token, TokenPurpose.INVITATION, is_used_now=True)
    is_right = row.attempts < MOST_WRONG_CODES and accounts.same_code(row, code)
    refusal = None if is_right else "code_attempts" if row.attempts >= MOST_WRONG_CODES else "code_wrong"
    row.attempts += 0 if is_right else 1
    if refusal:
        audit.record_before_sign_in(row.practice_id, None, "invitation:code_refused", row.person_id)
    db.session.commit()
    if refusal:
        raise Invalid(refusal)


def accept_invitation(token: str, code: str, passphrase: str) -> None:
    """Come in through one's own door: code, consent and a pass phrase, alone. Raises Invalid."""
    check_code(token, code)
    hashed = accounts.hash_passphrase(passphrase)  # before the lock: it takes its time on purpose
    begin_write()
    row = accounts.usable_token(token, TokenPurpose.INVITATION, is_used_now=True)
    person, practice, couple = db.session.execute(
        select(Person, Practice, Couple)
        .join(Practice, Practice.id == Person.practice_id)
        .join(Partnership, Partnership.person_id == Person.id)
        .join(Couple, Couple.id == Partnership.couple_id)
        .where(Person.id == row.person_id)
    ).one()
    check_passphrase(passphrase, names=(person.display_name, practice.name))
    _let_in(person, practice, hashed)
    row.used_at = clock.now()
    if couple.state == CoupleState.INVITED:
        couple.state = CoupleState.ACTIVE
    audit.record_before_sign_in(practice.id, person.id, "invitation:accepted", person.id)
    db.session.commit()


def _let_in(person: Person, practice: Practice, hashed: str) -> None:
    address = vault.unseal(person.id, "people.address", person.id, person.address)
    add_sign_in(person, address)
    person.password_hash = hashed
    person.state = PersonState.ACTIVE
    db.session.add(
        Consent(
            id=randomness.new_id(),
            practice_id=practice.id,
            person_id=person.id,
            text_version=CONSENT_TEXT_VERSION,
            policy=practice.policy,
            policy_version=practice.policy_version,
            given_at=clock.now(),
        )
    )
