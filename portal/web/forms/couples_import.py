"""The form that takes a table of couples, and the words for what is wrong with a cell of it."""

from collections.abc import Iterable
from uuid import UUID

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import HiddenField, SelectField
from wtforms.fields.choices import SelectChoice

from portal.domain.invited import Fault

MOST_FAULTS = 30  # more would be read by nobody at once
PLACES = {
    "name_a": _l("name of the one partner"),
    "address_a": _l("address of the one partner"),
    "name_b": _l("name of the other partner"),
    "address_b": _l("address of the other partner"),
}
RULES = {
    "cell_empty": _l("Row %(row)s, %(column)s: nothing stands there. Give the %(place)s."),
    "text_unfit": _l("Row %(row)s, %(column)s: it holds a line break or a sign that cannot be shown."),
    "name_too_long": _l("Row %(row)s, %(column)s: the name is longer than 60 characters."),
    "not_an_address": _l("Row %(row)s, %(column)s: no mail can reach this address."),
    "one_address_for_both": _l(
        "Row %(row)s, %(column)s: it is the address of both. Give two, or invite these two singly: there you can say"
        " that both want one mailbox."
    ),
    "address_doubled": _l("Row %(row)s, %(column)s: this address stands in row %(other_row)s already."),
    "number_of_cells": _l("Row %(row)s: it has more or fewer cells than the first row."),
}


class ImportForm(FlaskForm):  # type: ignore[misc]  # flask_wtf publishes no types
    """`sheet` is what was read, carried along by the page that shows it and read once more; `key` names this list."""

    file = FileField(_l("The table, as a CSV file"))
    coach = SelectField(_l("Whose couples they will be"))
    sheet = HiddenField()
    key = HiddenField()

    def offer(self, coaches: Iterable[tuple[UUID, str]]) -> None:
        """Let an assistant choose the coach; a coach invites for themselves, and the field goes."""
        self.coach.choices = [SelectChoice(str(person_id), name) for person_id, name in coaches]
        if not self.coach.choices:
            del self.coach

    @property
    def coach_name(self) -> str | None:
        """The name of the coach who was chosen, where one is chosen."""
        choices = self.coach.choices if self.coach else ()
        return next((str(choice.label) for choice in choices if choice.value == self.coach.data), None)


def said(faults: Iterable[Fault]) -> list[str]:
    """Each fault as a sentence that names its row and its cell; of very many the first."""
    sentences = [_sentence(fault) for fault in faults]
    more = len(sentences) - MOST_FAULTS
    if more > 0:
        sentences[MOST_FAULTS:] = [gettext("And %(count)s more like these.", count=more)]
    return sentences


def _sentence(fault: Fault) -> str:
    places = {
        "row": fault.row,
        "column": fault.column,
        "place": str(PLACES[fault.column]),
        "other_row": fault.other_row,
    }
    return str(RULES[fault.rule]) % places
