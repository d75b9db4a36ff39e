"""A question about a task: one line to the coach, and one line back; it is no conversation."""

from portal.domain.errors import Invalid

MOST_IN_LINE = 300
MOST_ASKED = 5  # about one task


def line(typed: str, *, field: str) -> str:
    """What was typed as one line; raises Invalid "line_missing" or "too_long", with `field`."""
    found = " ".join(typed.replace("\x00", "").split())
    if not found:
        raise Invalid("line_missing", field=field)
    if len(found) > MOST_IN_LINE:
        raise Invalid("too_long", maximum=MOST_IN_LINE, field=field)
    return found
