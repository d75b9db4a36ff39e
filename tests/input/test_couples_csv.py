"""Tables of couples: read whole with every fault named by its cell, broken and hostile ones too."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.errors import Invalid
from portal.domain.imported import MOST_BYTES
from portal.domain.invited import COLUMNS, MOST_COUPLES, Fault, PairToInvite
from portal.input.couples_csv import pairs, text_of

ANA = ("Ana", "ana@home.example", "Ben", "ben@home.example")
GIL = ("Gil", "gil@home.example", "Hana", "hana@home.example")


def table(*rows, header=COLUMNS, delimiter=","):
    written = io.StringIO(newline="")
    csv.writer(written, delimiter=delimiter).writerows([header, *rows])
    return written.getvalue().encode()


def faults(*rows, **how):
    return [(fault.row, fault.column, fault.rule) for fault in pairs(table(*rows, **how)).faults]


def refusal_of(data):
    with pytest.raises(Invalid) as refusal:
        pairs(data)
    return refusal.value.code, refusal.value.params["row"]


def test_each_row_becomes_a_couple_with_the_line_at_which_it_stands():
    read = pairs(table(ANA, ("", "", "", ""), GIL))
    assert read.pairs == (PairToInvite(2, *ANA), PairToInvite(4, *GIL))
    assert read.faults == ()


@pytest.mark.parametrize("delimiter", [",", ";"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_tables_of_spreadsheets_are_read_whatever_parts_their_cells(delimiter, mark):
    assert pairs(mark + table(ANA, delimiter=delimiter)).pairs == (PairToInvite(2, *ANA),)


def test_columns_stand_in_any_order_and_case():
    read = pairs(table(ANA[::-1], header=[f" {name.upper()} " for name in COLUMNS[::-1]]))
    assert read.pairs == (PairToInvite(2, *ANA),)


@pytest.mark.parametrize(
    ("row", "column", "rule"),
    [
        (("", *ANA[1:]), "name_a", "cell_empty"),
        ((*ANA[:3], " "), "address_b", "cell_empty"),
        (("A" * 61, *ANA[1:]), "name_a", "name_too_long"),
        ((ANA[0], "ana at home", *ANA[2:]), "address_a", "not_an_address"),
        ((ANA[0], "ana@home", *ANA[2:]), "address_a", "not_an_address"),
        ((*ANA[:3], "ANA@home.example"), "address_b", "one_address_for_both"),
        (("An\na", *ANA[1:]), "name_a", "text_unfit"),
        (("A\u202ena", *ANA[1:]), "name_a", "text_unfit"),
    ],
)
def test_a_cell_that_cannot_be_taken_is_named_with_its_row(row, column, rule):
    [found] = [fault for fault in pairs(table(GIL, row)).faults]
    assert (found.column, found.rule) == (column, rule)
    assert found.row >= 3


def test_every_fault_is_told_and_not_the_first_alone():
    assert faults(("", "x", "", "y"), GIL, (*GIL[:3], "")) == [
        (2, "name_a", "cell_empty"),
        (2, "address_a", "not_an_address"),
        (2, "name_b", "cell_empty"),
        (2, "address_b", "not_an_address"),
        (4, "address_b", "cell_empty"),
        (4, "address_a", "address_doubled"),
    ]


def test_an_address_of_another_row_is_refused_with_that_row_whatever_its_case():
    found = pairs(table(ANA, GIL, ("Kim", "kim@home.example", "Lou", "Ben@HOME.example"))).faults
    assert found == (Fault(4, "address_b", "address_doubled", 2),)


def test_a_row_with_other_cells_is_a_fault_and_the_rest_is_read():
    read = pairs(table(ANA[:3], GIL, (*ANA, "more")))
    assert [(fault.row, fault.rule) for fault in read.faults] == [(2, "number_of_cells"), (4, "number_of_cells")]
    assert [pair.name_a for pair in read.pairs] == ["Gil"]


@pytest.mark.parametrize(
    ("data", "refusal"),
    [
        (b"", ("csv_empty", 1)),
        (table(), ("csv_empty", 1)),
        (table(ANA, header=("name_a", "address_a", "name_b", "mail_b")), ("csv_other_columns", 1)),
        (table(ANA, header=("name_a", "name_a", "name_b", "address_b")), ("csv_other_columns", 1)),
        (table(ANA) + b"\xff\xfe", ("csv_not_utf8", 3)),
        (table(ANA) + b'"Gil', ("csv_unreadable", 3)),
        (b"," * (MOST_BYTES + 1), ("csv_too_large", 1)),
    ],
)
def test_what_is_no_such_table_is_refused_with_the_row(data, refusal):
    assert refusal_of(data) == refusal


def test_a_table_holds_two_hundred_couples_and_not_one_more():
    rows = [(f"A{n}", f"a{n}@home.example", f"B{n}", f"b{n}@home.example") for n in range(MOST_COUPLES + 1)]
    assert len(pairs(table(*rows[:-1])).pairs) == MOST_COUPLES
    assert refusal_of(table(*rows)) == ("csv_too_many_rows", MOST_COUPLES + 2)


NAMES = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=60)
PLACES = st.text(st.sampled_from("abcdefgh0123456789"), min_size=1, max_size=12)


@given(st.lists(st.tuples(NAMES, PLACES, NAMES, PLACES), min_size=1, max_size=20), st.sampled_from(",;"))
def test_whatever_was_written_is_read_as_it_was_and_once_more_from_what_was_read(drawn, delimiter):
    rows = [(a, f"{n}a{x}@home.example", b, f"{n}b{y}@home.example") for n, (a, x, b, y) in enumerate(drawn)]
    read = pairs(table(*rows, delimiter=delimiter))
    assert read.faults == ()
    assert [(pair.name_a, pair.address_a, pair.name_b, pair.address_b) for pair in read.pairs] == rows
    assert pairs(text_of(read).encode()) == read
    assert pairs(text_of(read).replace("\n", "\r\n").encode()) == read  # as a browser sends it


@given(st.binary(max_size=300) | st.text(max_size=300).map(lambda text: f"{','.join(COLUMNS)}\n{text}".encode()))
def test_whatever_bytes_come_they_are_read_or_refused_with_a_row(data):
    refusal = None
    try:
        read = pairs(data)
    except Invalid as refused:
        refusal = refused
    if refusal is not None:
        assert refusal.code.startswith("csv_")
        assert refusal.params["row"] >= 1
        return
    assert all(fault.column in COLUMNS and fault.row > 1 for fault in read.faults)
    good = {pair.row for pair in read.pairs} - {fault.row for fault in read.faults}
    assert all(pair.address_a and pair.name_b for pair in read.pairs if pair.row in good)
