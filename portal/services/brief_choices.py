"""What a coach chooses for a copy of a brief, kept with its session: an own line, openers, quotes that stay out."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from portal import clock, randomness
from portal.domain import joint_prep, session_prep
from portal.domain.brief_choices import Copy, Quoted, check, quotes
from portal.domain.errors import Invalid, NotFound
from portal.domain.openers import Opener
from portal.domain.people import Viewer
from portal.domain.session_facts import Choices, CoachFacts, JointFacts
from portal.domain.sessions import SessionKind
from portal.extensions import begin_write, db
from portal.models.sessions import BriefChoice, Session
from portal.services import audit, private_words, scope, vault
from portal.services.session_material import LINE, gather


@dataclass(frozen=True, slots=True)
class Offered:
    """What can be chosen for a copy, and what is."""

    quotes: tuple[Quoted, ...]
    openers: tuple[Opener, ...]
    choices: Choices


def _row(session_id: UUID, copy: Copy) -> BriefChoice | None:
    own = (BriefChoice.session_id == session_id, BriefChoice.copy == copy)
    return db.session.scalars(select(BriefChoice).where(*own)).one_or_none()


def offered(facts: CoachFacts | JointFacts) -> Offered:
    """What can be chosen for the copy that these facts are of: only what would stand in it."""
    pick = joint_prep.openers_to_pick(facts) if isinstance(facts, JointFacts) else session_prep.openers_to_pick(facts)
    return Offered(quotes(facts), pick, facts.choices)


def keep(viewer: Viewer, session_id: UUID, copy: Copy, line: str, hidden: Sequence[str], picked: Sequence[str]) -> None:
    """Keep what was chosen for a copy, in the place of what was before.

    Raises NotFound, also for the joint copy of an individual session, and Invalid with `field`, also for a line that
    both would read and that repeats something private.
    """
    chosen = check(line, hidden, picked)
    for field, keys in (("hidden", hidden), ("openers", picked)):
        if any(not _is_key(key) for key in keys):
            raise Invalid("not_an_option", field=field)
    begin_write()
    mine = scope.sessions(viewer, scope.couples_to_act_for).where(Session.id == session_id)
    session = scope.found(mine.with_for_update())  # of two who choose at once one waits
    if copy is Copy.JOINT and session.kind != SessionKind.JOINT:
        raise NotFound
    if copy is Copy.JOINT and chosen.line:
        private_words.check_line(viewer, gather(viewer, session_id), chosen.line)
    row = _row(session_id, copy)
    if row is None:
        row = BriefChoice(
            id=randomness.new_id(), practice_id=session.practice_id, session_id=session.id,
            couple_id=session.couple_id, copy=copy,
        )  # fmt: skip
        db.session.add(row)
    row.line = vault.seal(session.couple_id, LINE, row.id, chosen.line) if chosen.line else None
    row.hidden, row.openers = " ".join(sorted(chosen.hidden)), " ".join(chosen.openers)
    row.chosen_at = clock.now()
    audit.record(viewer, "brief:chosen", session.id)
    db.session.commit()


def _is_key(key: str) -> bool:
    """Whether a word can be the key of a quote or the id of an opener: what cannot is none of ours."""
    return 0 < len(key) <= 80 and key.isprintable() and " " not in key
