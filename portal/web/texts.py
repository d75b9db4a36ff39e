"""The practice's own texts on pages: filled in for their reader, in paragraphs, and its notices as links."""

from collections.abc import Mapping

from flask import Flask, url_for
from flask_babel import lazy_gettext as _l

from portal.domain.consent import Policy, PracticeRole
from portal.domain.texts import Block, TextKind, blocks, fill
from portal.domain.working_hours import WorkingHours
from portal.services import texts
from portal.services.texts import Texts
from portal.services.transactions import database_trouble, give_up
from portal.web import guards
from portal.web.filters import promise

Links = list[tuple[str, str]]
NAMES = {
    TextKind.CONSENT: _l("What partners sign"),
    TextKind.HELP_NOW: _l("The beginning of “Help now”"),
    TextKind.WHO_READS_WHEN: _l("Who reads when, and that it is not for emergencies"),
    TextKind.PRIVATE_QUESTIONS: _l("Before the private questions"),
    TextKind.AFTER_SENDING: _l("After sending"),
    TextKind.LEAVE: _l("What “Leave” does and does not"),
    TextKind.PRIVACY: _l("Privacy notice"),
    TextKind.IMPRINT: _l("Imprint"),
    TextKind.TERMS: _l("Terms"),
}
POLICIES = {Policy.OPEN: _l("Open"), Policy.DISCRETION: _l("Discretion"), Policy.CONFIDENTIAL: _l("Confidential")}
ROLES = {
    PracticeRole.COACH: _l("Coaching"),
    PracticeRole.LICENSED_CLINICIAN: _l("Licensed clinical work"),
    PracticeRole.BOTH: _l("Both: each piece of work is one or the other"),
}


def init_app(app: Flask) -> None:
    app.context_processor(_of_the_reader)


def _of_the_reader() -> dict[str, object]:
    """`said(kind)` gives a text of the reader's practice in pieces, `practice_links` its notices."""
    found = guards.standing_or_none()
    if found is None:
        return {"practice_links": ()}
    return {"said": lambda kind: said(found.texts, TextKind(kind), places()), "practice_links": links(found.texts)}


def places() -> dict[str, str]:
    """What stands for the places of a text, for somebody who is signed in."""
    found = guards.standing()
    return places_of(found.coach_name or found.practice_name, found.hours, found.practice_name)


def places_of(coach: str, hours: WorkingHours | None, practice: str) -> dict[str, str]:
    """What stands for the places of a text; where no practice is known, nobody's hours are told."""
    return {"coach": coach, "hours": promise(hours) if hours else "", "practice": practice}


def said(known: Texts, kind: TextKind, filled: Mapping[str, str]) -> tuple[Block, ...]:
    """A text in force as its reader sees it."""
    return in_pieces(known[kind].body, filled)


def in_pieces(body: str, filled: Mapping[str, str]) -> tuple[Block, ...]:
    """A text cut before it is filled: a name cannot make a heading."""
    return tuple(Block(piece.kind, fill(piece.words, filled), piece.is_new) for piece in blocks(body))


def links(known: Texts | None) -> Links:
    """Address and name of each notice that the practice has written."""
    return [(url_for("auth.notice", kind=kind.value), str(NAMES[kind])) for kind in known.notices] if known else []


def links_at_the_door() -> Links:
    """The same where nobody is signed in; none while the database does not answer: the door stands all the same."""
    try:
        return links(texts.of_reader(None))
    except database_trouble():
        give_up()
        return []
