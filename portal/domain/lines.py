"""What is said in one line, to one person: a question and its answer, a nudge, why something is asked for."""

from portal.domain.errors import Invalid

MOST_IN_LINE = 300


def line(typed: str, *, field: str, most: int = MOST_IN_LINE, missing: str = "line_missing") -> str:
    """What was typed as one line; raises Invalid `missing` or "too_long", with `field`."""
    found = " ".join(typed.replace("\x00", "").split())
    if not found:
        raise Invalid(missing, field=field)
    if len(found) > most:
        raise Invalid("too_long", maximum=most, field=field)
    return found
