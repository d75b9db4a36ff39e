"""Forms with which a session is closed: as both look at it, on the own screen, and a line for the coach alone."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from uuid import UUID

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import DateField, Field, SelectField, StringField, TextAreaField, TimeField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from portal.domain.errors import Invalid, Refused
from portal.domain.sessions import MOST_IN_AGREED, MOST_IN_NOTE, instant
from portal.services.closing import Closing
from portal.services.picked_homework import MOST_IN_OBSTACLE, NewPick, Pick
from portal.services.sessions import NewSession, SessionLine
from portal.web.forms.sessions import NO_DAY, NO_TIME, TOO_LONG, SessionForm
from portal.web.forms.words import words_for


class TogetherForm(SessionForm):
    """The end of a session as both look at it."""

    agreed_1 = StringField(_l("First"), [Length(max=MOST_IN_AGREED, message=TOO_LONG)])
    agreed_2 = StringField(_l("Second"), [Length(max=MOST_IN_AGREED, message=TOO_LONG)])
    homework = SelectField(_l("What"), [Optional()], choices=(), validate_choice=False, default="")
    homework_day = DateField(_l("On which day"), [Optional()], invalid_value_message=NO_DAY)
    homework_time = TimeField(_l("At what time"), [Optional()], invalid_value_message=NO_TIME)
    obstacle = StringField(
        _l("What could get in the way, and what then?"), [Length(max=MOST_IN_OBSTACLE, message=TOO_LONG)]
    )
    next_day = DateField(_l("Day"), [Optional()], invalid_value_message=NO_DAY)
    next_time = TimeField(_l("Time"), [Optional()], invalid_value_message=NO_TIME)

    def start_with(self, lines: Sequence[str], picked: Pick | None = None) -> None:
        """What was agreed and picked already, if the session was closed before."""
        self.agreed_1.data = lines[0] if lines else ""
        self.agreed_2.data = " ".join(lines[1:])
        if picked is not None and not picked.is_done:
            self.homework.data, self.obstacle.data = str(picked.questionnaire_id), picked.obstacle
            self.homework_day.data, self.homework_time.data = picked.day, picked.at

    def offer(self, exercises: Iterable[tuple[UUID, str]]) -> None:
        """Set what can be picked."""
        listed = [SelectChoice(str(id_), title) for id_, title in exercises]
        self.homework.choices = [SelectChoice("", gettext("Nothing for now")), *listed]

    def validate(self, extra_validators: object = None) -> bool:
        """Each field, and that the next appointment has both a day and a time, or neither."""
        is_valid: bool = super().validate(extra_validators)
        for given, other in ((self.next_time, self.next_day), (self.next_day, self.next_time)):
            if given.data is not None and other.data is None and not other.errors:
                other.errors = [gettext("Give both day and time, or leave both empty.")]
                is_valid = False
        for field, words in self._missing_of_pick():
            if not field.errors:
                field.errors = [words]
                is_valid = False
        return is_valid

    def _missing_of_pick(self) -> Iterator[tuple[Field, str]]:
        """What is picked has a day and a time: it is done then, or not at all."""
        timed = (self.homework_day, self.homework_time)
        if self.homework.data:
            yield from ((field, gettext("Say when: it is done then.")) for field in timed if field.data is None)
        elif any(field.data is not None for field in timed) or (self.obstacle.data or "").strip():
            yield self.homework, gettext("Say what it is.")

    @property
    def agreed(self) -> tuple[str, ...]:
        """The lines that say something."""
        typed = (self.agreed_1.data or "", self.agreed_2.data or "")
        return tuple(line for line in typed if line.strip())

    def closing(self, line: SessionLine, zone: str) -> Closing:
        """What was typed; the next session is of the same kind, length and place. Raises Invalid."""
        homework = self._picked() if line.is_joint else None
        return Closing(self.agreed if line.is_joint else (), "", self._next(line, zone), homework)

    def _picked(self) -> NewPick | None:
        if not self.homework.data:
            return None
        if self.homework.data not in {choice.value for choice in self.homework.choices}:
            raise Invalid("not_an_option", field="homework")
        day, at = self.homework_day.data, self.homework_time.data
        return NewPick(UUID(self.homework.data), day, at, self.obstacle.data or "")

    def _next(self, line: SessionLine, zone: str) -> NewSession | None:
        day: date | None = self.next_day.data
        if day is None or self.next_time.data is None:
            return None
        return NewSession(line.kind, instant(day, self.next_time.data, zone), line.minutes, line.place)


class CloseForm(TogetherForm):
    """The same on the coach's own screen, with a line for the coach alone."""

    private_line = TextAreaField(_l("Your own line"), [Length(max=MOST_IN_NOTE, message=TOO_LONG)])

    def closing(self, line: SessionLine, zone: str) -> Closing:
        return replace(super().closing(line, zone), private_line=self.private_line.data or "")


class OwnLineForm(SessionForm):
    """The coach's own line, once the screen is turned back."""

    text = TextAreaField(
        _l("Your own line"),
        [InputRequired(_l("Write something first, or go on without.")), Length(max=MOST_IN_NOTE, message=TOO_LONG)],
    )

    def refuse(self, error: Refused) -> None:
        self.text.errors = [*self.text.errors, words_for(error)]
