"""Measures that come in as a table: all of it or nothing, points turned round once or not at all."""

import csv
import io
import itertools
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.errors import Invalid
from portal.domain.imported import (
    MOST_BYTES,
    MOST_ITEMS,
    Answer,
    AnswerKind,
    Code,
    ImportedType,
    items_without_weights,
    points_of,
)
from portal.domain.measure_scores import Coding
from portal.input.instrument_csv import COLUMNS, LOINC, table
from portal.output.fhir import questionnaire

OPTIONS = (("none", "Not at all", "0"), ("some", "A little", "1"), ("much", "Very much", "2"))


def item(link_id, position, *, subscale="", reverse="", loinc="", options=OPTIONS):
    """The rows of one invented question."""
    return [
        [
            "tea",
            "1.0",
            link_id,
            str(position),
            f"Tea, question {link_id}?",
            code,
            label,
            points,
            subscale,
            reverse,
            loinc,
        ]
        for code, label, points in options
    ]


def sheet(*items, header=COLUMNS):
    written = io.StringIO()
    csv.writer(written).writerows([header, *itertools.chain.from_iterable(items)])
    return written.getvalue().encode()


def refusal_of(data, coding=Coding.RAW):
    with pytest.raises(Invalid) as refusal:
        table(data, coding)
    return refusal.value.code, refusal.value.params["row"], refusal.value.params["column"]


def changed(column, value, row=0):
    """Two items, and one cell of the rows of the first that is another."""
    rows = item("a", 1)
    rows[row][COLUMNS.index(column)] = value
    return sheet(rows, item("b", 2))


def points(found, link_id):
    (wanted,) = [item for item in found.questionnaire.items if item.link_id == link_id]
    return [option.weight for option in wanted.options]


def test_a_table_becomes_a_questionnaire_with_points_and_subscales():
    found = table(
        sheet(
            item("b", 2, subscale="calm"), item("a", 1, subscale="near", loinc="1234-5"), item("c", 3, subscale="near")
        ),
        Coding.POINTS,
    )
    assert (found.instrument_id, found.questionnaire.version) == ("tea", "1.0")
    assert [item.link_id for item in found.questionnaire.items] == ["a", "b", "c"]
    assert found.subscales == {"near": ("a", "c"), "calm": ("b",)}
    first = found.questionnaire.items[0]
    assert (first.type, first.text, first.codes) == (
        ImportedType.CHOICE, "Tea, question a?", (Code("1234-5", system=LOINC),),
    )  # fmt: skip
    assert [(o.code, o.display, o.weight) for o in first.options] == [
        ("none", "Not at all", 0), ("some", "A little", 1), ("much", "Very much", 2),
    ]  # fmt: skip
    assert not items_without_weights(found.questionnaire)
    assert questionnaire(found.questionnaire)


def test_position_numbers_are_turned_round_where_the_table_says_so_and_only_there():
    found = table(sheet(item("a", 1, reverse="yes"), item("b", 2, reverse="no"), item("c", 3)), Coding.RAW)
    assert [points(found, link_id) for link_id in "abc"] == [[2, 1, 0], [0, 1, 2], [0, 1, 2]]


def test_points_as_printed_are_never_turned_round():
    assert refusal_of(sheet(item("b", 1), item("a", 2, reverse="1")), Coding.POINTS) == (
        "csv_reverse_of_points", 5, "reverse",
    )  # fmt: skip
    assert points(table(sheet(item("a", 1, reverse="0")), Coding.POINTS), "a") == [0, 1, 2]


@given(st.lists(st.integers(-99, 99), min_size=2, max_size=9), st.booleans())
def test_turning_round_keeps_the_ends_and_the_order_backwards(numbers, reverse):
    options = [(f"o{n}", "words", str(number)) for n, number in enumerate(numbers)]
    found = points(table(sheet(item("a", 1, reverse=str(int(reverse)), options=options)), Coding.RAW), "a")
    assert (min(found), max(found)) == (min(numbers), max(numbers))
    assert found == ([min(numbers) + max(numbers) - n for n in numbers] if reverse else numbers)


def test_an_answer_scores_by_the_points_of_its_row():
    found = table(sheet(item("a", 1, options=[("x", "X", "1.5"), ("y", "Y", "-2")])), Coding.POINTS)
    assert points_of(found.questionnaire, [("a", Answer(AnswerKind.CODING, "x"))]) == {"a": Decimal("1.5")}


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_marks_of_the_byte_order_blank_lines_and_either_line_ending_do_no_harm(ending):
    plain = sheet(item("a", 1))
    text = plain.decode().replace("\r\n", ending) + ending + "," * (len(COLUMNS) - 1) + ending
    assert table(b"\xef\xbb\xbf" + text.encode(), Coding.RAW) == table(plain, Coding.RAW)


