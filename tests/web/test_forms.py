"""What every form shares: numbers typed in digits, and where the sentence for a refusal stands."""

import pytest
from flask import Flask
from wtforms import StringField

from portal.web.forms.fields import whole_number_or_none
from portal.web.forms.refusals import RefusableForm


class Form(RefusableForm):
    place = StringField()


@pytest.mark.parametrize("typed", ["", " ", "-1", "+1", "1.5", "1e3", "²", "٣", "0x1", "1234567890", "one"])
def test_what_is_no_short_whole_number_in_digits_is_none(typed: str) -> None:
    assert whole_number_or_none(typed) is None


@pytest.mark.parametrize(("typed", "number"), [("0", 0), ("7", 7), ("007", 7), ("123456789", 123_456_789)])
def test_a_whole_number_in_digits_is_read(typed: str, number: int) -> None:
    assert whole_number_or_none(typed) == number


def test_a_number_of_more_digits_than_asked_for_is_none() -> None:
    assert (whole_number_or_none("99", most_digits=2), whole_number_or_none("100", most_digits=2)) == (99, None)


@pytest.mark.parametrize("field", [None, "elsewhere", 3])
def test_a_refusal_that_is_about_no_field_of_the_form_stands_over_it(app: Flask, field: object) -> None:
    with app.test_request_context():
        form = Form()
        form.refuse(field, "No.")
        assert (list(form.form_errors), list(form.place.errors)) == (["No."], [])


def test_a_refusal_stands_beside_its_field_below_what_stood_there(app: Flask) -> None:
    with app.test_request_context():
        form = Form()
        form.refuse("place", "No.")
        form.refuse("place", "Nor this.")
        assert (list(form.form_errors), form.place.errors) == ([], ["No.", "Nor this."])
