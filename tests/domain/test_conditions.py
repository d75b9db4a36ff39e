"""The grammar of `show_if`."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.conditions import Condition, parse
from portal.domain.errors import Invalid


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("done != 'done'", Condition("done", ("done",), negated=True)),
        ("x3 in ('next_days', 'soon')", Condition("x3", ("next_days", "soon"))),
        ("x3 in (next_days, soon)", Condition("x3", ("next_days", "soon"))),
        ("done = partly", Condition("done", ("partly",))),
        ("  days=3 ", Condition("days", ("3",))),
    ],
)
def test_a_condition_is_read_with_and_without_quotes(text, condition):
    assert parse(text) == condition
    assert parse(str(condition)) == condition


@pytest.mark.parametrize(
    "text", ["", "done", "done == 'done'", "done in ()", "done not in (a)", "a = 'b' and c = 'd'", "done = 'a' or 1"]
)
def test_what_is_not_in_the_grammar_is_refused_with_its_text(text):
    with pytest.raises(Invalid) as refusal:
        parse(text)
    assert refusal.value.code == "condition_unreadable"
    assert refusal.value.params == {"condition": text}


@pytest.mark.parametrize("text", ["done = 'done'", "done != 'done'", "done in (done, partly)"])
def test_a_skipped_item_makes_every_condition_false(text):
    assert parse(text).holds(None) is False


def test_numbers_and_boxes_are_compared_as_they_are_written():
    assert parse("days = 3").holds(3)
    assert parse("used_it = true").holds(True)
    assert parse("used_it != true").holds(False)
    assert not parse("days in (1, 2)").holds(12)


@given(st.text(max_size=60))
def test_any_text_is_either_read_or_refused(text):
    with suppress(Invalid):
        assert parse(str(parse(text))) == parse(text)
