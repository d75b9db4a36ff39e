"""What people type as plain text: a line, or as many as they like, up to a length, without what no column holds."""

from portal.domain.errors import Invalid

MOST_IN_LINE = 300


def cleaned(field: str, typed: str, most: int) -> str:
    """A text without the one character that PostgreSQL keeps in no column, and without what stands around it.

    Raises Invalid "too_long" with `field`.
    """
    found = typed.replace("\x00", "").strip()
    if len(found) > most:
        raise Invalid("too_long", maximum=most, field=field)
    return found


def line_or_empty(typed: str, *, field: str, most: int = MOST_IN_LINE) -> str:
    """What was typed as one line, which may be empty; raises Invalid "too_long" with `field`."""
    return cleaned(field, " ".join(typed.replace("\x00", "").split()), most)


def line(typed: str, *, field: str, most: int = MOST_IN_LINE, missing: str = "line_missing") -> str:
    """What was typed as one line; raises Invalid `missing` or "too_long", with `field`."""
    found = line_or_empty(typed, field=field, most=most)
    if not found:
        raise Invalid(missing, field=field)
    return found
