"""Notes of a session: of both, of one, or the writer's own; a draft until it is locked, and then added to alone."""

from dataclasses import dataclass
from enum import StrEnum

from portal.domain.errors import Invalid, NotAllowed
from portal.domain.lines import cleaned
from portal.domain.people import Label
from portal.domain.sessions import SessionKind

MOST_IN_TEXT = 20_000  # characters
MOST_IN_ADDENDUM = 4_000


class NoteOf(StrEnum):
    """Whose record a note belongs to; a private one belongs to none, and leaves in none."""

    JOINT = "joint"
    A = "a"
    B = "b"
    PRIVATE = "private"

    @property
    def label(self) -> Label | None:
        """The partner whose own record it belongs to."""
        return {NoteOf.A: Label.A, NoteOf.B: Label.B}.get(self)


def notes_of(kind: SessionKind) -> tuple[NoteOf, ...]:
    """Which notes a session can have: of one alone none of both, and none of the other."""
    if kind.attending is None:
        return tuple(NoteOf)
    return NoteOf(kind.attending.lower()), NoteOf.PRIVATE


class Outline(StrEnum):
    """The usual outlines of a progress note, by the initials of their parts."""

    SOAP = "soap"
    DAP = "dap"
    BIRP = "birp"


class Part(StrEnum):
    """The parts of an outline."""

    SUBJECTIVE = "subjective"
    OBJECTIVE = "objective"
    ASSESSMENT = "assessment"
    PLAN = "plan"
    DATA = "data"
    BEHAVIOUR = "behaviour"
    INTERVENTION = "intervention"
    RESPONSE = "response"


OUTLINES = {
    Outline.SOAP: (Part.SUBJECTIVE, Part.OBJECTIVE, Part.ASSESSMENT, Part.PLAN),
    Outline.DAP: (Part.DATA, Part.ASSESSMENT, Part.PLAN),
    Outline.BIRP: (Part.BEHAVIOUR, Part.INTERVENTION, Part.RESPONSE, Part.PLAN),
}


@dataclass(frozen=True, slots=True)
class NoteState:
    """How far a note is: the version that was saved last (0 before the first), and whether it is locked."""

    version: int = 0
    is_locked: bool = False

    def check_open(self) -> None:
        """Raise NotAllowed where it may be changed no more."""
        if self.is_locked:
            raise NotAllowed("note_locked")


def kept_text(text: str, most: int = MOST_IN_TEXT) -> str:
    """The text as it is kept, each line ended alike. Raises Invalid for one that is too long."""
    return cleaned("text", text.replace("\r\n", "\n"), most)


def kept_addendum(text: str) -> str:
    """What is added to a locked note. Raises Invalid for nothing, and for what is too long."""
    kept = kept_text(text, MOST_IN_ADDENDUM)
    if not kept:
        raise Invalid("note_empty", field="text")
    return kept
