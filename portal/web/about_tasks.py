"""Lines about one's own tasks in words for a paper: what one asked, and what one was reminded of."""

from collections.abc import Iterable, Iterator

from flask_babel import gettext

from portal.services.own_lines import OwnNudge, OwnQuestion
from portal.web import filters


def about_tasks(
    questions: Iterable[OwnQuestion], nudges: Iterable[OwnNudge], from_coach: str
) -> Iterator[tuple[str, str]]:
    """Each as a name and a value; `from_coach` are the words before a line that came back."""
    for one in questions:
        day = filters.day_year(one.asked_at)
        about = gettext("Your question about “%(title)s”, on %(day)s", title=one.title, day=day)
        yield about, f"{one.text} {from_coach}: {one.answer}" if one.answer else one.text
    for nudge in nudges:
        day = filters.day_year(nudge.sent_at)
        yield (
            gettext("%(who)s reminded you of “%(title)s”, on %(day)s", who=nudge.by, title=nudge.title, day=day),
            nudge.text,
        )
