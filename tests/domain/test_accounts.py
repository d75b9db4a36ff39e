"""Addresses and pass phrases: one address in every spelling, nothing that breaks a mail, nothing that is guessed."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.accounts import (
    LONGEST,
    LONGEST_ADDRESS,
    SHORTEST,
    check_address,
    check_passphrase,
    same_address,
    stays_sealed,
    still_waiting,
)
from portal.domain.errors import Invalid

WORDS = st.text(alphabet="abcdefghijklmnopqrstuvwxyzäöüß", min_size=3, max_size=10)
PHRASES = st.lists(WORDS, min_size=4, max_size=6, unique=True).map(" ".join)
LOCAL = st.text(alphabet="abcdefghijklmnopqrstuvwxyz0123456789.+-_", min_size=1, max_size=30)
HOST = st.from_regex(r"[a-z0-9]{1,10}(\.[a-z0-9]{1,10}){1,3}", fullmatch=True)
ADDRESSES = st.builds("{}@{}".format, LOCAL, HOST)
NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def refusal(check, *values: object, **named: object) -> str | None:  # type: ignore[no-untyped-def]
    try:
        check(*values, **named)
    except Invalid as error:
        return error.code
    return None


@given(ADDRESSES)
def test_an_ordinary_address_is_kept_as_it_was_typed(address: str) -> None:
    assert check_address(f"  {address}\n") == address


@given(ADDRESSES)
def test_an_address_is_one_in_every_spelling(address: str) -> None:
    assert same_address(f" {address.upper()} ") == same_address(address)
    assert same_address(same_address(address)) == same_address(address)


@given(st.text(max_size=400))
def test_whatever_is_typed_is_an_address_or_refused(text: str) -> None:
    if refusal(check_address, text) is None:
        kept = check_address(text)
        assert kept.count("@") == 1
        assert not set(kept) & set(" \r\n\t\x00")
        assert len(kept) <= LONGEST_ADDRESS


@pytest.mark.parametrize(
    "address",
    [
        "",
        "ana",
        "ana@",
        "@home.example",
        "ana@home",
        "ana@@home.example",
        "ana@home..example",
        "ana@.example",
        "ana@home.example.",
        "ana@home.example\r\nBcc: ben@home.example",
        "ana @home.example",
        "ana\x00@home.example",
        "a" * 65 + "@home.example",
        "ana@" + "a" * 250 + ".example",
    ],
)
def test_what_no_mail_could_reach_is_refused(address: str) -> None:
    assert refusal(check_address, address) == "not_an_address"


@given(PHRASES)
def test_a_few_words_are_taken(passphrase: str) -> None:
    if SHORTEST <= len(passphrase) <= LONGEST and len(set(passphrase.replace(" ", ""))) >= 8:
        assert refusal(check_passphrase, passphrase) is None


@given(st.text(max_size=SHORTEST - 1))
def test_what_is_short_is_refused_whatever_it_holds(passphrase: str) -> None:
    assert refusal(check_passphrase, passphrase) == "passphrase_short"


@given(st.text(min_size=LONGEST + 1, max_size=LONGEST + 50))
def test_what_is_endless_is_refused(passphrase: str) -> None:
    assert refusal(check_passphrase, passphrase) == "passphrase_long"


@given(st.text(max_size=300), st.lists(st.text(max_size=30), max_size=3))
def test_whatever_is_typed_is_taken_or_refused_with_a_reason(passphrase: str, names: list[str]) -> None:
    found = refusal(check_passphrase, passphrase, names=names)
    assert found in (None, "passphrase_short", "passphrase_long", "passphrase_easy")


@given(st.characters(), st.integers(SHORTEST, 60))
def test_one_key_held_down_is_easy(letter: str, times: int) -> None:
    assert refusal(check_passphrase, letter * times) == "passphrase_easy"


@pytest.mark.parametrize(
    "passphrase",
    [
        "password1234",
        "Passphrase-2026",
        "123456123456",
        "qwerty qwerty",
        "iloveyou1234",
        "Welcome-1234",
        "portal portal",
    ],
)
def test_a_word_that_everybody_tries_is_easy(passphrase: str) -> None:
    assert refusal(check_passphrase, passphrase) == "passphrase_easy"


@pytest.mark.parametrize("passphrase", ["Practice North", "practicenorth1", "Ana Ana Ana Ana", "ana-practice north-1"])
def test_names_are_easy(passphrase: str) -> None:
    assert refusal(check_passphrase, passphrase, names=("Ana", "Practice North")) == "passphrase_easy"
    assert refusal(check_passphrase, "river lamp seven stones", names=("Ana", "Practice North")) is None


def test_a_name_of_one_letter_takes_nothing_away() -> None:
    assert refusal(check_passphrase, "river lamp seven stones", names=("e", "")) is None


@given(st.text(alphabet="aeiou \u00e9\u3042\u0436", min_size=0, max_size=3), PHRASES)
def test_letters_of_any_script_count(extra: str, phrase: str) -> None:
    assert refusal(check_passphrase, "река лампа семь камней" + extra) is None
    assert refusal(check_passphrase, phrase.upper()) == refusal(check_passphrase, phrase)


@pytest.mark.parametrize(
    ("reset_at", "vouched_at", "is_sealed"),
    [
        (None, None, False),
        (NOON, None, True),
        (NOON, NOON - timedelta(days=1), True),
        (NOON, NOON, False),
        (NOON, NOON + timedelta(days=1), False),
        (None, NOON, False),
    ],
)
def test_what_was_sent_is_sealed_from_a_reset_to_the_next_vouching(
    reset_at: datetime | None, vouched_at: datetime | None, is_sealed: bool
) -> None:
    assert stays_sealed(reset_at, vouched_at) is is_sealed


@pytest.mark.parametrize("failures", [0, 1, 3])
def test_a_name_that_owes_no_wait_owes_none_to_somebody_who_read_the_clock_later(failures: int) -> None:
    assert still_waiting(failures, NOON + timedelta(milliseconds=3), NOON) == timedelta()


@pytest.mark.parametrize(("failures", "seconds"), [(4, 1), (5, 2), (6, 4), (9, 30), (40, 30)])
def test_a_name_waits_longer_after_each_failure_from_the_fourth_on(failures: int, seconds: int) -> None:
    assert still_waiting(failures, NOON, NOON) == timedelta(seconds=seconds)
    assert still_waiting(failures, NOON, NOON + timedelta(seconds=seconds)) == timedelta()
