"""What people wrote, made fit for a page."""

import re

from fontTools.ttLib import TTFont
from hypothesis import given
from hypothesis import strategies as st

from portal.output.fonts import FOLDER
from portal.output.texts import BREAK, LONGEST_RUN, Printer, each_text, tidy
from tests import briefs


def test_ordinary_words_stay_as_they_are() -> None:
    assert tidy("“How was it?” she asked; naïve, Łódź, Ελλάδα.") == "“How was it?” she asked; naïve, Łódź, Ελλάδα."


def test_long_runs_get_places_to_break_and_lose_nothing() -> None:
    told = tidy("x" * 1000)
    assert told.replace(BREAK, "") == "x" * 1000
    assert max(len(part) for part in told.split(BREAK)) <= LONGEST_RUN


def test_signs_that_turn_the_direction_or_hide_are_taken_out() -> None:
    assert tidy("a\u202eb\u2066c\u200fd\u0000e\ufeff") == "abcde"


def test_marks_are_piled_three_high_at_most() -> None:
    assert tidy("Z" + "\u0351" * 50) == "Z" + "\u0351" * 3


def test_signs_without_a_glyph_are_counted_one_by_one_and_shown_once() -> None:
    printer = Printer()
    assert printer("日本語 and אב") == "[?] and [?]"
    assert printer.unprintable == 5


@given(st.text(max_size=300))
def test_any_text_comes_out_printable(text: str) -> None:
    printer = Printer()
    told = printer(text)
    cmap = TTFont(FOLDER / "portal-serif-400.ttf", lazy=True).getBestCmap()
    assert [letter for letter in told if letter not in "\n" and ord(letter) not in cmap] == []
    assert not re.search(rf"[^\s{BREAK}]{{{LONGEST_RUN + 3}}}", told)


def test_codes_dates_and_numbers_of_a_tree_are_left_alone() -> None:
    facts = briefs.ordinary()
    loud = each_text(facts.frame, str.upper)
    assert (loud.coach, loud.policy, loud.cut_off) == ("INES", facts.frame.policy, facts.frame.cut_off)


def test_every_cut_of_the_fonts_covers_the_list_kept_with_them() -> None:
    lines = (FOLDER / "covered.txt").read_text(encoding="ascii").split()
    points = {p for a, b in (line.split("-") for line in lines) for p in range(int(a, 16), int(b, 16) + 1)}
    cuts = sorted(FOLDER.glob("portal-*.ttf"))
    assert points
    assert cuts
    for path in cuts:
        assert points <= set(TTFont(path, lazy=True).getBestCmap()), path.name
