"""What people type as plain text is kept without what no column holds, and refused where it is too long or missing."""

import pytest

from portal.domain.errors import Invalid
from portal.domain.lines import MOST_IN_LINE, cleaned, line, line_or_empty


def test_a_line_is_one_line_whatever_was_typed_into_it() -> None:
    assert line("  so\n much\x00 \t for it ", field="why") == "so much for it"


@pytest.mark.parametrize("typed", ["", " \n ", "\x00", "\x00 \x00"])
def test_what_says_nothing_is_empty_or_refused_by_its_name(typed: str) -> None:
    assert line_or_empty(typed, field="why") == cleaned("why", typed, 5) == ""
    with pytest.raises(Invalid, match="name_missing") as refusal:
        line(typed, field="title", missing="name_missing")
    assert refusal.value.params == {"field": "title"}


def test_a_text_keeps_its_lines() -> None:
    assert cleaned("training", "\n Two\x00 days\n\nof it \n", 20) == "Two days\n\nof it"


def test_a_length_counts_what_is_kept() -> None:
    assert line(f" {'a' * MOST_IN_LINE} ", field="why") == "a" * MOST_IN_LINE
    for too_long in (lambda: line("a" * 6, field="why", most=5), lambda: cleaned("why", "a" * 6, 5)):
        with pytest.raises(Invalid, match="too_long") as refusal:
            too_long()
        assert refusal.value.params == {"maximum": 5, "field": "why"}
