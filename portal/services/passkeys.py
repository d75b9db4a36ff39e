"""Passkeys: keys that a phone or a computer keeps, as the second factor; here stand their public halves alone."""

from dataclasses import dataclass
from uuid import UUID

import webauthn
from sqlalchemy import delete, select, update
from webauthn.authentication.verify_authentication_response import VerifiedAuthentication
from webauthn.helpers import parse_authentication_credential_json
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)
from webauthn.registration.verify_registration_response import VerifiedRegistration

from portal import clock, randomness
from portal.domain.errors import Invalid, NotFound
from portal.domain.people import Viewer
from portal.domain.second_factors import CHALLENGE_LASTS, LONGEST_NAME, MOST_PASSKEYS
from portal.extensions import begin_write, db
from portal.models.second_factors import Passkey
from portal.models.users import WebSession
from portal.services import audit, second_factors, vault, web_sessions
from portal.services.accounts import hash_of
from portal.services.second_factors import NAME, Changed, of

CHALLENGE_BYTES = 32


@dataclass(frozen=True, slots=True)
class Site:
    """The site that keys are bound to: its host, its origin (scheme, host and port), and its neutral name."""

    host: str
    origin: str
    name: str


def registration_options(viewer: Viewer, token: str, site: Site) -> str:
    """What the browser needs to make a key, as JSON; its challenge is good once, for five minutes.

    Raises StandsStill.
    """
    second_factors.check_may_change(viewer)
    challenge = _new_challenge(viewer, token)
    wanted = AuthenticatorSelectionCriteria(
        resident_key=ResidentKeyRequirement.DISCOURAGED, user_verification=UserVerificationRequirement.PREFERRED
    )
    options = webauthn.generate_registration_options(
        rp_id=site.host,
        rp_name=site.name,
        user_id=viewer.person_id.bytes,
        user_name=site.name,  # it may show on a screen that others see: no name of a person
        challenge=challenge,
        authenticator_selection=wanted,
        exclude_credentials=_known(viewer),
    )
    return webauthn.options_to_json(options)


def request_options(viewer: Viewer, token: str, site: Site, *, is_alone: bool = False) -> str:
    """What the browser needs to use one of the viewer's keys, as JSON; raises NotFound where there is none.

    A key that `is_alone`, with no pass phrase before it, must ask who holds it.
    """
    known = _known(viewer)
    if not known:
        raise NotFound
    options = webauthn.generate_authentication_options(
        rp_id=site.host,
        challenge=_new_challenge(viewer, token),
        allow_credentials=known,
        user_verification=UserVerificationRequirement.REQUIRED if is_alone else UserVerificationRequirement.PREFERRED,
    )
    return webauthn.options_to_json(options)


def _known(viewer: Viewer) -> list[PublicKeyCredentialDescriptor]:
    ids = db.session.scalars(select(Passkey.credential).where(*of(viewer, Passkey)).order_by(Passkey.id))
    return [PublicKeyCredentialDescriptor(id=credential_id) for credential_id in ids]


def _new_challenge(viewer: Viewer, token: str) -> bytes:
    challenge = randomness.some_bytes(CHALLENGE_BYTES)
    begin_write()
    where = (WebSession.person_id == viewer.person_id, WebSession.token_hash == hash_of(token))
    db.session.execute(update(WebSession).where(*where).values(challenge=challenge, challenge_at=clock.now()))
    db.session.commit()
    return challenge


def take_challenge(viewer: Viewer, token: str) -> bytes:
    """The challenge that was given to this session; bytes that fit nothing where there is none.

    It is used up by the asking, in a transaction of its own: what is refused afterwards does not bring it back.
    """
    begin_write()
    where = (WebSession.person_id == viewer.person_id, WebSession.token_hash == hash_of(token))
    row = db.session.execute(select(WebSession.challenge, WebSession.challenge_at).where(*where)).one_or_none()
    taken = update(WebSession).where(*where, WebSession.challenge.is_not(None)).values(challenge=None)
    is_ours = bool(db.session.execute(taken.returning(WebSession.token_hash)).all())
    is_good = row is not None and row.challenge_at is not None and clock.now() - row.challenge_at < CHALLENGE_LASTS
    challenge = row.challenge if row is not None and is_ours and is_good else None
    db.session.commit()
    return challenge or randomness.some_bytes(CHALLENGE_BYTES)


