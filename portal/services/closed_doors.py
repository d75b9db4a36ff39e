"""Doors that closed long ago: browser sessions and links that no page and no rule reads any more are taken away."""

from datetime import timedelta

from sqlalchemy import delete, select

from portal import clock
from portal.domain.people import PersonState
from portal.extensions import begin_write, db
from portal.models.users import Person, Token, WebSession
from portal.services import standing, tenants

# as long as one may last, what was being typed when it was idle for too long is still taken by it (services/parked)
SESSIONS_KEPT_FOR = standing.LONGEST + timedelta(days=1)
LINKS_KEPT_FOR = timedelta(days=90)  # meanwhile one that ran out says so, and asks for a new one with a tap


def let_go() -> None:
    """Forget sessions a day after none of them can last, and links 90 days after they ran out.

    The invitation of somebody who has not come in stays: with it they can still ask for another.
    """
    for practice_id in tenants.each():
        begin_write()
        sessions = (WebSession.practice_id == practice_id, WebSession.created_at <= clock.now() - SESSIONS_KEPT_FOR)
        links = (Token.practice_id == practice_id, Token.expires_at <= clock.now() - LINKS_KEPT_FOR)
        invited = select(Person.id).where(Person.practice_id == practice_id, Person.state == PersonState.INVITED)
        db.session.execute(delete(WebSession).where(*sessions))
        db.session.execute(delete(Token).where(*links, Token.person_id.not_in(invited)))
        db.session.commit()
