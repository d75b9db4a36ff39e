"""The forms of a session's notes: the text as it is written, and what is added once it is locked."""

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, TextAreaField

from portal.domain.session_notes import OUTLINES, NoteOf, Outline, Part
from portal.web.forms.refusals import RefusableForm

PARTS = {
    Part.SUBJECTIVE: _l("Subjective"),
    Part.OBJECTIVE: _l("Objective"),
    Part.ASSESSMENT: _l("Assessment"),
    Part.PLAN: _l("Plan"),
    Part.DATA: _l("Data"),
    Part.BEHAVIOUR: _l("Behaviour"),
    Part.INTERVENTION: _l("Intervention"),
    Part.RESPONSE: _l("Response"),
}


class SessionNoteForm(RefusableForm):
    text = TextAreaField(_l("Your note"))
    version = HiddenField()

    @property
    def over(self) -> int:
        """The version that was written over; one that no page of ours sends is none that stands."""
        typed = self.version.data or ""
        return int(typed) if typed.isdecimal() and len(typed) < 9 else -1


class AddendumForm(RefusableForm):
    text = TextAreaField(_l("Add to it"))


def outlined(name: str) -> str:
    """The headings of an outline, to be written under; '' for none."""
    if name not in set(Outline):
        return ""
    return "\n\n".join(f"## {PARTS[part]}\n" for part in OUTLINES[Outline(name)]) + "\n"


def title_of(note_of: NoteOf, name_a: str, name_b: str) -> str:
    """What a note of a session is called on a page."""
    titles = {
        NoteOf.JOINT: gettext("Note of both"),
        NoteOf.A: gettext("Note of %(name)s", name=name_a),
        NoteOf.B: gettext("Note of %(name)s", name=name_b),
        NoteOf.PRIVATE: gettext("Note for yourself"),
    }
    return str(titles[note_of])
