"""Pass phrases that are offered and refused: strength by the lists' sizes, and a file of which little is read."""

import hashlib
import math
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest
from argon2 import Type, extract_parameters
from flask import Flask

from portal import content
from portal.domain.errors import Invalid
from portal.extensions import breached
from portal.services import accounts, passphrases
from portal.services import breached as search


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


def test_a_pass_phrase_lies_under_argon2id_at_full_strength_and_an_unknown_name_costs_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Read anew from its file, for the module that is loaded hashes quickly while tests run."""
    name = "accounts_as_shipped"
    spec = spec_from_file_location(name, accounts.__file__)
    assert spec
    assert spec.loader
    shipped = module_from_spec(spec)
    monkeypatch.setitem(sys.modules, name, shipped)  # its dataclasses look themselves up there
    spec.loader.exec_module(shipped)
    kept = extract_parameters(shipped.hash_passphrase("river lamp seven stones"))
    assert kept.type is Type.ID
    assert kept.memory_cost >= 64 * 1024  # KiB
    assert kept.time_cost >= 3
    assert (kept.salt_len, kept.hash_len) >= (16, 32)
    assert extract_parameters(shipped._nobody) == kept