@pytest.mark.parametrize(
    ("data", "refusal"),
    [
        (b"", ("other_columns", 1, "")),
        (sheet(), ("empty", 1, "")),
        (sheet(item("a", 1), header=COLUMNS[::-1]), ("other_columns", 1, "")),
        (sheet(item("a", 1)).replace(b",", b";"), ("other_columns", 1, "")),
        (b" " * (MOST_BYTES + 1), ("too_large", 1, "")),
        (sheet(item("a", 1)) + b"\xff", ("not_utf8", 5, "")),
        (sheet(item("a", 1)) + b'"tea', ("unreadable", 5, "")),
        (sheet(item("a", 1)) + b"tea,1.0,b\n", ("number_of_cells", 5, "position")),
        (sheet([[*item("a", 1)[0], "more"]]), ("number_of_cells", 2, "loinc")),
        (sheet(item("a", 1), item("b", 1)), ("doubled", 5, "position")),
        (sheet(item("a", 1), item("b", 2), item("a", 3)), ("doubled", 8, "link_id")),
        (sheet(item("a", 1, options=OPTIONS[:1])), ("one_option", 2, "option_code")),
        (sheet(item("a", 1, options=OPTIONS + OPTIONS[:1])), ("doubled", 5, "option_code")),
        (sheet(item("a", 1, options=[(str(n), "words", "0") for n in range(101)])),
         ("too_many_options", 102, "option_code")),
        (sheet(item("a", 1, reverse="perhaps")), ("no_yes_or_no", 2, "reverse")),
        (sheet(item("a", 0)), ("no_position", 2, "position")),
        (sheet(item("a", "01")), ("no_position", 2, "position")),
        (sheet(item("a", 1, loinc="see page 3")), ("no_loinc", 2, "loinc")),
        (changed("instrument_id", "coffee", 1), ("rows_differ", 3, "instrument_id")),
        (changed("version", "2", 2), ("rows_differ", 4, "version")),
        (changed("position", "7", 1), ("rows_differ", 3, "position")),
        (changed("item_text", "Coffee?", 1), ("rows_differ", 3, "item_text")),
        (changed("reverse", "yes", 1), ("rows_differ", 3, "reverse")),
        (changed("item_text", "  "), ("cell_empty", 2, "item_text")),
        (changed("option_label", "", 2), ("cell_empty", 4, "option_label")),
        (changed("option_label", "a\x00b", 2), ("text_unfit", 4, "option_label")),
        (changed("option_label", "a\nb", 2), ("text_unfit", 5, "option_label")),
        (changed("points", "one", 2), ("no_points", 4, "points")),
        (changed("points", "1e3", 2), ("no_points", 4, "points")),
        (changed("points", "1,5", 2), ("no_points", 4, "points")),
        (changed("points", "=1+1", 2), ("no_points", 4, "points")),
        (changed("points", "\u0663", 2), ("no_points", 4, "points")),
        (changed("points", "NaN", 2), ("no_points", 4, "points")),
        (sheet(*(item(str(n), n + 1, options=OPTIONS[:2]) for n in range(MOST_ITEMS + 1))),
         ("too_many_items", 2 * (MOST_ITEMS + 1) + 1, "link_id")),
    ],
)  # fmt: skip
def test_a_table_with_a_fault_is_refused_whole_with_row_and_column(data, refusal):
    code, row, column = refusal
    assert refusal_of(data) == (f"csv_{code}", row, column)


@given(st.binary(max_size=80), st.sampled_from(Coding))
def test_no_bytes_do_anything_but_be_refused(data, coding):
    with pytest.raises(Invalid, match=r"^csv_"):
        table(data, coding)


@given(st.integers(0, 5), st.sampled_from(COLUMNS), st.text(max_size=6), st.sampled_from(Coding))
def test_a_table_with_one_cell_changed_is_read_or_refused_with_row_and_column_and_nothing_else(
    row, column, value, coding
):
    rows = [*item("a", 1, subscale="near"), *item("b", 2)]
    rows[row][COLUMNS.index(column)] = value
    try:
        found = table(sheet(rows), coding)
    except Invalid as refusal:
        assert refusal.params["column"] in ("", *COLUMNS)  # noqa: PT017 - what is refused differs, its form does not
        assert 1 <= refusal.params["row"] <= len(rows) + 1 + value.count("\n") + value.count("\r")  # noqa: PT017
    else:
        assert len(found.questionnaire.items) == 2
