"""A practice's texts: kept tidy, read in paragraphs, filled in with nothing but what they name, and compared."""

import pytest

from portal import content
from portal.domain.errors import Invalid
from portal.domain.texts import (
    LONGEST_LINE,
    Block,
    BlockKind,
    TextKind,
    blocks,
    check_body,
    compare,
    fill,
    tidy,
)

PLACES = {"coach": "Ines", "hours": "on Mondays", "practice": "North"}


def test_a_text_is_headings_points_and_paragraphs() -> None:
    found = blocks("# Who reads\nOne line\nand its rest\n\n- A point\n- Another\nAfter them")
    assert [(block.kind.value, block.words) for block in found] == [
        ("heading", "Who reads"),
        ("paragraph", "One line and its rest"),
        ("point", "A point"),
        ("point", "Another"),
        ("paragraph", "After them"),
    ]


def test_what_is_typed_is_kept_with_one_kind_of_line_end_and_one_blank_line() -> None:
    assert tidy("\r\n\r\nOne  \r\n\r\n\r\n\r\nTwo\rThree\n\n") == "One\n\nTwo\nThree"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("{coach} reads {hours}.", "Ines reads on Mondays."),
        ("{practice}, {nobody}, {coach", "North, {nobody}, {coach"),
        ("{0} %(x)s {coach.__class__} {{coach}}", "{0} %(x)s {coach.__class__} {Ines}"),
    ],
)
def test_nothing_but_the_three_places_is_filled_in(body: str, said: str) -> None:
    assert fill(body, PLACES) == said


def test_a_name_that_looks_like_a_place_stays_a_name() -> None:
    assert fill("{coach} of {practice}", {"coach": "{practice}", "practice": "North"}) == "{practice} of North"


@pytest.mark.parametrize(
    ("kind", "body", "code"),
    [
        (TextKind.LEAVE, " \n ", "text_missing"),
        (TextKind.CONSENT, "", "text_missing"),
        (TextKind.WHO_READS_WHEN, "x" * (LONGEST_LINE + 1), "too_long"),
        (TextKind.TERMS, "x" * 20_001, "too_long"),
    ],
)
def test_a_text_that_cannot_stand_is_refused(kind: TextKind, body: str, code: str) -> None:
    with pytest.raises(Invalid, match=code):
        check_body(kind, body)


def test_a_notice_may_be_taken_away_by_an_empty_text() -> None:
    check_body(TextKind.IMPRINT, "")


def test_beside_an_earlier_version_what_is_new_is_marked_and_what_went_is_told() -> None:
    found = compare(blocks("Stays\n\nGoes\n\nMoves"), blocks("Moves\n\nStays\n\nComes"))
    assert [(block.words, block.is_new) for block in found.blocks] == [
        ("Moves", False),
        ("Stays", False),
        ("Comes", True),
    ]
    assert found.gone == (Block(BlockKind.PARAGRAPH, "Goes"),)
    assert compare(blocks("The same"), blocks("The same")).are_none


@pytest.mark.parametrize("kind", TextKind)
def test_every_kind_comes_with_a_text_and_a_notice_with_none(kind: TextKind) -> None:
    body = tidy(content.texts()[kind])
    assert set(content.texts()) == set(TextKind)
    check_body(kind, body)
    assert bool(body) is not kind.is_notice
    assert "{" not in fill(body, PLACES)


SUBJECTS = (
    "Neither decides or signs for the other",
    "which training",
    "with whom {coach} talks about this work",
    "why, and how long",
    "read by {coach} alone",
    "Where confidentiality ends",
    "can hurt before it helps",
    "whoever can open this device",
    "Minutes alone with {coach} are a routine",
    "not for emergencies",
    "skip any question",
    "without giving a reason",
    "If one of you ends it",
    "ask for it to be erased",
    "for as long as its own rule and the law",
    "authority for data protection",
    "in which country they stand",
    "not used for advertising",
    "Mail and text messages can be read by others",
    "Nobody records a session",
    "Fees are agreed",
    "not made for a court",
    "no diagnosis",
    "Each of you signs alone",
)


@pytest.mark.parametrize("words", SUBJECTS)
def test_the_consent_text_covers_what_people_must_know_before_they_sign(words: str) -> None:
    assert words in content.texts()["consent"]
