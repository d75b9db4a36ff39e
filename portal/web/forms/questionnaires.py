"""The forms of the builder: a questionnaire's heading, one of its questions, and the buttons beside each."""

from collections.abc import Iterable, Mapping, Sequence

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    Field,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Optional

from portal.domain.disclosure import Disclosure
from portal.domain.items import Item, ItemType
from portal.domain.media import Media, checked
from portal.domain.order import moved
from portal.domain.programme import Audience
from portal.domain.question_words import AT_ONCE, QuestionWords, options_of
from portal.domain.questionnaire_editing import FREQUENCIES, Heading
from portal.domain.questionnaires import Questionnaire
from portal.services.programme import StepInProgramme
from portal.web.forms.fields import NO_NUMBER, whole_number_or_none
from portal.web.forms.lines import one_line
from portal.web.forms.refusals import RefusableForm

MISSING = _l("Write something here.")
ROOM = 3  # empty rows for further answers
HOW_OFTEN = {
    "once": _l("Once"),
    "daily": _l("Every day"),
    "2_per_week": _l("Twice a week"),
    "3_per_week": _l("Three times a week"),
    "weekly": _l("Once a week"),
    "monthly": _l("Once a month"),
    "after_conflict": _l("After a quarrel"),
    "before_hard_talk": _l("Before a hard talk"),
    "as_needed": _l("When it is needed"),
}
AUDIENCES = {
    Audience.ALONE: _l("Each alone"),
    Audience.TOGETHER: _l("Both together"),
    Audience.ALONE_THEN_TOGETHER: _l("Each alone, then together"),
}
READERS = {
    Disclosure.COACH.value: _l("Its author and you"),
    Disclosure.SESSION.value: _l("Both, once you open it in the session"),
    Disclosure.SHARED.value: _l("Both, from the morning after both have sent"),
    AT_ONCE: _l("Both, from the morning after its author has sent"),
    Disclosure.LOCKED.value: _l("You alone, always: it is never shown again on their side, and cannot be shared"),
}


class DraftForm(RefusableForm):
    """What every form on a draft says: which version of it the page was made of."""

    version = HiddenField()

    @property
    def read(self) -> int:
        """The version of the draft that the page was made of; -1 for what is none."""
        read = whole_number_or_none(self.version.data or "")
        return -1 if read is None else read


class HeadingForm(DraftForm):
    title = StringField(_l("Title"), [InputRequired(MISSING)], filters=[one_line])
    purpose = TextAreaField(
        _l("What it is for"), [InputRequired(MISSING)], description=_l("One sentence, as both read it above the task.")
    )
    step = SelectField(_l("Step of the programme"), validate_choice=False)
    audience = RadioField(
        _l("Done"),
        [InputRequired(_l("Choose with whom it is done."))],
        choices=[SelectChoice(one.value, words) for one, words in AUDIENCES.items()],
        description=_l("The form is filled in by each alone, whatever is done together."),
    )
    minutes = IntegerField(_l("Minutes"), [InputRequired(NO_NUMBER)], invalid_value_message=NO_NUMBER)
    frequency = SelectField(_l("How often"), choices=[SelectChoice(w, HOW_OFTEN[w]) for w in FREQUENCIES])
    instructions = TextAreaField(
        _l("How to do it"), description=_l("One step a line; five of a dozen words each read well on a phone.")
    )
    safety_note = TextAreaField(_l("What to take care of"), description=_l("When to stop, and for whom it is not."))
    media_title = StringField(_l("What it is called"), filters=[one_line])
    media_address = StringField(_l("Its address"), description=_l("It begins with https://"), filters=[one_line])
    media_minutes = IntegerField(_l("Minutes"), [Optional()], invalid_value_message=NO_NUMBER)

    def offer(self, steps: Iterable[StepInProgramme]) -> "HeadingForm":
        self.step.choices = [SelectChoice(step.slug, step.title) for step in steps]
        return self

    def of_check_in(self) -> "HeadingForm":
        """The check-in's rhythm is not to be chosen."""
        for name in ("step", "audience", "frequency"):
            del self[name]
        return self

    def start(self, it: Questionnaire, version: int) -> "HeadingForm":
        """Fill in what stands there now."""
        self.process(
            None,
            version=str(version),
            title=it.title,
            purpose=it.purpose,
            step=it.step,
            audience=it.audience.value,
            minutes=it.minutes,
            frequency=it.frequency,
            instructions="\n".join(it.instructions),
            safety_note=it.safety_note,
            media_title=it.media and it.media.title,
            media_address=it.media and it.media.address,
            media_minutes=it.media and it.media.minutes,
        )
        return self

    @property
    def heading(self) -> Heading:
        """What was typed, of a form that is valid. Raises Invalid with `field` for a link that cannot be taken."""
        has_rhythm = "audience" in self
        return Heading(
            self.title.data or "",
            self.purpose.data or "",
            self.step.data if has_rhythm else None,
            Audience(self.audience.data) if has_rhythm else Audience.ALONE,
            self.minutes.data,
            self.frequency.data if has_rhythm else "weekly",
            tuple((self.instructions.data or "").splitlines()),
            self.safety_note.data or "",
            self._media,
        )

    @property
    def _media(self) -> Media | None:
        title, address, minutes = self.media_title.data or "", self.media_address.data or "", self.media_minutes.data
        return checked(title, address, minutes) if title or address or minutes is not None else None