def add(viewer: Viewer, name: str, credential: str, token: str, site: Site, link: str) -> Changed:
    """Keep the public half of a key that the browser has just made. Raises Invalid, and StandsStill."""
    challenge = take_challenge(viewer, token)
    made = _registered_or_none(credential, challenge, site)
    if not name.strip() or len(name) > LONGEST_NAME:
        raise Invalid("passkey_name", longest=LONGEST_NAME)
    begin_write()
    second_factors.check_may_change(viewer)
    if made is None or _is_known(viewer, made.credential_id):
        raise Invalid("passkey_refused")
    if len(_known(viewer)) >= MOST_PASSKEYS:
        raise Invalid("passkeys_many", most=MOST_PASSKEYS)
    passkey_id = randomness.new_id()
    db.session.add(
        Passkey(
            id=passkey_id,
            practice_id=viewer.practice_id,
            person_id=viewer.person_id,
            name=vault.seal(viewer.person_id, NAME, passkey_id, name.strip()),
            credential=made.credential_id,
            public_key=made.credential_public_key,
            sign_count=made.sign_count,
            created_at=clock.now(),
        )
    )
    changed = second_factors.after_change(viewer, token, "second_factor:passkey_added", link)
    db.session.commit()
    return changed


def _is_known(viewer: Viewer, credential_id: bytes) -> bool:
    where = (Passkey.practice_id == viewer.practice_id, Passkey.credential == credential_id)
    return db.session.scalar(select(Passkey.id).where(*where)) is not None


def _registered_or_none(credential: str, challenge: bytes, site: Site) -> VerifiedRegistration | None:
    try:
        return webauthn.verify_registration_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
        )
    except Exception:  # a parser of others' bytes: whatever it trips over, the answer is no
        return None


def enter(viewer: Viewer, credential: str, token: str, site: Site) -> str | None:
    """Give the second factor at the door with a passkey.

    Gives the new token of the session, which opens everything from now on; None for a key that opens nothing.
    """
    challenge = take_challenge(viewer, token)
    begin_write()
    is_right = proves(viewer, credential, challenge, site)
    fresh = web_sessions.renew(viewer, token, proved_at=clock.now()) if is_right else None
    audit.record(viewer, "second_factor:given" if is_right else "second_factor:refused", viewer.person_id)
    db.session.commit()
    return fresh


def proves(viewer: Viewer, credential: str, challenge: bytes, site: Site, *, is_alone: bool = False) -> bool:
    """Whether one of the viewer's keys has answered this challenge; `is_alone` as above. The caller commits."""
    key = _own_key_or_none(viewer, credential)
    proof = _verified_or_none(key, credential, challenge, site, is_alone=is_alone) if key is not None else None
    if key is None or proof is None:
        return False
    key.sign_count = proof.new_sign_count
    return True


def _own_key_or_none(viewer: Viewer, credential: str) -> Passkey | None:
    try:
        credential_id = parse_authentication_credential_json(credential).raw_id
    except Exception:  # as above
        return None
    wanted = select(Passkey).where(*of(viewer, Passkey), Passkey.credential == credential_id)
    return db.session.scalars(wanted.with_for_update()).one_or_none()


def _verified_or_none(
    key: Passkey, credential: str, challenge: bytes, site: Site, *, is_alone: bool
) -> VerifiedAuthentication | None:
    try:
        return webauthn.verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            credential_public_key=key.public_key,
            credential_current_sign_count=key.sign_count,
            require_user_verification=is_alone,
        )
    except Exception:  # as above
        return None


def remove(viewer: Viewer, passkey_id: UUID, token: str, link: str) -> Changed:
    """Let one of one's own passkeys open nothing any more; raises NotFound, and StandsStill."""
    begin_write()
    second_factors.check_may_change(viewer)
    gone = delete(Passkey).where(*of(viewer, Passkey), Passkey.id == passkey_id)
    if not db.session.execute(gone.returning(Passkey.id)).all():
        raise NotFound
    changed = second_factors.after_change(viewer, token, "second_factor:passkey_removed", link)
    db.session.commit()
    return changed
