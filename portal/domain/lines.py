"""What is said in one line, to one person: a question about a task and its answer, a nudge."""

from portal.domain.errors import Invalid

MOST_IN_LINE = 300


def line(typed: str, *, field: str) -> str:
    """What was typed as one line; raises Invalid "line_missing" or "too_long", with `field`."""
    found = " ".join(typed.replace("\x00", "").split())
    if not found:
        raise Invalid("line_missing", field=field)
    if len(found) > MOST_IN_LINE:
        raise Invalid("too_long", maximum=MOST_IN_LINE, field=field)
    return found