class QuestionForm(DraftForm):
    label = TextAreaField(_l("The question"))
    hint = StringField(_l("A hint below it"), filters=[one_line])
    low = StringField(
        _l("At 0"), description=_l("A word or two, such as “not at all”; both ends need theirs."), filters=[one_line]
    )
    high = StringField(_l("At 10"), filters=[one_line])
    options = Field(_l("Answers to choose from"), description=_l("An answer that you leave empty is taken away."))
    minimum = IntegerField(_l("The least"), [Optional()], invalid_value_message=NO_NUMBER)
    maximum = IntegerField(_l("The greatest"), [Optional()], invalid_value_message=NO_NUMBER)
    may_not_come_up = BooleanField(_l("May be answered with “Did not come up this week”"))
    readers = RadioField(_l("The answer is for"), validate_choice=False)
    tells = BooleanField(
        _l("A tick comes to you at once"),
        description=_l("For a private answer alone: it waits on the page for you alone, as a flag does."),
    )
    folded = BooleanField(_l("Folded away under “More, if you like”"))
    every_fourth = BooleanField(_l("Asked in every fourth form alone"))
    asked_if = SelectMultipleField(_l("Asked only after one of these answers"), choices=[], validate_choice=False)
    rows: Sequence[tuple[str, str]] = ()

    def of(self, kind: ItemType, *, is_check_in: bool) -> "QuestionForm":
        """Offer what a question of this type can have; a check-in has no further private questions."""
        self.kind = kind
        words = {word: said for word, said in READERS.items() if not is_check_in or word != Disclosure.LOCKED}
        self.readers.choices = [SelectChoice(word, said) for word, said in words.items()]
        self.low.label.text, self.high.label.text = gettext("The words at 0"), gettext("The words at 10")
        return self

    def take(self, posted: MultiDict[str, str]) -> "QuestionForm":
        """The answers to choose from as they were typed; one that is to stand further up is put there."""
        rows = list(zip(posted.getlist("value"), posted.getlist("option"), strict=False))[:40]
        raised = whole_number_or_none(posted.get("raise", ""), most_digits=2)
        self.rows = rows if raised is None or raised >= len(rows) else moved(rows, raised, up=True)
        return self

    def with_room(self) -> "QuestionForm":
        """Rows for further answers below those that are filled in."""
        self.rows = [row for row in self.rows if row[1].strip()] + [("", "")] * ROOM
        return self

    def start(self, it: Questionnaire, item: Item | None, version: int) -> "QuestionForm":
        """Fill in what stands there now, or what a new one begins with."""
        if item is None:
            self.process(None, version=str(version), readers=Disclosure.COACH.value)
            return self
        low, high = item.ends or ("", "")
        is_number = item.type is ItemType.NUMBER
        self.process(
            None,
            version=str(version),
            label=item.label,
            hint=item.suggest,
            low=low,
            high=high,
            minimum=item.minimum if is_number else None,
            maximum=item.maximum if is_number else None,
            may_not_come_up=item.may_not_come_up,
            readers=AT_ONCE if item.opens_at_once else item.disclosure.value,
            tells=bool(item.raises),
            folded=item.folded,
            every_fourth=item.when == "every_4th",
            asked_if=_ticked(item, it),
        )
        self.rows = [(option.value, option.label) for option in item.options]
        return self

    @property
    def words(self) -> QuestionWords:
        """What was typed, of a form that is valid."""
        pairs = (str(one).partition("=") for one in self.asked_if.data or ())
        return QuestionWords(
            self.label.data or "",
            self.readers.data or "",
            self.hint.data or "",
            (self.low.data or "", self.high.data or ""),
            tuple(self.rows),
            self.minimum.data,
            self.maximum.data,
            bool(self.may_not_come_up.data),
            bool(self.folded.data),
            bool(self.every_fourth.data),
            tuple((item_id, option) for item_id, _, option in pairs),
            bool(self.tells.data),
        )


def _ticked(item: Item, it: Questionnaire) -> list[str]:
    """The answers after which a question is asked, as the boxes name them."""
    if item.show_if is None:
        return []
    asked = it.item(item.show_if.item_id)
    return [f"{asked.id}={option}" for option in options_of(asked) if item.show_if.holds(option)]


def boxes(earlier: Iterable[Item], said: Mapping[str, str]) -> list[tuple[Item, list[tuple[str, str]]]]:
    """The earlier questions, each with a box for every answer that can be named: what it sends, and its words.

    `said` are the words for a tick and for none.
    """
    return [
        (item, [(f"{item.id}={option}", _words(item, option, said)) for option in options_of(item)]) for item in earlier
    ]


def _words(item: Item, option: str, said: Mapping[str, str]) -> str:
    labels = {known.value: known.label for known in item.options}
    return labels.get(option) or said.get(option, option)
