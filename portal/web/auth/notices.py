"""A practice's notices: privacy, imprint, terms; open to whoever is at its door, and there only where it wrote them."""

from flask import render_template

from portal.domain.errors import NotFound
from portal.domain.texts import NOTICES, TextKind, in_addresses
from portal.services import texts
from portal.web import guards
from portal.web.auth.area import area
from portal.web.guards import open_to_all
from portal.web.texts import NAMES, in_pieces, links


@area.get(f"/notice/{in_addresses(NOTICES)}")
@open_to_all
def notice(kind: str) -> str:
    found = guards.standing_or_none()
    known = found.texts if found else texts.of_reader(None)
    wanted = TextKind(kind)
    if known is None or not known[wanted].body:
        raise NotFound
    pieces = in_pieces(known[wanted].body, {})
    return render_template("auth/notice.html", title=NAMES[wanted], pieces=pieces, door_links=links(known))
