"""Whether a secret that is here is one that the audit trail was written with.

A single event under another one leaves its chain without a seal for good, so this is asked before anything is written.
"""

from collections.abc import Iterator
from uuid import UUID

from sqlalchemy import select

from portal.domain.audit_chain import BEFORE_SIGN_IN, Link, canonical_head
from portal.extensions import db, keys, work_for
from portal.models.audit import AuditEvent, AuditHead
from portal.services import tenants


def fit() -> bool:
    """Whether one chain or another ends as one of the secrets would end it; True where there is none to tell by."""
    are_any = False
    for fits in _each_chain():
        if fits:
            return True
        are_any = True
    return not are_any


def _each_chain() -> Iterator[bool]:
    work_for(None)
    yield from _ends(BEFORE_SIGN_IN)
    for practice_id in tenants.each():
        yield from _ends(practice_id)


def _ends(chain_id: UUID) -> Iterator[bool]:
    """Whether the head of a chain, or else its last event, is made with a secret; nothing where no seal is left."""
    head = db.session.execute(
        select(AuditHead.length, AuditHead.last, AuditHead.seal).where(AuditHead.chain_id == chain_id)
    ).one_or_none()
    if head is not None and head.seal:
        is_sealed = keys.made_audit(canonical_head(chain_id, head.length, head.last), head.seal)
        yield is_sealed or _ends_with_own_event(chain_id)


def _ends_with_own_event(chain_id: UUID) -> bool:
    """So it is where somebody changed the head alone, which is for `audit verify` to say."""
    last = select(AuditEvent).where(AuditEvent.chain_id == chain_id).order_by(AuditEvent.number.desc()).limit(1)
    row = db.session.scalars(last).one_or_none()
    if row is None:
        return False
    who_and_what = (row.practice_id, row.actor_id, row.event, row.subject_id, row.at, row.previous)
    return keys.made_audit(Link(chain_id, row.number, row.id, *who_and_what).canonical(), row.hash)
