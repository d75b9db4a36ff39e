"""What a field of one line keeps of what was typed."""


def one_line(typed: str | None) -> str | None:
    """The text without what no line may hold: control characters, and switches of writing direction."""
    return None if typed is None else "".join(letter for letter in typed if letter.isprintable())
