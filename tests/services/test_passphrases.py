"""Pass phrases that are offered and refused: strength by the lists' sizes, and a file of which little is read."""

import hashlib
import math
from pathlib import Path

import pytest
from flask import Flask

from portal import content
from portal.domain.errors import Invalid
from portal.extensions import breached
from portal.services import breached as search
from portal.services import passphrases


def test_what_is_offered_has_forty_bits_and_is_taken(app: Flask) -> None:
    combinations = len(content.words()) ** passphrases.WORDS_OFFERED * len(passphrases.NUMBERS)
    assert math.log2(combinations) >= 40
    assert len(set(passphrases.NUMBERS)) == len(passphrases.NUMBERS)
    drawn = {passphrases.offered() for _ in range(200)}
    assert len(drawn) == 200
    for phrase in drawn:
        passphrases.check(phrase, names=("Ana", "Practice North"))


def test_the_words_are_short_plain_and_each_there_once() -> None:
    words = content.words()
    assert len(words) == len(set(words))
    assert all(word.isascii() and word.isalpha() and word.islower() and 3 <= len(word) <= 11 for word in words)


@pytest.mark.parametrize(
    "passphrase",
    [
        "qwertyuiop123456",
        "Sommer2026Sommer",
        "iloveyouforever",
        "1q2w3e4r5t6y1q2w3e4r",
        "abcdefghijkl",
        "Football2024",
        "asdfghjkl;12",
        "letmein-letmein",
        "superman1234",
        "AnaAnaAna2026",
    ],
)
def test_what_everybody_tries_first_is_refused(app: Flask, passphrase: str) -> None:
    with pytest.raises(Invalid, match="passphrase_easy"):
        passphrases.check(passphrase, names=("Ana",))


def a_file(folder: Path, phrases: list[str], end: str = "\n", more: str = "") -> Path:
    hashes = sorted(hashlib.sha1(phrase.encode()).hexdigest().upper() for phrase in phrases)  # noqa: S324 - as the file
    file = folder / "breached.txt"
    file.write_text("".join(f"{found}{more}{end}" for found in hashes))
    return file


@pytest.mark.parametrize("count", [0, 1, 2, 3, 7, 1000])
@pytest.mark.parametrize(("end", "more"), [("\n", ""), ("\r\n", ":17"), ("\n", ":3")])
def test_every_hash_of_the_file_is_found_and_no_other(tmp_path: Path, count: int, end: str, more: str) -> None:
    phrases = [f"a phrase of people {number}" for number in range(count)]
    file = a_file(tmp_path, phrases, end, more)
    assert all(search.is_breached(phrase, file) for phrase in phrases)
    assert not any(search.is_breached(f"another phrase {number}", file) for number in range(50))


def test_a_last_line_without_an_end_is_found(tmp_path: Path) -> None:
    phrases = ["one of these", "two of these", "three of these"]
    file = a_file(tmp_path, phrases)
    file.write_text(file.read_text().rstrip("\n").lower())
    assert all(search.is_breached(phrase, file) for phrase in phrases)


def test_a_breached_pass_phrase_is_refused(app: Flask, tmp_path: Path) -> None:
    phrase = "correct horse battery staple"
    passphrases.check(phrase)
    breached.init_app(app, a_file(tmp_path, [phrase, "another one"]))
    with pytest.raises(Invalid, match="passphrase_breached"):
        passphrases.check(phrase)
    passphrases.check("correct horse battery stable")
