"""The forms that take appointments over from a calendar: the file, and which of its entries are whose."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from werkzeug.datastructures import MultiDict

from portal.domain.dated import MOST_ENTRIES, by_names
from portal.domain.errors import Invalid
from portal.domain.sessions import YEARS, SessionKind
from portal.services.session_import import Chosen, ReadEntry

FIELDS = ("at", "minutes", "title", "who", "kind")


class CalendarFileForm(FlaskForm):  # type: ignore[misc]  # flask_wtf publishes no types
    file = FileField(_l("Your calendar, as an .ics file"))


@dataclass(frozen=True, slots=True)
class Row:
    """One entry on the page: `who` are a couple's names as typed, empty for what is left out."""

    number: int
    starts_at: datetime
    minutes: int
    title: str
    who: str = ""
    kind: str = SessionKind.JOINT.value
    stands: bool = False
    error: str = ""


def offered(read: Iterable[ReadEntry], couples: Mapping[UUID, str]) -> list[Row]:
    """The rows of a calendar that was read, each with the couple that its title means."""
    return [
        Row(
            number,
            one.entry.starts_at,
            one.entry.minutes,
            one.entry.title,
            couples[one.couple_id] if one.couple_id and not one.stands else "",
            stands=one.stands,
        )
        for number, one in enumerate(read)
    ]


def typed(form: MultiDict[str, str]) -> list[Row]:
    """The rows as they were sent. Raises Invalid for what no page of ours sends."""
    columns = [form.getlist(name) for name in FIELDS]
    if len({len(column) for column in columns}) != 1 or len(columns[0]) > MOST_ENTRIES:
        raise Invalid("calendar_unreadable")
    try:
        return [
            Row(number, _instant(at), int(minutes), title, who.strip(), kind)
            for number, (at, minutes, title, who, kind) in enumerate(zip(*columns, strict=True))
        ]
    except ValueError:
        raise Invalid("calendar_unreadable") from None


def _instant(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    if found.tzinfo is None or not YEARS[0] < found.year < YEARS[1]:
        raise ValueError(text)
    return found


def chosen(rows: Sequence[Row], couples: Mapping[UUID, str]) -> tuple[list[Row], list[Chosen]]:
    """The rows with what is wrong in them, and those that are to become sessions."""
    names, kinds = by_names(couples), set(SessionKind)
    looked_at: list[Row] = []
    found: list[Chosen] = []
    for row in rows:
        couple_id = names.get(row.who)
        error = ""
        if row.who and couple_id is None:
            twice = row.who in names
            error = gettext("Two couples are called so: plan it by hand.") if twice else gettext("Choose a couple.")
        elif row.who and row.kind not in kinds:
            error = gettext("Say who comes.")
        elif couple_id is not None:
            found.append(Chosen(couple_id, SessionKind(row.kind), row.starts_at, row.minutes))
        looked_at.append(replace(row, error=error))
    return looked_at, found


def refused(rows: Sequence[Row], number: int, words: str) -> list[Row]:
    """The rows with a refusal at the `number`-th of those that were chosen."""
    at = [row.number for row in rows if row.who][number]
    return [replace(row, error=words) if row.number == at else row for row in rows]
