"""Inviting many couples at once, from a table: all of them in one transaction, or none."""

from collections.abc import Sequence
from uuid import UUID, uuid5

from sqlalchemy import select

from portal import randomness
from portal.domain.errors import Invalid
from portal.domain.invited import MOST_COUPLES, PairToInvite
from portal.domain.people import Viewer
from portal.extensions import begin_write, db
from portal.models.couples import Couple
from portal.services import new_couples, scope
from portal.services.new_couples import NewPartner


def check_ready(viewer: Viewer) -> None:
    """Raise Invalid where nobody can be invited yet, so that a table is not looked over in vain."""
    new_couples.check_contacts(viewer)


def invite_many(
    viewer: Viewer, pairs: Sequence[PairToInvite], link: str, key: str, coach_id: UUID | None = None
) -> int:
    """Invite every couple of these, each partner by a mail of their own; gives how many couples.

    `key` names this one list: sent a second time, by a button that was pressed twice, it invites nobody again. Raises
    as `couples.invite_couple` does, and then nobody was invited.
    """
    if not pairs or len(pairs) > MOST_COUPLES:
        raise Invalid("csv_too_many_rows", row=1, most=MOST_COUPLES)
    begin_write()
    scope.own_person(viewer, is_held=True)  # of two at once one waits, and finds what the other did
    first_id = uuid5(viewer.person_id, key)
    if db.session.scalar(select(Couple.id).where(Couple.practice_id == viewer.practice_id, Couple.id == first_id)):
        return len(pairs)
    ready = new_couples.ready_to_invite(viewer, coach_id)
    couple_ids = [first_id, *(randomness.new_id() for _ in pairs[1:])]
    for pair, keyed in zip(pairs, new_couples.keys_for(viewer, couple_ids), strict=True):
        a, b = NewPartner(pair.name_a, pair.address_a), NewPartner(pair.name_b, pair.address_b)
        new_couples.add_invited(viewer, ready, a, b, link, keyed=keyed)
    db.session.commit()
    return len(pairs)
