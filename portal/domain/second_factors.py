"""What a second factor is made of: codes of an app (TOTP, RFC 6238), spare codes, and how long things count."""

import secrets
from datetime import datetime, timedelta

import pyotp

SEED_BYTES = 20  # as long as SHA-1's own block of output, as RFC 4226 recommends
STEP_SECONDS = 30
DRIFT = (0, -1, 1)  # steps that a phone's clock may be off; the likeliest first
DIGITS = 6
SPARE_CODES = 10
SPARE_BYTES = 10  # 80 bits: too many to be guessed, so that a plain hash keeps them
STEPPED_UP_FOR = timedelta(minutes=5)
CHALLENGE_LASTS = timedelta(minutes=5)
LONGEST_NAME = 60
MOST_PASSKEYS = 10
_LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32: no letter that looks like a digit
_MISREAD = str.maketrans({"o": "0", "i": "1", "l": "1"})


def matching_step(seed: str, code: str, at: datetime) -> int | None:
    """The time step that a typed code belongs to; None for a code that fits none of the steps around `at`."""
    typed = "".join(code.split())
    app = pyotp.TOTP(seed, digits=DIGITS, interval=STEP_SECONDS)
    present = int(at.timestamp()) // STEP_SECONDS
    fitting = [present + off for off in DRIFT if _same(app.generate_otp(present + off), typed)]
    return fitting[0] if fitting else None


def could_be_code(typed: str) -> bool:
    """Whether something that was typed is a guess at a code of an app, and not a spare code: nobody guesses those."""
    digits = "".join(typed.split())
    return len(digits) == DIGITS and digits.isascii() and digits.isdigit()


def _same(right: str, typed: str) -> bool:
    return secrets.compare_digest(right.encode(), typed.encode())


def address_for_app(seed: str, name: str, site: str) -> str:
    """What the square picture says to an app: the seed, and the words under which the app lists it."""
    return pyotp.TOTP(seed, digits=DIGITS, interval=STEP_SECONDS).provisioning_uri(name=name, issuer_name=site)


def in_groups(text: str) -> str:
    """A seed or a code in groups of four, for eyes and for fingers."""
    return " ".join(text[place : place + 4] for place in range(0, len(text), 4))


def spare_code(drawn: bytes) -> str:
    """Sixteen letters and digits that stand for ten random bytes."""
    number = int.from_bytes(drawn)
    return "".join(_LETTERS[number >> 5 * place & 31] for place in range(len(drawn) * 8 // 5))


def same_spare_code(typed: str) -> str:
    """The form in which two spellings of one spare code are equal."""
    return "".join(letter for letter in typed.casefold() if letter.isalnum()).translate(_MISREAD)


def is_fresh(given_at: datetime | None, now: datetime) -> bool:
    """Whether a pass phrase that was given again at `given_at` still counts."""
    return given_at is not None and now - given_at < STEPPED_UP_FOR
